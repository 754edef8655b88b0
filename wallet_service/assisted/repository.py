"""The SQL of accounts opened at a desk. Takes a Connection, opens none, decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from wallet_service.assisted.models import AssistedAccount
from wallet_service.database.tables.assisted import assisted_accounts
from wallet_service.database.tables.members import devices, members

_HAS_KEY = exists().where(devices.c.member_id == members.c.id, devices.c.state == "active")
_OPEN_COLUMNS = [column for column in assisted_accounts.c if column.name != "sealed_papers"]


def insert_account(connection: Connection, **values: Any) -> None:
    connection.execute(insert(assisted_accounts).values(**values))


def find(connection: Connection, member_id: str) -> AssistedAccount | None:
    """None for an account that a key opened."""
    query = (
        select(*_OPEN_COLUMNS, members.c.account_address, _HAS_KEY.label("has_key"))
        .join(members, members.c.id == assisted_accounts.c.member_id)
        .where(assisted_accounts.c.member_id == member_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    return AssistedAccount(is_assisted=not values.pop("has_key"), **values)


def without_key(connection: Connection, member_ids: Iterable[str]) -> frozenset[str]:
    """Of these, the ones opened at a desk that no phone has taken."""
    query = (
        select(assisted_accounts.c.member_id)
        .join(members, members.c.id == assisted_accounts.c.member_id)
        .where(assisted_accounts.c.member_id.in_(sorted(set(member_ids))), ~_HAS_KEY)
    )
    return frozenset(connection.execute(query).scalars())


def sealed_papers(connection: Connection, member_id: str) -> bytes | None:
    query = select(assisted_accounts.c.sealed_papers).where(assisted_accounts.c.member_id == member_id)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def note_card(connection: Connection, member_id: str, officer_id: str, at_unix_ms: int) -> None:
    """Another card was printed."""
    connection.execute(
        update(assisted_accounts)
        .where(assisted_accounts.c.member_id == member_id)
        .values(
            card_made_at_unix_ms=at_unix_ms,
            card_made_by=officer_id,
            cards_count=assisted_accounts.c.cards_count + 1,
        )
    )


def note_papers(connection: Connection, member_id: str, sealed: bytes) -> None:
    """What an officer saw last."""
    query = update(assisted_accounts).where(assisted_accounts.c.member_id == member_id)
    connection.execute(query.values(sealed_papers=sealed))


def forget(connection: Connection, member_id: str) -> None:
    """What was seen of the person."""
    connection.execute(
        update(assisted_accounts)
        .where(assisted_accounts.c.member_id == member_id)
        .values(sealed_papers=None, origin=None)
    )
