"""The SQL of statements and their entries. Takes a Connection, opens no transaction, seals nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, case, func, insert, select, update

from wallet_service.bank.statement import Direction, EntryLine, Statement
from wallet_service.database.tables.bank import bank_entries, bank_statements

EntryState = Literal["topup", "unmatched", "payout", "payout_return", "resolved", "ignored"]
MAX_PAGE_LENGTH = 500
#: SQLite and PostgreSQL both take more, but not much more, bound values in one statement.
IN_LIST_LENGTH = 500


@dataclass(frozen=True)
class KnownStatement:
    id: str
    content_hash: str


@dataclass(frozen=True)
class EntryRow:
    """A movement as recorded; `sealed_details` opens with the service's key."""

    id: str
    entry_key: str
    direction: Direction
    amount_cents: int
    booked_on: str
    structured_reference: str | None
    sealed_details: bytes | None
    state: EntryState


def find_statement(connection: Connection, iban: str, statement_id: str) -> KnownStatement | None:
    row = connection.execute(
        select(bank_statements.c.id, bank_statements.c.content_hash).where(
            bank_statements.c.iban == iban, bank_statements.c.statement_id == statement_id
        )
    ).first()
    return None if row is None else KnownStatement(row.id, row.content_hash)


def insert_statement(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> None:
    """`values`: id, file_sha256, file_name, received_at_unix_ms. The unique (iban, statement id) is the last
    net.
    """
    connection.execute(
        insert(bank_statements).values(
            message_id=statement.message_id,
            statement_id=statement.statement_id,
            iban=statement.iban,
            opening_cents=statement.opening_cents,
            closing_cents=statement.closing_cents,
            entries_count=len(statement.lines),
            content_hash=statement.content_hash(),
            as_of_unix_s=statement.as_of_unix_s,
            **values,
        )
    )


def known_sums_cents(connection: Connection, iban: str, references: Iterable[str]) -> dict[str, int]:
    """For each of these bank references already recorded on this account, the signed sum of its lines."""
    wanted = sorted(set(references))
    signed = case(
        (bank_entries.c.direction == "CRDT", bank_entries.c.amount_cents), else_=-bank_entries.c.amount_cents
    )
    found: dict[str, int] = {}
    for start in range(0, len(wanted), IN_LIST_LENGTH):
        rows = connection.execute(
            select(bank_entries.c.entry_reference, func.sum(signed))
            .join(bank_statements, bank_statements.c.id == bank_entries.c.bank_statement_id)
            .where(bank_statements.c.iban == iban)
            .where(bank_entries.c.entry_reference.in_(wanted[start : start + IN_LIST_LENGTH]))
            .group_by(bank_entries.c.entry_reference)
        )
        found.update({row[0]: int(row[1]) for row in rows})
    return found


def insert_entry(
    connection: Connection, entry_id: str, statement_row_id: str, iban: str, line: EntryLine, sealed: bytes
) -> None:
    connection.execute(
        insert(bank_entries).values(
            id=entry_id,
            bank_statement_id=statement_row_id,
            entry_reference=line.entry_reference,
            entry_key=line.key(iban),
            direction=line.direction,
            amount_cents=line.amount_cents,
            booked_on=line.booked_on,
            end_to_end_id=line.end_to_end_id,
            return_reason=line.return_reason,
            structured_reference=line.structured_references[0] if line.structured_references else None,
            sealed_details=sealed,
            state="unmatched",
        )
    )


def set_entry_state(connection: Connection, entry_id: str, state: EntryState) -> None:
    """What the machine decided about a movement it has just recorded."""
    connection.execute(update(bank_entries).where(bank_entries.c.id == entry_id).values(state=state))


def resolve_entry(
    connection: Connection, entry_id: str, state: EntryState, officer: str, resolution: str
) -> bool:
    """What an officer decided; False when somebody else decided first."""
    changed = connection.execute(
        update(bank_entries)
        .where(bank_entries.c.id == entry_id, bank_entries.c.state == "unmatched")
        .values(state=state, resolved_by=officer, resolution=resolution)
    )
    return changed.rowcount == 1


def entry_by_id(connection: Connection, entry_id: str) -> EntryRow | None:
    row = connection.execute(select(bank_entries).where(bank_entries.c.id == entry_id)).mappings().first()
    return None if row is None else entry_of(row)


def entries_in_state(connection: Connection, state: EntryState, limit: int) -> Sequence[EntryRow]:
    """Oldest first."""
    rows = connection.execute(
        select(bank_entries)
        .where(bank_entries.c.state == state)
        .order_by(bank_entries.c.booked_on, bank_entries.c.id)
        .limit(min(limit, MAX_PAGE_LENGTH))
    )
    return [entry_of(row) for row in rows.mappings()]


def entry_of(row: RowMapping) -> EntryRow:
    return EntryRow(
        id=row["id"],
        entry_key=row["entry_key"],
        direction=row["direction"],
        amount_cents=row["amount_cents"],
        booked_on=row["booked_on"],
        structured_reference=row["structured_reference"],
        sealed_details=row["sealed_details"],
        state=row["state"],
    )


def latest_statements(connection: Connection, limit: int) -> Sequence[RowMapping]:
    """Newest first by the time of their balance."""
    return (
        connection.execute(
            select(bank_statements)
            .order_by(bank_statements.c.as_of_unix_s.desc(), bank_statements.c.statement_id.desc())
            .limit(min(limit, MAX_PAGE_LENGTH))
        )
        .mappings()
        .all()
    )


def file_is_known(connection: Connection, file_sha256: str) -> bool:
    query = select(bank_statements.c.id).where(bank_statements.c.file_sha256 == file_sha256).limit(1)
    return connection.execute(query).first() is not None


def count_unmatched(connection: Connection) -> int:
    query = select(func.count()).select_from(bank_entries).where(bank_entries.c.state == "unmatched")
    return int(connection.execute(query).scalar_one())
