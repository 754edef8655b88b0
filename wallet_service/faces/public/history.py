"""Reserve and supply day by day as pictures and rows, from the published days and the moment's own figures.

Owns how they are shown; the numbers come from open_data and reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from wallet_service.faces.shell import charts
from wallet_service.faces.shell.charts import Frame, Series
from wallet_service.faces.shell.i18n import Catalogue, Language
from wallet_service.faces.shell.numbers import NARROW, Pictures, percent, short_day, whole_units
from wallet_service.open_data.models import PublishedDay
from wallet_service.reports.decisions import ReserveStatement, local_day, ratio_basis_points

MONTH_DAYS, YEAR_DAYS = 30, 365
#: The page's column, so that the letters keep their size.
WIDE = (720, 260)
#: Fewer points make no picture.
MIN_POINTS = 2


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@dataclass(frozen=True, slots=True)
class Point:
    """A day's end, or today so far; nothing but the day where nothing was published."""

    day: date
    supply_cents: int | None
    reserve_cents: int | None

    @property
    def is_short(self) -> bool:
        """Whether less was held than circulated."""
        return (self.reserve_cents or 0) < (self.supply_cents or 0)


def over_a_year(points: list[Point]) -> list[Point]:
    """A place for each of its days, so that a currency that is young is seen to be."""
    if not points:
        return []
    known, last = {one.day: one for one in points}, points[-1].day
    days = (last - timedelta(days=back) for back in range(YEAR_DAYS - 1, -1, -1))
    return [known.get(day, Point(day, None, None)) for day in days]


def points_of(days: list[PublishedDay], now: ReserveStatement) -> list[Point]:
    """The published days of the region, then today."""
    made = [
        Point(row.day, row.supply_cents, row.reserve_cents) for row in days if row.supply_cents is not None
    ]
    today = local_day(now.now_unix_s)
    return [*(one for one in made if one.day < today), Point(today, now.supply_cents, now.reserve_cents)]


def picture(points: list[Point], language: Language, messages: Catalogue, unit: str) -> Markup:
    """Two lines from zero, in a wide and a narrow form; empty when there are too few days."""
    if len(points) < MIN_POINTS:
        return Markup("")
    supply = Series(messages.gettext(_("circulation")), [one.supply_cents for one in points])
    reserve = Series(messages.gettext(_("réserve")), [one.reserve_cents for one in points])
    summary = (
        messages.gettext(_("Du {first} au {last} : en circulation {supply} {unit}, réserve {reserve} €."))
        .replace("{first}", short_day(points[0].day.isoformat(), language))
        .replace("{last}", short_day(points[-1].day.isoformat(), language))
        .replace("{supply}", whole_units(points[-1].supply_cents or 0, language))
        .replace("{unit}", unit)
        .replace("{reserve}", whole_units(points[-1].reserve_cents or 0, language))
    )
    write = Pictures(language, messages, unit).axis(_highest(points))
    labels = [short_day(one.day.isoformat(), language) for one in points]
    today = messages.gettext(_("aujourd’hui"))
    return Markup("").join(
        Markup('<div class="{}">{}</div>').format(
            css, charts.lines(Frame(width, height, labels, write, summary, today), [supply, reserve])
        )
        for css, (width, height) in (("wide-form", WIDE), ("narrow-form", NARROW))
    )


def axis_unit(points: list[Point], language: Language, messages: Catalogue, unit: str) -> str:
    return Pictures(language, messages, unit).axis_unit(_highest(points))


def _highest(points: list[Point]) -> int:
    return max(max(one.supply_cents or 0, one.reserve_cents or 0) for one in points)


def table_rows(points: list[Point], language: Language) -> list[tuple[str, str, str, str]]:
    """The newest first: day, supply, reserve, coverage."""
    return [
        (
            short_day(one.day.isoformat(), language),
            whole_units(one.supply_cents or 0, language),
            "–" if one.reserve_cents is None else whole_units(one.reserve_cents, language),
            _coverage(one, language),
        )
        for one in reversed(points)
    ]


def _coverage(point: Point, language: Language) -> str:
    if point.reserve_cents is None or point.supply_cents is None:
        return "–"
    basis_points = ratio_basis_points(point.reserve_cents, point.supply_cents)
    return "–" if basis_points is None else percent(basis_points, language)


def sentence(points: list[Point], language: Language, messages: Catalogue) -> str:
    """What the pictures say, in one sentence."""
    short = [one for one in points if one.is_short]
    if not short:
        told = messages.gettext(_("Oui : à la fin de chacun des {count} jours publiés, et en ce moment."))
        return told.replace("{count}", str(len(points) - 1))
    told = messages.gettext(_("Non : elle a manqué {count} jours, le dernier le {day}."))
    day = short_day(short[-1].day.isoformat(), language)
    return told.replace("{count}", str(len(short))).replace("{day}", day)
