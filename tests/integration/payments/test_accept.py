"""Accepting payments on both databases: recorded once, money reserved, one payment per sale."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from tests.support.payments_fixture import START_UNIX_MS, PaymentsFixture, changed
from wallet_service.accounts.errors import PayerUnknown, RulesTooOld
from wallet_service.accounts.models import Rules
from wallet_service.accounts.stops import ISSUING_BIT, PAYMENTS_BIT
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.chain import chain_commands, chain_events
from wallet_service.database.tables.members import devices, members
from wallet_service.database.tables.payments import payments, sales
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import errors
from wallet_service.payments.accept import Acceptance, Answer
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.payments.service import GroupCommit
from wallet_service.platform.errors import ClockWrong, ServiceBusy
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.models import Sale

#: Takes an order and answers it, or takes a list of one and answers with a list of one.
Call = Callable[[Any], Any]


@pytest.fixture
def env(engine: Engine) -> PaymentsFixture:
    return PaymentsFixture(engine)


def accept(env: PaymentsFixture, *orders: PaymentOrder) -> list[Answer]:
    return env.acceptance.accept_batch(orders)


def test_an_accepted_payment_is_recorded_with_its_money_reserved(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    (answer,) = accept(env, env.order(payer, shop, 1250, 0))
    assert isinstance(answer, Payment)
    assert answer.state == "accepted"
    assert env.balance(payer) == (5000, 1250)
    assert env.payment(answer.ref).sequence == 1
    env.check_books()


def test_the_same_request_again_gets_the_same_answer_whatever_has_become_of_it(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    (first,) = accept(env, order)
    assert isinstance(first, Payment)
    (again,) = accept(env, dataclasses.replace(order, signature=b"signed again"))
    assert again == first
    env.settle_and_mine()
    env.clock.advance_ms(3_600_000)
    (later,) = accept(env, order)
    assert isinstance(later, Payment)
    assert (later.ref, later.state) == (first.ref, "paid")
    assert env.balance(payer) == (3750, 0)


def test_the_same_reference_for_another_payment_is_refused(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    answers = accept(env, order, changed(order, amount_cents=1251))
    assert isinstance(answers[0], Payment)
    assert isinstance(answers[1], errors.ReferenceReused)
    (late,) = accept(env, changed(order, nonce=9))
    assert isinstance(late, errors.ReferenceReused)
    assert env.balance(payer) == (5000, 1250)


def test_a_used_number_is_answered_with_the_next_free_one(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    accept(env, env.order(payer, shop, 100, 0), env.order(payer, shop, 100, 1))
    (answer,) = accept(env, env.order(payer, shop, 100, 1))
    assert isinstance(answer, errors.NonceConflict)
    assert answer.values == {"next_nonce": "2"}
    in_one_batch = accept(env, env.order(payer, shop, 100, 2), env.order(payer, shop, 100, 2))
    assert isinstance(in_one_batch[1], errors.NonceConflict)
    assert in_one_batch[1].values == {"next_nonce": "3"}


def test_money_promised_in_the_same_batch_is_counted(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    answers = accept(env, *(env.order(payer, shop, 400, nonce) for nonce in range(4)))
    assert [isinstance(answer, Payment) for answer in answers] == [True, True, False, False]
    assert isinstance(answers[2], Refusal)
    assert answers[2].values == {"available_cents": 200}
    assert env.balance(payer) == (1000, 800)


def test_limits_count_what_the_batch_itself_has_spent(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=90_000), env.merchant()
    answers = accept(env, *(env.order(payer, shop, 20_000, nonce) for nonce in range(3)))
    assert isinstance(answers[2], errors.DayLimitExceeded)
    assert answers[2].values["left_cents"] == 10_000


def test_the_thirty_days_roll_exactly(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=200_000), env.merchant()
    for day in range(2):
        for nonce in (2 * day, 2 * day + 1):
            (answer,) = accept(env, env.order(payer, shop, 25_000, nonce))
            assert isinstance(answer, Payment)
        env.settle_and_mine()
        env.clock.advance_ms(86_400_000)
    (answer,) = accept(env, env.order(payer, shop, 1, 4))
    assert isinstance(answer, errors.MonthLimitExceeded)
    env.clock.move_to_unix_ms(START_UNIX_MS + 30 * 86_400_000 - 1)
    (answer,) = accept(env, env.order(payer, shop, 1, 4))
    assert isinstance(answer, errors.MonthLimitExceeded)
    env.clock.move_to_unix_ms(START_UNIX_MS + 30 * 86_400_000)
    (answer,) = accept(env, env.order(payer, shop, 25_000, 4))
    assert isinstance(answer, Payment)


def test_what_is_on_its_way_counts_against_the_payees_ceiling(env: PaymentsFixture) -> None:
    payer, other = env.member(tier="verified", balance_cents=100_000), env.member(tier="visitor")
    answers = accept(env, env.order(payer, other, 10_000, 0), env.order(payer, other, 5_001, 1))
    assert isinstance(answers[1], errors.HoldingLimitExceeded)
    (answer,) = accept(env, env.order(payer, other, 5_001, 1))
    assert isinstance(answer, errors.HoldingLimitExceeded)
    (fits,) = accept(env, env.order(payer, other, 5_000, 1))
    assert isinstance(fits, Payment)


def test_a_revoked_device_cannot_sign_even_for_its_own_address(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    with UnitOfWork(env.engine) as work:
        work.connection.execute(
            update(devices).where(devices.c.signer_address == payer).values(state="revoked")
        )
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, errors.SignerNotAllowed)


def test_the_device_of_somebody_else_cannot_sign(env: PaymentsFixture) -> None:
    payer, thief, (shop, _) = env.member(balance_cents=1000), env.member(), env.merchant()
    (answer,) = accept(env, env.order(payer, shop, 100, 0, signer_address=thief))
    assert isinstance(answer, errors.SignerNotAllowed)


def test_a_stop_of_payments_refuses_before_anything_else(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    env.rules.rules = Rules(env.rules.rules.limits, payments_stopped=True)
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, errors.PaymentsStopped)


def test_a_stop_on_its_way_to_the_ledger_refuses_at_once_and_not_once_the_ledger_refused_it(
    env: PaymentsFixture,
) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    stop = queue_stop(env, PAYMENTS_BIT)
    for state in ("queued", "sent"):
        set_state(env, stop, state)
        (answer,) = accept(env, env.order(payer, shop, 100, 0))
        assert isinstance(answer, errors.PaymentsStopped)
    set_state(env, stop, "failed")
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, Payment)


def test_a_stop_of_something_else_stops_no_payment(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    queue_stop(env, ISSUING_BIT)
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, Payment)


def test_a_stop_that_was_just_mined_is_not_lost_until_the_rules_are_read_again(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=1000), env.merchant()
    with UnitOfWork(env.engine) as work:
        work.connection.execute(
            insert(chain_events).values(
                block_number=1,
                log_index=0,
                transaction_hash=new_ref(),
                name="Stopped",
                arguments={"what": PAYMENTS_BIT, "stops": PAYMENTS_BIT},
            )
        )
    assert not env.rules.current().payments_stopped
    (answer,) = accept(env, env.order(payer, shop, 100, 0))
    assert isinstance(answer, errors.PaymentsStopped)


def queue_stop(env: PaymentsFixture, bits: int) -> int:
    with UnitOfWork(env.engine) as work:
        return SqlCommandQueue(env.clock).queue_command(
            work.connection, "stop", [bits], "PAUSER", f"stop:{bits}"
        )


def set_state(env: PaymentsFixture, command_id: int, state: str) -> None:
    with UnitOfWork(env.engine) as work:
        work.connection.execute(
            update(chain_commands).where(chain_commands.c.id == command_id).values(state=state)
        )


def sale_of(env: PaymentsFixture, till_id: str, shop: str, amount_cents: int = 1250) -> Sale:
    return env.sales.open(till_id, shop[-26:], new_ref(), amount_cents, "")


def test_second_scan_of_a_paid_sale_is_refused(env: PaymentsFixture) -> None:
    first, second = env.member(balance_cents=5000), env.member(balance_cents=5000)
    shop, till_id = env.merchant()
    sale = sale_of(env, till_id, shop)
    answers = accept(
        env,
        env.order(first, shop, 1250, 0, sale_id=sale.id),
        env.order(second, shop, 1250, 0, sale_id=sale.id),
    )
    assert isinstance(answers[0], Payment)
    assert isinstance(answers[1], sales_errors.SaleAlreadyPaid)
    (later,) = accept(env, env.order(second, shop, 1250, 1, sale_id=sale.id))
    assert isinstance(later, sales_errors.SaleAlreadyPaid)
    assert env.balance(second) == (5000, 0)


@pytest.mark.parametrize("batched", [True, False])
def test_a_hundred_phones_paying_one_sale_at_once_pay_it_once(env: PaymentsFixture, batched: bool) -> None:
    shop, till_id = env.merchant()
    sale = sale_of(env, till_id, shop)
    orders = [env.order(env.member(balance_cents=5000), shop, 1250, 0, sale_id=sale.id) for _ in range(20)]
    groups = [new_acceptor(env) for _ in range(2)]
    for group in groups:
        group.start()
    calls: list[Call]
    if batched:
        calls = [groups[number % 2].accept for number in range(100)]
    else:
        calls = [env.acceptance.accept_batch for _ in range(100)]
    answers = all_at_once(calls, [orders[number % 20] for number in range(100)], batched)
    for group in groups:
        group.stop()
    paid = {answer.ref for answer in answers if isinstance(answer, Payment)}
    assert len(paid) == 1
    refused = [answer for answer in answers if not isinstance(answer, Payment)]
    assert {type(answer) for answer in refused} <= {sales_errors.SaleAlreadyPaid}
    with env.engine.connect() as connection:
        assert len(connection.execute(select(payments)).all()) == 1
        assert connection.execute(select(sales.c.state)).scalar_one() == "accepted"


def test_a_hundred_times_the_same_request_through_two_instances_is_one_payment(env: PaymentsFixture) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    groups = [new_acceptor(env) for _ in range(2)]
    for group in groups:
        group.start()
    answers = all_at_once([groups[number % 2].accept for number in range(100)], [order] * 100, True)
    for group in groups:
        group.stop()
    assert len(answers) == 100
    assert {isinstance(answer, Payment) and answer.ref for answer in answers} == {order.ref}
    assert env.balance(payer) == (5000, 1250)
    with env.engine.connect() as connection:
        told = connection.execute(select(push_events.c.kind)).scalars().all()
    assert told.count("payment.accepted") == 1


def new_acceptor(env: PaymentsFixture) -> GroupCommit:
    acceptance = Acceptance(env.engine, env.clock, env.push, env.rules, 180)
    return GroupCommit(acceptance.accept_batch)


def all_at_once(calls: Sequence[Call], orders: Sequence[PaymentOrder], one_each: bool) -> list[Answer]:
    start = threading.Barrier(50)

    def call(number: int) -> Answer:
        start.wait(30)
        given = orders[number] if one_each else [orders[number]]
        try:
            said = calls[number](given)
        except Refusal as refusal:
            return refusal
        answer: Answer = said if one_each else said[0]
        return answer

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(call, range(100)))


def test_a_poisoned_order_does_not_take_its_batch_down(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect of one order (here: a text the column refuses) leaves its neighbours alone."""
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    good = env.order(payer, shop, 100, 0)
    bad = env.order(payer, shop, 100, 1, sale_id="NOSUCHSALE")
    monkeypatch.setattr("wallet_service.payments.decisions._check_sale", lambda order, context: None)
    monkeypatch.setattr("wallet_service.payments.accept._move_in", lambda books, order: None)
    answers = accept(env, good, bad)
    assert isinstance(answers[0], Payment)
    assert isinstance(answers[1], ServiceBusy)


def test_names_of_frozen_and_unknown_members_are_told_apart(env: PaymentsFixture) -> None:
    payer = env.member(balance_cents=5000)
    shop, _ = env.merchant()
    frozen = env.member(frozen_incoming=True)
    answers = accept(
        env,
        env.order(payer, frozen, 100, 0),
        env.order(payer, "0x" + "99" * 20, 100, 0),
        env.order("0x" + "98" * 20, shop, 100, 0),
    )
    assert [type(answer) for answer in answers] == [
        errors.PayeeFrozen,
        errors.PayeeUnknown,
        PayerUnknown,
    ]
    with env.engine.connect() as connection:
        assert connection.execute(select(members)).all()


# a clock that is wrong, rules that are too old


def with_wrong_clock(env: PaymentsFixture) -> Acceptance:
    return Acceptance(env.engine, env.clock, env.push, env.rules, 180, lambda: False)


def test_while_the_clock_is_wrong_nothing_new_is_accepted_and_what_was_is_answered(
    env: PaymentsFixture,
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()
    order = env.order(payer, shop, 1250, 0)
    (first,) = accept(env, order)
    again, new = with_wrong_clock(env).accept_batch([order, env.order(payer, shop, 100, 1)])
    assert again == first
    assert isinstance(new, ClockWrong)
    assert (new.code, new.status) == ("service.clock_wrong", 503)
    assert new.sentence("fr").startswith("Rien n’a été débité")
    assert new.sentence("en").startswith("Nothing was taken")
    assert env.balance(payer) == (5000, 1250)


def test_the_acceptor_asks_nobody_when_the_rules_are_too_old(
    env: PaymentsFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer, (shop, _) = env.member(balance_cents=5000), env.merchant()

    def too_old() -> Rules:
        raise RulesTooOld()

    monkeypatch.setattr(env.rules, "current", too_old)
    acceptor = GroupCommit(env.acceptance.accept_batch)
    acceptor.start()
    try:
        with pytest.raises(RulesTooOld):
            acceptor.accept(env.order(payer, shop, 100, 0))
    finally:
        acceptor.stop()
    assert env.balance(payer) == (5000, 0)
