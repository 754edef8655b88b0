"""Loading euros: how to make the transfer, its SEPA QR code, and the credits that came."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from wallet_service.faces.shell.papers import qr_picture
from wallet_service.faces.shell.rate_limits import ASKING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.topups import errors
from wallet_service.topups.schemas import TopupAnswer

router = APIRouter(tags=["top-ups"])

REFUSALS = refuses(errors.TopupMemberUnknown, errors.TopupAmountOutOfRange)
ASKING = [Depends(member_limited(ASKING_OF_MEMBER))]
AmountAsked = Annotated[int | None, Query(gt=0, le=MAX_AMOUNT_CENTS)]


class SvgResponse(Response):
    """A picture made for one member; never kept on the way."""

    media_type = "image/svg+xml"


@router.get("/v1/me/topup", dependencies=ASKING, responses=REFUSALS)
def topup(member: CurrentMember, services: ServicesOf, amount_cents: AmountAsked = None) -> TopupAnswer:
    """The member's own reference (ISO 11649), the reserve account, and the SEPA QR's text (EPC069-12)."""
    return TopupAnswer.model_validate(services.topups.instructions(member.member_id, amount_cents))


@router.get("/v1/me/topup/qr.svg", response_class=SvgResponse, dependencies=ASKING, responses=REFUSALS)
def topup_qr(member: CurrentMember, services: ServicesOf, amount_cents: AmountAsked = None) -> SvgResponse:
    """The SEPA QR code as SVG, its border white."""
    payload = services.topups.instructions(member.member_id, amount_cents).epc_payload
    return SvgResponse(qr_picture(payload), headers={"Cache-Control": "no-store"})
