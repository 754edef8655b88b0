"""A wallet service in memory for the point of sale's tests: a real HTTP server that speaks the till API and
nothing more.

It checks signatures as the real one does, keeps sales, refunds and an event log with replay, and can be told
to accept, pay, expire, go down, hang or answer nonsense. `python -m tests.support.fake_service --port 8401`
serves it for work on the pages (its /fake/ routes then stand for the payer and the merchant's phone).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from wallet_service.protocol.identifiers import new_id, new_sale_id, new_short_code
from wallet_service.protocol.qr import sale_url

MAX_SKEW_MS = 10 * 60 * 1000
WALLET_ORIGIN = "http://localhost:8401"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Refused(Exception):
    def __init__(
        self, status: int, code: str, french: str, english: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.french, self.english, self.headers = (
            status,
            code,
            french,
            english,
            headers,
        )


@dataclass
class Till:
    id: str
    label: str
    public_key: str
    revoked: bool = False
    nonces: set[str] = field(default_factory=set)


@dataclass
class FakeService:
    """State and levers. Everything is guarded by `lock`; times are the fake's own clock, which `skew_ms`
    moves.
    """

    sale_lifetime_ms: int = 120_000
    skew_ms: int = 0
    merchant_name: str = "Fournil des Deux Rives"
    codes: dict[str, bool] = field(default_factory=lambda: {"ABCD2345": False, "EFGH6789": False})
    tills: dict[str, Till] = field(default_factory=dict)
    sales: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_reference: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    events: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)  # id, till, kind, data
    requests: list[tuple[str, str]] = field(default_factory=list)
    fail_next: list[str] = field(
        default_factory=list
    )  # per request: "503", "garbage", "hang", "after" (executed, answer lost)
    lock: threading.RLock = field(default_factory=threading.RLock)
    port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now_unix_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.skew_ms

    # -- levers of the tests -------------------------------------------------
    def start(self, port: int | None = None) -> None:
        self.port = port or self.port or free_port()
        config = uvicorn.Config(
            build_app(self), port=self.port, log_level="error", timeout_graceful_shutdown=0
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline_s = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline_s:
                raise TimeoutError("the fake service did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """The service is gone: connections are refused until `start` again. State is kept."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None

    def open_sales(self) -> list[dict[str, Any]]:
        with self.lock:
            self.expire_late()
            return [sale for sale in self.sales.values() if sale["state"] == "open"]

    def accept(self, sale_id: str, payer_label: str = "Camille R.") -> None:
        with self.lock:
            sale = self.sales[sale_id]
            ref = secrets.token_hex(32)
            proof = hashlib.sha3_256(ref.encode()).hexdigest()[:5].upper()
            sale |= {
                "state": "accepted",
                "accepted_at_unix_ms": self.now_unix_ms(),
                "payer_label": payer_label,
            }
            sale["proof_code"] = f"{proof[:2]}-{proof[2:]}"
            self._changed(sale)

    def pay(self, sale_id: str) -> None:
        with self.lock:
            self.sales[sale_id] |= {"state": "paid", "paid_at_unix_ms": self.now_unix_ms()}
            self._changed(self.sales[sale_id])

    def refuse_payment(self, sale_id: str) -> None:
        """The payer's payment is refused: the sale can be paid again."""
        with self.lock:
            self.sales[sale_id] |= {"state": "open", "payer_label": None, "accepted_at_unix_ms": None}
            self.sales[sale_id]["refusal_code"] = "payment.balance_too_low"
            self._changed(self.sales[sale_id])

    def expire(self, sale_id: str) -> None:
        with self.lock:
            self.sales[sale_id]["expires_at_unix_ms"] = self.now_unix_ms() - 1
            self.expire_late()

    def decide_refund(self, refund_id: str, state: str) -> None:
        with self.lock:
            refund = self.refunds[refund_id]
            refund |= {"state": state, "decided_at_unix_ms": self.now_unix_ms()}
            sale = self.sales[refund["sale_id"]]
            sale["refunded_cents"] = sum(
                item["amount_cents"]
                for item in self.refunds.values()
                if item["sale_id"] == sale["id"] and item["state"] == "paid"
            )
            self._push(
                sale["till_id"], "refund.changed", {"refund": {"id": refund_id, "sale_id": sale["id"]}}
            )

    # -- the service ---------------------------------------------------------
    def expire_late(self) -> None:
        for sale in self.sales.values():
            if sale["state"] == "open" and sale["expires_at_unix_ms"] <= self.now_unix_ms():
                sale["state"] = "expired"
                self._changed(sale)

    def view(self, sale: dict[str, Any]) -> dict[str, Any]:
        refunds = [refund for refund in self.refunds.values() if refund["sale_id"] == sale["id"]]
        return {**{name: value for name, value in sale.items() if name != "till_id"}, "refunds": refunds}

    def _changed(self, sale: dict[str, Any]) -> None:
        self._push(sale["till_id"], "sale.changed", {"sale": {"id": sale["id"], "state": sale["state"]}})

    def _push(self, till_id: str, kind: str, data: dict[str, Any]) -> None:
        self.events.append((len(self.events) + 1, till_id, kind, data))

    def make_sale(
        self, till_id: str, amount_cents: int, created_at_unix_ms: int | None = None
    ) -> dict[str, Any]:
        created = created_at_unix_ms or self.now_unix_ms()
        sale_id = new_sale_id()
        sale = {
            "id": sale_id, "till_id": till_id, "amount_cents": amount_cents, "label": None, "state": "open",
            "short_code": new_short_code(), "qr_text": sale_url(WALLET_ORIGIN, sale_id),
            "created_at_unix_ms": created, "expires_at_unix_ms": created + self.sale_lifetime_ms,
            "accepted_at_unix_ms": None, "paid_at_unix_ms": None, "payer_label": None, "proof_code": None,
            "refusal_code": None, "refunded_cents": 0,
        }  # fmt: skip
        self.sales[sale_id] = sale
        return sale

    def once(self, reference: str, body: dict[str, Any], make: Any) -> dict[str, Any]:
        """The same reference and body answer the same thing; another body is refused."""
        with self.lock:
            text = json.dumps(body, sort_keys=True)
            known = self.by_reference.get(reference)
            if known is None:
                known = self.by_reference[reference] = (make(), text)
            if known[1] != text:
                raise Refused(
                    409, "sale.reference_reused", "Référence déjà utilisée.", "Reference already used."
                )
            return known[0]

    def check_signature(self, headers: Any, method: str, target: str, body: bytes) -> Till:
        till = self.tills.get(headers.get("alba-till", ""))
        if till is None or till.revoked:
            raise Refused(
                401, "till.unknown", "Cette caisse n’est plus associée.", "This till is no longer paired."
            )
        moment = int(headers["alba-time"])
        if abs(moment - self.now_unix_ms()) > MAX_SKEW_MS:
            raise Refused(
                401, "till.clock_wrong", "L’heure de la caisse est fausse.", "The till's clock is wrong.",
                {"Alba-Server-Time": str(self.now_unix_ms())},
            )  # fmt: skip
        nonce = headers["alba-nonce"]
        if nonce in till.nonces:
            raise Refused(401, "till.replayed", "Demande déjà reçue.", "Request already received.")
        message = f"{method}\n{target}\n{moment}\n{nonce}\n{hashlib.sha256(body).hexdigest()}".encode()
        text = headers["alba-signature"]
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        x, y = int(till.public_key[2:66], 16), int(till.public_key[66:], 16)
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Refused(401, "till.signature_wrong", "Signature refusée.", "Signature refused.") from None
        till.nonces.add(nonce)
        return till


def build_app(service: FakeService) -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        english = request.headers.get("accept-language", "fr").startswith("en")
        detail = error.english if english else error.french
        body = {
            "type": "about:blank",
            "title": error.code,
            "status": error.status,
            "code": error.code,
            "detail": detail,
        }
        return JSONResponse(body, error.status, error.headers, "application/problem+json")

    @app.middleware("http")
    async def faults(request: Request, call_next: Any) -> Any:
        service.requests.append((request.method, request.url.path))
        fault = None
        if (
            request.url.path.startswith("/v1/till")
            and not request.url.path.endswith("/events")
            and service.fail_next
        ):
            fault = service.fail_next.pop(0)
        if fault == "hang":
            await asyncio.sleep(30)
        if fault == "503":
            return JSONResponse({}, 503)
        if fault == "garbage":
            return JSONResponse(["<html>"], 200)
        response = await call_next(request)
        return JSONResponse({}, 504) if fault == "after" else response

    async def signed(request: Request) -> Till:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        body = await request.body()
        with service.lock:
            service.expire_late()
            return service.check_signature(request.headers, request.method, target, body)

    def own_sale(till: Till, sale_id: str) -> dict[str, Any]:
        sale = service.sales.get(sale_id)
        if sale is None or sale["till_id"] != till.id:
            raise Refused(404, "sale.unknown", "Vente inconnue.", "Unknown sale.")
        return sale

    @app.get("/v1/config")
    async def config() -> dict[str, Any]:
        return {
            "currency": {"name": "l'alba", "unit_one": "alba", "unit_many": "alba", "symbol": "ALBA"},
            "environment": "demo",
            "server_time_unix_ms": service.now_unix_ms(),
            "chain_head_unix_s": service.now_unix_ms() // 1000 - 1,
        }

    @app.post("/v1/tills/pair")
    async def pair(request: Request) -> JSONResponse:
        body = await request.json()
        with service.lock:
            known = [till for till in service.tills.values() if till.public_key == body["public_key"]]
            if known and body["code"] in service.codes:
                return JSONResponse(_paired(service, known[0]), 201)
            if service.codes.get(body["code"], True):
                raise Refused(
                    422, "pairing.code_unknown",
                    "La tablette n’est pas associée. Ce code est inconnu ou a déjà servi.",
                    "The tablet is not paired. This code is unknown or was already used.",
                )  # fmt: skip
            service.codes[body["code"]] = True
            till = Till(new_id(), body["label"], body["public_key"])
            service.tills[till.id] = till
        return JSONResponse(_paired(service, till), 201)

    @app.get("/v1/till/me")
    async def me(request: Request) -> dict[str, Any]:
        return _paired(service, await signed(request))

    @app.post("/v1/till/sales")
    async def open_sale(request: Request) -> JSONResponse:
        till = await signed(request)
        body = await request.json()
        sale = service.once(
            body["client_reference"], body, lambda: service.make_sale(till.id, body["amount_cents"])
        )
        return JSONResponse(service.view(sale), 201)

    @app.get("/v1/till/sales")
    async def sales(request: Request, limit: int = 50) -> list[dict[str, Any]]:
        till = await signed(request)
        own = [service.view(sale) for sale in service.sales.values() if sale["till_id"] == till.id]
        return sorted(own, key=lambda sale: -int(sale["created_at_unix_ms"]))[:limit]

    @app.get("/v1/till/sales/{sale_id}")
    async def sale(request: Request, sale_id: str) -> dict[str, Any]:
        return service.view(own_sale(await signed(request), sale_id))

    @app.post("/v1/till/sales/{sale_id}/cancel")
    async def cancel(request: Request, sale_id: str) -> dict[str, Any]:
        found = own_sale(await signed(request), sale_id)
        with service.lock:
            if found["state"] not in ("open", "cancelled"):
                raise Refused(
                    409, "sale.not_cancellable",
                    "La vente n’est pas annulée : le client a déjà accepté de payer.",
                    "The sale is not cancelled: the customer has already agreed to pay.",
                )  # fmt: skip
            found["state"] = "cancelled"
            service._changed(found)
        return service.view(found)

    @app.post("/v1/till/sales/{sale_id}/refunds")
    async def refund(request: Request, sale_id: str) -> JSONResponse:
        till = await signed(request)
        body = await request.json()
        found = own_sale(till, sale_id)
        with service.lock:
            asked = sum(
                item["amount_cents"]
                for item in service.refunds.values()
                if item["sale_id"] == sale_id and item["state"] != "refused"
            )
            known = body["client_reference"] in service.by_reference
            if not known and (
                found["state"] != "paid" or asked + body["amount_cents"] > found["amount_cents"]
            ):
                raise Refused(
                    409, "refund.too_much", "Rien n’a été remboursé. Le total dépasserait la vente.",
                    "Nothing was refunded. The total would exceed the sale.",
                )  # fmt: skip

            def make() -> dict[str, Any]:
                item = {
                    "id": new_id(), "sale_id": sale_id, "amount_cents": body["amount_cents"],
                    "state": "requested",
                    "requested_at_unix_ms": service.now_unix_ms(), "decided_at_unix_ms": None,
                }  # fmt: skip
                service.refunds[str(item["id"])] = item
                service._push(till.id, "refund.changed", {"refund": {"id": item["id"], "sale_id": sale_id}})
                return item

            return JSONResponse(service.once(body["client_reference"], body, make), 201)

    @app.get("/v1/till/refunds")
    async def refunds(request: Request) -> list[dict[str, Any]]:
        till = await signed(request)
        return [
            item for item in service.refunds.values() if service.sales[item["sale_id"]]["till_id"] == till.id
        ]

    @app.get("/v1/till/events")
    async def events(request: Request) -> EventSourceResponse:
        till = await signed(request)
        last = request.headers.get("last-event-id")

        async def stream() -> AsyncIterator[dict[str, str]]:
            seen = int(last) if last else len(service.events)
            while True:
                service.expire_late()
                for number, till_id, kind, data in service.events[seen:]:
                    if till_id == till.id:
                        yield {"id": str(number), "event": kind, "data": json.dumps(data)}
                    seen = number
                await asyncio.sleep(0.02)

        return EventSourceResponse(stream())

    @app.post("/fake/{act}")
    async def act(act: str, sale_id: str | None = None) -> dict[str, Any]:
        """The payer's phone and the merchant's, for work by hand: accept, pay, refuse, expire the newest
        sale; refund.
        """
        newest = sale_id or (list(service.sales)[-1] if service.sales else "")
        if act == "refund":
            for item in list(service.refunds.values()):
                service.decide_refund(item["id"], {"requested": "accepted"}.get(item["state"], "paid"))
        else:
            {
                "accept": service.accept,
                "pay": service.pay,
                "refuse": service.refuse_payment,
                "expire": service.expire,
            }[act](newest)
        return {"done": act}

    return app


def _paired(service: FakeService, till: Till) -> dict[str, Any]:
    return {"till_id": till.id, "label": till.label, "member": {"name": service.merchant_name}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8401)
    uvicorn.run(build_app(FakeService()), port=parser.parse_args().port, log_level="warning")
