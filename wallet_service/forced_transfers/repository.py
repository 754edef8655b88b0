"""The SQL of transfers by order. Takes a Connection, opens none.

State changes are conditional updates whose sources come from `decisions`: a lost race changes no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, insert, select, update

from wallet_service.database.tables.forced_transfers import forced_transfers
from wallet_service.forced_transfers.decisions import FORCED_TRANSITIONS
from wallet_service.forced_transfers.models import CaseKind, ForcedTransfer, ForcedTransferState
from wallet_service.protocol.transitions import sources_of

_T = forced_transfers.c
_CASE: Mapping[CaseKind, Column[Any]] = {
    CaseKind.REVERSAL: _T.reversal_id,
    CaseKind.DISPUTE: _T.dispute_id,
}


def insert_transfer(
    connection: Connection, kind: CaseKind, case_id: str, values: Mapping[str, object]
) -> None:
    row = {**values, _CASE[kind].name: case_id, "state": ForcedTransferState.ASKED}
    connection.execute(insert(forced_transfers).values(row))


def of_case(connection: Connection, kind: CaseKind, case_id: str) -> list[ForcedTransfer]:
    """Oldest first."""
    query = select(forced_transfers).where(_CASE[kind] == case_id)
    rows = connection.execute(query.order_by(_T.asked_at_unix_ms, _T.id))
    return [_transfer(kind, row) for row in rows.mappings()]


def by_ground_hash(connection: Connection, kind: CaseKind, ground_hash: str) -> ForcedTransfer | None:
    return _one(connection, kind, _T.ground_hash == ground_hash)


def by_number(connection: Connection, kind: CaseKind, number: int) -> ForcedTransfer | None:
    """By the ledger's own number."""
    return _one(connection, kind, _T.number == number)


def _one(connection: Connection, kind: CaseKind, condition: ColumnElement[bool]) -> ForcedTransfer | None:
    """None when it is none of ours, or of another kind of case."""
    query = select(forced_transfers).where(condition, _CASE[kind].is_not(None))
    row = connection.execute(query).mappings().first()
    return None if row is None else _transfer(kind, row)


def change(connection: Connection, transfer_id: str, state: ForcedTransferState, **values: object) -> bool:
    """From where `decisions` allows it only."""
    changed = connection.execute(
        update(forced_transfers)
        .where(_T.id == transfer_id, _T.state.in_(sources_of(FORCED_TRANSITIONS, state)))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def rewind(connection: Connection, kind: CaseKind, last_block_kept: int) -> None:
    """What later blocks said is unsaid; the same events usually come again."""
    connection.execute(
        update(forced_transfers)
        .where(_CASE[kind].is_not(None), _T.final_block > last_block_kept)
        .where(_T.state == ForcedTransferState.EXECUTED)
        .values(state=ForcedTransferState.EXECUTING, final_block=None)
    )
    connection.execute(
        update(forced_transfers)
        .where(_CASE[kind].is_not(None), _T.proposed_block > last_block_kept)
        .values(state=ForcedTransferState.ASKED, number=None, executable_at_unix_s=None, proposed_block=None)
    )


def _transfer(kind: CaseKind, row: Any) -> ForcedTransfer:
    values = {name: row[name] for name in ForcedTransfer.__dataclass_fields__ if name != "case_id"}
    values |= {"case_id": row[_CASE[kind].name], "state": ForcedTransferState(row["state"])}
    return ForcedTransfer(**values)
