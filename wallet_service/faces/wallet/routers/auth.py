"""Sessions and passkeys of members: device sign-in, passkey sign-in, passkey registration, sign-out."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from wallet_service.accounts.errors import KeySuspended
from wallet_service.faces.shell.browsers import browser_of
from wallet_service.faces.shell.rate_limits import SIGN_IN, WRITING_OF_MEMBER, limited, member_limited
from wallet_service.faces.shell.security import (
    CurrentMember,
    FreshMember,
    OptionalMember,
    ServicesOf,
    clear_session,
    close_session,
    set_session_cookie,
)
from wallet_service.faces.wallet.routers.views import member_view
from wallet_service.members.devices import NewPasskey
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.members.schemas import DeviceAnswer, DevicesAnswer, PasskeySignerBody, SessionAnswer
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security import errors
from wallet_service.security.device_sign_in import SignedIn
from wallet_service.security.schemas import (
    ChallengeAnswer,
    DeviceChallengeBody,
    DeviceSignInBody,
    PasskeyCreationOptions,
    PasskeyRequestOptions,
    PasskeySignInBody,
    RegisteredPasskeyAnswer,
    RegistrationBody,
)

router = APIRouter(tags=["session"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]


@router.get("/v1/session")
def session(member: OptionalMember, services: ServicesOf) -> SessionAnswer:
    """Who is signed in; nulls when nobody is."""
    if member is None:
        return SessionAnswer(csrf_token=None, member=None)
    shown = member_view(services.members.get(member.member_id))
    return SessionAnswer(csrf_token=member.csrf_token, member=shown)


@router.post(
    "/v1/session/device/challenge",
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(errors.KeyInvalid),
)
def device_challenge(body: DeviceChallengeBody, services: ServicesOf) -> ChallengeAnswer:
    """A challenge for a device's key, known or not. The device signs ``alba-sign-in:`` and the challenge."""
    return ChallengeAnswer(challenge=services.device_sign_in.challenge(body.public_key))


@router.post(
    "/v1/session/device",
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(errors.KeyInvalid, errors.ChallengeUnknown, errors.DeviceUnknown),
)
def device_session(
    body: DeviceSignInBody, request: Request, response: Response, services: ServicesOf
) -> SessionAnswer:
    """Opens a session with the device's signature over the challenge."""
    signed_in = services.device_sign_in.sign_in(
        body.challenge, body.public_key, body.signature, browser_of(request)
    )
    return _opened(signed_in, request, response, services)


@router.post("/v1/session/passkey/options", dependencies=[Depends(limited(SIGN_IN))])
def passkey_options(services: ServicesOf) -> PasskeyRequestOptions:
    """WebAuthn request options; any passkey of this site may answer."""
    return PasskeyRequestOptions.model_validate(services.passkeys.sign_in_options("member"))


@router.post(
    "/v1/session/passkey/verify",
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(errors.ChallengeUnknown, errors.PasskeyRefused),
)
def passkey_session(
    body: PasskeySignInBody, request: Request, response: Response, services: ServicesOf
) -> SessionAnswer:
    """Opens a session with a passkey's answer."""
    signed_in = services.passkeys.sign_in("member", body.as_json(), browser_of(request))
    return _opened(signed_in, request, response, services)


@router.delete("/v1/session", status_code=204)
def sign_out(request: Request, response: Response, member: CurrentMember) -> None:
    """Ends this session."""
    close_session(request)
    clear_session(response, request)


@router.post(
    "/v1/passkeys/options",
    dependencies=WRITING,
    responses=refuses(errors.TooManyPasskeys, errors.PasskeyNeeded),
)
def registration_options(
    member: FreshMember, request: Request, services: ServicesOf
) -> PasskeyCreationOptions:
    """WebAuthn creation options for the signed-in member; a further passkey takes a session of one."""
    services.access.check_shown(member.member_id, by_passkey=member.by_passkey)
    currency = str(request.app.state.currency["name"])
    name = services.directory.short_name(member.member_id) or currency
    options = services.passkeys.registration_options("member", member.member_id, name)
    return PasskeyCreationOptions.model_validate(options)


@router.post(
    "/v1/passkeys/verify",
    status_code=201,
    dependencies=WRITING,
    responses=refuses(errors.ChallengeUnknown, errors.PasskeyInvalid, errors.PasskeyNeeded),
)
def register_passkey(
    body: RegistrationBody, member: FreshMember, request: Request, services: ServicesOf
) -> RegisteredPasskeyAnswer:
    """Keeps the new passkey's public key."""
    credential_id = services.access.register_passkey(
        member.member_id, body.as_json(), browser_of(request), by_passkey=member.by_passkey
    )
    return RegisteredPasskeyAnswer(credential_id=credential_id)


@router.post(
    "/v1/passkeys/signer",
    status_code=202,
    dependencies=WRITING,
    responses=refuses(
        errors.PasskeyUnknown, errors.PasskeyCannotSign, ProofInvalid, KeySuspended, DeviceKnown
    ),
)
def let_passkey_sign(body: PasskeySignerBody, member: CurrentMember, services: ServicesOf) -> DevicesAnswer:
    """Lets a passkey sign payments, on the word of a key that does; it does once the ledger knows it.

    Asking again changes nothing. Answers with the account's devices, as in `GET /v1/me`.
    """
    point = services.passkeys.signing_point("member", member.member_id, body.credential_id)
    new_passkey = NewPasskey(body.credential_id, point, body.addition.signed())
    services.devices.add_passkey(member.member_id, new_passkey)
    devices = services.members.devices(member.member_id)
    return DevicesAnswer(devices=[DeviceAnswer.model_validate(device) for device in devices])


def _opened(signed_in: SignedIn, request: Request, response: Response, services: ServicesOf) -> SessionAnswer:
    """Signing in ends the session the browser had: a token is never kept across a change of person."""
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    shown = member_view(services.members.get(signed_in.subject_id))
    return SessionAnswer(csrf_token=signed_in.session.csrf_token, member=shown)
