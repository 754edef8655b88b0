"""`make network-plan OPERATORS=operators.toml`: what institutions need for machines of their own.

Writes one folder for each operator, in which nothing is secret. `engine = "network"` is the engine that is
run here (plans/operators_file.py tells its format), `engine = "besu"` Hyperledger Besu (plans/besu.py).
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from scripts.network.layout import NetworkFailed
from scripts.network.plans import besu, operators_file, validators

ENGINES = ("network", "besu")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.network.plans",
        description=f"{__doc__}\n{operators_file.__doc__}\n{besu.__doc__}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("operators", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("var") / "network-plan")
    options = parser.parse_args(arguments)
    try:
        written = write(options.operators, options.folder)
    except NetworkFailed as error:
        print(f"network-plan: {error}", file=sys.stderr)
        return 1
    print(
        f"{len(written)} files for {len({path.parts[0] for path in written})} operators in {options.folder}"
    )
    return 0


def write(operators: Path, folder: Path) -> list[Path]:
    """The files, by their path in `folder`. Raises NetworkFailed."""
    bundles = {"besu": _besu, "network": _own}[_engine(operators)](operators)
    written = []
    for name, files in bundles.items():
        for file, text in files.items():
            path = Path(name) / file
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
            written.append(path)
    return written


def _engine(path: Path) -> str:
    try:
        engine = tomllib.loads(path.read_text(encoding="utf-8")).get("engine", "besu")
    except (OSError, ValueError) as error:
        raise NetworkFailed(f"{path} is no operators' file: {error!r}") from error
    if engine not in ENGINES:
        raise NetworkFailed(f"engine is {' or '.join(ENGINES)}, not {engine!r}")
    return str(engine)


def _own(path: Path) -> dict[str, dict[str, str]]:
    plan = operators_file.read_network_plan(path)
    return {one.name: validators.bundle(plan, one) for one in plan.validators}


def _besu(path: Path) -> dict[str, dict[str, str]]:
    plan = besu.read_plan(path)
    return {one.name: besu.bundle(plan, one) for one in plan.operators}


if __name__ == "__main__":
    sys.exit(main())
