"""Whom one means, who comes first, how many there may be."""

from __future__ import annotations

import pytest

from wallet_service.contacts import decisions, errors
from wallet_service.contacts.models import Contact, NamedPerson, RecentPerson


@pytest.mark.parametrize(
    "person",
    [NamedPerson(), NamedPerson("C", "0x1"), NamedPerson("C", code="K"), NamedPerson("C", "0x1", "K")],
)
def test_nobody_is_named_by_none_or_two_names(person: NamedPerson) -> None:
    with pytest.raises(errors.PersonUnknown):
        decisions.check_one_name(person)


def test_one_name_is_enough() -> None:
    for person in (NamedPerson("C"), NamedPerson(movement_ref="0x1"), NamedPerson(code="K")):
        decisions.check_one_name(person)


def test_there_is_room_for_so_many() -> None:
    decisions.check_room(decisions.MAX_CONTACTS - 1)
    with pytest.raises(errors.TooManyContacts):
        decisions.check_room(decisions.MAX_CONTACTS)


def test_favourites_then_names_then_who_has_none() -> None:
    contacts = [
        Contact("1", None, False, False),
        Contact("2", "Éva B.", False, False),
        Contact("3", "zoé T.", False, True),
        Contact("4", "Ana B.", False, False),
        Contact("5", None, False, True),
    ]
    assert [one.id for one in decisions.in_order(contacts)] == ["3", "5", "4", "2", "1"]


def test_each_is_recent_once_and_not_too_many_are() -> None:
    found = [(f"M{n % 20}", RecentPerson(f"0x{n}", None, False, 100 - n)) for n in range(60)]
    recent = decisions.newest_of_each(found)
    assert [key for key, _ in recent] == [f"M{n}" for n in range(decisions.MAX_RECENTS)]
    assert [one.movement_ref for _, one in recent] == [f"0x{n}" for n in range(decisions.MAX_RECENTS)]
