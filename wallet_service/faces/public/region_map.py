"""The region drawn from data we ship, with a dot for each commune that has somebody in it.

No other origin is asked. Owns geometry and sizes; colours are classes. The page's script moves the same dots
(`public/finding/map.js`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from markupsafe import Markup

from wallet_service.territory import communes
from wallet_service.territory.geography import DEGREE_E5, Ring, commune_spots, outline

#: A lone shop's dot, and how much a dot grows with the root of how many there are.
SMALLEST_RADIUS, RADIUS_GROWTH = 7.0, 3.2
LARGEST_RADIUS = 34.0
#: A name this near to the map's left end begins at its town instead of standing above it.
NEAR_THE_EDGE = 140


def region_map(commune_codes: Iterable[str], summary: str) -> Markup:
    """The map with a dot for each of the communes, as large as often it is named; `summary`: in words."""
    at = outline().projection
    counted = Counter(code for code in commune_codes if code in commune_spots())
    dots = Markup("").join(_dot(code, count) for code, count in counted.most_common())
    return Markup(
        '<svg class="region-map" viewBox="0 0 {} {}" role="img" aria-label="{}"'
        ' data-west="{}" data-north="{}" data-x-scale="{}" data-y-scale="{}">'
        '{}<g class="dots">{}</g>{}</svg>'
    ).format(
        _n(at.width),
        _n(at.height),
        summary,
        f"{at.west:.5f}",
        f"{at.north:.5f}",
        f"{at.x_scale:.3f}",
        f"{at.y_scale:.3f}",
        _land() + _communes(),
        dots,
        _towns(),
    )


@cache
def _land() -> Markup:
    rings = outline().rings
    land = Markup("").join(Markup('<path d="{}z"/>').format(_path(ring)) for ring in rings)
    coast = Markup("").join(
        Markup('<path d="{}"/>').format(_path(shore)) for ring in rings for shore in _shores(ring)
    )
    return Markup('<g class="land">{}</g><g class="coast">{}</g>').format(land, coast)


def _shores(ring: Ring) -> list[Ring]:
    """The ring's parts that are coast, not where the map ends."""
    corners = [outline().projection.point(latitude, longitude) for longitude, latitude in ring]
    shores: list[list[tuple[float, float]]] = [[]]
    closed = [*zip(ring, corners, strict=True), (ring[0], corners[0])]
    for (point, corner), (_next, next_corner) in pairwise(closed):
        shores[-1].append(point)
        if _is_edge(corner, next_corner):
            shores.append([])
    return [tuple(shore) for shore in shores if len(shore) > 1]


def _is_edge(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Both on the same side of the map."""
    at = outline().projection
    sides = ((0, 0.0), (0, at.width), (1, 0.0), (1, at.height))
    return any(abs(one[axis] - end) < 1 and abs(other[axis] - end) < 1 for axis, end in sides)


def _path(ring: Ring) -> str:
    """Relative steps of tenths of a unit: half the bytes of absolute ones."""
    at = outline().projection
    points = [tuple(round(value * 10) for value in at.point(latitude, x)) for x, latitude in ring]
    steps = [f"M{points[0][0] / 10:g} {points[0][1] / 10:g}l"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if (x0, y0) != (x1, y1):
            steps.append(f"{(x1 - x0) / 10:g} {(y1 - y0) / 10:g} ")
    return "".join(steps).rstrip()


@cache
def _communes() -> Markup:
    """Every commune of the region as a grain: together they are its shape. A dot is a line of no length."""
    points = sorted(tuple(round(value) for value in _point(code)) for code in commune_spots())
    steps, (x0, y0) = [], (0, 0)
    for x, y in dict.fromkeys(points):
        steps.append(f"m{x - x0} {y - y0}h0")
        x0, y0 = x, y
    return Markup('<path class="grain" d="{}"/>').format("".join(steps))


def _dot(code: str, count: int) -> Markup:
    x, y = _point(code)
    return Markup('<circle class="shop-dot" data-commune="{}" cx="{}" cy="{}" r="{}"/>').format(
        code, _n(x), _n(y), _n(radius(count))
    )


def radius(count: int) -> float:
    """Its surface grows with how many there are, up to a bound."""
    return min(SMALLEST_RADIUS + RADIUS_GROWTH * (math.sqrt(count) - 1), LARGEST_RADIUS)


@cache
def _towns() -> Markup:
    """Names of the towns people orient themselves by, above their dots."""
    named = [(communes()[code], _point(code)) for code in outline().towns if code in commune_spots()]
    drawn = (
        Markup('<text class="town{}" x="{}" y="{}">{}</text>').format(
            " from-here" if x < NEAR_THE_EDGE else "", _n(max(x, 12)), _n(y - 16), name
        )
        for name, (x, y) in named
    )
    return Markup('<g class="towns" aria-hidden="true">{}</g>').format(Markup("").join(drawn))


def _point(code: str) -> tuple[float, float]:
    latitude_e5, longitude_e5 = commune_spots()[code]
    return outline().projection.point(latitude_e5 / DEGREE_E5, longitude_e5 / DEGREE_E5)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
