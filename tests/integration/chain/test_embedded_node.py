"""The embedded node dies hard and comes back older.

The same transactions, the same books, at the same times.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.chain_world import World
from tests.support.node import ChainUnderTest, profile_for_tests, start_chain, start_copy
from tests.support.ports import free_port
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.node.dumps import DUMPS_KEPT
from wallet_service.chain.node.embedded import EmbeddedNode, NodeStartFailed
from wallet_service.chain.ports import SignedPayment
from wallet_service.chain.sending.replay import ChainLost, EmbeddedSupervisor, require_ledger
from wallet_service.database.tables.chain import chain_transactions

pytestmark = pytest.mark.chain

PAYING_S = 1.0


@pytest.fixture(scope="module")
def deployed_chain(tmp_path_factory: pytest.TempPathFactory) -> ChainUnderTest:
    """One deployed ledger, saved, its node ended."""
    started = start_chain(tmp_path_factory.mktemp("ground"), prune_history=True)
    started.node.stop()
    return started


@pytest.fixture
def own_chain(deployed_chain: ChainUnderTest, tmp_path: Path) -> Iterator[ChainUnderTest]:
    """A chain this test may kill, as the service runs it, saved right after the deployment."""
    started = start_copy(deployed_chain, tmp_path)
    started.node.dump()
    yield started
    started.node.kill_process()


def _kill_hard(node: EmbeddedNode) -> None:
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    deadline_s = time.monotonic() + 5
    while node.is_running():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def _raw(world: World, transaction_id: int) -> bytes:
    with world.engine.connect() as connection:
        query = select(chain_transactions.c.raw).where(chain_transactions.c.id == transaction_id)
        return bytes(connection.execute(query).scalar_one())


def _block_times(world: World) -> dict[str, int]:
    with world.engine.connect() as connection:
        rows = connection.execute(
            select(chain_transactions.c.transaction_hash, chain_transactions.c.block_timestamp_unix_s)
        ).all()
    return {row.transaction_hash: row.block_timestamp_unix_s for row in rows}


def test_a_killed_node_gets_its_lost_transactions_back(engine: Engine, own_chain: ChainUnderTest) -> None:
    world = World(engine, own_chain)
    supervisor = EmbeddedSupervisor(engine, own_chain.node, own_chain.access, world.sender, world.clock)
    payer, payee = world.funded_pair()
    own_chain.node.dump()
    for amount_cents in (100, 200, 300):
        world.store(world.payment(payer, payee, amount_cents))
        world.run_until_idle()
    never_sent = world.store(world.payment(payer, payee, 1_000))
    times_before, events_before = _block_times(world), world.event_names()
    _kill_hard(own_chain.node)
    assert supervisor.run_once() == 1
    world.run_until_idle()
    assert world.transaction_state(never_sent) == "mined"
    assert world.posted(payee.address) == 1_600
    assert world.event_names()[: len(events_before)] == events_before
    times_after = _block_times(world)
    assert {one: times_after[one] for one in times_before if times_before[one]} == {
        one: at for one, at in times_before.items() if at
    }
    world.check_books(payer, payee)
    head = own_chain.reader().head()
    assert abs(head.timestamp_unix_s - world.clock.now_unix_s()) <= 5


def test_expired_payments_of_the_lost_blocks_are_paid_again_not_refused(
    sqlite_engine: Engine, own_chain: ChainUnderTest
) -> None:
    world = World(sqlite_engine, own_chain)
    supervisor = EmbeddedSupervisor(
        sqlite_engine, own_chain.node, own_chain.access, world.sender, world.clock
    )
    payer, payee = world.funded_pair()
    own_chain.node.dump()
    soon = own_chain.reader().head().timestamp_unix_s + 3
    world.store(world.payment(payer, payee, 100, valid_before=soon))
    world.run_until_idle()
    assert world.posted(payee.address) == 100
    _kill_hard(own_chain.node)
    deadline_s = time.monotonic() + 10
    while world.clock.now_unix_s() <= soon:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
    supervisor.run_once()
    world.run_until_idle()
    assert world.posted(payee.address) == 100
    world.check_books(payer, payee)


def test_a_clean_stop_loses_nothing(sqlite_engine: Engine, own_chain: ChainUnderTest) -> None:
    world = World(sqlite_engine, own_chain)
    supervisor = EmbeddedSupervisor(
        sqlite_engine, own_chain.node, own_chain.access, world.sender, world.clock
    )
    payer, payee = world.funded_pair()
    head = own_chain.access.client.request("eth_getBlockByNumber", "latest", False)["hash"]
    supervisor.stop()
    assert supervisor.start() == 0
    assert own_chain.access.client.request("eth_getBlockByNumber", "latest", False)["hash"] == head
    world.indexer.catch_up()
    assert world.rewound_to == []
    world.check_books(payer, payee)


def test_a_torn_dump_is_passed_over_and_three_are_kept(
    sqlite_engine: Engine, own_chain: ChainUnderTest
) -> None:
    world = World(sqlite_engine, own_chain)
    supervisor = EmbeddedSupervisor(
        sqlite_engine, own_chain.node, own_chain.access, world.sender, world.clock
    )
    payer, payee = world.funded_pair()
    paths = [own_chain.node.dump() for _ in range(5)]
    dumps = [path for path in paths if path is not None]
    assert [path.exists() for path in dumps] == [False, False, True, True, True]
    assert DUMPS_KEPT == 3
    newest = dumps[-1]
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    _kill_hard(own_chain.node)
    supervisor.run_once()
    world.run_until_idle()
    world.check_books(payer, payee)


def _enrol(chain: ChainUnderTest, number: int) -> None:
    chain.send("REGISTRAR", "enrol", [f"0x{number:040x}", 1, 3, 0, 0])


def _meanwhile(node: EmbeddedNode, happens: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """`happens` comes between the node's reading of its state and its answer, at every dump."""
    ask = node._dumping_client.request

    def slow(method: str, *params: Any) -> Any:
        answer = ask(method, *params)
        happens()
        return answer

    monkeypatch.setattr(node._dumping_client, "request", slow)


def test_a_dump_that_a_block_came_into_is_made_again(
    own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, blocks = own_chain.node, iter((0x41,))

    def enrol_all() -> None:
        for one in blocks:
            _enrol(own_chain, one)

    _meanwhile(node, enrol_all, monkeypatch)
    saved = node.dump()
    assert saved is not None
    assert int(json.loads(saved.read_bytes())["best_block_number"]) == own_chain.access.client.block_number()


def test_a_dump_is_not_kept_while_blocks_keep_coming(
    own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, numbers = own_chain.node, itertools.count(0x41)
    before = list((own_chain.folder / "node").glob("state-*"))
    _meanwhile(node, lambda: _enrol(own_chain, next(numbers)), monkeypatch)
    assert node.dump() is None
    assert list((own_chain.folder / "node").glob("state-*")) == before


def test_a_dump_is_not_kept_while_a_block_is_being_made(
    sqlite_engine: Engine, own_chain: ChainUnderTest
) -> None:
    """Its transactions are in the pool until it is there."""
    world, node = World(sqlite_engine, own_chain), own_chain.node
    payer, payee = world.funded_pair()
    node.wire.makes_blocks = False
    world.store(world.payment(payer, payee, 100))
    assert world.sender.broadcast_stored() == 1
    assert node.dump() is None
    node.request("evm_mine")
    assert node.dump() is not None


def test_payments_that_leave_no_room_for_saving_wait_for_it(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, node = World(sqlite_engine, own_chain), own_chain.node
    supervisor = EmbeddedSupervisor(sqlite_engine, node, own_chain.access, world.sender, world.clock)
    payer, payee = world.funded_pair()
    paying: list[Future[int]] = []

    def pay() -> int:
        world.store(world.payment(payer, payee, 100))
        return world.sender.broadcast_stored()

    with ThreadPoolExecutor(1) as pool:

        def pays() -> None:
            paying.append(pool.submit(pay))
            wait(paying, timeout=PAYING_S)  # one that is kept waiting is not done then

        _meanwhile(node, pays, monkeypatch)
        node._next_dump_s = 0.0
        supervisor.run_once()
        assert not node.is_dump_due()
    world.run_until_idle()
    assert world.posted(payee.address) == 100 * len(paying)
    world.check_books(payer, payee)


def test_blocks_that_could_not_be_made_at_once_are_made_by_the_supervisor(
    sqlite_engine: Engine, own_chain: ChainUnderTest
) -> None:
    world, node = World(sqlite_engine, own_chain), own_chain.node
    supervisor = EmbeddedSupervisor(sqlite_engine, node, own_chain.access, world.sender, world.clock)
    payer, payee = world.funded_pair()
    node.wire.makes_blocks = False
    world.store(world.payment(payer, payee, 100))
    assert world.sender.broadcast_stored() == 1
    assert node.wire.pool() == (1, 0)
    node.wire.makes_blocks = True
    supervisor.run_once()
    assert node.wire.pool() == (0, 0)
    world.run_until_idle()
    assert world.posted(payee.address) == 100
    world.check_books(payer, payee)


def _fall_asleep(world: World, node: EmbeddedNode, payment: SignedPayment) -> int:
    """A stored transaction that the node keeps as queued although it has its key's next nonce."""
    relayer = world.chain.keys.address("RELAYER")
    next_nonce = world.chain.access.client.transaction_count(relayer)
    transaction_id = world.store(payment)
    node.request("anvil_setNonce", relayer, hex(next_nonce - 1))
    assert world.sender.broadcast_stored() == 1
    node.request("anvil_setNonce", relayer, hex(next_nonce))
    assert node.wire.make_ready_blocks() == 0
    assert node.wire.pool() == (0, 1)
    return transaction_id


def test_a_queue_that_fell_asleep_is_sent_again_and_loses_nothing(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_service.chain.sending.standstill.STANDSTILL_AFTER_S", 0.0)
    world, node = World(sqlite_engine, own_chain), own_chain.node
    payer, payee = world.funded_pair()
    world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    first = _fall_asleep(world, node, world.payment(payer, payee, 200))
    behind = world.store(world.payment(payer, payee, 400))
    raw = _raw(world, first)
    assert world.sender.broadcast_stored() == 2
    world.run_until_idle()
    assert [world.transaction_state(one) for one in (first, behind)] == ["mined", "mined"]
    assert _raw(world, first) == raw
    assert world.posted(payee.address) == 700
    assert world.sender.is_moving()
    world.check_books(payer, payee)


def test_a_queue_asleep_on_a_node_that_is_not_ours_is_an_alarm(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_service.chain.sending.standstill.STANDSTILL_AFTER_S", 0.0)
    foreign = dataclasses.replace(own_chain.access, forget_transactions=None)
    world = World(sqlite_engine, dataclasses.replace(own_chain, access=foreign))
    payer, payee = world.funded_pair()
    world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    stuck = _fall_asleep(world, own_chain.node, world.payment(payer, payee, 200))
    for _ in range(3):
        world.pump()
    assert world.transaction_state(stuck) == "stored"
    assert not world.sender.is_moving()


def test_a_node_with_nothing_to_do_is_left_in_peace(own_chain: ChainUnderTest) -> None:
    head = own_chain.access.client.block_number()
    for _ in range(3):
        assert not own_chain.node.wake_if_asleep()
    assert own_chain.access.client.block_number() == head


def test_a_dump_is_made_only_after_new_blocks(own_chain: ChainUnderTest) -> None:
    node = own_chain.node
    node._next_dump_s = 0.0
    assert not node.is_dump_due()  # saved right after the deployment
    own_chain.send("REGISTRAR", "enrol", ["0x" + "41" * 20, 1, 3, 0, 0])
    assert node.is_dump_due()
    assert node.dump() is not None
    assert not node.is_dump_due()


def test_a_chain_without_the_ledger_is_refused(own_chain: ChainUnderTest, tmp_path: Path) -> None:
    for dump in (own_chain.folder / "node").glob("state-*.json"):
        dump.unlink()
    _kill_hard(own_chain.node)
    assert own_chain.node.start() is False
    with pytest.raises(ChainLost, match="does not hold the ledger"):
        require_ledger(own_chain.access)


def test_a_taken_port_is_refused_with_a_sentence(
    own_chain: ChainUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_service.chain.node.embedded.PORT_DEADLINE_S", 0.2)
    second = EmbeddedNode(
        tmp_path / "second", profile_for_tests(own_chain.node.url), port=own_chain.node.port
    )
    with pytest.raises(NodeStartFailed, match=f"port {own_chain.node.port} is taken"):
        second.start()


def test_a_chain_can_start_in_the_past_and_be_moved_on(tmp_path: Path) -> None:
    port = free_port()
    node = EmbeddedNode(
        tmp_path, profile_for_tests(f"http://127.0.0.1:{port}"), port=port, genesis_unix_s=1_700_000_000
    )
    node.start()
    try:
        node.set_next_block_time(1_700_100_000)
        node.request("evm_mine")
        block = node.request("eth_getBlockByNumber", "latest", False)
        assert int(block["timestamp"], 16) == 1_700_100_000
    finally:
        node.kill_process()


def test_a_hanging_node_is_ended_and_started_again(
    sqlite_engine: Engine, own_chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite_engine, own_chain)
    monkeypatch.setattr("wallet_service.chain.sending.replay.HANG_LIMIT_S", 0.0)
    monkeypatch.setattr("wallet_service.chain.node.embedded.STOP_DEADLINE_S", 0.5)
    supervisor = EmbeddedSupervisor(
        sqlite_engine, own_chain.node, own_chain.access, world.sender, world.clock
    )
    payer, payee = world.funded_pair()
    hung = own_chain.node.pid
    assert hung is not None
    impatient = dataclasses.replace(own_chain.access.profile, request_timeout_s=0.3)
    monkeypatch.setattr(own_chain.node, "client", NodeClient(impatient, wires=(own_chain.node.wire,)))
    own_chain.node._next_dump_s = 0.0
    os.kill(hung, signal.SIGSTOP)
    os.waitid(os.P_PID, hung, os.WSTOPPED | os.WNOWAIT)  # until then it may answer once more
    assert supervisor.run_once() == 1
    assert own_chain.node.pid != hung
    world.run_until_idle()
    world.check_books(payer, payee)
