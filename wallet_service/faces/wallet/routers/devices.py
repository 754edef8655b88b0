"""One more device for an account, tied to it with a code the issuer gave."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from wallet_service.faces.shell.browsers import browser_of
from wallet_service.faces.shell.rate_limits import DEVICE_CODE_OF_SPACE, SIGN_IN, check_code, limited
from wallet_service.faces.shell.security import ServicesOf, close_session, set_session_cookie
from wallet_service.faces.wallet.routers.views import signed_in_member
from wallet_service.members import errors
from wallet_service.members.devices import NewDevice
from wallet_service.members.schemas import DeviceBody, NewSessionMember
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import KeyInvalid

router = APIRouter(tags=["wallets"])


@router.post(
    "/v1/devices/link",
    status_code=201,
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(KeyInvalid, errors.ProofInvalid, errors.DeviceCodeRefused, errors.DeviceKnown),
)
def link_device(
    body: DeviceBody, request: Request, response: Response, services: ServicesOf
) -> NewSessionMember:
    """Ties this device's key to the code's account and signs it in; it may pay once the ledger knows it."""
    check_code(request, DEVICE_CODE_OF_SPACE, body.code)
    new_device = NewDevice(body.code, body.public_key, body.proof, body.label, browser_of(request))
    signed_in = services.devices.link(new_device)
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    return signed_in_member(services.members.get(signed_in.subject_id), signed_in.session.csrf_token)
