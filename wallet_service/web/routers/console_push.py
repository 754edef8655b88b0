"""Server push of the console's origin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sse_starlette import EventSourceResponse

from wallet_service.web.security import OfficerSession, ServicesOf, officer_with
from wallet_service.web.streams import event_stream

router = APIRouter(tags=["push"])


@router.get("/events")
async def console_events(
    request: Request,
    officer: Annotated[OfficerSession, Depends(officer_with("observe"))],
    services: ServicesOf,
) -> EventSourceResponse:
    """What changes the console's figures and queues; ids and counts only."""
    return await event_stream(request, services.push, ["console"])
