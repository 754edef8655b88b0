"""Queries on members, devices, tills and pairing codes. Takes a connection; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.members import devices, members
from wallet_service.members.decisions import Kind, MemberState, Tier


@dataclass(frozen=True)
class Member:
    """A row of `members` without what is sealed."""

    id: str
    kind: Kind
    tier: Tier
    state: MemberState
    account_address: str
    sector: str | None
    commune_code: str | None
    public_name: str | None
    public_description: str | None
    language: str
    identity_expires_on_day: int | None
    frozen_incoming: bool
    frozen_outgoing: bool
    created_at_unix_ms: int
    enrolled_at_unix_ms: int | None

    @property
    def has_trade(self) -> bool:
        """Registered as a professional, whether or not the ledger has it yet."""
        return self.sector is not None


_OPEN_COLUMNS = [column for column in members.c if column.name != "sealed_identity"]


def _member(row: Row[Any]) -> Member:
    values = dict(row._mapping)
    return Member(
        **{**values, "kind": Kind(row.kind), "tier": Tier(row.tier), "state": MemberState(row.state)}
    )


def find(connection: Connection, member_id: str, *, locked: bool = False) -> Member | None:
    """`locked` keeps the row until the unit of work ends (PostgreSQL; SQLite has one writer)."""
    query = select(*_OPEN_COLUMNS).where(members.c.id == member_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return _member(row) if row else None


def find_by_address(connection: Connection, account_address: str) -> Member | None:
    row = connection.execute(
        select(*_OPEN_COLUMNS).where(members.c.account_address == account_address)
    ).one_or_none()
    return _member(row) if row else None


def find_many(connection: Connection, member_ids: Iterable[str]) -> list[Member]:
    wanted = sorted(set(member_ids))
    rows = connection.execute(select(*_OPEN_COLUMNS).where(members.c.id.in_(wanted)))
    return [_member(row) for row in rows]


def sealed_identity(connection: Connection, member_id: str) -> bytes | None:
    sealed: bytes | None = connection.execute(
        select(members.c.sealed_identity).where(members.c.id == member_id)
    ).scalar_one_or_none()
    return sealed


def insert_member(connection: Connection, **values: Any) -> None:
    connection.execute(insert(members).values(**values))


def update_member(connection: Connection, member_id: str, **values: Any) -> None:
    connection.execute(update(members).where(members.c.id == member_id).values(**values))


def insert_device(connection: Connection, **values: Any) -> None:
    connection.execute(insert(devices).values(**values))


def device_exists(connection: Connection, signer_address: str) -> bool:
    found = connection.execute(select(devices.c.id).where(devices.c.signer_address == signer_address))
    return found.first() is not None


def registration_ref(member_id: str) -> str:
    """Start of the commands' refs that make this member a professional; the attempt's number follows."""
    return f"professional:{member_id}:"


def registration_states(connection: Connection, member_id: str) -> list[str]:
    """States of those commands, oldest first."""
    ref = registration_ref(member_id)
    query = select(chain_commands.c.state).where(chain_commands.c.ref.startswith(ref, autoescape=True))
    return list(connection.execute(query.order_by(chain_commands.c.id)).scalars())


def devices_of(connection: Connection, member_id: str) -> list[Row[Any]]:
    query = select(devices).where(devices.c.member_id == member_id).order_by(devices.c.created_at_unix_ms)
    return list(connection.execute(query))
