"""The banks' closing days, against the calendar the European Central Bank publishes."""

from __future__ import annotations

import datetime

import pytest

from wallet_service.bank import target2


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        (2024, "2024-03-31"),
        (2025, "2025-04-20"),
        (2026, "2026-04-05"),
        (2027, "2027-03-28"),
        (2038, "2038-04-25"),  # the latest day there is
        (2285, "2285-03-22"),  # the earliest
    ],
)
def test_easter_falls_where_the_almanac_says(year: int, easter: str) -> None:
    assert target2.easter_sunday(year).isoformat() == easter


def test_the_closed_weekdays_of_a_year_are_the_published_ones() -> None:
    days = (datetime.date(2026, 1, 1) + datetime.timedelta(days=number) for number in range(365))
    closed = [day.isoformat() for day in days if day.weekday() < 5 and not target2.is_open(day)]
    assert closed == ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25"]


def test_every_saturday_and_sunday_is_closed() -> None:
    saturday = datetime.date(2026, 6, 6)
    assert not target2.is_open(saturday)
    assert target2.open_on_or_after(saturday) == datetime.date(2026, 6, 8)
