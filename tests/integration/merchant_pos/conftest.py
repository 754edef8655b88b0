"""A point of sale running for real on a free port, in front of a wallet service in memory."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from merchant_pos.app import create_app
from merchant_pos.event_stream import ServerEvent
from merchant_pos.settings import PosSettings
from tests.integration.merchant_pos.cashier import browser, till
from tests.support.described_api import TILL, checked_against, described_api
from tests.support.fake_service import FakeService
from tests.support.ports import free_port

__all__ = ["browser", "till"]

DEADLINE_S = 10.0
ROOT = Path(__file__).parents[3]


def wait_for(found: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """The first true answer of `found`, or a failure that says what was waited for."""
    until_s = time.monotonic() + deadline_s
    while time.monotonic() < until_s:
        answer = found()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {deadline_s} s for {what}")


class RunningPos:
    """The program's server in a thread; `restart` keeps its data directory, as a reboot would."""

    def __init__(self, settings: PosSettings) -> None:
        self.settings = settings
        self.url = settings.origin
        self._server: uvicorn.Server | None = None

    def start(self) -> None:
        self._app = create_app(self.settings)
        config = uvicorn.Config(
            self._app, port=self.settings.port, log_level="error", timeout_graceful_shutdown=0
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_for(lambda: self._server and self._server.started, "the point of sale to start")

    def stop(self) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(DEADLINE_S)

    def screens(self) -> dict[str, int]:
        return dict(self._app.state.stream_bridge.screens)

    def restart(self) -> None:
        self.stop()
        self.start()


@dataclass
class Heard:
    """A tablet's event stream, read in a thread."""

    events: list[ServerEvent] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def states(self) -> list[str]:
        """The states of the sale as they were pushed."""
        return [json.loads(event.data)["state"] for event in self.events if event.kind == "sale"]

    def refund_states(self) -> list[str]:
        """The states of the refund as they were pushed."""
        return [json.loads(event.data)["state"] for event in self.events if event.kind == "refund"]

    def wait_kind(self, kind: str) -> ServerEvent:
        event: ServerEvent = wait_for(
            lambda: next((event for event in self.events if event.kind == kind), None), f"a {kind} event"
        )
        return event

    def wait_state(self, state: str) -> None:
        wait_for(lambda: state in self.states(), f"the sale to be {state}; heard {self.states()}")

    def wait_connected(self) -> None:
        wait_for(
            lambda: any(event.kind == "stream" and "true" in event.data for event in self.events),
            "the stream to be connected",
        )


class Tablet:
    """A browser without pages: a cookie jar and a CSRF token."""

    def __init__(self, url: str, language: str = "fr") -> None:
        headers = {"Accept-Language": language}
        hooks = checked_against(described_api(TILL))
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30, event_hooks=hooks)
        self.csrf = self.state()["csrf_token"]

    def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get("/api/state").json()
        return answer

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self.http.post(path, json=body or {}, headers={"X-CSRF-Token": self.csrf})

    def pair(self, code: str = "ABCD2345", label: str = "Caisse 1") -> httpx.Response:
        response = self.post("/api/pair", {"code": code, "label": label})
        self.csrf = self.state()["csrf_token"]
        return response

    def sell(self, amount_cents: int = 1250, reference: str = "0x" + "a1" * 32) -> httpx.Response:
        return self.post("/api/sales", {"client_reference": reference, "amount_cents": amount_cents})

    def sale(self, sale_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get(f"/api/sales/{sale_id}").json()
        return answer

    def listen(self, last_event_id: str | None = None) -> Heard:
        """Reads /api/events until the test ends."""
        heard = Heard()
        threading.Thread(target=self._read, args=(heard, last_event_id), daemon=True).start()
        return heard

    def _read(self, heard: Heard, last_event_id: str | None) -> None:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        kind, data, event_id = "", "", None
        try:
            with self.http.stream("GET", "/api/events", headers=headers) as response:
                for line in response.iter_lines():
                    if heard.closing.is_set():
                        return
                    name, _, value = line.partition(": ")
                    if name == "event":
                        kind = value
                    elif name == "id":
                        event_id = value
                    elif name == "data":
                        data = value
                    elif not line and kind:
                        heard.events.append(ServerEvent(kind, data, event_id))
                        kind = ""
        except httpx.HTTPError:
            return  # the server went away: the test looks at what was heard


def check_exchanges(service: FakeService) -> None:
    """What the point of sale sent and what the fake answered is what docs/openapi.json says."""
    api = described_api()
    for one in service.exchanges:
        api.check_request(one.method, one.path, one.request)
        api.check_answer(one.method, one.path, one.status, one.media_type, one.answer)


@pytest.fixture
def service() -> Iterator[FakeService]:
    fake = FakeService()
    fake.start()
    yield fake
    fake.stop()
    check_exchanges(fake)


@pytest.fixture
def pos(service: FakeService, tmp_path: Path) -> Iterator[RunningPos]:
    port = free_port()
    running = RunningPos(
        PosSettings(
            service_url=service.url,
            port=port,
            origin=f"http://localhost:{port}",
            data_directory=tmp_path / "pos",
            connect_timeout_s=0.5,
            read_timeout_s=0.5,
            total_timeout_s=2.0,
            pulse_interval_s=0.2,
        )
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def tablet(pos: RunningPos) -> Tablet:
    """A tablet already paired as « Caisse 1 »."""
    tablet = Tablet(pos.url)
    assert tablet.pair().status_code == 201
    return tablet
