"""One more device for an account, tied to it with a code the issuer gave."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.members.devices import NewDevice
from wallet_service.members.service import DEFAULT_DEVICE_LABEL
from wallet_service.web.rate_limits import SIGN_IN, limited
from wallet_service.web.routers.views import member_fields
from wallet_service.web.security import ServicesOf, close_session, set_session_cookie

router = APIRouter(tags=["wallets"])


class DeviceBody(BaseModel):
    """`proof`: base64url of r ‖ s over ``alba-device:`` + `code` + ``:`` + `public_key`, by that key."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=8, max_length=40)]
    public_key: Annotated[str, Field(pattern=r"^0x[0-9a-f]{128}$")]
    label: Annotated[str, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    proof: Annotated[str, Field(min_length=80, max_length=96)]


@router.post("/v1/devices/link", status_code=201, dependencies=[Depends(limited(SIGN_IN))])
def link_device(
    body: DeviceBody, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Ties this device's key to the code's account and signs it in; it may pay once the ledger knows it."""
    wanted = NewDevice(body.code, body.public_key, body.proof, body.label)
    signed_in = services.devices.link(wanted)
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    member = services.members.get(signed_in.subject_id)
    return {**member_fields(member), "csrf_token": signed_in.session.csrf_token}
