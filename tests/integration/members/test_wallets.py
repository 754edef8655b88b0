"""Accounts: opened in one request, active once the chain says so, never by SQL's own will."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, update

from tests.support.web import FICTIONAL_SIRET, HttpFixture, build_http_fixture
from wallet_service.chain.ports import FailedCommand
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.help.documents import terms_version
from wallet_service.help.errors import TermsChanged
from wallet_service.members import decisions, errors
from wallet_service.members.decisions import Kind, MemberState, Tier
from wallet_service.members.errors import ENROLMENTS_RETRY_AFTER_S
from wallet_service.members.service import NewProfessional, NewWallet
from wallet_service.platform.journal import SERVICE, Filter, Subject
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.security.errors import KeyInvalid


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def test_a_visitor_has_an_account_in_one_request_and_the_chain_makes_it_active(env: HttpFixture) -> None:
    device = env.new_key()
    member = env.members.create_wallet(NewWallet(device.public_key, device.proof(), "Téléphone", "fr"))
    assert member.account_address == address_of_point(bytes.fromhex(device.public_key[2:]))
    assert (member.state, member.tier) == (MemberState.PENDING, Tier.NONE)
    kind, arguments, role = env.commands.by_ref[f"enrol:{member.id}"]
    assert (kind, role) == ("enrol", "REGISTRAR")
    assert arguments == [member.account_address, 1, 1, 0, 0]

    env.apply_commands()

    member = env.members.get(member.id)
    assert (member.state, member.tier) == (MemberState.ACTIVE, Tier.VISITOR)
    assert member.enrolled_at_unix_ms == env.clock.now_unix_s() * 1000
    with env.engine.connect() as connection:
        topics = connection.execute(
            select(push_events.c.topic).where(push_events.c.kind == "member.changed")
        ).scalars()
        assert f"member:{member.id}" in set(topics)


def test_the_same_event_again_changes_nothing_and_pushes_nothing(env: HttpFixture) -> None:
    member, _ = env.visitor()
    arguments = {"account": member.account_address, "kind": 1, "tier": 1, "sector": 0, "expiresAtDay": 0}
    with env.engine.connect() as connection:
        before = len(connection.execute(select(push_events)).all())
    env.project("MemberEnrolled", arguments)
    with env.engine.connect() as connection:
        assert len(connection.execute(select(push_events)).all()) == before


def test_strangers_wallets_that_wait_for_the_ledger_are_bounded(
    env: HttpFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "MAX_WAITING_ENROLMENTS", 1)
    device = env.new_key()
    wallet = NewWallet(device.public_key, device.proof(), "Téléphone", "fr")
    with UnitOfWork(env.engine) as work:
        waiting = SqlCommandQueue(env.clock).queue_command(
            work.connection, "enrol", ["0x" + "12" * 20, 1, 1, 0, 0], "REGISTRAR", "enrol:somebody"
        )
    with pytest.raises(errors.EnrolmentsFull) as full:
        env.members.create_wallet(wallet)
    assert full.value.status == 503
    assert full.value.values == {"retry_after_s": ENROLMENTS_RETRY_AFTER_S}
    with UnitOfWork(env.engine) as work:
        work.connection.execute(
            update(chain_commands).where(chain_commands.c.id == waiting).values(state="done")
        )
    assert env.members.create_wallet(wallet).state == MemberState.PENDING


def test_a_known_device_hears_that_it_is_known_however_many_wait(
    env: HttpFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = env.new_key()
    wallet = NewWallet(device.public_key, device.proof(), "Téléphone", "fr")
    env.members.create_wallet(wallet)
    monkeypatch.setattr(decisions, "MAX_WAITING_ENROLMENTS", 0)
    with pytest.raises(errors.WalletExists):
        env.members.create_wallet(wallet)


def test_a_key_without_its_proof_opens_nothing(env: HttpFixture) -> None:
    device, thief = env.new_key(), env.new_key()
    with pytest.raises(errors.ProofInvalid):
        env.members.create_wallet(
            NewWallet(device.public_key, thief.sign(f"alba-wallet:{device.public_key}"))
        )
    with pytest.raises(errors.ProofInvalid):
        env.members.create_wallet(NewWallet(device.public_key, "not base64 !"))
    with pytest.raises(KeyInvalid):
        env.members.create_wallet(NewWallet("0x" + "11" * 64, device.proof()))
    assert env.commands.by_ref == {}


def test_the_same_key_opens_one_account_only(env: HttpFixture) -> None:
    _, device = env.visitor()
    with pytest.raises(errors.WalletExists):
        env.members.create_wallet(NewWallet(device.public_key, device.proof()))
    assert len(env.commands.by_ref) == 1


def test_a_freeze_on_chain_shows_on_the_member_and_an_unfreeze_clears_it(env: HttpFixture) -> None:
    member, _ = env.visitor()
    env.project(
        "Frozen",
        {
            "account": member.account_address,
            "incoming": False,
            "outgoing": True,
            "until": 0,
            "groundHash": "0x" + "ab" * 32,
        },
    )
    assert env.members.get(member.id).frozen_outgoing
    assert not env.members.get(member.id).frozen_incoming
    env.project("Unfrozen", {"account": member.account_address})
    assert not env.members.get(member.id).frozen_outgoing


def test_an_enrolment_the_chain_refuses_is_in_the_journal(env: HttpFixture) -> None:
    device = env.new_key()
    member = env.members.create_wallet(NewWallet(device.public_key, device.proof()))
    failed = FailedCommand(1, "r", "enrol", "REGISTRAR", [member.account_address], "AlreadyMember", {})
    with UnitOfWork(env.engine) as work:
        env.members.note_failed_command(work, failed)
    assert env.acts() == ["member.command_failed"]
    assert env.members.get(member.id).state is MemberState.PENDING


PROFESSIONAL = NewProfessional(
    public_key="",
    kind=Kind.ASSOCIATION,
    public_name="Les Amis du Lin",
    description="Ateliers du lin",
    siret=FICTIONAL_SIRET,
    sector="94",
    commune_code="76540",
    representative_given_name="Anne-Lise",
    representative_family_name="d’Harcourt",
)


def test_a_professional_is_enrolled_with_kind_tier_and_sector(env: HttpFixture) -> None:
    wanted = replace(PROFESSIONAL, public_key=env.new_key().public_key)
    member = env.members.create_professional(wanted, SERVICE)
    assert env.commands.by_ref[f"enrol:{member.id}"][1] == [member.account_address, 3, 4, 94, 0]
    env.apply_commands()
    member = env.members.get(member.id)
    assert (member.tier, member.kind, member.sector) == (Tier.PROFESSIONAL, Kind.ASSOCIATION, "94")
    assert env.directory.short_name(member.id) == "Les Amis du Lin"


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("siret", "12345678200011", errors.SiretInvalid),
        ("siret", "123", errors.SiretInvalid),
        ("sector", "00", errors.SectorUnknown),
        ("commune_code", "99999", errors.CommuneUnknown),
        ("kind", Kind.RESIDENT, errors.ProfessionalInvalid),
        ("public_name", " \n ", errors.ProfessionalInvalid),
        ("public_name", "x" * 121, errors.ProfessionalInvalid),
        ("representative_family_name", "<b>", errors.ProfessionalInvalid),
    ],
)
def test_a_professional_with_a_wrong_field_is_refused(
    env: HttpFixture, field: str, value: object, refusal: type[Exception]
) -> None:
    wanted = replace(PROFESSIONAL, public_key=env.new_key().public_key, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(refusal):
        env.members.create_professional(wanted, SERVICE)
    assert env.commands.by_ref == {}


def test_the_same_key_sent_many_times_at_once_opens_one_account(env: HttpFixture) -> None:
    device = env.new_key()
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            outcomes.append(env.members.create_wallet(NewWallet(device.public_key, device.proof())).id)
        except errors.WalletExists:
            outcomes.append("exists")

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("exists") == 7
    (member_id,) = (outcome for outcome in outcomes if outcome != "exists")
    with env.engine.connect() as connection:
        assert [row.id for row in connection.execute(select(members))] == [member_id]


def test_the_terms_shown_beside_the_button_are_accepted_with_it(env: HttpFixture) -> None:
    device, other = env.new_key(), env.new_key()
    shown = NewWallet(device.public_key, device.proof(), terms_version=terms_version())
    assert env.members.create_wallet(shown).terms_version == terms_version()
    older = NewWallet(other.public_key, other.proof(), terms_version="2020-01-01")
    assert env.members.create_wallet(older).terms_version is None


def test_terms_are_accepted_once_and_only_those_that_count(env: HttpFixture) -> None:
    device = env.new_key()
    member = env.members.create_wallet(NewWallet(device.public_key, device.proof()))
    assert member.terms_version is None
    with pytest.raises(TermsChanged):
        env.members.accept_terms(member.id, "2020-01-01")
    assert env.members.get(member.id).terms_version is None
    for _ in range(2):
        env.members.accept_terms(member.id, terms_version())
    assert env.members.get(member.id).terms_version == terms_version()
    with reading(env.engine) as connection:
        written = env.journal.entries(connection, Filter(subject=Subject("member", member.id)), 9)
    assert [entry.act for entry in written].count("member.terms_accepted") == 1
