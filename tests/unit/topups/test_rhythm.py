"""When a standing order is expected, when it is missed, and which arrivals make one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.topups.rhythm import (
    EARLY_DAYS,
    GRACE_DAYS,
    Expectation,
    expectation,
    rhythm_of,
)

SINCE = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("today", "last_arrival", "expected"),
    [
        # Declared on 20 March: the 5th of April is the first.
        (date(2026, 3, 20), None, Expectation(date(2026, 4, 5))),
        (date(2026, 4, 5), None, Expectation(date(2026, 4, 5))),
        # Good Friday was 3 April and Easter Monday 6 April: Tuesday the 7th is no delay.
        (date(2026, 4, 7), date(2026, 4, 7), Expectation(date(2026, 5, 5), arrived_on=date(2026, 4, 7))),
        (date(2026, 4, 10), None, Expectation(date(2026, 4, 5))),
        (date(2026, 4, 11), None, Expectation(date(2026, 5, 5), missed_on=date(2026, 4, 5))),
        # Late, and come after all.
        (date(2026, 4, 20), date(2026, 4, 20), Expectation(date(2026, 5, 5), arrived_on=date(2026, 4, 20))),
        # A bank that does not wait for the day.
        (date(2026, 4, 2), date(2026, 4, 2), Expectation(date(2026, 5, 5), arrived_on=date(2026, 4, 2))),
        # Last month's does not count for this one.
        (date(2026, 5, 11), date(2026, 4, 7), Expectation(date(2026, 6, 5), missed_on=date(2026, 5, 5))),
        # Once the next one may come, the old one is no news any more.
        (date(2026, 5, 2), None, Expectation(date(2026, 5, 5))),
    ],
)
def test_what_is_expected_of_the_fifth(today: date, last_arrival: date | None, expected: Expectation) -> None:
    assert expectation(5, SINCE, last_arrival, today) == expected


def test_a_short_month_has_it_on_its_last_day() -> None:
    assert expectation(31, SINCE, None, date(2026, 4, 20)).next_on == date(2026, 4, 30)
    assert expectation(31, SINCE, date(2026, 4, 30), date(2026, 5, 1)).next_on == date(2026, 5, 31)


def test_nothing_due_before_it_was_declared_is_missed() -> None:
    assert expectation(20, SINCE, None, SINCE) == Expectation(date(2026, 4, 20))
    assert expectation(19, SINCE, None, SINCE + timedelta(days=GRACE_DAYS)) == Expectation(date(2026, 4, 19))


@given(st.integers(1, 31), st.dates(SINCE, date(2100, 12, 1)), st.dates(SINCE, date(2100, 12, 1)) | st.none())
def test_the_next_one_is_never_past_its_grace_and_never_more_than_a_month_away(
    day_of_month: int, today: date, last_arrival: date | None
) -> None:
    found = expectation(day_of_month, SINCE, last_arrival, today)
    assert today - timedelta(days=GRACE_DAYS) <= found.next_on <= today + timedelta(days=31 + EARLY_DAYS)
    assert found.missed_on is None or found.missed_on + timedelta(days=GRACE_DAYS) < today


@pytest.mark.parametrize(
    ("arrivals", "day"),
    [
        (["2026-03-05", "2026-04-07", "2026-05-05"], 5),  # Easter between
        (["2026-01-31", "2026-02-27", "2026-03-31"], 31),  # months' ends, one of them on a Saturday
        (["2026-08-31", "2026-09-30", "2026-11-02"], 31),  # and one on the next month's first banking day
        (["2026-11-02", "2026-12-01", "2027-01-04"], 1),
        (["2025-12-11", "2026-01-12", "2026-02-10", "2026-03-10"], 10),
        (["2026-03-05", "2026-04-07"], None),  # two are a coincidence
        (["2026-03-05", "2026-04-05", "2026-04-05", "2026-05-05"], None),  # twice in a month
        (["2026-03-05", "2026-03-12", "2026-03-19"], None),  # weekly
        (["2026-01-05", "2026-03-05", "2026-05-05"], None),  # every second month
        (["2026-03-01", "2026-04-12", "2026-05-24"], None),  # drifting
        (["2026-03-05", "2026-03-20", "2026-04-05", "2026-04-20"], None),  # twice a month
        ([], None),
    ],
)
def test_a_monthly_rhythm_is_seen_and_nothing_else(arrivals: list[str], day: int | None) -> None:
    assert rhythm_of(map(date.fromisoformat, arrivals)) == day


@given(
    st.integers(1, 31), st.integers(2026 * 12, 2090 * 12), st.lists(st.integers(0, 4), min_size=3, max_size=3)
)
def test_a_bank_that_waits_for_its_days_is_recognised_whatever_the_day(
    day_of_month: int, month: int, delays: list[int]
) -> None:
    """Not always to the day, since it may wait each time; what it names is expected in time all the same."""
    arrivals = []
    for number, delay in enumerate(delays):
        year, index = divmod(month + number, 12)
        first = date(year, index + 1, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        arrivals.append(first.replace(day=min(day_of_month, last.day)) + timedelta(days=delay))
    assert rhythm_of(arrivals) is not None
