"""The SQL of cashiers. Takes a Connection, opens no transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from wallet_service.database.tables.members import cashiers, members, tills


def kind_and_state(connection: Connection, member_id: str) -> tuple[str, str] | None:
    row = connection.execute(select(members.c.kind, members.c.state).where(members.c.id == member_id)).first()
    return None if row is None else (row.kind, row.state)


def of_member(connection: Connection, member_id: str) -> list[Row[Any]]:
    """Those who work there now."""
    query = select(cashiers).where(cashiers.c.member_id == member_id, cashiers.c.removed_at_unix_ms.is_(None))
    return list(connection.execute(query))


def find(connection: Connection, member_id: str, cashier_id: str, *, locked: bool = False) -> Row[Any] | None:
    """One of that member's who was not removed."""
    query = select(cashiers).where(
        cashiers.c.id == cashier_id,
        cashiers.c.member_id == member_id,
        cashiers.c.removed_at_unix_ms.is_(None),
    )
    return connection.execute(query.with_for_update() if locked else query).one_or_none()


def sealed_names(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, bytes | None]]:
    """Cashier -> whose they are, and the sealed name; none of one who was removed."""
    query = select(cashiers.c.id, cashiers.c.member_id, cashiers.c.sealed_name)
    rows = connection.execute(query.where(cashiers.c.id.in_(sorted(ids))))
    return {row.id: (row.member_id, row.sealed_name) for row in rows}


def add(connection: Connection, **values: Any) -> None:
    connection.execute(insert(cashiers).values(failed_tries=0, **values))


def change(connection: Connection, cashier_id: str, **values: Any) -> None:
    connection.execute(update(cashiers).where(cashiers.c.id == cashier_id).values(**values))


def at_till(connection: Connection, till_id: str) -> str | None:
    return connection.execute(select(tills.c.cashier_id).where(tills.c.id == till_id)).scalar_one_or_none()


def tills_of(connection: Connection, member_id: str) -> list[str]:
    """Those that were not revoked."""
    query = select(tills.c.id).where(tills.c.member_id == member_id, tills.c.revoked_at_unix_ms.is_(None))
    return list(connection.execute(query).scalars())


def put_at_till(connection: Connection, till_id: str, cashier_id: str | None) -> None:
    connection.execute(update(tills).where(tills.c.id == till_id).values(cashier_id=cashier_id))


def remove(connection: Connection, cashier_id: str, now_unix_ms: int) -> None:
    """The name and the PIN go; the row stays, because sales name it."""
    connection.execute(update(tills).where(tills.c.cashier_id == cashier_id).values(cashier_id=None))
    gone = {"sealed_name": None, "sealed_pin_hash": None, "removed_at_unix_ms": now_unix_ms}
    change(connection, cashier_id, **gone)


def forget(connection: Connection, member_id: str, now_unix_ms: int) -> int:
    """All of a member who leaves; how many there were."""
    living = [row.id for row in of_member(connection, member_id)]
    for cashier_id in living:
        remove(connection, cashier_id, now_unix_ms)
    return len(living)
