"""Server push over a real socket.

Events arrive, a reader who was away gets what was missed, and only their own.
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

from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell import streams
from wallet_service.platform import listeners
from wallet_service.platform.journal import SERVICE
from wallet_service.platform.listeners import Audience, Room
from wallet_service.protocol.event_kinds import (
    Event,
    ReserveAttested,
    StopsChanged,
    TillRevoked,
    TopupCredited,
    to_console,
    to_member,
    to_public,
    to_till,
)
from wallet_service.protocol.stream_kinds import StreamKind

START_DEADLINE_S = 10
READ_DEADLINE_S = 10


@dataclass
class Served:
    env: HttpFixture
    url: str

    def publish(self, event: Event) -> None:
        with UnitOfWork(self.env.engine) as work:
            self.env.push.publish(work, event)

    def member_cookie(self, member_id: str) -> dict[str, str]:
        session = self.env.sessions.open_now("member", member_id, "device")
        return {"Cookie": f"alba_session={session.token}"}


@pytest.fixture
def served(sqlite_engine: Engine) -> Iterator[Served]:
    env = build_http_fixture(sqlite_engine)
    with _serving(env, wallet_app(env)) as served:  # type: ignore[arg-type]
        yield served


@pytest.fixture
def served_console(sqlite_engine: Engine) -> Iterator[Served]:
    env = build_http_fixture(sqlite_engine)
    with _serving(env, console_app(env)) as served:  # type: ignore[arg-type]
        yield served


@contextmanager
def _serving(env: HttpFixture, app: Any) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    env.push.start()
    thread.start()
    deadline_s = time.monotonic() + START_DEADLINE_S
    while not server.started:
        assert time.monotonic() < deadline_s, "the server did not start"
        time.sleep(0.01)
    yield Served(env, f"http://127.0.0.1:{port}")
    env.push.stop()
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
        elif fields.get("event") == StreamKind.BEAT:
            fields = {}
        elif "event" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def test_a_member_hears_what_concerns_them_and_nothing_else(served: Served) -> None:
    member, _ = served.env.visitor()
    other, _ = served.env.visitor()
    with listening(f"{served.url}/v1/events", served.member_cookie(member.id)) as events:
        assert next(events)[1] == "stream.open"
        served.publish(to_member(other.id, TopupCredited("T1", 1)))
        served.publish(to_member(member.id, TopupCredited("T2", 2)))
        assert next(events)[1:] == ("topup.credited", {"topup_id": "T2", "amount_cents": 2})


@pytest.mark.parametrize("by", ["header", "query"])
def test_what_was_missed_is_replayed_after_the_last_id(served: Served, by: str) -> None:
    member, _ = served.env.visitor()
    cookie = served.member_cookie(member.id)
    with listening(f"{served.url}/v1/events", cookie) as events:
        last_id = next(events)[0]
    for number in range(3):
        served.publish(to_member(member.id, TopupCredited("T", number)))
    url, headers = f"{served.url}/v1/events", dict(cookie)
    if by == "header":
        headers["Last-Event-ID"] = last_id
    else:
        url += f"?last_event_id={last_id}"
    with listening(url, headers) as events:
        heard = [next(events)]
        while len(paid := [data["amount_cents"] for _, kind, data in heard if kind == "topup.credited"]) < 3:
            heard.append(next(events))
    # What came shortly before may come again; what was missed comes in order and once.
    assert heard[0][1] == "stream.open"
    assert paid == [0, 1, 2]


def test_a_till_hears_its_own_sales_with_a_signed_request(served: Served) -> None:
    merchant, _ = served.env.merchant()
    till_id, tablet = served.env.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/events", served.env.clock.now_unix_ms())
    with listening(f"{served.url}/v1/till/events", headers) as events:
        next(events)
        served.publish(to_till(till_id, TillRevoked(till_id)))
        assert next(events)[1:] == ("till.revoked", {"till_id": till_id})


def test_anybody_hears_what_is_public_and_nobody_without_session_hears_more(served: Served) -> None:
    with listening(f"{served.url}/v1/public/events", {}) as events:
        next(events)
        served.publish(to_public(ReserveAttested(500, 1_800_000_000)))
        assert next(events)[1:] == ("reserve.attested", {"amount_cents": 500, "as_of_unix_s": 1_800_000_000})
    assert httpx.get(f"{served.url}/v1/events").status_code == 401
    assert httpx.get(f"{served.url}/v1/till/events").status_code == 401


def test_streams_are_neither_cached_nor_without_security_headers(served: Served) -> None:
    with (
        httpx.Client(timeout=READ_DEADLINE_S) as client,
        client.stream("GET", f"{served.url}/v1/public/events") as answer,
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"]


def test_a_line_that_lives_says_so_in_words_a_page_can_hear(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)
    with (
        httpx.Client(timeout=READ_DEADLINE_S) as client,
        client.stream("GET", f"{served.url}/v1/public/events") as answer,
    ):
        lines = answer.iter_lines()
        while next(lines) != "event: stream.beat":
            pass
        assert next(lines) == "data: {}"
        assert next(lines) == "", "no id: nothing to come back to"


def test_a_stream_ends_after_its_lifetime_so_that_the_page_shows_who_it_is_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STREAM_LIFETIME_S", 0.2)
    with listening(f"{served.url}/v1/public/events", {}) as events:
        assert [kind for _, kind, _ in events] == ["stream.open"]
    deadline_s = time.monotonic() + READ_DEADLINE_S
    while served.env.push.stream_count():
        assert time.monotonic() < deadline_s, "the hub still holds the stream"
        time.sleep(0.01)


def test_a_page_that_goes_away_leaves_nothing_behind(served: Served) -> None:
    with listening(f"{served.url}/v1/public/events", {}) as events:
        next(events)
        assert served.env.push.stream_count() == 1
    deadline_s = time.monotonic() + READ_DEADLINE_S
    while served.env.push.stream_count():
        assert time.monotonic() < deadline_s, "the hub still holds the stream"
        time.sleep(0.01)


def test_signing_out_ends_the_streams_of_that_session_and_no_other(served: Served) -> None:
    member, _ = served.env.visitor()
    url, cookie, other = f"{served.url}/v1/events", *(served.member_cookie(member.id) for _ in range(2))
    with listening(url, cookie) as ended, listening(url, other) as going_on:
        next(ended), next(going_on)
        session = httpx.get(f"{served.url}/v1/session", headers=cookie).json()
        headers = {**cookie, "X-CSRF-Token": session["csrf_token"]}
        assert httpx.delete(f"{served.url}/v1/session", headers=headers).status_code == 204
        served.publish(to_member(member.id, TopupCredited("T", 1)))
        assert list(ended) == []
        assert next(going_on)[1] == "topup.credited"


def test_a_revoked_officer_hears_nothing_more(served_console: Served) -> None:
    env = served_console.env
    officer, other = (env.officers.ensure(name, []) for name in ("Agent", "Agente"))
    cookies = [
        {"Cookie": f"alba_console={env.sessions.open_now('officer', one.id, 'passkey').token}"}
        for one in (officer, other)
    ]
    url = f"{served_console.url}/events"
    with listening(url, cookies[0]) as ended, listening(url, cookies[1]) as going_on:
        next(ended), next(going_on)
        env.officers.revoke(officer.id, SERVICE, "left")
        served_console.publish(to_console(StopsChanged(payments_stopped=True)))
        assert list(ended) == []
        assert next(going_on)[1] == "stops.changed"


def test_a_revoked_till_hears_that_and_nothing_more(served: Served) -> None:
    merchant, _ = served.env.merchant()
    till_id, tablet = served.env.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/events", served.env.clock.now_unix_ms())
    with listening(f"{served.url}/v1/till/events", headers) as events:
        next(events)
        served.env.tills.revoke(merchant.id, till_id)
        assert [kind for _, kind, _ in events] == ["till.revoked"]


def test_what_anybody_may_open_leaves_members_and_tills_their_places(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = {Audience.PUBLIC: Room(1, 1, is_known=False)}
    monkeypatch.setattr(listeners, "ROOMS", listeners.ROOMS | public)
    member, _ = served.env.visitor()
    url = f"{served.url}/v1/public/events"
    with listening(url, {}) as first:
        next(first)
        refused = httpx.get(url)
        assert (refused.status_code, refused.json()["code"]) == (503, "push.too_many_streams")
        with listening(f"{served.url}/v1/events", served.member_cookie(member.id)) as events:
            assert next(events)[1] == "stream.open"


def test_a_members_oldest_stream_gives_way_to_the_newest(served: Served) -> None:
    served.env.push._rooms = listeners.ROOMS | {Audience.MEMBER: Room(10, 1)}
    member, _ = served.env.visitor()
    url, cookie = f"{served.url}/v1/events", served.member_cookie(member.id)
    with listening(url, cookie) as oldest:
        next(oldest)
        with listening(url, cookie) as newest:
            next(newest)
            assert list(oldest) == []
            assert served.env.push.stream_count() == 1
