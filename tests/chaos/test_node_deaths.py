"""The embedded node is killed, stopped and brought back older at random while payments settle.

Each is on chain exactly once, nothing is doubled, and the copy equals the chain.

The seed is printed; run again with ALBA_CHAOS_SEED=<seed> to see the same choices.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from tests.support.chain_world import Person, World
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.node import start_chain
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.ports import SignedPayment
from wallet_service.chain.sending.replay import EmbeddedSupervisor
from wallet_service.database.tables.chain import postings
from wallet_service.platform.errors import ChainUnavailable

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.chain, pytest.mark.slow]

ROUNDS = 12
PAYMENTS_PER_ROUND = 5
AMOUNT_CENTS = 10


class Harness:
    """A world whose node may be hurt, and its supervisor."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.chain = start_chain(folder, prune_history=True)
        impatient = dataclasses.replace(self.chain.access.profile, request_timeout_s=0.3)
        self.chain.access = dataclasses.replace(
            self.chain.access, client=NodeClient(impatient, wires=(self.chain.node.wire,)), profile=impatient
        )
        self.chain.node.client = self.chain.access.client
        self.chain.node.dump()
        self.world = World(engine, self.chain)
        self.supervisor = EmbeddedSupervisor(
            engine, self.chain.node, self.chain.access, self.world.sender, self.world.clock
        )

    def pump(self) -> None:
        self.supervisor.run_once()
        self.world.pump()

    def hurt(self, how: str) -> None:
        """Only processes this harness started."""
        pid = self.chain.node.pid
        if pid is None or not self.chain.node.is_running():
            return
        if how == "kill":
            os.kill(pid, signal.SIGKILL)
        elif how == "hang":
            os.kill(pid, signal.SIGSTOP)
        elif how == "pause":
            os.kill(pid, signal.SIGSTOP)
            threading.Timer(0.2, _continue, (pid,)).start()


def _continue(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return  # ended meanwhile, which is the harness's business


@pytest.mark.timeout(180)
def test_payments_survive_a_node_that_dies_again_and_again(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("ALBA_CHAOS_SEED") or random.SystemRandom().randrange(10**9))
    print(f"ALBA_CHAOS_SEED={seed}")
    choices = random.Random(seed)
    monkeypatch.setattr("wallet_service.chain.sending.replay.HANG_LIMIT_S", 0.5)
    monkeypatch.setattr("wallet_service.chain.node.embedded.STOP_DEADLINE_S", 0.3)
    harness = Harness(sqlite_engine, tmp_path)
    world = harness.world
    try:
        payer, payee = world.funded_pair(100_000)
        signed: list[SignedPayment] = []
        for _ in range(ROUNDS):
            batch = [_signed(harness, payer, payee) for _ in range(PAYMENTS_PER_ROUND)]
            signed += batch
            world.store(*batch)
            if choices.random() < 0.7:
                world.sender.broadcast_stored()
            if choices.random() < 0.3:
                _quietly(harness.pump)
            if choices.random() < 0.3:
                _quietly(harness.chain.node.dump)
            harness.hurt(choices.choice(["kill", "kill", "hang", "pause", "nothing"]))
            if choices.random() < 0.5:
                _quietly(harness.pump)
        world.until(lambda: world.waiting() == 0, harness.pump)
        world.until(lambda: _has_caught_up(world), harness.pump)
        with sqlite_engine.connect() as connection:
            counted = connection.execute(
                select(postings.c.ref, func.count())
                .where(postings.c.kind == "payment", postings.c.leg == 1)
                .group_by(postings.c.ref)
            )
            times = {row[0]: row[1] for row in counted}
        assert times == {one.message.ref: 1 for one in signed}
        assert world.on_chain(payee.address) == len(signed) * AMOUNT_CENTS
        world.check_books(payer, payee)
    finally:
        harness.chain.node.kill_process()


def _signed(harness: Harness, payer: Person, payee: Person) -> SignedPayment:
    """Signing needs the chain's time; wait for a node that answers."""
    deadline_s = time.monotonic() + 30
    while True:
        try:
            return harness.world.payment(payer, payee, AMOUNT_CENTS)
        except ChainUnavailable:
            assert time.monotonic() < deadline_s, "the node never came back"
            _quietly(harness.pump)


def _has_caught_up(world: World) -> bool:
    """False too while the node, hurt last thing, does not answer yet."""
    try:
        return world.indexer.catch_up() == 0
    except ChainUnavailable:
        return False


def _quietly(act: Callable[[], object]) -> None:
    with contextlib.suppress(ChainUnavailable):
        act()
