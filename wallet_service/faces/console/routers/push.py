"""Server push of the console's origin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with, session_end
from wallet_service.faces.shell.streams import EventStream, event_stream
from wallet_service.platform.listeners import Audience, Listener
from wallet_service.protocol.event_kinds import CONSOLE_TOPIC

router = APIRouter(include_in_schema=False)


@router.get("/events", response_class=EventStream)
async def console_events(
    request: Request,
    officer: Annotated[OfficerSession, Depends(officer_with("observe"))],
    services: ServicesOf,
) -> EventStream:
    """What changes the console's figures and queues; ids and counts only."""
    listener = Listener(Audience.CONSOLE, officer.officer_id, CONSOLE_TOPIC, session_end(request))
    return await event_stream(request, services.push, listener)
