"""docs/adversary.md is true to the tree: every file it names is there, and every test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAPER = ROOT / "docs" / "adversary.md"
ROW = re.compile(r"^\| ([\w ]+) \| (.+?) \| `(\S+)` \| `([^`:]+)(?:::(\w+))?` \| (yes|no) \|$")


def rows() -> list[tuple[str, ...]]:
    lines = [line for line in PAPER.read_text("utf-8").splitlines() if line.startswith("| ")]
    lines = [line for line in lines if not line.startswith("| finding")]
    found = [ROW.match(line) for line in lines]
    assert all(found), [line for line, row in zip(lines, found, strict=True) if row is None]
    return [row.groups("") for row in found if row is not None]


def test_what_holds_a_line_and_what_tests_it_exist() -> None:
    named = [name for row in rows() for name in row[2:4]]
    assert [name for name in named if not (ROOT / name).exists()] == []
    tests = [(row[3], row[4]) for row in rows() if row[4]]
    lost = [each for each in tests if f"def {each[1]}(" not in (ROOT / each[0]).read_text("utf-8")]
    assert lost == []


def test_its_head_counts_what_was_seen_failing() -> None:
    seen = [row[5] for row in rows()]
    assert f"{len(seen)} guards, {seen.count('yes')} of them seen failing." in PAPER.read_text("utf-8")
