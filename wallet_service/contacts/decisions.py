"""Who is a stranger, how many contacts there may be, in which order people are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from wallet_service.contacts.errors import PersonUnknown, TooManyContacts
from wallet_service.contacts.models import Contact, NamedPerson, RecentPerson

MAX_CONTACTS = 200
MAX_RECENTS = 12
#: So many payments are looked through for recent people.
MAX_PAYMENTS_LOOKED_AT = 200


def check_one_name(person: NamedPerson) -> None:
    """Raises PersonUnknown unless exactly one name is given."""
    given = [name for name in (person.contact_id, person.movement_ref, person.code) if name is not None]
    if len(given) != 1:
        raise PersonUnknown


def check_room(count: int) -> None:
    """Raises TooManyContacts."""
    if count >= MAX_CONTACTS:
        raise TooManyContacts(limit=MAX_CONTACTS)


def in_order(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Favourites first, then by name; who has none last."""
    return tuple(
        sorted(
            contacts, key=lambda one: (not one.is_favourite, one.name is None, (one.name or "").casefold())
        )
    )


def newest_of_each(found: Iterable[tuple[str, RecentPerson]]) -> tuple[tuple[str, RecentPerson], ...]:
    """(member id, person), newest first: each member once, at most `MAX_RECENTS`."""
    kept: dict[str, RecentPerson] = {}
    for member_id, person in found:
        if len(kept) == MAX_RECENTS:
            break
        kept.setdefault(member_id, person)
    return tuple(kept.items())
