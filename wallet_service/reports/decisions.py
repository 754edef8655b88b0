"""The arithmetic of figures: local days, running levels, coverage and velocity. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from wallet_service.territory.currency import LOCAL_ZONE

HOUR_S = 3_600


DAYS_PER_YEAR = 365


BASIS_POINTS = 10_000


def local_day(unix_s: int) -> date:
    return datetime.fromtimestamp(unix_s, LOCAL_ZONE).date()


def day_start_unix_s(day: date) -> int:
    """Local midnight."""
    return int(datetime.combine(day, time(), LOCAL_ZONE).timestamp())


def last_days(today: date, count: int) -> list[date]:
    """`count` days, the last one being today."""
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]


def by_day(hours: Mapping[int, int], days: Sequence[date]) -> list[int]:
    """Sums of hours (unix seconds // 3600) by local day: the zone is a whole number of hours from UTC."""
    sums = dict.fromkeys(days, 0)
    for hour, value in hours.items():
        day = local_day(hour * HOUR_S)
        if day in sums:
            sums[day] += value
    return list(sums.values())


def running(opening: int, changes: Sequence[int]) -> list[int]:
    """The level after each change."""
    levels, level = [], opening
    for change in changes:
        level += change
        levels.append(level)
    return levels


def ratio_basis_points(part: int, whole: int) -> int | None:
    """None when there is nothing to compare with. Rounded down: coverage is never shown better than it is."""
    return None if whole <= 0 else part * BASIS_POINTS // whole


def turns_per_year_hundredths(volume_cents: int, average_supply_cents: int, days: int) -> int | None:
    """How many times a year one unit changes hands, in hundredths."""
    if average_supply_cents <= 0 or days <= 0:
        return None
    return volume_cents * DAYS_PER_YEAR * 100 // (average_supply_cents * days)


@dataclass(frozen=True, slots=True)
class ReserveStatement:
    """The last attestation beside what circulates.

    `fresh_until_unix_s` counts, as the contract does, from the moment the bank statement speaks of.
    """

    supply_cents: int
    reserve_cents: int | None
    as_of_unix_s: int | None
    attested_at_unix_s: int | None
    max_age_s: int | None
    statement_hash: str | None
    now_unix_s: int

    @property
    def fresh_until_unix_s(self) -> int | None:
        if self.as_of_unix_s is None or self.max_age_s is None:
            return None
        return self.as_of_unix_s + self.max_age_s

    @property
    def is_fresh(self) -> bool:
        return self.fresh_until_unix_s is not None and self.now_unix_s <= self.fresh_until_unix_s

    @property
    def is_covered(self) -> bool:
        return self.reserve_cents is not None and self.supply_cents <= self.reserve_cents

    @property
    def coverage_basis_points(self) -> int | None:
        return (
            None if self.reserve_cents is None else ratio_basis_points(self.reserve_cents, self.supply_cents)
        )
