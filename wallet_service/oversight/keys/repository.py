"""The SQL of suspended keys. Takes a Connection, opens no transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from wallet_service.database.tables.chain import chain_events
from wallet_service.database.tables.members import members
from wallet_service.database.tables.supervision import key_suspensions
from wallet_service.oversight.keys.models import OPEN, KeySuspension, SuspendedOnLedger, SuspensionState
from wallet_service.protocol.text.identifiers import new_id

MAX_PAGE_LENGTH = 200
#: What ends a suspension on the ledger before its time: a recovery does, without an event of its own.
ENDING_EVENTS = ("KeyReleased", "RecoveryExecuted")
MS_PER_SECOND = 1_000
S = SuspensionState
_t = key_suspensions.c
#: Within a second as the ledger ordered them, which knows no finer; what it has not said is the newer.
_NEWEST_FIRST = (
    (_t.asked_at_unix_ms // MS_PER_SECOND).desc(),
    _t.suspended_block.is_(None).desc(),
    _t.suspended_block.desc(),
    _t.id.desc(),
)


def insert_asked(connection: Connection, **values: Any) -> None:
    connection.execute(insert(key_suspensions).values(state=S.ASKED, **values))


def of_member(connection: Connection, member_id: str, limit: int) -> list[KeySuspension]:
    """Newest first."""
    query = select(key_suspensions).where(_t.member_id == member_id)
    query = query.order_by(*_NEWEST_FIRST).limit(min(limit, MAX_PAGE_LENGTH))
    return [_suspension(row) for row in connection.execute(query)]


def standing(connection: Connection, member_id: str) -> KeySuspension | None:
    """The newest asked or active one; its end may have passed."""
    query = select(key_suspensions).where(_t.member_id == member_id, _t.state.in_(OPEN))
    row = connection.execute(query.order_by(*_NEWEST_FIRST).limit(1)).one_or_none()
    return _suspension(row) if row else None


def ask_to_release(connection: Connection, member_id: str, by: str) -> bool:
    """False when there is nothing to release, or it is asked for already."""
    changed = connection.execute(
        update(key_suspensions)
        .where(_t.member_id == member_id, _t.state.in_(OPEN), _t.released_by.is_(None))
        .values(released_by=by)
    )
    return changed.rowcount > 0


def forget_release(connection: Connection, member_id: str, failure: str) -> None:
    """The ledger refused to release: what stands may be released again."""
    connection.execute(
        update(key_suspensions)
        .where(_t.member_id == member_id, _t.state == S.ACTIVE)
        .values(released_by=None, failure=failure)
    )


def mark_failed(connection: Connection, ground_hash: str, failure: str) -> None:
    connection.execute(
        update(key_suspensions)
        .where(_t.ground_hash == ground_hash, _t.state == S.ASKED)
        .values(state=S.FAILED, failure=failure)
    )


def mark_suspended(connection: Connection, member_id: str, said: SuspendedOnLedger) -> bool:
    """What was asked is active, and what it replaces is over; True for one that nobody asked for here."""
    mark_released(
        connection, member_id, said.at_unix_s * 1000, said.block_number, but_ground_hash=said.ground_hash
    )
    values = {
        "signer_address": said.signer_address,
        "until_unix_s": said.until_unix_s,
        "state": S.ACTIVE,
        "suspended_block": said.block_number,
    }
    unsaid = {"released_block": None, "released_at_unix_ms": None, "failure": None}
    is_it = (_t.member_id == member_id, _t.ground_hash == said.ground_hash)
    if connection.execute(update(key_suspensions).where(*is_it).values(**values, **unsaid)).rowcount:
        return False
    connection.execute(
        insert(key_suspensions).values(
            id=new_id(),
            member_id=member_id,
            ground_hash=said.ground_hash,
            asked_at_unix_ms=said.at_unix_s * 1000,
            **values,
        )
    )
    return True


def mark_released(
    connection: Connection,
    member_id: str,
    at_unix_ms: int,
    block_number: int,
    *,
    but_ground_hash: str | None = None,
) -> bool:
    """Every active one of the member, but the one that has just replaced them; False where there was none."""
    query = update(key_suspensions).where(_t.member_id == member_id, _t.state == S.ACTIVE)
    if but_ground_hash is not None:
        query = query.where(_t.ground_hash != but_ground_hash)
    released = query.values(state=S.RELEASED, released_at_unix_ms=at_unix_ms, released_block=block_number)
    return connection.execute(released).rowcount > 0


def rewind(connection: Connection, last_block_kept: int) -> list[str]:
    """Undoes what later blocks did; the members concerned. The same events usually come again."""
    later = or_(_t.suspended_block > last_block_kept, _t.released_block > last_block_kept)
    concerned = connection.execute(select(_t.member_id).where(later).distinct()).scalars().all()
    _change(
        connection,
        _t.released_block > last_block_kept,
        state=S.ACTIVE,
        released_block=None,
        released_at_unix_ms=None,
    )
    is_undone = _t.suspended_block > last_block_kept
    connection.execute(delete(key_suspensions).where(is_undone, _t.asked_by.is_(None)))
    _change(connection, is_undone, state=S.ASKED, suspended_block=None)
    return list(concerned)


def _change(connection: Connection, condition: ColumnElement[bool], **values: Any) -> None:
    connection.execute(update(key_suspensions).where(condition).values(**values))


def on_ledger(connection: Connection) -> dict[str, str]:
    """Member id -> the ground's hash of what the copy of the chain says is suspended and not released."""
    names = ("KeySuspended", *ENDING_EVENTS)
    query = select(chain_events.c.name, chain_events.c.arguments).where(chain_events.c.name.in_(names))
    found: dict[str, str] = {}
    for name, said in connection.execute(
        query.order_by(chain_events.c.block_number, chain_events.c.log_index)
    ):
        if name in ENDING_EVENTS:
            found.pop(said["account"], None)
        else:
            found[said["account"]] = said["groundHash"]
    of_accounts = select(members.c.id, members.c.account_address).where(
        members.c.account_address.in_(sorted(found))
    )
    return {member_id: found[account] for member_id, account in connection.execute(of_accounts)}


def release_unsaid(connection: Connection, said: dict[str, str]) -> int:
    """Ends those held for active that the ledger does not say; how many."""
    held = connection.execute(select(_t.id, _t.member_id, _t.ground_hash).where(_t.state == S.ACTIVE))
    unsaid = [row.id for row in held if said.get(row.member_id) != row.ground_hash]
    if unsaid:
        _change(connection, _t.id.in_(unsaid), state=S.RELEASED)
    return len(unsaid)


def _suspension(row: Any) -> KeySuspension:
    values = {name: row._mapping[name] for name in KeySuspension.__dataclass_fields__}
    return KeySuspension(**{**values, "state": SuspensionState(row.state)})
