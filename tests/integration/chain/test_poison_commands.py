"""Commands and stored transactions that cannot be read: set aside, and what stands behind them goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select, text, update

from tests.support.chain_world import World
from wallet_service.chain.ports import FailedCommand
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.tables.quarantine import quarantined_rows
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.security.roles import Role


def set_aside(world: World) -> list[tuple[str, str]]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(quarantined_rows.c.kind, quarantined_rows.c.row_key))
        return [(row.kind, row.row_key) for row in rows]


def failure_of(world: World, command_id: int) -> str:
    with world.engine.connect() as connection:
        chosen = select(chain_commands.c.failure).where(chain_commands.c.id == command_id)
        return str(connection.execute(chosen).scalar_one())


def test_a_command_that_is_no_json_is_failed_and_the_next_is_sent(sqlite_world: World) -> None:
    """PostgreSQL keeps such text out of a JSON column by itself."""
    world = sqlite_world
    person = world.person()
    with world.engine.connect() as connection:
        (poison,) = connection.execute(select(chain_commands.c.id)).scalars()
    with UnitOfWork(world.engine) as work:
        work.connection.execute(text("update chain_commands set arguments = '{not json'"))
    other = world.person()
    world.run_until_idle()
    assert world.chain.reader().account(other.address).kind == "resident"
    assert world.chain.reader().account(person.address).kind == "none"
    assert set_aside(world) == [("command", str(poison))]
    with world.engine.connect() as connection:
        chosen = select(chain_commands.c.failure, chain_commands.c.state).where(chain_commands.c.id == poison)
        assert tuple(connection.execute(chosen).one()) == ("unreadable", "failed")


@pytest.mark.parametrize(
    ("kind", "role", "arguments"),
    [
        ("enrol", "REGISTRAR", {"no": "list"}),
        ("enrol", "REGISTRAR", [7, [], 3, 4, 5]),
        ("mint", "ISSUER", ["0x" + "11" * 20, 1, 5]),
    ],
)
def test_a_command_whose_arguments_fit_nothing_is_refused_and_its_subject_told(
    world: World, kind: str, role: Role, arguments: object
) -> None:
    poison = world.queue(kind, [], role)
    with UnitOfWork(world.engine) as work:
        work.connection.execute(
            update(chain_commands).where(chain_commands.c.id == poison).values(arguments=arguments)
        )
    other = world.person()
    world.run_until_idle()
    assert world.chain.reader().account(other.address).kind == "resident"
    assert [(each.id, each.error_name) for each in world.failed] == [(poison, "ArgumentsInvalid")]


def test_a_subject_that_cannot_read_its_failed_command_keeps_no_other_waiting(sqlite_world: World) -> None:
    world = sqlite_world

    def breaks(work: UnitOfWork, command: FailedCommand) -> None:
        if command.id == poison:
            raise IndexError("the third of two arguments")

    world.registry.on_command_failed("enrol", breaks)
    poison = world.queue("enrol", [], "REGISTRAR")
    other = world.person()
    world.run_until_idle()
    assert world.chain.reader().account(other.address).kind == "resident"
    assert set_aside(world) == [("command", str(poison))]
    assert failure_of(world, poison) == "unreadable"


def test_a_stored_transaction_whose_bytes_changed_is_never_sent_and_reported_once(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 10))
    with world.engine.connect() as connection:
        chosen = select(chain_transactions.c.raw).where(chain_transactions.c.id == transaction_id)
        sound = bytes(connection.execute(chosen).scalar_one())
    _set_raw(world, transaction_id, sound[:-1] + bytes([sound[-1] ^ 1]))
    sent: list[object] = []
    client = world.chain.access.client
    asks = client.batch

    def noted(calls: Sequence[tuple[str, tuple[object, ...]]]) -> object:
        sent.extend(calls)
        return asks(calls)

    monkeypatch.setattr(client, "batch", noted)
    monkeypatch.setattr("wallet_service.chain.sending.sender.REBROADCAST_AFTER_S", 0.0)
    assert (world.sender.broadcast_stored(), world.sender.broadcast_stored()) == (0, 0)
    assert sent == []
    assert set_aside(world) == [("transaction", str(transaction_id))]

    monkeypatch.undo()
    world.sender.forget_sent()
    _set_raw(world, transaction_id, sound)
    world.run_until_idle()
    assert world.transaction_state(transaction_id) == "mined"


def _set_raw(world: World, transaction_id: int, raw: bytes) -> None:
    with UnitOfWork(world.engine) as work:
        work.connection.execute(
            update(chain_transactions).where(chain_transactions.c.id == transaction_id).values(raw=raw)
        )
