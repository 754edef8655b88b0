"""Where the region's communes lie and how its land is outlined, from data that is shipped. Reads two files.

Sources and licences: `outline.json` (`credit`) and scripts/build/geography.py, which makes both for a region.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wallet_service.languages.catalogues import said

_FOLDER = Path(__file__).parent
DEGREE_E5 = 100_000
#: The map's own width; its height follows from the land's shape.
MAP_WIDTH = 1_000
Ring = tuple[tuple[float, float], ...]


@cache
def commune_spots() -> dict[str, tuple[int, int]]:
    """INSEE commune code -> (latitude, longitude) of its middle, in hundred-thousandths of a degree."""
    with (_FOLDER / "places.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: (int(row["latitude_e5"]), int(row["longitude_e5"])) for row in csv.DictReader(lines)
        }


@dataclass(frozen=True, slots=True)
class Projection:
    """Degrees to the map's own units: an equirectangular map that is true at the land's middle latitude."""

    west: float
    north: float
    x_scale: float
    y_scale: float
    width: float
    height: float

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        return (longitude - self.west) * self.x_scale, (self.north - latitude) * self.y_scale


@dataclass(frozen=True, slots=True)
class Outline:
    """The land in degrees, (longitude, latitude) as GeoJSON has them; `towns`: communes the map names."""

    rings: tuple[Ring, ...]
    towns: tuple[str, ...]
    credit: dict[str, str]  # by language
    projection: Projection

    def credited(self, language: str) -> str:
        return said(language, self.credit["fr"], self.credit["en"])


@cache
def outline() -> Outline:
    """The coast within a box around the region; the neighbours' land is in it, and ends with the box."""
    read = json.loads((_FOLDER / "outline.json").read_text("utf-8"))
    rings = tuple(tuple((x, y) for x, y in ring) for ring in read["rings"])
    return Outline(rings, tuple(read["towns"]), dict(read["credit"]), _projection(*read["box"]))


def _projection(west: float, south: float, east: float, north: float) -> Projection:
    x_scale = MAP_WIDTH / (east - west)
    y_scale = x_scale / math.cos(math.radians((south + north) / 2))
    return Projection(west, north, x_scale, y_scale, MAP_WIDTH, (north - south) * y_scale)
