"""One more device for an account, tied to it with a code the issuer gave or by a key that signs."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from wallet_service.accounts.errors import KeySuspended
from wallet_service.faces.shell.browsers import browser_of
from wallet_service.faces.shell.rate_limits import (
    DEVICE_CODE_OF_SPACE,
    SIGN_IN,
    VOUCHING_OF_MEMBER,
    check_code,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, ServicesOf, close_session, set_session_cookie
from wallet_service.faces.wallet.routers.views import signed_in_member
from wallet_service.members import errors
from wallet_service.members.devices import NewDevice, VouchedDevice
from wallet_service.members.schemas import (
    AdditionBody,
    DeviceAnswer,
    DeviceBody,
    DeviceKeyBody,
    DevicesAnswer,
    NewSessionMember,
    VouchedDeviceBody,
)
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import KeyInvalid

router = APIRouter(tags=["wallets"])


@router.post(
    "/v1/devices/check",
    status_code=204,
    dependencies=[Depends(member_limited(VOUCHING_OF_MEMBER))],
    responses=refuses(KeyInvalid, errors.DeviceKnown),
)
def check_device(body: DeviceKeyBody, member: CurrentMember, services: ServicesOf) -> None:
    """Whether this key may be tied to an account, before a person is asked to sign for it."""
    services.devices.check_new(body.public_key)


@router.post(
    "/v1/devices/passkey",
    status_code=202,
    dependencies=[Depends(member_limited(VOUCHING_OF_MEMBER))],
    responses=refuses(KeyInvalid, errors.ProofInvalid, KeySuspended, errors.DeviceKnown),
)
def link_with_passkey(body: VouchedDeviceBody, member: CurrentMember, services: ServicesOf) -> DevicesAnswer:
    """Lets this device sign for the account on the word of a key that does, a passkey mostly.

    It does once the ledger knows. Answers with the account's devices, as in `GET /v1/me`.
    """
    vouched = VouchedDevice(body.public_key, body.proof, body.label, body.addition.signed())
    services.devices.add_vouched(member.member_id, vouched)
    return _devices(member, services)


@router.post(
    "/v1/me/devices/{device_id}/signer",
    status_code=202,
    dependencies=[Depends(member_limited(VOUCHING_OF_MEMBER))],
    responses=refuses(errors.DeviceNotFound, errors.ProofInvalid, KeySuspended),
)
def let_device_sign(
    device_id: str, body: AdditionBody, member: CurrentMember, services: ServicesOf
) -> DevicesAnswer:
    """Lets a device that a code has tied, and that only looks, sign: on the word of one that does."""
    services.devices.let_sign(member.member_id, device_id, body.signed())
    return _devices(member, services)


def _devices(member: CurrentMember, services: ServicesOf) -> DevicesAnswer:
    devices = services.members.devices(member.member_id)
    return DevicesAnswer(devices=[DeviceAnswer.model_validate(device) for device in devices])


@router.post(
    "/v1/devices/link",
    status_code=201,
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(KeyInvalid, errors.ProofInvalid, errors.DeviceCodeRefused, errors.DeviceKnown),
)
def link_device(
    body: DeviceBody, request: Request, response: Response, services: ServicesOf
) -> NewSessionMember:
    """Ties this device's key to the code's account and signs it in; it pays once another key signs for it."""
    check_code(request, DEVICE_CODE_OF_SPACE, body.code)
    new_device = NewDevice(body.code, body.public_key, body.proof, body.label, browser_of(request))
    signed_in = services.devices.link(new_device)
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    return signed_in_member(services.members.get(signed_in.subject_id), signed_in.session.csrf_token)
