"""Identity files: declared, shown, submitted, decided; sealed throughout, every officer's read in the
journal.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import Engine, select

from tests.support.web import START_UNIX_MS, Town, build_town
from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.database.tables.members import members
from wallet_service.identity import errors
from wallet_service.identity.file_states import Declaration, FileState
from wallet_service.identity.sealing import PersonErased
from wallet_service.members.decisions import Tier, day_number

CAMILLE = Declaration("Camille", "Roussel", "1988-02-03", "4 rue du Puits fictif", "76000", "Rouen")
OFFICER = "OFFICER1"


@pytest.fixture
def town(engine: Engine) -> Town:
    return build_town(engine)


def picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (64, 40), (200, 30, 90)).save(kept, "JPEG")
    return kept.getvalue()


def submitted(town: Town) -> tuple[str, str]:
    """(member id, file id) of a file that waits for an officer."""
    member, _ = town.visitor()
    town.identity.declare(member.id, CAMILLE)
    town.identity.add_document(member.id, picture())
    return member.id, town.identity.submit(member.id).id


def test_a_declaration_makes_the_tier_declared_through_the_chain(town: Town) -> None:
    member, _ = town.visitor()
    file = town.identity.declare(member.id, CAMILLE)
    assert file.state is FileState.DRAFT
    assert town.members.get(member.id).tier is Tier.VISITOR
    town.apply_commands()
    assert town.members.get(member.id).tier is Tier.DECLARED
    assert town.directory.short_name(member.id) == "Camille R."


def test_nothing_personal_is_in_the_clear(town: Town) -> None:
    member_id, file_id = submitted(town)
    town.identity.open_file(file_id, OFFICER)
    with town.engine.connect() as connection:
        for table in (members, identity_files, identity_documents):
            for row in connection.execute(select(table)):
                stored = repr(tuple(row)).encode() + b"".join(v for v in row if isinstance(v, bytes))
                for personal in (b"Camille", b"Roussel", b"1988-02-03", b"Puits", b"76000", b"JFIF"):
                    assert personal not in stored
    assert town.directory.short_name(member_id) is None  # still a visitor: not named to others


def test_an_approval_makes_the_tier_verified_with_an_expiry(town: Town) -> None:
    member_id, file_id = submitted(town)
    town.apply_commands()
    assert [file.id for file in town.identity.queue()] == [file_id]
    assert town.identity.waiting_count() == 1

    town.identity.approve(file_id, OFFICER, "Carte nationale lisible", date(2030, 6, 1))

    assert town.members.get(member_id).tier is Tier.DECLARED  # SQL follows the chain, not the officer
    town.apply_commands()
    member = town.members.get(member_id)
    assert member.tier is Tier.VERIFIED
    assert member.identity_expires_on_day == day_number(date(2030, 6, 1))
    assert town.identity.queue() == []
    assert "identity.approved" in town.acts()


def test_an_approval_without_a_date_holds_five_years(town: Town) -> None:
    member_id, file_id = submitted(town)
    town.identity.approve(file_id, OFFICER, "Vu")
    town.apply_commands()
    today = date.fromtimestamp(START_UNIX_MS / 1000)
    assert town.members.get(member_id).identity_expires_on_day == day_number(
        today.replace(year=today.year + 5)
    )


def test_a_refusal_gives_its_reason_and_lets_the_person_start_again(town: Town) -> None:
    member_id, file_id = submitted(town)
    town.identity.refuse(file_id, OFFICER, "Photo illisible")
    latest = town.identity.latest(member_id)
    assert latest is not None
    assert (latest.state, latest.decision_reason) == (FileState.REFUSED, "Photo illisible")
    with pytest.raises(errors.IdentityFileIncomplete):
        town.identity.add_document(member_id, picture())
    again = town.identity.declare(member_id, CAMILLE)
    assert (again.id != file_id, again.state, again.document_count) == (True, FileState.DRAFT, 0)


def test_a_file_under_review_does_not_change(town: Town) -> None:
    member_id, _ = submitted(town)
    with pytest.raises(errors.IdentityUnderReview):
        town.identity.declare(member_id, CAMILLE)
    with pytest.raises(errors.IdentityUnderReview):
        town.identity.add_document(member_id, picture())
    with pytest.raises(errors.IdentityFileTransition):
        town.identity.submit(member_id)


def test_a_file_is_decided_once(town: Town) -> None:
    _, file_id = submitted(town)
    town.identity.approve(file_id, OFFICER, "Vu")
    with pytest.raises(errors.IdentityFileTransition):
        town.identity.refuse(file_id, OFFICER, "Non")
    with pytest.raises(errors.IdentityFileTransition):
        town.identity.approve(file_id, OFFICER, "Encore")


def test_a_decision_needs_a_reason_and_a_date_to_come(town: Town) -> None:
    _, file_id = submitted(town)
    with pytest.raises(errors.DeclarationInvalid):
        town.identity.refuse(file_id, OFFICER, "  ")
    with pytest.raises(errors.DeclarationInvalid):
        town.identity.approve(file_id, OFFICER, "Vu", date(2020, 1, 1))
    assert town.identity.waiting_count() == 1


def test_a_file_without_document_is_not_submitted(town: Town) -> None:
    member, _ = town.visitor()
    with pytest.raises(errors.IdentityFileIncomplete):
        town.identity.submit(member.id)
    with pytest.raises(errors.IdentityFileIncomplete):
        town.identity.add_document(member.id, picture())
    town.identity.declare(member.id, CAMILLE)
    with pytest.raises(errors.IdentityFileIncomplete):
        town.identity.submit(member.id)


def test_documents_are_counted(town: Town) -> None:
    member, _ = town.visitor()
    town.identity.declare(member.id, CAMILLE)
    for _ in range(6):
        town.identity.add_document(member.id, picture())
    with pytest.raises(errors.TooManyDocuments):
        town.identity.add_document(member.id, picture())


def test_every_read_by_an_officer_is_in_the_journal(town: Town) -> None:
    member_id, file_id = submitted(town)
    opened = town.identity.open_file(file_id, OFFICER)
    assert opened.identity is not None
    assert opened.identity.family_name == "Roussel"
    document = town.identity.open_document(file_id, opened.documents[0].id, OFFICER)
    assert document.content.startswith(b"\xff\xd8\xff")
    read = town.identity.read_member_identity(member_id, OFFICER, "Réquisition 12")
    assert read is not None
    assert town.acts()[-3:] == ["identity.file_read", "identity.document_read", "identity.member_read"]
    with pytest.raises(errors.DocumentUnknown):
        town.identity.open_document(file_id, "ANOTHER", OFFICER)
    with pytest.raises(errors.IdentityFileUnknown):
        town.identity.open_file("ANOTHER", OFFICER)


def test_an_erased_person_cannot_be_read_any_more(town: Town) -> None:
    member_id, file_id = submitted(town)
    with town.engine.begin() as connection:
        town.sealer.destroy_member_key(connection, member_id)
    with pytest.raises(PersonErased):
        town.identity.open_file(file_id, OFFICER)
    assert town.directory.short_name(member_id) is None


def test_a_professional_is_not_verified_here(town: Town) -> None:
    merchant, _ = town.merchant()
    with pytest.raises(errors.IdentityNotForProfessionals):
        town.identity.declare(merchant.id, CAMILLE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", ""),
        ("given_name", "<script>"),
        ("family_name", "R2D2"),
        ("birth_date", "03/02/1988"),
        ("birth_date", "2020-01-01"),
        ("birth_date", "1890-01-01"),
        ("postal_code", "7600"),
        ("postal_code", "٧٦٠٠٠"),
        ("city", "\x07"),
        ("address", "x" * 201),
    ],
)
def test_a_wrong_declaration_names_the_field_and_not_its_value(town: Town, field: str, value: str) -> None:
    member, _ = town.visitor()
    with pytest.raises(errors.DeclarationInvalid) as refusal:
        town.identity.declare(member.id, replace(CAMILLE, **{field: value}))
    assert refusal.value.values == {"field": field}
    assert town.identity.latest(member.id) is None
