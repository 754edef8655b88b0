"""The SQL of booking: reports, and which movements are recorded. Takes a Connection, seals nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from wallet_service.bank.reported import AccountReport, Direction, ReportKind
from wallet_service.bank.statement import as_of_unix_s
from wallet_service.database.many import among, insert_many
from wallet_service.database.tables.bank import NAME_LENGTH, bank_entries, bank_statements
from wallet_service.treasury.models import HELD_REASONS
from wallet_service.treasury.repository import EntryState

StatementState = Literal["recording", "booking", "booked", "held", "accepted", "dismissed"]
Continuity = Literal["first", "follows", "explained", "broken", "unknown"]
#: SQLite and PostgreSQL both take more, but not much more, bound values in one statement.
IN_LIST_LENGTH = 500
MAX_WARNINGS_CHARACTERS = 400
MAX_RESOLUTION_CHARACTERS = 200


@dataclass(frozen=True)
class KnownStatement:
    """A report as recorded, without its movements."""

    id: str
    kind: ReportKind
    statement_id: str
    iban: str
    from_on: str
    to_on: str
    opening_cents: int | None
    closing_cents: int | None
    entries_count: int
    as_of_unix_s: int
    continuity: Continuity
    state: StatementState
    content_hash: str


_KNOWN = (
    bank_statements.c.id,
    bank_statements.c.kind,
    bank_statements.c.statement_id,
    bank_statements.c.iban,
    bank_statements.c.from_on,
    bank_statements.c.to_on,
    bank_statements.c.opening_cents,
    bank_statements.c.closing_cents,
    bank_statements.c.entries_count,
    bank_statements.c.as_of_unix_s,
    bank_statements.c.continuity,
    bank_statements.c.state,
    bank_statements.c.content_hash,
)

_SIGNED_CENTS = case(
    (bank_entries.c.direction == "CRDT", bank_entries.c.amount_cents), else_=-bank_entries.c.amount_cents
)
_IDENTITY = (
    bank_entries.c.id,
    bank_entries.c.entry_key,
    bank_entries.c.direction,
    bank_entries.c.amount_cents,
    bank_entries.c.entry_cents,
    bank_entries.c.booked_on,
    bank_entries.c.servicer_reference,
    bank_entries.c.transaction_reference,
    bank_entries.c.end_to_end_id,
    bank_entries.c.content_mark,
    bank_entries.c.confirmed_statement_id,
    bank_entries.c.state,
    bank_entries.c.reason,
    bank_entries.c.given_cents,
    bank_entries.c.is_reversal,
)


def statement_by_id(connection: Connection, statement_row_id: str) -> KnownStatement | None:
    row = (
        connection.execute(select(*_KNOWN).where(bank_statements.c.id == statement_row_id)).mappings().first()
    )
    return None if row is None else KnownStatement(**row)


def statements_named(connection: Connection, report: AccountReport) -> Sequence[KnownStatement]:
    """Those of this kind, name and last day: the same one, or others that say otherwise."""
    rows = connection.execute(
        select(*_KNOWN)
        .where(bank_statements.c.iban == report.iban, bank_statements.c.kind == report.kind)
        .where(bank_statements.c.statement_id == report.report_id, bank_statements.c.to_on == report.to_on)
    )
    return [KnownStatement(**row) for row in rows.mappings()]


def statements_like(connection: Connection, report: AccountReport) -> Sequence[KnownStatement]:
    """Statements of the same days with the same balances, whatever their names."""
    assert report.opening is not None
    assert report.closing is not None
    rows = connection.execute(
        select(*_KNOWN)
        .where(bank_statements.c.iban == report.iban, bank_statements.c.kind == report.kind)
        .where(bank_statements.c.from_on == report.from_on, bank_statements.c.to_on == report.to_on)
        .where(bank_statements.c.opening_cents == report.opening.amount_cents)
        .where(bank_statements.c.closing_cents == report.closing.amount_cents)
    )
    return [KnownStatement(**row) for row in rows.mappings()]


def closed_statements(
    connection: Connection, iban: str, around_unix_s: int, limit: int
) -> tuple[Sequence[KnownStatement], KnownStatement | None]:
    """Statements with a closing balance: those true by that moment, newest first, and the next after it."""
    closed = (
        select(*_KNOWN)
        .where(bank_statements.c.iban == iban, bank_statements.c.kind == "statement")
        .where(bank_statements.c.closing_cents.is_not(None))
    )
    newest_first = (bank_statements.c.as_of_unix_s.desc(), bank_statements.c.received_at_unix_ms.desc())
    before = connection.execute(
        closed.where(bank_statements.c.as_of_unix_s <= around_unix_s)
        .order_by(*newest_first, bank_statements.c.id.desc())
        .limit(limit)
    )
    after = connection.execute(
        closed.where(bank_statements.c.as_of_unix_s > around_unix_s)
        .order_by(bank_statements.c.as_of_unix_s, bank_statements.c.received_at_unix_ms)
        .limit(1)
    )
    following = after.mappings().first()
    return (
        [KnownStatement(**row) for row in before.mappings()],
        None if following is None else KnownStatement(**following),
    )


def shown_without_closing_cents(connection: Connection, iban: str, since_unix_s: int) -> int:
    """The signed sum of movements that statements without a closing balance have shown since then."""
    return int(
        connection.execute(
            select(func.coalesce(func.sum(_SIGNED_CENTS), 0))
            .join(bank_statements, bank_statements.c.id == bank_entries.c.confirmed_statement_id)
            .where(bank_statements.c.iban == iban, bank_statements.c.kind == "statement")
            .where(bank_statements.c.closing_cents.is_(None), bank_statements.c.as_of_unix_s >= since_unix_s)
            .where(bank_entries.c.sum_entry_id.is_(None))
        ).scalar_one()
    )


def statement_count(connection: Connection) -> int:
    """How many reports there are, whatever became of them: none ever goes but one half recorded."""
    return int(connection.execute(select(func.count()).select_from(bank_statements)).scalar_one())


def insert_statement(
    connection: Connection, report: AccountReport, said: str, values: Mapping[str, Any]
) -> None:
    """`said`: its content's hash.

    `values`: id, file_sha256, file_name, received_at_unix_ms, continuity, state.

    The unique (account, kind, name, last day, content) is the last net.
    """
    connection.execute(
        insert(bank_statements).values(
            kind=report.kind,
            format=report.format,
            message_id=report.message_id[:NAME_LENGTH],
            statement_id=report.report_id[:NAME_LENGTH],
            iban=report.iban,
            from_on=report.from_on,
            to_on=report.to_on,
            opening_cents=None if report.opening is None else report.opening.amount_cents,
            closing_cents=None if report.closing is None else report.closing.amount_cents,
            entries_count=len(report.entries),
            content_hash=said,
            as_of_unix_s=as_of_unix_s(report),
            warnings=",".join(report.warnings)[:MAX_WARNINGS_CHARACTERS],
            **values,
        )
    )


def set_statement(connection: Connection, statement_row_id: str, **values: Any) -> None:
    connection.execute(
        update(bank_statements).where(bank_statements.c.id == statement_row_id).values(**values)
    )


def decide_statement(
    connection: Connection, statement_row_id: str, state: StatementState, officer: str
) -> bool:
    """What an officer said of a held one; False when somebody else did first."""
    changed = connection.execute(
        update(bank_statements)
        .where(bank_statements.c.id == statement_row_id, bank_statements.c.state == "held")
        .values(state=state, decided_by=officer)
    )
    return changed.rowcount == 1


def movements_near(
    connection: Connection, iban: str, days: Iterable[str], names: Iterable[str]
) -> Sequence[RowMapping]:
    """Recorded movements that lines of these days may be, without their details.

    Those booked on one of the days, those no statement has shown yet, and those that bear one of the names
    (transaction or end-to-end ids). Of taken-apart sums, for which their lines stand, only those of the days:
    their keys stay taken.
    """
    is_whole = bank_entries.c.state != "refined"
    lists: list[ColumnElement[bool]] = [is_whole & bank_entries.c.confirmed_statement_id.is_(None)]
    for chunk in _chunks(days):
        lists.append(among(connection, bank_entries.c.booked_on, chunk))
    for chunk in _chunks(names):
        lists.append(is_whole & among(connection, bank_entries.c.transaction_reference, chunk))
        lists.append(is_whole & among(connection, bank_entries.c.end_to_end_id, chunk))
    found: dict[str, RowMapping] = {}
    for condition in lists:
        rows = connection.execute(
            select(*_IDENTITY)
            .join(bank_statements, bank_statements.c.id == bank_entries.c.bank_statement_id)
            .where(bank_statements.c.iban == iban, condition)
        )
        found.update({row["id"]: row for row in rows.mappings()})
    return list(found.values())


def insert_entries(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_many(connection, bank_entries, rows)


def confirm_entries(connection: Connection, entry_ids: Iterable[str], statement_row_id: str) -> None:
    """A statement shows what had only been told."""
    for chunk in _chunks(entry_ids):
        connection.execute(
            update(bank_entries)
            .where(
                among(connection, bank_entries.c.id, chunk), bank_entries.c.confirmed_statement_id.is_(None)
            )
            .values(confirmed_statement_id=statement_row_id)
        )


def shown_by(connection: Connection, statement_row_id: str) -> list[tuple[str, int, str | None]]:
    """Direction, cents and the payer's or network's name of the movements a statement was first to show."""
    columns = bank_entries.c
    name = func.coalesce(columns.transaction_reference, columns.end_to_end_id)
    rows = connection.execute(
        select(columns.direction, columns.amount_cents, name.label("name"))
        .where(bank_entries.c.confirmed_statement_id == statement_row_id)
        .where(bank_entries.c.state != "refined")
    )
    return [(row.direction, row.amount_cents, row.name) for row in rows]


def refine_entry(connection: Connection, entry_id: str) -> bool:
    """A sum whose transfers have come; False when somebody has decided about it, or given a part of it."""
    changed = connection.execute(
        update(bank_entries)
        .where(bank_entries.c.id == entry_id, bank_entries.c.state == "unmatched")
        .where(bank_entries.c.given_cents == 0)
        .values(state="refined")
    )
    return changed.rowcount == 1


def arriving_entries(
    connection: Connection, statement_row_id: str, direction: Direction, limit: int
) -> Sequence[RowMapping]:
    """What a statement brought that way and is still to be decided."""
    rows = connection.execute(
        select(bank_entries)
        .where(bank_entries.c.bank_statement_id == statement_row_id, bank_entries.c.state == "arriving")
        .where(bank_entries.c.direction == direction)
        .order_by(bank_entries.c.booked_on, bank_entries.c.entry_key)
        .limit(limit)
    )
    return rows.mappings().all()


def still_undecided(connection: Connection, entry_ids: Iterable[str]) -> set[str]:
    """Those of them that nobody has decided about: arriving, or told before and taken for others."""
    columns = bank_entries.c
    is_lookalike = and_(columns.state == "unmatched", columns.reason == "lookalike", columns.given_cents == 0)
    undecided = or_(columns.state == "arriving", is_lookalike)
    found: set[str] = set()
    for chunk in _chunks(entry_ids):
        query = select(columns.id).where(among(connection, columns.id, chunk), undecided)
        found.update(connection.execute(query).scalars())
    return found


def leave_waiting(connection: Connection, statement_row_id: str, reasons: Sequence[str]) -> None:
    """Those a report brought that wait for an officer whatever they are."""
    connection.execute(
        update(bank_entries)
        .where(bank_entries.c.bank_statement_id == statement_row_id, bank_entries.c.state == "arriving")
        .where(bank_entries.c.reason.in_(reasons))
        .values(state="unmatched")
    )


def forget_recording(connection: Connection, statement_row_id: str | None = None) -> int:
    """Takes back reports that were never recorded whole (or that one); returns how many."""
    half = bank_statements.c.state == "recording"
    if statement_row_id is not None:
        half = half & (bank_statements.c.id == statement_row_id)
    ids = connection.execute(select(bank_statements.c.id).where(half)).scalars().all()
    if ids:
        connection.execute(delete(bank_entries).where(bank_entries.c.bank_statement_id.in_(ids)))
        connection.execute(delete(bank_statements).where(bank_statements.c.id.in_(ids)))
    return len(ids)


def is_recording(connection: Connection) -> bool:
    """Whether there is one."""
    query = select(bank_statements.c.id).where(bank_statements.c.state == "recording").limit(1)
    return connection.execute(query).first() is not None


def held_cents(connection: Connection, statement_row_id: str) -> int:
    """What a held report would move if its movements counted, whichever way."""
    query = select(func.coalesce(func.sum(bank_entries.c.amount_cents), 0)).where(
        bank_entries.c.bank_statement_id == statement_row_id,
        bank_entries.c.state == "unmatched",
        bank_entries.c.reason.in_(HELD_REASONS),
    )
    return int(connection.execute(query).scalar_one())


def entries_waiting_for(
    connection: Connection, reason: str, statement_row_id: str | None = None, entry_ids: Iterable[str] = ()
) -> Sequence[RowMapping]:
    """Undecided movements with this reason, of a statement or of a list."""
    asked = select(bank_entries).where(bank_entries.c.state == "unmatched", bank_entries.c.reason == reason)
    if statement_row_id is not None:
        rows = connection.execute(asked.where(bank_entries.c.bank_statement_id == statement_row_id))
        return rows.mappings().all()
    return [
        row
        for chunk in _chunks(entry_ids)
        for row in connection.execute(asked.where(among(connection, bank_entries.c.id, chunk))).mappings()
    ]


def dismiss_entries(connection: Connection, statement_row_id: str, officer: str, resolution: str) -> int:
    """Those of a held report that nobody has decided about: they were read before."""
    changed = connection.execute(
        update(bank_entries)
        .where(bank_entries.c.bank_statement_id == statement_row_id, bank_entries.c.state == "unmatched")
        .where(bank_entries.c.reason.in_(HELD_REASONS))
        .values(state="ignored", resolved_by=officer, resolution=resolution[:MAX_RESOLUTION_CHARACTERS])
    )
    return changed.rowcount


def unfinished_statements(connection: Connection) -> Sequence[str]:
    """Those whose credits were not all decided when the process ended."""
    query = select(bank_statements.c.id).where(bank_statements.c.state == "booking")
    return connection.execute(query.order_by(bank_statements.c.as_of_unix_s)).scalars().all()


def set_states(
    connection: Connection, entry_ids: Iterable[str], state: EntryState, reason: str | None = None
) -> None:
    """What the machine decided about movements it has just recorded."""
    for chunk in _chunks(entry_ids):
        these = update(bank_entries).where(among(connection, bank_entries.c.id, chunk))
        connection.execute(these.values(state=state, reason=reason))


def leave_unmatched(connection: Connection, entry_ids: Iterable[str], reason: str | None) -> None:
    """They wait for an officer, and why."""
    set_states(connection, entry_ids, "unmatched", reason)


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Each once, at most as many as one statement takes."""
    each_once = sorted(set(values))
    for start in range(0, len(each_once), IN_LIST_LENGTH):
        yield each_once[start : start + IN_LIST_LENGTH]
