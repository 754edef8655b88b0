"""`make contracts NETWORK=network`: the contracts' own tests, by Brownie, against the five validators.

    python -m scripts.network.trials.contracts [--workers N] [tests ...]

Deploys by the production script's code, as the tests do everywhere. What a test asks that no chain of
validators can do is skipped with its reason, and the reasons are counted at the end and written to
reports/contracts_network.md. Accounts are made for the run, admitted before it and removed after it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eth_account import Account

from scripts.demo.stack import BROWNIE
from scripts.network.layout import DEFAULT_FOLDER, ROOT, Founded, NetworkFailed, require_record, write_private
from scripts.network.permissions import Permission, change_all
from scripts.network.rpc import NoAnswer

ACCOUNTS_A_WORKER = 20
#: Each waits for its own blocks most of the time; more of them starve two cores.
WORKERS = 8
#: Brownie's name of a network of validators on one machine.
BROWNIE_NETWORK = "rehearsal"
TESTS = "tests/contracts"
REPORT = ROOT / "reports" / "contracts_network.md"
_SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] (\S+?):(?:\d+:)? (?:Skipped: )?(.*)$")
_SUMMARY = re.compile(r"^=+ (.*(?:passed|failed|skipped|error).*) =+$")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.network.trials.contracts", description=__doc__)
    parser.add_argument("tests", nargs="*", default=[TESTS])
    parser.add_argument("--workers", type=int, default=WORKERS, help="each has accounts and a ledger")
    options = parser.parse_args(arguments)
    try:
        founded = require_record(DEFAULT_FOLDER)
        return run(founded, options.tests, options.workers)
    except (NetworkFailed, NoAnswer) as error:
        print(f"contracts: {error}", file=sys.stderr)
        return 1


def run(founded: Founded, tests: Sequence[str], workers: int) -> int:
    made = [Account.create() for _ in range(ACCOUNTS_A_WORKER * workers)]
    admitted = {str(one.address): list(Permission) for one in made}
    with tempfile.TemporaryDirectory(prefix="alba-contracts-") as folder:
        keys = Path(folder) / "accounts.keys"
        write_private(keys, "\n".join(one.key.hex() for one in made) + "\n")
        print(f"admitting {len(made)} accounts for the run", flush=True)
        change_all(DEFAULT_FOLDER, founded, admitted)
        try:
            return _brownie(founded, keys, tests, workers)
        finally:
            change_all(DEFAULT_FOLDER, founded, admitted, admitted=False)


def _brownie(founded: Founded, keys: Path, tests: Sequence[str], workers: int) -> int:
    environment = {
        **os.environ,
        "ALBA_RPC_URL": founded.rpc_urls()[0],
        "ALBA_EXPECTED_CHAIN_ID": str(founded.chain_id),
        "ALBA_CHAIN_KEYS_FILE": str(keys),
    }
    command = [str(BROWNIE), "test", *tests, "--network", BROWNIE_NETWORK, "-v"]
    if workers > 1:
        command += ["-n", str(workers)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line.rstrip())
    status = process.wait()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report(lines), encoding="utf-8")
    print(f"what cannot run there, with the reasons: {REPORT.relative_to(ROOT)}")
    return status


def report(lines: Sequence[str]) -> str:
    """What Brownie's last lines say, as a page: how many passed, and why others could not be asked."""
    reasons: Counter[str] = Counter()
    files: dict[str, set[str]] = {}
    for line in lines:
        if found := _SKIPPED.match(line):
            count, file, reason = int(found[1]), Path(found[2]).name, found[3]
            reasons[reason] += count
            files.setdefault(reason, set()).add(file)
    verdicts = [found[1] for line in lines if (found := _SUMMARY.match(line))]
    rows = [
        f"| {reason} | {count} | {', '.join(sorted(files[reason]))} |"
        for reason, count in reasons.most_common()
    ]
    head = ["# Contract tests on the five validators", "", verdicts[-1] if verdicts else "nothing ran", ""]
    table = ["| cannot be asked there | tests | from |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join([*head, *table])


if __name__ == "__main__":
    sys.exit(main())
