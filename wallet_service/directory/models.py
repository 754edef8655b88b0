"""A professional's card in the directory, and what is shown beside it. Pure.

A card is what the professional writes; a listing is the card with what an officer registered (name, trade,
commune) and where that is on the map. Everything here is meant for everybody.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

#: Minutes since midnight, Monday first; a span's end may lie after midnight (26 * 60: two in the morning).
Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]
DAYS_OF_A_WEEK = 7
NO_HOURS: Week = ((),) * DAYS_OF_A_WEEK


class Way(StrEnum):
    """How a professional takes the currency."""

    TILL = "till"
    WEB = "web"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on earth in hundred-thousandths of a degree (WGS 84): about a metre."""

    latitude_e5: int
    longitude_e5: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a professional writes. Empty texts say nothing; `spot` None: only the commune is known.

    `trades`: NAF divisions beside the registered one, for a bakery that is a tea room too.
    """

    sells: str = ""
    address: str = ""
    trades: tuple[str, ...] = ()
    week: Week = NO_HOURS
    hours_note: str = ""
    ways: tuple[Way, ...] = ()
    website: str = ""
    phone: str = ""
    spot: Spot | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(written: dict[str, Any]) -> Card:
        """Raises KeyError, TypeError, ValueError for what no card was written as."""
        spot = written["spot"]
        return Card(
            **{
                **written,
                "trades": tuple(written["trades"]),
                "week": tuple(tuple((start, end) for start, end in day) for day in written["week"]),
                "ways": tuple(Way(way) for way in written["ways"]),
                "spot": Spot(**spot) if spot else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """A professional as the directory shows them. `id` is public and opaque; the member's own stays here."""

    id: str
    member_id: str
    kind: str
    name: str
    sector: str
    commune_code: str
    commune: str
    card: Card
    picture_digest: str | None
    spot: Spot | None  # the card's, else the middle of the commune; None outside the region

    @property
    def has_exact_spot(self) -> bool:
        return self.card.spot is not None

    @property
    def trades(self) -> tuple[str, ...]:
        """NAF divisions, the registered one first."""
        return (self.sector, *self.card.trades)


@dataclass(frozen=True, slots=True)
class OwnListing:
    """What its professional sees of it. `is_withheld`: an officer took it out, for `withheld_ground`."""

    listing: Listing
    is_shown: bool
    withheld_ground: str | None
    changed_at_unix_ms: int | None
    is_waiting: bool  # an officer has yet to see the last change


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What a professional changed since an officer last looked; `revision` names this state of it."""

    id: int
    revision: int
    member_id: str
    before: Card
    after: Card
    changed_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class WithheldListing:
    """A card an officer took out of the directory."""

    member_id: str
    name: str
    ground: str
    withheld_by: str | None
    withheld_at_unix_ms: int
