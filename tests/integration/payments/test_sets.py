"""Payments that reach their end together: one statement for many says what many statements would."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.payments_fixture import PaymentsFixture
from wallet_service.database.tables.push import push_events
from wallet_service.payments.models import Payment
from wallet_service.protocol.text.identifiers import new_ref


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def accepted(
    env: PaymentsFixture, payer: str, payee: str, amount_cents: int, nonce: int, **changes: Any
) -> str:
    (answer,) = env.acceptance.accept_batch([env.order(payer, payee, amount_cents, nonce, **changes)])
    assert isinstance(answer, Payment), answer
    return answer.ref


def test_a_range_of_blocks_is_what_its_events_are_one_by_one(env: PaymentsFixture) -> None:
    """Paid for a sale and from person to person, one refused among them: the same books, states and words."""
    payers = [env.member(balance_cents=5_000) for _ in range(3)]
    shop, till_id = env.merchant()
    sales_of = [env.sales.open(till_id, shop[-26:], new_ref(), 500, "") for _ in payers]
    refs = []
    for payer, sale in zip(payers, sales_of, strict=True):
        refs.append(accepted(env, payer, shop, 500, 0, sale_id=sale.id))
        refs.append(accepted(env, payer, shop, 70, 1))
        refs.append(accepted(env, payer, shop, 30, 2))
    env.ledger.used.add((payers[1], 1))
    env.settle_and_mine()
    expected = ["paid", "paid", "paid", "paid", "refused", "paid", "paid", "paid", "paid"]
    assert [env.payment(ref).state for ref in refs] == expected
    assert [env.balance(payer) for payer in payers] == [(4_400, 0), (4_470, 0), (4_400, 0)]
    assert [env.sales.find(sale.id).state for sale in sales_of] == ["paid"] * 3
    told = _told(env)
    for payer, refused in zip(payers, (0, 1, 0), strict=True):
        assert told.count((f"member:{payer[-26:]}", "payment.paid")) == 3 - refused
        assert told.count((f"member:{payer[-26:]}", "payment.refused")) == refused
    assert told.count((f"member:{shop[-26:]}", "money.received")) == 8
    env.check_books()


def _told(env: PaymentsFixture) -> list[tuple[str, str]]:
    with env.engine.connect() as connection:
        rows = connection.execute(select(push_events).order_by(push_events.c.id))
        return [(row.topic, row.kind) for row in rows]
