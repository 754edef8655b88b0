"""Loading as a habit: the standing order that is expected, and the balance below which to offer a load."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.faces.shell.rate_limits import WRITING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.topups import errors
from wallet_service.topups.schemas import LoadingAnswer, LowBalanceBody, StandingOrderBody

router = APIRouter(prefix="/v1/me/loading", tags=["top-ups"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]


@router.get("")
def loading(member: CurrentMember, services: ServicesOf) -> LoadingAnswer:
    """The followed standing order with the next one expected, and the low-balance notice."""
    return LoadingAnswer.model_validate(services.standing_orders.habits(member.member_id))


@router.post("/standing-order", dependencies=WRITING, responses=refuses(errors.TopupAmountOutOfRange))
def declare_standing_order(
    body: StandingOrderBody, member: CurrentMember, services: ServicesOf
) -> LoadingAnswer:
    """The member has set one up at their bank: it is expected from the next time that day comes."""
    return LoadingAnswer.model_validate(
        services.standing_orders.declare(member.member_id, body.amount_cents, body.day_of_month)
    )


@router.delete("/standing-order", dependencies=WRITING, status_code=204)
def end_standing_order(member: CurrentMember, services: ServicesOf) -> None:
    """It is not expected any more. The bank's own order stays: only the member can end it there."""
    services.standing_orders.end(member.member_id)


@router.post("/low-balance", dependencies=WRITING, status_code=204)
def set_low_balance(body: LowBalanceBody, member: CurrentMember, services: ServicesOf) -> None:
    """Below that balance the wallet offers to load."""
    services.standing_orders.set_low_balance(member.member_id, body.below_cents)


@router.delete("/low-balance", dependencies=WRITING, status_code=204)
def clear_low_balance(member: CurrentMember, services: ServicesOf) -> None:
    """The wallet offers nothing by itself any more."""
    services.standing_orders.set_low_balance(member.member_id, None)
