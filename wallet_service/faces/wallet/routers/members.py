"""The signed-in member's own account."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.accounts.errors import CopyCatchingUp, PayerUnknown
from wallet_service.accounts.schemas import OwnCapsAnswer
from wallet_service.caps.schemas import OwnCapsBody
from wallet_service.faces.shell.rate_limits import WRITING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.faces.wallet.routers.views import own_account
from wallet_service.help.errors import TermsChanged
from wallet_service.members.schemas import OwnAccountAnswer, TermsBody
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(tags=["members"])


@router.get("/v1/me", responses=refuses(CopyCatchingUp))
def me(member: CurrentMember, services: ServicesOf) -> OwnAccountAnswer:
    """Account, limits and what is left of them, balance, devices, identity state."""
    return own_account(services, member.member_id)


@router.post(
    "/v1/me/terms",
    status_code=204,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(TermsChanged),
)
def accept_terms(body: TermsBody, member: CurrentMember, services: ServicesOf) -> None:
    """The member accepts the terms of that day."""
    services.members.accept_terms(member.member_id, body.version)


@router.post(
    "/v1/me/caps",
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(PayerUnknown),
)
def choose_caps(body: OwnCapsBody, member: CurrentMember, services: ServicesOf) -> OwnCapsAnswer:
    """What the member lets themselves spend. Lower counts at once, higher in a day."""
    return OwnCapsAnswer.model_validate(services.people.caps.choose(member.member_id, body.wanted()))
