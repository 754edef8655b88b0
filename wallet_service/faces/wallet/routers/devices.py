"""One more device for an account, tied to it with a code the issuer gave or by a passkey that may sign."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

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
from wallet_service.members.devices import NewDevice, VouchedDevice, vouching_act
from wallet_service.members.schemas import (
    DeviceAnswer,
    DeviceBody,
    DeviceKeyBody,
    DevicesAnswer,
    NewSessionMember,
)
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import ChallengeUnknown, KeyInvalid, PasskeyRefused
from wallet_service.security.schemas import PasskeyDeviceBody, PasskeyRequestOptions

router = APIRouter(tags=["wallets"])

#: How long a person may take over their passkey.
VOUCHING_LIFETIME_MS = 2 * 60 * 1000


@router.post(
    "/v1/devices/passkey/options",
    dependencies=[Depends(member_limited(VOUCHING_OF_MEMBER))],
    responses=refuses(KeyInvalid, errors.DeviceKnown),
)
def vouching_options(
    body: DeviceKeyBody, member: CurrentMember, services: ServicesOf
) -> PasskeyRequestOptions:
    """WebAuthn request options by which a passkey of the member vouches for that device."""
    services.devices.check_new(body.public_key)
    act = vouching_act(member.member_id, body.public_key)
    options = services.passkeys.confirmation_options("member", member.member_id, act, VOUCHING_LIFETIME_MS)
    return PasskeyRequestOptions.model_validate(options)


@router.post(
    "/v1/devices/passkey",
    status_code=202,
    dependencies=[Depends(member_limited(VOUCHING_OF_MEMBER))],
    responses=refuses(KeyInvalid, ChallengeUnknown, PasskeyRefused, errors.ProofInvalid, errors.DeviceKnown),
)
def link_with_passkey(body: PasskeyDeviceBody, member: CurrentMember, services: ServicesOf) -> DevicesAnswer:
    """Lets this device sign for the account on the word of a passkey that may; it does once the ledger knows.

    Answers with the account's devices, as in `GET /v1/me`.
    """
    credential = body.as_json()
    confirmed = services.passkeys.confirmed_act("member", member.member_id, credential)
    if confirmed != vouching_act(member.member_id, body.public_key):
        raise PasskeyRefused
    vouched = VouchedDevice(body.public_key, body.proof, body.label, str(credential["id"]))
    services.devices.add_vouched(member.member_id, vouched)
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
    """Ties this device's key to the code's account and signs it in; it may pay once the ledger knows it."""
    check_code(request, DEVICE_CODE_OF_SPACE, body.code)
    new_device = NewDevice(body.code, body.public_key, body.proof, body.label, browser_of(request))
    signed_in = services.devices.link(new_device)
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    return signed_in_member(services.members.get(signed_in.subject_id), signed_in.session.csrf_token)
