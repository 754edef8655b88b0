"""Accounts: opened in one request, active once the chain says so, never by SQL's own will."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from tests.support.web import FICTIONAL_SIRET, Town, build_town
from wallet_service.chain.ports import FailedCommand
from wallet_service.database.tables.members import members
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.journal import SERVICE
from wallet_service.members import errors
from wallet_service.members.decisions import Kind, MemberState, Tier
from wallet_service.members.service import NewProfessional, NewWallet
from wallet_service.protocol.addresses import address_of_point


@pytest.fixture
def town(engine: Engine) -> Town:
    return build_town(engine)


def test_a_visitor_has_an_account_in_one_request_and_the_chain_makes_it_active(town: Town) -> None:
    device = town.new_key()
    member = town.members.create_wallet(NewWallet(device.public_key, device.proof(), "Téléphone", "fr"))
    assert member.account_address == address_of_point(bytes.fromhex(device.public_key[2:]))
    assert (member.state, member.tier) == (MemberState.PENDING, Tier.NONE)
    kind, arguments, role = town.commands.by_ref[f"enrol:{member.id}"]
    assert (kind, role) == ("enrol", "REGISTRAR")
    assert arguments == [member.account_address, 1, 1, 0, 0]

    town.apply_commands()

    member = town.members.get(member.id)
    assert (member.state, member.tier) == (MemberState.ACTIVE, Tier.VISITOR)
    assert member.enrolled_at_unix_ms == town.clock.now_unix_s() * 1000
    with town.engine.connect() as connection:
        topics = connection.execute(
            select(push_events.c.topic).where(push_events.c.kind == "member.changed")
        ).scalars()
        assert f"member:{member.id}" in set(topics)


def test_the_same_event_again_changes_nothing_and_pushes_nothing(town: Town) -> None:
    member, _ = town.visitor()
    arguments = {"account": member.account_address, "kind": 1, "tier": 1, "sector": 0, "expiresAtDay": 0}
    with town.engine.connect() as connection:
        before = len(connection.execute(select(push_events)).all())
    town.project("MemberEnrolled", arguments)
    with town.engine.connect() as connection:
        assert len(connection.execute(select(push_events)).all()) == before


def test_a_key_without_its_proof_opens_nothing(town: Town) -> None:
    device, thief = town.new_key(), town.new_key()
    with pytest.raises(errors.ProofInvalid):
        town.members.create_wallet(
            NewWallet(device.public_key, thief.sign(f"alba-wallet:{device.public_key}"))
        )
    with pytest.raises(errors.ProofInvalid):
        town.members.create_wallet(NewWallet(device.public_key, "not base64 !"))
    with pytest.raises(errors.KeyInvalid):
        town.members.create_wallet(NewWallet("0x" + "11" * 64, device.proof()))
    assert town.commands.by_ref == {}


def test_the_same_key_opens_one_account_only(town: Town) -> None:
    _, device = town.visitor()
    with pytest.raises(errors.WalletExists):
        town.members.create_wallet(NewWallet(device.public_key, device.proof()))
    assert len(town.commands.by_ref) == 1


def test_a_freeze_on_chain_shows_on_the_member_and_an_unfreeze_clears_it(town: Town) -> None:
    member, _ = town.visitor()
    town.project(
        "Frozen", {"account": member.account_address, "incoming": False, "outgoing": True, "until": 0}
    )
    assert town.members.get(member.id).frozen_outgoing
    assert not town.members.get(member.id).frozen_incoming
    town.project("Unfrozen", {"account": member.account_address})
    assert not town.members.get(member.id).frozen_outgoing


def test_an_enrolment_the_chain_refuses_is_in_the_journal(town: Town) -> None:
    device = town.new_key()
    member = town.members.create_wallet(NewWallet(device.public_key, device.proof()))
    failed = FailedCommand(1, "r", "enrol", "REGISTRAR", [member.account_address], "AlreadyMember", {})
    with UnitOfWork(town.engine) as work:
        town.members.note_failed_command(work, failed)
    assert town.acts() == ["member.command_failed"]
    assert town.members.get(member.id).state is MemberState.PENDING


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


def test_a_professional_is_enrolled_with_kind_tier_and_sector(town: Town) -> None:
    wanted = replace(PROFESSIONAL, public_key=town.new_key().public_key)
    member = town.members.create_professional(wanted, SERVICE)
    assert town.commands.by_ref[f"enrol:{member.id}"][1] == [member.account_address, 3, 4, 94, 0]
    town.apply_commands()
    member = town.members.get(member.id)
    assert (member.tier, member.kind, member.sector) == (Tier.PROFESSIONAL, Kind.ASSOCIATION, "94")
    assert town.directory.short_name(member.id) == "Les Amis du Lin"


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
    town: Town, field: str, value: object, refusal: type[Exception]
) -> None:
    wanted = replace(PROFESSIONAL, public_key=town.new_key().public_key, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(refusal):
        town.members.create_professional(wanted, SERVICE)
    assert town.commands.by_ref == {}


def test_the_same_key_sent_many_times_at_once_opens_one_account(town: Town) -> None:
    device = town.new_key()
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            outcomes.append(town.members.create_wallet(NewWallet(device.public_key, device.proof())).id)
        except errors.WalletExists:
            outcomes.append("exists")

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("exists") == 7
    (member_id,) = (outcome for outcome in outcomes if outcome != "exists")
    with town.engine.connect() as connection:
        assert [row.id for row in connection.execute(select(members))] == [member_id]
