"""A phone and a tablet driven over HTTP, as their pages would: for benchmarks and end-to-end checks.

Owns the keys of one fictional visitor, in memory only. Knows the two programs by their addresses and nothing
else of them: no database, no chain.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from wallet_service.members.service import PROOF_PREFIX
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.security.tokens import encode

REQUEST_TIMEOUT_S = 20.0
STREAM_SILENCE_S = 60.0
WAIT_S = 30.0
POLL_S = 0.05
PAYMENT_VALIDITY_S = 120


class NotAsExpected(Exception):
    """The system did not do what it promised; the sentence says what, when."""


@dataclass(frozen=True)
class ReceivedEvent:
    """One pushed event, and when it was read (`time.perf_counter`)."""

    kind: str
    data: Any
    at_s: float


class Stream:
    """Reads a page's event stream in a thread until `close`. `wait_for` looks at each event once."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        self._events: queue.Queue[ReceivedEvent] = queue.Queue()
        self._client, self._path = client, path
        self._closed = False
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        if not self._opened.wait(WAIT_S):
            raise NotAsExpected(f"the stream {path} did not open")

    def wait_for(self, matches: Callable[[ReceivedEvent], bool], timeout_s: float = WAIT_S) -> ReceivedEvent:
        deadline_s = time.monotonic() + timeout_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left_s)
            except queue.Empty:
                break
            if matches(event):
                return event
        raise NotAsExpected(f"the stream {self._path} did not say it within {timeout_s:.0f} s")

    def close(self) -> None:
        self._closed = True

    def _read(self) -> None:
        timeout = httpx.Timeout(REQUEST_TIMEOUT_S, read=STREAM_SILENCE_S)
        try:
            with self._client.stream("GET", self._path, timeout=timeout) as answer:
                answer.raise_for_status()
                self._opened.set()
                for event in _events(answer.iter_lines()):
                    if self._closed:
                        return
                    self._events.put(event)
        except httpx.HTTPError as error:
            self._events.put(ReceivedEvent("stream.ended", str(error), time.perf_counter()))


def _events(lines: Iterator[str]) -> Iterator[ReceivedEvent]:
    kind, data = "message", ""
    for line in lines:
        field, _, value = line.partition(":")
        if not line and data:
            yield ReceivedEvent(kind, json.loads(data), time.perf_counter())
        if not line:
            kind, data = "message", ""
        elif field == "event":
            kind = value.strip()
        elif field == "data":
            data += value.strip()


class Phone:
    """A visitor with a wallet of their own."""

    def __init__(self, wallet_origin: str) -> None:
        self.key = p256.new_private_key()
        self.point = p256.point_of(self.key)
        self.http = httpx.Client(base_url=wallet_origin, timeout=REQUEST_TIMEOUT_S, trust_env=False)
        chain = self.get("/v1/config")["chain"]
        self.domain = Domain(
            chain["domain_name"], chain["domain_version"], chain["chain_id"], chain["ledger"]
        )
        public_key = "0x" + self.point.hex()
        proof = encode(p256.sign_message(self.key, f"{PROOF_PREFIX}{public_key}".encode()))
        made = self.post("/v1/wallets", {"public_key": public_key, "proof": proof})
        self.http.headers["X-CSRF-Token"] = made["csrf_token"]
        self.address = str(made["account_address"])
        wait_until(lambda: self.me()["state"] == "active", "the new wallet is enrolled")
        self.next_nonce = int(self.me()["next_nonce"])

    def me(self) -> dict[str, Any]:
        account: dict[str, Any] = self.get("/v1/me")
        return account

    def available_cents(self) -> int:
        return int(self.me()["balance"]["available_cents"])

    def announce_topup(self, amount_cents: int) -> str:
        """Ask for the transfer's details, which in the demonstration also tells the make-believe bank."""
        return str(self.get(f"/v1/me/topup?amount_cents={amount_cents}")["reference"])

    def sign(self, sale: dict[str, Any]) -> dict[str, Any]:
        """The body of the payment for a sale as `GET /v1/sales/{id}` shows it."""
        message = PaymentMessage(
            from_address=self.address,
            to_address=sale["to_address"],
            value=sale["amount_cents"],
            ref=new_ref(),
            valid_before=int(time.time()) + PAYMENT_VALIDITY_S,
            nonce=self.next_nonce,
        )
        self.next_nonce += 1
        signature = sign_p256(self.key, message.digest(self.domain), self.point)
        return {
            "from": message.from_address,
            "to": message.to_address,
            "amount_cents": message.value,
            "ref": message.ref,
            "valid_before_unix_s": message.valid_before,
            "nonce": str(message.nonce),
            "signature": "0x" + signature.hex(),
            "sale_id": sale["id"],
        }

    def pay(self, sale_id: str) -> dict[str, Any]:
        """Read the sale, sign, send; the payment as accepted."""
        accepted: dict[str, Any] = self.post("/v1/payments", self.sign(self.get(f"/v1/sales/{sale_id}")))
        return accepted

    def get(self, path: str) -> Any:
        return _json(self.http.get(path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return _json(self.http.post(path, json=body))


class Tablet:
    """A merchant's till page, paired with a one-time code."""

    def __init__(self, till_origin: str, pairing_code: str) -> None:
        self.http = httpx.Client(base_url=till_origin, timeout=REQUEST_TIMEOUT_S, trust_env=False)
        self._refresh()
        _ = self.post("/api/pair", {"code": pairing_code, "label": "Caisse d’essai"})
        self._refresh()

    def _refresh(self) -> None:
        self.http.headers["X-CSRF-Token"] = self.get("/api/state")["csrf_token"]

    def open_sale(self, amount_cents: int) -> str:
        """The new sale's id."""
        body = {"client_reference": new_ref(), "amount_cents": amount_cents}
        return str(self.post("/api/sales", body)["id"])

    def sale_state(self, sale_id: str) -> str:
        return str(self.get(f"/api/sales/{sale_id}")["state"])

    def get(self, path: str) -> Any:
        return _json(self.http.get(path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return _json(self.http.post(path, json=body))


def wait_until(predicate: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not predicate():
        if time.monotonic() > deadline_s:
            raise NotAsExpected(f"not within {timeout_s:.0f} s: {what}")
        time.sleep(POLL_S)


def _json(answer: httpx.Response) -> Any:
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        request = answer.request
        raise NotAsExpected(f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:300]}")
    return answer.json() if answer.content else None
