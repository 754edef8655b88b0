"""Signed payments: sending one, asking after one, and the list of movements."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.payments.events import payment_data
from wallet_service.payments.history import MAX_MOVEMENTS_PER_PAGE, Movement
from wallet_service.payments.models import Payment
from wallet_service.payments.movement_search import MAX_QUERY_CHARACTERS, Direction, Wanted
from wallet_service.payments.refusals_on_chain import sentence_of
from wallet_service.payments.service import PaymentRequest
from wallet_service.protocol.envelope import MAX_ENVELOPE_BYTES
from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.protocol.references import proof_code
from wallet_service.web.i18n import language_of
from wallet_service.web.security import CurrentMember, ServicesOf

router = APIRouter(tags=["payments"])

MAX_NONCE_DIGITS = 78
MAX_UNIX_S = 2**53
MAX_UNIX_MS = 2**53
DEFAULT_MOVEMENTS = 30


class PaymentBody(BaseModel):
    """A Payment signed by the member's device (EIP-712), and what it is for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_address: str = Field(alias="from", max_length=42)
    to_address: str = Field(alias="to", max_length=42)
    amount_cents: int = Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True)
    ref: str = Field(max_length=66)
    valid_before_unix_s: int = Field(gt=0, le=MAX_UNIX_S, strict=True)
    nonce: str = Field(pattern=r"^\d+$", max_length=MAX_NONCE_DIGITS)
    signature: str = Field(max_length=2 + 2 * MAX_ENVELOPE_BYTES)
    sale_id: str | None = Field(default=None, max_length=16)
    refund_request_id: str | None = Field(default=None, max_length=32)


@router.post("/v1/payments", status_code=202)
def pay(body: PaymentBody, request: Request, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """Accepts a signed payment. The same reference with the same content always gets the same answer."""
    wanted = PaymentRequest(**body.model_dump())
    return shown_payment(services.payments.pay(member.member_id, wanted), language_of(request))


@router.get("/v1/payments/{ref}")
def payment(ref: str, request: Request, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """What became of a payment, for its payer or payee."""
    return shown_payment(services.payments.find(member.member_id, ref), language_of(request))


@router.get("/v1/me/movements")
def movements(
    request: Request,
    member: CurrentMember,
    services: ServicesOf,
    before: Annotated[int | None, Query(ge=0)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_MOVEMENTS_PER_PAGE)] = DEFAULT_MOVEMENTS,
) -> list[dict[str, Any]]:
    """Newest first. `before` is the `at_unix_ms` of the last movement of the page before."""
    language = language_of(request)
    return [_shown(found, language) for found in services.history.movements(member.member_id, before, limit)]


class SearchBody(BaseModel):
    """In a body, not in the address: what is looked for may be somebody's name, and addresses are logged."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(default="", max_length=MAX_QUERY_CHARACTERS)
    direction: Direction = "all"
    since_unix_ms: int | None = Field(default=None, ge=0, le=MAX_UNIX_MS)
    until_unix_ms: int | None = Field(default=None, ge=0, le=MAX_UNIX_MS)
    before: int | None = Field(default=None, ge=0, le=MAX_UNIX_MS)
    limit: int = Field(default=DEFAULT_MOVEMENTS, ge=1, le=MAX_MOVEMENTS_PER_PAGE)


@router.post("/v1/me/movements/search")
def search(body: SearchBody, request: Request, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """Movements by name, amount, proof code or reference, newest first. `next_before` goes on from there."""
    language = language_of(request)
    wanted = Wanted(body.query, body.direction, body.since_unix_ms, body.until_unix_ms)
    found = services.history.search(member.member_id, wanted, body.before, body.limit)
    return {
        "movements": [_shown(movement, language) for movement in found.movements],
        "next_before": found.next_before_unix_ms,
    }


def shown_payment(payment: Payment, language: str) -> dict[str, Any]:
    shown = payment_data(payment)
    if payment.refusal_code is not None:
        shown["refusal_detail"] = sentence_of(payment.refusal_code, language)
    return shown


def _shown(movement: Movement, language: str) -> dict[str, Any]:
    shown = {
        "ref": movement.ref,
        "kind": movement.kind,
        "amount_cents": movement.amount_cents,
        "counterparty_name": movement.counterparty_name,
        "state": movement.state,
        "at_unix_ms": movement.at_unix_ms,
        "sale_id": movement.sale_id,
        "proof_code": proof_code(movement.ref),
        "refund_of_ref": movement.refund_of_ref,
        "refunded_cents": movement.refunded_cents,
        "refusal_code": movement.refusal_code,
        "fee_cents": movement.fee_cents,
        "held_reason": movement.held_reason,
    }
    if movement.refusal_code is not None and movement.kind != "redemption":
        shown["refusal_detail"] = sentence_of(movement.refusal_code, language)
    return shown
