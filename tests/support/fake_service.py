"""A wallet service in memory for the point of sale's tests.

A real HTTP server that speaks the till API and nothing more.

It checks signatures as the real one does, keeps sales, refunds and an event log with replay, and can be told
to accept, pay, expire, go down, hang or answer nonsense. `python -m tests.support.fake_service --port 8401`
serves it for work on the pages (its /fake/ routes then stand for the payer and the merchant's phone).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import threading
import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args

import uvicorn
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.support.fake_service_api import WALLET_ORIGIN, Exchange, Till, build_app
from tests.support.ports import free_port
from wallet_service.payments.errors import BalanceTooLow
from wallet_service.protocol.event_kinds import ForTill, RefundChanged, SaleChanged
from wallet_service.protocol.shown import SaleStateWord, ShownRefund, ShownSale
from wallet_service.protocol.text.identifiers import new_id, new_ref, new_sale_id, new_short_code
from wallet_service.protocol.text.qr import receipt_url, sale_url
from wallet_service.protocol.text.references import proof_code
from wallet_service.sales.errors import (
    RefundReferenceReused,
    SaleReferenceReused,
)
from wallet_service.tills.errors import (
    TillClockWrong,
    TillRequestReplayed,
    TillSignatureInvalid,
    TillUnknown,
)

MAX_SKEW_MS = 10 * 60 * 1000
DAY_SUMS = (("sales", "amount"), ("tips", "tip"))
SALE_STATES = get_args(SaleStateWord)
SALE_FIELDS = [one.name for one in fields(ShownSale)]


@dataclass
class FakeService:
    """State and levers.

    Everything is guarded by `lock`; times are the fake's own clock, which `skew_ms` moves.
    """

    sale_lifetime_ms: int = 120_000
    skew_ms: int = 0
    payments_stopped: bool = False
    merchant_id: str = field(default_factory=new_id)
    merchant_name: str = "Fournil des Deux Rives"
    codes: dict[str, bool] = field(default_factory=lambda: {"ABCD2345": False, "EFGH6789": False})
    tills: dict[str, Till] = field(default_factory=dict)
    sales: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    cashiers: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> name, PIN
    by_reference: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    events: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)  # id, till, kind, data
    requests: list[tuple[str, str]] = field(default_factory=list)
    labels_asked: list[str | None] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)  # the API's own, streams apart
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
            sale |= {
                "state": "accepted",
                "accepted_at_unix_ms": self.now_unix_ms(),
                "payer_label": payer_label,
            }
            sale["proof_code"] = proof_code(new_ref())
            self._changed(sale)

    def pay(self, sale_id: str) -> None:
        with self.lock:
            self.sales[sale_id] |= {"state": "paid", "paid_at_unix_ms": self.now_unix_ms()}
            self._changed(self.sales[sale_id])

    def refuse_payment(self, sale_id: str) -> None:
        """The payer's payment is refused: the sale can be paid again."""
        with self.lock:
            self.sales[sale_id] |= {"state": "open", "payer_label": None, "accepted_at_unix_ms": None}
            self.sales[sale_id] |= {
                "proof_code": None,
                "refusal_code": "payment.balance_too_low",
                "refusal_detail": BalanceTooLow(available_cents=0).sentence("fr"),
            }
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
            self._refund_changed(refund)
            if state == "paid":
                self._changed(sale)

    def _day_by_cashier(self, paid: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for label in dict.fromkeys(sale["cashier_label"] for sale in paid if self.cashiers):
            own = [sale for sale in paid if sale["cashier_label"] == label]
            sums = {f"{word}_cents": sum(sale[f"{key}_cents"] for sale in own) for word, key in DAY_SUMS}
            found.append({"cashier_label": label, "sales_count": len(own), **sums})
        return found

    # -- the service ---------------------------------------------------------
    def day_of(self, till: Till, day: str) -> dict[str, Any]:
        """Every sale on whichever day is asked for: the real service counts by days."""
        own = [sale for sale in self.sales.values() if sale["till_id"] == till.id]
        in_state = {word: [one for one in own if one["state"] == word] for word in SALE_STATES}
        paid, confirming = in_state["paid"], in_state["accepted"]
        refunds = [item for item in self.refunds.values() if item["state"] == "paid"]
        sales_cents, refunds_cents = (sum(one["amount_cents"] for one in some) for some in (paid, refunds))
        moments = [sale["paid_at_unix_ms"] for sale in paid]
        return {
            "day": day, "counted_at_unix_ms": self.now_unix_ms(), "sales_count": len(paid),
            "sales_cents": sales_cents, "tips_count": sum(sale["tip_cents"] > 0 for sale in paid),
            "tips_cents": sum(sale["tip_cents"] for sale in paid), "refunds_count": len(refunds),
            "refunds_cents": refunds_cents,
            "net_cents": sales_cents - refunds_cents, "confirming_count": len(confirming),
            "confirming_cents": sum(sale["amount_cents"] for sale in confirming),
            "expired_count": len(in_state["expired"]), "cancelled_count": len(in_state["cancelled"]),
            "refused_count": 0, "first_paid_at_unix_ms": min(moments, default=None),
            "last_paid_at_unix_ms": max(moments, default=None),
            "cashiers": self._day_by_cashier(paid),
        }  # fmt: skip

    def expire_late(self) -> None:
        for sale in self.sales.values():
            if sale["state"] == "open" and sale["expires_at_unix_ms"] <= self.now_unix_ms():
                sale["state"] = "expired"
                self._changed(sale)

    def view(self, sale: dict[str, Any]) -> dict[str, Any]:
        refunds = [refund for refund in self.refunds.values() if refund["sale_id"] == sale["id"]]
        shown = {name: value for name, value in sale.items() if name != "till_id"}
        url = receipt_url(WALLET_ORIGIN, sale["id"]) if sale["state"] == "paid" else None
        return {**shown, "receipt_url": url, "refunds": refunds}

    def _changed(self, sale: dict[str, Any]) -> None:
        self.push(sale["till_id"], SaleChanged(ShownSale(**{name: sale[name] for name in SALE_FIELDS})))

    def _refund_changed(self, refund: dict[str, Any]) -> None:
        till_id = self.sales[refund["sale_id"]]["till_id"]
        self.push(till_id, RefundChanged(ShownRefund(**refund)))

    def push(self, till_id: str, payload: ForTill) -> None:
        self.events.append((len(self.events) + 1, till_id, payload.kind.value, asdict(payload)))

    def make_sale(
        self,
        till_id: str,
        amount_cents: int,
        created_at_unix_ms: int | None = None,
        client_reference: str | None = None,
    ) -> dict[str, Any]:
        created = created_at_unix_ms or self.now_unix_ms()
        sale_id = new_sale_id()
        sale = {
            "id": sale_id, "till_id": till_id, "amount_cents": amount_cents,
            "tip_cents": 0, "label": None, "state": "open",
            "short_code": new_short_code(), "qr_text": sale_url(WALLET_ORIGIN, sale_id),
            "created_at_unix_ms": created, "expires_at_unix_ms": created + self.sale_lifetime_ms,
            "accepted_at_unix_ms": None, "paid_at_unix_ms": None, "payer_label": None, "cashier_label": None,
            "proof_code": None,
            "refusal_code": None, "refusal_detail": None, "refunded_cents": 0,
            "client_reference": client_reference or new_ref(),
        }  # fmt: skip
        self.sales[sale_id] = sale
        return sale

    def once(
        self, reference: str, body: dict[str, Any], make: Any, *, is_refund: bool = False
    ) -> dict[str, Any]:
        """The same reference and body answer the same thing; another body is refused."""
        with self.lock:
            text = json.dumps(body, sort_keys=True)
            known = self.by_reference.get(reference)
            if known is None:
                known = self.by_reference[reference] = (make(), text)
            if known[1] != text:
                raise (RefundReferenceReused if is_refund else SaleReferenceReused)()
            return known[0]

    def check_signature(self, headers: Any, method: str, target: str, body: bytes) -> Till:
        till = self.tills.get(headers.get("alba-till", ""))
        if till is None or till.revoked:
            raise TillUnknown()
        moment = int(headers["alba-time"])
        if abs(moment - self.now_unix_ms()) > MAX_SKEW_MS:
            raise TillClockWrong()
        nonce = headers["alba-nonce"]
        if nonce in till.nonces:
            raise TillRequestReplayed()
        message = f"{method}\n{target}\n{moment}\n{nonce}\n{hashlib.sha256(body).hexdigest()}".encode()
        text = headers["alba-signature"]
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        x, y = int(till.public_key[2:66], 16), int(till.public_key[66:], 16)
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise TillSignatureInvalid() from None
        till.nonces.add(nonce)
        return till


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8401)
    uvicorn.run(build_app(FakeService()), port=parser.parse_args().port, log_level="warning")
