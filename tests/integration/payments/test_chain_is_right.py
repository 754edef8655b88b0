"""Where SQL and the chain disagree about a payment: the chain is right, and people are told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, Row, select, update

from tests.support.payments_fixture import PaymentsFixture, changed, deliver
from wallet_service.accounts import repository
from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.accounts.service import Accounts
from wallet_service.chain.ledger import mirror as copy
from wallet_service.chain.ledger.skip_reasons import EXPIRED_BEFORE_SETTLEMENT
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.tables.payments import payments, sales
from wallet_service.database.tables.push import push_events
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import errors
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.payments.settle import WITHOUT_WORD
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.journal import Journal
from wallet_service.protocol.event_kinds import member_topic, till_topic
from wallet_service.protocol.text.identifiers import new_ref


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def accepted(env: PaymentsFixture, order: PaymentOrder) -> Payment:
    (answer,) = env.acceptance.accept_batch([order])
    assert isinstance(answer, Payment), answer
    return answer


def on_chain(env: PaymentsFixture, order: PaymentOrder) -> None:
    """The ledger executes the order in a block of its own, whatever SQL believes of it."""
    env.ledger.block_number += 1
    parties = {"from": order.from_address, "to": order.to_address, "value": order.amount_cents}
    said = [("Transfer", parties), ("PaymentSettled", {**parties, "ref": order.ref, "nonce": order.nonce})]
    transaction_hash = new_ref()
    found = [
        ChainEvent(
            name,
            arguments,
            env.ledger.block_number,
            place,
            transaction_hash,
            env.clock.now_unix_s(),
        )
        for place, (name, arguments) in enumerate(said)
    ]
    with UnitOfWork(env.engine) as work:
        env.ledger._write_block(work.connection)
        copy.add_events(work.connection, found)
        for event in found:
            deliver(env.projection, work, event)
    env.ledger._move(order.from_address, -order.amount_cents)
    env.ledger._move(order.to_address, order.amount_cents)
    env.ledger.used.add((order.from_address, order.nonce))


def refused_wrongly(env: PaymentsFixture, order: PaymentOrder) -> None:
    """Sent, executed by the ledger without our hearing of it, and ended here as expired."""
    accepted(env, order)
    env.settler.run_once()
    env.clock.advance_ms(600_000)
    with UnitOfWork(env.engine) as work:
        env.ledger.block_number += 1
        env.ledger._write_block(work.connection)
    assert env.settler.refuse_expired() == 1
    assert env.payment(order.ref).refusal_code == EXPIRED_BEFORE_SETTLEMENT


def pushed_kinds(env: PaymentsFixture, topic: str) -> list[str]:
    with env.engine.connect() as connection:
        return list(
            connection.execute(
                select(push_events.c.kind).where(push_events.c.topic == topic).order_by(push_events.c.id)
            ).scalars()
        )


def entries(env: PaymentsFixture) -> Sequence[Row[Any]]:
    with env.engine.connect() as connection:
        return connection.execute(select(journal).where(journal.c.act == "payment.mended")).all()


def test_a_refused_payment_that_the_chain_has_becomes_paid_and_what_was_told_is_kept(
    env: PaymentsFixture,
) -> None:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    order = env.order(payer, shop, 1250, 0, sale_id=sale.id)
    refused_wrongly(env, order)
    told_at_unix_ms = env.payment(order.ref).final_at_unix_ms
    on_chain(env, order)
    row = env.payment(order.ref)
    assert (row.state, row.refusal_code) == ("paid", None)
    assert (env.balance(payer), env.balance(shop)) == ((3750, 0), (1250, 0))
    assert env.sales.find(sale.id).state == "paid"
    assert pushed_kinds(env, member_topic(payer[-26:]))[-2:] == ["payment.refused", "payment.paid"]
    (entry,) = entries(env)
    assert entry.subject_id == order.ref
    assert entry.details["told_refusal_code"] == EXPIRED_BEFORE_SETTLEMENT
    assert entry.details["told_at_unix_ms"] == told_at_unix_ms
    with env.engine.connect() as connection:
        assert Journal(env.clock).verify(connection).broken_at is None
    with UnitOfWork(env.engine) as work:
        event = ChainEvent(
            "PaymentSettled",
            {
                "from": payer,
                "to": shop,
                "value": 1250,
                "ref": order.ref,
                "nonce": 0,
            },
            env.ledger.block_number,
            1,
            new_ref(),
            env.clock.now_unix_s(),
        )
        deliver(env.projection, work, event)
    assert len(entries(env)) == 1, "the same event again mends nothing twice"
    env.check_books()


def test_a_sale_that_found_another_payment_keeps_it_and_both_are_paid(env: PaymentsFixture) -> None:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    order = env.order(payer, shop, 1250, 0, sale_id=sale.id)
    refused_wrongly(env, order)
    with UnitOfWork(env.engine) as work:  # it was still open for somebody else
        work.connection.execute(
            update(sales)
            .where(sales.c.id == sale.id)
            .values(state="open", expires_at_unix_ms=env.clock.now_unix_ms() + 60_000)
        )
    again = accepted(env, env.order(payer, shop, 1250, 1, sale_id=sale.id))
    on_chain(env, order)
    assert (env.payment(order.ref).state, env.payment(order.ref).sale_id) == ("paid", None)
    (entry,) = entries(env)
    assert entry.details["sale_id"] == sale.id
    assert entry.details["sale_had_another_payment"] is True
    with env.engine.connect() as connection:
        kept = connection.execute(select(sales.c.payment_ref).where(sales.c.id == sale.id)).scalar_one()
    assert kept == again.ref


def test_a_refused_refund_that_the_chain_has_is_given_back(env: PaymentsFixture) -> None:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    accepted(env, env.order(payer, shop, 1250, 0, sale_id=sale.id))
    env.settle_and_mine()
    request = env.refunds.request(till_id, shop[-26:], sale.id, new_ref(), 400)
    order = env.order(shop, payer, 400, 0, refund_request_id=request.id)
    refused_wrongly(env, order)
    on_chain(env, order)
    assert env.payment(order.ref).state == "paid"
    assert env.refunds.waiting_for(shop[-26:]) == []
    assert env.balance(payer) == (4150, 0)
    env.check_books()


def test_a_sent_payment_never_expires_while_a_node_has_mined_it_or_none_answers(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    accepted(env, order)
    env.settler.run_once()
    env.clock.advance_ms(600_000)
    with UnitOfWork(env.engine) as work:
        env.ledger.block_number += 1
        env.ledger._write_block(work.connection)
    (transaction_id,) = env.ledger.batches
    env.ledger.mined_elsewhere.add(transaction_id)
    assert env.settler.refuse_expired() == 0
    env.ledger.mined_elsewhere.clear()

    def away(transaction_ids: Collection[int]) -> set[int]:
        raise ChainUnavailable("away")

    monkeypatch.setattr(env.ledger, "unmined", away)
    assert env.settler.refuse_expired() == 0
    assert env.payment(order.ref).state == "settling"
    monkeypatch.undo()
    assert env.settler.refuse_expired() == 1


def test_a_mined_payment_without_an_event_waits_and_is_counted(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    accepted(env, order)
    env.settler.run_once()
    with UnitOfWork(env.engine) as work:
        work.connection.execute(update(chain_transactions).values(state="mined", block_number=1))
        env.clock.advance_ms(600_000)
        env.ledger.block_number += 1
        env.ledger._write_block(work.connection)
    assert env.settler.refuse_expired() == 0
    assert env.payment(order.ref).state == "settling"
    assert WITHOUT_WORD._value.get() == 1


def test_a_payment_of_the_chain_without_an_order_is_adopted_and_its_order_is_found_paid(
    env: PaymentsFixture,
) -> None:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    order = env.order(payer, shop, 1250, 7, sale_id=sale.id)
    on_chain(env, order)
    assert env.payment(order.ref).state == "paid"
    with env.engine.connect() as connection:
        assert repository.next_nonces(connection, [payer]) == {payer: 8}
    assert env.sales.find(sale.id).state == "open", "what it was for is known only from the order"
    other = changed(order, amount_cents=1249)
    (refused,) = env.acceptance.accept_batch([other])
    assert isinstance(refused, errors.ReferenceReused)
    for _ in range(2):
        assert accepted(env, order).state == "paid"
    assert env.sales.find(sale.id).state == "paid"
    assert env.payment(order.ref).purpose == "sale"
    assert pushed_kinds(env, till_topic(till_id))[-1] == "sale.changed"
    assert env.balance(payer) == (3750, 0)
    (refused,) = env.acceptance.accept_batch([env.order(payer, shop, 10, 7)])
    assert isinstance(refused, errors.NonceConflict)
    env.check_books()


def test_an_order_for_another_amount_than_its_sale_claims_no_sale(env: PaymentsFixture) -> None:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    order = env.order(payer, shop, 1, 0, sale_id=sale.id)
    on_chain(env, order)
    assert accepted(env, order).state == "paid"
    assert env.sales.find(sale.id).state == "open"


def test_a_payment_between_strangers_or_with_a_number_of_another_order_is_not_adopted(
    env: PaymentsFixture,
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    mine = env.order(payer, shop, 100, 0)
    accepted(env, mine)
    on_chain(env, env.order(payer, shop, 200, 0))
    stranger = "0x" + "77" * 20
    env.ledger.posted[stranger] = 0
    with UnitOfWork(env.engine) as work:
        event = ChainEvent(
            "PaymentSettled",
            {"from": stranger, "to": shop, "value": 5, "ref": new_ref(), "nonce": 0},
            1,
            9,
            new_ref(),
            env.clock.now_unix_s(),
        )
        deliver(env.projection, work, event)
    with env.engine.connect() as connection:
        assert list(connection.execute(select(payments.c.ref)).scalars()) == [mine.ref]


def test_a_rewind_forgets_an_adopted_payment_and_confirms_a_claimed_one_again(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    claimed, adopted = env.order(payer, shop, 1250, 0), env.order(payer, shop, 10, 1)
    on_chain(env, claimed)
    on_chain(env, adopted)
    assert accepted(env, claimed).state == "paid"
    assert env.payment(adopted.ref).state == "paid"
    with UnitOfWork(env.engine) as work:
        copy.rewind(work.connection, 0)
        env.projection.on_rewind(work, 0)
    with env.engine.connect() as connection:
        found = dict(connection.execute(select(payments.c.ref, payments.c.state)).all())
    assert found == {claimed.ref: "accepted"}
    assert env.balance(payer) == (5000, 1250)


def test_a_payment_skipped_because_it_was_executed_before_is_paid(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    accepted(env, order)
    env.settler.run_once()
    original = env.projection.on_settled
    # The event of the lost stretch was projected before.
    env.projection.on_settled = lambda work, settled: None  # type: ignore[method-assign]  # this fixture's alone
    on_chain(env, order)
    env.projection.on_settled = original  # type: ignore[method-assign]  # this fixture's alone
    env.ledger.mine(env.projection)
    assert env.payment(order.ref).state == "paid"
    assert env.balance(payer) == (3750, 0)
    env.check_books()


def test_while_the_copy_is_short_nobody_is_told_a_balance(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    accepted(env, order)
    env.settle_and_mine()
    env.ledger.rewind(env.projection, 0)
    accounts = Accounts(env.engine, env.clock, env.rules)
    (refused,) = env.acceptance.accept_batch([env.order(payer, shop, 4999, 1)])
    assert isinstance(refused, CopyCatchingUp)
    retry_after_s = refused.values["retry_after_s"]
    assert isinstance(retry_after_s, int)
    assert retry_after_s > 0
    assert "Rien n’a été débité" in refused.sentence("fr")
    assert "Nothing was taken" in refused.sentence("en")
    with pytest.raises(CopyCatchingUp):
        accounts.view(payer[-26:])
    assert accepted(env, order).state == "settling", "what is recorded is answered"
    env.ledger.mine(env.projection)
    accounts.view(payer[-26:])
    accepted(env, env.order(payer, shop, 100, 1))


def test_while_the_copy_is_short_nothing_ends(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    first, second = env.order(payer, shop, 1250, 0), env.order(payer, shop, 100, 1)
    accepted(env, first)
    env.settle_and_mine()
    accepted(env, second)
    env.ledger.rewind(env.projection, 0)
    env.clock.advance_ms(600_000)
    assert env.settler.refuse_expired() == 0
    assert [env.payment(order.ref).state for order in (first, second)] == ["settling", "accepted"]
    env.ledger.mine(env.projection)
    assert env.settler.refuse_expired() == 1


def test_after_a_rebuild_what_was_called_paid_and_is_not_on_the_chain_confirms_again(
    env: PaymentsFixture,
) -> None:
    payer, (shop, till_id) = env.member(balance_cents=5000), env.merchant()
    sale = env.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    order = env.order(payer, shop, 1250, 0, sale_id=sale.id)
    accepted(env, order)
    env.settler.run_once()
    with UnitOfWork(env.engine) as work:
        row = work.connection.execute(select(payments)).mappings().one()
        env.projection._pay(work, [(row, 1)])
    with UnitOfWork(env.engine) as work:
        (sentence,) = env.projection.on_rebuilt(work)
    assert order.ref in sentence
    assert env.payment(order.ref).state == "settling"
    assert env.sales.find(sale.id).state == "accepted"
    env.check_books()
    env.ledger.mine(env.projection)
    assert env.payment(order.ref).state == "paid"
    with UnitOfWork(env.engine) as work:
        assert env.projection.on_rebuilt(work) == []


def test_a_rebuild_names_what_it_mended(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    refused_wrongly(env, order)
    on_chain(env, order)
    with UnitOfWork(env.engine) as work:
        (sentence,) = env.projection.on_rebuilt(work)
        assert env.projection.on_rebuilt(work) == []
    assert order.ref in sentence
