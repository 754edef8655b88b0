"""What a limited key has spent is counted with what is on its way, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from tests.support.payments_fixture import PaymentsFixture
from wallet_service.accounts.models import KeyLimits
from wallet_service.database.tables.keyholders import keyholders
from wallet_service.database.tables.push import notices
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.keyholders import decisions, errors, repository
from wallet_service.keyholders.models import KeyholderKind, KeyholderState
from wallet_service.payments.accept import Answer
from wallet_service.payments.errors import SignerNotAllowed
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.protocol.calendar import MS_PER_DAY

KEY = "0x" + "c4" * 20
LIMITS = KeyLimits(20_00, 50_00, 0)


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def let_pay(env: PaymentsFixture, payer: str, limits: KeyLimits = LIMITS) -> None:
    with UnitOfWork(env.engine) as work:
        repository.insert_keyholder(
            work.connection,
            limits,
            id="K1",
            member_id=payer[-26:],
            kind=KeyholderKind.CHILD,
            state=KeyholderState.ACTIVE,
            invitation="i",
            old_public_key="",
            public_key="",
            signer_address=KEY,
            label="",
            invitation_ends_at_unix_ms=0,
            created_at_unix_ms=0,
        )


def pay(env: PaymentsFixture, *orders: PaymentOrder) -> list[Answer]:
    return env.acceptance.accept_batch(orders)


def codes(answers: list[Answer]) -> list[str]:
    return ["accepted" if isinstance(one, Payment) else one.code for one in answers]


def told(env: PaymentsFixture) -> list[str]:
    with env.engine.connect() as connection:
        return list(connection.execute(select(notices.c.kind)).scalars())


def spent(env: PaymentsFixture) -> int:
    with env.engine.connect() as connection:
        now_unix_ms = env.clock.now_unix_ms()
        return repository.spent_today(connection, ["K1"], now_unix_ms).get("K1", 0)


def test_a_days_limit_counts_one_batch_and_the_next_and_begins_anew(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=200_00), env.merchant()
    let_pay(env, payer)
    orders = [env.order(payer, shop, 20_00, nonce, signer_address=KEY) for nonce in range(3)]
    assert codes(pay(env, *orders)) == ["accepted", "accepted", "keyholder.day_limit"]
    assert spent(env) == 40_00
    env.settle_and_mine()
    rest = [env.order(payer, shop, cents, 5, signer_address=KEY) for cents in (10_01, 20_01, 10_00)]
    assert codes(pay(env, *rest)) == ["keyholder.day_limit", "keyholder.payment_limit", "accepted"]
    assert spent(env) == 50_00
    own = env.order(payer, shop, 60_00, 7)
    assert codes(pay(env, own)) == ["accepted"], "the holder's own key has no such limits"
    assert spent(env) == 50_00
    env.settle_and_mine()
    env.clock.advance_ms(MS_PER_DAY)
    assert spent(env) == 0
    assert codes(pay(env, env.order(payer, shop, 20_00, 8, signer_address=KEY))) == ["accepted"]


def test_a_refused_payment_is_not_spent(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=200_00), env.merchant()
    let_pay(env, payer)
    pay(env, env.order(payer, shop, 20_00, 0, signer_address=KEY))
    env.ledger.posted[payer] = 0
    env.settle_and_mine()
    assert spent(env) == 0


def test_the_holder_hears_of_each_payment_and_now_and_then_of_a_refusal(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=200_00), env.merchant()
    let_pay(env, payer)
    pay(env, *[env.order(payer, shop, 1_00, nonce, signer_address=KEY) for nonce in range(1)])
    assert told(env) == ["keyholder"]
    too_much = [env.order(payer, shop, 20_01, 5, signer_address=KEY) for _ in range(3)]
    pay(env, *too_much)
    pay(env, *too_much)
    assert told(env) == ["keyholder"] * 2
    with env.engine.connect() as connection:
        row = connection.execute(select(keyholders)).one()
    assert (row.refused_code, row.refused_cents) == ("keyholder.payment_limit", 20_01)
    env.clock.advance_ms(decisions.TELL_REFUSAL_EVERY_MS)
    pay(env, env.order(payer, shop, 20_01, 5, signer_address=KEY))
    assert told(env) == ["keyholder"] * 3


def test_it_pays_from_no_other_account(env: PaymentsFixture) -> None:
    payer, other = env.member(balance_cents=200_00), env.member(balance_cents=200_00)
    shop, _ = env.merchant()
    let_pay(env, payer)
    (answer,) = pay(env, env.order(other, shop, 1_00, 0, signer_address=KEY))
    assert isinstance(answer, SignerNotAllowed)


def test_one_taken_back_is_refused_at_once(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=200_00), env.merchant()
    let_pay(env, payer)
    with UnitOfWork(env.engine) as work:
        repository.forget_member(work.connection, payer[-26:], 1)
    (answer,) = pay(env, env.order(payer, shop, 1_00, 0, signer_address=KEY))
    assert isinstance(answer, errors.KeyEnded)
