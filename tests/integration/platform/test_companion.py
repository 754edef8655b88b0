"""Workers in a process of their own: kept alive, heard, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from scripts.demo.customer import wait_until
from tests.support.children import companions_of, is_running
from wallet_service.platform.companion import keeping
from wallet_service.platform.companion.early import copied
from wallet_service.platform.companion.keeping import Companion

CHILD = """
import pathlib, sys, threading
from wallet_service.platform.companion.tie import Tie
from wallet_service.platform.workers import Worker, WorkerSet

workers = WorkerSet([Worker("bank", lambda: None, 0.05)])
heard = pathlib.Path(sys.argv[1])
Tie(workers, lambda clear: heard.write_text("yes" if clear else "no")).start()
workers.start(["bank"])
threading.Event().wait()
"""
#: A service that copies itself before it has a thread, as `serve` does.
COPYING = """
import signal, sys, threading, time
from wallet_service.platform.companion.early import copied
from wallet_service.platform.companion.keeping import Companion
from wallet_service.platform.companion.tie import Tie
from wallet_service.platform.workers import Worker, WorkerSet

def run():
    workers = WorkerSet([Worker("bank", lambda: None, 0.05)])
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    Tie(workers, lambda clear: None).start()
    workers.start(["bank"])
    ended.wait()
    workers.stop()

early = copied(run)
kept = Companion("bank", lambda: True, [sys.executable, "-c", sys.argv[2], sys.argv[1]])
kept.adopt(early)
print(early.process.pid, flush=True)
sys.stdin.readline()
kept.start()
while not kept._said:
    time.sleep(0.02)
print(kept.process_id(), flush=True)
sys.stdin.readline()
kept.stop()
print(early.process.poll(), kept.process_id(), flush=True)
"""
PARENT = """
import sys, time
from wallet_service.platform.companion.keeping import Companion

kept = Companion("bank", lambda: True, [sys.executable, "-c", sys.argv[2], sys.argv[1]])
kept.start()
while kept.process_id() is None or not list(kept._said):
    time.sleep(0.02)
print(kept.process_id(), flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_PAUSE_S", 0.05)


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    return tmp_path / "heard"


@pytest.fixture
def kept(heard: Path) -> Iterator[Companion]:
    made = Companion("bank", lambda: False, [sys.executable, "-c", CHILD, str(heard)])
    made.start()
    yield made
    made.stop()


def pid_of(kept: Companion) -> int:
    counted = b'alba_worker_rounds_total{outcome="good",process="bank",worker="bank"}'
    wait_until(lambda: counted in generate_latest(kept), "it said nothing")
    pid = kept.process_id()
    assert pid is not None
    return pid


def test_its_metrics_stand_beside_the_services_own(kept: Companion) -> None:
    pid_of(kept)
    generate_latest(kept)
    said = generate_latest(kept).decode()
    assert said.count("python_info{") == 2  # its own once, however often it is asked
    assert 'process_resident_memory_bytes{process="bank"}' in said
    assert said.count("# TYPE process_resident_memory_bytes ") == 1


def test_it_hears_that_no_money_may_be_made(kept: Companion, heard: Path) -> None:
    wait_until(heard.exists, "nothing was heard")
    wait_until(lambda: heard.read_text() == "no", "something else was heard")


def test_one_that_dies_is_started_again(kept: Companion) -> None:
    first = pid_of(kept)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: kept.process_id() not in (None, first), "nobody took its place")
    assert not is_running(first)
    assert pid_of(kept) != first
    assert kept.is_well()


def test_one_that_says_nothing_any_more_is_not_well(kept: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = pid_of(kept)
    monkeypatch.setattr(keeping, "STALLED_AFTER_S", 1.5)
    assert kept.is_well()
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: not kept.is_well(), "silence was taken for health")
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(kept.is_well, "it speaks again and is not believed")


def test_one_that_is_stopped_ends_and_none_takes_its_place(kept: Companion) -> None:
    pid = pid_of(kept)
    kept.stop()
    assert not is_running(pid)
    assert kept.process_id() is None
    assert kept.is_well()


def test_it_does_not_outlive_a_service_that_was_killed(heard: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(heard), CHILD], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_running(pid), "it lives on")
    parent.stdout.close()


@pytest.fixture
def copying(heard: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", COPYING, str(heard), CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        yield parent
        parent.kill()


def said_by(parent: subprocess.Popen[str]) -> str:
    assert parent.stdout is not None
    return parent.stdout.readline().strip()


def tell(parent: subprocess.Popen[str]) -> None:
    assert parent.stdin is not None
    parent.stdin.write("\n")
    parent.stdin.flush()


def test_its_first_life_is_a_copy_that_waits_for_the_first_word_and_ends_in_order(
    copying: subprocess.Popen[str],
) -> None:
    pid = int(said_by(copying))
    assert thread_count(pid) == 1  # it does nothing before the service is there
    tell(copying)
    assert said_by(copying) == str(pid)
    assert companions_of(copying.pid) == [pid]
    assert os.getpgid(pid) == pid  # a terminal's Ctrl-C does not reach it
    tell(copying)
    assert said_by(copying) == "0 None"
    assert not is_running(pid)


def test_a_copy_whose_service_never_came_up_is_not_left_behind(copying: subprocess.Popen[str]) -> None:
    pid = int(said_by(copying))
    assert is_running(pid)
    copying.kill()
    copying.wait()
    wait_until(lambda: not is_running(pid), "it lives on")


def test_a_copy_that_dies_is_followed_by_a_start_of_its_own(copying: subprocess.Popen[str]) -> None:
    first = int(said_by(copying))
    tell(copying)
    said_by(copying)
    os.kill(first, signal.SIGKILL)

    def others() -> list[int]:
        return [pid for pid in companions_of(copying.pid) if pid != first]

    wait_until(lambda: bool(others()), "nobody took its place")
    assert not is_running(first)


def test_beside_other_threads_nothing_is_copied() -> None:
    ended = threading.Event()
    beside = threading.Thread(target=ended.wait)
    beside.start()
    try:
        assert copied(lambda: None) is None
    finally:
        ended.set()
        beside.join()


def thread_count(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
