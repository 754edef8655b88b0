"""A published day, and the flows it is made from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

#: The area of a row that speaks of the whole region; the others are départements ("14").
REGION_AREA = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What one professional was paid."""

    payments_count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A day's payments to the professionals of one area: who paid, and who was paid how much.

    Accounts are known here and nowhere after: only their number leaves.
    """

    payers: frozenset[str] = frozenset()
    received: Mapping[str, Received] = field(default_factory=dict)

    @property
    def payments_count(self) -> int:
        return sum(each.payments_count for each in self.received.values())

    @property
    def volume_cents(self) -> int:
        return sum(each.cents for each in self.received.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDay:
    """One row of the open data. Integer euro cents; None where too few people stand behind a number."""

    day: date
    area: str
    supply_cents: int | None = None
    reserve_cents: int | None = None
    members_count: int | None = None
    professionals_count: int | None = None
    payers_count: int | None = None
    payees_count: int | None = None
    payments_count: int | None = None
    volume_cents: int | None = None
