"""Contacts, recent people, one's own code: who is named, in which order, and what an old code says."""

from __future__ import annotations

import pytest

from tests.support.people_side import PeopleSide
from wallet_service.asks.models import NewPart
from wallet_service.contacts import errors
from wallet_service.contacts.models import NamedPerson
from wallet_service.protocol.text.identifiers import new_id


def test_recent_people_come_newest_first_and_each_once(side: PeopleSide) -> None:
    camille = side.person("Camille", "Rive", balance_cents=9_000)
    shop, chloe = side.shop(), side.person("Chloé", "Val")
    for other, cents in ((chloe, 100), (shop, 200), (chloe, 300)):
        side.clock.advance_ms(1_000)
        side.pay(
            camille,
            side.asks.reader.look(camille, side.send(camille, NewPart(cents, side.code(other))).parts[0].id),
        )
    recents = side.contacts.book(camille).recents
    assert [(one.name, one.is_professional) for one in recents] == [
        ("Chloé V.", False),
        ("Boutique fictive", True),
    ]
    assert (
        side.contacts.look(camille, NamedPerson(movement_ref=recents[0].movement_ref))[0].name == "Chloé V."
    )
    assert [one.name for one in side.contacts.book(chloe).recents] == ["Camille R."], (
        "who paid me is known too"
    )
    thief = side.person("Zoé", "Tiers")
    with pytest.raises(errors.PersonUnknown):
        side.contacts.look(thief, NamedPerson(movement_ref=recents[0].movement_ref))


def test_favourites_come_first_and_only_their_owner_changes_them(side: PeopleSide) -> None:
    camille, thief = side.person("Camille", "Rive"), side.person("Zoé", "Tiers")
    kept = {name: side.contacts.add(camille, side.code(side.person(name, "Bé"))) for name in ("Ana", "Bob")}
    assert side.contacts.add(camille, side.code(side.person("Ciel", "Bé"))).is_favourite is False
    with pytest.raises(errors.ContactUnknown):
        side.contacts.set_favourite(thief, kept["Bob"].id, is_favourite=True)
    side.contacts.set_favourite(camille, kept["Bob"].id, is_favourite=True)
    assert [one.name for one in side.contacts.book(camille).contacts] == ["Bob B.", "Ana B.", "Ciel B."]
    with pytest.raises(errors.ContactUnknown):
        side.contacts.remove(thief, kept["Ana"].id)
    with pytest.raises(errors.ContactUnknown):
        side.contacts.unblock(thief, new_id())
    side.contacts.remove(camille, kept["Ana"].id)
    assert [one.name for one in side.contacts.book(camille).contacts] == ["Bob B.", "Ciel B."]


def test_a_new_code_makes_the_old_one_nobodys(side: PeopleSide) -> None:
    camille, chloe = side.person("Camille", "Rive"), side.person("Chloé", "Val")
    old = side.code(chloe)
    assert side.code(chloe) == old, "the same until another is made"
    new = NamedPerson(code=side.contacts.new_code(chloe).lower())
    assert side.contacts.look(camille, new)[0].name == "Chloé V."
    with pytest.raises(errors.PersonUnknown):
        side.contacts.look(camille, old)


def test_whom_somebody_kept_stays_one_contact(side: PeopleSide) -> None:
    camille, chloe = side.person("Camille", "Rive"), side.person("Chloé", "Val")
    first = side.contacts.add(camille, side.code(chloe))
    assert side.contacts.add(camille, side.code(chloe)) == first
    assert side.contacts.look(camille, side.code(chloe))[1] == first
