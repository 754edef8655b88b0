"""How long validators still validate: what the nodes' list says, who is told when, and how often."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import structlog
from structlog.testing import capture_logs

from wallet_service.chain.node.several.end_watch import EndWatch
from wallet_service.chain.node.several.validations import ENDED, SECONDS_A_DAY, Account, judge
from wallet_service.chain.node.several.validators_list import PlatformList
from wallet_service.protocol.clock import VirtualClock

NOW = 1_800_000_000
CHAIN, LIST = "2Chain", "2List"
NAMES = ("a", "b", "c", "d", "e")


def account(identity: str, **days: float) -> Account:
    return Account(identity, {name: NOW + int(left * SECONDS_A_DAY) for name, left in days.items()})


ALL = {"a": 337.5, "b": 344.5, "c": 351.5, "d": 358.5, "e": 364.5}


class HandList:
    def __init__(self, **days: float) -> None:
        self.days = days
        self.away: set[str] = set()

    def ask_all(self) -> list[Account | None]:
        return [None if name in self.away else account(name, **self.days) for name in NAMES]


def test_days_are_whole_and_in_the_order_of_the_nodes() -> None:
    found = judge(NAMES, HandList(**ALL).ask_all(), NOW)
    assert found is not None
    assert [one.days_left for one in found.each] == [337, 344, 351, 358, 364]
    assert (found.soonest, found.missing) == (None, 0)


def test_a_validator_that_is_away_is_unknown_and_nobody_who_answers_is_nothing() -> None:
    found = judge(NAMES, [None, *HandList(**ALL).ask_all()[1:]], NOW)
    assert found is not None
    assert [one.days_left for one in found.each] == [None, 344, 351, 358, 364]
    assert found.missing == 0
    assert judge(NAMES, [None] * 5, NOW) is None


def test_one_that_is_off_the_list_has_ended_and_is_missing() -> None:
    others = {name: days for name, days in ALL.items() if name != "b"}
    found = judge(NAMES, HandList(**others).ask_all(), NOW)
    assert found is not None
    assert found.soonest is not None
    assert (found.soonest.name, found.soonest.days_left, found.soonest.bound_days) == ("b", ENDED, 0)
    assert found.missing == 1


def test_of_two_ends_the_sooner_counts() -> None:
    liars = [account("a", **(ALL | {"a": 5.5})), *HandList(**ALL).ask_all()[1:]]
    found = judge(NAMES, liars, NOW)
    assert found is not None
    assert found.each[0].bound_days == 7


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def test_somebody_is_called_at_60_30_and_7_days_at_the_end_and_once_a_day_between() -> None:
    clock, known = VirtualClock((NOW - 90 * SECONDS_A_DAY) * 1000), HandList(**ALL)
    known.days = ALL | {"a": 0.0}
    watch, heard = EndWatch(NAMES, known, clock), []
    for day in range(92):
        for _ in range(3):
            with capture_logs() as logs:
                watch.run_once()
            heard += [(day - 90, one["event"], one.get("bound_days")) for one in logs]
        clock.advance_ms(SECONDS_A_DAY * 1000)
    ends = [(day, bound) for day, event, bound in heard if event == "chain.validation_ends"]
    firsts = {bound: min(day for day, found in ends if found == bound) for _, bound in ends}
    assert firsts == {60: -59, 30: -29, 7: -6, 0: 1}
    assert len(ends) == len({day for day, _ in ends}) == 61, "once a day, from the first bound on"
    assert [day for day, event, _ in heard if event == "chain.validators_missing"] == [0, 1]


def test_one_that_went_away_is_still_who_it_was() -> None:
    known = HandList(**ALL)
    watch = EndWatch(NAMES, known, VirtualClock(NOW * 1000))
    known.away = {"b"}
    watch.run_once()
    assert days_of(watch) == [337, None, 351, 358, 364], "never heard"
    known.away = set()
    watch.run_once()
    known.away = {"b", "c"}
    watch.run_once()
    assert days_of(watch) == [337, 344, 351, 358, 364]
    known.away = set(NAMES)
    watch.run_once()
    assert days_of(watch) == [337, 344, 351, 358, 364], "nobody answers: what was known stands"


def days_of(watch: EndWatch) -> list[int | None]:
    found = watch.last()
    assert found is not None
    return [one.days_left for one in found.each]


class Validator(http.server.BaseHTTPRequestHandler):
    """Answers as the engine's node does."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        (params,) = asked["params"]
        self.asked.append((self.path, asked["method"]))
        answers: dict[str, Any] = {
            "info.getNodeID": {"nodeID": "NodeID-one"},
            "platform.validatedBy": {"subnetID": LIST if params.get("blockchainID") == CHAIN else "?"},
            "platform.getCurrentValidators": {
                "validators": [{"nodeID": "NodeID-one", "endTime": str(NOW)}]
                if params.get("subnetID") == LIST
                else []
            },
        }
        content = json.dumps(
            {"jsonrpc": "2.0", "id": asked["id"], "result": answers[asked["method"]]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_the_list_is_asked_beside_the_chain_by_the_chains_own_address() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Validator)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    node = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        urls = [f"{node}/ext/bc/{CHAIN}/rpc", "http://127.0.0.1:1/ext/bc/2Chain/rpc", "http://127.0.0.1:1/"]
        found = PlatformList(urls, 2.0).ask_all()
    finally:
        server.shutdown()
        server.server_close()
    assert found == [Account("NodeID-one", {"NodeID-one": NOW}), None, None]
    assert Validator.asked == [
        ("/ext/info", "info.getNodeID"),
        ("/ext/bc/P", "platform.validatedBy"),
        ("/ext/bc/P", "platform.getCurrentValidators"),
    ]
