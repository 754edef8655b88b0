"""Places where a person helps: the operator's own list, a CSV file that a setting names. Pure but for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wallet_service.territory import communes

COLUMNS = ("name", "commune", "address", "hours", "phone")
#: A list may have it: "yes" where an officer opens accounts for people without a smartphone.
DESK = "desk"
MAX_PLACES = 2_000
MAX_FILE_BYTES = 1_000_000


class HelpPlacesInvalid(ValueError):
    """The list cannot be used; the message names the line and what is wrong with it."""


@dataclass(frozen=True)
class HelpPlace:
    """`commune_code`: INSEE's. `has_desk`: accounts without a phone are opened there."""

    name: str
    commune_code: str
    commune: str
    address: str
    hours: str
    phone: str
    has_desk: bool = False


def read_places(file: Path) -> Sequence[HelpPlace]:
    """By commune, then name. Raises HelpPlacesInvalid."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HelpPlacesInvalid(f"{file}: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise HelpPlacesInvalid(f"{file}: more than {MAX_FILE_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HelpPlacesInvalid(f"{file}: not UTF-8") from error
    return places_of(text)


def places_of(text: str) -> Sequence[HelpPlace]:
    """The same, of a file's content. Commas between columns; the first line names them."""
    lines = csv.DictReader(io.StringIO(text))
    columns = tuple(lines.fieldnames or ())
    if columns not in (COLUMNS, (*COLUMNS, DESK)):
        raise HelpPlacesInvalid(f"line 1: the columns are {', '.join(COLUMNS)}, and {DESK} where you want")
    found = []
    for row in lines:
        number = lines.line_num
        if None in row or None in row.values():
            raise HelpPlacesInvalid(f"line {number}: {len(columns)} columns")
        if row["commune"] not in communes():
            raise HelpPlacesInvalid(f"line {number}: {row['commune']!r} is no INSEE code of the region")
        if not row["name"].strip():
            raise HelpPlacesInvalid(f"line {number}: a place has a name")
        if row.get(DESK, "") not in ("", "yes"):
            raise HelpPlacesInvalid(f"line {number}: {DESK} is yes or empty")
        place = {column: row[column].strip() for column in ("name", "address", "hours", "phone")}
        commune = communes()[row["commune"]]
        has_desk = row.get(DESK) == "yes"
        found.append(HelpPlace(commune_code=row["commune"], commune=commune, has_desk=has_desk, **place))
        if len(found) > MAX_PLACES:
            raise HelpPlacesInvalid(f"line {number}: more than {MAX_PLACES} places")
    return sorted(found, key=lambda each: (each.commune, each.name))
