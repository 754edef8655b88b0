"""Cards: shown from their saving on, written by their professional, judged by officers; both databases."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import Engine, update

from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.directory import repository
from wallet_service.directory.errors import (
    AlreadyWithheld,
    ChangeMoved,
    ListingUnknown,
    NotInTheDirectory,
    PictureRefused,
    PictureUnknown,
)
from wallet_service.directory.models import NO_HOURS, Card, Spot, Way
from wallet_service.directory.pictures import HEIGHT_PIXELS, WIDTH_PIXELS

CARD = Card(
    sells="pain, brioches",
    address="3 rue des Galets",
    trades=("56",),
    week=(((420, 780),), *NO_HOURS[1:]),
    ways=(Way.TILL, Way.INVOICE),
    website="https://fournil.example.com",
    phone="0261910001",
    spot=Spot(4944400, 110000),
)


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def picture(size: tuple[int, int] = (1600, 900), kind: str = "JPEG") -> bytes:
    """With a place in its metadata, as a phone writes it."""
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    made = io.BytesIO()
    Image.new("RGB", size, "#0b5d57").save(made, kind, exif=exif)
    return made.getvalue()


def test_a_professional_is_found_before_they_write_anything(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    env.visitor()
    (listing,) = env.listings.shown()
    assert (listing.name, listing.commune, listing.sector) == ("Fournil des Deux Rives", "Rouen", "10")
    assert listing.card == Card(sells="Boulangerie")
    assert listing.spot is not None
    assert not listing.has_exact_spot
    assert merchant.id not in listing.id
    assert env.listings.find(listing.id) == listing


def test_what_a_professional_writes_is_shown_at_once(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    env.listings.shown()  # kept
    own = env.listings.write(merchant.id, CARD, is_shown=True)
    (listing,) = env.listings.shown()
    assert listing.card == own.listing.card == CARD
    assert listing.spot == CARD.spot
    assert own.is_waiting
    assert env.listings.own(merchant.id) == own


def test_a_hidden_card_is_not_found_and_may_be_shown_again(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    own = env.listings.write(merchant.id, CARD, is_shown=False)
    assert env.listings.shown() == []
    with pytest.raises(ListingUnknown):
        env.listings.find(own.listing.id)
    env.listings.write(merchant.id, CARD, is_shown=True)
    assert len(env.listings.shown()) == 1


@pytest.mark.parametrize("change", [{"state": "closed"}, {"frozen_incoming": True}, {"state": "pending"}])
def test_who_cannot_be_paid_is_not_found(env: HttpFixture, change: dict[str, object]) -> None:
    merchant, _ = env.merchant()
    assert len(env.listings.shown()) == 1
    with env.engine.begin() as connection:
        connection.execute(update(members).where(members.c.id == merchant.id).values(**change))
    env.listings.forget()
    assert env.listings.shown() == []


def test_the_directory_is_for_professionals(env: HttpFixture) -> None:
    visitor, _ = env.visitor()
    with pytest.raises(NotInTheDirectory):
        env.listings.own(visitor.id)
    with pytest.raises(NotInTheDirectory):
        env.listings.write(visitor.id, CARD, is_shown=True)
    with pytest.raises(NotInTheDirectory):
        env.listings.add_picture(visitor.id, picture())


def test_an_officer_sees_what_was_and_what_is_once_for_several_changes(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    env.listings.write(merchant.id, CARD, is_shown=True)
    env.listings.write(merchant.id, CARD, is_shown=True)  # nothing new
    (first,) = env.listings.waiting()
    env.listings.write(merchant.id, replace(CARD, sells="pain"), is_shown=True)
    (change,) = env.listings.waiting()
    assert change.before == Card(sells="Boulangerie")
    assert change.after == replace(CARD, sells="pain")
    with pytest.raises(ChangeMoved):
        env.listings.mark_seen(first.id, first.revision, "officer")
    env.listings.mark_seen(change.id, change.revision, "officer")
    assert env.listings.waiting() == []
    assert not env.listings.own(merchant.id).is_waiting
    with pytest.raises(ChangeMoved):
        env.listings.mark_seen(change.id, change.revision, "officer")
    env.listings.write(merchant.id, CARD, is_shown=True)
    (again,) = env.listings.waiting()
    assert again.before == replace(CARD, sells="pain")
    assert env.acts()[-1] == "listing.seen"


def test_a_withheld_card_is_gone_with_its_picture_until_it_is_brought_back(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    own = env.listings.add_picture(merchant.id, picture())
    digest = str(own.listing.picture_digest)
    env.listings.withhold(merchant.id, "Photo d’un tiers", "officer")
    assert env.listings.shown() == []
    with pytest.raises(PictureUnknown):
        env.listings.picture(digest)
    own = env.listings.write(merchant.id, CARD, is_shown=True)
    assert own.withheld_ground == "Photo d’un tiers"
    assert env.listings.shown() == []  # writing brings nothing back
    (out,) = env.listings.withheld()
    assert (out.member_id, out.withheld_by) == (merchant.id, "officer")
    with pytest.raises(AlreadyWithheld):
        env.listings.withhold(merchant.id, "encore une fois", "officer")
    env.listings.restore(merchant.id, "officer")
    assert env.listings.shown()[0].card == CARD
    assert env.listings.picture(digest)
    with pytest.raises(ListingUnknown):
        env.listings.restore(merchant.id, "officer")
    assert [act for act in env.acts() if act.startswith("listing.")] == [
        "listing.withheld",
        "listing.restored",
    ]


@pytest.mark.parametrize(("size", "kind"), [((1600, 900), "JPEG"), ((300, 900), "PNG")])
def test_a_picture_is_drawn_again_in_the_cards_shape(
    env: HttpFixture, size: tuple[int, int], kind: str
) -> None:
    merchant, _ = env.merchant()
    own = env.listings.add_picture(merchant.id, picture(size, kind))
    content = env.listings.picture(str(own.listing.picture_digest))
    with Image.open(io.BytesIO(content)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (WIDTH_PIXELS, HEIGHT_PIXELS))
        assert not shown.getexif()
    assert b"secret" not in content
    assert env.listings.waiting()
    own = env.listings.remove_picture(merchant.id)
    assert own.listing.picture_digest is None


def test_what_is_no_picture_is_refused(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    for content in (b"%PDF-1.7 paper", b"GIF89a", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        with pytest.raises(PictureRefused):
            env.listings.add_picture(merchant.id, content)
    assert env.listings.shown()[0].picture_digest is None


def test_nothing_of_a_member_who_left_stays(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    env.listings.write(merchant.id, CARD, is_shown=True)
    env.listings.add_picture(merchant.id, picture())
    with UnitOfWork(env.engine) as work:
        assert repository.forget(work.connection, merchant.id) == 3
    env.listings.forget()
    assert env.listings.shown()[0].card == Card(sells="Boulangerie")
    assert env.listings.waiting() == []
