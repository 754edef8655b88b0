"""Identity files: declared, shown, submitted, decided.

Sealed throughout, every officer's read in the journal.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import Engine, select, update

from tests.support.cleaning import clean_here
from tests.support.web import START_UNIX_MS, HttpFixture, build_http_fixture
from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.database.tables.members import members
from wallet_service.identity import errors
from wallet_service.identity.documents import CleanDocument
from wallet_service.identity.states import Declaration, FileState
from wallet_service.members.decisions import Tier, day_number
from wallet_service.security.sealing import PersonErased

CAMILLE = Declaration("Camille", "Roussel", "1988-02-03", "4 rue du Puits fictif", "76000", "Rouen")
OFFICER = "OFFICER1"


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (64, 40), (200, 30, 90)).save(kept, "JPEG")
    return kept.getvalue()


def submitted(env: HttpFixture) -> tuple[str, str]:
    """(member id, file id) of a file that waits for an officer."""
    member, _ = env.visitor()
    env.identity.declare(member.id, CAMILLE)
    env.identity.add_document(member.id, picture())
    return member.id, env.identity.submit(member.id).id


def test_a_declaration_makes_the_tier_declared_through_the_chain(env: HttpFixture) -> None:
    member, _ = env.visitor()
    file = env.identity.declare(member.id, CAMILLE)
    assert file.state is FileState.DRAFT
    assert env.members.get(member.id).tier is Tier.VISITOR
    env.apply_commands()
    assert env.members.get(member.id).tier is Tier.DECLARED
    assert env.directory.short_name(member.id) == "Camille R."


def test_nothing_personal_is_in_the_clear(env: HttpFixture) -> None:
    member_id, file_id = submitted(env)
    env.identity.open_file(file_id, OFFICER)
    with env.engine.connect() as connection:
        for table in (members, identity_files, identity_documents):
            for row in connection.execute(select(table)):
                stored = repr(tuple(row)).encode() + b"".join(v for v in row if isinstance(v, bytes))
                for personal in (b"Camille", b"Roussel", b"1988-02-03", b"Puits", b"76000", b"JFIF"):
                    assert personal not in stored
    assert env.directory.short_name(member_id) is None  # still a visitor: not named to others


def test_an_approval_makes_the_tier_verified_with_an_expiry(env: HttpFixture) -> None:
    member_id, file_id = submitted(env)
    env.apply_commands()
    assert [file.id for file in env.identity.queue()] == [file_id]
    assert len(env.identity.queue()) == 1

    env.identity.approve(file_id, OFFICER, "Carte nationale lisible", date(2030, 6, 1))

    assert env.members.get(member_id).tier is Tier.DECLARED  # SQL follows the chain, not the officer
    env.apply_commands()
    member = env.members.get(member_id)
    assert member.tier is Tier.VERIFIED
    assert member.identity_expires_on_day == day_number(date(2030, 6, 1))
    assert env.identity.queue() == []
    assert "identity.approved" in env.acts()


def test_an_approval_without_a_date_holds_five_years(env: HttpFixture) -> None:
    member_id, file_id = submitted(env)
    env.identity.approve(file_id, OFFICER, "Vu")
    env.apply_commands()
    today = date.fromtimestamp(START_UNIX_MS / 1000)
    assert env.members.get(member_id).identity_expires_on_day == day_number(
        today.replace(year=today.year + 5)
    )


def test_a_refusal_gives_its_reason_and_lets_the_person_start_again(env: HttpFixture) -> None:
    member_id, file_id = submitted(env)
    env.identity.refuse(file_id, OFFICER, "Photo illisible")
    latest = env.identity.latest(member_id)
    assert latest is not None
    assert (latest.state, latest.decision_reason) == (FileState.REFUSED, "Photo illisible")
    with pytest.raises(errors.IdentityFileIncomplete):
        env.identity.add_document(member_id, picture())
    again = env.identity.declare(member_id, CAMILLE)
    assert (again.id != file_id, again.state, again.document_count) == (True, FileState.DRAFT, 0)


def test_a_file_under_review_does_not_change(env: HttpFixture) -> None:
    member_id, _ = submitted(env)
    with pytest.raises(errors.IdentityUnderReview):
        env.identity.declare(member_id, CAMILLE)
    with pytest.raises(errors.IdentityUnderReview):
        env.identity.add_document(member_id, picture())
    with pytest.raises(errors.IdentityFileTransition):
        env.identity.submit(member_id)


def test_a_file_is_decided_once(env: HttpFixture) -> None:
    _, file_id = submitted(env)
    env.identity.approve(file_id, OFFICER, "Vu")
    with pytest.raises(errors.IdentityFileTransition):
        env.identity.refuse(file_id, OFFICER, "Non")
    with pytest.raises(errors.IdentityFileTransition):
        env.identity.approve(file_id, OFFICER, "Encore")


def test_a_decision_needs_a_reason_and_a_date_to_come(env: HttpFixture) -> None:
    _, file_id = submitted(env)
    with pytest.raises(errors.DeclarationInvalid):
        env.identity.refuse(file_id, OFFICER, "  ")
    with pytest.raises(errors.DeclarationInvalid):
        env.identity.approve(file_id, OFFICER, "Vu", date(2020, 1, 1))
    assert len(env.identity.queue()) == 1


def test_a_file_without_document_is_not_submitted(env: HttpFixture) -> None:
    member, _ = env.visitor()
    with pytest.raises(errors.IdentityFileIncomplete):
        env.identity.submit(member.id)
    with pytest.raises(errors.IdentityFileIncomplete):
        env.identity.add_document(member.id, picture())
    env.identity.declare(member.id, CAMILLE)
    with pytest.raises(errors.IdentityFileIncomplete):
        env.identity.submit(member.id)


def test_documents_are_counted(env: HttpFixture) -> None:
    member, _ = env.visitor()
    env.identity.declare(member.id, CAMILLE)
    for _ in range(6):
        env.identity.add_document(member.id, picture())
    with pytest.raises(errors.TooManyDocuments):
        env.identity.add_document(member.id, picture())


def test_a_document_that_has_no_place_is_refused_before_any_work_on_it(
    env: HttpFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []

    def clean(member_id: str, content: bytes) -> CleanDocument:
        worked.append(member_id)
        return CleanDocument("image/jpeg", content)

    monkeypatch.setattr(env.identity, "_clean", clean)
    member, _ = env.visitor()
    with pytest.raises(errors.IdentityFileIncomplete):
        env.identity.add_document(member.id, picture())
    env.identity.declare(member.id, CAMILLE)
    with pytest.raises(errors.DocumentTypeRefused):
        env.identity.add_document(member.id, b"hello")
    assert worked == []
    for _ in range(6):
        env.identity.add_document(member.id, picture())
    with pytest.raises(errors.TooManyDocuments):
        env.identity.add_document(member.id, picture())
    env.identity.submit(member.id)
    with pytest.raises(errors.IdentityUnderReview):
        env.identity.add_document(member.id, picture())
    assert len(worked) == 6


def test_documents_added_while_one_is_worked_on_are_counted(
    env: HttpFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, _ = env.visitor()
    env.identity.declare(member.id, CAMILLE)
    for _ in range(5):
        env.identity.add_document(member.id, picture())

    def clean_slowly(member_id: str, content: bytes) -> CleanDocument:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(env.identity, "_clean", clean_here)
            env.identity.add_document(member_id, content)
        return clean_here(member_id, content)

    monkeypatch.setattr(env.identity, "_clean", clean_slowly)
    with pytest.raises(errors.TooManyDocuments):
        env.identity.add_document(member.id, picture())
    latest = env.identity.latest(member.id)
    assert latest is not None
    assert latest.document_count == 6


def test_a_refused_document_leaves_the_file_as_it_was(
    env: HttpFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, _ = env.visitor()
    env.identity.declare(member.id, CAMILLE)
    env.identity.add_document(member.id, picture())
    before = env.identity.own_file(member.id)

    def refuse(member_id: str, content: bytes) -> CleanDocument:
        raise errors.DocumentTooHeavy

    with monkeypatch.context() as heavy:
        heavy.setattr(env.identity, "_clean", refuse)
        with pytest.raises(errors.DocumentTooHeavy):
            env.identity.add_document(member.id, picture())
    assert env.identity.own_file(member.id) == before
    env.identity.add_document(member.id, picture())
    assert env.identity.submit(member.id).document_count == 2


def test_every_read_by_an_officer_is_in_the_journal(env: HttpFixture) -> None:
    member_id, file_id = submitted(env)
    opened = env.identity.open_file(file_id, OFFICER)
    assert opened.identity is not None
    assert opened.identity.family_name == "Roussel"
    document = env.identity.open_document(file_id, opened.documents[0].id, OFFICER)
    assert document.content.startswith(b"\xff\xd8\xff")
    read = env.identity.read_member_identity(member_id, OFFICER, "Réquisition 12")
    assert read is not None
    assert env.acts()[-3:] == ["identity.file_read", "identity.document_read", "identity.member_read"]
    with pytest.raises(errors.DocumentUnknown):
        env.identity.open_document(file_id, "ANOTHER", OFFICER)
    with pytest.raises(errors.IdentityFileUnknown):
        env.identity.open_file("ANOTHER", OFFICER)


def test_an_erased_person_cannot_be_read_any_more(env: HttpFixture) -> None:
    member_id, file_id = submitted(env)
    with env.engine.begin() as connection:
        env.sealer.destroy_member_key(connection, member_id)
    with pytest.raises(PersonErased):
        env.identity.open_file(file_id, OFFICER)
    assert env.directory.short_name(member_id) is None


def test_a_name_that_does_not_open_hides_no_other(env: HttpFixture) -> None:
    (damaged, _), (other, _) = submitted(env), submitted(env)
    env.apply_commands()
    with env.engine.begin() as connection:
        connection.execute(
            update(members).where(members.c.id == damaged).values(sealed_identity=b"\x01" * 60)
        )
        assert env.directory.short_names(connection, [damaged, other]) == {other: "Camille R."}


def test_a_professional_is_not_verified_here(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    with pytest.raises(errors.IdentityNotForProfessionals):
        env.identity.declare(merchant.id, CAMILLE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", ""),
        ("given_name", "<script>"),
        ("family_name", "R2D2"),
        ("birth_date", "03/02/1988"),
        ("postal_code", "7600"),
        ("postal_code", "٧٦٠٠٠"),
        ("city", "\x07"),
        ("address", "x" * 201),
    ],
)
def test_a_wrong_declaration_names_the_field_and_not_its_value(
    env: HttpFixture, field: str, value: str
) -> None:
    member, _ = env.visitor()
    with pytest.raises(errors.DeclarationInvalid) as refusal:
        env.identity.declare(member.id, replace(CAMILLE, **{field: value}))
    assert refusal.value.values == {"field": field}
    assert env.identity.latest(member.id) is None


@pytest.mark.parametrize("born", ["2020-01-01", "1890-01-01", "2030-01-01"])
def test_somebody_too_young_or_too_old_is_told_so_and_not_that_something_lacks(
    env: HttpFixture, born: str
) -> None:
    member, _ = env.visitor()
    with pytest.raises(errors.BirthDateRefused) as refusal:
        env.identity.declare(member.id, replace(CAMILLE, birth_date=born))
    for language in ("fr", "en"):
        sentence = refusal.value.sentence(language)
        assert "16" in sentence
        assert "birth_date" not in sentence
    assert env.identity.latest(member.id) is None


def test_a_wrong_page_leaves_the_draft_and_none_leaves_what_was_handed_in(env: HttpFixture) -> None:
    member, _ = env.visitor()
    stranger, _ = env.visitor()
    env.identity.declare(member.id, CAMILLE)
    wrong, right = (env.identity.add_document(member.id, picture()).id for _ in range(2))
    for who, which in ((stranger.id, wrong), (member.id, "NOSUCH")):
        with pytest.raises(errors.DocumentUnknown):
            env.identity.remove_document(who, which)
    env.identity.remove_document(member.id, wrong)
    opened = env.identity.own_file(member.id)
    assert opened is not None
    assert [each.id for each in opened.documents] == [right]
    env.identity.submit(member.id)
    with pytest.raises(errors.IdentityUnderReview):
        env.identity.remove_document(member.id, right)
