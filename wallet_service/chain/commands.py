"""The queue of commands: everything but payments that must happen on chain. SQL only; `command_runner`
sends them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from wallet_service.chain.errors import CommandConflict
from wallet_service.chain.ports import ROLES, FailedCommand, Role
from wallet_service.database.tables.chain import chain_commands
from wallet_service.protocol.clock import Clock

MAX_REF_CHARACTERS = 120
MAX_FAILURE_CHARACTERS = 200
_JSON_SAFE = 2**53


class SqlCommandQueue:
    """Implements ports.CommandQueue."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def queue_command(
        self, connection: Connection, kind: str, arguments: Sequence[Any], role: Role, ref: str
    ) -> int:
        """See ports.CommandQueue. Raises CommandConflict."""
        if role not in ROLES or not 0 < len(ref) <= MAX_REF_CHARACTERS:
            raise ValueError("a command needs a known role and a ref of at most 120 characters")
        kept = [_json_value(value) for value in arguments]
        known = connection.execute(
            select(
                chain_commands.c.id, chain_commands.c.kind, chain_commands.c.role, chain_commands.c.arguments
            ).where(chain_commands.c.ref == ref)
        ).first()
        if known is not None:
            if (known.kind, known.role, known.arguments) != (kind, role, kept):
                raise CommandConflict()
            return int(known.id)
        inserted = connection.execute(
            insert(chain_commands)
            .values(
                ref=ref,
                kind=kind,
                role=role,
                arguments=kept,
                state="queued",
                queued_at_unix_ms=self._clock.now_unix_ms(),
            )
            .returning(chain_commands.c.id)
        )
        return int(inserted.scalar_one())


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


def failed_command(row: Any, error_name: str, error_values: dict[str, Any]) -> FailedCommand:
    """A chain_commands row as its subject hears of it."""
    return FailedCommand(row.id, row.ref, row.kind, row.role, row.arguments, error_name, error_values)
