"""Redemptions the ledger has locked and SQL has lost: told of, numbers passed over, orders taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, select

from tests.support.bank_fixtures import SALES_CENTS
from tests.support.bank_side import RESERVE_IBAN, SHOP_PAYEE, BankSide
from wallet_service.accounts import repository as accounts
from wallet_service.accounts.models import Stops
from wallet_service.database.tables.bank import redemptions
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.envelope import p256_address
from wallet_service.redemptions import errors, unclaimed
from wallet_service.redemptions.decisions import RedemptionOrder

HOUR_MS = 3_600_000
LOST_CENTS = 200_00
LEFT_CENTS = SALES_CENTS - LOST_CENTS


def lose(side: BankSide, *refs: str) -> None:
    """As a restored backup: neither the requests nor their commands; the indexer reads the events again."""
    with UnitOfWork(side.engine) as work:
        work.connection.execute(delete(redemptions).where(redemptions.c.ref.in_(refs)))
        commands = [f"redemption:{ref}" for ref in refs]
        work.connection.execute(delete(chain_commands).where(chain_commands.c.ref.in_(commands)))
    read_again(side, *refs)


def read_again(side: BankSide, *refs: str) -> None:
    for event in side.ledger.events:
        if event.name == "RedemptionRequested" and event.arguments["ref"] in refs:
            with UnitOfWork(side.engine) as work:
                side.ledger.project(work, event)


def lost(side: BankSide, shop: str) -> tuple[RedemptionOrder, bytes]:
    """An order the ledger has locked, its request lost; its signature has expired since."""
    order, signature = side.signed(shop, LOST_CENTS)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    side.ledger.run()
    lose(side, order.ref)
    side.clock.advance_ms(HOUR_MS)
    return order, signature


def end_on_ledger(side: BankSide, ref: str, kind: str, *more: str) -> None:
    paid = kind == "completeRedemption"
    with UnitOfWork(side.engine) as work:
        side.ledger.queue_command(work.connection, "attestOutcome", [ref, paid], "ATTESTER", f"word:{ref}")
        side.ledger.queue_command(work.connection, kind, [ref, *more], "ISSUER", f"{kind}:{ref}")
    side.ledger.run()


def rewind(side: BankSide, last_block_kept: int) -> None:
    with UnitOfWork(side.engine) as work:
        for handler in side.ledger.rewinds:
            handler(work, last_block_kept)


def next_number(side: BankSide, shop: str) -> int:
    account = p256_address(side.keys[shop])
    with side.engine.connect() as connection:
        return accounts.next_nonces(connection, [account])[account]


def waiting_commands(side: BankSide) -> list[str]:
    with side.engine.connect() as connection:
        queued = select(chain_commands.c.ref).where(chain_commands.c.state == "queued")
        return list(connection.execute(queued).scalars())


def test_the_order_sent_again_is_locked_at_once_and_paid_out(side: BankSide, shop: str) -> None:
    order, signature = lost(side, shop)
    side.ledger.stopped = Stops(False, False, True)  # the ledger has locked it: nothing is left to refuse
    claimed = REGISTRY.get_sample_value("alba_redemptions_claimed_total") or 0.0
    view = side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert (view.state, view.iban_end) == ("locked", "FR76 … 9928")
    assert view.locked_at_unix_ms is not None
    assert side.balance(shop) == (LEFT_CENTS, 0)
    assert waiting_commands(side) == []
    assert side.redemptions.list_unclaimed() == []
    assert REGISTRY.get_sample_value("alba_redemptions_claimed_total") == claimed + 1
    assert side.redemptions.request(shop, order, SHOP_PAYEE, signature) == view
    with side.engine.connect() as connection:
        number = (p256_address(side.keys[shop]), order.nonce)
        assert accounts.used_nonces(connection, [number]) == {number}
    side.pay_out()
    end_on_ledger(side, order.ref, "completeRedemption")
    assert side.redemption(order.ref).state == "paid"


def test_another_order_under_its_reference_is_refused_and_it_stays_unclaimed(
    side: BankSide, shop: str
) -> None:
    order, signature = lost(side, shop)
    other = side.merchant()
    for member, asked, payee in (
        (shop, replace(order, amount_cents=LOST_CENTS - 1), SHOP_PAYEE),
        (shop, order, replace(SHOP_PAYEE, iban=RESERVE_IBAN)),
        (other, order, SHOP_PAYEE),
    ):
        with pytest.raises(errors.RedemptionReferenceReused):
            side.redemptions.request(member, asked, payee, signature)
    with pytest.raises((BadSignature, errors.RedemptionSignerUnknown)):
        side.redemptions.request(shop, replace(order, nonce=order.nonce + 1), SHOP_PAYEE, signature)
    (said,) = side.redemptions.list_unclaimed()
    assert said.ref == order.ref
    assert said.stands_for(shop, LOST_CENTS, said.payee_hash)
    assert not said.stands_for(other, LOST_CENTS, said.payee_hash)
    assert side.balance(shop) == (LEFT_CENTS, 0)


def test_officers_are_told_once_who_waits_for_how_much_and_since_when(side: BankSide, shop: str) -> None:
    found = REGISTRY.get_sample_value("alba_redemptions_unclaimed_total") or 0.0
    order, _ = lost(side, shop)
    read_again(side, order.ref)
    (each,) = side.redemptions.list_unclaimed()
    assert (each.ref, each.member_id, each.amount_cents) == (order.ref, shop, LOST_CENTS)
    assert each.public_name == "Boulangerie du Pont"
    assert each.locked_at_unix_ms == side.clock.now_unix_ms() - HOUR_MS
    assert REGISTRY.get_sample_value("alba_redemptions_unclaimed_total") == found + 1
    with side.engine.connect() as connection:
        (heard,) = connection.execute(
            select(push_events).where(push_events.c.kind == "redemption.trouble")
        ).all()
    assert (heard.topic, heard.data) == ("console", {"ref": order.ref, "error": "LockedWithoutRequest"})


def test_the_next_number_passes_over_lost_redemptions_once(side: BankSide, shop: str) -> None:
    refs = []
    for number in range(2):
        order, signature = side.signed(shop, 10_00, nonce=number)
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
        refs.append(order.ref)
    side.ledger.run()
    lose(side, *refs)
    assert next_number(side, shop) == 2
    order, signature = side.signed(shop, 10_00, nonce=2)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert next_number(side, shop) == 3
    assert next_number(side, side.merchant()) == 0


@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [("completeRedemption", (), "paid"), ("returnRedemption", ("0x" + "00" * 32,), "returned")],
)
def test_one_the_ledger_has_ended_waits_for_nobody_and_keeps_its_number(
    side: BankSide, shop: str, kind: str, more: tuple[str, ...], state: str
) -> None:
    order, signature = side.signed(shop, LOST_CENTS, nonce=0)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    side.ledger.run()
    lose(side, order.ref)
    end_on_ledger(side, order.ref, kind, *more)
    assert side.redemptions.list_unclaimed() == []
    assert next_number(side, shop) == 1
    view = side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert (view.state, view.closed_at_unix_ms) == (state, side.clock.now_unix_s() * 1000)
    assert side.balance(shop)[1] == 0
    assert waiting_commands(side) == []
    assert side.redemptions.sums_by_step().keys() == {state}


def test_a_rewind_forgets_what_blocks_that_are_gone_had_said(side: BankSide, shop: str) -> None:
    order, _ = lost(side, shop)
    (locked,) = side.redemptions.list_unclaimed()
    end_on_ledger(side, order.ref, "completeRedemption")
    assert side.redemptions.list_unclaimed() == []
    rewind(side, locked.locked_block)
    assert side.redemptions.list_unclaimed() == [locked]
    rewind(side, locked.locked_block - 1)
    assert side.redemptions.list_unclaimed() == []
    assert next_number(side, shop) == 0


def test_a_claimed_one_whose_block_is_gone_is_sent_to_the_ledger(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, LOST_CENTS)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    side.ledger.run()
    lose(side, order.ref)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    side.ledger.redemptions.pop(order.ref)
    side.ledger.held[p256_address(side.keys[shop])] += LOST_CENTS
    rewind(side, side.ledger.block - 1)
    assert side.redemption(order.ref).state == "requested"
    assert side.balance(shop)[1] == LOST_CENTS
    side.ledger.run()
    assert side.redemption(order.ref).state == "locked"
    assert side.balance(shop) == (LEFT_CENTS, 0)


def test_an_order_that_came_in_the_instant_of_its_event_is_locked_too(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, signature = side.signed(shop, LOST_CENTS)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    side.ledger.run()
    lose(side, order.ref)
    with monkeypatch.context() as before:
        before.setattr(unclaimed, "by_ref", lambda connection, ref: None)
        assert side.redemptions.request(shop, order, SHOP_PAYEE, signature).state == "requested"
    side.ledger.run()
    assert side.redemption(order.ref).state == "locked"
    assert side.redemptions.list_unclaimed() == []
    assert side.balance(shop) == (LEFT_CENTS, 0)
