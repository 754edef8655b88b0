"""A standing order is declared or recognised, expected, and said once when it does not come."""

from __future__ import annotations

import datetime

from sqlalchemy import select

from tests.support.bank_side import BankSide
from wallet_service.database.tables.push import push_events
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.event_kinds import EventKind, member_topic
from wallet_service.topups import standing_repository as repository
from wallet_service.topups.standing_orders import ExpectedOrder, StandingOrders

AMOUNT_CENTS = 50_00


def follower(side: BankSide) -> StandingOrders:
    return StandingOrders(side.engine, side.clock, side.push)


def go_to(side: BankSide, day: str) -> None:
    """Noon of that day; the side starts on 1 June 2026."""
    noon = datetime.datetime.fromisoformat(f"{day}T12:00:00+02:00")
    side.clock.move_to_unix_ms(int(noon.timestamp()) * 1000)


def comes(side: BankSide, member_id: str, day: str, amount_cents: int = AMOUNT_CENTS) -> None:
    go_to(side, day)
    side.load(member_id, amount_cents)


def told(side: BankSide, member_id: str) -> list[str]:
    """What the member's pages heard of standing orders, in order."""
    with side.engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(
            select(push_events.c.data)
            .where(push_events.c.topic == member_topic(member_id))
            .where(push_events.c.kind == EventKind.STANDING_ORDER_CHANGED.value)
            .order_by(push_events.c.id)
        ).scalars()
        return [row["change"] for row in rows]


def order_of(orders: StandingOrders, member_id: str) -> ExpectedOrder:
    found = orders.habits(member_id).standing_order
    assert found is not None
    return found


def test_a_declared_order_is_expected_comes_and_is_missed_once(side: BankSide) -> None:
    orders, member = follower(side), side.member()
    declared = orders.declare(member, AMOUNT_CENTS, 5).standing_order
    assert declared == ExpectedOrder(AMOUNT_CENTS, 5, "declared", "2026-06-05", None, None)
    comes(side, member, "2026-06-04", amount_cents=20_00)  # something else
    go_to(side, "2026-06-10")
    assert orders.look() == 0  # its grace is not over
    go_to(side, "2026-06-11")
    assert (orders.look(), orders.look()) == (1, 0)
    assert order_of(orders, member).missed_on == "2026-06-05"
    comes(side, member, "2026-06-12")
    assert orders.look() == 0
    with side.engine.connect().execution_options(read_only=True) as connection:
        row = repository.order_of(connection, member)
    assert row is not None
    assert row.missed_on is None  # it is no order that fails, which a rhythm may replace
    late = order_of(orders, member)
    assert (late.missed_on, late.arrived_on, late.next_on) == (None, "2026-06-12", "2026-07-05")
    go_to(side, "2026-07-11")
    assert (orders.look(), orders.look()) == (1, 0)
    assert told(side, member) == ["declared", "missed", "missed"]
    orders.end(member)
    orders.end(member)
    assert orders.habits(member).standing_order is None
    go_to(side, "2026-08-20")
    assert orders.look() == 0
    assert told(side, member) == ["declared", "missed", "missed", "ended"]


def test_three_months_of_one_payer_are_recognised_and_two_are_not(side: BankSide) -> None:
    orders, member, other = follower(side), side.member(), side.member()
    for day in ("2026-06-05", "2026-07-06"):
        comes(side, member, day)
        comes(side, other, day)
        assert orders.look() == 0
    comes(side, other, "2026-07-20")  # the same again within the month: no monthly order
    comes(side, member, "2026-08-05")
    assert (orders.look(), orders.look()) == (1, 0)
    found = order_of(orders, member)
    assert (found.source, found.day_of_month, found.next_on) == ("recognised", 5, "2026-09-05")
    assert found.arrived_on == "2026-08-05"
    assert orders.habits(other).standing_order is None
    assert (told(side, member), told(side, other)) == (["recognised"], [])


def test_an_order_that_was_ended_is_not_recognised_from_what_came_before(side: BankSide) -> None:
    orders, member = follower(side), side.member()
    for day in ("2026-06-05", "2026-07-06", "2026-08-05"):
        comes(side, member, day)
    orders.look()
    orders.end(member)
    assert orders.look() == 0
    comes(side, member, "2026-09-07")
    assert orders.look() == 0
    for day in ("2026-10-05", "2026-11-05"):
        comes(side, member, day)
    assert orders.look() == 1


def test_the_members_own_word_stands_against_a_rhythm_until_it_fails(side: BankSide) -> None:
    orders, member = follower(side), side.member()
    orders.declare(member, 80_00, 20)
    for day in ("2026-06-05", "2026-07-06", "2026-08-05"):
        comes(side, member, day)
    assert order_of(orders, member).source == "declared"
    orders.look()  # the 20th of July never came: said, and the rhythm that is there taken
    assert order_of(orders, member).source == "recognised"
    assert told(side, member) == ["declared", "missed", "recognised"]


def test_credits_read_late_are_still_recognised_and_old_ones_cost_nothing(side: BankSide) -> None:
    orders, member = follower(side), side.member()
    for day in ("2026-06-05", "2026-07-06", "2026-08-05"):
        comes(side, member, day)
    side.clock.advance_ms(6 * MS_PER_DAY)  # the worker stood still
    assert orders.look() == 1


def test_a_low_balance_is_kept_changed_and_taken_away(side: BankSide) -> None:
    orders, member = follower(side), side.member()
    for below_cents in (20_00, 35_00, None):
        orders.set_low_balance(member, below_cents)
        assert orders.habits(member).low_balance_cents == below_cents
