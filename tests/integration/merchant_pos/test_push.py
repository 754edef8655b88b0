"""The bridge: what is pushed reaches the tablet over cuts, restarts and replays; never a false "paid"."""

from __future__ import annotations

import json
from contextlib import ExitStack

from merchant_pos.stream_bridge import MAX_SCREENS_PER_TILL
from tests.integration.merchant_pos.conftest import RunningPos, Tablet, wait_for
from tests.support.fake_service import FakeService
from wallet_service.protocol.event_kinds import TillRevoked


def test_accepted_then_paid_are_pushed_with_their_proof_and_without_a_name(
    tablet: Tablet, service: FakeService
) -> None:
    heard = tablet.listen()
    heard.wait_connected()
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    heard.wait_state("accepted")
    assert "paid" not in heard.states()
    service.pay(sale_id)
    heard.wait_state("paid")
    sale = json.loads([event for event in heard.events if event.kind == "sale"][-1].data)
    assert "payer_label" not in sale
    assert tablet.sale(sale_id)["payer_label"] == "Camille R."
    assert len(sale["proof_code"]) == 6
    assert sale["paid_at_unix_ms"] >= sale["accepted_at_unix_ms"]


def test_an_open_sale_and_a_stop_are_never_shown_together(
    pos: RunningPos, tablet: Tablet, service: FakeService
) -> None:
    """What is asked every few seconds is asked at once when a sale says otherwise."""
    service.payments_stopped = True
    wait_for(lambda: tablet.state()["connection"]["payments_stopped"], "the stop to be known")
    heard = tablet.listen()
    heard.wait_connected()
    service.payments_stopped = False
    tablet.sell()
    assert not tablet.state()["connection"]["payments_stopped"]


def test_a_sale_from_open_to_paid_costs_the_relay_no_reading(tablet: Tablet, service: FakeService) -> None:
    heard = tablet.listen()
    heard.wait_connected()
    sale_id = tablet.sell().json()["id"]
    heard.wait_state("open")
    service.requests.clear()
    service.accept(sale_id)
    heard.wait_state("accepted")
    service.pay(sale_id)
    heard.wait_state("paid")
    assert [path for _, path in service.requests if path.startswith("/v1/till")] == []


def test_a_refund_is_pushed_from_its_asking_to_its_end(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    service.pay(sale_id)
    heard = tablet.listen()
    heard.wait_connected()
    tablet.post(f"/api/sales/{sale_id}/refunds", {"client_reference": "0x" + "b2" * 32, "amount_cents": 500})
    service.decide_refund(next(iter(service.refunds)), "paid")
    wait_for(lambda: heard.refund_states() == ["requested", "paid"], "the refund to be followed")


def test_an_older_event_that_is_repeated_is_a_hint_only(tablet: Tablet, service: FakeService) -> None:
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    service.pay(sale_id)
    accepted = service.events[-2]
    service.events.append(accepted)  # written before what the page has seen, and coming after it
    heard = tablet.listen(last_event_id=str(accepted[0] + 1))
    heard.wait_kind("sale")
    assert set(heard.states()) == {"paid"}


def test_an_event_of_another_form_has_the_page_read_everything(tablet: Tablet, service: FakeService) -> None:
    heard = tablet.listen()
    heard.wait_connected()
    till_id = next(iter(service.tills))
    service.events.append((len(service.events) + 1, till_id, "sale.changed", {"sale": {"state": "paid"}}))
    wait_for(lambda: [e.kind for e in heard.events].count("stream") == 2, "the page to be sent reading")
    sale_id = tablet.sell().json()["id"]
    heard.wait_state("open")
    assert tablet.sale(sale_id)["state"] == "open"


def test_a_tablet_that_reconnects_hears_what_it_missed(tablet: Tablet, service: FakeService) -> None:
    heard = tablet.listen()
    heard.wait_connected()
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    heard.wait_state("accepted")
    last = heard.wait_kind("sale").event_id
    heard.closing.set()
    service.pay(sale_id)
    again = tablet.listen(last_event_id=last)
    again.wait_state("paid")


def test_the_relay_reconnects_to_a_service_that_came_back_and_replays(
    tablet: Tablet, service: FakeService
) -> None:
    heard = tablet.listen()
    heard.wait_connected()
    sale_id = tablet.sell().json()["id"]
    service.accept(sale_id)
    heard.wait_state("accepted")
    service.stop()
    wait_for(lambda: any("false" in e.data for e in heard.events if e.kind == "stream"), "the cut to be said")
    service.pay(sale_id)
    service.start()
    heard.wait_state("paid")


def test_offline_is_pushed_and_then_online_again(tablet: Tablet, service: FakeService) -> None:
    heard = tablet.listen()
    heard.wait_connected()

    def last_online() -> bool | None:
        told = [json.loads(event.data)["online"] for event in heard.events if event.kind == "connection"]
        return told[-1] if told else None

    wait_for(lambda: last_online() is True, "online")
    service.stop()
    wait_for(lambda: last_online() is False, "offline")
    service.start()
    wait_for(lambda: last_online() is True, "online again")


def test_a_revoked_till_is_told_why(tablet: Tablet, service: FakeService) -> None:
    heard = tablet.listen()
    heard.wait_connected()
    till = next(iter(service.tills.values()))
    till.revoked = True
    service.push(till.id, TillRevoked(till.id))
    refused = json.loads(heard.wait_kind("refused").data)
    assert (refused["status"], refused["code"]) == (401, "till.unknown")


def test_the_tablets_of_one_till_are_bounded(pos: RunningPos, tablet: Tablet) -> None:
    with ExitStack() as streams:
        lines = []  # kept: a discarded iterator closes its stream
        for _ in range(MAX_SCREENS_PER_TILL):
            response = streams.enter_context(tablet.http.stream("GET", "/api/events"))
            lines.append(response.iter_lines())
            next(lines[-1])
        refused = tablet.http.get("/api/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "pos.too_many_screens")
    wait_for(
        lambda: all(count == 0 for count in pos.screens().values()), "closed pages to leave their places"
    )
