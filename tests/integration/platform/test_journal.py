"""The journal: one chain however many write at once, and any change to it is seen."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import DatabaseError

from wallet_service.database.tables.supervision import journal as journal_table
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import GENESIS_HASH, SERVICE, Actor, Filter, Journal, Subject
from wallet_service.protocol.clock import VirtualClock

OFFICER = Actor("officer", "O1")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_795_500_000_000)


@pytest.fixture
def journal(clock: VirtualClock) -> Journal:
    return Journal(clock)


def write(engine: Engine, journal: Journal, count: int) -> None:
    for number in range(count):
        with UnitOfWork(engine) as work:
            journal.append(
                work.connection,
                OFFICER,
                "member.frozen",
                Subject("member", f"M{number}"),
                ground="Réquisition n° 12",
                details={"number": number},
            )


def test_each_entry_follows_the_one_before(engine: Engine, journal: Journal) -> None:
    write(engine, journal, 3)
    with engine.connect() as connection:
        newest, middle, oldest = journal.entries(connection, Filter())
        assert oldest.previous_hash == GENESIS_HASH
        assert (middle.previous_hash, newest.previous_hash) == (oldest.hash, middle.hash)
        verified = journal.verify(connection)
    assert (verified.entries, verified.head_hash, verified.broken_at) == (3, newest.hash, None)


def test_an_act_that_is_rolled_back_leaves_no_entry(engine: Engine, journal: Journal) -> None:
    def stop_and_fail() -> None:
        with UnitOfWork(engine) as work:
            journal.append(work.connection, SERVICE, "payments.stopped")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stop_and_fail()
    with engine.connect() as connection:
        assert journal.entries(connection, Filter()) == []


def test_writers_at_once_make_one_chain(engine: Engine, journal: Journal) -> None:
    threads = [threading.Thread(target=write, args=(engine, journal, 8)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        verified = journal.verify(connection)
    assert (verified.entries, verified.broken_at) == (40, None)


def test_a_forged_entry_is_found(engine: Engine, journal: Journal) -> None:
    write(engine, journal, 2)
    with engine.begin() as connection:
        forged = {
            "at_unix_ms": 1,
            "actor_kind": "officer",
            "actor_id": "O9",
            "act": "payments.resumed",
            "details": {},
            "previous_hash": journal.entries(connection, Filter(), 1)[0].hash,
            "hash": "0x" + "ab" * 32,
        }
        result = connection.execute(insert(journal_table).values(**forged))
        assert result.inserted_primary_key is not None
        forged_id = result.inserted_primary_key[0]
    write(engine, journal, 1)
    with engine.connect() as connection:
        assert journal.verify(connection).broken_at == forged_id


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal SET ground = 'other' WHERE id = 1", "DELETE FROM journal WHERE id = 1"],
)
def test_sql_itself_refuses_to_change_an_entry(engine: Engine, journal: Journal, statement: str) -> None:
    write(engine, journal, 1)
    with pytest.raises(DatabaseError), engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_entries_are_filtered_and_paged(engine: Engine, journal: Journal, clock: VirtualClock) -> None:
    write(engine, journal, 2)
    clock.advance_ms(1000)
    with UnitOfWork(engine) as work:
        journal.append(work.connection, SERVICE, "payments.stopped")
    with engine.connect() as connection:
        assert [e.act for e in journal.entries(connection, Filter(act="payments.stopped"))] == [
            "payments.stopped"
        ]
        assert len(journal.entries(connection, Filter(actor_id="O1"))) == 2
        assert len(journal.entries(connection, Filter(subject=Subject("member", "M1")))) == 1
        assert len(journal.entries(connection, Filter(until_unix_ms=clock.now_unix_ms()))) == 2
        assert len(journal.entries(connection, Filter(from_unix_ms=clock.now_unix_ms()))) == 1
        newest = journal.entries(connection, Filter(), 1)[0]
        assert len(journal.entries(connection, Filter(before_id=newest.id))) == 2


def test_a_ground_that_is_too_long_is_refused(engine: Engine, journal: Journal) -> None:
    with pytest.raises(ValueError, match="300"), UnitOfWork(engine) as work:
        journal.append(work.connection, SERVICE, "x", ground="x" * 301)
