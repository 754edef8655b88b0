"""A lost phone: asked for anywhere, looked at, announced, objected to or executed by the real ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.recovery_side import GROUND, NewPhone, RecoverySide
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.chain import chain_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.members.repository import insert_device
from wallet_service.oversight.errors import FreezePasskeyNeeded, FrozenByOthers
from wallet_service.recoveries import decisions, errors
from wallet_service.recoveries.models import RecoveryState, RecoveryWay

pytestmark = pytest.mark.chain
S = RecoveryState


def test_a_new_phone_gets_the_account_with_all_it_holds_and_the_old_one_nothing(
    everywhere: RecoverySide,
) -> None:
    side = everywhere
    member, _ = side.visitor()
    side.fund(member, 48_80)
    session = side.sessions.open_now("member", member.id, "device")
    phone = side.ask(member)
    assert side.is_frozen(member)  # before anything else happens anywhere
    told = side.progress(phone)
    assert (told.state, told.balance_cents) == ("asked", None)
    asked = side.open_one(member)
    assert side.recoveries.desk.propose(asked.id, GROUND, "O1")
    side.world.run_until_idle()
    told = side.progress(phone)
    assert (told.state, told.balance_cents) == ("proposed", 48_80)
    assert told.executable_at_unix_s == side.open_one(member).executable_at_unix_s
    assert side.is_frozen_on_chain(member)
    side.execute_when_due()
    assert side.progress(phone).state == "executed"
    assert side.device_states(member) == {
        member.account_address: "revoked",
        phone.address: "active",
    }
    assert side.sessions.find(session.token) is None
    assert not side.is_frozen(member)
    assert not side.is_frozen_on_chain(member)
    assert side.world.on_chain(member.account_address) == 48_80
    assert side.acts() == ["recovery.asked", "recovery.proposing", "recovery.executed"]


def test_one_tap_on_the_old_phone_ends_it_and_an_officer_looks_again(everywhere: RecoverySide) -> None:
    side = everywhere
    member, old = side.visitor()
    phone = NewPhone()
    announced = side.announce(member, phone)
    side.veto(member, old)
    assert side.progress(phone).state == "proposed"  # until the ledger says so
    side.world.run_until_idle()
    assert side.progress(phone).state == "vetoed"
    assert side.device_states(member) == {member.account_address: "active"}
    # Two claim to be its owner: nothing moves until an officer has seen who is.
    assert side.is_frozen(member)
    with pytest.raises(FrozenByOthers):
        side.oversight.freezes.lift_own(member.id, by_passkey=True)
    case = side.recoveries.desk.case(announced.id)
    assert (case.recovery.state, case.is_contested, case.frozen_outgoing) == (S.VETOED, True, True)
    side.ask(member)
    side.recoveries.phones.deny(member.id, by_passkey=False)
    side.world.run_until_idle()
    assert side.is_frozen_on_chain(member)


def test_a_strangers_key_objects_to_nothing(side: RecoverySide) -> None:
    member, _ = side.visitor()
    phone = NewPhone()
    side.announce(member, phone)
    _, stranger = side.visitor()
    for key in (stranger, phone.device):
        with pytest.raises(errors.VetoNotSigned):
            side.veto(member, key)
    with pytest.raises(errors.RecoveryUnknown):
        side.recoveries.phones.veto(side.visitor()[0].id, side.open_one(member).id, "0x02")


def test_the_answer_is_the_same_for_nobody_and_a_request_is_counted_once(side: RecoverySide) -> None:
    nobody, twice = NewPhone(), NewPhone()
    for number in ("0000 0000", "RF00 NOBODY", "?"):
        side.recoveries.phones.ask(nobody.request(), number)
    told = side.progress(nobody)
    assert (told.state, told.executable_at_unix_s, told.balance_cents) == ("asked", None, None)
    member, old = side.visitor()
    side.ask(member, twice)
    side.ask(member, twice)
    assert side.open_one(member).signer_address == twice.address
    assert len(side.progress(twice).request_number) == len(told.request_number)
    with pytest.raises(DeviceKnown):
        side.recoveries.phones.ask(NewPhone(device=old).request(), "0000 0000")
    spoilt = NewPhone().request()
    with pytest.raises(ProofInvalid):
        side.recoveries.phones.ask(
            type(spoilt)(NewPhone().token, spoilt.public_key, spoilt.proof, ""), "0000 0000"
        )


def test_i_have_my_phone_ends_what_waits_and_strangers_freeze_nothing_for_days(side: RecoverySide) -> None:
    member, _ = side.visitor()
    side.ask(member)
    side.recoveries.phones.deny(member.id, by_passkey=False)
    side.world.run_until_idle()
    assert not side.is_frozen(member)
    again = side.ask(member)
    assert not side.is_frozen(member)
    assert side.progress(again).state == "asked"
    assert side.recoveries.desk.propose(side.open_one(member).id, GROUND, "O1")
    assert side.is_frozen(member)  # somebody was seen


def test_where_there_is_a_passkey_the_phone_alone_does_not_say_no(side: RecoverySide) -> None:
    member, _ = side.visitor()
    side.ask(member)
    side.give_passkey(member)
    with pytest.raises(FreezePasskeyNeeded):
        side.recoveries.phones.deny(member.id, by_passkey=False)
    assert side.is_frozen(member)
    side.recoveries.phones.deny(member.id, by_passkey=True)
    side.world.run_until_idle()
    assert not side.is_frozen(member)


def test_a_thief_who_froze_first_cannot_let_go_once_the_owner_has_asked(side: RecoverySide) -> None:
    member, _ = side.visitor()
    side.oversight.freezes.freeze_own(member.id)
    side.ask(member)
    with pytest.raises(FrozenByOthers):
        side.oversight.freezes.lift_own(member.id, by_passkey=False)


def test_of_two_who_ask_the_one_an_officer_saw_gets_it(side: RecoverySide) -> None:
    member, _ = side.visitor()
    thief, owner = side.ask(member), NewPhone()
    side.ask(member, owner)
    found = {each.signer_address: each.id for each in side.recoveries.phones.of_member(member.id)}
    assert side.recoveries.desk.propose(found[owner.address], GROUND, "O1")
    with pytest.raises(errors.AnotherRecoveryPending):
        side.recoveries.desk.propose(found[thief.address], GROUND, "O1")
    side.world.run_until_idle()
    side.execute_when_due()
    assert (side.progress(owner).state, side.progress(thief).state) == ("executed", "cancelled")
    assert not side.is_frozen(member)


def test_a_key_that_got_another_account_meanwhile_stops_nothing(side: RecoverySide) -> None:
    """One key asks for two accounts, or is linked to another one: the copy of the chain goes on."""
    first, second = side.visitor()[0], side.visitor()[0]
    phone, twice = NewPhone(), NewPhone()
    announced = side.announce(first, phone)
    twice.device = phone.device
    side.ask(second, twice)
    with pytest.raises(errors.KeyTaken):
        side.recoveries.desk.propose(side.open_one(second).id, GROUND, "O1")
    with UnitOfWork(side.world.engine) as work:
        row: dict[str, str | None] = {
            "id": "OTHERS",
            "member_id": second.id,
            "signer_address": phone.address,
            "key_kind": "p256",
        }
        row |= {"public_key": phone.device.public_key, "credential_id": None, "label": "", "state": "active"}
        insert_device(work.connection, **row, created_at_unix_ms=0)
    side.execute_when_due()
    assert side.device_states(first) == {first.account_address: "revoked"}
    assert side.recoveries.desk.case(announced.id).recovery.state is S.EXECUTED


def test_from_an_amount_on_a_second_officer_signs(side: RecoverySide) -> None:
    member, _ = side.visitor()
    side.fund(member, 100_00)
    with_much = side.ask(member)
    asked = side.open_one(member)
    limit, decisions.TWO_OFFICERS_FROM_CENTS = decisions.TWO_OFFICERS_FROM_CENTS, 100_00
    try:
        assert not side.recoveries.desk.propose(asked.id, GROUND, "O1")
        with pytest.raises(errors.RecoveryAskedFor):
            side.recoveries.desk.propose(asked.id, GROUND, "O2")
    finally:
        decisions.TWO_OFFICERS_FROM_CENTS = limit
    (approval,) = side.oversight.approvals.pending()
    assert side.progress(with_much).state == "asked"
    side.oversight.approvals.approve(approval.id, "O2", {"govern"})
    side.world.run_until_idle()
    assert side.progress(with_much).state == "proposed"


@pytest.mark.parametrize("how", ["cancel", "halt"])
def test_officers_withdraw_what_is_announced(side: RecoverySide, how: str) -> None:
    member, _ = side.visitor()
    phone = NewPhone()
    announced = side.announce(member, phone)
    getattr(side.recoveries.desk, how)(announced.id, "Une erreur de personne", "O1")
    side.world.run_until_idle()
    assert side.progress(phone).state == "cancelled"
    assert not side.is_frozen(member)
    with pytest.raises(errors.RecoveryMoved):
        getattr(side.recoveries.desk, how)(announced.id, "Une erreur de personne", "O1")


def test_an_officer_refuses_who_shows_nothing(side: RecoverySide) -> None:
    member, _ = side.visitor()
    phone = side.ask(member)
    side.recoveries.desk.cancel(side.open_one(member).id, "Aucune pièce montrée", "O1")
    side.world.run_until_idle()
    assert (side.progress(phone).state, side.is_frozen(member)) == ("cancelled", False)


def test_what_the_registrars_key_announced_without_us_is_seen_and_can_be_vetoed(side: RecoverySide) -> None:
    member, old = side.visitor()
    thief = NewPhone()
    side.world.queue(
        "proposeRecovery", [member.account_address, thief.address, 2, "0x" + "ab" * 32], "REGISTRAR"
    )
    side.world.run_until_idle()
    found = side.open_one(member)
    assert (found.way, found.state) == (RecoveryWay.LEDGER, S.PROPOSED)
    side.veto(member, old)
    side.world.run_until_idle()
    assert side.device_states(member) == {member.account_address: "active"}


def test_a_block_taken_back_gives_the_devices_back(side: RecoverySide) -> None:
    member, _ = side.visitor()
    phone = NewPhone()
    side.announce(member, phone)
    side.execute_when_due()
    before = side.device_states(member)
    with UnitOfWork(side.world.engine) as work:
        side.recoveries.follower.rewind(work, 0)
    assert side.device_states(member) == {member.account_address: "active", phone.address: "pending"}
    assert side.progress(phone).state == "proposing"
    told = _told(side)
    with UnitOfWork(side.world.engine) as work:
        side.world.registry.project(work, told)
    assert side.device_states(member) == before
    assert side.progress(phone).state == "executed"


def _told(side: RecoverySide) -> list[ChainEvent]:
    """The ledger's words on recoveries, once more."""
    with side.world.engine.connect() as connection:
        rows = connection.execute(
            select(chain_events)
            .where(chain_events.c.name.startswith("Recovery"))
            .order_by(chain_events.c.block_number, chain_events.c.log_index)
        ).all()
    return [
        ChainEvent(row.name, row.arguments, row.block_number, row.log_index, row.transaction_hash, 1)
        for row in rows
    ]


def test_a_visitors_code_on_paper_stands_for_the_officer(side: RecoverySide) -> None:
    member, _ = side.visitor()
    codes, phones = side.recoveries.codes, side.recoveries.phones
    code, phone = codes.make(member.id), NewPhone()
    with pytest.raises(errors.RecoveryCodeRefused):  # not typed back: nobody knows whether it is on paper
        phones.ask_with_code(phone.request(), code)
    with pytest.raises(errors.RecoveryCodeRefused):
        codes.confirm(member.id, "0000-0000-0000-0000")
    codes.confirm(member.id, code)
    assert codes.confirmed_at_unix_ms(member.id) is not None
    phones.ask_with_code(phone.request(), code.lower().replace("-", " "))
    phones.ask_with_code(phone.request(), code)  # an answer lost: nothing more happens
    assert side.is_frozen(member)
    side.world.run_until_idle()
    assert side.progress(phone).state == "proposed"
    with pytest.raises(errors.RecoveryCodeRefused):
        phones.ask_with_code(NewPhone().request(), code)
    side.execute_when_due()
    assert side.device_states(member)[phone.address] == "active"
    assert codes.confirmed_at_unix_ms(member.id) is None
