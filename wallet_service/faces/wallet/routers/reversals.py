"""Transfers of the member's that the bank took back."""

from __future__ import annotations

from fastapi import APIRouter

from wallet_service.accounts.models import stops_sending
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.reversals.models import ReversalState
from wallet_service.reversals.schemas import ReversalAnswer

router = APIRouter(tags=["top-ups"])


@router.get("/v1/me/reversals")
def reversals(member: CurrentMember, services: ServicesOf) -> list[ReversalAnswer]:
    """Newest first: what the bank took back after it had been credited, and whether that is settled."""
    found = services.reversals.cases.of_member(member.member_id)
    owed_cents = sum(each.missing_cents for each in found if each.state is ReversalState.OPEN)
    return [
        ReversalAnswer(
            id=each.id,
            state=each.state,
            amount_cents=each.amount_cents,
            missing_cents=each.missing_cents,
            may_pay_back=each.state is ReversalState.OPEN and each.pay_back_allowed_at_unix_ms is not None,
            stops_payments=each.state is ReversalState.OPEN and stops_sending(owed_cents),
            noted_at_unix_ms=each.noted_at_unix_ms,
        )
        for each in found
    ]
