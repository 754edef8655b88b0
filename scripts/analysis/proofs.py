"""Prove tests/halmos with halmos and z3, one proof at a time, each within a limit of its own.

    python -m scripts.analysis.proofs                      (the contract `Proofs`, what is known to end)
    python -m scripts.analysis.proofs Floors               (every proof of a contract)
    python -m scripts.analysis.proofs check_a_transfer_is_below_the_floors_only
    python -m scripts.analysis.proofs --list

Run by `make halmos WITH="..."`. A proof that has not ended at its limit (ALBA_PROOF_LIMIT_S, 20 minutes) is
ended with all its solvers and counts as not proved; the next one begins. `--write` keeps each result in
docs/bench/proofs.json and writes docs/bench/proofs.md anew; those of other proofs stay as they are. Exit
status 0 when all that was asked for is proved.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROOFS = ROOT / "tests" / "halmos"
RESULTS = ROOT / "docs" / "bench" / "proofs.json"
TABLE = RESULTS.with_suffix(".md")
#: What ends on its own; asked for when nothing else is.
KNOWN_TO_END = "Proofs"
LIMIT_SETTING = "ALBA_PROOF_LIMIT_S"
DEFAULT_LIMIT_S = 20 * 60
#: Between "end" and "end now" to a proof that has passed its limit, with its solvers.
GRACE_S = 5.0
SOLVER_LIMIT_MS = 600_000
HALMOS = (
    "halmos",
    "--forge-build-out",
    "build/halmos/out",
    "--solver",
    "z3",
    "--solver-timeout-assertion",
    str(SOLVER_LIMIT_MS),
    "--solver-threads",
    "1",
    "--loop",
    "8",
    "--no-status",
)
CONTRACT = re.compile(r"^contract (\w+) is World", flags=re.MULTILINE)
PROOF = re.compile(r"^\s*function (check_\w+)\(", flags=re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
VERDICT = re.compile(r"^\[(\w+)\] (check_\w+)\(.*?\(paths: (\d+)", flags=re.MULTILINE)


class Outcome(StrEnum):
    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"  # the solver gave up within its own limit
    NO_END = "no end"
    FAILED = "failed"  # halmos said nothing about it


WORDS = {"PASS": Outcome.PROVED, "FAIL": Outcome.REFUTED, "TIMEOUT": Outcome.UNDECIDED}


@dataclass(frozen=True, order=True)
class Proof:
    """One function of one contract."""

    contract: str
    name: str


@dataclass(frozen=True)
class Result:
    """What came of a proof; `cases` as halmos counts its paths, None where it did not say."""

    contract: str
    name: str
    outcome: str
    seconds: float
    limit_s: float
    cases: int | None
    day: str


class NothingMeant(Exception):
    """A name stands for no proof; the message says which."""


def known_proofs(folder: Path = PROOFS) -> list[Proof]:
    """Every proof there is, by file and in the order they are written."""
    found = []
    for path in sorted(folder.glob("*.t.sol")):
        source = path.read_text("utf-8")
        contract = CONTRACT.search(source)
        if contract is not None:
            found += [Proof(contract[1], name) for name in PROOF.findall(source)]
    return found


def chosen(known: Sequence[Proof], names: Sequence[str]) -> list[Proof]:
    """Those of these contracts and with these names, in the order of `known`. Raises NothingMeant."""
    asked = set(names) or {KNOWN_TO_END}
    unknown = asked - {one.contract for one in known} - {one.name for one in known}
    if unknown:
        raise NothingMeant(f"no contract and no proof is called {', '.join(sorted(unknown))}; see --list")
    return [one for one in known if one.contract in asked or one.name in asked]


def limit_s(environment: Mapping[str, str]) -> float:
    """A proof's own limit, seconds. Raises NothingMeant when the setting is no positive number."""
    text = environment.get(LIMIT_SETTING) or str(DEFAULT_LIMIT_S)
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not limit > 0:
        raise NothingMeant(f"{LIMIT_SETTING} is no number of seconds: {text}")
    return limit


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str | None:
    """What it printed; None when it had not ended in time and was ended, with every process it had begun."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """The group it leads: solvers outlive halmos otherwise."""
    for word in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, word)
        except ProcessLookupError:
            break
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def verdict(proof: Proof, printed: str | None) -> tuple[Outcome, int | None]:
    """What halmos printed about that proof, and its number of cases."""
    if printed is None:
        return Outcome.NO_END, None
    for word, name, cases in VERDICT.findall(COLOUR.sub("", printed)):
        if name == proof.name:
            return WORDS.get(word, Outcome.FAILED), int(cases)
    return Outcome.FAILED, None


def command_of(proof: Proof) -> list[str]:
    return [*HALMOS, "--contract", proof.contract, "--match-test", f"^{proof.name}\\b"]


def prove(proof: Proof, environment: Mapping[str, str], seconds: float) -> Result:
    """Runs that one alone."""
    began_s = time.monotonic()
    printed = run(command_of(proof), environment, seconds)
    outcome, cases = verdict(proof, printed)
    if outcome is not Outcome.PROVED and printed is not None:
        print(printed, flush=True)
    took_s = round(time.monotonic() - began_s, 1)
    day = datetime.now(UTC).date().isoformat()
    return Result(proof.contract, proof.name, str(outcome), took_s, seconds, cases, day)


def keep(results: Sequence[Result], known: Sequence[Proof], file: Path = RESULTS) -> None:
    """Each beside what was known of the others; a proof that is gone is forgotten. Writes the table too."""
    kept = json.loads(file.read_text("utf-8")) if file.is_file() else []
    by_proof = {(one["contract"], one["name"]): one for one in kept}
    by_proof |= {(one.contract, one.name): asdict(one) for one in results}
    rows = [by_proof[one.contract, one.name] for one in known if (one.contract, one.name) in by_proof]
    file.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    file.with_suffix(".md").write_text(_table(rows, known), "utf-8")


def _table(rows: Sequence[Mapping[str, object]], known: Sequence[Proof]) -> str:
    run_ones = {(row["contract"], row["name"]): row for row in rows}
    lines = [
        "# Proofs",
        "",
        'Each of `tests/halmos` alone, by `make halmos WITH="NAME --write"`. *No end*: ended at its limit.',
        "",
        "| contract | proof | came to | seconds | limit | cases | day |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in known:
        row = run_ones.get((one.contract, one.name))
        told = ["not run", "", "", "", ""] if row is None else [row[name] for name in _COLUMNS]
        shown = " | ".join("-" if cell is None else str(cell) for cell in told)
        lines.append(f"| `{one.contract}` | `{one.name}` | {shown} |")
    return "\n".join(lines) + "\n"


_COLUMNS = ("outcome", "seconds", "limit_s", "cases", "day")


def _environment() -> dict[str, str]:
    tools = (ROOT / "node_modules/@foundry-rs/forge-linux-amd64/bin", ROOT / ".venv-analysis/bin")
    return {
        **os.environ,
        "FOUNDRY_SOLC": str(ROOT / ".tools/solc/solc"),
        "FOUNDRY_CONFIG": str(PROOFS / "foundry.toml"),
        "PATH": os.pathsep.join([*map(str, tools), os.environ["PATH"]]),
    }


def _build(environment: Mapping[str, str]) -> None:
    """Compiles the proofs. Raises NothingMeant with the compiler's words."""
    built = subprocess.run(
        ["forge", "build"], cwd=ROOT, env=dict(environment), capture_output=True, text=True
    )
    if built.returncode != 0:
        raise NothingMeant(f"the proofs do not compile:\n{built.stdout}{built.stderr}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove what is asked for, one after the other, and say what came of each."""
    parser = argparse.ArgumentParser(prog="scripts.analysis.proofs", description=__doc__)
    parser.add_argument("names", nargs="*", help="contracts or proofs; without any: " + KNOWN_TO_END)
    parser.add_argument("--contract", action="append", default=[], help="the same as its name alone")
    parser.add_argument("--list", action="store_true", help="print every proof and run none")
    parser.add_argument("--write", action="store_true", help="keep the results in docs/bench/proofs.json")
    options = parser.parse_args(arguments)
    known, environment = known_proofs(), _environment()
    if options.list:
        print("\n".join(f"{one.contract} {one.name}" for one in known))
        return 0
    try:
        asked, seconds = chosen(known, [*options.names, *options.contract]), limit_s(os.environ)
        _build(environment)
    except NothingMeant as fault:
        print(fault, file=sys.stderr)
        return 2
    results = []
    for one in asked:
        results.append(prove(one, environment, seconds))
        last = results[-1]
        print(f"{last.outcome:9} {last.seconds:7.1f} s  {one.contract} {one.name}", flush=True)
        if options.write:
            keep([last], known)
    return 0 if all(one.outcome == Outcome.PROVED for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
