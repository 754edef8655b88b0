"""Loading euros: how to make the transfer, its SEPA QR code, and the credits that came."""

from __future__ import annotations

import io
from typing import Annotated, Any

import qrcode
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathFillImage

from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.topups.service import TopupInstructions
from wallet_service.web.security import CurrentMember, ServicesOf

router = APIRouter(tags=["top-ups"])

#: EPC069-12 asks for error correction M; ISO/IEC 18004 for a border of four modules.
QR_BORDER_MODULES = 4
AmountAsked = Annotated[int | None, Query(gt=0, le=MAX_AMOUNT_CENTS)]


class TopupAnswer(BaseModel):
    """Where to send euros, with which reference. `maximum_cents` is the room left under the tier's limits."""

    reference: str
    iban: str
    bic: str
    holder: str
    epc_payload: str
    minimum_cents: int
    maximum_cents: int


@router.get("/v1/me/topup")
def topup(member: CurrentMember, services: ServicesOf, amount_cents: AmountAsked = None) -> TopupAnswer:
    """The member's own reference (ISO 11649), the reserve account, and the SEPA QR's text (EPC069-12)."""
    return TopupAnswer(**_fields(services.topups.instructions(member.member_id, amount_cents)))


@router.get("/v1/me/topup/qr.svg")
def topup_qr(member: CurrentMember, services: ServicesOf, amount_cents: AmountAsked = None) -> Response:
    """The SEPA QR code as SVG, its border white."""
    payload = services.topups.instructions(member.member_id, amount_cents).epc_payload
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=QR_BORDER_MODULES, image_factory=SvgPathFillImage
    )
    code.add_data(payload)
    drawn = io.BytesIO()
    code.make_image().save(drawn)
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _fields(instructions: TopupInstructions) -> dict[str, Any]:
    return {name: getattr(instructions, name) for name in TopupAnswer.model_fields}
