"""Accepting payments on both databases: recorded once, money reserved, one payment per sale."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from tests.support.town import START_UNIX_MS, Town
from wallet_service.database.tables.members import devices, members
from wallet_service.database.tables.payments import payments, sales
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.errors import BusinessError
from wallet_service.payments import errors
from wallet_service.payments.accept import Acceptance
from wallet_service.payments.group_commit import GroupCommit
from wallet_service.payments.models import Payment, Rules
from wallet_service.protocol.identifiers import new_ref


@pytest.fixture
def town(engine):
    return Town(engine)


def accept(town, *orders):
    return town.acceptance.accept_batch(orders)


def test_an_accepted_payment_is_recorded_with_its_money_reserved(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    (answer,) = accept(town, town.order(payer, shop, 1250, 0))
    assert isinstance(answer, Payment)
    assert answer.state == "accepted"
    assert town.balance(payer) == (5000, 1250)
    assert town.payment(answer.ref).sequence == 1
    town.check_books()


def test_the_same_request_again_gets_the_same_answer_whatever_has_become_of_it(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    order = town.order(payer, shop, 1250, 0)
    (first,) = accept(town, order)
    (again,) = accept(town, dataclasses.replace(order, signature=b"signed again"))
    assert again == first
    town.settle_and_mine()
    town.clock.advance_ms(3_600_000)
    (later,) = accept(town, order)
    assert (later.ref, later.state) == (first.ref, "paid")
    assert town.balance(payer) == (3750, 0)


def test_the_same_reference_for_another_payment_is_refused(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    order = town.order(payer, shop, 1250, 0)
    answers = accept(town, order, dataclasses.replace(order, amount_cents=1251))
    assert isinstance(answers[0], Payment)
    assert isinstance(answers[1], errors.ReferenceReused)
    (late,) = accept(town, dataclasses.replace(order, nonce=9))
    assert isinstance(late, errors.ReferenceReused)
    assert town.balance(payer) == (5000, 1250)


def test_a_used_number_is_answered_with_the_next_free_one(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    accept(town, town.order(payer, shop, 100, 0), town.order(payer, shop, 100, 1))
    (answer,) = accept(town, town.order(payer, shop, 100, 1))
    assert isinstance(answer, errors.NonceConflict)
    assert answer.values == {"next_nonce": "2"}
    in_one_batch = accept(town, town.order(payer, shop, 100, 2), town.order(payer, shop, 100, 2))
    assert isinstance(in_one_batch[1], errors.NonceConflict)
    assert in_one_batch[1].values == {"next_nonce": "3"}


def test_money_promised_in_the_same_batch_is_counted(town):
    payer, (shop, _) = town.member(balance_cents=1000), town.merchant()
    answers = accept(town, *(town.order(payer, shop, 400, nonce) for nonce in range(4)))
    assert [isinstance(answer, Payment) for answer in answers] == [True, True, False, False]
    assert answers[2].values == {"available_cents": 200}
    assert town.balance(payer) == (1000, 800)


def test_limits_count_what_the_batch_itself_has_spent(town):
    payer, (shop, _) = town.member(balance_cents=90_000), town.merchant()
    answers = accept(town, *(town.order(payer, shop, 20_000, nonce) for nonce in range(3)))
    assert isinstance(answers[2], errors.DayLimitExceeded)
    assert answers[2].values["left_cents"] == 10_000


def test_the_thirty_days_roll_exactly(town):
    payer, (shop, _) = town.member(balance_cents=200_000), town.merchant()
    for day in range(2):
        for nonce in (2 * day, 2 * day + 1):
            (answer,) = accept(town, town.order(payer, shop, 25_000, nonce))
            assert isinstance(answer, Payment)
        town.settle_and_mine()
        town.clock.advance_ms(86_400_000)
    (answer,) = accept(town, town.order(payer, shop, 1, 4))
    assert isinstance(answer, errors.MonthLimitExceeded)
    town.clock.move_to_unix_ms(START_UNIX_MS + 30 * 86_400_000 - 1)
    (answer,) = accept(town, town.order(payer, shop, 1, 4))
    assert isinstance(answer, errors.MonthLimitExceeded)
    town.clock.move_to_unix_ms(START_UNIX_MS + 30 * 86_400_000)
    (answer,) = accept(town, town.order(payer, shop, 25_000, 4))
    assert isinstance(answer, Payment)


def test_what_is_on_its_way_counts_against_the_payees_ceiling(town):
    payer, other = town.member(tier="verified", balance_cents=100_000), town.member(tier="visitor")
    answers = accept(town, town.order(payer, other, 10_000, 0), town.order(payer, other, 5_001, 1))
    assert isinstance(answers[1], errors.HoldingLimitExceeded)
    (answer,) = accept(town, town.order(payer, other, 5_001, 1))
    assert isinstance(answer, errors.HoldingLimitExceeded)
    (fits,) = accept(town, town.order(payer, other, 5_000, 1))
    assert isinstance(fits, Payment)


def test_a_revoked_device_cannot_sign_even_for_its_own_address(town):
    payer, (shop, _) = town.member(balance_cents=1000), town.merchant()
    with UnitOfWork(town.engine) as work:
        work.connection.execute(
            update(devices).where(devices.c.signer_address == payer).values(state="revoked")
        )
    (answer,) = accept(town, town.order(payer, shop, 100, 0))
    assert isinstance(answer, errors.SignerNotAllowed)


def test_the_device_of_somebody_else_cannot_sign(town):
    payer, thief, (shop, _) = town.member(balance_cents=1000), town.member(), town.merchant()
    (answer,) = accept(town, town.order(payer, shop, 100, 0, signer_address=thief))
    assert isinstance(answer, errors.SignerNotAllowed)


def test_a_stop_of_payments_refuses_before_anything_else(town):
    payer, (shop, _) = town.member(balance_cents=1000), town.merchant()
    town.rules.rules = Rules(town.rules.rules.limits, payments_stopped=True)
    (answer,) = accept(town, town.order(payer, shop, 100, 0))
    assert isinstance(answer, errors.PaymentsStopped)


def sale_of(town, till_id, shop, amount_cents=1250):
    return town.sales.open(till_id, shop[-26:], new_ref(), amount_cents, "")


def test_second_scan_of_a_paid_sale_is_refused(town):
    first, second = town.member(balance_cents=5000), town.member(balance_cents=5000)
    shop, till_id = town.merchant()
    sale = sale_of(town, till_id, shop)
    answers = accept(
        town,
        town.order(first, shop, 1250, 0, sale_id=sale.id),
        town.order(second, shop, 1250, 0, sale_id=sale.id),
    )
    assert isinstance(answers[0], Payment)
    assert isinstance(answers[1], errors.SaleAlreadyPaid)
    (later,) = accept(town, town.order(second, shop, 1250, 1, sale_id=sale.id))
    assert isinstance(later, errors.SaleAlreadyPaid)
    assert town.balance(second) == (5000, 0)


@pytest.mark.parametrize("batched", [True, False])
def test_a_hundred_phones_paying_one_sale_at_once_pay_it_once(town, batched):
    shop, till_id = town.merchant()
    sale = sale_of(town, till_id, shop)
    orders = [town.order(town.member(balance_cents=5000), shop, 1250, 0, sale_id=sale.id) for _ in range(20)]
    groups = [new_acceptor(town) for _ in range(2)]
    for group in groups:
        group.start()
    if batched:
        calls = [groups[number % 2].accept for number in range(100)]
    else:
        calls = [town.acceptance.accept_batch for _ in range(100)]
    answers = all_at_once(calls, [orders[number % 20] for number in range(100)], batched)
    for group in groups:
        group.stop()
    paid = {answer.ref for answer in answers if isinstance(answer, Payment)}
    assert len(paid) == 1
    refused = [answer for answer in answers if not isinstance(answer, Payment)]
    assert {type(answer) for answer in refused} <= {errors.SaleAlreadyPaid}
    with town.engine.connect() as connection:
        assert len(connection.execute(select(payments)).all()) == 1
        assert connection.execute(select(sales.c.state)).scalar_one() == "accepted"


def test_a_hundred_times_the_same_request_through_two_instances_is_one_payment(town):
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    order = town.order(payer, shop, 1250, 0)
    groups = [new_acceptor(town) for _ in range(2)]
    for group in groups:
        group.start()
    answers = all_at_once([groups[number % 2].accept for number in range(100)], [order] * 100, True)
    for group in groups:
        group.stop()
    assert len(answers) == 100
    assert {answer.ref for answer in answers} == {order.ref}
    assert town.balance(payer) == (5000, 1250)
    with town.engine.connect() as connection:
        told = connection.execute(select(push_events.c.kind)).scalars().all()
    assert told.count("payment.accepted") == 1


def new_acceptor(town):
    acceptance = Acceptance(town.engine, town.clock, town.push, town.rules, 180)
    return GroupCommit(acceptance.accept_batch)


def all_at_once(calls, orders, one_each):
    start = threading.Barrier(50)

    def call(number):
        start.wait(30)
        given = orders[number] if one_each else [orders[number]]
        try:
            answer = calls[number](given)
        except BusinessError as refusal:
            return refusal
        return answer if one_each else answer[0]

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(call, range(100)))


def test_a_poisoned_order_does_not_take_its_batch_down(town, monkeypatch):
    """A defect of one order (here: a text the column refuses) leaves its neighbours alone."""
    payer, (shop, _) = town.member(balance_cents=5000), town.merchant()
    good = town.order(payer, shop, 100, 0)
    bad = town.order(payer, shop, 100, 1, sale_id="NOSUCHSALE")
    monkeypatch.setattr("wallet_service.payments.decisions._check_sale", lambda order, context: None)
    monkeypatch.setattr("wallet_service.payments.accept._move_in", lambda books, order: None)
    answers = accept(town, good, bad)
    assert isinstance(answers[0], Payment)
    assert isinstance(answers[1], errors.ServiceBusy)


def test_names_of_frozen_and_unknown_members_are_told_apart(town):
    payer = town.member(balance_cents=5000)
    shop, _ = town.merchant()
    frozen = town.member(frozen_incoming=True)
    answers = accept(
        town,
        town.order(payer, frozen, 100, 0),
        town.order(payer, "0x" + "99" * 20, 100, 0),
        town.order("0x" + "98" * 20, shop, 100, 0),
    )
    assert [type(answer) for answer in answers] == [
        errors.PayeeFrozen,
        errors.PayeeUnknown,
        errors.PayerUnknown,
    ]
    with town.engine.connect() as connection:
        assert connection.execute(select(members)).all()
