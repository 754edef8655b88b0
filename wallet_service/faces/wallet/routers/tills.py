"""Tills: a merchant makes codes and revokes, a tablet pairs and asks who it is."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from wallet_service.faces.shell.rate_limits import (
    PAIRING,
    PAIRING_OF_SPACE,
    WRITING_OF_MEMBER,
    check_code,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, CurrentTill, ServicesOf
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import KeyInvalid
from wallet_service.tills import errors
from wallet_service.tills.schemas import (
    PairBody,
    PairedTillAnswer,
    PairingCodeAnswer,
    PairingCodeBody,
    TillAnswer,
    TillMerchant,
)
from wallet_service.tills.service import TillIdentity

router = APIRouter(tags=["tills"])


@router.post(
    "/v1/me/tills/pairing-codes",
    status_code=201,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.NotAProfessional, errors.TooManyTills),
)
def make_pairing_code(
    body: PairingCodeBody, member: CurrentMember, services: ServicesOf
) -> PairingCodeAnswer:
    """A code for one tablet, good for ten minutes, shown once."""
    return PairingCodeAnswer.model_validate(services.tills.make_pairing_code(member.member_id, body.label))


@router.get("/v1/me/tills")
def list_tills(member: CurrentMember, services: ServicesOf) -> list[TillAnswer]:
    """The merchant's tills, newest first, revoked ones included."""
    return [TillAnswer.model_validate(till) for till in services.tills.list_tills(member.member_id)]


@router.delete(
    "/v1/me/tills/{till_id}",
    status_code=204,
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.TillNotFound),
)
def revoke_till(till_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """The tablet can do nothing from now on."""
    services.tills.revoke(member.member_id, till_id)


@router.post(
    "/v1/tills/pair",
    status_code=201,
    dependencies=[Depends(limited(PAIRING))],
    responses=refuses(KeyInvalid, errors.PairingCodeRefused, errors.NotAProfessional, errors.TooManyTills),
)
def pair(body: PairBody, request: Request, services: ServicesOf) -> PairedTillAnswer:
    """Registers the tablet's key with a merchant's code."""
    check_code(request, PAIRING_OF_SPACE, body.code)
    return _view(services.tills.pair(body.code, body.public_key, body.label))


@router.get("/v1/till/me")
def till_me(till: CurrentTill, services: ServicesOf) -> PairedTillAnswer:
    """The till that signed this request."""
    return _view(services.tills.paired(till.till_id))


def _view(paired: TillIdentity) -> PairedTillAnswer:
    merchant = TillMerchant(id=paired.member_id, name=paired.member_name)
    return PairedTillAnswer(till_id=paired.till_id, label=paired.label, member=merchant)
