"""What is built before the first test's clock starts: the compiled contracts and the pages for browsers.

Nothing here runs inside a test, so no time-out ends a test for what it waited for. What cannot be built fails
each test that needs it, at once and with the sentence that says what to do.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.ledger.build import BUILD_DIRECTORY, LEDGER_FACETS
from scripts.setup.brownie_run import sources_digest
from tests.support.shared import made_once

ROOT = Path(__file__).resolve().parents[2]
COMPILE_DEADLINE_S = 600
BUNDLE_DEADLINE_S = 120
OUTPUT_SHOWN = 3_000
NOT_COMPILED = "the contracts are not compiled: run `scripts/setup/brownie.sh compile` first"
#: Tests below these folders serve pages, or look at papers.
SERVING_FOLDERS = ("tests/chaos/", "tests/e2e/", "tests/integration/", "tests/unit/history/")


class NotBuilt(Exception):
    """Something the tests need could not be built; the sentence says which command shows why."""


@dataclass(frozen=True)
class Need:
    """Something built, and which tests need it."""

    name: str
    is_needed_by: Callable[[pytest.Item], bool]
    build: Callable[[], None]


def is_compiled() -> bool:
    """The compiled contracts are there and made of the sources as they are now."""
    marker = BUILD_DIRECTORY.parent / "contracts.sha256"
    return (
        all((BUILD_DIRECTORY / f"{part}.json").is_file() for part in LEDGER_FACETS)
        and marker.is_file()
        and marker.read_text("ascii") == sources_digest()
    )


def require_compiled() -> None:
    """For a set-up that would have to compile first. Fails with the sentence that says what to do."""
    if not is_compiled():
        pytest.fail(NOT_COMPILED, pytrace=False)


def _compile_contracts() -> None:
    if is_compiled():
        return
    print("the contracts are not compiled: compiling them, which takes minutes", file=sys.stderr, flush=True)
    _run(["scripts/setup/brownie.sh", "compile"], COMPILE_DEADLINE_S)


def _build_pages() -> None:
    _run(["node", "scripts/build/bundle.mjs"], BUNDLE_DEADLINE_S)


def _run(command: list[str], deadline_s: int) -> None:
    by_hand = " ".join(command)
    try:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=deadline_s)
    except subprocess.CalledProcessError as failed:
        output = (failed.stdout + failed.stderr)[-OUTPUT_SHOWN:]
        raise NotBuilt(f"run `{by_hand}` first, which failed:\n{output}") from failed
    except subprocess.TimeoutExpired as slow:
        raise NotBuilt(f"run `{by_hand}` first, which took more than {deadline_s} s") from slow


NEEDS = (
    Need("contracts", lambda item: item.get_closest_marker("chain") is not None, _compile_contracts),
    Need("pages", lambda item: item.nodeid.startswith(SERVING_FOLDERS), _build_pages),
)
_faults: dict[str, str] = {}


def build_what_lacks(items: Iterable[pytest.Item]) -> None:
    """Once in a run, whatever the number of its processes."""
    items = list(items)
    for need in NEEDS:
        if not any(need.is_needed_by(item) for item in items):
            continue
        build = need.build
        try:
            made_once(f"built-{need.name}", lambda _, build=build: build())  # type: ignore[misc]
        except NotBuilt as fault:
            _faults[need.name] = str(fault)


def refuse_without(item: pytest.Item) -> None:
    """Fail a test whose need could not be built."""
    for need in NEEDS:
        if need.name in _faults and need.is_needed_by(item):
            pytest.fail(_faults[need.name], pytrace=False)
