"""Whom a member lets pay with their account: inviting, seeing, changing, ending."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.accounts.errors import KeySuspended
from wallet_service.faces.shell.rate_limits import SIGN_IN, WRITING_OF_MEMBER, limited, member_limited
from wallet_service.faces.shell.security import CurrentMember, FreshMember, ServicesOf
from wallet_service.keyholders import errors
from wallet_service.keyholders.models import KeyholderApproved
from wallet_service.keyholders.schemas import (
    InvitationBody,
    InvitationJoinBody,
    KeyholderAnswer,
    KeyholderApproveBody,
    KeyholderLimitsBody,
    KeyholdersAnswer,
    SeenInvitationAnswer,
)
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import KeyInvalid

router = APIRouter(tags=["keyholders"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]


@router.get("/v1/me/keyholders")
def list_keyholders(member: CurrentMember, services: ServicesOf) -> KeyholdersAnswer:
    """Who may pay with the account, within what, what they paid; who could once; who is invited."""
    return _all(member.member_id, services)


@router.post(
    "/v1/me/keyholders",
    status_code=201,
    dependencies=WRITING,
    responses=refuses(
        KeyInvalid,
        ProofInvalid,
        errors.NameMissing,
        errors.KeyLimitsRefused,
        errors.TooManyKeyholders,
        errors.InvitationUnknown,
    ),
)
def invite(body: InvitationBody, member: FreshMember, services: ServicesOf) -> KeyholdersAnswer:
    """The holder's phone waits for another for ten minutes. Nobody may pay yet."""
    services.people.keyholders.ask(member.member_id, body.asked())
    return _all(member.member_id, services)


@router.post(
    "/v1/keyholders/join",
    dependencies=[Depends(limited(SIGN_IN))],
    responses=refuses(
        KeyInvalid, ProofInvalid, DeviceKnown, errors.InvitationUnknown, errors.InvitationTaken
    ),
)
def join_invitation(body: InvitationJoinBody, services: ServicesOf) -> SeenInvitationAnswer:
    """The other phone answers, and asks again until the holder has said yes (`adding`, then `active`)."""
    return SeenInvitationAnswer.of(services.people.keyholders.join(body.joined()))


@router.post(
    "/v1/me/keyholders/{keyholder_id}/approve",
    status_code=202,
    dependencies=WRITING,
    responses=refuses(
        KeyInvalid,
        ProofInvalid,
        KeySuspended,
        DeviceKnown,
        errors.KeyLimitsRefused,
        errors.KeyholderUnknown,
        errors.InvitationUnknown,
        errors.InvitationNotAnswered,
        errors.InvitationTaken,
    ),
)
def approve_keyholder(
    keyholder_id: str, body: KeyholderApproveBody, member: CurrentMember, services: ServicesOf
) -> KeyholdersAnswer:
    """Lets the other phone pay, on the word of a key that signs; it can once the ledger knows it."""
    approved = KeyholderApproved(keyholder_id, body.public_key, body.addition.signed())
    services.people.keyholders.approve(member.member_id, approved)
    return _all(member.member_id, services)


@router.post(
    "/v1/me/keyholders/{keyholder_id}/limits",
    status_code=202,
    dependencies=WRITING,
    responses=refuses(ProofInvalid, KeySuspended, errors.KeyLimitsRefused, errors.KeyholderUnknown),
)
def change_keyholder(
    keyholder_id: str, body: KeyholderLimitsBody, member: FreshMember, services: ServicesOf
) -> KeyholdersAnswer:
    """Other limits, on the same word: tighter ones count at once, wider ones once the ledger says so."""
    limits, addition = body.limits.limits(), body.addition.signed()
    services.people.keyholders.change_limits(member.member_id, keyholder_id, limits, addition)
    return _all(member.member_id, services)


@router.delete(
    "/v1/me/keyholders/{keyholder_id}",
    dependencies=WRITING,
    responses=refuses(errors.KeyholderUnknown),
)
def end_keyholder(keyholder_id: str, member: FreshMember, services: ServicesOf) -> KeyholdersAnswer:
    """That key pays no more, from now on; an invitation is worth nothing. Once, however often it is asked."""
    services.people.keyholders.end(member.member_id, keyholder_id)
    return _all(member.member_id, services)


def _all(member_id: str, services: ServicesOf) -> KeyholdersAnswer:
    seen = services.people.keyholders.of_member(member_id)
    return KeyholdersAnswer(keyholders=[KeyholderAnswer.of(one) for one in seen])
