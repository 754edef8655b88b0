"""Settling and projecting on both databases: stored before sent, the chain's word copied once, no guess."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import insert, select

from tests.support.town import Town, deliver
from wallet_service.chain.errors import ChainUnavailable, SigningKeyMissing
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.tables.payments import payments, sales
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.models import Payment
from wallet_service.payments.refusals_on_chain import EXPIRED_BEFORE_SETTLEMENT, UNKNOWN
from wallet_service.protocol.identifiers import new_ref


@pytest.fixture
def town(engine):
    return Town(engine)


def accepted(town, payer, payee, amount_cents, nonce, **changes):
    (answer,) = town.acceptance.accept_batch([town.order(payer, payee, amount_cents, nonce, **changes)])
    assert isinstance(answer, Payment), answer
    return answer.ref


def states(town, *refs):
    return [town.payment(ref).state for ref in refs]


def pushed(town, topic):
    with town.engine.connect() as connection:
        rows = connection.execute(
            select(push_events).where(push_events.c.topic == topic).order_by(push_events.c.id)
        )
        return [(row.kind, row.data) for row in rows]


def test_a_payment_goes_from_accepted_to_paid(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.settler.run_once()
    assert states(town, ref) == ["settling"]
    assert town.balance(payer) == (5000, 1250)
    assert town.ledger.broadcasts == 1
    town.ledger.mine(town.projection)
    assert states(town, ref) == ["paid"]
    assert (town.balance(payer), town.balance(shop)) == ((3750, 0), (1250, 0))
    assert [kind for kind, _ in pushed(town, f"member:{payer[-26:]}")] == ["payment.accepted", "payment.paid"]
    assert [kind for kind, _ in pushed(town, f"member:{shop[-26:]}")] == ["money.received"]


def test_payments_are_settled_in_the_order_of_their_acceptance(town):
    payer, (shop, _) = town.member(balance_cents=50_000), town.merchant()
    refs = [accepted(town, payer, shop, 100 + nonce, nonce) for nonce in range(7)]
    town.settler.run_once()
    (batch,) = town.ledger.batches.values()
    assert [payment.message.ref for payment in batch] == refs


def test_nothing_is_stored_twice_by_a_second_round(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    accepted(town, payer, shop, 1250, 0)
    assert town.settler.run_once() == 1
    assert town.settler.run_once() == 0
    assert len(town.ledger.batches) == 1


def test_a_second_settler_stands_by(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    accepted(town, payer, shop, 100, 0)
    assert town.settler.run_once() == 1
    accepted(town, payer, shop, 100, 1)
    assert town.new_settler().run_once() == 0
    assert town.settler.run_once() == 1


@pytest.mark.parametrize("fault", [SigningKeyMissing(role="RELAYER"), ChainUnavailable("away")])
def test_without_signer_or_node_payments_stay_accepted(town, monkeypatch, fault):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 100, 0)

    def refuse(connection, given):
        raise fault

    monkeypatch.setattr(town.ledger, "store_settlement", refuse)
    assert town.settler.run_once() == 0
    assert states(town, ref) == ["accepted"]
    monkeypatch.undo()
    assert town.settler.run_once() == 1


def test_a_skipped_payment_is_refused_with_the_ledgers_reason_and_its_money_released(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.ledger.used.add((payer, 0))
    town.settle_and_mine()
    row = town.payment(ref)
    assert (row.state, row.refusal_code) == ("refused", "payment.refused_on_chain.nonce_used")
    assert town.balance(payer) == (5000, 0)
    assert pushed(town, f"member:{payer[-26:]}")[-1][0] == "payment.refused"


def test_one_bad_payment_does_not_hold_up_its_batch(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    refs = [accepted(town, payer, shop, 100, nonce) for nonce in range(3)]
    town.ledger.used.add((payer, 1))
    town.settle_and_mine()
    assert states(town, *refs) == ["paid", "refused", "paid"]
    town.check_books()


def test_every_event_may_come_twice(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref, skipped = accepted(town, payer, shop, 1250, 0), accepted(town, payer, shop, 100, 1)
    town.ledger.used.add((payer, 1))
    town.settler.run_once()
    seen = []
    original = town.projection.on_settled
    town.projection.on_settled = lambda work, event: (seen.append(event), original(work, event))
    town.ledger.mine(town.projection)
    with UnitOfWork(town.engine) as work:
        for event in seen * 2:
            original(work, event)
    assert states(town, ref, skipped) == ["paid", "refused"]
    town.check_books()


def event_of(town, row, name, **changes):
    arguments = {
        "from": row.from_address,
        "to": row.to_address,
        "ref": row.ref,
        "value": row.amount_cents,
        "nonce": int(row.nonce),
        "index": 0,
        "reason": "0x12345678",
    }
    return ChainEvent(name, {**arguments, **changes}, 7, 0, new_ref(), town.clock.now_unix_s())


@pytest.mark.parametrize(
    "changes", [{"to": "0x" + "77" * 20}, {"value": 1}, {"nonce": 5}, {"from": "0x" + "77" * 20}]
)
def test_another_payment_with_the_same_reference_is_not_taken_for_ours(town, changes):
    """The payer may sign a second message with the same reference and relay it past us."""
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.settler.run_once()
    with UnitOfWork(town.engine) as work:
        deliver(town.projection, work, event_of(town, town.payment(ref), "PaymentSettled", **changes))
    assert states(town, ref) == ["settling"]


def test_a_strangers_batch_cannot_make_us_believe_a_payment_was_refused(town):
    """Anybody may call settle with our reference and a bad signature: only our own transaction counts."""
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    for _ in range(2):
        with UnitOfWork(town.engine) as work:
            deliver(town.projection, work, event_of(town, town.payment(ref), "PaymentSkipped"))
        town.settler.run_once()
    assert states(town, ref) == ["settling"]
    town.ledger.mine(town.projection)
    assert states(town, ref) == ["paid"]


def test_a_payment_relayed_by_somebody_else_is_paid_all_the_same(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    with UnitOfWork(town.engine) as work:
        deliver(town.projection, work, event_of(town, town.payment(ref), "PaymentSettled"))
    assert states(town, ref) == ["paid"]
    assert town.settler.run_once() == 0


def test_an_unknown_reason_has_a_code_of_its_own(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.settler.run_once()
    with town.engine.connect() as connection:
        sent_in = connection.execute(select(chain_transactions.c.transaction_hash)).scalar_one()
    event = dataclasses.replace(event_of(town, town.payment(ref), "PaymentSkipped"), transaction_hash=sent_in)
    with UnitOfWork(town.engine) as work:
        deliver(town.projection, work, event)
    assert town.payment(ref).refusal_code == UNKNOWN


def test_a_reverted_batch_goes_back_to_the_queue(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.settler.run_once()
    town.ledger.reverting = True
    town.ledger.mine(town.projection)
    assert states(town, ref) == ["accepted"]
    assert town.balance(payer) == (5000, 1250)
    town.ledger.reverting = False
    town.settle_and_mine()
    assert states(town, ref) == ["paid"]
    town.check_books()


def test_a_payment_never_sent_is_refused_when_its_time_has_passed(town, monkeypatch):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.clock.advance_ms(119_999)
    assert town.settler.refuse_dead() == 0
    town.clock.advance_ms(1)
    town.settler.run_once()
    assert (town.payment(ref).state, town.payment(ref).refusal_code) == ("refused", EXPIRED_BEFORE_SETTLEMENT)
    assert town.balance(payer) == (5000, 0)
    assert not town.ledger.batches


def test_a_sent_payment_is_refused_only_when_its_time_has_passed_on_a_final_block(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    ref = accepted(town, payer, shop, 1250, 0)
    town.settler.run_once()
    town.clock.advance_ms(600_000)
    assert town.settler.refuse_dead() == 0, "our clock alone decides nothing about what was sent"
    assert states(town, ref) == ["settling"]
    with UnitOfWork(town.engine) as work:  # a later block that does not hold it
        town.ledger.block_number += 1
        town.ledger._write_block(work.connection)
    assert town.settler.refuse_dead() == 1
    assert states(town, ref) == ["refused"]
    assert town.balance(payer) == (5000, 0)


def test_too_many_unanswered_batches_hold_the_rest_back(town, monkeypatch):
    monkeypatch.setattr("wallet_service.payments.settle.MAX_UNANSWERED_BATCHES", 2)
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    for nonce in range(3):
        accepted(town, payer, shop, 100, nonce)
        town.settler.run_once()
    assert len(town.ledger.batches) == 2
    town.ledger.mine(town.projection)
    assert town.settler.run_once() == 1


def paid_sale(town):
    payer, (shop, till_id) = town.member(balance_cents=5000), town.merchant()
    sale = town.sales.open(till_id, shop[-26:], new_ref(), 1250, "")
    ref = accepted(town, payer, shop, 1250, 0, sale_id=sale.id)
    return payer, shop, till_id, sale, ref


def test_the_till_hears_accepted_then_paid(town):
    _, _, till_id, sale, _ = paid_sale(town)
    town.settle_and_mine()
    heard = [
        data["sale"]["state"] for kind, data in pushed(town, f"till:{till_id}") if kind == "sale.changed"
    ]
    assert heard == ["open", "accepted", "paid"]
    assert town.sales.find(sale.id).state == "paid"


def test_a_sale_whose_payment_is_refused_can_be_paid_again_before_it_expires(town):
    payer, shop, _, sale, ref = paid_sale(town)
    town.ledger.used.add((payer, 0))
    town.settle_and_mine()
    assert states(town, ref) == ["refused"]
    assert town.sales.find(sale.id).state == "open"
    again = accepted(town, payer, shop, 1250, 1, sale_id=sale.id)
    town.settle_and_mine()
    assert states(town, again) == ["paid"]
    assert town.sales.find(sale.id).state == "paid"


def test_a_sale_whose_payment_is_refused_too_late_is_expired(town):
    payer, _, _, sale, _ = paid_sale(town)
    town.ledger.used.add((payer, 0))
    town.settler.run_once()
    town.clock.advance_ms(119_999)
    town.ledger.mine(town.projection)
    assert town.sales.find(sale.id).state == "open"
    town.clock.advance_ms(1)
    assert town.sales.find(sale.id).state == "expired"
    assert town.sales.expire_due() == 1
    assert town.sales.expire_due() == 0


def test_a_rewound_chain_makes_payments_confirm_again_and_then_paid_again(town):
    payer, shop, _, sale, ref = paid_sale(town)
    town.settle_and_mine()
    town.ledger.rewind(town.projection, 0)
    assert states(town, ref) == ["settling"]
    assert town.balance(payer) == (5000, 1250)
    assert town.sales.find(sale.id).state == "accepted"
    town.check_books()
    town.ledger.mine(town.projection)
    assert states(town, ref) == ["paid"]
    assert town.sales.find(sale.id).state == "paid"
    assert town.balance(shop) == (1250, 0)
    town.check_books()


def test_a_rewind_leaves_a_refused_payment_whose_sale_found_another(town):
    payer, shop, _, sale, ref = paid_sale(town)
    town.ledger.used.add((payer, 0))
    town.settle_and_mine()
    again = accepted(town, payer, shop, 1250, 1, sale_id=sale.id)
    with UnitOfWork(town.engine) as work:
        town.projection.on_rewind(work, 0)
    assert states(town, ref, again) == ["refused", "accepted"]
    assert town.balance(payer) == (5000, 1250)


def test_the_database_itself_refuses_a_second_living_payment_of_a_sale(town):
    _payer, _shop, _, _sale, ref = paid_sale(town)
    row = dict(town.payment(ref)._mapping)
    row.update(ref=new_ref(), sequence=99, nonce="7", small_nonce=7)
    with pytest.raises(Exception, match=r"(?i)unique"), UnitOfWork(town.engine) as work:
        work.connection.execute(insert(payments).values(**row))
    with town.engine.connect() as connection:
        assert connection.execute(select(sales.c.payment_ref)).scalar_one() == ref
