"""The signed-in member's own account."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from wallet_service.web.routers.views import own_view
from wallet_service.web.security import CurrentMember, ServicesOf

router = APIRouter(tags=["members"])


@router.get("/v1/me")
def me(member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """Account, limits and what is left of them, balance, devices, identity state."""
    return own_view(services, member.member_id)
