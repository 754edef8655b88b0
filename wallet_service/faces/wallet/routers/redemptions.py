"""Redeeming, for professionals: what it costs, asking with a signature, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from wallet_service.accounts.errors import CopyCatchingUp, KeySuspended
from wallet_service.faces.shell.rate_limits import ASKING_OF_MEMBER, WRITING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.platform.errors import ClockWrong
from wallet_service.protocol.errors import BadSignature, WordInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.protocol.text.references import proof_code
from wallet_service.redemptions import errors
from wallet_service.redemptions.decisions import RedemptionOrder
from wallet_service.redemptions.iban import Payee
from wallet_service.redemptions.models import RedemptionView
from wallet_service.redemptions.schemas import QuoteAnswer, QuoteBody, RedemptionAnswer, RedemptionBody

router = APIRouter(tags=["redemptions"])

MAX_REDEMPTIONS = 100
_TERMS = (
    errors.NotProfessional,
    errors.RedeemerUnknown,
    errors.RedeemerFrozen,
    errors.RedeemerIdentityExpired,
    errors.RedemptionAmountInvalid,
    errors.IbanInvalid,
    errors.IbanNotSepa,
    errors.IbanOutsideEea,
    errors.HolderInvalid,
    errors.RedemptionBalanceTooLow,
    CopyCatchingUp,
)
QUOTE_REFUSALS = refuses(*_TERMS)
REDEMPTION_REFUSALS = refuses(
    *_TERMS,
    BadSignature,
    WordInvalid,
    ClockWrong,
    errors.RedeemingStopped,
    errors.RedemptionValidityInvalid,
    errors.RedemptionSignerUnknown,
    KeySuspended,
    errors.RedemptionPasskeyRequired,
    errors.RedemptionReferenceReused,
    errors.RedemptionNonceUsed,
)


@router.post(
    "/v1/me/redemptions/quote",
    dependencies=[Depends(member_limited(ASKING_OF_MEMBER))],
    responses=QUOTE_REFUSALS,
)
def quote(body: QuoteBody, member: CurrentMember, services: ServicesOf) -> QuoteAnswer:
    """Fee, net amount and delay, before anything is signed."""
    found = services.redemptions.quote(member.member_id, body.amount_cents, Payee(body.iban, body.holder))
    return QuoteAnswer(
        amount_cents=found.quote.amount_cents,
        fee_cents=found.quote.fee_cents,
        net_cents=found.quote.net_cents,
        delay_days=found.quote.delay_days,
        payee_hash=found.payee_hash,
        iban_end=found.iban_end,
        needs_passkey=found.needs_passkey,
    )


@router.post(
    "/v1/me/redemptions",
    status_code=202,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=REDEMPTION_REFUSALS,
)
def redeem(body: RedemptionBody, member: CurrentMember, services: ServicesOf) -> RedemptionAnswer:
    """Accepts a signed redemption. The same reference with the same content always gets the same answer."""
    order = RedemptionOrder(body.amount_cents, body.ref, int(body.nonce), body.valid_before_unix_s)
    signature = _signature_bytes(body.signature)
    return _shown(
        services.redemptions.request(member.member_id, order, Payee(body.iban, body.holder), signature)
    )


@router.get("/v1/me/redemptions")
def redemptions(
    member: CurrentMember,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_REDEMPTIONS)] = 50,
) -> list[RedemptionAnswer]:
    """Newest first."""
    return [_shown(found) for found in services.redemptions.list_of_member(member.member_id, limit)]


@router.get("/v1/me/redemptions/{ref}", responses=refuses(errors.RedemptionUnknown, WordInvalid))
def redemption(ref: str, member: CurrentMember, services: ServicesOf) -> RedemptionAnswer:
    """One of the member's own, however old."""
    return _shown(services.redemptions.find(member.member_id, ref))


def _shown(view: RedemptionView) -> RedemptionAnswer:
    names = set(RedemptionAnswer.model_fields) - {"proof_code"}
    values = {name: getattr(view, name) for name in names}
    return RedemptionAnswer(**values, proof_code=proof_code(view.ref))


def _signature_bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise BadSignature("not 0x hex")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise BadSignature("not hex") from None
