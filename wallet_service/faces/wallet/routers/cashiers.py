"""Cashiers: a merchant names and removes them, a till says who is at it."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.faces.shell.rate_limits import (
    WRITING_OF_MEMBER,
    WRITING_OF_TILL,
    member_limited,
    till_limited,
)
from wallet_service.faces.shell.security import CurrentMember, CurrentTill, ServicesOf
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.tills import errors
from wallet_service.tills.schemas import (
    CashierAnswer,
    CashierBody,
    EnterBody,
    PinBody,
    TillCashiersAnswer,
)

router = APIRouter(tags=["tills"])


@router.get("/v1/me/cashiers")
def list_cashiers(member: CurrentMember, services: ServicesOf) -> list[CashierAnswer]:
    """Who may be at the merchant's tills, in the order of their names."""
    return [CashierAnswer.model_validate(one) for one in services.people.cashiers.of_member(member.member_id)]


@router.post(
    "/v1/me/cashiers",
    status_code=201,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(
        errors.NotAProfessional, errors.CashierNameRefused, errors.CashierNameTaken, errors.TooManyCashiers
    ),
)
def add_cashier(body: CashierBody, member: CurrentMember, services: ServicesOf) -> CashierAnswer:
    """Names one more."""
    return CashierAnswer.model_validate(services.people.cashiers.add(member.member_id, body.name, body.pin))


@router.post(
    "/v1/me/cashiers/{cashier_id}/pin",
    status_code=204,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.CashierUnknown),
)
def change_pin(cashier_id: str, body: PinBody, member: CurrentMember, services: ServicesOf) -> None:
    """Another PIN, at once; a pause after wrong ones ends."""
    services.people.cashiers.change_pin(member.member_id, cashier_id, body.pin)


@router.delete(
    "/v1/me/cashiers/{cashier_id}",
    status_code=204,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.CashierUnknown),
)
def remove_cashier(cashier_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """Name and PIN are destroyed, also of what was sold before."""
    services.people.cashiers.remove(member.member_id, cashier_id)


@router.get("/v1/till/cashiers")
def till_cashiers(till: CurrentTill, services: ServicesOf) -> TillCashiersAnswer:
    """Whom this till may choose among, and who is at it."""
    return TillCashiersAnswer.model_validate(services.people.cashiers.of_till(till.till_id, till.member_id))


@router.post(
    "/v1/till/cashier",
    dependencies=[Depends(till_limited(WRITING_OF_TILL))],
    responses=refuses(errors.CashierUnknown, errors.CashierPaused, errors.CashierPinWrong),
)
def enter(body: EnterBody, till: CurrentTill, services: ServicesOf) -> TillCashiersAnswer:
    """A cashier begins at this till, also in the place of another."""
    services.people.cashiers.enter(till.till_id, till.member_id, body.cashier_id, body.pin)
    return till_cashiers(till, services)


@router.delete("/v1/till/cashier", dependencies=[Depends(till_limited(WRITING_OF_TILL))])
def leave(till: CurrentTill, services: ServicesOf) -> TillCashiersAnswer:
    """Nobody is named with this till's sales any more."""
    services.people.cashiers.leave(till.till_id)
    return till_cashiers(till, services)
