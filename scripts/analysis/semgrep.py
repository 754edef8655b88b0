"""Our own semgrep rules (tests/semgrep/rules.yml) over the product's code, and over what each must bite.

Asks nothing of the network: no rule registry, no metrics, no look for a newer version. Owns what is scanned
and what counts as a fault: a finding in the product; a marked line of the fixtures (`bites: rule-id`) that
its rule leaves alone; a finding on a line that is not marked; a rule without a marked line; a file not
understood.

Usage: python -m scripts.analysis.semgrep    prints each fault, exit 1 if there is any
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".venv-semgrep" / "bin" / "semgrep"
RULES = ROOT / "tests" / "semgrep"
PRODUCT = ("wallet_service", "merchant_pos", "scripts")
DEADLINE_S = 120
BITES = re.compile(r"bites: ([a-z-]+)$")

Place = tuple[str, int, str]


def scanned() -> dict[str, Any]:
    """Semgrep's own report, as it prints it."""
    home = ROOT / ".tools" / "semgrep"
    home.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(
        [
            *(str(PROGRAM), "scan", "--quiet", "--json", "--metrics", "off", "--disable-version-check"),
            *("--config", str(RULES / "rules.yml"), "--jobs", "1", "--no-git-ignore", *PRODUCT),
            str(RULES.relative_to(ROOT)),
        ],
        cwd=ROOT,
        env={**os.environ, "SEMGREP_SETTINGS_FILE": str(home / "settings.yml")},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    if not ended.stdout.startswith("{"):
        sys.exit(f"semgrep said no report: {ended.stderr[-2_000:]}")
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def marked() -> set[Place]:
    """(file, line, rule) of every line that a rule must bite."""
    return {
        (str(path.relative_to(ROOT)), number, found[1])
        for path in sorted(RULES.glob("bites.*"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := BITES.search(line))
    }


def faults(report: dict[str, Any], wanted: set[Place], rules: set[str]) -> list[str]:
    """One line for each fault; nothing asks the disk or the tool."""
    found = {
        (one["path"], one["start"]["line"], one["check_id"].rsplit(".", 1)[-1]) for one in report["results"]
    }
    return sorted(
        [f"{path}:{line}: {rule}" for path, line, rule in found - wanted]
        + [f"{path}:{line}: {rule} does not bite here" for path, line, rule in wanted - found]
        + [f"no fixture for {rule}" for rule in rules - {rule for _, _, rule in wanted}]
        + [f"semgrep: {error.get('message', error)}" for error in report["errors"]]
    )


def rule_names() -> set[str]:
    """The identifiers of the rules, as their file has them."""
    return set(re.findall(r"^  - id: ([a-z-]+)$", (RULES / "rules.yml").read_text("utf-8"), re.MULTILINE))


def main() -> None:
    """The check of `make lint`."""
    found = faults(scanned(), marked(), rule_names())
    for line in found:
        print(line)
    if found:
        sys.exit(1)


if __name__ == "__main__":
    main()
