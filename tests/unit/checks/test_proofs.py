"""Each symbolic proof is run by name, alone, within a limit of its own, and what came of it is kept."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from scripts.analysis import proofs
from scripts.analysis.proofs import Outcome, Proof, Result

KNOWN = [Proof("Floors", "check_one"), Proof("Floors", "check_one_more"), Proof("Proofs", "check_two")]
PASSED = """\x1b[32m[PASS]\x1b[0m check_one(State,uint256) (paths: 483, time: 73.02s, bounds: [])
[FAIL] check_one_more(uint256) (paths: 5, time: 1.00s (paths: 0.50s, models: 0.50s), bounds: [])
[TIMEOUT] check_two(State) (paths: 7, time: 600.00s, bounds: [])
"""


def test_every_proof_of_the_tree_is_found() -> None:
    found = proofs.known_proofs()
    assert {one.contract for one in found} == {"Floors", "FurtherKeys", "Proofs", "TwoItems"}
    written = sum(path.read_text().count("function check_") for path in proofs.PROOFS.glob("*.sol"))
    assert len(found) == written == len(set(found))


def test_one_is_chosen_by_its_name_and_all_of_a_contract_by_its() -> None:
    assert proofs.chosen(KNOWN, ["check_one"]) == KNOWN[:1]
    assert proofs.chosen(KNOWN, ["Floors"]) == KNOWN[:2]
    assert proofs.chosen(KNOWN, []) == KNOWN[2:]
    with pytest.raises(proofs.NothingMeant, match="check_three"):
        proofs.chosen(KNOWN, ["check_one", "check_three"])


def test_its_name_alone_is_given_to_halmos() -> None:
    """`check_one` is not `check_one_more`, which begins the same."""
    assert proofs.command_of(KNOWN[0])[-4:] == ["--contract", "Floors", "--match-test", r"^check_one\b"]


def test_the_limit_is_twenty_minutes_unless_set() -> None:
    assert proofs.limit_s({}) == 20 * 60
    assert proofs.limit_s({proofs.LIMIT_SETTING: "90"}) == 90
    for text in ("0", "-1", "soon", "nan"):
        with pytest.raises(proofs.NothingMeant):
            proofs.limit_s({proofs.LIMIT_SETTING: text})


def test_what_halmos_says_of_one_proof() -> None:
    said = [proofs.verdict(one, PASSED) for one in KNOWN]
    assert said == [(Outcome.PROVED, 483), (Outcome.REFUTED, 5), (Outcome.UNDECIDED, 7)]
    assert proofs.verdict(KNOWN[0], "Error: no tests") == (Outcome.FAILED, None)
    assert proofs.verdict(KNOWN[0], None) == (Outcome.NO_END, None)


def test_what_ends_in_time_is_read_and_what_does_not_is_ended_with_all_it_began(tmp_path: Path) -> None:
    assert proofs.run(["sh", "-c", "echo said"], os.environ, 10) == "said\n"
    pid_file = tmp_path / "solver"
    began_s = time.monotonic()
    script = f"sleep 60 & echo $! > {pid_file}; wait"
    assert proofs.run(["sh", "-c", script], os.environ, 1.0) is None
    assert time.monotonic() - began_s < 10
    solver = int(pid_file.read_text())
    deadline_s = time.monotonic() + 5
    while Path(f"/proc/{solver}").exists():
        state = Path(f"/proc/{solver}/stat").read_text().split()[2]
        if state == "Z":  # ended; nobody has asked after it yet
            break
        assert time.monotonic() < deadline_s, "the solver lives on"
        time.sleep(0.02)


def test_a_result_is_kept_beside_those_of_other_proofs(tmp_path: Path) -> None:
    file = tmp_path / "proofs.json"
    one = Result("Floors", "check_one", "proved", 73.0, 1200.0, 483, "2026-11-30")
    two = Result("Proofs", "check_two", "no end", 1200.0, 1200.0, None, "2026-11-30")
    gone = Result("Floors", "check_gone", "proved", 1.0, 1200.0, 1, "2026-11-29")
    proofs.keep([gone, one], [*KNOWN, Proof("Floors", "check_gone")], file)
    proofs.keep([two], KNOWN, file)
    kept = json.loads(file.read_text())
    assert [(row["name"], row["outcome"]) for row in kept] == [
        ("check_one", "proved"),
        ("check_two", "no end"),
    ]
    table = file.with_suffix(".md").read_text()
    assert "| `Floors` | `check_one` | proved | 73.0 | 1200.0 | 483 | 2026-11-30 |" in table
    assert "| `Floors` | `check_one_more` | not run |" in table
    assert "| `Proofs` | `check_two` | no end | 1200.0 | 1200.0 | - | 2026-11-30 |" in table
