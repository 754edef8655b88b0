"""How much of the code the tests run, against a floor that only rises.

Owns the floors (tests/coverage_floor.json, per cent of lines) and their comparison with reports/coverage,
which `make test` and `make coverage` fill. Measures nothing itself.

Usage: python -m scripts.analysis.coverage_floor [--raise | --history]

    (no option)  one line with both figures; exit 1 when one is below its floor
    --raise      writes the floors that the last measurement allows, never lower ones
    --history    exit 1 when a floor is lower than any that git remembers, as far back as this clone goes
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports" / "coverage"
FLOORS = Path("tests") / "coverage_floor.json"
#: Language -> the key of its floor. What is measured otherwise gets a new key, whose history starts anew.
KEYS = {"Python": "python", "JavaScript": "javascript"}
#: Points above its floor from which on a figure asks for a higher one.
RAISE_MARGIN_POINTS = 1.0
#: Points that a new floor leaves below the figure: random tests do not run the same lines in each run.
HEADROOM_POINTS = 0.3

Figures = dict[str, float]


class Fault(Exception):
    """What is wrong, and what to type."""


def read_floors(text: str) -> Figures:
    """The floors in a file's text, in per cent by key. Raises Fault unless each key is there and no other."""
    try:
        floors = {str(key): float(value) for key, value in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError) as fault:
        raise Fault(f"{FLOORS} is not a table of numbers: {fault}") from None
    if set(floors) != set(KEYS.values()) or not all(0 <= floor <= 100 for floor in floors.values()):
        raise Fault(f"{FLOORS} must have a per cent for each of: {', '.join(KEYS.values())}")
    return floors


def measured(folder: Path = REPORTS) -> Figures:
    """The figures of the last run, in per cent of lines by key. Raises Fault when one is missing."""
    try:
        python = json.loads((folder / "python.json").read_text("utf-8"))["totals"]["percent_covered"]
        javascript = json.loads((folder / "javascript.json").read_text("utf-8"))["percent"]
    except FileNotFoundError as lacking:
        raise Fault(f"{lacking.filename} is not there: run `make coverage`") from None
    return {"python": float(python), "javascript": float(javascript)}


def shown(figures: Figures, floors: Figures) -> str:
    """Both figures in one line."""
    parts = (f"{name} {_down(figures[key]):.1f} % (floor {floors[key]:.1f})" for name, key in KEYS.items())
    return f"code coverage: {', '.join(parts)}"


def below(figures: Figures, floors: Figures) -> list[str]:
    """A sentence for each figure below its floor."""
    return [
        f"{name}: {_down(figures[key]):.1f} % of its lines are run, the floor is {floors[key]:.1f} %: "
        "test what is new, `make coverage` shows it"
        for name, key in KEYS.items()
        if figures[key] < floors[key]
    ]


def to_raise(figures: Figures, floors: Figures) -> list[str]:
    """A sentence for each figure so far above its floor that the floor should follow."""
    return [
        f"{name}: {RAISE_MARGIN_POINTS:.1f} points above its floor: raise it with `make coverage-floor`"
        for name, key in KEYS.items()
        if figures[key] >= floors[key] + RAISE_MARGIN_POINTS
    ]


def raised(figures: Figures, floors: Figures) -> Figures:
    """The floors that these figures allow: one that would fall stays."""
    return {key: max(floors[key], _down(figures[key] - HEADROOM_POINTS)) for key in KEYS.values()}


def _down(percent: float) -> float:
    """Cut to a tenth, so that nothing is shown, or asked for, that was not reached."""
    return math.floor(percent * 10 + 1e-9) / 10


def remembered(root: Path) -> tuple[Figures, int]:
    """The highest value each floor ever had in git, and in how many commits; nothing without a history."""
    highest: Figures = {}
    commits = _git(root, "log", "--format=%H", "--", str(FLOORS)).split()
    for commit in commits:
        text = _git(root, "show", f"{commit}:{FLOORS.as_posix()}")
        for key, floor in (json.loads(text) if text else {}).items():
            highest[key] = max(highest.get(key, 0.0), float(floor))
    return highest, len(commits)


def _git(root: Path, *arguments: str) -> str:
    """What git says; nothing when there is no git, no repository or no such file in that commit."""
    try:
        ended = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return ended.stdout if ended.returncode == 0 else ""


def fallen(floors: Figures, highest: Figures) -> list[str]:
    """A sentence for each floor that was higher once."""
    return [
        f"the floor of {name} is {floors[key]:.1f} % and was {highest[key]:.1f} %: floors only rise"
        for name, key in KEYS.items()
        if floors[key] < highest.get(key, 0.0)
    ]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raise", dest="raises", action="store_true", help="raise the floors")
    parser.add_argument("--history", action="store_true", help="compare the floors with git's")
    chosen = parser.parse_args(arguments)
    try:
        floors = read_floors((root / FLOORS).read_text("utf-8"))
        if chosen.history:
            highest, commits = remembered(root)
            print(f"the floors of {commits} commits are known here")
            faults = fallen(floors, highest)
        else:
            figures = measured(root / REPORTS.relative_to(ROOT))
            if chosen.raises:
                floors = raised(figures, floors)
                (root / FLOORS).write_text(json.dumps(floors, indent=1) + "\n", "utf-8")
            print(shown(figures, floors))
            faults = below(figures, floors)
            for sentence in to_raise(figures, floors):
                print(sentence)
    except Fault as fault:
        faults = [str(fault)]
    for sentence in faults:
        print(sentence, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
