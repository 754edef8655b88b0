"""Server push of the wallet's origin: a member's own events, a till's own events, and what is public."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from wallet_service.web.security import CurrentMember, CurrentTill, ServicesOf
from wallet_service.web.streams import event_stream

router = APIRouter(tags=["push"])


@router.get("/v1/events")
async def member_events(request: Request, member: CurrentMember, services: ServicesOf) -> EventSourceResponse:
    """Everything about the signed-in member. Replays after Last-Event-ID (or ?last_event_id=)."""
    return await event_stream(request, services.push, [f"member:{member.member_id}"])


@router.get("/v1/till/events")
async def till_events(request: Request, till: CurrentTill, services: ServicesOf) -> EventSourceResponse:
    """Everything about the till that signed the request."""
    return await event_stream(request, services.push, [f"till:{till.till_id}"])


@router.get("/v1/public/events")
async def public_events(request: Request, services: ServicesOf) -> EventSourceResponse:
    """Supply and reserve as they change, for the public page."""
    return await event_stream(request, services.push, ["public"])
