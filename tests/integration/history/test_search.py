"""Looking for a movement, on both databases: found by page, each once, none of another member."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import Connection, Engine

from tests.support.payments_fixture import PaymentsFixture
from wallet_service.history import service as history
from wallet_service.history.decisions import day_starts_unix_ms
from wallet_service.history.search import MovementFilter
from wallet_service.history.service import History, SearchResult, Takings
from wallet_service.payments.models import Payment
from wallet_service.protocol.calendar import MS_PER_DAY

COUNT = 23
#: What is wanted, then before when and how many, which may be left out.
Search = Callable[..., SearchResult]


class Names:
    """MemberNames of tests: the shop is a bakery, people have none."""

    def short_names(self, connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
        return dict.fromkeys(member_ids, "Boulangerie d’Essai")


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


@pytest.fixture
def found(env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch) -> Search:
    """`found(wanted, before, limit)` searches the movements of somebody with COUNT payments, small pages."""
    monkeypatch.setattr(history, "MAX_MOVEMENTS_PER_PAGE", 10)
    payer, other, (shop, _) = (
        env.member(balance_cents=50_000),
        env.member(balance_cents=500),
        env.merchant(),
    )
    for nonce in range(COUNT):
        env.clock.advance_ms(1_000)
        (answer,) = env.acceptance.accept_batch([env.order(payer, shop, 100 + nonce, nonce)])
        assert isinstance(answer, Payment), answer
    env.acceptance.accept_batch([env.order(other, shop, 100, 0)])
    searched = History(env.engine, Names())
    return lambda wanted, before=None, limit=5: searched.search(payer[-26:], wanted, before, limit)


def test_pages_follow_each_other_and_hold_every_movement_once(found: Search) -> None:
    seen: list[int] = []
    before: int | None = None
    while True:
        page = found(MovementFilter(), before)
        seen += [movement.amount_cents for movement in page.movements]
        before = page.next_before_unix_ms
        if before is None:
            break
    assert seen == [-(100 + number) for number in reversed(range(COUNT))]


def test_an_old_movement_is_found_among_newer_ones_of_other_amounts(found: Search) -> None:
    (movement,) = found(MovementFilter("1,02")).movements
    assert movement.amount_cents == -102
    assert len(found(MovementFilter("boulangerie d'essai"), limit=100).movements) == COUNT
    assert found(MovementFilter("fromagerie")).movements == ()
    assert found(MovementFilter(direction="in")).movements == ()


def test_a_day_s_takings_are_what_was_paid_since_midnight(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=500_00), env.merchant()
    history_of = History(env.engine, Names())

    def pay(cents: int, nonce: int, *, is_settled: bool = True) -> None:
        (answer,) = env.acceptance.accept_batch([env.order(payer, shop, cents, nonce)])
        assert isinstance(answer, Payment), answer
        if is_settled:
            env.settle_and_mine()

    midnight_unix_ms = day_starts_unix_ms(env.clock.now_unix_ms()) + MS_PER_DAY
    env.clock.move_to_unix_ms(midnight_unix_ms - 1)
    pay(1_00, 0)
    assert history_of.takings(shop[-26:], env.clock.now_unix_ms()) == Takings(1_00, 1, 0)
    env.clock.move_to_unix_ms(midnight_unix_ms)
    assert history_of.takings(shop[-26:], env.clock.now_unix_ms()) == Takings(0, 0, 0)
    pay(2_00, 1)
    pay(3_00, 2)
    pay(4_00, 3, is_settled=False)
    assert history_of.takings(shop[-26:], env.clock.now_unix_ms()) == Takings(5_00, 2, 0), "only what is paid"
    assert history_of.takings(payer[-26:], env.clock.now_unix_ms()) == Takings(0, 0, 0)


def test_a_search_looks_at_a_bounded_number_and_says_where_to_go_on(
    found: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_SEARCHED_MOVEMENTS", 10)
    first = found(MovementFilter("1,02"))
    assert first.movements == ()
    assert first.next_before_unix_ms is not None
    second = found(MovementFilter("1,02"), first.next_before_unix_ms)
    (movement,) = found(MovementFilter("1,02"), second.next_before_unix_ms).movements
    assert movement.amount_cents == -102
