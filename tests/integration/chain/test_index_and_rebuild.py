"""The copy equals the chain, whatever happened.

After reorganisations, beside a second indexer, with depth finality, after a rebuild.
"""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import delete, func, select, text, update

from tests.support.chain_world import World
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.reading.indexer import Indexer
from wallet_service.chain.reading.rebuild import rebuild
from wallet_service.database.guards import postings_may_be_deleted
from wallet_service.database.tables.chain import balances, blocks, chain_events, chain_transactions, postings
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.errors import ChainUnavailable

pytestmark = pytest.mark.chain


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_a_reorganisation_rewinds_the_copy_and_the_same_books_come_back(world: World, depth: int) -> None:
    payer, payee = world.funded_pair()
    for amount_cents in (100, 200, 300, 400):
        world.store(world.payment(payer, payee, amount_cents))
        world.run_until_idle()
    head = world.chain.access.client.block_number()
    world.chain.node.request("anvil_reorg", depth, [])
    world.until(lambda: world.rewound_to != [])
    assert world.rewound_to == [head - depth]
    world.check_books()
    world.run_until_idle()
    assert world.posted(payee.address) == 1_000
    world.check_books(payer, payee)
    with world.engine.connect() as connection:
        hashes = dict(connection.execute(select(blocks.c.number, blocks.c.hash)).all())
    for number, copied in hashes.items():
        node_block = world.chain.access.client.request("eth_getBlockByNumber", hex(number), False)
        assert node_block["hash"] == copied


def test_a_rewind_is_one_commit_and_undoes_all_or_nothing(world: World) -> None:
    payer, payee = world.funded_pair()
    world.store(world.payment(payer, payee, 100))
    world.run_until_idle()

    def refuse(work: UnitOfWork, last_block_kept: int) -> None:
        raise RuntimeError("a subject cannot follow")

    world.registry.on_rewind(refuse)
    world.chain.node.request("anvil_reorg", 1, [])
    with pytest.raises(RuntimeError, match="cannot follow"):
        world.until(lambda: False, world.indexer.run_once)
    assert world.posted(payee.address) == 100
    world.check_books()


def test_a_projection_that_fails_undoes_its_whole_range(world: World) -> None:
    payer, payee = world.funded_pair()
    before = world.event_names()
    broken = Indexer(world.engine, world.chain.access, world.registry, world.clock)

    def refuse(work: UnitOfWork, event: object) -> None:
        raise RuntimeError("a subject cannot follow")

    world.store(world.payment(payer, payee, 100))
    block = world.chain.access.client.block_number()
    world.sender.broadcast_stored()
    world.until(lambda: world.chain.access.client.block_number() > block, lambda: None)
    world.registry.on_event("PaymentSettled", refuse)
    with pytest.raises(RuntimeError, match="cannot follow"):
        broken.run_once()
    assert world.event_names() == before
    assert world.posted(payee.address) == 0


def test_two_indexers_copy_each_event_once(world: World) -> None:
    other = World(world.engine, world.chain)
    payer, payee = world.person(), world.merchant()
    world.attest(1_000_000)
    world.fund(payer, 10_000)

    def both() -> None:
        world.runner.run_once()
        world.indexer.run_once()
        other.indexer.run_once()

    world.until(lambda: world.waiting() == 0, both)
    for _ in range(5):
        world.store(world.payment(payer, payee, 100))
    world.sender.broadcast_stored()
    world.until(lambda: world.waiting() == 0, both)
    assert world.event_names().count("PaymentSettled") == 5
    assert len(world.seen) + len(other.seen) == 2 + 1 + 5
    world.check_books(payer, payee)


def test_blocks_that_are_not_deep_enough_are_not_read(sqlite_world: World) -> None:
    world = sqlite_world
    deep = dataclasses.replace(world.chain.access.profile, finality_depth=3)
    access = ChainAccess(world.chain.access.client, world.chain.access.codec, world.chain.deployment, deep)
    indexer = Indexer(world.engine, access, world.registry, world.clock)
    receipt = world.chain.send("REGISTRAR", "enrol", ["0x" + "31" * 20, 1, 3, 0, 0])
    indexer.catch_up()
    assert "MemberEnrolled" not in world.event_names()
    for _ in range(3):
        world.chain.node.request("evm_mine")
    indexer.catch_up()
    assert "MemberEnrolled" in world.event_names()
    with world.engine.connect() as connection:
        assert connection.execute(select(func.max(blocks.c.number))).scalar_one() == int(
            receipt["blockNumber"], 16
        )


def test_what_others_do_on_the_ledger_is_in_the_books_too(world: World) -> None:
    payer, payee = world.funded_pair()
    signed = world.payment(payer, payee, 250)
    world.chain.send("RELAYER", "pay", [_fields(signed.message), signed.signature])
    world.run_until_idle()
    (event,) = [event for event in world.seen if event.name == "PaymentSettled"]
    assert event.chain_transaction_id is None
    world.check_books(payer, payee)


def _fields(message: object) -> list[object]:
    return list(dataclasses.astuple(message))  # type: ignore[call-overload]


def test_a_rebuild_of_an_honest_copy_finds_no_difference(world: World) -> None:
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 100), world.payment(payer, payee, 200))
    world.run_until_idle()
    assert rebuild(world.engine, world.indexer) == []
    assert world.transaction_state(transaction_id) == "mined"
    assert world.waiting() == 0
    world.check_books(payer, payee)


CORRUPTIONS = {
    "a balance raised by hand": lambda connection, address: connection.execute(
        update(balances).where(balances.c.account == address).values(posted_cents=balances.c.posted_cents + 1)
    ),
    "a posting removed": lambda connection, address: connection.execute(
        delete(postings).where(postings.c.account == address)
    ),
    "an event removed": lambda connection, address: connection.execute(
        delete(chain_events).where(chain_events.c.name == "PaymentSettled")
    ),
    "an event doubled": lambda connection, address: connection.execute(
        text(
            "INSERT INTO chain_events (block_number, log_index, transaction_hash, name, arguments) "
            "SELECT block_number, log_index + 1000, transaction_hash, name, arguments FROM chain_events "
            "WHERE name = 'PaymentSettled'"
        )
    ),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_rebuild_names_what_was_wrong_and_puts_it_right(world: World, corruption: str) -> None:
    payer, payee = world.funded_pair()
    world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    with UnitOfWork(world.engine) as work, postings_may_be_deleted(work.connection):
        CORRUPTIONS[corruption](work.connection, payee.address)
    assert rebuild(world.engine, world.indexer) != []
    world.check_books(payer, payee)
    assert rebuild(world.engine, world.indexer) == []


def test_a_copy_without_its_node_says_so_within_bounded_time(sqlite_world: World) -> None:
    world = sqlite_world
    profile = dataclasses.replace(
        world.chain.access.profile, rpc_urls=("http://127.0.0.1:9",), request_timeout_s=0.5
    )
    access = dataclasses.replace(
        world.chain.access, client=type(world.chain.access.client)(profile), profile=profile
    )
    with pytest.raises(ChainUnavailable):
        Indexer(world.engine, access, world.registry, world.clock).run_once()


def test_stored_to_mined_keeps_where_and_when(world: World) -> None:
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    with world.engine.connect() as connection:
        row = connection.execute(
            select(chain_transactions).where(chain_transactions.c.id == transaction_id)
        ).one()
    node_block = world.chain.access.client.request("eth_getBlockByNumber", hex(row.block_number), False)
    assert node_block["transactions"][row.block_position] == row.transaction_hash
    assert int(node_block["timestamp"], 16) == row.block_timestamp_unix_s
    assert row.gas_used > 21_000
