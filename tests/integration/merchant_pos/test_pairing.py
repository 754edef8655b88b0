"""Pairing a tablet, and what a tablet that is not paired may do: nothing."""

from __future__ import annotations

import pytest

from tests.integration.merchant_pos.conftest import RunningPos, Tablet
from tests.support.fake_service import FakeService


def test_a_paired_tablet_shows_merchant_and_till(tablet: Tablet) -> None:
    state = tablet.state()
    assert state["paired"] is True
    assert state["till"] == {"label": "Caisse 1", "merchant_name": "Fournil des Deux Rives"}
    assert state["book"]["sales"] == []


def test_a_code_is_taken_as_people_type_it(pos: RunningPos, service: FakeService) -> None:
    assert Tablet(pos.url).pair(" abcd-2345 ", "  Comptoir  du  fond ").status_code == 201
    assert [till.label for till in service.tills.values()] == ["Comptoir du fond"]


def test_an_unknown_code_is_refused_in_the_tablets_language(pos: RunningPos) -> None:
    response = Tablet(pos.url, "en-GB,en;q=0.9").pair("ZZZZ9999")
    assert (response.status_code, response.json()["code"]) == (401, "till.pairing_code_refused")
    assert response.json()["detail"].startswith("This code is not valid")


@pytest.mark.parametrize(
    ("code", "label", "refusal"),
    [
        ("12", "Caisse 1", "pos.pairing_code_malformed"),
        ("ABCD2345;--", "Caisse 1", "pos.pairing_code_malformed"),
        ("ABCD2345", "x\u200by", "pos.till_name_malformed"),
        ("ABCD2345", "x" * 61, "pos.till_name_malformed"),
    ],
)
def test_a_malformed_code_or_name_is_refused_before_the_service_is_asked(
    pos: RunningPos, service: FakeService, code: str, label: str, refusal: str
) -> None:
    response = Tablet(pos.url).pair(code, label)
    assert (response.status_code, response.json()["code"]) == (422, refusal)
    assert ("POST", "/v1/tills/pair") not in service.requests


def test_a_tablet_without_a_name_of_its_own_has_the_one_the_code_was_made_with(
    pos: RunningPos, service: FakeService
) -> None:
    tablet = Tablet(pos.url)
    assert tablet.pair("ABCD2345", " ").status_code == 201
    assert service.labels_asked == [None]


def test_a_pairing_whose_answer_was_lost_is_repeated_with_the_same_key(
    pos: RunningPos, service: FakeService
) -> None:
    service.fail_next.append("after")
    assert Tablet(pos.url).pair().status_code == 201
    assert service.requests.count(("POST", "/v1/tills/pair")) == 2
    assert len(service.tills) == 1


def test_two_tablets_of_one_machine_are_two_tills(pos: RunningPos, service: FakeService) -> None:
    first, second = Tablet(pos.url), Tablet(pos.url)
    first.pair("ABCD2345", "Caisse 1")
    second.pair("EFGH6789", "Caisse 2")
    first.sell(1250)
    assert first.state()["till"]["label"] == "Caisse 1"
    assert [sale["amount_cents"] for sale in first.state()["book"]["sales"]] == [1250]
    assert second.state()["book"]["sales"] == []
    sale_id = next(iter(service.sales))
    assert second.http.get(f"/api/sales/{sale_id}").status_code == 404


def test_a_tablet_stays_paired_over_a_restart(pos: RunningPos, tablet: Tablet) -> None:
    pos.restart()
    assert tablet.state()["paired"] is True
    assert tablet.sell().status_code == 201


def test_pairing_changes_the_session(pos: RunningPos) -> None:
    tablet = Tablet(pos.url)
    before = tablet.http.cookies["alba_till"]
    tablet.pair()
    assert tablet.http.cookies["alba_till"] != before


def test_letting_a_tablet_go_takes_its_right_away(pos: RunningPos, tablet: Tablet) -> None:
    assert tablet.post("/api/unpair").status_code == 204
    assert tablet.state()["paired"] is False
    assert tablet.sell().json()["code"] == "pos.not_paired"


@pytest.mark.parametrize("path", ["/api/sales/0000000000000000", "/api/events"])
def test_a_stranger_reads_nothing(pos: RunningPos, path: str) -> None:
    response = Tablet(pos.url).http.get(path)
    assert (response.status_code, response.json()["code"]) == (401, "pos.not_paired")


def test_a_till_revoked_by_its_merchant_says_so_and_sells_nothing(
    tablet: Tablet, service: FakeService
) -> None:
    next(iter(service.tills.values())).revoked = True
    response = tablet.sell()
    assert (response.status_code, response.json()["code"]) == (401, "till.unknown")
    assert tablet.state()["problem"]["status"] == 401
    assert tablet.state()["book"] is None
