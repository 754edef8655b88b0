"""Sales and refund requests on both databases: opened once, ended once, refunds never above the sale."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.support.town import Town
from wallet_service.database.tables.payments import refund_requests, sales
from wallet_service.errors import BusinessError
from wallet_service.payments import errors
from wallet_service.payments.models import Payment
from wallet_service.payments.states import RefundRequestState
from wallet_service.protocol.identifiers import new_ref


@pytest.fixture
def town(engine):
    return Town(engine)


@pytest.fixture
def shop(town):
    return town.merchant()


def opened(town, shop, amount_cents=1250, client_reference=None, label=""):
    address, till_id = shop
    return town.sales.open(till_id, address[-26:], client_reference or new_ref(), amount_cents, label)


def paid(town, shop, amount_cents=1250):
    payer = town.member(balance_cents=5000)
    sale = opened(town, shop, amount_cents)
    order = town.order(payer, shop[0], amount_cents, 0, sale_id=sale.id)
    (answer,) = town.acceptance.accept_batch([order])
    assert isinstance(answer, Payment)
    town.settle_and_mine()
    return payer, sale


def test_the_same_reference_opens_the_same_sale(town, shop):
    reference = new_ref()
    first = opened(town, shop, client_reference=reference)
    assert opened(town, shop, client_reference=reference.upper().replace("0X", "0x")) == first
    with pytest.raises(errors.SaleReferenceReused):
        opened(town, shop, 1251, client_reference=reference)
    with pytest.raises(errors.SaleReferenceReused):
        opened(town, town.merchant(), client_reference=reference)


def test_no_sale_is_opened_while_payments_are_stopped_and_an_open_one_stays_what_it_is(town, shop):
    reference = new_ref()
    before = opened(town, shop, client_reference=reference)
    town.rules.stop_payments()
    with pytest.raises(errors.SalesStopped):
        opened(town, shop)
    assert opened(town, shop, client_reference=reference) == before
    town.rules.resume_payments()
    assert opened(town, shop).state == "open"


def test_a_hundred_openings_at_once_are_one_sale(town, shop):
    reference, start = new_ref(), threading.Barrier(20)

    def open_it(_):
        start.wait(30)
        return opened(town, shop, client_reference=reference).id

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(open_it, range(100)))) == 1
    with town.engine.connect() as connection:
        assert len(connection.execute(select(sales)).all()) == 1


def test_living_sales_have_different_codes_and_dead_ones_free_theirs(town, shop, monkeypatch):
    codes = iter(["111111", "111111", "222222", "111111"])
    monkeypatch.setattr("wallet_service.payments.sales.new_short_code", lambda: next(codes))
    first, second = opened(town, shop), opened(town, shop)
    assert (first.short_code, second.short_code) == ("111111", "222222")
    town.sales.cancel(shop[1], first.id)
    third = opened(town, shop)
    assert third.short_code == "111111"
    assert town.sales.find_by_code("111 111").id == third.id


def test_a_sale_expires_by_itself_for_everybody(town, shop):
    sale = opened(town, shop)
    town.clock.advance_ms(120_000)
    assert town.sales.find(sale.id).state == "expired"
    payer = town.member(balance_cents=5000)
    (answer,) = town.acceptance.accept_batch([town.order(payer, shop[0], 1250, 0, sale_id=sale.id)])
    assert isinstance(answer, errors.SaleExpired)
    assert town.sales.cancel(shop[1], sale.id).state in ("cancelled", "expired")


def test_a_sale_under_payment_cannot_be_cancelled_and_a_cancelled_one_cannot_be_paid(town, shop):
    payer = town.member(balance_cents=5000)
    sale, other = opened(town, shop), opened(town, shop)
    town.acceptance.accept_batch([town.order(payer, shop[0], 1250, 0, sale_id=sale.id)])
    with pytest.raises(errors.SaleNotCancellable):
        town.sales.cancel(shop[1], sale.id)
    assert town.sales.cancel(shop[1], other.id).state == "cancelled"
    assert town.sales.cancel(shop[1], other.id).state == "cancelled"
    (answer,) = town.acceptance.accept_batch([town.order(payer, shop[0], 1250, 1, sale_id=other.id)])
    assert isinstance(answer, errors.SaleCancelled)


def test_a_till_sees_and_cancels_its_own_sales_only(town, shop):
    sale = opened(town, shop)
    _, stranger = town.merchant()
    for act in (town.sales.of_till, town.sales.cancel):
        with pytest.raises(errors.SaleNotFound):
            act(stranger, sale.id)
    assert [found.id for found in town.sales.list_of_till(shop[1], 10)] == [sale.id]
    assert town.sales.list_of_till(stranger, 10) == []


@pytest.mark.parametrize("sale_id", ["", "short", "0" * 17, "IIIIIIIIIIIIIIII", "0123456789ABCDEF"])
def test_an_unknown_sale_is_said_so(town, sale_id):
    with pytest.raises(errors.SaleNotFound):
        town.sales.find(sale_id)


@pytest.mark.parametrize(
    "changes", [{"state": "closed"}, {"frozen_incoming": True}, {"identity_expires_on_day": 1}]
)
def test_a_merchant_that_cannot_receive_cannot_sell(town, changes):
    with pytest.raises(errors.TillCannotSell):
        opened(town, town.merchant(**changes))


def test_the_number_of_open_sales_is_bounded(town, shop, monkeypatch):
    monkeypatch.setattr("wallet_service.payments.sales.MAX_OPEN_SALES_PER_TILL", 2)
    opened(town, shop)
    opened(town, shop)
    with pytest.raises(errors.TooManyOpenSales):
        opened(town, shop)
    town.clock.advance_ms(120_000)
    opened(town, shop)


def ask(town, shop, sale, amount_cents, reference=None):
    return town.refunds.request(shop[1], shop[0][-26:], sale.id, reference or new_ref(), amount_cents)


def sign(town, shop, payer, request, nonce):
    order = town.order(shop[0], payer, request.amount_cents, nonce, refund_request_id=request.id)
    return town.acceptance.accept_batch([order])[0]


def refund_state(town, request):
    with town.engine.connect() as connection:
        return connection.execute(
            select(refund_requests.c.state, refund_requests.c.refusal_code).where(
                refund_requests.c.id == request.id
            )
        ).one()


def test_a_refund_is_asked_by_the_till_and_signed_by_the_merchant(town, shop):
    payer, sale = paid(town, shop)
    request = ask(town, shop, sale, 500)
    assert [found.id for found in town.refunds.waiting_for(shop[0][-26:])] == [request.id]
    answer = sign(town, shop, payer, request, 0)
    assert isinstance(answer, Payment)
    assert (answer.purpose, answer.sale_id) == ("refund", sale.id)
    assert answer.refund_of_ref == town.sales.find(sale.id).payment_ref
    assert refund_state(town, request).state == "accepted"
    town.settle_and_mine()
    assert refund_state(town, request).state == "paid"
    assert (town.balance(payer), town.balance(shop[0])) == ((4250, 0), (750, 0))
    assert town.refunds.waiting_for(shop[0][-26:]) == []
    town.check_books()


def test_refunds_together_never_pass_the_sale(town, shop):
    _, sale = paid(town, shop)
    reference = new_ref()
    first = ask(town, shop, sale, 1000, reference)
    assert ask(town, shop, sale, 1000, reference) == first
    with pytest.raises(errors.RefundReferenceReused):
        ask(town, shop, sale, 999, reference)
    with pytest.raises(errors.RefundTooLarge) as caught:
        ask(town, shop, sale, 251)
    assert caught.value.values == {"left_cents": 250}
    town.refunds.refuse(shop[0][-26:], first.id)
    ask(town, shop, sale, 1250)


def test_many_tills_asking_at_once_cannot_refund_more_than_the_sale(town, shop):
    _, sale = paid(town, shop)
    start = threading.Barrier(10)

    def one(_):
        start.wait(30)
        try:
            return ask(town, shop, sale, 500)
        except BusinessError as refusal:
            return refusal

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, range(10)))
    assert sum(not isinstance(answer, BusinessError) for answer in answers) == 2
    assert {type(a) for a in answers if isinstance(a, BusinessError)} == {errors.RefundTooLarge}


def test_one_request_is_paid_back_once(town, shop):
    payer, sale = paid(town, shop)
    request = ask(town, shop, sale, 500)
    assert isinstance(sign(town, shop, payer, request, 0), Payment)
    assert isinstance(sign(town, shop, payer, request, 1), errors.RefundAlreadyDecided)
    with pytest.raises(errors.RefundAlreadyDecided):
        town.refunds.refuse(shop[0][-26:], request.id)


def test_the_merchant_may_refuse_and_refuse_again(town, shop):
    payer, sale = paid(town, shop)
    request = ask(town, shop, sale, 500)
    refused = town.refunds.refuse(shop[0][-26:], request.id)
    assert refused.state is RefundRequestState.REFUSED
    assert town.refunds.refuse(shop[0][-26:], request.id).state is RefundRequestState.REFUSED
    assert isinstance(sign(town, shop, payer, request, 0), errors.RefundAlreadyDecided)
    with pytest.raises(errors.RefundNotFound):
        town.refunds.refuse("somebody else", request.id)


def test_a_refund_the_ledger_refuses_waits_for_another_signature(town, shop):
    payer, sale = paid(town, shop)
    request = ask(town, shop, sale, 500)
    town.ledger.used.add((shop[0], 0))
    sign(town, shop, payer, request, 0)
    town.settle_and_mine()
    assert tuple(refund_state(town, request)) == ("requested", "payment.refused_on_chain.nonce_used")
    assert isinstance(sign(town, shop, payer, request, 1), Payment)
    town.settle_and_mine()
    assert tuple(refund_state(town, request)) == ("paid", None)


def test_another_shop_cannot_ask_for_the_refund_of_a_sale(town, shop):
    _, sale = paid(town, shop)
    with pytest.raises(errors.SaleNotFound):
        ask(town, town.merchant(), sale, 100)
    unpaid = opened(town, shop)
    with pytest.raises(errors.SaleNotPaid):
        ask(town, shop, unpaid, 100)
