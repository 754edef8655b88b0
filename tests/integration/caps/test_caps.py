"""Own caps in SQL: with every payment from then on, whatever else the batch holds; a raise is told."""

from __future__ import annotations

from tests.support.people_side import PeopleSide
from wallet_service.accounts.models import OwnCaps, Party
from wallet_service.accounts.repository import party_by_id
from wallet_service.caps import errors
from wallet_service.caps.decisions import RAISE_AFTER_MS
from wallet_service.caps.service import Caps
from wallet_service.database.unit_of_work import reading
from wallet_service.payments.models import Payment


def party(side: PeopleSide, member_id: str) -> Party:
    with reading(side.engine) as connection:
        found = party_by_id(connection, member_id)
    assert found is not None
    return found


def test_a_cap_counts_with_the_payments_of_its_own_batch(side: PeopleSide) -> None:
    camille, (shop, _) = side.person("Camille", "Rive", balance_cents=90_000), side.merchant()
    caps, account = Caps(side.engine, side.clock, side.push), side.account(camille)
    caps.choose(camille, OwnCaps(2_000, 3_000, 0))
    assert side.told(camille) == [], "lower is nobody's news"
    orders = [side.order(account, shop, cents, nonce) for nonce, cents in enumerate((2_001, 2_000, 1_000, 1))]
    answers = side.acceptance.accept_batch(orders)
    kinds = [type(answer) for answer in answers]
    assert kinds == [errors.OwnPaymentCapPassed, Payment, Payment, errors.OwnDayCapPassed]
    side.settle_and_mine()
    side.check_books()


def test_a_professional_without_limits_of_the_ledger_has_their_own(side: PeopleSide) -> None:
    shop, other = side.shop(), side.shop()
    with side.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE balances SET posted_cents = 9000 WHERE account = '{side.account(shop)}'"
        )
    side.ledger.posted[side.account(shop)] = 9_000
    Caps(side.engine, side.clock, side.push).choose(shop, OwnCaps(0, 5_000, 0))
    answers = []
    for nonce in (0, 1):  # in two batches: what was spent before is read
        order = side.order(side.account(shop), side.account(other), 3_000, nonce)
        answers += side.acceptance.accept_batch([order])
    assert [type(answer) for answer in answers] == [Payment, errors.OwnDayCapPassed]


def test_a_raise_waits_a_day_and_is_told_by_every_way(side: PeopleSide) -> None:
    camille, (shop, _) = side.person("Camille", "Rive", balance_cents=9_000), side.merchant()
    caps = Caps(side.engine, side.clock, side.push)
    caps.choose(camille, OwnCaps(100, 0, 0))
    kept = caps.choose(camille, OwnCaps(0, 0, 500))
    assert (kept.now, kept.next) == (OwnCaps(100, 0, 500), OwnCaps(0, 0, 500))
    assert party(side, camille).caps == kept
    assert (side.told(camille), side.heard(camille)) == (["security"], ["member.changed"] * 2)
    order = side.order(side.account(camille), shop, 400, 0)
    (refused,) = side.acceptance.accept_batch([order])
    assert isinstance(refused, errors.OwnPaymentCapPassed)
    side.clock.advance_ms(RAISE_AFTER_MS)
    (paid,) = side.acceptance.accept_batch([side.order(side.account(camille), shop, 400, 1)])
    assert isinstance(paid, Payment)
