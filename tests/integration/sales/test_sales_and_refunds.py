"""Sales and refund requests on both databases: opened once, ended once, refunds never above the sale."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import Row, select

from tests.integration.sales.conftest import Shop
from tests.support.payments_fixture import PaymentsFixture
from wallet_service.accounts.stops import PAYMENTS_BIT
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.payments import refund_requests, sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.accept import Answer
from wallet_service.payments.models import Payment
from wallet_service.platform.errors import ClockWrong
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.sales import errors as sales_errors
from wallet_service.sales.models import RefundRequest, Sale
from wallet_service.sales.service import OWN_CODE_REMEMBERED_MS, RECEIPT_SHOWN_DAYS, Sales
from wallet_service.sales.states import RefundRequestState
from wallet_service.sales.till_views import TillViews

if TYPE_CHECKING:
    from wallet_service.members.ports import MemberNames


def opened(
    env: PaymentsFixture,
    shop: Shop,
    amount_cents: int = 1250,
    client_reference: str | None = None,
    label: str = "",
) -> Sale:
    address, till_id = shop
    return env.sales.open(till_id, address[-26:], client_reference or new_ref(), amount_cents, label)


def paid(env: PaymentsFixture, shop: Shop, amount_cents: int = 1250) -> tuple[str, Sale]:
    payer = env.member(balance_cents=5000)
    sale = opened(env, shop, amount_cents)
    order = env.order(payer, shop[0], amount_cents, 0, sale_id=sale.id)
    (answer,) = env.acceptance.accept_batch([order])
    assert isinstance(answer, Payment)
    env.settle_and_mine()
    return payer, sale


def test_the_same_reference_opens_the_same_sale(env: PaymentsFixture, shop: Shop) -> None:
    reference = new_ref()
    first = opened(env, shop, client_reference=reference)
    assert opened(env, shop, client_reference=reference.upper().replace("0X", "0x")) == first
    with pytest.raises(sales_errors.SaleReferenceReused):
        opened(env, shop, 1251, client_reference=reference)
    with pytest.raises(sales_errors.SaleReferenceReused):
        opened(env, env.merchant(), client_reference=reference)


def test_a_tip_is_part_of_what_is_paid_and_of_what_is_given_back(env: PaymentsFixture, shop: Shop) -> None:
    reference, payer = new_ref(), env.member(balance_cents=5000)
    open_it = env.sales.open
    sale = open_it(shop[1], shop[0][-26:], reference, 1350, "", tip_cents=100)
    assert open_it(shop[1], shop[0][-26:], reference, 1350, "", tip_cents=100) == sale
    with pytest.raises(sales_errors.SaleReferenceReused):
        open_it(shop[1], shop[0][-26:], reference, 1350, "", tip_cents=99)
    with pytest.raises(sales_errors.TipTooLarge):
        open_it(shop[1], shop[0][-26:], new_ref(), 1350, "", tip_cents=676)
    views = TillViews(env.engine, cast("MemberNames", None), "https://wallet.example")
    shown = views.payable(env.sales.find(sale.id), "fr")
    assert (shown.amount_cents, shown.tip_cents) == (1350, 100)
    short = env.order(payer, shop[0], 1250, 0, sale_id=sale.id)
    assert isinstance(env.acceptance.accept_batch([short])[0], sales_errors.SaleMismatch)
    whole = env.order(payer, shop[0], 1350, 0, sale_id=sale.id)
    assert isinstance(env.acceptance.accept_batch([whole])[0], Payment)
    env.settle_and_mine()
    assert env.refunds.request(shop[1], shop[0][-26:], sale.id, new_ref(), 1350).amount_cents == 1350


def test_no_sale_is_opened_while_payments_are_stopped_and_an_open_one_stays_what_it_is(
    env: PaymentsFixture, shop: Shop
) -> None:
    reference = new_ref()
    before = opened(env, shop, client_reference=reference)
    env.rules.stop_payments()
    with pytest.raises(sales_errors.SalesStopped):
        opened(env, shop)
    assert opened(env, shop, client_reference=reference) == before
    env.rules.resume_payments()
    assert opened(env, shop).state == "open"


def test_no_sale_is_opened_while_a_stop_is_on_its_way(env: PaymentsFixture, shop: Shop) -> None:
    with UnitOfWork(env.engine) as work:
        SqlCommandQueue(env.clock).queue_command(work.connection, "stop", [PAYMENTS_BIT], "PAUSER", "stop:1")
    with pytest.raises(sales_errors.SalesStopped):
        opened(env, shop)


def test_a_hundred_openings_at_once_are_one_sale(env: PaymentsFixture, shop: Shop) -> None:
    reference, start = new_ref(), threading.Barrier(20)

    def open_it(_: int) -> str:
        start.wait(30)
        return opened(env, shop, client_reference=reference).id

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(open_it, range(100)))) == 1
    with env.engine.connect() as connection:
        assert len(connection.execute(select(sales)).all()) == 1


def test_living_sales_have_different_codes_and_dead_ones_free_theirs(
    env: PaymentsFixture, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["111111", "111111", "222222", "111111"])
    monkeypatch.setattr("wallet_service.sales.service.new_short_code", lambda: next(codes))
    first, second = opened(env, shop), opened(env, shop)
    assert (first.short_code, second.short_code) == ("111111", "222222")
    env.sales.cancel(shop[1], first.id)
    third = opened(env, shop)
    assert third.short_code == "111111"
    assert env.sales.find_by_code("111 111", "ANYBODY").id == third.id


def test_the_digits_of_a_paid_sale_tell_its_payer_alone_that_they_paid_it(
    env: PaymentsFixture, shop: Shop
) -> None:
    payer, sale = paid(env, shop)
    found = env.sales.find_by_code(sale.short_code, payer[-26:])
    assert (found.id, found.state) == (sale.id, "paid")
    views = TillViews(env.engine, cast("MemberNames", None), "https://wallet.example")
    shown = views.payable(found, "fr", payer[-26:])
    assert shown.your_payment_ref is not None
    assert shown.your_payment_at_unix_ms == found.accepted_at_unix_ms
    stranger = env.member(balance_cents=0)
    assert views.payable(found, "fr", stranger[-26:]).your_payment_ref is None
    assert views.payable(found, "fr").your_payment_ref is None
    with pytest.raises(sales_errors.SaleNotFound):
        env.sales.find_by_code(sale.short_code, stranger[-26:])
    env.clock.advance_ms(OWN_CODE_REMEMBERED_MS + 1)
    with pytest.raises(sales_errors.SaleNotFound):
        env.sales.find_by_code(sale.short_code, payer[-26:])


def test_the_receipt_of_a_paid_sale_is_shown_for_two_years_and_of_no_other(
    env: PaymentsFixture, shop: Shop
) -> None:
    unpaid = opened(env, shop)
    _, sale = paid(env, shop)
    for sale_id in (unpaid.id, "0" * 16):
        with pytest.raises(sales_errors.SaleReceiptNotShown):
            env.sales.with_receipt(sale_id)
    views = TillViews(env.engine, cast("MemberNames", None), "https://wallet.example")
    env.clock.advance_ms(RECEIPT_SHOWN_DAYS * MS_PER_DAY)
    shown = views.receipt(env.sales.with_receipt(sale.id))
    assert (shown.shop, shown.till, shown.amount_cents) == ("Boutique fictive", "Caisse", 1250)
    assert shown.refunds == ()
    env.clock.advance_ms(MS_PER_DAY)
    with pytest.raises(sales_errors.SaleReceiptNotShown):
        env.sales.with_receipt(sale.id)


def test_a_code_in_use_again_is_the_open_sales_also_to_who_paid_it_before(
    env: PaymentsFixture, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_service.sales.service.new_short_code", lambda: "333333")
    payer, first = paid(env, shop)
    again = opened(env, shop, 700)
    assert first.id != again.id
    assert env.sales.find_by_code("333333", payer[-26:]).id == again.id


def test_a_sale_expires_by_itself_for_everybody(env: PaymentsFixture, shop: Shop) -> None:
    sale = opened(env, shop)
    env.clock.advance_ms(120_000)
    assert env.sales.find(sale.id).state == "expired"
    payer = env.member(balance_cents=5000)
    (answer,) = env.acceptance.accept_batch([env.order(payer, shop[0], 1250, 0, sale_id=sale.id)])
    assert isinstance(answer, sales_errors.SaleExpired)
    assert env.sales.cancel(shop[1], sale.id).state in ("cancelled", "expired")


def test_a_sale_under_payment_cannot_be_cancelled_and_a_cancelled_one_cannot_be_paid(
    env: PaymentsFixture, shop: Shop
) -> None:
    payer = env.member(balance_cents=5000)
    sale, other = opened(env, shop), opened(env, shop)
    env.acceptance.accept_batch([env.order(payer, shop[0], 1250, 0, sale_id=sale.id)])
    with pytest.raises(sales_errors.SaleNotCancellable):
        env.sales.cancel(shop[1], sale.id)
    assert env.sales.cancel(shop[1], other.id).state == "cancelled"
    assert env.sales.cancel(shop[1], other.id).state == "cancelled"
    (answer,) = env.acceptance.accept_batch([env.order(payer, shop[0], 1250, 1, sale_id=other.id)])
    assert isinstance(answer, sales_errors.SaleCancelled)


def test_a_till_sees_and_cancels_its_own_sales_only(env: PaymentsFixture, shop: Shop) -> None:
    sale = opened(env, shop)
    address, stranger = env.merchant()
    with pytest.raises(sales_errors.SaleNotFound):
        env.sales.of_shop(address[-26:], sale.id)
    with pytest.raises(sales_errors.SaleNotFound):
        env.sales.cancel(stranger, sale.id)
    assert [found.id for found in env.sales.list_of_till(shop[1], 10)] == [sale.id]
    assert env.sales.list_of_till(stranger, 10) == []


def test_a_new_till_sees_what_its_shop_was_paid_at_another_and_no_more(
    env: PaymentsFixture, shop: Shop
) -> None:
    payer = env.member(balance_cents=5000)
    paid, _open = opened(env, shop), opened(env, shop)
    env.acceptance.accept_batch([env.order(payer, shop[0], 1250, 0, sale_id=paid.id)])
    env.settle_and_mine()
    member_id, (stranger, strangers_till) = shop[0][-26:], env.merchant()
    (found,) = env.sales.list_paid_elsewhere("a new till", member_id, 10)
    assert (found.id, found.state) == (paid.id, "paid")
    assert env.sales.of_shop(member_id, paid.id).id == paid.id
    assert env.sales.list_paid_elsewhere(shop[1], member_id, 10) == [], "its own are in its own list"
    assert env.sales.list_paid_elsewhere(strangers_till, stranger[-26:], 10) == []


@pytest.mark.parametrize("sale_id", ["", "short", "0" * 17, "IIIIIIIIIIIIIIII", "0123456789ABCDEF"])
def test_an_unknown_sale_is_said_so(env: PaymentsFixture, sale_id: str) -> None:
    with pytest.raises(sales_errors.SaleNotFound):
        env.sales.find(sale_id)


@pytest.mark.parametrize(
    "changes", [{"state": "closed"}, {"frozen_incoming": True}, {"identity_expires_on_day": 1}]
)
def test_a_merchant_that_cannot_receive_cannot_sell(env: PaymentsFixture, changes: dict[str, Any]) -> None:
    with pytest.raises(sales_errors.TillCannotSell):
        opened(env, env.merchant(**changes))


def test_the_number_of_open_sales_is_bounded(
    env: PaymentsFixture, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_service.sales.service.MAX_OPEN_SALES_PER_TILL", 2)
    opened(env, shop)
    opened(env, shop)
    with pytest.raises(sales_errors.TooManyOpenSales):
        opened(env, shop)
    env.clock.advance_ms(120_000)
    opened(env, shop)


def ask(
    env: PaymentsFixture, shop: Shop, sale: Sale, amount_cents: int, reference: str | None = None
) -> RefundRequest:
    return env.refunds.request(shop[1], shop[0][-26:], sale.id, reference or new_ref(), amount_cents)


def sign(env: PaymentsFixture, shop: Shop, payer: str, request: RefundRequest, nonce: int) -> Answer:
    order = env.order(shop[0], payer, request.amount_cents, nonce, refund_request_id=request.id)
    return env.acceptance.accept_batch([order])[0]


def refund_state(env: PaymentsFixture, request: RefundRequest) -> Row[str, str | None]:
    with env.engine.connect() as connection:
        return connection.execute(
            select(refund_requests.c.state, refund_requests.c.refusal_code).where(
                refund_requests.c.id == request.id
            )
        ).one()


def test_a_refund_is_asked_by_the_till_and_signed_by_the_merchant(env: PaymentsFixture, shop: Shop) -> None:
    payer, sale = paid(env, shop)
    request = ask(env, shop, sale, 500)
    assert [found.id for found in env.refunds.waiting_for(shop[0][-26:])] == [request.id]
    answer = sign(env, shop, payer, request, 0)
    assert isinstance(answer, Payment)
    assert (answer.purpose, answer.sale_id) == ("refund", sale.id)
    assert answer.refund_of_ref == env.sales.find(sale.id).payment_ref
    assert refund_state(env, request).state == "accepted"
    env.settle_and_mine()
    assert refund_state(env, request).state == "paid"
    assert (env.balance(payer), env.balance(shop[0])) == ((4250, 0), (750, 0))
    assert env.refunds.waiting_for(shop[0][-26:]) == []
    env.check_books()


def test_refunds_together_never_pass_the_sale(env: PaymentsFixture, shop: Shop) -> None:
    _, sale = paid(env, shop)
    reference = new_ref()
    first = ask(env, shop, sale, 1000, reference)
    assert ask(env, shop, sale, 1000, reference) == first
    with pytest.raises(sales_errors.RefundReferenceReused):
        ask(env, shop, sale, 999, reference)
    with pytest.raises(sales_errors.RefundTooLarge) as caught:
        ask(env, shop, sale, 251)
    assert caught.value.values == {"left_cents": 250}
    env.refunds.refuse(shop[0][-26:], first.id)
    ask(env, shop, sale, 1250)


def test_many_tills_asking_at_once_cannot_refund_more_than_the_sale(env: PaymentsFixture, shop: Shop) -> None:
    _, sale = paid(env, shop)
    start = threading.Barrier(10)

    def one(_: int) -> RefundRequest | Refusal:
        start.wait(30)
        try:
            return ask(env, shop, sale, 500)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, range(10)))
    assert sum(not isinstance(answer, Refusal) for answer in answers) == 2
    assert {type(a) for a in answers if isinstance(a, Refusal)} == {sales_errors.RefundTooLarge}


def test_one_request_is_paid_back_once(env: PaymentsFixture, shop: Shop) -> None:
    payer, sale = paid(env, shop)
    request = ask(env, shop, sale, 500)
    assert isinstance(sign(env, shop, payer, request, 0), Payment)
    assert isinstance(sign(env, shop, payer, request, 1), sales_errors.RefundAlreadyDecided)
    with pytest.raises(sales_errors.RefundAlreadyDecided):
        env.refunds.refuse(shop[0][-26:], request.id)


def test_the_merchant_may_refuse_and_refuse_again(env: PaymentsFixture, shop: Shop) -> None:
    payer, sale = paid(env, shop)
    request = ask(env, shop, sale, 500)
    refused = env.refunds.refuse(shop[0][-26:], request.id)
    assert refused.state is RefundRequestState.REFUSED
    assert env.refunds.refuse(shop[0][-26:], request.id).state is RefundRequestState.REFUSED
    assert isinstance(sign(env, shop, payer, request, 0), sales_errors.RefundAlreadyDecided)
    with pytest.raises(sales_errors.RefundNotFound):
        env.refunds.refuse("somebody else", request.id)


def test_a_refund_the_ledger_refuses_waits_for_another_signature(env: PaymentsFixture, shop: Shop) -> None:
    payer, sale = paid(env, shop)
    request = ask(env, shop, sale, 500)
    env.ledger.used.add((shop[0], 0))
    sign(env, shop, payer, request, 0)
    env.settle_and_mine()
    assert tuple(refund_state(env, request)) == ("requested", "payment.refused_on_chain.nonce_used")
    assert isinstance(sign(env, shop, payer, request, 1), Payment)
    env.settle_and_mine()
    assert tuple(refund_state(env, request)) == ("paid", None)


def test_another_shop_cannot_ask_for_the_refund_of_a_sale(env: PaymentsFixture, shop: Shop) -> None:
    _, sale = paid(env, shop)
    with pytest.raises(sales_errors.SaleNotFound):
        ask(env, env.merchant(), sale, 100)
    unpaid = opened(env, shop)
    with pytest.raises(sales_errors.SaleNotPaid):
        ask(env, shop, unpaid, 100)


def test_no_sale_is_opened_for_anybody_to_sign_while_the_clock_is_wrong(env: PaymentsFixture) -> None:
    shop, till_id = env.merchant()
    reference = new_ref()
    opened = env.sales.open(till_id, shop[-26:], reference, 1250, "")
    wrong = Sales(env.engine, env.clock, env.push, env.rules, 120, lambda: False)
    assert wrong.open(till_id, shop[-26:], reference, 1250, "") == opened
    with pytest.raises(ClockWrong):
        wrong.open(till_id, shop[-26:], new_ref(), 1250, "")
