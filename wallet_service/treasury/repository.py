"""The SQL of statements and their entries. Takes a Connection, opens no transaction, seals nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    update,
)

from wallet_service.bank.reported import Direction
from wallet_service.database.tables.bank import bank_entries, bank_statements, redemptions, topups
from wallet_service.database.tables.supervision import journal
from wallet_service.treasury.models import HELD_REASONS, UNTOLD_REASONS, EntryQuery, HeldLine

EntryState = Literal[
    "arriving", "topup", "unmatched", "payout", "payout_return", "resolved", "ignored", "refined", "reversal"
]

#: The journal's act that says what of a file was left aside.
LEFT_ASIDE = "bank.parts_left_aside"
#: To send back to its sender, or noted: nothing is made of it.
SET_ASIDE = frozenset({"resolved", "ignored"})


@dataclass(frozen=True)
class EntryRow:
    """A movement as recorded; `sealed_details` opens with the service's key."""

    id: str
    entry_key: str
    direction: Direction
    amount_cents: int
    booked_on: str
    given_cents: int
    sealed_details: bytes | None
    state: EntryState

    @property
    def rest_cents(self) -> int:
        """What of a credit officers have given to nobody yet."""
        return self.amount_cents - self.given_cents


def resolve_entry(
    connection: Connection, entry_id: str, state: EntryState, officer: str, resolution: str
) -> bool:
    """What an officer decided about all of it; False when somebody else decided first.

    Of one that is given in part, the rest can only be set aside.
    """
    chosen = update(bank_entries).where(bank_entries.c.id == entry_id, bank_entries.c.state == "unmatched")
    if state not in SET_ASIDE:
        chosen = chosen.where(bank_entries.c.given_cents == 0)
    changed = connection.execute(chosen.values(state=state, resolved_by=officer, resolution=resolution))
    return changed.rowcount == 1


def give_of_entry(
    connection: Connection, entry_id: str, amount_cents: int, officer: str, resolution: str
) -> bool:
    """What an officer gave to a member; with the last cent the entry is dealt with.

    False when so much is not left, or somebody else decided first.
    """
    given_cents = bank_entries.c.given_cents + amount_cents
    changed = connection.execute(
        update(bank_entries)
        .where(bank_entries.c.id == entry_id, bank_entries.c.state == "unmatched")
        .where(given_cents <= bank_entries.c.amount_cents)
        .values(
            given_cents=given_cents,
            state=case((given_cents == bank_entries.c.amount_cents, "topup"), else_="unmatched"),
            resolved_by=officer,
            resolution=resolution,
        )
    )
    return changed.rowcount == 1


def entry_by_id(connection: Connection, entry_id: str) -> EntryRow | None:
    row = connection.execute(select(bank_entries).where(bank_entries.c.id == entry_id)).mappings().first()
    if row is None:
        return None
    return EntryRow(
        id=row["id"],
        entry_key=row["entry_key"],
        direction=row["direction"],
        amount_cents=row["amount_cents"],
        booked_on=row["booked_on"],
        given_cents=row["given_cents"],
        sealed_details=row["sealed_details"],
        state=row["state"],
    )


# what officers read of entries


def entry_with_source(connection: Connection, entry_id: str) -> Row[Any] | None:
    """An entry with the file and the report it came in."""
    return connection.execute(_joined().where(bank_entries.c.id == entry_id)).one_or_none()


def entry_page(connection: Connection, query: EntryQuery, after: str, length: int) -> Sequence[Row[Any]]:
    """The entries its plain conditions leave, each with its source; `after`: booking date and id, "" none.

    Words are not looked for: they are sealed.
    """
    day, key = bank_entries.c.booked_on, bank_entries.c.id
    asked = _joined().where(*_conditions(query))
    last_day, parts, last_id = after.partition(".")
    is_newest_first = query.among != "waiting"
    if parts and is_newest_first:
        asked = asked.where(or_(day < last_day, and_(day == last_day, key < last_id)))
    elif parts:
        asked = asked.where(or_(day > last_day, and_(day == last_day, key > last_id)))
    order = (day.desc(), key.desc()) if is_newest_first else (day, key)
    return connection.execute(asked.order_by(*order).limit(length)).all()


def waiting_sums(connection: Connection) -> list[tuple[str, str | None, int, int]]:
    """Of entries that wait, by direction and reason: how many, and the cents not given yet."""
    columns = bank_entries.c
    rows = connection.execute(
        select(
            columns.direction,
            columns.reason,
            func.count(),
            func.sum(columns.amount_cents - columns.given_cents),
        )
        .where(columns.state == "unmatched")
        .group_by(columns.direction, columns.reason)
    )
    return [(direction, reason, int(count), int(cents)) for direction, reason, count, cents in rows]


def sum_to_return(connection: Connection) -> tuple[int, int]:
    """How many credits go back to their payers, and how many cents."""
    columns = bank_entries.c
    rests = select(func.coalesce(func.sum(columns.amount_cents - columns.given_cents), 0))
    given_up = select(func.coalesce(func.sum(topups.c.amount_cents), 0))
    count = connection.execute(select(func.count()).where(_is_to_return())).scalar_one()
    cents = connection.execute(rests.where(columns.state == "resolved")).scalar_one()
    cents += connection.execute(given_up.where(topups.c.state == "returned")).scalar_one()
    return int(count), int(cents)


def past_members(connection: Connection, payer_key: str, limit: int) -> dict[str, str]:
    """Member -> booking date of the last transfer of this account that was theirs and stayed."""
    last_on = func.max(bank_entries.c.booked_on)
    rows = connection.execute(
        select(topups.c.member_id, last_on)
        .join(bank_entries, bank_entries.c.id == topups.c.bank_entry_id)
        .where(bank_entries.c.payer_key == payer_key, topups.c.state != "returned")
        .group_by(topups.c.member_id)
        .order_by(last_on.desc())
        .limit(limit)
    )
    return {row[0]: row[1] for row in rows}


def _joined() -> Select[Any]:
    source = (
        bank_statements.c.file_name,
        bank_statements.c.statement_id,
        _is_to_return().label("is_to_return"),
    )
    return select(bank_entries, *source).join(
        bank_statements, bank_statements.c.id == bank_entries.c.bank_statement_id
    )


def _conditions(query: EntryQuery) -> Iterator[ColumnElement[bool]]:
    columns = bank_entries.c
    if query.among == "waiting":
        yield columns.state == "unmatched"
    if query.among == "to_return":
        yield _is_to_return()
    if query.amount_cents is not None:
        yield columns.amount_cents == query.amount_cents
    if query.since:
        yield columns.booked_on >= query.since
    if query.until:
        yield columns.booked_on <= query.until
    if query.direction:
        yield columns.direction == query.direction
    if query.reason in UNTOLD_REASONS.values():
        yield columns.reason.is_(None)
        yield columns.direction.in_([way for way, code in UNTOLD_REASONS.items() if code == query.reason])
    elif query.reason:
        yield columns.reason == query.reason


def _is_to_return() -> ColumnElement[bool]:
    """A credit set aside for its payer, whole or what was left of it, or one whose credit was given up."""
    given_up = select(topups.c.bank_entry_id).where(topups.c.state == "returned")
    return or_(bank_entries.c.state == "resolved", bank_entries.c.id.in_(given_up))


# what officers read of reports


def statement_page(connection: Connection, before: tuple[int, str] | None, length: int) -> Sequence[Row[Any]]:
    """Newest balance first; `before`: the second and the id of the last one seen."""
    columns = bank_statements.c
    query = select(bank_statements).order_by(columns.as_of_unix_s.desc(), columns.id.desc())
    if before is not None:
        at, last_id = before
        query = query.where(
            or_(columns.as_of_unix_s < at, and_(columns.as_of_unix_s == at, columns.id < last_id))
        )
    return connection.execute(query.limit(length)).all()


def entry_counts(connection: Connection, statement_row_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Of each report's entries, how many wait, and how many could not be taken as they stood."""
    conditions = (bank_entries.c.state == "unmatched", bank_entries.c.reason.is_not(None))
    counted = [func.sum(case((condition, 1), else_=0)) for condition in conditions]
    rows = connection.execute(
        select(bank_entries.c.bank_statement_id, *counted)
        .where(bank_entries.c.bank_statement_id.in_(list(statement_row_ids)))
        .group_by(bank_entries.c.bank_statement_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def held_lines(connection: Connection, statement_row_id: str, limit: int) -> tuple[HeldLine, ...]:
    """The movements of a held report, in the order they were booked; so many at most."""
    query = (
        select(bank_entries)
        .where(
            bank_entries.c.bank_statement_id == statement_row_id,
            bank_entries.c.state == "unmatched",
            bank_entries.c.reason.in_(HELD_REASONS),
        )
        .order_by(bank_entries.c.booked_on, bank_entries.c.id)
    )
    return tuple(
        HeldLine(row.booked_on, row.direction, row.amount_cents, row.structured_reference)
        for row in connection.execute(query.limit(limit))
    )


def left_aside(connection: Connection, file_hashes: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """What the journal says was left aside of files, by their SHA-256."""
    rows = connection.execute(
        select(journal.c.subject_id, journal.c.details).where(
            journal.c.subject_kind == "bank_file",
            journal.c.subject_id.in_(set(file_hashes)),
            journal.c.act == LEFT_ASIDE,
        )
    )
    return {row.subject_id: row.details or {} for row in rows}


# what a rehearsal asks


def statement_ids(connection: Connection) -> set[str]:
    return set(connection.execute(select(bank_statements.c.id)).scalars())


def statement_besides(connection: Connection, known_ids: set[str]) -> RowMapping | None:
    """A report that is none of these."""
    query = select(bank_statements).where(bank_statements.c.id.not_in(known_ids))
    return connection.execute(query).mappings().first()


def entries_of_statement(connection: Connection, statement_row_id: str) -> Sequence[RowMapping]:
    """By day, then as the bank names them."""
    query = (
        select(bank_entries)
        .where(bank_entries.c.bank_statement_id == statement_row_id)
        .order_by(bank_entries.c.booked_on, bank_entries.c.entry_key)
    )
    return connection.execute(query).mappings().all()


def topup_of_entry(connection: Connection, entry_id: str) -> RowMapping:
    """Its member, and why it is held."""
    query = select(topups.c.member_id, topups.c.held_reason).where(topups.c.bank_entry_id == entry_id)
    return connection.execute(query).mappings().one()


def redemptions_paid_by(connection: Connection, entry_id: str) -> Sequence[str]:
    query = select(redemptions.c.ref).where(redemptions.c.bank_entry_id == entry_id)
    return connection.execute(query).scalars().all()


def redemptions_returned_by(connection: Connection, entry_id: str) -> Sequence[str]:
    query = select(redemptions.c.ref).where(redemptions.c.return_entry_id == entry_id)
    return connection.execute(query).scalars().all()
