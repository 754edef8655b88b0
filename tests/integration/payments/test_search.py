"""Looking for a movement, on both databases: found by page, each once, none of another member."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from tests.support.town import Town
from wallet_service.payments import history
from wallet_service.payments.history import History
from wallet_service.payments.models import Payment
from wallet_service.payments.movement_search import Wanted

COUNT = 23


class Names:
    """MemberNames of tests: the shop is a bakery, people have none."""

    def short_names(self, connection: Connection, member_ids):
        return dict.fromkeys(member_ids, "Boulangerie d’Essai")


@pytest.fixture
def town(engine):
    return Town(engine)


@pytest.fixture
def found(town, monkeypatch):
    """`found(wanted, before, limit)` searches the movements of somebody with COUNT payments, small pages."""
    monkeypatch.setattr(history, "MAX_MOVEMENTS_PER_PAGE", 10)
    payer, other, (shop, _) = (
        town.member(balance_cents=50_000),
        town.member(balance_cents=500),
        town.merchant(),
    )
    for nonce in range(COUNT):
        town.clock.advance_ms(1_000)
        (answer,) = town.acceptance.accept_batch([town.order(payer, shop, 100 + nonce, nonce)])
        assert isinstance(answer, Payment), answer
    town.acceptance.accept_batch([town.order(other, shop, 100, 0)])
    searched = History(town.engine, Names())
    return lambda wanted, before=None, limit=5: searched.search(payer[-26:], wanted, before, limit)


def test_pages_follow_each_other_and_hold_every_movement_once(found):
    seen, before = [], None
    while True:
        page = found(Wanted(), before)
        seen += [movement.amount_cents for movement in page.movements]
        before = page.next_before_unix_ms
        if before is None:
            break
    assert seen == [-(100 + number) for number in reversed(range(COUNT))]


def test_an_old_movement_is_found_among_newer_ones_of_other_amounts(found):
    (movement,) = found(Wanted("1,02")).movements
    assert movement.amount_cents == -102
    assert len(found(Wanted("boulangerie d'essai"), limit=100).movements) == COUNT
    assert found(Wanted("fromagerie")).movements == ()
    assert found(Wanted(direction="in")).movements == ()


def test_a_search_looks_at_a_bounded_number_and_says_where_to_go_on(found, monkeypatch):
    monkeypatch.setattr(history, "MAX_SEARCHED_MOVEMENTS", 10)
    first = found(Wanted("1,02"))
    assert first.movements == ()
    assert first.next_before_unix_ms is not None
    second = found(Wanted("1,02"), first.next_before_unix_ms)
    (movement,) = found(Wanted("1,02"), second.next_before_unix_ms).movements
    assert movement.amount_cents == -102
