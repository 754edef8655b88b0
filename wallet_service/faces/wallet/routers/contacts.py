"""Whom a member knows: contacts, recent people, blocks, and the code they show to be paid."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from wallet_service.asks.service import code_link
from wallet_service.contacts import errors
from wallet_service.contacts.schemas import (
    ContactAnswer,
    ContactBookAnswer,
    FavouriteBody,
    PayeeCodeAnswer,
    PersonAnswer,
    PersonBody,
)
from wallet_service.faces.shell.rate_limits import (
    ASKING_OF_MEMBER,
    PERSON_OF_MEMBER,
    WRITING_OF_MEMBER,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(prefix="/v1/me", tags=["people"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]
ASKING = [Depends(member_limited(ASKING_OF_MEMBER))]
#: Each tells a name to who has a code: codes cannot be guessed, and are not tried by the thousand.
NAMING = [Depends(member_limited(PERSON_OF_MEMBER))]


@router.get("/contacts", dependencies=ASKING)
def contact_book(member: CurrentMember, services: ServicesOf) -> ContactBookAnswer:
    """Contacts, recent people, blocks."""
    return ContactBookAnswer.model_validate(services.people.contacts.book(member.member_id))


@router.post(
    "/contacts",
    status_code=201,
    dependencies=NAMING,
    responses=refuses(errors.PersonUnknown, errors.PersonIsYourself, errors.TooManyContacts),
)
def add_contact(body: PersonBody, member: CurrentMember, services: ServicesOf) -> ContactAnswer:
    """Keeps somebody; who is kept already stays as they are."""
    return ContactAnswer.model_validate(services.people.contacts.add(member.member_id, body.named()))


@router.post(
    "/contacts/look",
    dependencies=NAMING,
    responses=refuses(errors.PersonUnknown, errors.PersonIsYourself),
)
def look_person(body: PersonBody, member: CurrentMember, services: ServicesOf) -> PersonAnswer:
    """How somebody is called, before anything is made of it."""
    known, contact = services.people.contacts.look(member.member_id, body.named())
    return PersonAnswer(
        name=known.name, is_professional=known.is_professional, contact_id=contact.id if contact else None
    )


@router.post(
    "/contacts/{contact_id}/favourite",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.ContactUnknown),
)
def choose_favourite(
    contact_id: str, body: FavouriteBody, member: CurrentMember, services: ServicesOf
) -> None:
    """Shown first, or no more."""
    contacts = services.people.contacts
    contacts.set_favourite(member.member_id, contact_id, is_favourite=body.is_favourite)


@router.delete(
    "/contacts/{contact_id}", status_code=204, dependencies=WRITING, responses=refuses(errors.ContactUnknown)
)
def remove_contact(contact_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """Forgets somebody; they are not told."""
    services.people.contacts.remove(member.member_id, contact_id)


@router.delete(
    "/blocks/{block_id}", status_code=204, dependencies=WRITING, responses=refuses(errors.ContactUnknown)
)
def unblock(block_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """Hears of somebody again; they are not told."""
    services.people.contacts.unblock(member.member_id, block_id)


@router.get("/payee-code", dependencies=ASKING)
def payee_code(member: CurrentMember, services: ServicesOf) -> PayeeCodeAnswer:
    """The member's own, made when it is first asked for."""
    return _shown(services.people.contacts.own_code(member.member_id), services)


@router.post("/payee-code", status_code=201, dependencies=WRITING)
def new_payee_code(member: CurrentMember, services: ServicesOf) -> PayeeCodeAnswer:
    """Another one; whoever has the old one finds nobody."""
    return _shown(services.people.contacts.new_code(member.member_id), services)


def _shown(code: str, services: ServicesOf) -> PayeeCodeAnswer:
    return PayeeCodeAnswer(code=code, link=code_link(services.settings.wallet_origin, code))
