"""A payment is called refused when it can never happen, and not before."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.integration.payments.test_settle_and_project import accepted, event_of, states
from tests.support.payments_fixture import PaymentsFixture, deliver
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.repository import payment_by_ref


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def test_what_could_still_be_settled_is_not_called_refused_before_its_time_is_over(
    env: PaymentsFixture,
) -> None:
    """A skip for its signature uses up no number: the key could be registered again, the bytes sent again."""
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.ledger.unsigned.add(ref)
    env.settle_and_mine()
    assert states(env, ref) == ["settling"]
    assert env.balance(payer) == (5000, 1250)
    with env.engine.connect() as connection:
        shown = payment_by_ref(connection, ref)
    assert shown is not None
    assert shown.refusal_code is None
    env.clock.advance_ms(119_000)
    env.settle_and_mine()
    assert states(env, ref) == ["settling"]
    env.clock.advance_ms(1_000)
    env.settle_and_mine()
    env.settler.run_once()
    row = env.payment(ref)
    assert (row.state, row.refusal_code) == ("refused", "payment.refused_on_chain.bad_signature")
    assert env.balance(payer) == (5000, 0)
    env.check_books()


def test_what_was_skipped_and_settled_after_all_is_paid(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.ledger.unsigned.add(ref)
    env.settle_and_mine()
    with UnitOfWork(env.engine) as work:
        deliver(env.projection, work, event_of(env, env.payment(ref), "PaymentSettled"))
    row = env.payment(ref)
    assert (row.state, row.refusal_code) == ("paid", None)
