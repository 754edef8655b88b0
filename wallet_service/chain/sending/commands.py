"""The queue of commands: everything but payments that must happen on chain.

SQL only; `command_runner` sends them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from wallet_service.chain.errors import CommandConflict
from wallet_service.chain.ports import FailedCommand, NewCommand
from wallet_service.database.many import insert_many
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.quarantine import Quarantine, RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.security.roles import ROLES, Role

MAX_REF_CHARACTERS = 120
#: Refs looked up in one statement.
AT_ONCE = 500
MAX_FAILURE_CHARACTERS = 200
#: What stands as the failure of a command that nobody could be told of.
UNREADABLE = "unreadable"
_JSON_SAFE = 2**53


class SqlCommandQueue:
    """Implements ports.CommandQueue."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def queue_command(
        self, connection: Connection, kind: str, arguments: Sequence[Any], role: Role, ref: str
    ) -> int:
        """See ports.CommandQueue. Raises CommandConflict."""
        row = self._row(kind, arguments, role, ref)
        known = connection.execute(
            select(
                chain_commands.c.id, chain_commands.c.kind, chain_commands.c.role, chain_commands.c.arguments
            ).where(chain_commands.c.ref == ref)
        ).first()
        if known is not None:
            if (known.kind, known.role, known.arguments) != (kind, role, row["arguments"]):
                raise CommandConflict()
            return int(known.id)
        inserted = connection.execute(insert(chain_commands).values(row).returning(chain_commands.c.id))
        return int(inserted.scalar_one())

    def queue_commands(self, connection: Connection, commands: Sequence[NewCommand]) -> None:
        """See ports.CommandQueue. Raises CommandConflict."""
        for start in range(0, len(commands), AT_ONCE):
            part = commands[start : start + AT_ONCE]
            query = select(chain_commands.c.ref).where(chain_commands.c.ref.in_([each.ref for each in part]))
            known = set(connection.execute(query).scalars())
            rows = []
            for each in part:
                if each.ref in known:
                    self.queue_command(connection, each.kind, each.arguments, each.role, each.ref)
                else:
                    rows.append(self._row(each.kind, each.arguments, each.role, each.ref))
            insert_many(connection, chain_commands, rows)

    def _row(self, kind: str, arguments: Sequence[Any], role: Role, ref: str) -> dict[str, Any]:
        if role not in ROLES or not 0 < len(ref) <= MAX_REF_CHARACTERS:
            raise ValueError("a command needs a known role and a ref of at most 120 characters")
        return {
            "ref": ref,
            "kind": kind,
            "role": role,
            "arguments": [_json_value(value) for value in arguments],
            "state": "queued",
            "queued_at_unix_ms": self._clock.now_unix_ms(),
        }


def _json_value(value: Any) -> Any:
    """As kept in SQL: integers beyond 2^53 as strings, bytes as 0x hex, tuples as lists."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < _JSON_SAFE else str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        return [_json_value(one) for one in value]
    if isinstance(value, str):
        return value
    raise TypeError(f"a command's argument cannot be a {type(value).__name__}")


def set_aside_unreadable(engine: Engine, quarantine: Quarantine, clock: Clock) -> int:
    """Fails queued commands whose row cannot be read, their subjects untold; returns how many there were."""
    with reading(engine) as connection:
        queued = select(chain_commands.c.id).where(chain_commands.c.state == "queued")
        found = [
            (command_id, error)
            for command_id in connection.execute(queued).scalars().all()
            if (error := _reason_against(connection, command_id)) is not None
        ]
    for command_id, error in found:
        with UnitOfWork(engine) as work:
            fail_untold(work, quarantine, clock, command_id, error)
    return len(found)


def _reason_against(connection: Connection, command_id: int) -> Exception | None:
    try:
        connection.execute(select(chain_commands).where(chain_commands.c.id == command_id)).first()
    except (TypeError, ValueError) as error:
        return error
    return None


def fail_untold(
    work: UnitOfWork, quarantine: Quarantine, clock: Clock, command_id: int, error: Exception
) -> None:
    """Ends a command that its subject cannot be told of: it is set aside for a person instead."""
    changed = work.connection.execute(
        update(chain_commands)
        .where(chain_commands.c.id == command_id, chain_commands.c.state == "queued")
        .values(state="failed", failure=UNREADABLE, done_at_unix_ms=clock.now_unix_ms())
    ).rowcount
    if changed:
        quarantine.put(work, RowKind.COMMAND, command_id, error)


def failed_command(row: Any, error_name: str, error_values: dict[str, Any]) -> FailedCommand:
    """A chain_commands row as its subject hears of it."""
    return FailedCommand(row.id, row.ref, row.kind, row.role, row.arguments, error_name, error_values)
