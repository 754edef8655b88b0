"""The till API of the wallet service in memory: routes over a FakeService, and its faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sse_starlette import EventSourceResponse

from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.refusal_responses import PROBLEM_MEDIA_TYPE
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.sales.errors import (
    RefundTooLarge,
    SaleNotCancellable,
    SaleNotFound,
    SaleNotPaid,
)
from wallet_service.tills.errors import (
    CashierPinWrong,
    PairingCodeRefused,
)

if TYPE_CHECKING:
    from tests.support.fake_service import FakeService

WALLET_ORIGIN = "http://localhost:8401"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer as they went over HTTP; `fault` is what the tests made of it, if anything."""

    method: str
    path: str
    request: bytes
    status: int
    media_type: str
    answer: bytes
    fault: str | None


@dataclass
class Till:
    id: str
    label: str
    public_key: str
    revoked: bool = False
    cashier_id: str | None = None
    nonces: set[str] = field(default_factory=set)


def build_app(service: FakeService) -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> JSONResponse:
        language = "en" if request.headers.get("accept-language", "fr").startswith("en") else "fr"
        correlation_id = new_id()
        body = {
            "type": f"{WALLET_ORIGIN}/docs/errors#{error.code}",
            "title": error.code,
            "status": error.status,
            "code": error.code,
            "detail": error.sentence(language),
            "instance": f"urn:alba:request:{correlation_id}",
            "correlation_id": correlation_id,
            "values": error.values,
        }
        headers = {"Alba-Server-Time": str(service.now_unix_ms())}
        return JSONResponse(body, error.status, headers, PROBLEM_MEDIA_TYPE)

    @app.middleware("http")
    async def faults(request: Request, call_next: Any) -> Any:
        path = request.url.path
        service.requests.append((request.method, path))
        fault = None
        if path.startswith("/v1/till") and not path.endswith("/events") and service.fail_next:
            fault = service.fail_next.pop(0)
        if fault == "hang":
            await asyncio.sleep(30)
        if fault == "503":
            return JSONResponse({}, 503)
        if fault == "garbage":
            return JSONResponse(["<html>"], 200)
        sent = await request.body()
        response = await call_next(request)
        if path.startswith("/v1/") and not response.headers["content-type"].startswith("text/event-stream"):
            answer = b"".join([part async for part in response.body_iterator])
            media_type = response.headers["content-type"]
            service.exchanges.append(
                Exchange(request.method, path, sent, response.status_code, media_type, answer, fault)
            )
            response = Response(answer, response.status_code, dict(response.headers))
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
            raise SaleNotFound()
        return sale

    @app.get("/v1/config")
    async def config() -> dict[str, Any]:
        return {
            "currency": {
                "name": "l'alba",
                "unit_one": "alba",
                "unit_many": "alba",
                "symbol": "ALBA",
                "region": "Normandie",
                "sign": "arches",
                "time_zone": "Europe/Paris",
                "colours": {
                    "page": "#FBF9F4",
                    "page_dark": "#101715",
                    "brand": "#0B5D57",
                    "brand_dark": "#58C6B8",
                    "brand_fill_dark": "#0F6E66",
                },
            },
            "environment": "demo",
            "payments_stopped": service.payments_stopped,
            "chain": {
                "chain_id": 61_451,
                "ledger": "0x" + "ab" * 20,
                "domain_name": "l'alba",
                "domain_version": "1",
            },
            "server_time_unix_ms": service.now_unix_ms(),
            "chain_head_unix_s": service.now_unix_ms() // 1000 - 1,
            "parts_away": [],
            "sale_lifetime_s": service.sale_lifetime_ms // 1000,
            "payment_lifetime_s": 180,
            "redemption_lifetime_s": 900,
            "wallet_origin": WALLET_ORIGIN,
            "till_origin": "http://localhost:8402",
            "visitors_once_from_unix_ms": None,
            "terms_version": "2026-12-01",
            "tiers": {},
        }

    @app.post("/v1/tills/pair")
    async def pair(request: Request) -> JSONResponse:
        body = await request.json()
        with service.lock:
            known = [till for till in service.tills.values() if till.public_key == body["public_key"]]
            if known and body["code"] in service.codes:
                return JSONResponse(_paired(service, known[0]), 201)
            if service.codes.get(body["code"], True):
                raise PairingCodeRefused()
            service.codes[body["code"]] = True
            service.labels_asked.append(body["label"])
            till = Till(new_id(), body["label"] or "Caisse", body["public_key"])
            service.tills[till.id] = till
        return JSONResponse(_paired(service, till), 201)

    @app.get("/v1/till/me")
    async def me(request: Request) -> dict[str, Any]:
        return _paired(service, await signed(request))

    @app.post("/v1/till/sales")
    async def open_sale(request: Request) -> JSONResponse:
        till = await signed(request)
        body = await request.json()

        def make() -> dict[str, Any]:
            made = service.make_sale(till.id, body["amount_cents"], None, body["client_reference"])
            seller = service.cashiers.get(till.cashier_id or "", (None, ""))[0]
            made |= {"label": body["label"], "tip_cents": body["tip_cents"], "cashier_label": seller}
            service._changed(made)
            return made

        sale = service.once(body["client_reference"], body, make)
        return JSONResponse(service.view(sale), 201)

    @app.get("/v1/till/sales")
    async def sales(request: Request, limit: int = 50) -> list[dict[str, Any]]:
        till = await signed(request)
        own = [service.view(sale) for sale in service.sales.values() if sale["till_id"] == till.id]
        return sorted(own, key=lambda sale: -int(sale["created_at_unix_ms"]))[:limit]

    @app.get("/v1/till/day")
    async def day(request: Request, day: str) -> dict[str, Any]:
        return service.day_of(await signed(request), day)

    @app.get("/v1/till/cashiers")
    async def cashiers(request: Request) -> dict[str, Any]:
        return _cashiers(service, await signed(request))

    @app.post("/v1/till/cashier")
    async def enter(request: Request) -> dict[str, Any]:
        till, body = await signed(request), await request.json()
        if service.cashiers.get(body["cashier_id"], ("", ""))[1] != body["pin"]:
            raise CashierPinWrong(tries_left=4)
        till.cashier_id = body["cashier_id"]
        return _cashiers(service, till)

    @app.delete("/v1/till/cashier")
    async def leave(request: Request) -> dict[str, Any]:
        till = await signed(request)
        till.cashier_id = None
        return _cashiers(service, till)

    @app.get("/v1/till/other-sales")
    async def other_sales(request: Request, limit: int = 50) -> list[dict[str, Any]]:
        till = await signed(request)
        paid = [sale for sale in service.sales.values() if sale["state"] == "paid"]
        return [service.view(sale) for sale in paid if sale["till_id"] != till.id][:limit]

    @app.get("/v1/till/sales/{sale_id}")
    async def sale(request: Request, sale_id: str) -> dict[str, Any]:
        return service.view(own_sale(await signed(request), sale_id))

    @app.post("/v1/till/sales/{sale_id}/cancel")
    async def cancel(request: Request, sale_id: str) -> dict[str, Any]:
        found = own_sale(await signed(request), sale_id)
        with service.lock:
            if found["state"] not in ("open", "cancelled"):
                raise SaleNotCancellable()
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
            if not known and found["state"] != "paid":
                raise SaleNotPaid()
            if not known and asked + body["amount_cents"] > found["amount_cents"]:
                raise RefundTooLarge(left_cents=found["amount_cents"] - asked)

            def make() -> dict[str, Any]:
                item = {
                    "id": new_id(), "sale_id": sale_id, "amount_cents": body["amount_cents"],
                    "state": "requested", "client_reference": body["client_reference"],
                    "proof_code": None, "refusal_code": None,
                    "requested_at_unix_ms": service.now_unix_ms(), "decided_at_unix_ms": None,
                }  # fmt: skip
                service.refunds[str(item["id"])] = item
                service._refund_changed(item)
                return item

            return JSONResponse(service.once(body["client_reference"], body, make, is_refund=True), 201)

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
        """The payer's phone and the merchant's, for work by hand.

        Accept, pay, refuse, expire the newest sale; refund.
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


def _cashiers(service: FakeService, till: Till) -> dict[str, Any]:
    named = [{"id": cashier_id, "name": name} for cashier_id, (name, _) in service.cashiers.items()]
    return {"cashiers": named, "current_id": till.cashier_id}


def _paired(service: FakeService, till: Till) -> dict[str, Any]:
    merchant = {"id": service.merchant_id, "name": service.merchant_name}
    return {"till_id": till.id, "label": till.label, "member": merchant}
