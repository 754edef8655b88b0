"""Figures as people see them: cells in their language, pictures with their summaries, ages. Pure.

Owns how a number is written; the numbers come from reports.figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from markupsafe import Markup

from wallet_service.faces.shell import charts
from wallet_service.faces.shell.charts import BalanceStep, Frame, Series
from wallet_service.faces.shell.i18n import Catalogue, Language
from wallet_service.faces.shell.rendering import moment
from wallet_service.languages.catalogues import said
from wallet_service.languages.standards import marks_of, short_day_text, whole
from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.text.csv_text import Cell
from wallet_service.reports.models import CellKind, Figure
from wallet_service.territory import SECTOR_GROUPS
from wallet_service.territory.currency import LOCAL_ZONE

#: Above this a chart's axis counts thousands of units.
THOUSANDS_FROM_CENTS = 1_000_000
CENTS_PER_UNIT, CENTS_PER_THOUSAND = 100, 100_000
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
TERRITORY_ENGLISH = dict(SECTOR_GROUPS.values())
#: A chart is drawn twice, for wide and for narrow screens, so that its letters stay legible; CSS shows one.
WIDE, FULL, NARROW = (600, 330), (940, 300), (340, 240)


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


WEEKDAYS = (
    _("lundi"),
    _("mardi"),
    _("mercredi"),
    _("jeudi"),
    _("vendredi"),
    _("samedi"),
    _("dimanche"),
)


def weekday(number: int, messages: Catalogue) -> str:
    """0 is Monday."""
    return messages.gettext(WEEKDAYS[number])


def short_day(day: str, language: Language) -> str:
    """``24 nov.`` of an ISO date."""
    return short_day_text(date.fromisoformat(day), language)


def long_now(unix_ms: int, language: Language, messages: Catalogue) -> Markup:
    """``mardi 24 nov. 2026, 14 h 32``."""
    local = datetime.fromtimestamp(unix_ms / 1000, LOCAL_ZONE)
    return Markup("{} {}").format(weekday(local.weekday(), messages), moment(unix_ms, language))


def count(number: int, language: Language) -> str:
    return whole(number, language)


def hundredths(number: int, language: Language, decimals: int = 1) -> str:
    """``4,3`` of 430, cut and not rounded up."""
    units, rest = divmod(abs(number), 100)
    sign = "\u2212" if number < 0 else ""
    mark = marks_of(language).decimal
    return f"{sign}{count(units, language)}{mark}{rest // 10 ** (2 - decimals):0{decimals}d}"


def percent(basis_points: int, language: Language, decimals: int = 1) -> str:
    """``101,8 %``; with no decimal when `decimals` is 0."""
    number = (
        hundredths(basis_points, language, decimals) if decimals else count(basis_points // 100, language)
    )
    return marks_of(language).percent.format(number)


def whole_units(amount_cents: int, language: Language) -> str:
    """Units without cents, cut."""
    return count(amount_cents // CENTS_PER_UNIT, language)


def euros(amount_cents: int, language: Language) -> str:
    """``12,50 €`` or ``€12.50``."""
    return marks_of(language).euros.format(format_amount(amount_cents, language))


def age(unix_s: int, now_unix_s: int, messages: Catalogue) -> str:
    """``il y a 6 h``; what is to come is translated by the caller with `duration`."""
    if now_unix_s - unix_s < MINUTE_S:
        return messages.gettext(_("à l’instant"))
    return messages.gettext(_("il y a {duration}")).replace(
        "{duration}", duration(now_unix_s - unix_s, messages)
    )


def duration(seconds: int, messages: Catalogue) -> str:
    """The largest unit that fits: seconds, minutes, hours, days."""
    seconds = max(seconds, 0)
    if seconds >= 2 * DAY_S:
        return messages.gettext(_("{number} jours")).replace("{number}", str(seconds // DAY_S))
    if seconds >= HOUR_S:
        return messages.gettext(_("{number} h")).replace("{number}", str(seconds // HOUR_S))
    if seconds >= MINUTE_S:
        return messages.gettext(_("{number} min")).replace("{number}", str(seconds // MINUTE_S))
    return messages.gettext(_("{number} s")).replace("{number}", str(seconds))


def translated(word: str, messages: Catalogue) -> str:
    """A figure's French word in the reader's language; the territory brings its own English."""
    return said(messages.language, word, TERRITORY_ENGLISH.get(word) or messages.gettext(word))


def show_cell(cell: Cell, kind: CellKind, language: Language, messages: Catalogue) -> str | Markup:
    """One cell of a table, in words people read."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        if kind == "day":
            return short_day(cell, language)
        return translated(cell, messages) if kind == "word" else cell
    writers: dict[str, Callable[[int], str | Markup]] = {
        "cents": lambda value: format_amount(value, language),
        "count": lambda value: count(value, language),
        "basis_points": lambda value: percent(value, language),
        "hundredths": lambda value: hundredths(value, language),
        "moment_s": lambda value: moment(value * 1000, language),
        "moment_ms": lambda value: moment(value, language),
    }
    return writers[kind](cell)


class Pictures:
    """Draws figures for one reader; each picture comes in a wide and a narrow form."""

    def __init__(self, language: Language, messages: Catalogue, unit: str) -> None:
        self._language = language
        self._messages = messages
        self._unit = unit

    def volume(self, figure: Figure) -> Markup:
        """Volume per day, its peak named and today marked."""
        days, volumes = figure.values("day"), figure.values("volume_cents")
        highest = max(range(len(volumes)), key=volumes.__getitem__)
        peak = ""
        if volumes[highest]:
            name = weekday(date.fromisoformat(days[highest]).weekday(), self._messages)
            day = f"{name} {short_day(days[highest], self._language)}"
            peak = self._sentence(_("{day} : {amount}"), day=day, amount=self._exact(volumes[highest]))
        summary = self._sentence(
            _("Volume par jour du {first} au {last}. Le plus fort : {peak}. Aujourd’hui : {today}."),
            first=short_day(days[0], self._language),
            last=short_day(days[-1], self._language),
            peak=peak or "0",
            today=self._exact(volumes[-1]),
        )
        series = Series(self._sentence(_("Volume")), volumes)
        return self._both(
            WIDE, days, self.axis(max(volumes)), summary, lambda frame: charts.area(frame, series, peak)
        )

    def payments(self, figure: Figure) -> Markup:
        days, counts = figure.values("day"), figure.values("payments_count")
        summary = self._sentence(
            _("Paiements par jour : {total} en 30 jours, {today} aujourd’hui, au plus {most} en un jour."),
            total=count(sum(counts), self._language),
            today=count(counts[-1], self._language),
            most=count(max(counts), self._language),
        )
        series = Series(self._sentence(_("Paiements")), counts)
        write = lambda value: count(value, self._language)  # noqa: E731
        return self._both(WIDE, days, write, summary, lambda frame: charts.columns(frame, series))

    def supply_and_reserve(self, figure: Figure) -> Markup:
        days = figure.values("day")
        supply, reserve = figure.values("supply_cents"), figure.values("reserve_cents")
        summary = self._sentence(
            _("Masse {supply} et réserve attestée {reserve} aujourd’hui ; il y a 30 jours, masse {before}."),
            supply=self._exact(supply[-1]),
            reserve=self._exact(reserve[-1]) if reserve[-1] is not None else "–",
            before=self._exact(supply[0]),
        )
        drawn = [Series(self._sentence(_("masse")), supply), Series(self._sentence(_("réserve")), reserve)]
        highest = max(value for value in (*supply, *reserve, 0) if value is not None)
        return self._both(FULL, days, self.axis(highest), summary, lambda frame: charts.lines(frame, drawn))

    def minted_and_burned(self, figure: Figure) -> Markup:
        days, minted, burned = (figure.values(name) for name in ("day", "minted_cents", "burned_cents"))
        summary = self._sentence(
            _("En 30 jours : {minted} émis, {burned} détruits."),
            minted=self._exact(sum(minted)),
            burned=self._exact(sum(burned)),
        )
        up, down = Series(self._sentence(_("émis")), minted), Series(self._sentence(_("détruits")), burned)
        axis = self.axis(max(*minted, *burned))
        write = lambda value: axis(abs(value))  # noqa: E731
        return self._both(FULL, days, write, summary, lambda frame: charts.up_and_down(frame, up, down))

    def balances(self, days: list[str], steps: Sequence[BalanceStep]) -> Markup:
        """Oldest first; `days`: ISO dates of their closing balances."""
        gaps = sum(step.join == "gap" for step in steps[1:])
        summary = self._sentence(
            _("Soldes de {count} relevés, du {first} au {last} : {closing} à la fin, ruptures : {gaps}."),
            count=count(len(steps), self._language),
            first=short_day(days[0], self._language),
            last=short_day(days[-1], self._language),
            closing=euros(steps[-1].closing, self._language),
            gaps=count(gaps, self._language),
        )
        axis = self.axis(max(max(step.opening, step.closing) for step in steps))
        labels = [short_day(day, self._language) for day in days]
        forms = [
            Markup('<div class="{}">{}</div>').format(
                css, charts.balances(Frame(width, height, labels, axis, summary), steps)
            )
            for css, (width, height) in (("wide-form", FULL), ("narrow-form", NARROW))
        ]
        return Markup("").join(forms)

    def axis(self, highest_cents: int) -> Callable[[int], str]:
        """Thousands of units when amounts are large; the page's title says which."""
        if highest_cents < THOUSANDS_FROM_CENTS:
            return lambda value: whole_units(value, self._language)
        return lambda value: hundredths(value // (CENTS_PER_THOUSAND // 100), self._language).removesuffix(
            marks_of(self._language).decimal + "0"
        )

    def axis_unit(self, highest_cents: int) -> str:
        if highest_cents < THOUSANDS_FROM_CENTS:
            return self._unit
        return self._sentence(_("milliers d’{unit}"), unit=self._unit)

    def _exact(self, amount_cents: int) -> str:
        return f"{whole_units(amount_cents, self._language)} {self._unit}"

    def _both(
        self,
        wide: tuple[int, int],
        days: list[str],
        write: Callable[[int], str],
        summary: str,
        draw: Callable[[Frame], Markup],
    ) -> Markup:
        labels = [short_day(day, self._language) for day in days]
        today = self._sentence(_("aujourd’hui"))
        forms = [
            Markup('<div class="{}">{}</div>').format(
                css, draw(Frame(width, height, labels, write, summary, today))
            )
            for css, (width, height) in (("wide-form", wide), ("narrow-form", NARROW))
        ]
        return Markup("").join(forms)

    def _sentence(self, text: str, **values: str) -> str:
        translated = self._messages.gettext(text)
        for name, value in values.items():
            translated = translated.replace("{" + name + "}", value)
        return translated
