"""What opens the member's account: the open sessions, the passkeys, the devices; and how they end."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.faces.shell.rate_limits import WRITING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, FreshMember, ServicesOf
from wallet_service.members import errors
from wallet_service.members.schemas import AccessAnswer, PasskeyRemovalAnswer
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import LastWayIn, PasskeyNeeded, PasskeyUnknown, SessionUnknown

router = APIRouter(prefix="/v1/me", tags=["session"])
WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]


@router.get("/access")
def access(member: CurrentMember, services: ServicesOf) -> AccessAnswer:
    """Open sessions, passkeys and devices: what each is, and when it was last used."""
    found = services.access.of_member(member.member_id)
    return AccessAnswer.model_validate(
        {
            "sessions": [
                {**vars(session), "is_this": session.id == member.session_id} for session in found.sessions
            ],
            "passkeys": found.passkeys,
            "devices": found.devices,
        }
    )


@router.delete("/sessions", status_code=204)
def end_other_sessions(member: FreshMember, services: ServicesOf) -> None:
    """Ends every session of the member but this one."""
    services.access.end_other_sessions(member.member_id, member.session_id)


@router.delete("/sessions/{session_id}", status_code=204, responses=refuses(SessionUnknown))
def end_session(session_id: str, member: FreshMember, services: ServicesOf) -> None:
    """Ends one session of the member; whoever used it must sign in again."""
    services.access.end_session(member.member_id, session_id)


@router.delete(
    "/passkeys/{credential_id}",
    status_code=204,
    responses=refuses(PasskeyUnknown, LastWayIn, errors.LastSigner, PasskeyNeeded),
)
def remove_passkey(credential_id: str, member: FreshMember, services: ServicesOf) -> None:
    """The passkey neither signs in nor pays any more; other sessions it opened end."""
    services.access.remove_passkey(
        member.member_id, credential_id, member.session_id, by_passkey=member.by_passkey
    )


@router.post(
    "/passkeys/{credential_id}/removal",
    status_code=202,
    dependencies=WRITING,
    responses=refuses(PasskeyUnknown, LastWayIn, errors.LastSigner, PasskeyNeeded),
)
def ask_passkey_removal(
    credential_id: str, member: FreshMember, services: ServicesOf
) -> PasskeyRemovalAnswer:
    """Without the passkey, which is lost or broken: it goes after three days, unless it is used meanwhile."""
    at_unix_ms = services.access.ask_passkey_removal(
        member.member_id, credential_id, by_passkey=member.by_passkey
    )
    return PasskeyRemovalAnswer(removed_at_unix_ms=at_unix_ms)


@router.delete(
    "/passkeys/{credential_id}/removal",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(PasskeyUnknown),
)
def keep_passkey(credential_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """The passkey stays. Any session may: it takes nothing away."""
    services.access.keep_passkey(member.member_id, credential_id)


@router.delete(
    "/devices/{device_id}",
    status_code=204,
    responses=refuses(errors.DeviceNotFound, LastWayIn, errors.LastSigner, PasskeyNeeded),
)
def remove_device(device_id: str, member: FreshMember, services: ServicesOf) -> None:
    """The device neither signs in nor pays any more; other sessions it opened end."""
    services.access.remove_device(
        member.member_id, device_id, member.session_id, by_passkey=member.by_passkey
    )
