"""Server push of the wallet's origin: a member's own events, a till's own events, and what is public."""

from __future__ import annotations

from fastapi import APIRouter, Request

from wallet_service.faces.shell.errors import TooManyOpenStreams
from wallet_service.faces.shell.rate_limits import client_of
from wallet_service.faces.shell.security import CurrentMember, CurrentTill, ServicesOf, session_end
from wallet_service.faces.shell.streams import EventStream, event_stream
from wallet_service.platform.listeners import Audience, Listener
from wallet_service.platform.push import MEMBERS_TOPIC
from wallet_service.protocol.event_kinds import PUBLIC_TOPIC, member_topic, till_topic
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(tags=["push"])
REFUSALS = refuses(TooManyOpenStreams)


@router.get("/v1/events", response_class=EventStream, responses=REFUSALS)
async def member_events(request: Request, member: CurrentMember, services: ServicesOf) -> EventStream:
    """Everything about the signed-in member. Replays after Last-Event-ID (or ?last_event_id=)."""
    topic = member_topic(member.member_id)
    listener = Listener(Audience.MEMBER, member.member_id, topic, session_end(request), MEMBERS_TOPIC)
    return await event_stream(request, services.push, listener)


@router.get("/v1/till/events", response_class=EventStream, responses=REFUSALS)
async def till_events(request: Request, till: CurrentTill, services: ServicesOf) -> EventStream:
    """Everything about the till that signed the request."""
    listener = Listener(Audience.TILL, till.till_id, till_topic(till.till_id))
    return await event_stream(request, services.push, listener)


@router.get("/v1/public/events", response_class=EventStream, responses=REFUSALS)
async def public_events(request: Request, services: ServicesOf) -> EventStream:
    """Supply and reserve as they change, for the public page."""
    listener = Listener(Audience.PUBLIC, client_of(request), PUBLIC_TOPIC)
    return await event_stream(request, services.push, listener)
