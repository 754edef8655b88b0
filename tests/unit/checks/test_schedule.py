"""How the tests of a run are shared among its processes."""

from __future__ import annotations

import pytest

from tests.support import schedule
from tests.support.schedule import expensive_first, unit_of


@pytest.mark.parametrize(
    ("node_id", "unit"),
    [
        ("tests/unit/a/test_x.py::test_y", "tests/unit/a/test_x.py"),
        ("tests/integration/a/test_x.py::test_y[sqlite]", "tests/integration/a/test_x.py"),
        ("tests/e2e/test_x.py::test_y[sqlite]", "tests/e2e/test_x.py[sqlite]"),
        ("tests/chaos/test_x.py::test_y[postgresql-accept.sent]", "tests/chaos/test_x.py[postgresql]"),
        ("tests/chaos/test_x.py::test_y[accept.sent]", "tests/chaos/test_x.py"),
        ("tests/chaos/test_x.py::test_y", "tests/chaos/test_x.py"),
    ],
)
def test_a_file_is_one_unit_and_a_system_per_database_one_of_its_own(node_id: str, unit: str) -> None:
    assert unit_of(node_id) == unit


def test_the_most_expensive_units_come_first_and_nothing_else_changes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule, "measured_seconds", lambda: {"dear.py": 9.0, "cheap.py": 1.0})
    drawn = ["new.py::b", "cheap.py::b", "dear.py::b", "new.py::a", "dear.py::a", "cheap.py::a"]
    order = [drawn[place] for place in expensive_first(drawn)]
    assert order == ["dear.py::b", "dear.py::a", "cheap.py::b", "cheap.py::a", "new.py::b", "new.py::a"]
