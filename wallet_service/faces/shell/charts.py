"""Pictures of figures as SVG, made on the server from the same rows as their tables.

Pure; owns geometry only.

Amounts start at zero, lines carry their name at their end, the last point is marked. Colours are classes
(`s1`..`s6` of the tokens), told apart by dash or label too. No style attribute: the policy forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

MAX_SERIES = 6
TARGET_TICKS = 5
#: Rough width of a figure or letter at the charts' type size, to keep labels inside the picture.
LETTER_WIDTH = 7.4
LABEL_HEIGHT = 18.0
#: The piece of line drawn before a line's name.
SAMPLE_WIDTH = 19.0


@dataclass(frozen=True, slots=True)
class Series:
    """One line or row of columns. `values` may hold None where nothing is known yet."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every chart is told before it draws.

    Its size, the text of each place on the x axis, how to write a value on the y axis, and one sentence that
    says it all to whoever does not see it.
    """

    width: int
    height: int
    x_labels: Sequence[str]
    write: Callable[[int], str]
    summary: str
    today: str = ""


@dataclass(frozen=True, slots=True)
class BalanceStep:
    """A statement's two balances.

    `join`: "tie" when it begins where the one before ended, "gap" when it breaks with it, "" when it overlaps
    it or there is nothing to compare.
    """

    opening: int
    closing: int
    join: Literal["tie", "gap", ""]


@dataclass(frozen=True, slots=True)
class _Plot:
    left: float
    right: float
    top: float
    bottom: float
    lowest: int
    highest: int
    count: int

    def x(self, position: int) -> float:
        step = (self.right - self.left) / max(self.count - 1, 1)
        return self.left + step * position

    def middle(self, position: int) -> float:
        """The middle of a column's place."""
        return self.left + (self.right - self.left) * (position + 0.5) / max(self.count, 1)

    def y(self, value: int) -> float:
        span = max(self.highest - self.lowest, 1)
        return self.bottom - (self.bottom - self.top) * (value - self.lowest) / span


def ticks(highest: int, target_count: int = TARGET_TICKS) -> list[int]:
    """Round values from zero to just above `highest`: 1, 2, 2.5 or 5 times a power of ten apart."""
    if highest <= 0:
        return [0, 1]
    power = 1
    while power * 10 * target_count < highest * 10:
        for step in (power, power * 2, power * 5 // 2 if power >= 10 else power * 5, power * 5):
            if step * target_count >= highest:
                return _up_to(highest, step)
        power *= 10
    return _up_to(highest, power)


def _up_to(highest: int, step: int) -> list[int]:
    count = -(-highest // step)
    return [step * number for number in range(count + 1)]


def area(frame: Frame, series: Series, peak: str = "") -> Markup:
    """One line over its filled area; `peak` names the highest point.

    Today, not over yet, is drawn in dashes: its fall is no fall.
    """
    values = [value or 0 for value in series.values]
    scale = ticks(max(values, default=0))
    plot = _plot(frame, scale, len(values))
    points = [(plot.x(number), plot.y(value)) for number, value in enumerate(values)]
    drawn = [_grid(frame, plot, scale), _x_axis(frame, plot, plot.x)]
    if points:
        ground = (
            f"{_n(points[0][0])},{_n(plot.bottom)} {_points(points)} {_n(points[-1][0])},{_n(plot.bottom)}"
        )
        drawn.append(Markup('<polygon class="area s1" points="{}"/>').format(ground))
        over, unfinished = (points[:-1], points[-2:]) if frame.today and len(points) > 2 else (points, [])
        drawn.append(Markup('<polyline class="line s1" points="{}"/>').format(_points(over)))
        if unfinished:
            drawn.append(
                Markup('<polyline class="line s1 unfinished" points="{}"/>').format(_points(unfinished))
            )
        drawn.append(_dot(*points[-1], "s1"))
        if peak:
            highest = max(range(len(values)), key=values.__getitem__)
            drawn.append(_peak(frame, plot, points[highest], peak))
    return _svg(frame, drawn)


def lines(frame: Frame, series: Sequence[Series]) -> Markup:
    """Several lines, each with its name at its end. The second is dashed: never colour alone."""
    assert len(series) <= MAX_SERIES
    known = [value for one in series for value in one.values if value is not None]
    scale = ticks(max(known, default=0))
    longest = max((len(one.name) for one in series), default=0)
    plot = _plot(frame, scale, len(frame.x_labels), right_margin=longest * LETTER_WIDTH + SAMPLE_WIDTH + 20)
    drawn = [_grid(frame, plot, scale), _x_axis(frame, plot, plot.x)]
    label_places: list[float] = []
    for number, one in enumerate(series, 1):
        points = [(plot.x(at), plot.y(value)) for at, value in enumerate(one.values) if value is not None]
        if not points:
            continue
        drawn.append(Markup('<polyline class="line s{}" points="{}"/>').format(number, _points(points)))
        drawn.append(_dot(*points[-1], f"s{number}"))
        label_y = _apart(points[-1][1] + 5, label_places)
        label_places.append(label_y)
        drawn.append(
            Markup('<line class="line s{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                number,
                _n(plot.right + 12),
                _n(plot.right + 12 + SAMPLE_WIDTH),
                _n(label_y - 5),
                _n(label_y - 5),
            )
        )
        drawn.append(_text(plot.right + 18 + SAMPLE_WIDTH, label_y, one.name, "label"))
    return _svg(frame, drawn)


def up_and_down(frame: Frame, up: Series, down: Series) -> Markup:
    """Columns above the zero line for one, below for the other; both on one scale."""
    highest = max((value or 0 for value in (*up.values, *down.values)), default=0)
    half = ticks(highest, 2)
    scale = [-value for value in reversed(half[1:])] + half
    plot = _plot(frame, scale, len(frame.x_labels), lowest=scale[0])
    drawn = [_grid(frame, plot, scale), _x_axis(frame, plot, plot.middle)]
    width = max((plot.right - plot.left) / max(plot.count, 1) - 4, 2)
    for number, (one, sign) in enumerate(((up, 1), (down, -1)), 1):
        for at, value in enumerate(one.values):
            if value:
                end = plot.y(sign * value)
                drawn.append(_column(plot.middle(at) - width / 2, width, plot.y(0), end, f"s{number}"))
        label_y = plot.top + 10 if sign == 1 else plot.bottom - 2
        drawn.append(_text(plot.right, label_y, one.name, f"label end s{number}"))
    return _svg(frame, drawn)


def columns(frame: Frame, series: Series) -> Markup:
    """One column a place."""
    values = [value or 0 for value in series.values]
    scale = ticks(max(values, default=0))
    plot = _plot(frame, scale, len(values))
    drawn = [_grid(frame, plot, scale), _x_axis(frame, plot, plot.middle)]
    width = max((plot.right - plot.left) / max(plot.count, 1) - 4, 2)
    for at, value in enumerate(values):
        if value:
            css = "s1 now" if at == len(values) - 1 else "s1"
            drawn.append(_column(plot.middle(at) - width / 2, width, plot.bottom, plot.y(value), css))
    return _svg(frame, drawn)


def balances(frame: Frame, steps: Sequence[BalanceStep]) -> Markup:
    """Each statement a column from its opening to its closing balance, tied to the next where they meet.

    Where one breaks with the one before, a dashed line across the picture says so, however small the gap.
    """
    known = [cents for step in steps for cents in (step.opening, step.closing)]
    scale = ticks(max([*known, 0]))
    plot = _plot(frame, scale, len(steps), lowest=min([*known, 0]))
    drawn = [_grid(frame, plot, scale), _x_axis(frame, plot, plot.middle)]
    width = max((plot.right - plot.left) / max(plot.count, 1) * 0.6, 3)
    for at, step in enumerate(steps):
        x, css = plot.middle(at), "s1" if step.closing >= step.opening else "s2"
        if at and step.join == "tie":
            y = plot.y(step.opening)
            drawn.append(_tie(plot.middle(at - 1), x, y, y, "tie"))
        elif at and step.join == "gap":
            between = (plot.middle(at - 1) + x) / 2
            drawn.append(_tie(between, between, plot.top, plot.bottom, "gap"))
            drawn.append(_text(between, plot.top - 4, "!", "label middle strong"))
        drawn.append(_column(x - width / 2, width, plot.y(step.opening), plot.y(step.closing), css))
    return _svg(frame, drawn)


def _tie(x1: float, x2: float, y1: float, y2: float, css: str) -> Markup:
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        css, _n(x1), _n(x2), _n(y1), _n(y2)
    )


def bar(share_basis_points: int, series: int = 1) -> Markup:
    """A flat bar filled by a share (10 000 = full), its text beside it in the page."""
    share = max(0, min(share_basis_points, 10_000)) / 100
    return Markup(
        '<svg class="bar" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="100%" rx="7"/>'
        '<rect class="fill s{}" width="{}%" height="100%" rx="7"/></svg>'
    ).format((series - 1) % MAX_SERIES + 1, _n(share))


def parts_bar(parts: Sequence[tuple[str, int]]) -> Markup:
    """A flat bar of named parts side by side, each as wide as its cents; the text beside it names them."""
    whole, left, drawn = max(sum(cents for _name, cents in parts), 1), 0.0, []
    for name, cents in parts:
        width = cents * 100 / whole
        if cents:
            drawn.append(
                Markup('<rect class="fill {}" x="{}%" width="{}%" height="100%"/>').format(
                    name, _n(left), _n(width)
                )
            )
        left += width
    return Markup('<svg class="bar parts" aria-hidden="true" focusable="false">{}</svg>').format(
        Markup("").join(drawn)
    )


def _share(part: int, whole: int) -> float:
    """How much of a bar's width, in percent of its drawn part."""
    return part * 10_000 / whole


def reserve_bar(supply_cents: int, reserve_cents: int) -> Markup:
    """What is held, filled; what must be covered, a mark across it. Short of the mark, the fill turns red."""
    whole = max(supply_cents, reserve_cents, 1) * 104
    filled, marked = _share(reserve_cents, whole), _share(supply_cents, whole)
    css = "fill covered" if reserve_cents >= supply_cents else "fill short"
    return Markup(
        '<svg class="reserve-bar" aria-hidden="true" focusable="false">'
        '<rect class="track" y="6" width="100%" height="18" rx="9"/>'
        '<rect class="{}" y="6" width="{}%" height="18" rx="9"/>'
        '<rect class="mark" x="{}%" width="4" height="30" rx="2"/></svg>'
    ).format(css, _n(filled), _n(marked))


def _plot(
    frame: Frame, scale: Sequence[int], count: int, lowest: int = 0, right_margin: float = 14.0
) -> _Plot:
    widest = max(len(frame.write(value)) for value in scale)
    return _Plot(
        left=widest * LETTER_WIDTH + 12,
        right=frame.width - right_margin,
        top=LABEL_HEIGHT,
        bottom=frame.height - LABEL_HEIGHT - 12,
        lowest=lowest,
        highest=scale[-1],
        count=count,
    )


def _svg(frame: Frame, drawn: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        frame.width, frame.height, frame.summary, Markup("").join(drawn)
    )


def _grid(frame: Frame, plot: _Plot, scale: Sequence[int]) -> Markup:
    drawn = Markup("")
    for value in scale:
        y = plot.y(value)
        css = "zero" if value == 0 else "grid"
        drawn += Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            css, _n(plot.left), _n(plot.right), _n(y), _n(y)
        )
        drawn += _text(plot.left - 10, y + 5, frame.write(value), "tick end")
    return drawn


def _x_axis(frame: Frame, plot: _Plot, x_of: Callable[[int], float]) -> Markup:
    """The first place, the middle one and today."""
    count = len(frame.x_labels)
    if not count:
        return Markup("")
    y = frame.height - 6
    first = _text(max(x_of(0), plot.left), y, frame.x_labels[0], "tick")
    last = _text(
        min(x_of(count - 1) + 8, plot.right + 8), y, frame.today or frame.x_labels[-1], "tick end today"
    )
    middle = (
        _text(x_of(count // 2), y, frame.x_labels[count // 2], "tick middle") if count > 4 else Markup("")
    )
    return first + middle + last


def _peak(frame: Frame, plot: _Plot, at: tuple[float, float], text: str) -> Markup:
    """Above the point, kept inside the picture."""
    half = len(text) * LETTER_WIDTH / 2
    x = min(max(at[0], plot.left + half), frame.width - half - 4)
    return _text(x, max(at[1] - 10, LABEL_HEIGHT - 4), text, "label middle strong")


def _apart(label_y: float, taken: Sequence[float]) -> float:
    """A label's height, moved down when another one is there."""
    for other in taken:
        if abs(label_y - other) < LABEL_HEIGHT:
            label_y = other + LABEL_HEIGHT
    return label_y


def _column(x: float, width: float, start: float, end: float, css: str) -> Markup:
    return Markup('<rect class="column {}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        css, _n(x), _n(min(start, end)), _n(width), _n(max(abs(end - start), 1.0))
    )


def _dot(x: float, y: float, css: str) -> Markup:
    return Markup('<circle class="dot {}" cx="{}" cy="{}" r="5"/>').format(css, _n(x), _n(y))


def _text(x: float, y: float, text: str, css: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(css, _n(x), _n(y), text)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
