"""A till's day in sums, on both databases: complete, cut at the region's midnights, nobody else's."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert

from tests.integration.sales.conftest import Shop
from tests.support.payments_fixture import PaymentsFixture
from wallet_service.database.tables.members import cashiers
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.models import Payment
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.sales.models import CountedCents, Sale, TillDay
from wallet_service.territory.currency import LOCAL_ZONE


def opened(env: PaymentsFixture, shop: Shop, amount_cents: int, tip_cents: int = 0) -> Sale:
    return env.sales.open(shop[1], shop[0][-26:], new_ref(), amount_cents, "", tip_cents=tip_cents)


def pay(env: PaymentsFixture, shop: Shop, sale: Sale) -> str:
    payer = env.member(balance_cents=50_000)
    order = env.order(payer, shop[0], sale.amount_cents, 0, sale_id=sale.id)
    (answer,) = env.acceptance.accept_batch([order])
    assert isinstance(answer, Payment)
    return payer


def today(env: PaymentsFixture, shop: Shop, days_after: int = 0) -> TillDay:
    now = datetime.fromtimestamp(env.clock.now_unix_s(), LOCAL_ZONE)
    return env.sales.day_of_till(shop[1], now.date() + timedelta(days=days_after))


def test_a_day_without_sales_is_nothing(env: PaymentsFixture, shop: Shop) -> None:
    day = today(env, shop)
    assert day.sales == day.refunds == day.confirming == CountedCents(0, 0)
    assert (day.expired_count, day.cancelled_count, day.refused_count) == (0, 0, 0)
    assert (day.first_paid_at_unix_ms, day.last_paid_at_unix_ms) == (None, None)


def test_a_day_counts_what_was_paid_given_back_and_came_to_nothing(env: PaymentsFixture, shop: Shop) -> None:
    opened(env, shop, 100)  # nobody pays it in time
    env.sales.cancel(shop[1], opened(env, shop, 200).id)
    env.clock.advance_ms(120_000)
    sales = [opened(env, shop, *cents) for cents in ((1250, 100), (480,), (9900, 400))]
    payers = [pay(env, shop, sale) for sale in sales[:2]]
    env.settle_and_mine()
    refund = env.refunds.request(shop[1], shop[0][-26:], sales[0].id, new_ref(), 500)
    back = env.order(shop[0], payers[0], 500, 0, refund_request_id=refund.id)
    assert isinstance(env.acceptance.accept_batch([back])[0], Payment)
    env.settle_and_mine()
    pay(env, shop, sales[2])
    elsewhere = env.merchant()
    pay(env, elsewhere, opened(env, elsewhere, 700))
    day = today(env, shop)
    assert (day.sales, day.refunds) == (CountedCents(2, 1730), CountedCents(1, 500))
    assert day.tips == CountedCents(1, 100)
    assert day.confirming == CountedCents(1, 9900)
    assert (day.expired_count, day.cancelled_count, day.refused_count) == (1, 1, 0)
    assert (
        day.first_paid_at_unix_ms == day.last_paid_at_unix_ms == env.sales.find(sales[0].id).paid_at_unix_ms
    )


def test_a_payment_the_ledger_refuses_is_counted_and_is_no_sale(env: PaymentsFixture, shop: Shop) -> None:
    sale = opened(env, shop, 1250)
    payer = env.member(balance_cents=5000)
    env.ledger.used.add((payer, 0))
    env.acceptance.accept_batch([env.order(payer, shop[0], 1250, 0, sale_id=sale.id)])
    env.settle_and_mine()
    day = today(env, shop)
    assert (day.sales, day.refused_count) == (CountedCents(0, 0), 1)


def test_a_sale_is_of_the_day_it_was_paid_by_the_regions_midnight(env: PaymentsFixture, shop: Shop) -> None:
    now = datetime.fromtimestamp(env.clock.now_unix_s(), LOCAL_ZONE)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), LOCAL_ZONE)
    env.clock.advance_ms(int((midnight - now).total_seconds() * 1000) - 1_000)
    late = opened(env, shop, 1250)
    pay(env, shop, late)
    env.settle_and_mine()
    before = today(env, shop)
    env.clock.advance_ms(1_000)
    pay(env, shop, opened(env, shop, 480))
    env.settle_and_mine()
    assert before.sales == today(env, shop, -1).sales == CountedCents(1, 1250)
    assert today(env, shop).sales == CountedCents(1, 480)
    env.clock.advance_ms(MS_PER_DAY)
    assert today(env, shop).sales == CountedCents(0, 0)


def test_a_day_by_cashier_has_those_who_sold_and_what_nobody_is_named_with(
    env: PaymentsFixture, shop: Shop
) -> None:
    pay(env, shop, opened(env, shop, 100))
    env.settle_and_mine()
    assert today(env, shop).by_cashier == (), "a shop that names nobody sees nothing of it"
    with UnitOfWork(env.engine) as work:
        sealed = {"sealed_name": b"n", "sealed_pin_hash": b"h", "failed_tries": 0, "created_at_unix_ms": 1}
        work.connection.execute(insert(cashiers).values(id="CAMILLE", member_id=shop[0][-26:], **sealed))
    reference = new_ref()
    ask = (shop[1], shop[0][-26:], reference, 1250, "")
    sale = env.sales.open(*ask, tip_cents=250, cashier_id="CAMILLE")
    again = env.sales.open(*ask, tip_cents=250, cashier_id=None)
    assert again == sale, "whoever is at the till now, it is the sale of who opened it"
    pay(env, shop, sale)
    env.settle_and_mine()
    by_cashier = {one.cashier_id: (one.sales, one.tips_cents) for one in today(env, shop).by_cashier}
    assert by_cashier == {None: (CountedCents(1, 100), 0), "CAMILLE": (CountedCents(1, 1250), 250)}
