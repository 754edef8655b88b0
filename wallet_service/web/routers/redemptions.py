"""Redeeming, for professionals: what it costs, asking with a signature, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.protocol.envelope import MAX_ENVELOPE_BYTES
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.protocol.references import proof_code
from wallet_service.redemptions.decisions import Order
from wallet_service.redemptions.errors import RedemptionUnknown
from wallet_service.redemptions.service import RedemptionView
from wallet_service.web.security import CurrentMember, ServicesOf

router = APIRouter(tags=["redemptions"])

MAX_IBAN_CHARACTERS = 42  # 34, and spaces
MAX_NONCE_DIGITS = 78
MAX_UNIX_S = 2**53
MAX_REDEMPTIONS = 100


class QuoteBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount_cents: int = Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True)
    iban: str = Field(max_length=MAX_IBAN_CHARACTERS)


class QuoteAnswer(BaseModel):
    """What it costs and takes. `payee_hash` goes into the message to sign."""

    amount_cents: int
    fee_cents: int
    net_cents: int
    delay_days: int
    payee_hash: str
    iban_end: str
    needs_passkey: bool


class RedemptionBody(BaseModel):
    """A Redemption signed by the member's device (EIP-712); `ref` is made before the first attempt."""

    model_config = ConfigDict(extra="forbid")

    amount_cents: int = Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True)
    iban: str = Field(max_length=MAX_IBAN_CHARACTERS)
    ref: str = Field(max_length=66)
    nonce: str = Field(pattern=r"^\d+$", max_length=MAX_NONCE_DIGITS)
    valid_before_unix_s: int = Field(gt=0, le=MAX_UNIX_S, strict=True)
    signature: str = Field(max_length=2 + 2 * MAX_ENVELOPE_BYTES)


class RedemptionAnswer(BaseModel):
    ref: str
    amount_cents: int
    fee_cents: int
    net_cents: int
    state: str
    iban_end: str
    proof_code: str
    refusal_code: str | None
    return_reason: str | None
    requested_at_unix_ms: int
    locked_at_unix_ms: int | None
    closed_at_unix_ms: int | None


@router.post("/v1/me/redemptions/quote")
def quote(body: QuoteBody, member: CurrentMember, services: ServicesOf) -> QuoteAnswer:
    """Fee, net amount and delay, before anything is signed."""
    found = services.redemptions.quote(member.member_id, body.amount_cents, body.iban)
    return QuoteAnswer(
        amount_cents=found.quote.amount_cents,
        fee_cents=found.quote.fee_cents,
        net_cents=found.quote.net_cents,
        delay_days=found.quote.delay_days,
        payee_hash=found.payee_hash,
        iban_end=found.iban_end,
        needs_passkey=found.needs_passkey,
    )


@router.post("/v1/me/redemptions", status_code=202)
def redeem(body: RedemptionBody, member: CurrentMember, services: ServicesOf) -> RedemptionAnswer:
    """Accepts a signed redemption. The same reference with the same content always gets the same answer."""
    order = Order(body.amount_cents, body.ref, int(body.nonce), body.valid_before_unix_s)
    signature = _signature_bytes(body.signature)
    return _shown(services.redemptions.request(member.member_id, order, body.iban, signature))


@router.get("/v1/me/redemptions")
def redemptions(
    member: CurrentMember,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_REDEMPTIONS)] = 50,
) -> list[RedemptionAnswer]:
    """Newest first."""
    return [_shown(found) for found in services.redemptions.list_of_member(member.member_id, limit)]


@router.get("/v1/me/redemptions/{ref}")
def redemption(ref: str, member: CurrentMember, services: ServicesOf) -> RedemptionAnswer:
    """One of the member's own. 404 redemption.unknown."""
    for found in services.redemptions.list_of_member(member.member_id, MAX_REDEMPTIONS):
        if found.ref == ref:
            return _shown(found)
    raise RedemptionUnknown()


def _shown(view: RedemptionView) -> RedemptionAnswer:
    names = set(RedemptionAnswer.model_fields) - {"proof_code", "state"}
    values = {name: getattr(view, name) for name in names}
    return RedemptionAnswer(**values, state=view.state.value, proof_code=proof_code(view.ref))


def _signature_bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise BadSignature("not 0x hex")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise BadSignature("not hex") from None
