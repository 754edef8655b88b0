"""Stored bytes, and only they, carry payments to the chain: exactly once, whatever dies in between."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from tests.support.chain_world import World
from wallet_service.chain.errors import SettlementTooLarge
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.sending import sender as sender_module
from wallet_service.chain.sending.sender import Sender
from wallet_service.database.tables.chain import chain_transactions, postings
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.signing.addresses import address_bytes

pytestmark = pytest.mark.chain


def test_a_batch_pays_the_good_items_and_reports_the_bad_one(world: World) -> None:
    payer, payee = world.funded_pair(1_000)
    good, poor, late = (
        world.payment(payer, payee, 400),
        world.payment(payer, payee, 700),
        world.payment(payer, payee, 100, valid_before=1),
    )
    transaction_id = world.store(good, poor, late)
    world.run_until_idle()
    assert world.transaction_state(transaction_id) == "mined"
    settled = [event for event in world.seen if event.name == "PaymentSettled"]
    skipped = [event for event in world.seen if event.name == "PaymentSkipped"]
    assert [event.arguments["ref"] for event in settled] == [good.message.ref]
    codec = world.chain.access.codec
    assert {event.arguments["ref"]: codec.error_name(event.arguments["reason"]) for event in skipped} == {
        poor.message.ref: "ERC20InsufficientBalance",
        late.message.ref: "Expired",
    }
    assert {event.chain_transaction_id for event in (*settled, *skipped)} == {transaction_id}
    assert world.posted(payee.address) == 400
    world.check_books(payer, payee)


def test_every_movement_has_its_kind_and_reference(world: World) -> None:
    payer, payee = world.funded_pair(5_000)
    paid = world.payment(payer, payee, 3_000)
    world.store(paid)
    world.run_until_idle()
    burned, returned = world.redemption(payee, 1_000), world.redemption(payee, 500)
    world.run_until_idle()
    assert world.posted(world.chain.deployment.ledger) == 1_500
    world.queue("attestOutcome", [burned, True], "ATTESTER")
    world.queue("attestOutcome", [returned, False], "ATTESTER")
    world.queue("completeRedemption", [burned], "ISSUER")
    world.queue("returnRedemption", [returned, "0x" + "aa" * 32], "ISSUER")
    world.run_until_idle()
    with world.engine.connect() as connection:
        found = connection.execute(
            select(postings.c.kind, postings.c.ref, postings.c.amount_cents)
            .where(postings.c.leg == 1)
            .order_by(postings.c.block_number, postings.c.log_index)
        ).all()
    assert [row.kind for row in found] == ["mint", "payment", "lock", "lock", "burn", "return"]
    assert [row.ref for row in found][1:] == [paid.message.ref, burned, returned, burned, returned]
    assert world.posted(payee.address) == 2_000
    assert -world.posted("0x" + "0" * 40) == world.chain.reader().supply_cents() == 4_000
    world.check_books(payer, payee)


def test_stored_but_not_broadcast_is_sent_by_the_next_process(world: World) -> None:
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 100))
    restarted = World(world.engine, world.chain)  # the first process died right after its commit
    restarted.run_until_idle()
    assert restarted.transaction_state(transaction_id) == "mined"
    assert restarted.reverted_settlements == []
    assert restarted.posted(payee.address) == 100
    restarted.check_books(payer, payee)


def test_broadcast_but_not_mined_is_sent_again_and_mined_once(world: World) -> None:
    payer, payee = world.funded_pair()
    node = world.chain.node
    node.wire.makes_blocks = False
    try:
        transaction_id = world.store(world.payment(payer, payee, 100))
        assert world.sender.broadcast_stored() == 1
        restarted = World(world.engine, world.chain)
        assert restarted.sender.broadcast_stored() == 1  # "already imported" is success
        node.request("evm_mine")
    finally:
        node.wire.makes_blocks = True
    restarted.run_until_idle()
    assert restarted.transaction_state(transaction_id) == "mined"
    assert restarted.reverted_settlements == []
    assert restarted.posted(payee.address) == 100


def test_mined_but_not_indexed_is_not_sent_twice(world: World) -> None:
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 100))
    before = world.chain.access.client.block_number()
    world.sender.broadcast_stored()
    world.until(lambda: world.chain.access.client.block_number() > before, world.sender.forget_sent)
    restarted = World(world.engine, world.chain)
    assert restarted.sender.broadcast_stored() == 0  # "nonce too low", and the node knows our hash
    restarted.run_until_idle()
    assert restarted.transaction_state(transaction_id) == "mined"
    assert restarted.reverted_settlements == []
    assert restarted.posted(payee.address) == 100


def test_a_foreign_transaction_of_our_key_displaces_and_the_work_is_done_with_new_bytes(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    monkeypatch.setattr(sender_module, "DISPLACED_AFTER_S", 0.0)
    monkeypatch.setattr(sender_module, "REBROADCAST_AFTER_S", 0.0)
    payer, payee = world.funded_pair()
    settlement = world.store(world.payment(payer, payee, 100))
    keys, client = world.chain.keys, world.chain.access.client
    foreign = keys.sign(
        "RELAYER",
        {
            "nonce": client.transaction_count(keys.address("RELAYER")),
            "gasPrice": 0,
            "gas": 21_000,
            "to": address_bytes(payer.address),
            "value": 0,
            "data": b"",
            "chainId": client.chain_id,
        },
    )
    client.request("eth_sendRawTransaction", "0x" + foreign.raw.hex())
    world.until(lambda: client.request("eth_getTransactionReceipt", foreign.transaction_hash) is not None)
    world.until(lambda: world.transaction_state(settlement) == "displaced")
    assert world.reverted_settlements == [settlement]
    again = world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    assert world.transaction_state(again) == "mined"
    assert world.posted(payee.address) == 100


def test_a_batch_that_runs_out_of_gas_is_told_as_reverted(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    payer, payee = world.funded_pair()
    monkeypatch.setattr(sender_module, "GAS_PER_SETTLEMENT", 30_000)
    monkeypatch.setattr(Sender, "_gas_of", lambda self, payment: 10_000)
    transaction_id = world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    assert world.transaction_state(transaction_id) == "reverted"
    assert world.reverted_settlements == [transaction_id]
    assert world.posted(payee.address) == 0


def test_settlers_storing_at_once_take_different_nonces(world: World) -> None:
    payer, payee = world.funded_pair()
    signed = [world.payment(payer, payee, 10) for _ in range(8)]
    worlds = [World(world.engine, world.chain) for _ in range(4)]
    failures: list[BaseException] = []

    def run(own: World, place: int) -> None:
        try:
            own.store(signed[place])
            own.store(signed[place + 4])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(own, place)) for place, own in enumerate(worlds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    world.run_until_idle()
    with world.engine.connect() as connection:
        nonces = list(
            connection.execute(
                select(chain_transactions.c.nonce)
                .where(chain_transactions.c.purpose == "settle")
                .order_by(chain_transactions.c.nonce)
            ).scalars()
        )
    assert nonces == list(range(nonces[0], nonces[0] + 8))
    assert world.posted(payee.address) == 80


def test_a_rolled_back_unit_of_work_leaves_no_gap(world: World) -> None:
    payer, payee = world.funded_pair()

    def fail_after_storing() -> None:
        with UnitOfWork(world.engine) as work:
            world.sender.store_settlement(work.connection, [world.payment(payer, payee, 10)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_storing()
    world.store(world.payment(payer, payee, 20))
    world.run_until_idle()
    assert world.posted(payee.address) == 20


def test_a_batch_is_bounded_by_gas_and_by_the_contract(sqlite_world: World) -> None:
    world = sqlite_world
    payer, payee = world.funded_pair()
    one = world.payment(payer, payee, 10)
    many = [one] * 201
    fitting = world.sender.fitting(many)
    profile = world.chain.access.profile
    assert fitting == (profile.max_batch_gas - 200_000) // profile.gas_per_payment["p256"]
    with pytest.raises(SettlementTooLarge):
        world.store(*many[: fitting + 1])


def test_the_largest_batch_stays_inside_its_gas(sqlite_world: World) -> None:
    world = sqlite_world
    payer, _ = world.funded_pair(100_000)
    newcomers = [world.person() for _ in range(100)]
    world.run_until_idle()
    transaction_id = world.store(*[world.payment(payer, one, 10) for one in newcomers])
    world.run_until_idle()
    assert world.transaction_state(transaction_id) == "mined"
    assert sum(world.posted(one.address) for one in newcomers) == 1_000


def test_nothing_is_stored_before_the_keys_nonce_is_known(sqlite_world: World) -> None:
    world = sqlite_world
    payer, payee = world.funded_pair()
    fresh = Sender(
        world.engine, world.chain.access, world.chain.keys, world.registry, world.clock, world.quarantine
    )  # has not asked the node yet
    with pytest.raises(ChainUnavailable), UnitOfWork(world.engine) as work:
        fresh.store_settlement(work.connection, [world.payment(payer, payee, 10)])
    assert world.waiting() == 0


def test_a_node_that_is_away_costs_only_time(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = sqlite_world
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 10))

    def away(self: NodeClient, calls: object) -> list[object]:
        raise ChainUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(NodeClient, "batch", away)
        assert world.sender.broadcast_stored() == 0
        assert world.runner.run_once() == 0
        with pytest.raises(ChainUnavailable):
            world.indexer.run_once()
    world.run_until_idle()
    assert world.transaction_state(transaction_id) == "mined"
