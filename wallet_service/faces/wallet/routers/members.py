"""The signed-in member's own account."""

from __future__ import annotations

from fastapi import APIRouter

from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.faces.wallet.routers.views import own_account
from wallet_service.members.schemas import OwnAccountAnswer
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(tags=["members"])


@router.get("/v1/me", responses=refuses(CopyCatchingUp))
def me(member: CurrentMember, services: ServicesOf) -> OwnAccountAnswer:
    """Account, limits and what is left of them, balance, devices, identity state."""
    return own_account(services, member.member_id)
