"""What the API says of the directory: to everybody what is shown, to a professional their own card."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated

from pydantic import Field

from wallet_service.directory.decisions import (
    LATEST_END,
    MAX_ADDRESS_CHARACTERS,
    MAX_FURTHER_TRADES,
    MAX_NOTE_CHARACTERS,
    MAX_SELLS_CHARACTERS,
    MAX_SPANS_A_DAY,
    MAX_WEBSITE_CHARACTERS,
    page_name,
)
from wallet_service.directory.models import DAYS_OF_A_WEEK, Card, Listing, OwnListing, Spot, Way
from wallet_service.platform.schema import Answer, Body, Line, UnixMs
from wallet_service.territory import SECTOR_GROUPS, sectors

DEGREE_E5 = 100_000

Minute = Annotated[
    int,
    Field(ge=0, le=LATEST_END, strict=True, description="Minutes since midnight; past 1440: after midnight."),
]
OpenSpan = Annotated[
    list[Minute], Field(min_length=2, max_length=2, description="From, until: `[540, 750]` is 9:00 to 12:30.")
]
OpenDay = Annotated[list[OpenSpan], Field(max_length=MAX_SPANS_A_DAY)]
OpenWeek = Annotated[
    list[OpenDay],
    Field(min_length=DAYS_OF_A_WEEK, max_length=DAYS_OF_A_WEEK, description="Monday first."),
]
LatitudeE5 = Annotated[
    int,
    Field(ge=-90 * DEGREE_E5, le=90 * DEGREE_E5, strict=True, description="Degrees of WGS 84, times 100000."),
]
LongitudeE5 = Annotated[
    int,
    Field(
        ge=-180 * DEGREE_E5, le=180 * DEGREE_E5, strict=True, description="Degrees of WGS 84, times 100000."
    ),
]
Division = Annotated[str, Field(pattern=r"^\d\d$", description="NAF division: two digits.")]


def no_hours() -> list[list[list[int]]]:
    """A week of which nothing is told."""
    return [[] for _ in range(DAYS_OF_A_WEEK)]


class ListingAnswer(Answer):
    """A professional in the directory."""

    id: str
    path: str = Field(description="The professional's page.")
    name: str
    kind: str = Field(description="merchant, association or treasury.")
    trades: list[Division] = Field(description="What they do, the main trade first.")
    sells: str
    commune_code: str = Field(description="INSEE code.")
    commune: str
    address: str
    latitude_e5: LatitudeE5 | None
    longitude_e5: LongitudeE5 | None
    is_exact: bool = Field(description="False: the middle of the commune.")
    week: OpenWeek = Field(description="All days empty: not said.")
    hours_note: str
    ways: list[Way]
    website: str
    phone: str
    picture: str | None = Field(description="Path of a JPEG, 800 by 600.")


class TradeAnswer(Answer):
    """A NAF division in everyday words, and the group it is shown in."""

    division: Division
    group: str
    french: str
    english: str


class GroupAnswer(Answer):
    """A group of trades."""

    group: str
    french: str
    english: str


class DirectoryAnswer(Answer):
    """The whole directory, in one piece: a page keeps it and searches it without the network."""

    made_at_unix_ms: UnixMs
    time_zone: str = Field(description="Of the opening hours.")
    groups: list[GroupAnswer]
    trades: list[TradeAnswer] = Field(description="Those that somebody in the directory has.")
    listings: list[ListingAnswer] = Field(description="By name.")


class SpotBody(Body):
    """Where the shop's door is."""

    latitude_e5: LatitudeE5
    longitude_e5: LongitudeE5


class CardBody(Body):
    """A professional's own card, whole."""

    is_shown: bool = Field(strict=True, description="False: not in the directory.")
    sells: Annotated[Line, Field(max_length=MAX_SELLS_CHARACTERS)] = ""
    address: Annotated[Line, Field(max_length=MAX_ADDRESS_CHARACTERS)] = ""
    trades: Annotated[
        list[Division], Field(max_length=MAX_FURTHER_TRADES, description="Beside the registered one.")
    ] = Field(default_factory=list)
    week: OpenWeek = Field(default_factory=no_hours)
    hours_note: Annotated[Line, Field(max_length=MAX_NOTE_CHARACTERS)] = ""
    ways: Annotated[list[Way], Field(max_length=len(Way))] = Field(default_factory=list)
    website: Annotated[Line, Field(max_length=MAX_WEBSITE_CHARACTERS)] = ""
    phone: Annotated[Line, Field(max_length=40)] = ""
    spot: SpotBody | None = None

    def card(self) -> Card:
        spot = self.spot
        return Card(
            sells=self.sells,
            address=self.address,
            trades=tuple(self.trades),
            week=tuple(tuple((start, end) for start, end in day) for day in self.week),
            hours_note=self.hours_note,
            ways=tuple(self.ways),
            website=self.website,
            phone=self.phone,
            spot=Spot(spot.latitude_e5, spot.longitude_e5) if spot else None,
        )


class OwnListingAnswer(Answer):
    """A professional's card as they see it."""

    listing: ListingAnswer
    is_shown: bool
    withheld_ground: str | None = Field(description="Why an officer took the card out; null: nobody did.")
    changed_at_unix_ms: UnixMs | None
    is_waiting: bool = Field(description="An officer has yet to look at the last change.")
    offered_trades: list[TradeAnswer] = Field(description="All there are, for a choice.")


def listing_answer(listing: Listing) -> ListingAnswer:
    card, spot = listing.card, listing.spot
    return ListingAnswer(
        id=listing.id,
        path=f"/directory/{page_name(listing)}",
        name=listing.name,
        kind=listing.kind,
        trades=[trade for trade in listing.trades if trade],
        sells=card.sells,
        commune_code=listing.commune_code,
        commune=listing.commune,
        address=card.address,
        latitude_e5=spot.latitude_e5 if spot else None,
        longitude_e5=spot.longitude_e5 if spot else None,
        is_exact=listing.has_exact_spot,
        week=[[[start, end] for start, end in day] for day in card.week],
        hours_note=card.hours_note,
        ways=list(card.ways),
        website=card.website,
        phone=card.phone,
        picture=f"/directory/pictures/{listing.picture_digest}.jpg" if listing.picture_digest else None,
    )


def own_listing_answer(own: OwnListing) -> OwnListingAnswer:
    return OwnListingAnswer(
        listing=listing_answer(own.listing),
        is_shown=own.is_shown,
        withheld_ground=own.withheld_ground,
        changed_at_unix_ms=own.changed_at_unix_ms,
        is_waiting=own.is_waiting,
        offered_trades=trade_answers(sectors()),
    )


def trade_answers(divisions: Container[str]) -> list[TradeAnswer]:
    """Those of `divisions` (any collection) that are known, in the order of their numbers."""
    known = sectors().values()
    return [
        TradeAnswer(division=each.division, group=each.group, french=each.french, english=each.english)
        for each in known
        if each.division in divisions
    ]


def directory_answer(listings: list[Listing], made_at_unix_ms: int, time_zone: str) -> DirectoryAnswer:
    trades = {trade for listing in listings for trade in listing.trades}
    return DirectoryAnswer(
        made_at_unix_ms=made_at_unix_ms,
        time_zone=time_zone,
        groups=[
            GroupAnswer(group=group, french=french, english=english)
            for group, (french, english) in SECTOR_GROUPS.items()
        ],
        trades=trade_answers(trades),
        listings=[listing_answer(each) for each in listings],
    )
