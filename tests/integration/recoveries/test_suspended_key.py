"""A lost phone in other hands: its key suspended by an officer, as the real ledger and SQL's copy have it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from tests.support.recovery_side import NewPhone, RecoverySide
from tests.support.web import Device
from wallet_service.accounts.errors import KeySuspended
from wallet_service.chain.ports import ChainEvent
from wallet_service.chain.reading.rebuild import rebuild
from wallet_service.database.tables.chain import blocks, chain_events
from wallet_service.database.tables.push import notices
from wallet_service.database.tables.supervision import journal, key_suspensions
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members.devices import VouchedDevice
from wallet_service.members.repository import Member
from wallet_service.oversight.errors import GroundMissing, MemberNotFound
from wallet_service.oversight.keys import decisions, errors
from wallet_service.oversight.keys.models import KeySuspension, SuspensionOrder
from wallet_service.recoveries.models import RecoveryState

pytestmark = pytest.mark.chain
GROUND = "Plainte 26-204, téléphone volé"
NOBODY = "0x" + "00" * 20


def further_phone(side: RecoverySide, member: Member, by: Device) -> Device:
    """A second phone of the owner's, on the word of the first."""
    phone = NewPhone()
    key = phone.device.public_key
    proof = phone.device.sign(f"alba-device:passkey:{key}")
    word = side.word(member, by, phone.address)
    side.devices.add_vouched(member.id, VouchedDevice(key, proof, "Second", word))
    side.world.run_until_idle()
    return phone.device


def device_id_of(side: RecoverySide, member: Member, signer: str) -> str:
    (found,) = (one.id for one in side.members.devices(member.id) if one.signer_address == signer)
    return found


def suspend(
    side: RecoverySide, member: Member, days: int = 30, signer: str = "", *, mined: bool = True
) -> KeySuspension:
    """Of the phone that opened the wallet, unless another is named."""
    device_id = device_id_of(side, member, signer or member.account_address)
    side.oversight.keys.suspend(SuspensionOrder(member.id, device_id, days, GROUND), "O1")
    if mined:
        side.world.run_until_idle()
    return side.oversight.keys.of_member(member.id)[0]


def on_chain(side: RecoverySide, member: Member) -> tuple[str, int]:
    """The key and its end, as the ledger answers."""
    said = side.world.chain.reader()._call("suspendedKeyOf", member.account_address)
    return str(said["signer"]), int(said["until"])


def states(side: RecoverySide, member: Member) -> list[str]:
    """Newest first."""
    return [one.state.value for one in side.oversight.keys.of_member(member.id)]


def acts(side: RecoverySide) -> list[str]:
    with reading(side.world.engine) as connection:
        query = select(journal.c.act).where(journal.c.act.like("%key%") | journal.c.act.like("%Key%"))
        return list(connection.execute(query.order_by(journal.c.id)).scalars())


def times_told(side: RecoverySide, member: Member) -> int:
    with reading(side.world.engine) as connection:
        query = select(notices.c.kind).where(notices.c.recipient_id == member.id)
        return len(connection.execute(query).all())


def test_who_holds_the_lost_phone_objects_no_more_and_the_owner_gets_the_account(
    everywhere: RecoverySide,
) -> None:
    side = everywhere
    member, thief = side.visitor()
    phone = NewPhone()
    side.announce(member, phone)
    told = times_told(side, member)
    suspended = suspend(side, member, mined=False)
    assert times_told(side, member) > told  # the phones that are in their owner's hands hear of it
    with pytest.raises(KeySuspended):  # from the officer's click on, before the ledger has heard
        side.veto(member, thief)
    side.world.run_until_idle()
    assert on_chain(side, member) == (member.account_address, suspended.until_unix_s)
    assert states(side, member) == ["active"]
    with pytest.raises(KeySuspended):
        side.veto(member, thief)
    side.execute_when_due()
    assert side.progress(phone).state == "executed"
    # The recovery has ended it, on the ledger without a word of its own.
    assert on_chain(side, member) == (NOBODY, 0)
    assert states(side, member) == ["released"]
    assert acts(side) == ["key.suspended"]


def test_another_key_of_the_account_objects_as_before(side: RecoverySide) -> None:
    member, lost = side.visitor()
    second = further_phone(side, member, lost)
    side.announce(member)
    suspend(side, member)
    with pytest.raises(KeySuspended):
        side.veto(member, lost)
    side.veto(member, second)
    side.world.run_until_idle()
    (case,) = side.recoveries.desk.closed_cases()
    assert case.recovery.state is RecoveryState.VETOED


def test_a_suspended_key_brings_no_other_key_in(side: RecoverySide) -> None:
    member, lost = side.visitor()
    suspend(side, member)
    with pytest.raises(KeySuspended):
        further_phone(side, member, lost)


def test_released_it_signs_again(side: RecoverySide) -> None:
    member, phone = side.visitor()
    suspend(side, member)
    side.oversight.keys.release(member.id, "Retrouvé, vu au guichet", "O2")
    with pytest.raises(errors.NothingSuspended):  # it is on its way
        side.oversight.keys.release(member.id, "Retrouvé, vu au guichet", "O2")
    with pytest.raises(KeySuspended):  # and in force until the ledger says so
        further_phone(side, member, phone)
    side.world.run_until_idle()
    assert on_chain(side, member) == (NOBODY, 0)
    assert (states(side, member), acts(side)) == (["released"], ["key.suspended", "key.released"])
    further_phone(side, member, phone)
    with pytest.raises(errors.NothingSuspended):
        side.oversight.keys.release(member.id, "Retrouvé, vu au guichet", "O2")


def test_the_longest_is_the_ledgers_own(side: RecoverySide) -> None:
    longest_s = side.world.chain.reader()._call("MAX_KEY_SUSPENSION")
    assert longest_s == decisions.MAX_SUSPENSION_DAYS * decisions.SECONDS_PER_DAY
    member, _ = side.visitor()
    suspended = suspend(side, member, decisions.MAX_SUSPENSION_DAYS)
    assert states(side, member) == ["active"]
    assert on_chain(side, member) == (member.account_address, suspended.until_unix_s)


def test_another_end_replaces_the_first_and_another_key_is_refused(side: RecoverySide) -> None:
    member, lost = side.visitor()
    second = NewPhone(further_phone(side, member, lost))
    first = suspend(side, member, 1)
    again = suspend(side, member, 2)
    assert again.until_unix_s > first.until_unix_s
    assert on_chain(side, member) == (member.account_address, again.until_unix_s)
    assert states(side, member) == ["active", "released"]
    with pytest.raises(errors.AnotherKeySuspended):
        suspend(side, member, signer=second.address)


def test_what_cannot_be_suspended_is_refused(side: RecoverySide) -> None:
    member, _ = side.visitor()
    stranger, _ = side.visitor()
    keys = side.oversight.keys
    own = device_id_of(side, member, member.account_address)
    for order, refusal in (
        (SuspensionOrder(member.id, own, 30, "  "), GroundMissing),
        (SuspensionOrder(member.id, own, 91, GROUND), errors.SuspensionPeriodInvalid),
        (SuspensionOrder(stranger.id, own, 30, GROUND), errors.KeyNotOfMember),
        (SuspensionOrder("0" * 26, own, 30, GROUND), MemberNotFound),
    ):
        with pytest.raises(refusal):
            keys.suspend(order, "O1")
    assert side.world.waiting() == 0


def send_past_the_service(side: RecoverySide, member: Member, until_unix_s: int, ground_hash: str) -> None:
    arguments: list[Any] = [member.account_address, member.account_address, until_unix_s, ground_hash]
    side.world.chain.send("COMPLIANCE", "suspendKey", arguments)


def test_what_the_officers_own_key_suspends_is_in_force_and_told(everywhere: RecoverySide) -> None:
    side = everywhere
    member, thief = side.visitor()
    told, until_unix_s = times_told(side, member), side.world.clock.now_unix_s() + 86_400
    send_past_the_service(side, member, until_unix_s, "0x" + "ab" * 32)
    side.world.indexer.catch_up()
    (found,) = side.oversight.keys.of_member(member.id)
    assert (found.state.value, found.until_unix_s) == ("active", until_unix_s)
    assert (found.ground, found.asked_by) == (None, None)
    assert times_told(side, member) > told
    with pytest.raises(KeySuspended):
        further_phone(side, member, thief)
    assert acts(side) == ["key.suspended_elsewhere"]


def test_what_the_ledger_refuses_is_in_force_no_more(side: RecoverySide) -> None:
    """Another key is suspended there, and this copy does not know."""
    member, lost = side.visitor()
    second = NewPhone(further_phone(side, member, lost))
    suspend(side, member)
    with UnitOfWork(side.world.engine) as work:
        work.connection.execute(update(key_suspensions).values(state="released"))
    refused = suspend(side, member, signer=second.address)
    assert (refused.state.value, refused.failure) == ("failed", "InvalidSuspension")
    assert acts(side) == ["key.suspended", "key.suspended", "suspendKey.refused_by_ledger"]
    side.announce(member)
    side.veto(member, second.device)  # no officer's click stands against it any more


def test_a_rebuild_finds_the_copy_honest_and_says_where_it_is_not(everywhere: RecoverySide) -> None:
    side = everywhere
    member, _ = side.visitor()
    other, _ = side.visitor()
    third, _ = side.visitor()
    suspended = suspend(side, member)
    suspend(side, other)
    side.oversight.keys.release(other.id, "Retrouvé, vu au guichet", "O2")
    side.world.run_until_idle()
    told = times_told(side, member)
    assert rebuild(side.world.engine, side.world.indexer) == []
    assert (states(side, member), states(side, other)) == (["active"], ["released"])
    assert times_told(side, member) == told, "nobody is told twice"

    with UnitOfWork(side.world.engine) as work:  # one let go by hand, one made up
        work.connection.execute(
            update(key_suspensions).where(key_suspensions.c.member_id == member.id).values(state="released")
        )
        work.connection.execute(
            insert(key_suspensions).values(
                id="made-up",
                member_id=third.id,
                signer_address=third.account_address,
                ground_hash="0x" + "cd" * 32,
                until_unix_s=suspended.until_unix_s,
                state="active",
                asked_at_unix_ms=0,
            )
        )
    invented = (third.account_address, third.account_address, suspended.until_unix_s)
    real = (member.account_address, member.account_address, suspended.until_unix_s)
    assert rebuild(side.world.engine, side.world.indexer) == [
        f"suspended_keys: SQL had {invented}, the chain has not",
        f"suspended_keys: the chain has {real}, SQL had not",
    ]
    assert (states(side, member), states(side, third)) == (["active"], ["released"])
    assert rebuild(side.world.engine, side.world.indexer) == []


def told_again(side: RecoverySide, first_block: int) -> list[ChainEvent]:
    with reading(side.world.engine) as connection:
        rows = connection.execute(
            select(chain_events, blocks.c.timestamp_unix_s)
            .join(blocks, blocks.c.number == chain_events.c.block_number)
            .where(chain_events.c.name.in_(("KeySuspended", "KeyReleased")))
            .where(chain_events.c.block_number >= first_block)
            .order_by(chain_events.c.block_number, chain_events.c.log_index)
        ).all()
    return [
        ChainEvent(
            row.name,
            row.arguments,
            row.block_number,
            row.log_index,
            row.transaction_hash,
            row.timestamp_unix_s,
        )
        for row in rows
    ]


def test_blocks_taken_back_and_told_again_leave_the_same(everywhere: RecoverySide) -> None:
    side = everywhere
    member, _ = side.visitor()
    suspend(side, member)
    side.oversight.keys.release(member.id, "Retrouvé, vu au guichet", "O2")
    side.world.run_until_idle()
    until_unix_s = side.world.clock.now_unix_s() + 86_400
    send_past_the_service(side, member, until_unix_s, "0x" + "ab" * 32)
    side.world.indexer.catch_up()
    said, before = told_again(side, 0), states(side, member)
    assert [event.name for event in said] == ["KeySuspended", "KeyReleased", "KeySuspended"]
    last = said[-1].block_number
    for first_undone, left in (
        (last, ["released"]),
        (said[1].block_number, ["active"]),
        (said[0].block_number, ["asked"]),
    ):
        with UnitOfWork(side.world.engine) as work:
            side.oversight.keys.rewind(work, first_undone - 1)
        assert states(side, member) == left
        with UnitOfWork(side.world.engine) as work:
            side.world.registry.project(work, told_again(side, first_undone))
        assert states(side, member) == before
