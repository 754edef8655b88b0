"""The SQL of keyholders. Takes a Connection, opens no transaction; alone writes `keyholders`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from wallet_service.accounts.models import KeyLimits
from wallet_service.accounts.repository import REFUSED, counted_at
from wallet_service.database.tables.keyholders import keyholders
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments
from wallet_service.keyholders.decisions import may_follow
from wallet_service.keyholders.models import (
    EndedBy,
    Keyholder,
    KeyholderKind,
    KeyholderState,
    KeyPower,
)
from wallet_service.protocol.calendar import MS_PER_DAY

S = KeyholderState
LIVING = (S.ADDING, S.ACTIVE)
INVITATIONS = (S.INVITED, S.JOINED)
_LIMITS = tuple(field.name for field in fields(KeyLimits))


def insert_keyholder(connection: Connection, limits: KeyLimits, **values: Any) -> None:
    connection.execute(insert(keyholders).values(**asdict(limits), **values))


def find(
    connection: Connection, member_id: str, keyholder_id: str, *, locked: bool = False
) -> Keyholder | None:
    """One of that member's."""
    query = select(keyholders).where(keyholders.c.id == keyholder_id, keyholders.c.member_id == member_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else keyholder_of(row)


def by_id(connection: Connection, keyholder_id: str) -> Keyholder | None:
    row = connection.execute(select(keyholders).where(keyholders.c.id == keyholder_id)).one_or_none()
    return None if row is None else keyholder_of(row)


def by_invitation(connection: Connection, invitation: str, *, locked: bool = False) -> Keyholder | None:
    """`locked` until the commit: two phones may answer at once."""
    query = select(keyholders).where(keyholders.c.invitation == invitation)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else keyholder_of(row)


def by_signer(connection: Connection, signer_address: str) -> Keyholder | None:
    query = select(keyholders).where(keyholders.c.signer_address == signer_address)
    row = connection.execute(query).one_or_none()
    return None if row is None else keyholder_of(row)


def of_account(connection: Connection, account_address: str, signer_address: str) -> Keyholder | None:
    """That key of that account: on the ledger one key may sign for several."""
    known = by_signer(connection, signer_address)
    if known is None:
        return None
    query = select(members.c.account_address).where(members.c.id == known.member_id)
    return known if connection.execute(query).scalar_one() == account_address else None


def of_member(connection: Connection, member_id: str) -> list[tuple[Keyholder, bytes | None]]:
    """Oldest first, ended ones and invitations included, each with the sealed name."""
    query = select(keyholders).where(keyholders.c.member_id == member_id)
    rows = connection.execute(query.order_by(keyholders.c.created_at_unix_ms, keyholders.c.id))
    return [(keyholder_of(row), row.sealed_name) for row in rows]


def sealed_names(connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
    query = select(keyholders.c.id, keyholders.c.sealed_name).where(keyholders.c.id.in_(sorted(ids)))
    return {row.id: row.sealed_name for row in connection.execute(query) if row.sealed_name is not None}


def count_living(connection: Connection, member_id: str, now_unix_ms: int) -> int:
    """Keys, and invitations that still stand."""
    stands = keyholders.c.state.in_(INVITATIONS) & (keyholders.c.invitation_ends_at_unix_ms > now_unix_ms)
    query = select(func.count()).where(
        keyholders.c.member_id == member_id, keyholders.c.state.in_(LIVING) | stands
    )
    return int(connection.execute(query).scalar_one())


def change(connection: Connection, keyholder_id: str, **values: Any) -> None:
    connection.execute(update(keyholders).where(keyholders.c.id == keyholder_id).values(**values))


def set_limits(connection: Connection, keyholder_id: str, limits: KeyLimits) -> None:
    change(connection, keyholder_id, **asdict(limits))


def move(connection: Connection, known: Keyholder, state: KeyholderState, **values: Any) -> bool:
    """Whether it went there: a lost race, or a step that does not follow, changes nothing."""
    if not may_follow(known.state, state):
        return False
    query = update(keyholders).where(keyholders.c.id == known.id, keyholders.c.state == known.state)
    return connection.execute(query.values(state=state, **values)).rowcount == 1


def forget_invitation(connection: Connection, keyholder_id: str) -> bool:
    """An invitation that came to nothing leaves nothing."""
    query = delete(keyholders).where(keyholders.c.id == keyholder_id, keyholders.c.state.in_(INVITATIONS))
    return connection.execute(query).rowcount == 1


def forget_stale(connection: Connection, now_unix_ms: int) -> int:
    """Invitations whose time is over; how many."""
    over = keyholders.c.invitation_ends_at_unix_ms <= now_unix_ms
    query = delete(keyholders).where(keyholders.c.state.in_(INVITATIONS), over)
    return connection.execute(query).rowcount


def expired(connection: Connection, now_unix_s: int) -> list[Keyholder]:
    """Living keys whose end has come."""
    end = keyholders.c.expires_at_unix_s
    query = select(keyholders).where(keyholders.c.state.in_(LIVING), end > 0, end <= now_unix_s)
    return [keyholder_of(row) for row in connection.execute(query)]


def added_after(connection: Connection, last_block_kept: int) -> list[Keyholder]:
    query = select(keyholders).where(keyholders.c.added_block > last_block_kept)
    return [keyholder_of(row) for row in connection.execute(query)]


def ended_after(connection: Connection, last_block_kept: int) -> list[Keyholder]:
    query = select(keyholders).where(keyholders.c.ended_block > last_block_kept)
    return [keyholder_of(row) for row in connection.execute(query)]


def undo_ending(connection: Connection, keyholder_id: str) -> None:
    """The block that ended it is no more."""
    undone = {"ended_at_unix_ms": None, "ended_by": None, "ended_block": None}
    change(connection, keyholder_id, state=S.ACTIVE, **undone)


def undo_adding(connection: Connection, keyholder_id: str) -> None:
    """The block that added it is no more. What has ended since stays so."""
    connection.execute(
        update(keyholders)
        .where(keyholders.c.id == keyholder_id, keyholders.c.state == S.ACTIVE)
        .values(state=S.ADDING)
    )
    change(connection, keyholder_id, added_block=None)


def forget_member(connection: Connection, member_id: str, now_unix_ms: int) -> int:
    """The account is closed: no key of it pays, and what its holder called them is forgotten; how many."""
    of_them = keyholders.c.member_id == member_id
    connection.execute(delete(keyholders).where(of_them, keyholders.c.state.in_(INVITATIONS)))
    ended = {"state": S.ENDED, "ended_by": EndedBy.CLOSING, "ended_at_unix_ms": now_unix_ms}
    connection.execute(update(keyholders).where(of_them, keyholders.c.state.in_(LIVING)).values(**ended))
    return connection.execute(update(keyholders).where(of_them).values(sealed_name=None, label="")).rowcount


def ids_of(connection: Connection, member_id: str) -> list[str]:
    return list(
        connection.execute(select(keyholders.c.id).where(keyholders.c.member_id == member_id)).scalars()
    )


# what keys pay


def powers(connection: Connection, signers: Iterable[str], now_unix_ms: int) -> dict[str, KeyPower]:
    """Signer address -> what that key may, for keys of further people; a joint holder's too."""
    query = select(keyholders).where(keyholders.c.signer_address.in_(sorted(set(signers))))
    found = [keyholder_of(row) for row in connection.execute(query)]
    spent = spent_today(connection, [one.id for one in found if one.is_limited], now_unix_ms)
    return {
        str(one.signer_address): KeyPower(
            one.id,
            one.member_id,
            one.kind,
            one.state,
            one.limits,
            spent.get(one.id, 0),
            one.refused_at_unix_ms,
        )
        for one in found
    }


def spent_today(connection: Connection, ids: Collection[str], now_unix_ms: int) -> dict[str, int]:
    """Cents each key has spent or reserved since midnight UTC, counted where `accounts` counts spending."""
    if not ids:
        return {}
    day_start_unix_ms = now_unix_ms // MS_PER_DAY * MS_PER_DAY
    rows = connection.execute(
        select(payments.c.keyholder_id, func.sum(payments.c.amount_cents))
        .where(payments.c.keyholder_id.in_(sorted(ids)), payments.c.state != REFUSED)
        .where(counted_at(now_unix_ms) >= day_start_unix_ms)
        # A payment is final at most a day after its acceptance; this keeps the index useful.
        .where(payments.c.accepted_at_unix_ms > day_start_unix_ms - MS_PER_DAY)
        .group_by(payments.c.keyholder_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def payments_of(connection: Connection, keyholder_id: str, limit: int) -> list[Row[Any]]:
    """The newest first."""
    query = select(
        payments.c.ref,
        payments.c.amount_cents,
        payments.c.state,
        payments.c.accepted_at_unix_ms,
        payments.c.payee_member_id,
        payments.c.refusal_code,
    ).where(payments.c.keyholder_id == keyholder_id)
    return list(connection.execute(query.order_by(payments.c.accepted_at_unix_ms.desc()).limit(limit)))


def note_refusal(connection: Connection, keyholder_id: str, code: str, cents: int, now_unix_ms: int) -> None:
    change(
        connection,
        keyholder_id,
        refused_at_unix_ms=now_unix_ms,
        refused_code=code,
        refused_cents=cents,
    )


def keyholder_of(row: Row[Any]) -> Keyholder:
    names = [field.name for field in fields(Keyholder) if field.name in keyholders.c]
    values = {name: getattr(row, name) for name in names}
    return Keyholder(
        **{
            **values,
            "kind": KeyholderKind(row.kind),
            "state": S(row.state),
            "limits": KeyLimits(*(int(getattr(row, name)) for name in _LIMITS)),
            "ended_by": None if row.ended_by is None else EndedBy(row.ended_by),
        }
    )
