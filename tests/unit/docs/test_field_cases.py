"""docs/field_cases.md is true to the tree: every test it names is there, and its head counts its rows."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAPER = ROOT / "docs" / "field_cases.md"
ROW = re.compile(r"^\| (C\d\d) \| .+ \| .+ \| `([^`:]+)(?:::(\w+))?` \| (held|part) \|$")


def rows() -> list[tuple[str, ...]]:
    lines = [line for line in PAPER.read_text("utf-8").splitlines() if line.startswith("| C")]
    found = [ROW.match(line) for line in lines]
    assert all(found), [line for line, row in zip(lines, found, strict=True) if row is None]
    return [row.groups("") for row in found if row is not None]


def test_every_case_stands_once_and_its_test_exists() -> None:
    cases = [row[0] for row in rows()]
    assert cases == sorted(set(cases))
    lost = [
        row
        for row in rows()
        if not (ROOT / row[1]).is_file()
        or (row[2] and f"def {row[2]}(" not in (ROOT / row[1]).read_text("utf-8"))
    ]
    assert lost == []


def test_its_head_counts_its_rows() -> None:
    states = [row[3] for row in rows()]
    said = f"{len(states)} cases, {states.count('held')} held, {states.count('part')} in part."
    assert said in PAPER.read_text("utf-8")
