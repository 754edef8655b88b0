"""Coverage is shown, may not fall below its floor, and the floor may not fall below what it was."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from scripts.analysis.coverage_floor import (
    FLOORS,
    HEADROOM_POINTS,
    RAISE_MARGIN_POINTS,
    Fault,
    main,
    raised,
    read_floors,
    remembered,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with floors and a measurement exactly on them."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "reports" / "coverage").mkdir(parents=True)
    put_floors(tmp_path, 80.0, 60.0)
    put_figures(tmp_path, 80.0, 60.0)
    return tmp_path


def put_floors(project: Path, python: float, javascript: float) -> None:
    (project / FLOORS).write_text(json.dumps({"python": python, "javascript": javascript}))


def put_figures(project: Path, python: float, javascript: float) -> None:
    folder = project / "reports" / "coverage"
    (folder / "python.json").write_text(json.dumps({"totals": {"percent_covered": python}}))
    (folder / "javascript.json").write_text(json.dumps({"percent": javascript}))


def test_both_figures_and_their_floors_stand_in_one_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_figures(project, 80.59, 60.0)
    assert main([], project) == 0
    line = "code coverage: Python 80.5 % (floor 80.0), JavaScript 60.0 % (floor 60.0)\n"
    assert capsys.readouterr().out == line


@pytest.mark.parametrize(
    ("python", "javascript", "named"), [(79.99, 60.0, "Python: 79.9 %"), (80.0, 59.99, "JavaScript: 59.9 %")]
)
def test_a_figure_below_its_floor_fails_and_is_named(
    project: Path, capsys: pytest.CaptureFixture[str], python: float, javascript: float, named: str
) -> None:
    put_figures(project, python, javascript)
    assert main([], project) == 1
    assert named in capsys.readouterr().err


def test_a_measurement_that_is_missing_fails_and_names_the_command(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "reports" / "coverage" / "javascript.json").unlink()
    assert main([], project) == 1
    assert "run `make coverage`" in capsys.readouterr().err


def test_a_figure_that_left_its_floor_behind_asks_for_a_higher_one(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_figures(project, 80.0 + RAISE_MARGIN_POINTS, 60.0 + RAISE_MARGIN_POINTS - 0.01)
    assert main([], project) == 0
    asked = [line for line in capsys.readouterr().out.splitlines() if "make coverage-floor" in line]
    assert [line.partition(":")[0] for line in asked] == ["Python"]


def test_raising_leaves_room_for_chance_and_lowers_nothing(project: Path) -> None:
    put_figures(project, 91.26 + HEADROOM_POINTS, 60.1)
    assert main(["--raise"], project) == 0
    assert read_floors((project / FLOORS).read_text()) == {"python": 91.2, "javascript": 60.0}
    assert raised({"python": 0.0, "javascript": 0.0}, {"python": 80.0, "javascript": 60.0}) == {
        "python": 80.0,
        "javascript": 60.0,
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"python": 80}', '{"python": 80, "javascript": "many"}'])
def test_floors_that_are_not_there_hold_nothing_and_are_refused(text: str) -> None:
    with pytest.raises(Fault, match=r"coverage_floor\.json"):
        read_floors(text)


class Repository:
    """A repository of its own in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=Essai", "-c", "user.email=essai@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", str(FLOORS))
        self.git("commit", "--quiet", "--allow-empty", "--message", "floors")


def test_a_floor_may_rise_and_never_fall_committed_or_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repository(project)
    repository.commit()
    put_floors(project, 81.0, 60.0)
    assert main(["--history"], project) == 0
    repository.commit()
    put_floors(project, 80.5, 60.0)
    assert main(["--history"], project) == 1
    repository.commit()
    assert main(["--history"], project) == 1
    assert "the floor of Python is 80.5 % and was 81.0 %" in capsys.readouterr().err


def test_a_shallow_clone_knows_what_it_has_and_a_folder_without_git_nothing(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert main(["--history"], project) == 0
    assert remembered(project) == ({}, 0)
    repository = Repository(project)
    repository.commit()
    put_floors(project, 81.0, 60.0)
    repository.commit()
    shallow = tmp_path_factory.mktemp("shallow")
    repository.git("clone", "--quiet", "--depth", "1", project.as_uri(), str(shallow))
    assert remembered(shallow) == ({"python": 81.0, "javascript": 60.0}, 1)
    put_floors(shallow, 80.0, 60.0)
    assert main(["--history"], shallow) == 1
