"""Crash points serve tests and demonstrations only."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from wallet_service.command_line import CANNOT_START
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.failpoints import POINTS, VARIABLE, CrashPointRefused


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The signals this process would have sent itself."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    yield sent
    monkeypatch.delenv(VARIABLE, raising=False)
    failpoints.arm("test")


@pytest.mark.parametrize("environment", ["demo", "test"])
def test_only_the_chosen_point_kills(
    killed: list[int], monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv(VARIABLE, "settle.stored")
    failpoints.arm(environment)
    for point in POINTS - {"settle.stored"}:
        failpoints.reach(point)
    failpoints.reach_commands(["mint"], "sent")
    failpoints.reach_events(["Minted"], "read")
    assert killed == []
    failpoints.reach("settle.stored")
    assert killed == [signal.SIGKILL]


def test_commands_and_events_reach_the_points_of_their_names(
    killed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for chosen in ("command.mint.stored", "index.Minted.committed"):
        monkeypatch.setenv(VARIABLE, chosen)
        failpoints.arm("test")
        failpoints.reach_commands(["enrol", "mint"], "stored")
        failpoints.reach_events(["Transfer", "Minted"], "committed")
    assert killed == [signal.SIGKILL] * 2


@pytest.mark.parametrize(
    ("environment", "point", "sentence"),
    [("production", "settle.stored", "unset it in production"), ("test", "settle.nowhere", "settle.nowhere")],
)
def test_in_production_and_for_a_wrong_name_the_service_does_not_start(
    killed: list[int], monkeypatch: pytest.MonkeyPatch, environment: str, point: str, sentence: str
) -> None:
    monkeypatch.setenv(VARIABLE, point)
    with pytest.raises(CrashPointRefused, match=sentence):
        failpoints.arm(environment)
    failpoints.reach("settle.stored")
    assert killed == []
    assert CrashPointRefused in CANNOT_START


def test_without_the_variable_nothing_ever_happens(
    killed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    failpoints.arm("production")
    for point in POINTS:
        failpoints.reach(point)
    assert killed == []
