"""Server push over a real socket: events arrive, a reader who was away gets what was missed, and only
their own.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine

from tests.support.web import Town, build_town
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.web import streams
from wallet_service.web.app import wallet_app

START_DEADLINE_S = 10
READ_DEADLINE_S = 10


@dataclass
class Served:
    town: Town
    url: str

    def publish(self, topic: str, kind: str, data: dict[str, Any]) -> None:
        with UnitOfWork(self.town.engine) as work:
            self.town.push.publish(work, topic, kind, data)

    def member_cookie(self, member_id: str) -> dict[str, str]:
        session = self.town.sessions.open_now("member", member_id, "device")
        return {"Cookie": f"alba_session={session.token}"}


@pytest.fixture
def served(sqlite_engine: Engine) -> Iterator[Served]:
    town = build_town(sqlite_engine)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(wallet_app(town), host="127.0.0.1", port=port, log_level="warning", lifespan="off")  # type: ignore[arg-type]
    )
    thread = threading.Thread(target=server.run, daemon=True)
    town.push.start()
    thread.start()
    deadline_s = time.monotonic() + START_DEADLINE_S
    while not server.started:
        assert time.monotonic() < deadline_s, "the server did not start"
        time.sleep(0.01)
    yield Served(town, f"http://127.0.0.1:{port}")
    town.push.stop()
    server.should_exit = True
    server.force_exit = True
    thread.join(timeout=10)


@contextmanager
def listening(url: str, headers: dict[str, str]) -> Iterator[Iterator[tuple[str, str, Any]]]:
    """Yields (id, kind, data) of each event."""
    with (
        httpx.Client(timeout=READ_DEADLINE_S) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[tuple[str, str, Any]]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def test_a_member_hears_what_concerns_them_and_nothing_else(served: Served) -> None:
    member, _ = served.town.visitor()
    other, _ = served.town.visitor()
    with listening(f"{served.url}/v1/events", served.member_cookie(member.id)) as events:
        assert next(events)[1] == "stream.open"
        served.publish(f"member:{other.id}", "money.received", {"amount_cents": 1})
        served.publish(f"member:{member.id}", "money.received", {"amount_cents": 2})
        assert next(events)[1:] == ("money.received", {"amount_cents": 2})


@pytest.mark.parametrize("by", ["header", "query"])
def test_what_was_missed_is_replayed_after_the_last_id(served: Served, by: str) -> None:
    member, _ = served.town.visitor()
    cookie = served.member_cookie(member.id)
    with listening(f"{served.url}/v1/events", cookie) as events:
        last_id = next(events)[0]
    for number in range(3):
        served.publish(f"member:{member.id}", "payment.paid", {"number": number})
    url, headers = f"{served.url}/v1/events", dict(cookie)
    if by == "header":
        headers["Last-Event-ID"] = last_id
    else:
        url += f"?last_event_id={last_id}"
    with listening(url, headers) as events:
        heard = [next(events)]
        while len(paid := [data["number"] for _, kind, data in heard if kind == "payment.paid"]) < 3:
            heard.append(next(events))
    # What came shortly before may come again; what was missed comes in order and once.
    assert heard[0][1] == "stream.open"
    assert paid == [0, 1, 2]


def test_a_till_hears_its_own_sales_with_a_signed_request(served: Served) -> None:
    merchant, _ = served.town.merchant()
    till_id, tablet = served.town.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/events", served.town.clock.now_unix_ms())
    with listening(f"{served.url}/v1/till/events", headers) as events:
        next(events)
        served.publish(f"till:{till_id}", "sale.changed", {"sale": {"state": "paid"}})
        assert next(events)[1:] == ("sale.changed", {"sale": {"state": "paid"}})


def test_anybody_hears_what_is_public_and_nobody_without_session_hears_more(served: Served) -> None:
    with listening(f"{served.url}/v1/public/events", {}) as events:
        next(events)
        served.publish("public", "figures.changed", {"supply_cents": 5})
        assert next(events)[1:] == ("figures.changed", {"supply_cents": 5})
    assert httpx.get(f"{served.url}/v1/events").status_code == 401
    assert httpx.get(f"{served.url}/v1/till/events").status_code == 401


def test_streams_are_neither_cached_nor_without_security_headers(served: Served) -> None:
    with (
        httpx.Client(timeout=READ_DEADLINE_S) as client,
        client.stream("GET", f"{served.url}/v1/public/events") as answer,
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"]


def test_a_stream_ends_after_its_lifetime_so_that_the_page_shows_who_it_is_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STREAM_LIFETIME_S", 0.2)
    with listening(f"{served.url}/v1/public/events", {}) as events:
        assert [kind for _, kind, _ in events] == ["stream.open"]
    deadline_s = time.monotonic() + READ_DEADLINE_S
    while served.town.push.stream_count():
        assert time.monotonic() < deadline_s, "the hub still holds the stream"
        time.sleep(0.01)


def test_a_page_that_goes_away_leaves_nothing_behind(served: Served) -> None:
    with listening(f"{served.url}/v1/public/events", {}) as events:
        next(events)
        assert served.town.push.stream_count() == 1
    deadline_s = time.monotonic() + READ_DEADLINE_S
    while served.town.push.stream_count():
        assert time.monotonic() < deadline_s, "the hub still holds the stream"
        time.sleep(0.01)
