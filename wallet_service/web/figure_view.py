"""Figures as people see them: cells in their language, pictures with their summaries, ages. Pure.

Owns how a number is written; the numbers come from supervision.figures.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from wallet_service.protocol.money import format_amount
from wallet_service.supervision.figure import Cell, CellKind, Figure
from wallet_service.territory import SECTOR_GROUPS
from wallet_service.web import charts
from wallet_service.web.charts import Frame, Series
from wallet_service.web.i18n import Catalogue, Language
from wallet_service.web.rendering import MONTHS, NARROW_SPACE, moment

LOCAL_ZONE = ZoneInfo("Europe/Paris")
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


def weekday(number: int, words: Catalogue) -> str:
    """0 is Monday."""
    return words.gettext(WEEKDAYS[number])


def short_day(day: str, language: Language) -> str:
    """``24 nov.`` of an ISO date."""
    found = date.fromisoformat(day)
    return f"{found.day} {MONTHS[language][found.month - 1]}"


def long_now(unix_ms: int, language: Language, words: Catalogue) -> Markup:
    """``mardi 24 nov. 2026, 14 h 32``."""
    local = datetime.fromtimestamp(unix_ms / 1000, LOCAL_ZONE)
    return Markup("{} {}").format(weekday(local.weekday(), words), moment(unix_ms, language))


def count(number: int, language: Language) -> str:
    return f"{number:,}".replace(",", "," if language == "en" else NARROW_SPACE)


def hundredths(number: int, language: Language, decimals: int = 1) -> str:
    """``4,3`` of 430, cut and not rounded up."""
    whole, rest = divmod(abs(number), 100)
    mark = "." if language == "en" else ","
    sign = "\u2212" if number < 0 else ""
    return f"{sign}{count(whole, language)}{mark}{rest // 10 ** (2 - decimals):0{decimals}d}"


def percent(basis_points: int, language: Language, decimals: int = 1) -> str:
    """``101,8 %``; with no decimal when `decimals` is 0."""
    number = (
        hundredths(basis_points, language, decimals) if decimals else count(basis_points // 100, language)
    )
    return f"{number}%" if language == "en" else f"{number}{NARROW_SPACE}%"


def whole_units(amount_cents: int, language: Language) -> str:
    """Units without cents, cut."""
    return count(amount_cents // CENTS_PER_UNIT, language)


def euros(amount_cents: int, language: Language) -> str:
    """``12,50 €`` or ``€12.50``."""
    amount = format_amount(amount_cents, language)
    return f"€{amount}" if language == "en" else f"{amount}{NARROW_SPACE}€"


def age(unix_s: int, now_unix_s: int, words: Catalogue) -> str:
    """``il y a 6 h``; what is to come is said by the caller with `duration`."""
    if now_unix_s - unix_s < MINUTE_S:
        return words.gettext(_("à l’instant"))
    return words.gettext(_("il y a {duration}")).replace("{duration}", duration(now_unix_s - unix_s, words))


def duration(seconds: int, words: Catalogue) -> str:
    """The largest unit that fits: seconds, minutes, hours, days."""
    seconds = max(seconds, 0)
    if seconds >= 2 * DAY_S:
        return words.gettext(_("{number} jours")).replace("{number}", str(seconds // DAY_S))
    if seconds >= HOUR_S:
        return words.gettext(_("{number} h")).replace("{number}", str(seconds // HOUR_S))
    if seconds >= MINUTE_S:
        return words.gettext(_("{number} min")).replace("{number}", str(seconds // MINUTE_S))
    return words.gettext(_("{number} s")).replace("{number}", str(seconds))


def said(word: str, words: Catalogue) -> str:
    """A figure's French word in the reader's language; the territory brings its own English."""
    if words.language == "en" and word in TERRITORY_ENGLISH:
        return TERRITORY_ENGLISH[word]
    return words.gettext(word)


def show_cell(cell: Cell, kind: CellKind, language: Language, words: Catalogue) -> str | Markup:
    """One cell of a table, in words people read."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        if kind == "day":
            return short_day(cell, language)
        return said(cell, words) if kind == "word" else cell
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

    def __init__(self, language: Language, words: Catalogue, unit: str) -> None:
        self._language = language
        self._words = words
        self._unit = unit

    def volume(self, figure: Figure) -> Markup:
        """Volume per day, its peak named and today marked."""
        days, volumes = figure.values("day"), figure.values("volume_cents")
        highest = max(range(len(volumes)), key=volumes.__getitem__)
        peak = ""
        if volumes[highest]:
            name = weekday(date.fromisoformat(days[highest]).weekday(), self._words)
            peak = f"{name} {short_day(days[highest], self._language)} : {self._exact(volumes[highest])}"
        summary = self._say(
            _("Volume par jour du {first} au {last}. Le plus fort : {peak}. Aujourd’hui : {today}."),
            first=short_day(days[0], self._language),
            last=short_day(days[-1], self._language),
            peak=peak or "0",
            today=self._exact(volumes[-1]),
        )
        series = Series(self._say(_("Volume")), volumes)
        return self._both(
            WIDE, days, self.axis(max(volumes)), summary, lambda frame: charts.area(frame, series, peak)
        )

    def payments(self, figure: Figure) -> Markup:
        days, counts = figure.values("day"), figure.values("payments_count")
        summary = self._say(
            _("Paiements par jour : {total} en 30 jours, {today} aujourd’hui, au plus {most} en un jour."),
            total=count(sum(counts), self._language),
            today=count(counts[-1], self._language),
            most=count(max(counts), self._language),
        )
        series = Series(self._say(_("Paiements")), counts)
        write = lambda value: count(value, self._language)  # noqa: E731
        return self._both(WIDE, days, write, summary, lambda frame: charts.columns(frame, series))

    def supply_and_reserve(self, figure: Figure) -> Markup:
        days = figure.values("day")
        supply, reserve = figure.values("supply_cents"), figure.values("reserve_cents")
        summary = self._say(
            _("Masse {supply} et réserve attestée {reserve} aujourd’hui ; il y a 30 jours, masse {before}."),
            supply=self._exact(supply[-1]),
            reserve=self._exact(reserve[-1]) if reserve[-1] is not None else "–",
            before=self._exact(supply[0]),
        )
        drawn = [Series(self._say(_("masse")), supply), Series(self._say(_("réserve")), reserve)]
        highest = max(value for value in (*supply, *reserve, 0) if value is not None)
        return self._both(FULL, days, self.axis(highest), summary, lambda frame: charts.lines(frame, drawn))

    def minted_and_burned(self, figure: Figure) -> Markup:
        days, minted, burned = (figure.values(name) for name in ("day", "minted_cents", "burned_cents"))
        summary = self._say(
            _("En 30 jours : {minted} émis, {burned} détruits."),
            minted=self._exact(sum(minted)),
            burned=self._exact(sum(burned)),
        )
        up, down = Series(self._say(_("émis")), minted), Series(self._say(_("détruits")), burned)
        axis = self.axis(max(*minted, *burned))
        write = lambda value: axis(abs(value))  # noqa: E731
        return self._both(FULL, days, write, summary, lambda frame: charts.up_and_down(frame, up, down))

    def axis(self, highest_cents: int) -> Callable[[int], str]:
        """Thousands of units when amounts are large; the page's title says which."""
        if highest_cents < THOUSANDS_FROM_CENTS:
            return lambda value: whole_units(value, self._language)
        return lambda value: hundredths(value // (CENTS_PER_THOUSAND // 100), self._language).removesuffix(
            ".0" if self._language == "en" else ",0"
        )

    def axis_unit(self, highest_cents: int) -> str:
        if highest_cents < THOUSANDS_FROM_CENTS:
            return self._unit
        return self._say(_("milliers d’{unit}"), unit=self._unit)

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
        today = self._say(_("aujourd’hui"))
        forms = [
            Markup('<div class="{}">{}</div>').format(
                css, draw(Frame(width, height, labels, write, summary, today))
            )
            for css, (width, height) in (("wide-form", wide), ("narrow-form", NARROW))
        ]
        return Markup("").join(forms)

    def _say(self, text: str, **values: str) -> str:
        said = self._words.gettext(text)
        for name, value in values.items():
            said = said.replace("{" + name + "}", value)
        return said
