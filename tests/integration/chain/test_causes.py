"""What is on chain without a cause in SQL is an alarm and stops issuing; what has one never is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, update

from tests.support.chain_world import Person, World
from wallet_service.chain.sending import causes
from wallet_service.chain.sending.causes import ACCEPTED_ACT, TRANSACTION_SUBJECT, CauseWatch, Unexplained
from wallet_service.chain.sending.command_runner import CommandRunner
from wallet_service.database.tables import bank, members
from wallet_service.database.tables.chain import balances
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.protocol.text.identifiers import new_id, new_ref

pytestmark = pytest.mark.chain

RESERVE_CENTS = 10_000_000


def _watch(world: World) -> CauseWatch:
    return CauseWatch(world.engine, world.chain.access, world.chain.keys)


def _credit(world: World, person: Person, amount_cents: int, ref: str) -> None:
    """What the bank's side writes before it queues a mint."""
    statement_id, entry_id, member_id = new_id(), new_id(), new_id()
    zero = "0x" + "00" * 32
    rows: list[tuple[Any, dict[str, Any]]] = [
        (
            members.members,
            {
                "id": member_id,
                "kind": "resident",
                "tier": "verified",
                "state": "active",
                "account_address": person.address,
                "language": "fr",
                "created_at_unix_ms": 0,
            },
        ),
        (
            bank.bank_statements,
            {
                "id": statement_id,
                "file_sha256": "0" * 64,
                "file_name": "statement.xml",
                "message_id": statement_id,
                "statement_id": statement_id,
                "iban": "FR7699999000010000000015441",
                "opening_cents": 0,
                "closing_cents": amount_cents,
                "entries_count": 1,
                "content_hash": zero,
                "as_of_unix_s": 0,
                "received_at_unix_ms": 0,
            },
        ),
        (
            bank.bank_entries,
            {
                "id": entry_id,
                "bank_statement_id": statement_id,
                "servicer_reference": entry_id,
                "confirmed_statement_id": statement_id,
                "entry_key": entry_id,
                "direction": "CRDT",
                "amount_cents": amount_cents,
                "booked_on": "2026-11-29",
                "state": "topup",
            },
        ),
        (
            bank.topups,
            {
                "id": new_id(),
                "bank_entry_id": entry_id,
                "member_id": member_id,
                "amount_cents": amount_cents,
                "mint_ref": ref,
                "state": "minting",
                "matched_at_unix_ms": 0,
            },
        ),
    ]
    with UnitOfWork(world.engine) as work:
        for table, values in rows:
            work.connection.execute(insert(table).values(**values))


def _credited(world: World, amount_cents: int = 50_000) -> Person:
    """Somebody whose money has a cause."""
    person = world.person()
    world.attest(RESERVE_CENTS)
    _credit(world, person, amount_cents, world.fund(person, amount_cents))
    world.run_until_idle()
    return person


def _plant_mint(world: World, person: Person, amount_cents: int, ref: str | None = None) -> str:
    """As an intruder at the node does it: the issuer impersonated, nothing in SQL. The transaction's hash."""
    node, issuer = world.chain.node, world.chain.keys.address("ISSUER")
    data = world.chain.access.codec.call_data("mint", [person.address, amount_cents, ref or new_ref()])
    call = {"from": issuer, "to": world.chain.deployment.ledger, "data": "0x" + data.hex()}
    node.request("anvil_impersonateAccount", issuer)
    sent = node.request("eth_sendTransaction", {**call, "gas": hex(1_000_000), "gasPrice": "0x0"})
    node.request("anvil_stopImpersonatingAccount", issuer)
    assert node.request("eth_getTransactionReceipt", sent)["status"] == "0x1"
    world.indexer.catch_up()
    return str(sent)


def test_a_town_at_work_has_a_cause_for_everything(world: World) -> None:
    watch = _watch(world)
    payer, payee = _credited(world), world.merchant()
    for amount_cents in (100, 200, 300):
        world.run_until_idle()
        world.store(world.payment(payer, payee, amount_cents))
    world.run_until_idle()
    world.redemption(payee, 150)
    world.run_until_idle()
    assert watch.run_once() == 0
    assert watch.found() == frozenset()
    assert watch.may_issue()


def test_a_planted_mint_is_an_alarm_and_stops_issuing(world: World) -> None:
    person, watch = _credited(world), _watch(world)
    assert watch.run_once() == 0
    planted = _plant_mint(world, person, 5_000)
    assert watch.run_once() > 0
    assert {Unexplained("mint", planted), Unexplained("transaction", planted)} <= watch.found()
    assert not watch.is_clear()

    keys, clock = world.chain.keys, world.clock
    runner = CommandRunner(
        world.engine,
        world.chain.access,
        keys,
        world.sender,
        world.registry,
        clock,
        None,
        watch.may_issue,
        quarantine=world.quarantine,
    )
    world.fund(person, 100)
    world.person()
    for _ in range(3):
        runner.run_once()
        world.sender.run_once()
        world.indexer.catch_up()
    assert world.waiting() == 1  # the mint waits; the enrolment behind it does not
    assert world.on_chain(person.address) == 55_000

    hidden = _plant_mint(world, person, 1)
    for transaction_hash in (planted, hidden):
        with UnitOfWork(world.engine) as work:
            subject = Subject(TRANSACTION_SUBJECT, transaction_hash)
            Journal(world.clock).append(work.connection, SERVICE, ACCEPTED_ACT, subject, ground="an exercise")
    watch.run_once()
    assert {one.kind for one in watch.found()} <= {"nonce"}  # until the key's own next transaction


def test_a_planted_mint_is_seen_after_a_restart_before_anything_is_minted(sqlite_world: World) -> None:
    person = _credited(sqlite_world)
    _plant_mint(sqlite_world, person, 5_000)
    assert not _watch(sqlite_world).may_issue()


@pytest.mark.parametrize("what", ["amount", "receiver"])
def test_a_mint_under_a_credits_reference_must_be_that_credit(sqlite_world: World, what: str) -> None:
    world, ref = sqlite_world, new_ref()
    _credited(world)
    rightful, other = world.person(), world.person()
    world.run_until_idle()
    _credit(world, rightful, 700, ref)
    receiver, amount_cents = (rightful, 701) if what == "amount" else (other, 700)
    planted = _plant_mint(world, receiver, amount_cents, ref)
    watch = _watch(world)
    watch.run_once()
    assert Unexplained("mint", planted) in watch.found()


def test_a_key_of_ours_used_by_another_is_an_alarm(sqlite_world: World) -> None:
    """Even where the intruder puts the nonce back afterwards."""
    world = sqlite_world
    _credited(world)
    registrar = world.chain.keys.address("REGISTRAR")
    nonce = world.chain.access.client.transaction_count(registrar)
    receipt = world.chain.send("REGISTRAR", "enrol", ["0x" + "42" * 20, 1, 3, 0, 0])
    world.indexer.catch_up()
    watch = _watch(world)
    watch.run_once()
    both = {Unexplained("nonce", "REGISTRAR"), Unexplained("transaction", receipt["transactionHash"])}
    assert watch.found() == both
    world.chain.node.request("anvil_setNonce", registrar, hex(nonce))
    watch.run_once()
    assert watch.found() == {Unexplained("transaction", receipt["transactionHash"])}


@pytest.mark.parametrize("kind", ["supply", "balance", "reserve"])
def test_a_state_no_event_explains_is_an_alarm_until_it_is_right_again(
    sqlite_world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    watch = _watch(world)
    _credited(world)
    assert watch.run_once() == 0
    real = world.chain.access.codec.result

    def changed(function: str, data: str) -> Any:
        answer = real(function, data)
        if function == {"supply": "totalSupply", "balance": "balanceOf"}.get(kind):
            return answer + 1
        if function == kind == "reserve":
            return {**answer, "amount": answer["amount"] + 1}
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(world.chain.access.codec, "result", changed)
        watch.run_once()
        assert {one.kind for one in watch.found()} == {kind}
    for _ in range(2):  # balances are looked at in turns
        watch.run_once()
    assert watch.is_clear()


def test_sql_that_says_another_balance_is_an_alarm(sqlite_world: World) -> None:
    world = sqlite_world
    person, watch = _credited(world), _watch(world)
    with UnitOfWork(world.engine) as work:
        work.connection.execute(
            update(balances).where(balances.c.account == person.address).values(posted_cents=50_001)
        )
    watch.run_once()
    assert watch.found() == {Unexplained("balance", person.address)}


def test_many_balances_are_looked_at_in_turns(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "BALANCES_A_LOOK", 2)
    world = sqlite_world
    payer = _credited(world)
    payees = [world.merchant() for _ in range(5)]
    world.run_until_idle()
    for payee in payees:
        world.store(world.payment(payer, payee, 100))
    world.run_until_idle()
    wrong = max(one.address for one in [*payees, payer])
    with UnitOfWork(world.engine) as work:
        work.connection.execute(update(balances).where(balances.c.account == wrong).values(posted_cents=1))
    watch = _watch(world)
    for _ in range(3):
        watch.run_once()
    assert watch.found() == {Unexplained("balance", wrong)}
    for _ in range(4):
        watch.run_once()
        assert watch.found() == {Unexplained("balance", wrong)}


def test_what_was_rewound_away_is_read_again(sqlite_world: World) -> None:
    world = sqlite_world
    person, watch = _credited(world), _watch(world)
    snapshot = world.chain.node.request("evm_snapshot")
    _plant_mint(world, person, 5_000)
    watch.run_once()
    assert not watch.is_clear()
    assert world.chain.node.request("evm_revert", snapshot) is True
    world.chain.node.request("evm_mine")
    world.until(lambda: world.rewound_to != [])
    world.indexer.catch_up()
    watch.run_once()
    assert watch.is_clear()
