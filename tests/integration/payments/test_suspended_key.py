"""A key that an officer has suspended pays nothing, and is told so by name, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert

from tests.support.payments_fixture import PaymentsFixture
from wallet_service.accounts.errors import KeySuspended
from wallet_service.database.tables.supervision import key_suspensions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.accept import Answer
from wallet_service.payments.models import Payment, PaymentOrder


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def accept(env: PaymentsFixture, *orders: PaymentOrder) -> list[Answer]:
    return env.acceptance.accept_batch(orders)


def suspend(env: PaymentsFixture, payer: str, state: str, until_unix_s: int) -> None:
    with UnitOfWork(env.engine) as work:
        work.connection.execute(
            insert(key_suspensions).values(
                id="S1",
                member_id=payer[-26:],
                signer_address=payer,
                ground_hash="0x" + "ab" * 32,
                until_unix_s=until_unix_s,
                state=state,
                asked_at_unix_ms=0,
            )
        )


@pytest.mark.parametrize("state", ["asked", "active"])
def test_a_suspended_key_is_refused_by_name_until_its_end(env: PaymentsFixture, state: str) -> None:
    """The ledger would leave it out of its batch, for a reason that says nothing."""
    payer, other, (shop, _) = env.member(balance_cents=1000), env.member(balance_cents=1000), env.merchant()
    until_unix_s = env.clock.now_unix_s() + 60
    suspend(env, payer, state, until_unix_s)
    answers = accept(env, env.order(payer, shop, 100, 0), env.order(other, shop, 100, 0))
    assert isinstance(answers[0], KeySuspended)
    assert answers[0].values == {"until_unix_s": until_unix_s}
    assert isinstance(answers[1], Payment)
    env.clock.advance_ms(60_000)
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, Payment)


@pytest.mark.parametrize("state", ["released", "failed"])
def test_a_released_key_pays(env: PaymentsFixture, state: str) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    suspend(env, payer, state, env.clock.now_unix_s() + 60)
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, Payment)
