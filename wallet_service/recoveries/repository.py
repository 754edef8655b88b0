"""The SQL of recoveries and of codes kept on paper. Takes a Connection, opens none, decides nothing.

State changes are conditional updates whose sources come from `decisions`: a lost race changes no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from wallet_service.database.tables.members import members
from wallet_service.database.tables.recoveries import recoveries, recovery_codes, recovery_documents
from wallet_service.protocol.transitions import sources_of
from wallet_service.recoveries.decisions import (
    ASKED_LIFE_MS,
    EXECUTABLE_FOR_S,
    ON_LEDGER,
    OPEN,
    QUIET_MS,
    TRANSITIONS,
)
from wallet_service.recoveries.models import AccountRecovery, RecoveryState, RecoveryWay

S = RecoveryState
MAX_PAGE_LENGTH = 200
MAX_DUE_AT_ONCE = 50


# recoveries


def insert_recovery(connection: Connection, **values: Any) -> None:
    connection.execute(insert(recoveries).values(**values))


def by_id(connection: Connection, recovery_id: str) -> AccountRecovery | None:
    return _one(connection, recoveries.c.id == recovery_id)


def by_token(connection: Connection, token_digest: str) -> AccountRecovery | None:
    return _one(connection, recoveries.c.token_digest == token_digest)


def by_ground_hash(connection: Connection, ground_hash: str) -> AccountRecovery | None:
    return _one(connection, recoveries.c.ground_hash == ground_hash)


def by_number(connection: Connection, number: int) -> AccountRecovery | None:
    return _one(connection, recoveries.c.number == number)


def open_of_member(connection: Connection, member_id: str) -> list[AccountRecovery]:
    """Oldest first."""
    query = _joined().where(recoveries.c.member_id == member_id, recoveries.c.state.in_(OPEN))
    return _all(connection, query.order_by(recoveries.c.asked_at_unix_ms, recoveries.c.id))


def listed(connection: Connection, *, is_open: bool, limit: int) -> list[AccountRecovery]:
    """Open ones, the oldest first; or those that are over, the last closed first."""
    state = recoveries.c.state
    query = _joined().where(state.in_(OPEN) if is_open else state.not_in(OPEN))
    order = recoveries.c.asked_at_unix_ms if is_open else recoveries.c.closed_at_unix_ms.desc()
    return _all(connection, query.order_by(order, recoveries.c.id).limit(min(limit, MAX_PAGE_LENGTH)))


def is_announced(connection: Connection, signer_address: str) -> bool:
    """Whether that key is on its way to an account already, whosever."""
    query = select(recoveries.c.id).where(
        recoveries.c.signer_address == signer_address, recoveries.c.state.in_((S.PROPOSING, *ON_LEDGER))
    )
    return connection.execute(query.limit(1)).first() is not None


def is_contested(connection: Connection, member_id: str, now_unix_ms: int) -> bool:
    """Whether an old device or key of the account has said within the last days that it is still there."""
    query = select(recoveries.c.id).where(
        recoveries.c.member_id == member_id,
        recoveries.c.state == S.VETOED,
        recoveries.c.closed_at_unix_ms > now_unix_ms - QUIET_MS,
    )
    return connection.execute(query.limit(1)).first() is not None


def is_disputed(connection: Connection, member_id: str, since_unix_ms: int) -> bool:
    """Whether since then an old key has objected to what the ledger had announced.

    The ledger says its moments in whole seconds: an objection in the second of the freeze counts.
    """
    since_unix_ms -= since_unix_ms % 1000
    query = select(recoveries.c.id).where(
        recoveries.c.member_id == member_id,
        recoveries.c.state == S.VETOED,
        recoveries.c.number.is_not(None),
        recoveries.c.closed_at_unix_ms >= since_unix_ms,
    )
    return connection.execute(query.limit(1)).first() is not None


def freezes_asked(connection: Connection, member_id: str) -> set[str]:
    """The freezes that recoveries of that account have asked for."""
    query = select(recoveries.c.freeze_id).where(
        recoveries.c.member_id == member_id, recoveries.c.freeze_id.is_not(None)
    )
    return set(connection.execute(query).scalars())


def change(connection: Connection, recovery_id: str, **values: Any) -> None:
    """Whatever is no state."""
    assert "state" not in values
    connection.execute(update(recoveries).where(recoveries.c.id == recovery_id).values(**values))


def move(connection: Connection, recovery_id: str, state: RecoveryState, **values: Any) -> bool:
    """From where `decisions` allows it only."""
    changed = connection.execute(
        update(recoveries)
        .where(recoveries.c.id == recovery_id, recoveries.c.state.in_(sources_of(TRANSITIONS, state)))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def due(connection: Connection, now_unix_s: int) -> list[AccountRecovery]:
    """Announced, unvetoed, and their delay is over: the oldest first, a bounded number."""
    query = _joined().where(
        recoveries.c.state == S.PROPOSED,
        recoveries.c.next_try_unix_s <= now_unix_s,
        recoveries.c.executable_at_unix_s > now_unix_s - EXECUTABLE_FOR_S,
    )
    return _all(connection, query.order_by(recoveries.c.next_try_unix_s).limit(MAX_DUE_AT_ONCE))


def lapsed(connection: Connection, now_unix_ms: int) -> list[AccountRecovery]:
    """Nobody pursued them in their time; a bounded number."""
    is_late = or_(
        and_(recoveries.c.state == S.ASKED, recoveries.c.asked_at_unix_ms <= now_unix_ms - ASKED_LIFE_MS),
        and_(
            recoveries.c.state.in_(ON_LEDGER),
            recoveries.c.executable_at_unix_s <= now_unix_ms // 1000 - EXECUTABLE_FOR_S,
        ),
    )
    return _all(connection, _joined().where(is_late).limit(MAX_DUE_AT_ONCE))


def executed_after(connection: Connection, last_block_kept: int) -> list[AccountRecovery]:
    """Whose execution is undone."""
    return _all(
        connection,
        _joined().where(recoveries.c.final_block > last_block_kept, recoveries.c.state == S.EXECUTED),
    )


def rewind(connection: Connection, last_block_kept: int) -> None:
    """What later blocks said is unsaid; the same events usually come again."""
    ended = recoveries.c.final_block > last_block_kept
    for state, before in (
        (S.EXECUTED, S.EXECUTING),
        (S.VETOED, S.VETOING),
        (S.CANCELLED, S.PROPOSED),
    ):
        connection.execute(
            update(recoveries)
            .where(ended, recoveries.c.state == state)
            .values(state=before, final_block=None, closed_at_unix_ms=None)
        )
    announced = recoveries.c.proposed_block > last_block_kept
    connection.execute(delete(recoveries).where(announced, recoveries.c.way == RecoveryWay.LEDGER))
    connection.execute(
        update(recoveries)
        .where(announced, recoveries.c.state.in_(ON_LEDGER))
        .values(state=S.PROPOSING, number=None, executable_at_unix_s=None, proposed_block=None)
    )


# whose account


def member_with_number(connection: Connection, number: str) -> str | None:
    """The one member whose id starts so."""
    query = select(members.c.id).where(members.c.id.like(f"{number}%")).limit(2)
    found = list(connection.execute(query).scalars())
    return found[0] if len(found) == 1 else None


# codes kept on paper


def put_code(connection: Connection, member_id: str, code_hash: str, at_unix_ms: int) -> None:
    """In place of the one before."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id))
    connection.execute(
        insert(recovery_codes).values(member_id=member_id, code_hash=code_hash, made_at_unix_ms=at_unix_ms)
    )


def confirm_code(connection: Connection, member_id: str, code_hash: str, at_unix_ms: int) -> bool:
    """False when that is not the member's code."""
    changed = connection.execute(
        update(recovery_codes)
        .where(recovery_codes.c.member_id == member_id, recovery_codes.c.code_hash == code_hash)
        .where(recovery_codes.c.used_at_unix_ms.is_(None))
        .values(confirmed_at_unix_ms=func.coalesce(recovery_codes.c.confirmed_at_unix_ms, at_unix_ms))
    )
    return changed.rowcount == 1


def use_code(connection: Connection, code_hash: str, at_unix_ms: int) -> str | None:
    """The member whose confirmed code that was, once."""
    query = select(recovery_codes.c.member_id).where(
        recovery_codes.c.code_hash == code_hash, recovery_codes.c.confirmed_at_unix_ms.is_not(None)
    )
    member_id = connection.execute(query).scalar_one_or_none()
    changed = connection.execute(
        update(recovery_codes)
        .where(recovery_codes.c.code_hash == code_hash, recovery_codes.c.used_at_unix_ms.is_(None))
        .where(recovery_codes.c.confirmed_at_unix_ms.is_not(None))
        .values(used_at_unix_ms=at_unix_ms)
    )
    return member_id if changed.rowcount == 1 else None


def code_of(connection: Connection, member_id: str) -> tuple[int | None, bool] | None:
    """(when it was confirmed, whether it was used) of the member's code, None without one."""
    query = select(recovery_codes).where(recovery_codes.c.member_id == member_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.confirmed_at_unix_ms, row.used_at_unix_ms is not None)


def forget_code(connection: Connection, member_id: str) -> int:
    """How many there were: one at most."""
    return connection.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id)).rowcount


def _joined() -> Select[Any]:
    return select(recoveries, members.c.account_address).join(members, members.c.id == recoveries.c.member_id)


def _one(connection: Connection, condition: ColumnElement[bool]) -> AccountRecovery | None:
    row = connection.execute(_joined().where(condition)).mappings().first()
    return None if row is None else _recovery(row)


def _all(connection: Connection, query: Select[Any]) -> list[AccountRecovery]:
    return [_recovery(row) for row in connection.execute(query).mappings()]


def _recovery(row: Any) -> AccountRecovery:
    values = {name: row[name] for name in AccountRecovery.__dataclass_fields__}
    revoked: Sequence[str] = row["revoked_device_ids"] or ()
    return AccountRecovery(
        **{
            **values,
            "way": RecoveryWay(row["way"]),
            "state": RecoveryState(row["state"]),
            "revoked_device_ids": tuple(revoked),
        }
    )


# papers


def insert_document(connection: Connection, **values: Any) -> None:
    connection.execute(insert(recovery_documents).values(**values))


def documents_of(connection: Connection, recovery_id: str) -> list[Row[Any]]:
    """In the order they came, without their sealed content."""
    columns = [column for column in recovery_documents.c if column.name != "sealed_content"]
    query = select(*columns).where(recovery_documents.c.recovery_id == recovery_id)
    order = (recovery_documents.c.uploaded_at_unix_ms, recovery_documents.c.id)
    return list(connection.execute(query.order_by(*order)).all())


def document(connection: Connection, recovery_id: str, document_id: str) -> Row[Any] | None:
    """With its content, sealed."""
    query = select(recovery_documents).where(
        recovery_documents.c.id == document_id, recovery_documents.c.recovery_id == recovery_id
    )
    return connection.execute(query).one_or_none()


def delete_documents(connection: Connection, ids: Sequence[str]) -> int:
    return connection.execute(delete(recovery_documents).where(recovery_documents.c.id.in_(ids))).rowcount


def documents_of_closed(connection: Connection, before_unix_ms: int, limit: int) -> list[str]:
    """Ids of those whose request was over before then."""
    over = select(recoveries.c.id).where(recoveries.c.closed_at_unix_ms < before_unix_ms)
    query = select(recovery_documents.c.id).where(recovery_documents.c.recovery_id.in_(over))
    return list(connection.execute(query.limit(limit)).scalars())
