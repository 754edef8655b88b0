"""docs/asvs.md is whole: every requirement of levels 1 and 2, each with an answer, each file named there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAPER = ROOT / "docs" / "asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| (.+?) \| (yes|\*\*no\*\*|not applicable) \| (.+) \|$")
FILE = re.compile(r"`([\w./-]+/[\w./-]+|[\w-]+\.(?:json|toml|mjs|md))`")
#: How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has.
SECTIONS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5},
    **{"6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2},
    **{"8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11},
    **{"10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1},
    **{"12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4},
    **{"14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
    **{"17.1": 1, "17.2": 4, "17.3": 2},
}


def rows() -> list[tuple[str, ...]]:
    lines = [line for line in PAPER.read_text("utf-8").splitlines() if re.match(r"\| \d", line)]
    found = [ROW.match(line) for line in lines]
    assert all(found), [line for line, row in zip(lines, found, strict=True) if row is None]
    return [row.groups() for row in found if row is not None]


def test_every_requirement_of_levels_one_and_two_is_answered_once() -> None:
    numbers = [row[0] for row in rows()]
    assert len(numbers) == len(set(numbers))
    bar = [row[0] for row in rows() if row[1] != "3"]
    assert Counter(number.rsplit(".", 1)[0] for number in bar) == SECTIONS


def test_the_sums_in_its_head_are_those_of_its_rows() -> None:
    said = Counter(row[3].strip("*") for row in rows() if row[1] != "3")
    head = f"{said['yes']} yes, {said['no']} no, {said['not applicable']} not applicable, of {said.total()}."
    assert head in PAPER.read_text("utf-8")


def test_what_an_answer_names_exists_and_every_yes_names_something() -> None:
    named = {row[0]: FILE.findall(row[4]) for row in rows()}
    lost = [(number, name) for number, names in named.items() for name in names if not (ROOT / name).exists()]
    assert lost == []
    assert [row[0] for row in rows() if row[3] == "yes" and not named[row[0]]] == []
