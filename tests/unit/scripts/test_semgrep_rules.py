"""What scripts/analysis/semgrep.py takes for a fault; the rules themselves are run by `make lint`."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.analysis import semgrep

PLACE = ("tests/semgrep/bites.py", 7, "shell")


def report(*places: tuple[str, int, str], errors: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "results": [
            {"path": path, "start": {"line": line}, "check_id": f"tests.semgrep.{rule}"}
            for path, line, rule in places
        ],
        "errors": [{"message": message} for message in errors],
    }


def test_a_rule_that_bites_its_marked_line_and_nothing_else_is_no_fault() -> None:
    assert semgrep.faults(report(PLACE), {PLACE}, {"shell"}) == []


@pytest.mark.parametrize(
    ("given", "wanted", "rules", "said"),
    [
        (report(PLACE), set(), set(), "tests/semgrep/bites.py:7: shell"),
        (report(), {PLACE}, {"shell"}, "tests/semgrep/bites.py:7: shell does not bite here"),
        (report(), set(), {"shell"}, "no fixture for shell"),
        (report(errors=("not parsed",)), set(), set(), "semgrep: not parsed"),
    ],
)
def test_each_fault_is_said(given: dict[str, Any], wanted: set[Any], rules: set[str], said: str) -> None:
    assert semgrep.faults(given, wanted, rules) == [said]


def test_every_rule_has_a_marked_line() -> None:
    assert semgrep.rule_names() == {rule for _, _, rule in semgrep.marked()}
    assert len(semgrep.rule_names()) > 20
