"""A test that needs something built says so in a sentence instead of dying in a time-out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from scripts.ledger.build import LEDGER_FACETS
from scripts.setup.brownie_run import sources_digest
from tests.support import ready, shared
from tests.support.ready import NotBuilt, build_what_lacks, refuse_without, require_compiled


@pytest.fixture(autouse=True)
def own_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of its own, in which nothing was built and nothing failed."""
    monkeypatch.setattr(shared, "shared_folder", lambda: tmp_path)
    monkeypatch.setattr(ready, "_faults", {})


def test_a_deployment_without_compiled_contracts_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "BUILD_DIRECTORY", tmp_path / "contracts")
    with pytest.raises(pytest.fail.Exception, match=r"run `scripts/setup/brownie.sh compile` first"):
        require_compiled()


def test_contracts_compiled_from_other_sources_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "BUILD_DIRECTORY", tmp_path / "contracts")
    (tmp_path / "contracts").mkdir()
    for part in LEDGER_FACETS:
        (tmp_path / "contracts" / f"{part}.json").write_text("{}")
    (tmp_path / "contracts.sha256").write_text("0" * 64)
    assert not ready.is_compiled()
    (tmp_path / "contracts.sha256").write_text(sources_digest())
    assert ready.is_compiled()


def test_what_could_not_be_built_fails_the_tests_that_need_it_and_no_other(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        raise NotBuilt("run `this` first, which failed")

    here = request.node
    broken = dataclasses.replace(ready.NEEDS[0], is_needed_by=lambda item: item is here, build=breaks)
    monkeypatch.setattr(ready, "NEEDS", (broken,))
    build_what_lacks([here])
    with pytest.raises(pytest.fail.Exception, match="run `this` first"):
        refuse_without(here)
    refuse_without(here.parent)


def test_what_no_test_needs_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    need = dataclasses.replace(
        ready.NEEDS[0], is_needed_by=lambda item: False, build=lambda: built.append("")
    )
    monkeypatch.setattr(ready, "NEEDS", (need,))
    build_what_lacks([])
    assert built == []
