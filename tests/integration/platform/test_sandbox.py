"""Work in a process of its own: bounds hold, every end is answered, nothing outlives the service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.support import sandbox_tasks
from tests.support.sandbox_tasks import Declared, TooHeavy
from wallet_service.platform.sandbox import pool
from wallet_service.platform.sandbox.child import Bounds
from wallet_service.platform.sandbox.errors import TaskFailed, WorkBusy, WorkOneAtATime
from wallet_service.platform.sandbox.pool import MAX_WAITING, Sandbox, Task

ROOT = Path(__file__).resolve().parents[3]
MEGABYTE_BYTES = 1024 * 1024
BOUNDS = Bounds(
    memory_bytes=256 * MEGABYTE_BYTES,
    cpu_s=1,
    wall_s=3,
    answer_bytes=MEGABYTE_BYTES,
    modules=("tests.support.sandbox_tasks",),
)
DEADLINE_S = 30.0
#: A service that is at work in a sandbox; says the sandbox's process group, then works for ever.
SERVICE = """
import sys
from tests.integration.platform.test_sandbox import task
from wallet_service.platform.sandbox.child import Bounds
from wallet_service.platform.sandbox.pool import Sandbox
sandbox = Sandbox("test", Bounds(256 << 20, 600, 600, 1 << 20))
sandbox.run("somebody", task("upper"), b"warm")
print(sandbox._child.pid, flush=True)
sandbox.run("somebody", task(sys.argv[1]), b"600")
"""


def task(name: str) -> Task:
    return Task(f"{sandbox_tasks.__name__}:{name}", (Declared,), TooHeavy)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox("test", BOUNDS)
    yield made
    made.stop()


def works(sandbox: Sandbox) -> bool:
    return sandbox.run("somebody else", task("upper"), b"abc") == b"ABC"


def members_of(group: int) -> list[int]:
    """The living processes of a group."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state, _parent, its_group = (place / "stat").read_text().rsplit(")", 1)[1].split()[:3]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(its_group) == group and state != "Z":
                found.append(int(place.name))
    return found


def wait_until_empty(group: int) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while members_of(group):
        assert time.monotonic() < deadline_s, "somebody of the sandbox lives on"
        time.sleep(0.02)


def test_an_answer_is_the_functions_own(sandbox: Sandbox) -> None:
    content = os.urandom(500_000)
    assert sandbox.run("a", task("upper"), content) == content.upper()
    assert sandbox.run("a", task("upper"), b"") == b""


def test_a_declared_refusal_arrives_as_its_class_with_its_values(sandbox: Sandbox) -> None:
    with pytest.raises(Declared) as refusal:
        sandbox.run("a", task("refuse"), b"")
    assert refusal.value.values == {"limit": 7, "name": "été"}


def test_a_refusal_that_is_not_declared_is_a_mistake(sandbox: Sandbox) -> None:
    undeclared = Task(f"{sandbox_tasks.__name__}:refuse", (TooHeavy,), TooHeavy)
    with pytest.raises(TaskFailed):
        sandbox.run("a", undeclared, b"")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("take_memory", b"400000000", "memory"),
        ("crash", b"", "SIGSEGV"),
        ("sleep", b"600", "time"),
        ("sleep_unwakeable", b"600", "SIGKILL"),
        ("answer_length", b"1048577", "answer too long"),
        ("die", b"", "SIGKILL"),
    ],
)
def test_work_beyond_a_bound_is_ended_and_refused_and_the_next_is_done(
    sandbox: Sandbox, name: str, content: bytes, reason: str
) -> None:
    assert works(sandbox)
    started_s = time.monotonic()
    with capture_logs() as logs, pytest.raises(TooHeavy):
        sandbox.run("a", task(name), content)
    assert time.monotonic() - started_s < BOUNDS.wall_s + pool.MARGIN_S
    assert [line["reason"] for line in logs] == [reason]
    assert works(sandbox)


def test_processor_time_is_bounded_by_itself() -> None:
    """Long before the clock's bound, and also where nothing of ours is heard any more."""
    patient = Sandbox("test", replace(BOUNDS, wall_s=100))
    try:
        with capture_logs() as logs, pytest.raises(TooHeavy):
            patient.run("a", task("spin"), b"")
        assert [line["reason"] for line in logs] == ["SIGXCPU"]
    finally:
        patient.stop()


def test_work_just_within_the_bounds_is_done(sandbox: Sandbox) -> None:
    assert sandbox.run("a", task("take_memory"), b"60000000") == b"\0"
    assert len(sandbox.run("a", task("answer_length"), b"1048576")) == 1_048_576


def test_a_mistake_of_ours_says_its_kind_and_place_and_nothing_of_the_content(sandbox: Sandbox) -> None:
    with pytest.raises(TaskFailed) as failure:
        sandbox.run("a", task("mistake"), b"personal")
    assert str(failure.value).startswith("KeyError in tests.support.sandbox_tasks:mistake, mistake:")
    assert "personal" not in str(failure.value)
    assert works(sandbox)


def test_no_work_leaves_anything_to_the_next(sandbox: Sandbox) -> None:
    assert [sandbox.run("a", task("count"), b"x") for _ in range(2)] == [b"1", b"1"]


def test_a_runner_has_no_setting_but_those_it_needs_no_open_file_and_can_write_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALBA_RESERVE_IBAN", "FR76")
    monkeypatch.setenv("ALBA_NEEDED", "1")
    sandbox = Sandbox("test", replace(BOUNDS, variables=("ALBA_NEEDED", "ALBA_NOT_SET")))
    target = tmp_path / "written"
    reach = json.loads(sandbox.run("a", task("what_is_in_reach"), str(target).encode()))
    sandbox.stop()
    assert [name for name in reach["environment"] if name.startswith("ALBA")] == ["ALBA_NEEDED"]
    assert {name.split(":")[0] for name in reach["files"]} == {"/dev/null", "pipe"}
    assert not reach["can_write"]
    assert reach["niceness"] > os.nice(0)
    assert not {name.split(".")[1] for name in reach["modules"]} - {"platform", "protocol", "languages"}


def test_one_member_has_one_piece_of_work_at_a_time(sandbox: Sandbox) -> None:
    with sandbox.slot("a"), pytest.raises(WorkOneAtATime), sandbox.slot("a"):
        pass
    with sandbox.slot("a"):
        pass


def test_a_full_queue_refuses_at_once_and_a_long_wait_ends(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[type[Exception]] = []

    def wait(holder: str) -> None:
        try:
            with sandbox.slot(holder):
                pass
        except WorkBusy as refusal:
            waited.append(type(refusal))

    monkeypatch.setattr(pool, "MAX_WAIT_S", 1.0)
    threads = [threading.Thread(target=wait, args=(f"waiting {number}",)) for number in range(MAX_WAITING)]
    with sandbox.slot("at work"):
        for thread in threads:
            thread.start()
        deadline_s = time.monotonic() + DEADLINE_S
        while len(sandbox._holders) <= MAX_WAITING:
            assert time.monotonic() < deadline_s
            time.sleep(0.005)
        started_s = time.monotonic()
        with pytest.raises(WorkBusy), sandbox.slot("one too many"):
            pass
        assert time.monotonic() - started_s < 0.5
        for thread in threads:
            thread.join(DEADLINE_S)
    assert waited == [WorkBusy] * MAX_WAITING
    assert works(sandbox)


def test_a_process_that_is_killed_is_replaced_and_its_work_is_refused(sandbox: Sandbox) -> None:
    assert works(sandbox)
    assert sandbox._child is not None
    lost = sandbox._child.pid
    os.killpg(lost, signal.SIGKILL)
    with pytest.raises(WorkBusy):
        sandbox.run("a", task("upper"), b"abc")
    assert works(sandbox)
    assert sandbox._child.pid != lost


def test_it_warms_up_when_it_is_time_and_not_once_it_is_stopped(sandbox: Sandbox) -> None:
    def is_warm() -> bool:
        return sandbox._child is not None

    sandbox.start(DEADLINE_S)
    assert not is_warm()
    sandbox.start(0.0)
    deadline_s = time.monotonic() + DEADLINE_S
    while not is_warm():
        assert time.monotonic() < deadline_s, "it has not warmed up"
        time.sleep(0.01)
    sandbox.stop()
    sandbox._warm()
    assert not is_warm()


def test_stopping_ends_what_is_at_work(sandbox: Sandbox) -> None:
    refused: list[str] = []
    assert works(sandbox)
    assert sandbox._child is not None
    group = sandbox._child.pid

    def work() -> None:
        try:
            sandbox.run("a", task("sleep"), b"600")
        except WorkBusy as refusal:
            refused.append(refusal.code)

    thread = threading.Thread(target=work)
    thread.start()
    deadline_s = time.monotonic() + DEADLINE_S
    while len(members_of(group)) < 2:
        assert time.monotonic() < deadline_s
        time.sleep(0.005)
    sandbox.stop()
    thread.join(DEADLINE_S)
    assert refused == ["work.busy"]
    wait_until_empty(group)
    with pytest.raises(WorkBusy):
        sandbox.run("a", task("upper"), b"abc")


@pytest.mark.parametrize("work", ["spin", "sleep"])
def test_nothing_lives_on_when_the_service_is_killed(work: str) -> None:
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE, work],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert service.stdout is not None
    with service.stdout:
        group = int(service.stdout.readline())
        deadline_s = time.monotonic() + DEADLINE_S
        while len(members_of(group)) < 2:
            assert time.monotonic() < deadline_s
            time.sleep(0.005)
        service.kill()
        service.wait()
    wait_until_empty(group)
