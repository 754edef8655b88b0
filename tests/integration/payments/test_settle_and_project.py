"""Settling and projecting on both databases: stored before sent, the chain's word copied once, no guess."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from tests.support.payments_fixture import PaymentsFixture, deliver
from wallet_service.chain.ledger.skip_reasons import EXPIRED_BEFORE_SETTLEMENT, UNKNOWN
from wallet_service.chain.ports import ChainEvent, SignedPayment
from wallet_service.database.leases import Lease, all_held
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.tables.payments import payments, sales
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.models import Payment
from wallet_service.payments.repository import payments_in
from wallet_service.payments.settle import Settler
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.sales.models import Sale
from wallet_service.security.errors import SigningKeyMissing


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def accepted(
    env: PaymentsFixture, payer: str, payee: str, amount_cents: int, nonce: int, **changes: Any
) -> str:
    (answer,) = env.acceptance.accept_batch([env.order(payer, payee, amount_cents, nonce, **changes)])
    assert isinstance(answer, Payment), answer
    return answer.ref


def states(env: PaymentsFixture, *refs: str) -> list[str]:
    return [env.payment(ref).state for ref in refs]


def pushed(env: PaymentsFixture, topic: str) -> list[tuple[str, Any]]:
    with env.engine.connect() as connection:
        rows = connection.execute(
            select(push_events).where(push_events.c.topic == topic).order_by(push_events.c.id)
        )
        return [(row.kind, row.data) for row in rows]


def test_what_a_settlement_carries_can_be_read_back_in_its_order(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    for nonce in range(3):
        accepted(env, payer, shop, 100 + nonce, nonce)
    env.settler.run_once()
    accepted(env, payer, shop, 200, 3)
    env.settler.run_once()
    with env.engine.connect() as connection:
        read = {each: payments_in(connection, each) for each in env.ledger.batches}
    assert read == env.ledger.batches
    assert sorted(len(batch) for batch in read.values()) == [1, 3]


def test_a_payment_goes_from_accepted_to_paid(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.settler.run_once()
    assert states(env, ref) == ["settling"]
    assert env.balance(payer) == (5000, 1250)
    assert env.ledger.broadcasts == 1
    env.ledger.mine(env.projection)
    assert states(env, ref) == ["paid"]
    assert (env.balance(payer), env.balance(shop)) == ((3750, 0), (1250, 0))
    assert [kind for kind, _ in pushed(env, f"member:{payer[-26:]}")] == ["payment.accepted", "payment.paid"]
    assert [kind for kind, _ in pushed(env, f"member:{shop[-26:]}")] == ["money.received"]


def test_payments_are_settled_in_the_order_of_their_acceptance(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=50_000), env.merchant()
    refs = [accepted(env, payer, shop, 100 + nonce, nonce) for nonce in range(7)]
    env.settler.run_once()
    (batch,) = env.ledger.batches.values()
    assert [payment.message.ref for payment in batch] == refs


def test_nothing_is_stored_twice_by_a_second_round(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    accepted(env, payer, shop, 1250, 0)
    assert env.settler.run_once() == 1
    assert env.settler.run_once() == 0
    assert len(env.ledger.batches) == 1


def test_a_second_settler_stands_by(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    accepted(env, payer, shop, 100, 0)
    assert env.settler.run_once() == 1
    accepted(env, payer, shop, 100, 1)
    assert env.new_settler().run_once() == 0
    assert env.settler.run_once() == 1


@pytest.mark.parametrize("fault", [SigningKeyMissing(role="RELAYER"), ChainUnavailable("away")])
def test_without_signer_or_node_payments_stay_accepted(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 100, 0)

    def refuse(connection: Connection, given: Sequence[SignedPayment]) -> int:
        raise fault

    monkeypatch.setattr(env.ledger, "store_settlement", refuse)
    assert env.settler.run_once() == 0
    assert states(env, ref) == ["accepted"]
    monkeypatch.undo()
    assert env.settler.run_once() == 1


def test_a_skipped_payment_is_refused_with_the_ledgers_reason_and_its_money_released(
    env: PaymentsFixture,
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.ledger.used.add((payer, 0))
    env.settle_and_mine()
    row = env.payment(ref)
    assert (row.state, row.refusal_code) == ("refused", "payment.refused_on_chain.nonce_used")
    assert env.balance(payer) == (5000, 0)
    assert pushed(env, f"member:{payer[-26:]}")[-1][0] == "payment.refused"


def test_one_bad_payment_does_not_hold_up_its_batch(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    refs = [accepted(env, payer, shop, 100, nonce) for nonce in range(3)]
    env.ledger.used.add((payer, 1))
    env.settle_and_mine()
    assert states(env, *refs) == ["paid", "refused", "paid"]
    env.check_books()


def test_every_event_may_come_twice(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref, skipped = accepted(env, payer, shop, 1250, 0), accepted(env, payer, shop, 100, 1)
    env.ledger.used.add((payer, 1))
    env.settler.run_once()
    seen: list[Sequence[ChainEvent]] = []
    original = env.projection.on_settled

    def seen_and_settled(work: UnitOfWork, settled: Sequence[ChainEvent]) -> None:
        seen.append(settled)
        original(work, settled)

    env.projection.on_settled = seen_and_settled  # type: ignore[method-assign]  # this fixture's alone
    env.ledger.mine(env.projection)
    with UnitOfWork(env.engine) as work:
        for settled in seen * 2:
            original(work, settled)
    assert states(env, ref, skipped) == ["paid", "refused"]
    env.check_books()


def event_of(env: PaymentsFixture, row: Any, name: str, **changes: Any) -> ChainEvent:
    arguments = {
        "from": row.from_address,
        "to": row.to_address,
        "ref": row.ref,
        "value": row.amount_cents,
        "nonce": int(row.nonce),
        "index": 0,
        "reason": "0x12345678",
    }
    return ChainEvent(name, {**arguments, **changes}, 7, 0, new_ref(), env.clock.now_unix_s())


@pytest.mark.parametrize(
    "changes", [{"to": "0x" + "77" * 20}, {"value": 1}, {"nonce": 5}, {"from": "0x" + "77" * 20}]
)
def test_another_payment_with_the_same_reference_is_not_taken_for_ours(
    env: PaymentsFixture, changes: dict[str, Any]
) -> None:
    """The payer may sign a second message with the same reference and relay it past us."""
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.settler.run_once()
    with UnitOfWork(env.engine) as work:
        deliver(env.projection, work, event_of(env, env.payment(ref), "PaymentSettled", **changes))
    assert states(env, ref) == ["settling"]


def test_a_strangers_batch_cannot_make_us_believe_a_payment_was_refused(env: PaymentsFixture) -> None:
    """Anybody may call settle with our reference and a bad signature: only our own transaction counts."""
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    for _ in range(2):
        with UnitOfWork(env.engine) as work:
            deliver(env.projection, work, event_of(env, env.payment(ref), "PaymentSkipped"))
        env.settler.run_once()
    assert states(env, ref) == ["settling"]
    env.ledger.mine(env.projection)
    assert states(env, ref) == ["paid"]


def test_a_payment_relayed_by_somebody_else_is_paid_all_the_same(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    with UnitOfWork(env.engine) as work:
        deliver(env.projection, work, event_of(env, env.payment(ref), "PaymentSettled"))
    assert states(env, ref) == ["paid"]
    assert env.settler.run_once() == 0


def test_an_unknown_reason_has_a_code_of_its_own(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.settler.run_once()
    with env.engine.connect() as connection:
        sent_in = connection.execute(select(chain_transactions.c.transaction_hash)).scalar_one()
    event = dataclasses.replace(event_of(env, env.payment(ref), "PaymentSkipped"), transaction_hash=sent_in)
    with UnitOfWork(env.engine) as work:
        deliver(env.projection, work, event)
    assert env.payment(ref).refusal_code == UNKNOWN


def test_a_reverted_batch_goes_back_to_the_queue(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.settler.run_once()
    env.ledger.reverting = True
    env.ledger.mine(env.projection)
    assert states(env, ref) == ["accepted"]
    assert env.balance(payer) == (5000, 1250)
    env.ledger.reverting = False
    env.settle_and_mine()
    assert states(env, ref) == ["paid"]
    env.check_books()


def test_a_payment_never_sent_is_refused_when_its_time_has_passed(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.clock.advance_ms(119_999)
    assert env.settler.refuse_expired() == 0
    env.clock.advance_ms(1)
    env.settler.run_once()
    assert (env.payment(ref).state, env.payment(ref).refusal_code) == ("refused", EXPIRED_BEFORE_SETTLEMENT)
    assert env.balance(payer) == (5000, 0)
    assert not env.ledger.batches


def test_a_sent_payment_is_refused_only_when_its_time_has_passed_on_a_final_block(
    env: PaymentsFixture,
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    env.settler.run_once()
    env.clock.advance_ms(600_000)
    assert env.settler.refuse_expired() == 0, "our clock alone decides nothing about what was sent"
    assert states(env, ref) == ["settling"]
    with UnitOfWork(env.engine) as work:  # a later block that does not hold it
        env.ledger.block_number += 1
        env.ledger._write_block(work.connection)
    assert env.settler.refuse_expired() == 1
    assert states(env, ref) == ["refused"]
    assert env.balance(payer) == (5000, 0)


def test_too_many_unanswered_batches_hold_the_rest_back(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_service.payments.settle.MAX_UNANSWERED_BATCHES", 2)
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    for nonce in range(3):
        accepted(env, payer, shop, 100, nonce)
        env.settler.run_once()
    assert len(env.ledger.batches) == 2
    env.ledger.mine(env.projection)
    assert env.settler.run_once() == 1


def paid_sale(env: PaymentsFixture) -> tuple[str, str, str, Sale, str]:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    ref = accepted(env, payer, shop, 1250, 0, sale_id=sale.id)
    return payer, shop, till_id, sale, ref


def test_the_till_hears_accepted_then_paid(env: PaymentsFixture) -> None:
    _, _, till_id, sale, _ = paid_sale(env)
    env.settle_and_mine()
    heard = [data["sale"]["state"] for kind, data in pushed(env, f"till:{till_id}") if kind == "sale.changed"]
    assert heard == ["open", "accepted", "paid"]
    assert env.sales.find(sale.id).state == "paid"


def test_a_sale_whose_payment_is_refused_can_be_paid_again_before_it_expires(env: PaymentsFixture) -> None:
    payer, shop, _, sale, ref = paid_sale(env)
    env.ledger.used.add((payer, 0))
    env.settle_and_mine()
    assert states(env, ref) == ["refused"]
    assert env.sales.find(sale.id).state == "open"
    again = accepted(env, payer, shop, 1250, 1, sale_id=sale.id)
    env.settle_and_mine()
    assert states(env, again) == ["paid"]
    assert env.sales.find(sale.id).state == "paid"


def test_a_sale_whose_payment_is_refused_too_late_is_expired(env: PaymentsFixture) -> None:
    payer, _, _, sale, _ = paid_sale(env)
    env.ledger.used.add((payer, 0))
    env.settler.run_once()
    env.clock.advance_ms(119_999)
    env.ledger.mine(env.projection)
    assert env.sales.find(sale.id).state == "open"
    env.clock.advance_ms(1)
    assert env.sales.find(sale.id).state == "expired"
    assert env.sales.expire_due() == 1
    assert env.sales.expire_due() == 0


def test_a_rewound_chain_makes_payments_confirm_again_and_then_paid_again(env: PaymentsFixture) -> None:
    payer, shop, _, sale, ref = paid_sale(env)
    env.settle_and_mine()
    env.ledger.rewind(env.projection, 0)
    assert states(env, ref) == ["settling"]
    assert env.balance(payer) == (5000, 1250)
    assert env.sales.find(sale.id).state == "accepted"
    env.check_books()
    env.ledger.mine(env.projection)
    assert states(env, ref) == ["paid"]
    assert env.sales.find(sale.id).state == "paid"
    assert env.balance(shop) == (1250, 0)
    env.check_books()


def test_a_rewind_leaves_a_refused_payment_whose_sale_found_another(env: PaymentsFixture) -> None:
    payer, shop, _, sale, ref = paid_sale(env)
    env.ledger.used.add((payer, 0))
    env.settle_and_mine()
    again = accepted(env, payer, shop, 1250, 1, sale_id=sale.id)
    with UnitOfWork(env.engine) as work:
        env.projection.on_rewind(work, 0)
    assert states(env, ref, again) == ["refused", "accepted"]
    assert env.balance(payer) == (5000, 1250)


def test_the_database_itself_refuses_a_second_living_payment_of_a_sale(env: PaymentsFixture) -> None:
    _payer, _shop, _, _sale, ref = paid_sale(env)
    row = dict(env.payment(ref)._mapping)
    row.update(ref=new_ref(), sequence=99, nonce="7", small_nonce=7)
    with pytest.raises(Exception, match=r"(?i)unique"), UnitOfWork(env.engine) as work:
        work.connection.execute(insert(payments).values(**row))
    with env.engine.connect() as connection:
        assert connection.execute(select(sales.c.payment_ref)).scalar_one() == ref


def test_a_wrong_clock_ends_no_payment_and_what_was_accepted_is_settled(env: PaymentsFixture) -> None:
    """Ten minutes fast, every accepted payment would seem dead."""
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    ref = accepted(env, payer, shop, 1250, 0)
    before_unix_s = env.clock.now_unix_s()
    fast = VirtualClock((before_unix_s + 600) * 1000)
    lease = Lease(env.engine, "settler")
    settler = Settler(
        env.engine, fast, env.ledger, env.projection, lease, 100, env.push.quarantine, lambda: False
    )
    assert settler.refuse_expired() == 0
    assert settler.run_once() == 1
    env.ledger.mine(env.projection)
    assert states(env, ref) == ["paid"]


def test_the_settler_renews_its_lease_with_nothing_to_do(env: PaymentsFixture) -> None:
    env.settler.run_once()
    assert all_held(env.engine, ["settler"])
