"""What the checks cost and how much they assert: ``python -m scripts.bench.checks`` after a `make test`.

Reads reports/steps.tsv and the test runners' JUnit files there; writes docs/bench/checks.md and checks.json,
from which tests/support/schedule.py takes the order of the next run. With ``--closing-line`` it only prints
how many tests passed and failed. Seconds are wall time unless said otherwise.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element  # nosec B405 nosemgrep: xml-with-entities -- only the name of a type

from defusedxml.ElementTree import fromstring

from tests.support.schedule import unit_of

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports"
PAGE = ROOT / "docs" / "bench" / "checks.md"
DATA = PAGE.with_suffix(".json")
#: How many single tests and units the page names.
SHOWN_TESTS, SHOWN_UNITS = 25, 30
#: What checks something without the word `assert`: pytest's and playwright's.
CHECKING_CALLS = ("expect", "raises")


@dataclass(frozen=True)
class Step:
    """One line of a run of scripts/test.sh; CPU seconds are user and system of all its processes."""

    name: str
    status: int
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Case:
    """One test of a run."""

    node_id: str
    seconds: float
    failed: bool


def read_steps(folder: Path = REPORTS) -> list[Step]:
    """In the order in which they ended; none when nothing was run."""
    file = folder / "steps.tsv"
    if not file.is_file():
        return []
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines())
    return [
        Step(name, int(status), float(wall), float(user) + float(system))
        for name, status, wall, user, system in lines
    ]


def read_cases(folder: Path = REPORTS) -> list[Case]:
    """Every test of every runner."""
    files = sorted(folder.glob("*.xml"))
    return [_case(element) for file in files for element in fromstring(file.read_bytes()).iter("testcase")]


def _case(element: Element) -> Case:
    modules = [part for part in element.get("classname", "").split(".") if not part[:1].isupper()]
    file = "/".join(modules) + ".py"  # a test in a class has the class's name behind its file's
    failed = any(element.find(kind) is not None for kind in ("failure", "error"))
    return Case(f"{file}::{element.get('name')}", float(element.get("time", "0")), failed)


def closing_line(steps: list[Step], cases: list[Case]) -> str:
    """``N passed, M failed``; a failed step counts even when no test of its failed."""
    failed = sum(case.failed for case in cases)
    passed = len(cases) - failed
    return f"{passed} passed, {max(failed, sum(step.status != 0 for step in steps))} failed"


@cache
def checks_in(file: Path) -> dict[str, int]:
    """By the name of each test in a file: the assertions in its body. By "": those of the whole file."""
    tree = ast.parse(file.read_text("utf-8"))
    counts = {"": _checks(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            counts[node.name] = _checks(node)
    return counts


def _checks(tree: ast.AST) -> int:
    return sum(isinstance(node, ast.Assert) or _is_checking_call(node) for node in ast.walk(tree))


def _is_checking_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name in CHECKING_CALLS


def assertions(node_ids: list[str], root: Path = ROOT) -> dict[str, int]:
    """Written in tests/ (helpers too), and made in the bodies of these tests, once for each parameter."""
    made = 0
    for node_id in node_ids:
        file, _, name = node_id.partition("::")
        made += checks_in(root / file).get(name.partition("[")[0].rpartition("::")[2], 0)
    written = sum(checks_in(file)[""] for file in sorted((root / "tests").rglob("*.py")))
    planted = len(list((root / "tests" / "contracts" / "mutants").glob("*.patch")))
    return {"tests": len(node_ids), "written": written, "made": made, "planted_bugs": planted}


def unit_seconds(cases: list[Case]) -> dict[str, float]:
    """What each unit of the schedule cost, the most expensive first."""
    sums: dict[str, float] = {}
    for case in cases:
        unit = unit_of(case.node_id)
        sums[unit] = sums.get(unit, 0.0) + case.seconds
    return {unit: round(sums[unit], 1) for unit in sorted(sums, key=lambda unit: -sums[unit])}


def write(steps: list[Step], cases: list[Case]) -> None:
    """The page and its data."""
    units = unit_seconds(cases)
    content = {
        "cores": os.cpu_count(),
        "steps": [
            {"name": step.name, "wall_s": step.wall_s, "cpu_s": round(step.cpu_s, 1)} for step in steps
        ],
        "assertions": assertions([case.node_id for case in cases]),
        "units": units,
    }
    DATA.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(_page(steps, cases, units), "utf-8")


def _page(steps: list[Step], cases: list[Case], units: dict[str, float]) -> str:
    counted = assertions([case.node_id for case in cases])
    slowest = sorted(cases, key=lambda case: -case.seconds)[:SHOWN_TESTS]
    lines = [
        "# What the checks cost",
        "",
        "Written by `.venv/bin/python -m scripts.bench.checks` after `make test`; do not edit. The next run",
        "takes its order from the units below.",
        "",
        f"{counted['tests']} tests make {counted['made']} assertions in their own bodies, once for each",
        f"parameter; {counted['written']} are written in tests/, helpers included. `make mutants` plants",
        f"{counted['planted_bugs']} bugs.",
        "",
        f"## Steps, on {os.cpu_count()} cores",
        "",
        f"The load average was {os.getloadavg()[2]:.1f} when this was written: above the number of cores,",
        "wall times say little and CPU seconds are what to compare.",
        "",
        "| step | wall s | CPU s |",
        "|---|---:|---:|",
        *(f"| {step.name} | {step.wall_s:.0f} | {step.cpu_s:.0f} |" for step in steps),
        f"| sum | | {sum(step.cpu_s for step in steps):.0f} |",
        "",
        "## Units of tests",
        "",
        "| unit | s |",
        "|---|---:|",
        *(f"| {unit} | {seconds:.1f} |" for unit, seconds in list(units.items())[:SHOWN_UNITS]),
        "",
        "## Slowest tests",
        "",
        "| test | s |",
        "|---|---:|",
        *(f"| {case.node_id} | {case.seconds:.1f} |" for case in slowest),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--closing-line", action="store_true", help="print only `N passed, M failed`")
    steps, cases = read_steps(), read_cases()
    if parser.parse_args().closing_line:
        print(closing_line(steps, cases))
    else:
        write(steps, cases)


if __name__ == "__main__":
    main()
