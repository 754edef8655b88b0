"""Selling through the point of sale when all is well and when the service is not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from merchant_pos.qr_picture import qr_svg
from merchant_pos.sales import LISTED_SALES
from tests.integration.merchant_pos.conftest import RunningPos, Tablet, wait_for
from tests.support.fake_service import FakeService
from tests.support.fake_service_api import WALLET_ORIGIN
from wallet_service.protocol.text.lines import MAX_SALE_LABEL_CHARACTERS
from wallet_service.protocol.text.qr import receipt_url

REFERENCE = "0x" + "a1" * 32
OTHER_REFERENCE = "0x" + "b2" * 32


def test_a_sale_has_a_qr_a_short_code_and_an_end(tablet: Tablet) -> None:
    sale = tablet.sell(1250).json()
    assert (sale["state"], sale["amount_cents"]) == ("open", 1250)
    assert sale["qr_svg"].startswith("<svg ")
    assert re.fullmatch(r"\d{6}", sale["short_code"])
    assert sale["expires_at_unix_ms"] > sale["created_at_unix_ms"]
    assert "qr_text" not in sale


@pytest.mark.parametrize("amount_cents", [0, -5, 300_001])
def test_an_amount_out_of_bounds_is_refused_here(
    tablet: Tablet, service: FakeService, amount_cents: int
) -> None:
    response = tablet.sell(amount_cents)
    assert (response.status_code, response.json()["code"]) == (422, "pos.amount_out_of_bounds")
    assert service.sales == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"client_reference": REFERENCE},
        {"client_reference": REFERENCE, "amount_cents": "1250"},
        {"client_reference": REFERENCE, "amount_cents": 12.5},
        {"client_reference": REFERENCE, "amount_cents": True},
        {"client_reference": "0x12", "amount_cents": 1250},
        {"client_reference": REFERENCE, "amount_cents": 1250, "till": "x"},
        {"client_reference": "x" * 10_000, "amount_cents": 1250},
    ],
)
def test_a_malformed_request_is_refused_here(
    tablet: Tablet, service: FakeService, body: dict[str, object]
) -> None:
    response = tablet.post("/api/sales", body)
    assert (response.status_code, response.json()["code"]) == (422, "pos.request_malformed")
    assert service.sales == {}


def test_a_few_words_go_with_the_sale_and_come_back_with_it(tablet: Tablet, service: FakeService) -> None:
    body = {"client_reference": REFERENCE, "amount_cents": 1250, "label": "  Table 4,\tdeux menus "}
    assert tablet.post("/api/sales", body).json()["label"] == "Table 4, deux menus"
    plain = tablet.post("/api/sales", {**body, "client_reference": OTHER_REFERENCE, "label": " "})
    assert plain.json()["label"] is None
    assert [sale["label"] for sale in service.sales.values()] == ["Table 4, deux menus", None]


def test_a_tip_goes_with_the_sale_as_a_part_of_it(tablet: Tablet, service: FakeService) -> None:
    body = {"client_reference": REFERENCE, "amount_cents": 1350, "tip_cents": 100}
    shown = tablet.post("/api/sales", body).json()
    assert (shown["amount_cents"], shown["tip_cents"]) == (1350, 100)
    assert tablet.post("/api/sales", {**body, "tip_cents": 99}).status_code == 409
    assert tablet.post("/api/sales", {**body, "tip_cents": -1}).json()["code"] == "pos.request_malformed"


def test_who_is_at_the_till_is_chosen_by_pin_and_written_with_each_sale(
    tablet: Tablet, service: FakeService
) -> None:
    assert tablet.state()["cashiers"] == {"cashiers": [], "current_id": None}
    assert tablet.sell(100).json()["cashier_label"] is None
    service.cashiers = {"C1": ("Camille", "4711")}
    wrong = tablet.post("/api/cashier", {"cashier_id": "C1", "pin": "0000"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "cashier.pin_wrong")
    malformed = tablet.post("/api/cashier", {"cashier_id": "C1", "pin": "47a1"})
    assert malformed.json()["code"] == "pos.request_malformed"
    assert tablet.post("/api/cashier", {"cashier_id": "C1", "pin": "4711"}).json()["current_id"] == "C1"
    assert tablet.state()["cashiers"]["current_id"] == "C1"
    service.requests.clear()
    assert tablet.sell(200, OTHER_REFERENCE).json()["cashier_label"] == "Camille"
    assert [path for _, path in service.requests if "till" in path] == ["/v1/till/sales"]
    assert tablet.post("/api/cashier/leave").json()["current_id"] is None


@pytest.mark.parametrize("label", ["x" * (MAX_SALE_LABEL_CHARACTERS + 1), "Table\u202e4", "x" * 10_000])
def test_a_label_that_is_too_long_or_not_seen_is_refused_and_never_cut(
    tablet: Tablet, service: FakeService, label: str
) -> None:
    body = {"client_reference": REFERENCE, "amount_cents": 1250, "label": label}
    response = tablet.post("/api/sales", body)
    wanted = "pos.request_malformed" if len(label) > 200 else "pos.sale_label_malformed"
    assert (response.status_code, response.json()["code"]) == (422, wanted)
    assert service.sales == {}
    assert tablet.post("/api/sales", {**body, "label": "x" * MAX_SALE_LABEL_CHARACTERS}).status_code == 201


@pytest.mark.parametrize("fault", ["after", "503", "hang"])
def test_a_lost_answer_is_asked_again_and_opens_one_sale(
    tablet: Tablet, service: FakeService, fault: str
) -> None:
    service.fail_next.append(fault)
    assert tablet.sell().status_code == 201
    assert len(service.sales) == 1


def test_the_tablet_may_repeat_a_sale_with_its_reference(tablet: Tablet, service: FakeService) -> None:
    first, second = tablet.sell().json(), tablet.sell().json()
    assert first["id"] == second["id"]
    assert tablet.sell(999).status_code == 409
    assert tablet.sell(999, OTHER_REFERENCE).json()["id"] != first["id"]


def test_a_service_that_keeps_failing_is_unreachable_and_nothing_is_paid(
    tablet: Tablet, service: FakeService
) -> None:
    service.fail_next.extend(["503"] * 3)
    response = tablet.sell()
    assert (response.status_code, response.json()["code"]) == (503, "pos.service_unreachable")
    assert "Payé" in response.json()["detail"]


def test_retries_are_bounded(tablet: Tablet, service: FakeService) -> None:
    service.requests.clear()
    service.fail_next.extend(["503"] * 10)
    tablet.sell()
    assert service.requests.count(("POST", "/v1/till/sales")) == 3


def test_a_hanging_service_is_given_up_in_time(tablet: Tablet, service: FakeService) -> None:
    service.fail_next.extend(["hang"] * 5)
    started_s = time.monotonic()
    assert tablet.sell().json()["code"] == "pos.service_unreachable"
    assert time.monotonic() - started_s < 4


def test_an_answer_that_makes_no_sense_is_not_shown(tablet: Tablet, service: FakeService) -> None:
    service.fail_next.append("garbage")
    response = tablet.sell()
    assert (response.status_code, response.json()["code"]) == (502, "pos.service_answer_unknown")


def test_a_stopped_service_is_said_and_the_truth_comes_back_with_it(
    tablet: Tablet, service: FakeService
) -> None:
    sale_id = tablet.sell().json()["id"]
    service.stop()
    wait_for(lambda: not tablet.state()["connection"]["online"], "the service to be missed")
    state = tablet.state()
    assert (state["paired"], state["book"]) == (True, None)
    assert state["problem"]["code"] == "pos.service_unreachable"
    service.accept(sale_id)
    service.pay(sale_id)
    service.start()
    wait_for(lambda: tablet.state()["connection"]["online"], "the service to be back")
    assert tablet.state()["book"]["sales"][0]["state"] == "paid"


@pytest.mark.parametrize("skew_minutes", [-25, 25])
def test_a_machine_with_a_wrong_clock_still_sells_and_counts_in_server_time(
    pos: RunningPos, service: FakeService, skew_minutes: int
) -> None:
    service.skew_ms = skew_minutes * 60_000
    tablet = Tablet(pos.url)
    tablet.pair()
    assert tablet.sell().status_code == 201
    shown = tablet.state()["connection"]["server_time_unix_ms"]
    assert abs(shown - service.now_unix_ms()) < 2_000


def test_a_clock_that_jumps_is_corrected_from_the_services_refusal(
    tablet: Tablet, service: FakeService
) -> None:
    service.skew_ms = 30 * 60_000
    assert tablet.sell().status_code == 201


def test_a_sale_is_cancelled_and_can_no_longer_be_paid(tablet: Tablet) -> None:
    sale_id = tablet.sell().json()["id"]
    assert tablet.post(f"/api/sales/{sale_id}/cancel").json()["state"] == "cancelled"
    assert tablet.sale(sale_id)["qr_svg"] is None


def test_a_sale_the_customer_accepted_is_not_cancelled(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    response = tablet.post(f"/api/sales/{sale_id}/cancel")
    assert (response.status_code, response.json()["code"]) == (409, "sale.not_cancellable")


@pytest.mark.parametrize("state", ["accepted", "paid", "expired"])
def test_the_qr_is_only_shown_while_the_sale_can_be_paid(
    tablet: Tablet, service: FakeService, state: str
) -> None:
    sale_id = tablet.sell().json()["id"]
    levers: dict[str, Callable[[str], None]] = {
        "accepted": service.accept,
        "paid": service.pay,
        "expired": service.expire,
    }
    levers[state](sale_id)
    shown = tablet.sale(sale_id)
    assert (shown["state"], shown["qr_svg"]) == (state, None)


def test_a_refund_is_asked_once_whatever_was_lost(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    service.pay(sale_id)
    service.fail_next.append("after")
    body = {"client_reference": OTHER_REFERENCE, "amount_cents": 500}
    for _ in range(2):
        sale = tablet.post(f"/api/sales/{sale_id}/refunds", body).json()
    assert [(refund["amount_cents"], refund["state"]) for refund in sale["refunds"]] == [(500, "requested")]
    assert sale["refunded_cents"] == 0


def test_refunds_are_followed_and_taken_off_once_paid(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    service.pay(sale_id)
    tablet.post(f"/api/sales/{sale_id}/refunds", {"client_reference": OTHER_REFERENCE, "amount_cents": 500})
    refund_id = next(iter(service.refunds))
    for state, refunded_cents in (("requested", 0), ("accepted", 0), ("paid", 500)):
        service.decide_refund(refund_id, state)
        book = tablet.state()["book"]
        assert [refund["state"] for refund in book["refunds"]] == [state]
        assert book["sales"][0]["refunded_cents"] == refunded_cents


def test_a_full_list_says_since_when_it_is_complete(tablet: Tablet, service: FakeService) -> None:
    tablet.sell()
    assert tablet.state()["book"]["complete_since_unix_ms"] is None
    till_id = next(iter(service.tills))
    start_unix_ms = service.now_unix_ms()
    for number in range(LISTED_SALES + 1):
        service.make_sale(till_id, 100, start_unix_ms + number)
    book = tablet.state()["book"]
    assert len(book["sales"]) == LISTED_SALES
    assert book["complete_since_unix_ms"] == start_unix_ms + 1


def test_a_day_comes_in_the_services_sums_and_another_word_is_no_day(
    tablet: Tablet, service: FakeService
) -> None:
    sale_id = tablet.sell(1250).json()["id"]
    service.accept(sale_id)
    service.pay(sale_id)
    day = tablet.http.get("/api/day?day=2026-07-14").json()
    assert (day["day"], day["sales_count"], day["net_cents"]) == ("2026-07-14", 1, 1250)
    assert "Camille" not in str(day)
    service.requests.clear()
    refused = tablet.http.get("/api/day?day=2026-02-30")
    assert (refused.status_code, refused.json()["code"]) == (422, "pos.request_malformed")
    assert service.requests.count(("GET", "/v1/till/day")) == 0


def test_a_paid_sale_has_a_receipt_to_scan_and_no_other_has(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    assert tablet.http.get(f"/api/receipts/{sale_id}").json() == {"url": None, "qr_svg": None}
    service.accept(sale_id)
    service.pay(sale_id)
    shown = tablet.http.get(f"/api/receipts/{sale_id}").json()
    assert shown["url"] == receipt_url(WALLET_ORIGIN, sale_id)
    assert shown["qr_svg"] == qr_svg(shown["url"])


def test_more_than_was_paid_is_not_refunded(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    service.pay(sale_id)
    body = {"client_reference": OTHER_REFERENCE, "amount_cents": 1251}
    assert tablet.post(f"/api/sales/{sale_id}/refunds", body).status_code == 409


@pytest.mark.parametrize("sale_id", ["..%2Fme", "x", "0000000000000000?limit=1", "ILOU000000000000"])
def test_a_sale_id_of_another_form_never_reaches_the_service(
    tablet: Tablet, service: FakeService, sale_id: str
) -> None:
    service.requests.clear()
    assert tablet.http.get(f"/api/sales/{sale_id}").status_code in (404, 422)
    assert [path for _, path in service.requests if path.startswith("/v1/till/sales")] in (
        [],
        ["/v1/till/sales/0000000000000000"],
    )
