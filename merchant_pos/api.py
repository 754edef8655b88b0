"""The JSON the tablet's page speaks to its point of sale. Thin: checks form and session, calls, answers."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from merchant_pos.errors import (
    PairingCodeMalformed,
    PosError,
    ServiceRefusal,
    ServiceUnreachable,
    TillNameMalformed,
)
from merchant_pos.paired_tills import PairedTill, PairedTills
from merchant_pos.relay import Relay, ScreenResponse
from merchant_pos.sales import Sales
from merchant_pos.service_client import ServiceClient
from merchant_pos.settings import PosSettings
from merchant_pos.till_keys import new_till_key, public_key_text
from merchant_pos.web_rules import check_csrf, language_of, required_till, session_of, set_session

PAIRING_CODE_FORM = re.compile(r"[0-9A-Z]{6,16}")
MAX_LABEL_CHARACTERS = 40

router = APIRouter(prefix="/api")
Till = Annotated[PairedTill, Depends(required_till)]
Language = Annotated[str, Depends(language_of)]
CheckedSession = Annotated[str, Depends(check_csrf)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PairingBody(_Body):
    code: str = Field(max_length=60)
    label: str = Field(max_length=200)


class MoneyBody(_Body):
    client_reference: str = Field(max_length=66)
    amount_cents: int


def _sales(request: Request) -> Sales:
    sales: Sales = request.app.state.sales
    return sales


SalesPort = Annotated[Sales, Depends(_sales)]


@router.get("/state")
async def state(request: Request, response: Response, language: Language) -> dict[str, Any]:
    """Everything the page needs to start or start again. Never fails because the service does: it says so
    instead.
    """
    response.headers["Cache-Control"] = "no-store"
    tills: PairedTills = request.app.state.tills
    settings: PosSettings = request.app.state.settings
    session = session_of(request)
    if not session:
        session = tills.new_session()
        set_session(response, session, settings.secure_cookies())
    pulse = request.app.state.pulse
    if pulse.config is None or not pulse.reachable:
        await pulse.beat()
    shown: dict[str, Any] = {
        "csrf_token": tills.csrf_token(session),
        "paired": False,
        "time_zone": settings.time_zone,
        "largest_sale_cents": settings.largest_sale_cents,
        "currency": pulse.config.currency.model_dump() if pulse.config else None,
        "environment": pulse.config.environment if pulse.config else None,
    }
    till = tills.find(session)
    if till is not None:
        shown |= {"paired": True, "till": {"label": till.label, "merchant_name": till.merchant_name}}
        shown |= await _book_or_problem(request.app.state.sales, till, language, pulse.reachable)
    return shown | {"connection": pulse.shown()}


async def _book_or_problem(sales: Sales, till: PairedTill, language: str, reachable: bool) -> dict[str, Any]:
    try:
        if not reachable:  # asked a moment ago: the page must start at once, and say so
            raise ServiceUnreachable()
        return {"book": await sales.book(till, language), "problem": None}
    except (PosError, ServiceRefusal) as error:
        return {"book": None, "problem": {"status": error.status, **error.problem(language)}}


@router.post("/pair", status_code=201)
async def pair(
    request: Request, response: Response, body: PairingBody, session: CheckedSession, language: Language
) -> dict[str, Any]:
    """Makes a key, has the service tie it to the merchant of `code`, keeps it. The session changes with the
    rights.
    """
    code = re.sub(r"[\s-]", "", body.code).upper()
    if not PAIRING_CODE_FORM.fullmatch(code):
        raise PairingCodeMalformed()
    label = " ".join(body.label.split())
    if not 1 <= len(label) <= MAX_LABEL_CHARACTERS:
        raise TillNameMalformed(maximum_characters=MAX_LABEL_CHARACTERS)
    client: ServiceClient = request.app.state.client
    tills: PairedTills = request.app.state.tills
    key = new_till_key()
    answer = await client.pair(code, public_key_text(key), label, language)
    tills.remove(session)
    paired_session = tills.new_session()
    tills.add(paired_session, PairedTill(answer.till_id, answer.label, answer.member.name, key))
    set_session(response, paired_session, request.app.state.settings.secure_cookies())
    return {"paired": True}


@router.post("/unpair", status_code=204)
async def unpair(request: Request, session: CheckedSession) -> None:
    """Destroys this tablet's key. The merchant's wallet still lists the till until it is removed there."""
    tills: PairedTills = request.app.state.tills
    tills.remove(session)


@router.get("/book")
async def book(response: Response, till: Till, sales: SalesPort, language: Language) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    return await sales.book(till, language)


@router.post("/sales", status_code=201)
async def open_sale(
    body: MoneyBody, session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> dict[str, Any]:
    return await sales.open(till, body.client_reference, body.amount_cents, language)


@router.get("/sales/{sale_id}")
async def sale(
    response: Response, sale_id: str, till: Till, sales: SalesPort, language: Language
) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    return await sales.shown(till, sale_id, language)


@router.post("/sales/{sale_id}/cancel")
async def cancel_sale(
    sale_id: str, session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> dict[str, Any]:
    return await sales.cancel(till, sale_id, language)


@router.post("/sales/{sale_id}/refunds", status_code=202)
async def ask_refund(
    sale_id: str, body: MoneyBody, session: CheckedSession, till: Till, sales: SalesPort, language: Language
) -> dict[str, Any]:
    return await sales.ask_refund(till, sale_id, body.client_reference, body.amount_cents, language)


@router.get("/events")
async def events(request: Request, till: Till, language: Language) -> ScreenResponse:
    relay: Relay = request.app.state.relay
    return ScreenResponse(relay.open_screen(till, language, request.headers.get("Last-Event-ID")))
