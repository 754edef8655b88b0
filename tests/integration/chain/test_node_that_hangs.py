"""The embedded node stops in the middle of what it was asked: a second thread sees it and ends the wait."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.support.chain_world import World
from tests.support.node import ChainUnderTest, start_chain
from wallet_service.chain.sending.replay import EmbeddedSupervisor

pytestmark = pytest.mark.chain

WATCH_DEADLINE_S = 15.0


@pytest.fixture
def own_chain(tmp_path: Path) -> Iterator[ChainUnderTest]:
    """A chain this test may stop, as the service runs it, saved right after the deployment."""
    started = start_chain(tmp_path, prune_history=True)
    started.node.dump()
    yield started
    started.node.kill_process()


def test_a_node_that_stops_while_it_is_saved_is_ended_by_the_watch(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The save itself would wait for a minute: another thread sees that nothing is answered any more."""
    world, node = World(sqlite_engine, own_chain), own_chain.node
    monkeypatch.setattr("wallet_service.chain.sending.replay.HANG_LIMIT_S", 0.0)
    monkeypatch.setattr("wallet_service.chain.node.embedded.PULSE_TIMEOUT_S", 0.3)
    supervisor = EmbeddedSupervisor(sqlite_engine, node, own_chain.access, world.sender, world.clock)
    assert supervisor.run_once() == 0
    assert not supervisor.watch_once()
    payer, payee = world.funded_pair()
    hung, ask, is_stopped = node.pid, node._dumping_client.request, threading.Event()
    assert hung is not None

    def stops_first(method: str, *params: Any) -> Any:
        os.kill(hung, signal.SIGSTOP)
        os.waitid(os.P_PID, hung, os.WSTOPPED | os.WNOWAIT)
        is_stopped.set()
        return ask(method, *params)

    def watch() -> bool:
        assert is_stopped.wait(WATCH_DEADLINE_S)
        deadline_s = time.monotonic() + WATCH_DEADLINE_S
        while time.monotonic() < deadline_s:
            if supervisor.watch_once():
                return True
        os.kill(hung, signal.SIGKILL)  # so that the round below ends all the same
        return False

    monkeypatch.setattr(node._dumping_client, "request", stops_first)
    node._next_dump_s = 0.0
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        assert supervisor.run_once() == 1
        assert watching.result(WATCH_DEADLINE_S)
    assert node.pid != hung
    monkeypatch.undo()
    world.run_until_idle()
    world.check_books(payer, payee)


def test_a_node_that_starts_is_not_taken_for_one_that_hangs(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens before it has read its dump; the watch waits until it has answered once."""
    world, node = World(sqlite_engine, own_chain), own_chain.node
    monkeypatch.setattr("wallet_service.chain.sending.replay.HANG_LIMIT_S", 0.0)
    supervisor = EmbeddedSupervisor(sqlite_engine, node, own_chain.access, world.sender, world.clock)
    monkeypatch.setattr(node, "answers", lambda: False)
    assert not supervisor.watch_once()
    assert node.is_running()
    supervisor.run_once()
    assert supervisor.watch_once()


def test_a_busy_moment_is_not_a_hang(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, node = World(sqlite_engine, own_chain), own_chain.node
    supervisor = EmbeddedSupervisor(sqlite_engine, node, own_chain.access, world.sender, world.clock)
    supervisor.run_once()
    monkeypatch.setattr(node, "answers", lambda: False)
    assert not supervisor.watch_once()
    assert node.is_running()
