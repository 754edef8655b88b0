"""A stored transaction whose bytes were changed in SQL: it is written anew, what waits for it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select, update
from typer.testing import CliRunner

from tests.support.chain_world import World
from wallet_service.chain.ports import SignedPayment
from wallet_service.chain.sending.renewal import Renewal, RenewalRefused, Renewer
from wallet_service.chain.sending.sender import RELAYER, Call
from wallet_service.command_line import application
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.tables.quarantine import quarantined_rows
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform import quarantine
from wallet_service.platform.journal import Filter, Journal, Subject
from wallet_service.platform.quarantine import RowKind

pytestmark = pytest.mark.chain
OTHER_HASH = "0x" + "5a" * 32


class Books:
    """What SQL says each settlement carries, in place of the payments' table."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._carried: dict[int, Sequence[SignedPayment]] = {}
        access, keys = world.chain.access, world.chain.keys
        self._renewer = Renewer(world.engine, access, keys, world.sender, self._payments)

    def _payments(self, connection: Connection, transaction_id: int) -> Sequence[SignedPayment]:
        return self._carried.get(transaction_id, ())

    def store(self, *payments: SignedPayment) -> int:
        transaction_id = self.world.store(*payments)
        self._carried[transaction_id] = payments
        return transaction_id

    def forget(self, transaction_id: int) -> None:
        del self._carried[transaction_id]

    def renew(self, transaction_id: int) -> Renewal:
        return self._renewer.renew(transaction_id, self._release)

    @staticmethod
    def _release(work: UnitOfWork, renewal: Renewal) -> None:
        quarantine.release(work, RowKind.TRANSACTION, _only_aside(work.connection))

    def row(self, transaction_id: int) -> Row[Any]:
        chosen = select(chain_transactions).where(chain_transactions.c.id == transaction_id)
        with self.world.engine.connect() as connection:
            return connection.execute(chosen).one()

    def change(self, transaction_id: int, **values: object) -> None:
        chosen = update(chain_transactions).where(chain_transactions.c.id == transaction_id)
        with UnitOfWork(self.world.engine) as work:
            work.connection.execute(chosen.values(**values))

    def spoil(self, transaction_id: int, place: int = 60) -> None:
        raw = bytearray(self.row(transaction_id).raw)
        raw[place] ^= 1
        self.change(transaction_id, raw=bytes(raw))

    def aside(self) -> list[str]:
        with self.world.engine.connect() as connection:
            return list(connection.execute(select(quarantined_rows.c.row_key)).scalars())


def _only_aside(connection: Connection) -> str:
    return str(connection.execute(select(quarantined_rows.c.row_key)).scalar_one())


@pytest.fixture
def books(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr("wallet_service.chain.sending.sender.REBROADCAST_AFTER_S", 0.0)
    return Books(sqlite_world)


def test_a_settlement_gets_the_very_bytes_back_that_were_signed_and_those_behind_it_go_on(
    books: Books,
) -> None:
    world = books.world
    payer, payee = world.funded_pair(50_000)
    spoilt = books.store(world.payment(payer, payee, 10), world.payment(payer, payee, 20))
    behind = books.store(world.payment(payer, payee, 40))
    sound = books.row(spoilt)
    books.spoil(spoilt)
    world.sender.broadcast_stored()
    world.indexer.catch_up()
    assert books.aside() == [str(spoilt)]
    assert world.transaction_state(behind) == "stored", "the key's next number is missing"

    assert books.renew(spoilt) is Renewal.BYTES
    assert books.row(spoilt) == sound
    assert books.aside() == []
    world.run_until_idle()
    assert [world.transaction_state(each) for each in (spoilt, behind)] == ["mined", "mined"]
    assert world.on_chain(payee.address) == 70
    world.check_books(payer, payee)


def test_a_changed_hash_is_made_right_by_the_bytes_that_the_key_has_signed(books: Books) -> None:
    world = books.world
    payer, payee = world.funded_pair(50_000)
    spoilt = books.store(world.payment(payer, payee, 10))
    sound = books.row(spoilt)
    books.change(spoilt, transaction_hash=OTHER_HASH)
    assert world.sender.broadcast_stored() == 0
    assert books.renew(spoilt) is Renewal.HASH
    assert books.row(spoilt) == sound
    world.run_until_idle()
    assert world.on_chain(payee.address) == 10


def test_the_command_says_what_it_did_and_writes_who_answers_for_it(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = books.world
    payer, payee = world.funded_pair(50_000)
    spoilt = books.store(world.payment(payer, payee, 10))
    books.change(spoilt, transaction_hash=OTHER_HASH)
    world.sender.broadcast_stored()
    access, keys, journal = world.chain.access, world.chain.keys, Journal(world.clock)
    parts = SimpleNamespace(access=access, keys=keys, sender=world.sender)
    services = SimpleNamespace(engine=world.engine, node=None, chain_parts=parts, journal=journal)
    monkeypatch.setattr("wallet_service.command_line._services", lambda: services)
    words = ["renew-transaction", str(spoilt), "--ground", "octet perdu, vu par Camille"]
    first, second = (CliRunner().invoke(application, words) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 1), first.output + second.output
    assert Renewal.HASH in first.output
    assert "those that were signed" in second.output
    assert books.aside() == []
    with world.engine.connect() as connection:
        (entry,) = journal.entries(connection, Filter(act="transaction.renewed"))
    assert (entry.subject, entry.ground) == (Subject("transaction", str(spoilt)), words[-1])


def test_a_command_is_signed_anew_under_its_number(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    world = books.world
    with monkeypatch.context() as still:  # stored, and not sent yet
        still.setattr(world.sender, "broadcast_stored", lambda: 0)
        people = [world.person() for _ in range(2)]
        world.runner.run_once()
        with world.engine.connect() as connection:
            (spoilt,) = connection.execute(select(chain_transactions.c.id)).scalars()
        later = world.merchant()
        world.runner.run_once()
    before = books.row(spoilt)
    assert before.purpose == "enrolMany"
    books.spoil(spoilt)
    world.sender.broadcast_stored()
    assert books.renew(spoilt) is Renewal.ANEW
    after = books.row(spoilt)
    assert (after.nonce, after.purpose) == (before.nonce, before.purpose)
    assert after.transaction_hash != before.transaction_hash
    world.run_until_idle()
    kinds = [world.chain.reader().account(each.address).kind for each in (*people, later)]
    assert kinds == ["resident", "resident", "merchant"]


def test_what_carries_nothing_gives_its_number_to_an_empty_transaction(books: Books) -> None:
    world = books.world
    payer, payee = world.funded_pair(50_000)
    with UnitOfWork(world.engine) as work:
        own = bytes.fromhex(world.chain.keys.address(RELAYER)[2:])
        call = Call(b"the head of the journal", 60_000, own)
        spoilt = world.sender.store(work.connection, RELAYER, call, "anchorJournal")
    books.store(world.payment(payer, payee, 40))
    books.spoil(spoilt)
    world.sender.broadcast_stored()
    assert books.renew(spoilt) is Renewal.EMPTY
    assert books.row(spoilt).purpose == "empty"
    world.run_until_idle()
    assert world.transaction_state(spoilt) == "mined"
    assert world.on_chain(payee.address) == 40


def test_nothing_is_signed_anew_that_a_node_may_still_mine(books: Books) -> None:
    """Its payments are not those of SQL any more, so other bytes would come out."""
    world = books.world
    payer, payee = world.funded_pair(50_000)
    spoilt = books.store(world.payment(payer, payee, 10))
    sound = books.row(spoilt)
    world.sender.broadcast_stored()
    books.spoil(spoilt)
    books.forget(spoilt)
    with pytest.raises(RenewalRefused, match="a node has the transaction"):
        books.renew(spoilt)
    assert books.row(spoilt).transaction_hash == sound.transaction_hash
    world.run_until_idle()
    assert world.on_chain(payee.address) == 10


def test_only_a_damaged_stored_row_is_renewed(books: Books) -> None:
    world = books.world
    payer, payee = world.funded_pair(50_000)
    sound = books.store(world.payment(payer, payee, 10))
    with pytest.raises(RenewalRefused, match="those that were signed"):
        books.renew(sound)
    with pytest.raises(RenewalRefused, match="no stored transaction"):
        books.renew(sound + 1)
    world.run_until_idle()
    books.spoil(sound)
    with pytest.raises(RenewalRefused, match="no stored transaction"):  # mined: its bytes are the chain's now
        books.renew(sound)


def test_bytes_copied_from_another_row_are_not_taken_for_its_own(books: Books) -> None:
    world = books.world
    payer, payee = world.funded_pair(50_000)
    first, second = (books.store(world.payment(payer, payee, amount)) for amount in (10, 20))
    books.change(second, raw=books.row(first).raw)
    world.sender.broadcast_stored()
    assert books.renew(second) is Renewal.BYTES
    world.run_until_idle()
    assert world.on_chain(payee.address) == 30
