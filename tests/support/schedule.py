"""How the tests of one run are shared among its processes: the most expensive units first, whole.

A unit is a test file; where a file keeps one system per database, the file on one database. What a unit cost
when it was last measured stands in docs/bench/checks.json; a new one counts as free and comes last. Among
units of equal cost, and within each unit, the order stays as pytest-randomly drew it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling

MEASURED = Path(__file__).resolve().parents[2] / "docs" / "bench" / "checks.json"
#: Here a system lives as long as its module on one database, and each may live in another process.
SYSTEM_FOLDERS = ("tests/chaos/", "tests/e2e/")
DATABASES = ("sqlite", "postgresql")


def unit_of(node_id: str) -> str:
    """The unit a test belongs to, such as ``tests/e2e/test_journeys.py[sqlite]``."""
    file, _, test = node_id.partition("::")
    if file.startswith(SYSTEM_FOLDERS):
        parameters = test.partition("[")[2].rstrip("]").split("-")
        for database in DATABASES:
            if database in parameters:
                return f"{file}[{database}]"
    return file


@cache
def measured_seconds() -> dict[str, float]:
    """Seconds by unit, from the last measurement; empty when there was none."""
    if not MEASURED.is_file():
        return {}
    return {unit: float(cost) for unit, cost in json.loads(MEASURED.read_text("utf-8"))["units"].items()}


def expensive_first(node_ids: list[str]) -> list[int]:
    """The places of the tests in their new order: a stable sort by what their unit costs."""
    costs = measured_seconds()
    return sorted(range(len(node_ids)), key=lambda index: -costs.get(unit_of(node_ids[index]), 0.0))


class WholeUnits(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole units in the order in which the tests were collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
