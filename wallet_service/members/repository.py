"""Queries on members and devices. Takes a connection; decides nothing. Alone writes `members`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from wallet_service.accounts.repository import SUSPENDED
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.keyholders import keyholders
from wallet_service.database.tables.members import devices, members
from wallet_service.database.tables.supervision import key_suspensions
from wallet_service.members.decisions import DeviceState, Kind, MemberState, Tier


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
    terms_version: str | None
    terms_accepted_at_unix_ms: int | None

    @property
    def has_trade(self) -> bool:
        """Registered as a professional, whether or not the ledger has it yet."""
        return self.sector is not None


@dataclass(frozen=True)
class Device:
    """A key that signs, or will sign, for an account. `key_kind` is p256 or passkey."""

    id: str
    label: str
    signer_address: str
    key_kind: str
    public_key: str
    credential_id: str | None
    state: DeviceState
    created_at_unix_ms: int
    last_used_at_unix_ms: int | None
    #: When its suspension ends (oversight.keys); None or passed: it is not suspended.
    suspended_until_unix_s: int | None = None


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
    """Whether that key signs for an account already, within limits or without, or did."""
    of_devices = select(devices.c.id).where(devices.c.signer_address == signer_address)
    limited = select(keyholders.c.id).where(keyholders.c.signer_address == signer_address)
    return connection.execute(of_devices.union_all(limited)).first() is not None


def has_active_key(connection: Connection, member_id: str) -> bool:
    """Whether any key signs for the account; none does for one opened at a desk, until a phone takes it."""
    query = select(devices.c.id).where(
        devices.c.member_id == member_id, devices.c.state == DeviceState.ACTIVE.value
    )
    return connection.execute(query.limit(1)).first() is not None


def waiting_enrolments(connection: Connection) -> int:
    """How many enrolments are queued or on their way to the ledger, from whomever."""
    query = select(func.count()).where(
        chain_commands.c.state.in_(("queued", "sent")), chain_commands.c.kind == "enrol"
    )
    return int(connection.execute(query).scalar_one())


def registration_ref(member_id: str) -> str:
    """Start of the commands' refs that make this member a professional; the attempt's number follows."""
    return f"professional:{member_id}:"


def registration_states(connection: Connection, member_id: str) -> list[str]:
    """States of those commands, oldest first."""
    ref = registration_ref(member_id)
    query = select(chain_commands.c.state).where(chain_commands.c.ref.startswith(ref, autoescape=True))
    return list(connection.execute(query.order_by(chain_commands.c.id)).scalars())


def signer_ref(device_id: str) -> str:
    """Start of the commands' refs that make this device a signer; the word's number follows."""
    return f"signer:{device_id}:"


def was_to_sign(connection: Connection, device_id: str) -> bool:
    """Whether the ledger was ever asked to let this device sign, and has not refused."""
    ref = chain_commands.c.ref.startswith(signer_ref(device_id), autoescape=True)
    query = select(chain_commands.c.id).where(ref, chain_commands.c.state != "failed").limit(1)
    return connection.execute(query).first() is not None


_SUSPENDED_UNTIL = (
    select(func.max(key_suspensions.c.until_unix_s))
    .where(key_suspensions.c.member_id == devices.c.member_id)
    .where(key_suspensions.c.signer_address == devices.c.signer_address)
    .where(key_suspensions.c.state.in_(SUSPENDED))
    .scalar_subquery()
    .label("suspended_until_unix_s")
)


def devices_of(connection: Connection, member_id: str) -> list[Device]:
    """Oldest first, revoked ones included."""
    columns = [devices.c[field.name] for field in fields(Device) if field.name in devices.c]
    query = (
        select(*columns, _SUSPENDED_UNTIL)
        .where(devices.c.member_id == member_id)
        .order_by(devices.c.created_at_unix_ms)
    )
    return [Device(**{**row._mapping, "state": DeviceState(row.state)}) for row in connection.execute(query)]


def note_device_used(connection: Connection, signer_address: str, at_unix_ms: int) -> None:
    """The key has just signed its member in."""
    connection.execute(
        update(devices)
        .where(devices.c.signer_address == signer_address)
        .values(last_used_at_unix_ms=at_unix_ms)
    )


def set_device_state(connection: Connection, device_id: str, state: DeviceState) -> None:
    connection.execute(update(devices).where(devices.c.id == device_id).values(state=state.value))


def mark_frozen(connection: Connection, member_id: str, *, incoming: bool, outgoing: bool) -> None:
    """What is in force of a member's freezes now; `oversight.freezes` alone calls it."""
    connection.execute(
        update(members)
        .where(members.c.id == member_id)
        .values(frozen_incoming=incoming, frozen_outgoing=outgoing)
    )


def forget_devices(connection: Connection, member_id: str) -> int:
    """None of the member's keys signs any more, and how they called them is forgotten; how many keys."""
    changed = connection.execute(
        update(devices)
        .where(devices.c.member_id == member_id)
        .values(state=DeviceState.REVOKED.value, label="", last_used_at_unix_ms=None)
    )
    return changed.rowcount
