"""The SQL of moves. Takes a Connection, opens no transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from wallet_service.database.tables.members import device_moves
from wallet_service.moves.models import Move, MoveState


def find(connection: Connection, move_id: str) -> Move | None:
    """Locked until the commit: two phones may answer at once."""
    row = connection.execute(
        select(device_moves).where(device_moves.c.id == move_id).with_for_update()
    ).one_or_none()
    return _move(row) if row is not None else None


def read(connection: Connection, move_id: str) -> Move | None:
    row = connection.execute(select(device_moves).where(device_moves.c.id == move_id)).one_or_none()
    return _move(row) if row is not None else None


def put(connection: Connection, move: Move) -> None:
    """The member's one move: an older one is no more."""
    connection.execute(delete(device_moves).where(device_moves.c.member_id == move.member_id))
    connection.execute(
        insert(device_moves).values(
            id=move.id,
            member_id=move.member_id,
            old_public_key=move.old_public_key,
            new_public_key=move.new_public_key,
            label=move.label,
            state=move.state,
            expires_at_unix_ms=move.expires_at_unix_ms,
        )
    )


def change(connection: Connection, move_id: str, state: MoveState, **values: Any) -> None:
    query = update(device_moves).where(device_moves.c.id == move_id)
    connection.execute(query.values(state=state, **values))


def _move(row: Any) -> Move:
    names = ("id", "member_id", "old_public_key", "new_public_key", "label", "state", "expires_at_unix_ms")
    return Move(*(getattr(row, name) for name in names))
