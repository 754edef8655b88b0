"""The days on which euro transfers are settled between banks (T2, formerly TARGET2). Pure.

Source: European Central Bank, long-term calendar for TARGET closing days (press release of 14 December 2000),
kept by Guideline (EU) 2022/912 on T2: closed on Saturdays, Sundays, New Year's Day, Good Friday, Easter
Monday, 1 May, 25 and 26 December.
"""

from __future__ import annotations

import datetime

_ONE_DAY = datetime.timedelta(days=1)
_SATURDAY = 5
#: Month and day of the closing days that do not move.
_FIXED = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
_GOOD_FRIDAY, _EASTER_MONDAY = -2, 1


def easter_sunday(year: int) -> datetime.date:
    """Western Easter by the Gregorian computus (Meeus, Astronomical Algorithms, chapter 8)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_correction + 15) % 30
    leap_years, year_rest = divmod(in_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return datetime.date(year, month, day + 1)


def is_open(day: datetime.date) -> bool:
    """Whether transfers are settled on that day."""
    if day.weekday() >= _SATURDAY or (day.month, day.day) in _FIXED:
        return False
    from_easter = (day - easter_sunday(day.year)).days
    return from_easter not in (_GOOD_FRIDAY, _EASTER_MONDAY)


def open_on_or_after(day: datetime.date) -> datetime.date:
    """The first day of settlement that is not before `day`."""
    while not is_open(day):
        day += _ONE_DAY
    return day
