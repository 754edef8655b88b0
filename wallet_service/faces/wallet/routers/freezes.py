"""A member stops what leaves their own account, at once, and lets it go again."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.faces.shell.rate_limits import LIFTING_OF_MEMBER, WRITING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, FreshMember, ServicesOf
from wallet_service.oversight import errors
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(tags=["members"])


@router.post(
    "/v1/me/freeze",
    status_code=204,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.MemberNotEnrolled),
)
def freeze_own(member: CurrentMember, services: ServicesOf) -> None:
    """Nothing leaves the account from this answer on. Any session may: it can only keep money where it is."""
    services.oversight.freezes.freeze_own(member.member_id)


@router.delete(
    "/v1/me/freeze",
    status_code=204,
    dependencies=[Depends(member_limited(LIFTING_OF_MEMBER))],
    responses=refuses(
        errors.NothingFrozen, errors.FrozenByOthers, errors.FreezePasskeyNeeded, errors.MemberNotEnrolled
    ),
)
def lift_own(member: FreshMember, services: ServicesOf) -> None:
    """Lets go of the member's own freeze: in a session of a moment ago, with the passkey if there is one."""
    services.oversight.freezes.lift_own(member.member_id, by_passkey=member.by_passkey)
