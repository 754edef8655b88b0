"""What scripts/bench/checks.py reads from a run of the checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench.checks import Case, Step, assertions, closing_line, read_cases, read_steps, unit_seconds

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.unit.test_x" name="test_a[1]" time="0.5" />
<testcase classname="tests.unit.test_x" name="test_b" time="0.25"><failure message="no" /></testcase>
<testcase classname="tests.unit.test_y" name="test_c" time="2.0"><error message="no" /></testcase>
</testsuite></testsuites>"""


def test_a_run_is_read_from_what_its_runners_left(tmp_path: Path) -> None:
    (tmp_path / "steps.tsv").write_text("ruff\t0\t1.5\t1.0\t0.25\npytest\t1\t9\t8\t1\n")
    (tmp_path / "pytest.xml").write_text(JUNIT)
    assert read_steps(tmp_path) == [Step("ruff", 0, 1.5, 1.25), Step("pytest", 1, 9.0, 9.0)]
    assert read_cases(tmp_path) == [
        Case("tests/unit/test_x.py::test_a[1]", 0.5, False),
        Case("tests/unit/test_x.py::test_b", 0.25, True),
        Case("tests/unit/test_y.py::test_c", 2.0, True),
    ]
    assert unit_seconds(read_cases(tmp_path)) == {"tests/unit/test_y.py": 2.0, "tests/unit/test_x.py": 0.8}


@pytest.mark.parametrize(
    ("statuses", "failures", "line"),
    [
        ([0, 0], [False, False], "2 passed, 0 failed"),
        ([0, 1], [False, True], "1 passed, 1 failed"),
        ([0, 1], [True, True], "0 passed, 2 failed"),
        ([1], [], "0 passed, 1 failed"),
    ],
)
def test_a_failed_step_is_never_closed_as_if_nothing_had_failed(
    statuses: list[int], failures: list[bool], line: str
) -> None:
    steps = [Step("step", status, 1.0, 1.0) for status in statuses]
    assert closing_line(steps, [Case("test", 1.0, failed) for failed in failures]) == line


def test_assertions_count_once_for_each_parameter_of_their_test(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    (tmp_path / "tests" / "contracts" / "mutants").mkdir(parents=True)
    (tmp_path / "tests" / "contracts" / "mutants" / "bug.patch").touch()
    (folder / "test_x.py").write_text(
        "def helper():\n    assert True\n\n"
        "def test_a():\n    assert 1\n    with pytest.raises(ValueError):\n        expect(page).is_seen()\n\n"
        "def test_b():\n    assert 2\n"
    )
    ran = ["tests/test_x.py::test_a[1]", "tests/test_x.py::test_a[2]", "tests/test_x.py::test_b"]
    assert assertions(ran, tmp_path) == {"tests": 3, "written": 5, "made": 7, "planted_bugs": 1}
