"""Asking people for money, and sends: made, looked at, claimed, declined, cancelled. Paying is a payment."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request

from wallet_service.asks import errors
from wallet_service.asks.models import OwnAsk, PartWay
from wallet_service.asks.schemas import (
    AskBody,
    AsksAnswer,
    DeclineBody,
    OwnAskAnswer,
    SeenPartAnswer,
)
from wallet_service.asks.service import link_of
from wallet_service.asks.states import ShownPartState
from wallet_service.contacts.errors import PersonIsYourself, PersonUnknown
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import (
    ASKING_OF_MEMBER,
    PERSON_OF_MEMBER,
    WRITING_OF_MEMBER,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.protocol.errors import WordInvalid
from wallet_service.protocol.refusal_responses import refuses

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

router = APIRouter(prefix="/v1", tags=["people"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]
ASKING = [Depends(member_limited(ASKING_OF_MEMBER))]
#: Each may tell a name: ids cannot be guessed, and are not tried by the thousand.
NAMING = [Depends(member_limited(PERSON_OF_MEMBER))]
#: Parts that will not be paid any more.
OVER = {ShownPartState.DECLINED, ShownPartState.CANCELLED, ShownPartState.EXPIRED}


@router.get("/me/asks", dependencies=ASKING)
def asks(member: CurrentMember, services: ServicesOf) -> AsksAnswer:
    """What waits for the member's signature, and what they have asked for or sent to an address."""
    reader = services.people.asks.reader
    return AsksAnswer(
        waiting=[SeenPartAnswer.model_validate(one) for one in reader.waiting_for(member.member_id)],
        made=[_own(services, one) for one in reader.made_by(member.member_id)],
    )


@router.post(
    "/me/asks",
    status_code=201,
    dependencies=NAMING,
    responses=refuses(
        WordInvalid,
        PersonUnknown,
        PersonIsYourself,
        errors.AskShapeWrong,
        errors.TooManyParts,
        errors.AddressUnreadable,
        errors.VisitorsPayShops,
        errors.IdentityNeeded,
        errors.TooManyOpenParts,
        errors.TooManyToday,
        errors.TooManyOfOne,
        errors.AskReferenceReused,
    ),
)
def create_ask(body: AskBody, request: Request, member: CurrentMember, services: ServicesOf) -> OwnAskAnswer:
    """Asks, or makes a send ready to be signed. Moves no money."""
    ask_id = services.people.asks.create(member.member_id, body.new_ask(), language_of(request))
    return _own(services, services.people.asks.reader.own(member.member_id, ask_id))


@router.get("/me/asks/{ask_id}", dependencies=ASKING, responses=refuses(errors.AskNotFound))
def own_ask(ask_id: str, member: CurrentMember, services: ServicesOf) -> OwnAskAnswer:
    """One of the member's own: who has paid, who has not, who said no."""
    return _own(services, services.people.asks.reader.own(member.member_id, ask_id.upper()))


@router.post(
    "/me/asks/{ask_id}/cancel",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.AskNotFound),
)
def cancel_ask(ask_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """Takes back what is not paid, nor being paid."""
    services.people.asks.cancel(member.member_id, ask_id)


@router.get(
    "/asks/{part_or_ask_id}",
    dependencies=NAMING,
    responses=refuses(errors.AskNotFound, errors.NoShareLeft),
)
def look_ask(part_or_ask_id: str, member: CurrentMember, services: ServicesOf) -> SeenPartAnswer:
    """What a link leads to, for this member. Nothing of it is shown to who has no wallet."""
    return SeenPartAnswer.model_validate(services.people.asks.reader.look(member.member_id, part_or_ask_id))


@router.post(
    "/asks/{part_id}/claim",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.AskNotFound, errors.OwnAskPart, errors.PartAlreadyClaimed, errors.PartOver),
)
def claim_send(part_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """It is this member who shall receive: the sender reads their name, and may sign."""
    services.people.asks.claim(member.member_id, part_id)


@router.post(
    "/asks/{part_id}/decline",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.AskNotFound, errors.PartAlreadyPaid, errors.PartOver),
)
def decline_ask(part_id: str, body: DeclineBody, member: CurrentMember, services: ServicesOf) -> None:
    """No, with a word or without."""
    services.people.asks.decline(member.member_id, part_id, body.word or None)


@router.post(
    "/asks/{part_or_ask_id}/block",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.AskNotFound, errors.OwnAskPart),
)
def block_asker(part_or_ask_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """Nothing of who asks is shown any more; they are not told."""
    services.people.asks.block(member.member_id, part_or_ask_id)


def _own(services: Services, ask: OwnAsk) -> OwnAskAnswer:
    origin = services.settings.wallet_origin
    has_shares = any(part.way is PartWay.LINK for part in ask.parts)
    return OwnAskAnswer.model_validate(
        {
            **asdict(ask),
            "total_cents": sum(part.amount_cents for part in ask.parts if part.state not in OVER),
            "paid_cents": sum(part.amount_cents for part in ask.parts if part.state is ShownPartState.PAID),
            "link": link_of(origin, ask.id) if has_shares else None,
            "parts": [
                {
                    **asdict(part),
                    "link": link_of(origin, ask.id if part.way is PartWay.LINK else part.id),
                }
                for part in ask.parts
            ],
        }
    )
