"""Days, ratios and what a reserve covers, without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.reports.decisions import (
    ReserveStatement,
    by_day,
    day_start_unix_s,
    last_days,
    local_day,
    ratio_basis_points,
    turns_per_year_hundredths,
)

#: 29 March 2026 has 23 hours in Paris, 25 October 2026 has 25.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 6, 1), 24)])
def test_every_hour_of_a_day_belongs_to_it_when_clocks_change(day: date, hours: int) -> None:
    start = day_start_unix_s(day)
    every_hour = {start // 3_600 + number: 1 for number in range(-30, 60)}
    assert by_day(every_hour, [day]) == [hours]


@given(st.dictionaries(st.integers(490_000, 492_000), st.integers(0, 10**9)))
def test_days_lose_nothing_of_the_hours_they_cover(hours: dict[int, int]) -> None:
    days = last_days(date(2026, 3, 31), 200)
    covered = {h: v for h, v in hours.items() if local_day(h * 3_600) in set(days)}
    assert sum(by_day(hours, days)) == sum(covered.values())


def test_coverage_is_rounded_down_and_unknown_without_supply() -> None:
    assert ratio_basis_points(9_999_999, 10_000_000) == 9_999
    assert ratio_basis_points(1, 0) is None


def test_velocity_is_turns_a_year() -> None:
    # 1 000 units turned over in 30 days on an average of 1 000: 365 / 30 times a year.
    assert turns_per_year_hundredths(100_000, 100_000, 30) == 1_216
    assert turns_per_year_hundredths(1, 0, 30) is None


def statement(supply: int, reserve: int | None, as_of: int | None, now: int) -> ReserveStatement:
    return ReserveStatement(supply, reserve, as_of, as_of, 100, None, now)


def test_a_reserve_is_fresh_until_its_statement_is_too_old() -> None:
    assert statement(10, 10, 1_000, 1_100).is_fresh
    assert not statement(10, 10, 1_000, 1_101).is_fresh
    assert not statement(10, None, None, 0).is_fresh


def test_a_reserve_below_the_supply_is_not_covered() -> None:
    assert statement(10, 10, 0, 0).is_covered
    assert not statement(11, 10, 0, 0).is_covered
    assert not statement(0, None, None, 0).is_covered
