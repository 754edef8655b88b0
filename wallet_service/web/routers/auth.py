"""Sessions and passkeys of members: device sign-in, passkey sign-in, passkey registration, sign-out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.identity.device_sign_in import SignedIn
from wallet_service.members.devices import NewPasskey
from wallet_service.web.rate_limits import SIGN_IN, limited
from wallet_service.web.routers.views import member_fields
from wallet_service.web.security import (
    CurrentMember,
    FreshMember,
    OptionalMember,
    ServicesOf,
    clear_session_cookie,
    close_session,
    set_session_cookie,
)

router = APIRouter(tags=["session"])

PublicKey = Annotated[str, Field(pattern=r"^0x[0-9a-f]{128}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeviceChallenge(_Body):
    public_key: PublicKey


class DeviceAnswer(_Body):
    challenge: Annotated[str, Field(min_length=20, max_length=100)]
    public_key: PublicKey
    signature: Annotated[str, Field(min_length=80, max_length=96)]


class CredentialBody(_Body):
    """A WebAuthn credential as @simplewebauthn/browser sends it."""

    credential: dict[str, Any]


class PasskeySignerBody(_Body):
    """`proof`: base64url of r ‖ s over ``alba-passkey:`` + `credential_id`, by the device's key."""

    credential_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$")]
    device_public_key: PublicKey
    proof: Annotated[str, Field(min_length=80, max_length=96)]


@router.get("/v1/session")
def session(member: OptionalMember, services: ServicesOf) -> dict[str, Any]:
    """Who is signed in; nulls when nobody is."""
    if member is None:
        return {"csrf_token": None, "member": None}
    return {"csrf_token": member.csrf_token, "member": member_fields(services.members.get(member.member_id))}


@router.post("/v1/session/device/challenge", dependencies=[Depends(limited(SIGN_IN))])
def device_challenge(body: DeviceChallenge, services: ServicesOf) -> dict[str, str]:
    """A challenge for a device's key, known or not. The device signs ``alba-sign-in:`` and the challenge."""
    return {"challenge": services.device_sign_in.challenge(body.public_key)}


@router.post("/v1/session/device", dependencies=[Depends(limited(SIGN_IN))])
def device_session(
    body: DeviceAnswer, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Opens a session with the device's signature over the challenge."""
    signed_in = services.device_sign_in.sign_in(body.challenge, body.public_key, body.signature)
    return _opened(signed_in, request, response, services)


@router.post("/v1/session/passkey/options", dependencies=[Depends(limited(SIGN_IN))])
def passkey_options(services: ServicesOf) -> dict[str, Any]:
    """WebAuthn request options; any passkey of this site may answer."""
    return services.passkeys.sign_in_options("member")


@router.post("/v1/session/passkey/verify", dependencies=[Depends(limited(SIGN_IN))])
def passkey_session(
    body: CredentialBody, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Opens a session with a passkey's answer."""
    signed_in = services.passkeys.sign_in("member", body.credential)
    return _opened(signed_in, request, response, services)


@router.delete("/v1/session", status_code=204)
def sign_out(request: Request, response: Response, member: CurrentMember) -> None:
    """Ends this session."""
    close_session(request)
    clear_session_cookie(response, request)


@router.post("/v1/passkeys/options")
def registration_options(member: FreshMember, request: Request, services: ServicesOf) -> dict[str, Any]:
    """WebAuthn creation options for the signed-in member."""
    currency = str(request.app.state.currency["name"])
    name = services.directory.short_name(member.member_id) or currency
    return services.passkeys.registration_options("member", member.member_id, name)


@router.post("/v1/passkeys/verify", status_code=201)
def register_passkey(body: CredentialBody, member: FreshMember, services: ServicesOf) -> dict[str, str]:
    """Keeps the new passkey's public key."""
    return {"credential_id": services.passkeys.register("member", member.member_id, body.credential)}


@router.post("/v1/passkeys/signer", status_code=202)
def let_passkey_sign(
    body: PasskeySignerBody, member: CurrentMember, services: ServicesOf
) -> dict[str, list[dict[str, Any]]]:
    """Lets a passkey sign payments, on the word of a device that may; it does once the ledger knows it.

    Asking again changes nothing. Answers with the account's devices, as in `GET /v1/me`.
    """
    point = services.passkeys.signing_point("member", member.member_id, body.credential_id)
    wanted = NewPasskey(body.credential_id, point, body.device_public_key, body.proof)
    services.devices.add_passkey(member.member_id, wanted)
    return {"devices": services.members.devices(member.member_id)}


def _opened(
    signed_in: SignedIn, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Signing in ends the session the browser had: a token is never kept across a change of person."""
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    member = services.members.get(signed_in.subject_id)
    return {"csrf_token": signed_in.session.csrf_token, "member": member_fields(member)}
