"""Moving a wallet to another phone by oneself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from wallet_service.accounts.errors import KeySuspended
from wallet_service.faces.shell.rate_limits import SIGN_IN, WRITING_OF_MEMBER, limited, member_limited
from wallet_service.faces.shell.security import CurrentMember, FreshMember, ServicesOf
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.moves import errors
from wallet_service.moves.models import MoveApproved, MoveAsked, MoveJoined
from wallet_service.moves.schemas import ApproveBody, JoinBody, MoveAnswer, MoveBody
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import KeyInvalid

router = APIRouter(prefix="/v1", tags=["wallets"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]
MoveIdInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.post(
    "/moves",
    status_code=201,
    dependencies=WRITING,
    responses=refuses(KeyInvalid, ProofInvalid, errors.MoveUnknown),
)
def ask_move(body: MoveBody, member: FreshMember, services: ServicesOf) -> MoveAnswer:
    """The old phone waits for a new one for ten minutes; an earlier code of the member ends."""
    asked = MoveAsked(body.id, body.public_key, body.proof)
    return MoveAnswer.model_validate(services.moves.ask(member.member_id, asked))


@router.post(
    "/devices/move",
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(KeyInvalid, ProofInvalid, DeviceKnown, errors.MoveUnknown, errors.MoveTaken),
)
def join_move(body: JoinBody, services: ServicesOf) -> MoveAnswer:
    """The new phone answers, and asks again until the old one has said yes (`done`)."""
    joined = MoveJoined(body.id, body.public_key, body.proof, body.label)
    return MoveAnswer.model_validate(services.moves.join(joined))


@router.get("/moves/{move_id}", responses=refuses(errors.MoveUnknown))
def read_move(move_id: MoveIdInPath, member: CurrentMember, services: ServicesOf) -> MoveAnswer:
    """As the old phone sees it."""
    return MoveAnswer.model_validate(services.moves.look(member.member_id, move_id))


@router.post(
    "/moves/{move_id}/approve",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(
        KeyInvalid,
        ProofInvalid,
        KeySuspended,
        DeviceKnown,
        errors.MoveUnknown,
        errors.MoveNotAnswered,
        errors.MoveTaken,
    ),
)
def approve_move(
    move_id: MoveIdInPath, body: ApproveBody, member: CurrentMember, services: ServicesOf
) -> None:
    """Lets the new phone sign for the account; it does once the ledger knows it."""
    approved = MoveApproved(move_id, body.new_public_key, body.addition.signed())
    services.moves.approve(member.member_id, approved)


@router.delete("/moves/{move_id}", status_code=204, dependencies=WRITING)
def end_move(move_id: MoveIdInPath, member: CurrentMember, services: ServicesOf) -> None:
    """The code is good for nothing any more."""
    services.moves.end(member.member_id, move_id)
