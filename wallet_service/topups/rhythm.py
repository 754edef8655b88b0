"""When a standing order is expected, whether it came, and which arrivals make one. Pure: days, no clock.

A bank carries out a standing order on its day of the month, or moves it when that is no banking day; the
euros reach another bank on the next one. The longest closing of TARGET2 is Good Friday to Easter Monday
(closing days: Guideline ECB/2012/27, annex II), four days; with the day between two banks that is
`GRACE_DAYS`. Some banks take the last banking day before instead: `EARLY_DAYS` is a closed Saturday, Sunday
and holiday.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: Two monthly gaps: one alone is a coincidence (somebody paid once a month).
MIN_ARRIVALS = 3
EARLY_DAYS = 3
GRACE_DAYS = 5
#: Arrivals that make a rhythm today lie within so many days: two months, their tolerances, a late file.
RHYTHM_DAYS = 2 * 31 + EARLY_DAYS + GRACE_DAYS + 10
LONGEST_MONTH = 31
MONTHS = 12
#: An early arrival tells less of the day than a late one: banks wait more often than they hurry.
EARLY_WEIGHT = 2


@dataclass(frozen=True)
class Expectation:
    """When the next one is due, and how the last one went.

    `missed_on`: when the last one was due, if its grace is over without it. `arrived_on`: the day one last
    came, if any has.
    """

    next_on: date
    missed_on: date | None = None
    arrived_on: date | None = None


def due_in(month: int, day_of_month: int) -> date:
    """The order's day in the `month`-th month since year 0; its last day where the month is too short."""
    year, number = divmod(month, MONTHS)
    return date(year, number + 1, min(day_of_month, monthrange(year, number + 1)[1]))


def expectation(day_of_month: int, since_on: date, last_arrival_on: date | None, today: date) -> Expectation:
    """What an order followed since that day lets expect; nothing due on or before `since_on` is missed."""
    month = _month(today) + 1
    while due_in(month, day_of_month) - timedelta(days=EARLY_DAYS) > today:
        month -= 1
    due_on, after_on = due_in(month, day_of_month), due_in(month + 1, day_of_month)
    if last_arrival_on is not None and last_arrival_on >= due_on - timedelta(days=EARLY_DAYS):
        return Expectation(after_on, arrived_on=last_arrival_on)
    if due_on <= since_on:
        return Expectation(after_on, arrived_on=last_arrival_on)
    if today > due_on + timedelta(days=GRACE_DAYS):
        return Expectation(after_on, missed_on=due_on)
    return Expectation(due_on, arrived_on=last_arrival_on)


def rhythm_of(arrivals: Iterable[date]) -> int | None:
    """The day of the month that the last arrivals keep, month after month; None when they keep none."""
    last = sorted(arrivals)[-MIN_ARRIVALS:]
    if len(last) < MIN_ARRIVALS:
        return None
    costs = ((_cost(last, day), day) for day in range(1, LONGEST_MONTH + 1))
    fitting = [(cost, day) for cost, day in costs if cost is not None]
    return min(fitting)[1] if fitting else None


def _cost(arrivals: Sequence[date], day_of_month: int) -> int | None:
    """How far the arrivals are from that day, in weighted days; None when they do not follow it monthly."""
    total, previous_month = 0, None
    for arrived_on in arrivals:
        month = _month(arrived_on)
        found = [
            (each, (arrived_on - due_in(each, day_of_month)).days) for each in (month - 1, month, month + 1)
        ]
        fitting = [(each, late) for each, late in found if -EARLY_DAYS <= late <= GRACE_DAYS]
        if not fitting or (previous_month is not None and fitting[0][0] != previous_month + 1):
            return None
        previous_month, late = fitting[0]
        total += late if late >= 0 else -late * EARLY_WEIGHT
    return total


def _month(day: date) -> int:
    return day.year * MONTHS + day.month - 1
