"""What the processes of one run share is made by one of them, and whole."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.support import shared
from tests.support.shared import made_once

PROCESSES = 4


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shared, "shared_folder", lambda: tmp_path)
    return tmp_path


def _count(folder: Path) -> None:
    with (folder.parent / "makers").open("a") as makers:
        makers.write("x")
    (folder / "whole").touch()


def _ask() -> None:
    assert (made_once("thing", _count) / "whole").exists()


def test_many_processes_that_ask_at_once_get_what_one_of_them_made(folder: Path) -> None:
    asking = [multiprocessing.get_context("fork").Process(target=_ask) for _ in range(PROCESSES)]
    for process in asking:
        process.start()
    for process in asking:
        process.join()
    assert [process.exitcode for process in asking] == [0] * PROCESSES
    assert (folder / "makers").read_text() == "x"


def test_what_could_not_be_made_is_tried_again_from_nothing(folder: Path) -> None:
    def fails_half_way(unfinished: Path) -> None:
        (unfinished / "half").touch()
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        made_once("thing", fails_half_way)
    assert not (folder / "thing").exists()
    made = made_once("thing", lambda unfinished: (unfinished / "whole").touch())
    assert [path.name for path in made.iterdir()] == ["whole"]
