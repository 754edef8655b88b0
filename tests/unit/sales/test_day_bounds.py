"""A day of the region begins and ends at its own midnights."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.sales.decisions import day_bounds_unix_ms

HOUR_MS = 60 * 60 * 1000


@pytest.mark.parametrize(
    ("day", "length_ms"),
    [
        (date(2026, 12, 1), MS_PER_DAY),
        (date(2026, 3, 29), MS_PER_DAY - HOUR_MS),
        (date(2026, 10, 25), MS_PER_DAY + HOUR_MS),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(day: date, length_ms: int) -> None:
    first_ms, end_ms = day_bounds_unix_ms(day)
    assert end_ms - first_ms == length_ms


def test_a_day_begins_at_the_regions_midnight() -> None:
    first_ms, _ = day_bounds_unix_ms(date(2026, 12, 1))
    assert datetime.fromtimestamp(first_ms / 1000, UTC) == datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_every_day_of_the_calendar_has_bounds(day: date) -> None:
    first_ms, end_ms = day_bounds_unix_ms(day)
    assert first_ms < end_ms
