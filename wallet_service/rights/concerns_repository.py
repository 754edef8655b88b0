"""Which rows of a table are about a person: the conditions that `holdings_repository` names. Pure SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, or_, select

from wallet_service.database.tables import (
    bank,
    disputes,
    forced_transfers,
    identity,
    payments,
    people,
    recoveries,
    reversals,
    supervision,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data is asked for."""

    member_id: str
    account_address: str


def by_member(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: table.c.member_id == person.member_id


def by_subject(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: and_(table.c.subject_kind == "member", table.c.subject_id == person.member_id)


def by_recipient(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: and_(table.c.recipient_kind == "member", table.c.recipient_id == person.member_id)


def within(table: Table, column: str, of: Table, key: str) -> Callable[[Person], ColumnElement[bool]]:
    """Rows that name a row of `of`, which is the member's own."""
    return lambda person: table.c[column].in_(select(of.c[key]).where(of.c.member_id == person.member_id))


def files_of(person: Person) -> ColumnElement[bool]:
    files = identity.identity_files
    mine = select(files.c.id).where(files.c.member_id == person.member_id)
    return identity.identity_documents.c.identity_file_id.in_(mine)


def payments_of(person: Person) -> ColumnElement[bool]:
    table = payments.payments
    received = and_(table.c.payee_member_id == person.member_id, table.c.state != "refused")
    return or_(table.c.payer_member_id == person.member_id, received)


def bank_entries_of(person: Person) -> ColumnElement[bool]:
    mine = select(bank.topups.c.bank_entry_id).where(bank.topups.c.member_id == person.member_id)
    return bank.bank_entries.c.id.in_(mine)


def journal_of(person: Person) -> ColumnElement[bool]:
    table = supervision.journal
    acted = and_(table.c.actor_kind == "member", table.c.actor_id == person.member_id)
    return or_(acted, and_(table.c.subject_kind == "member", table.c.subject_id == person.member_id))


def asks_of(person: Person) -> ColumnElement[bool]:
    return people.asks.c.creator_member_id == person.member_id


def parts_of(person: Person) -> ColumnElement[bool]:
    """Of asks they made, and those they pay or are paid by; what another sealed in them does not open."""
    table, asks = people.ask_parts, people.asks
    made = select(asks.c.id).where(asks.c.creator_member_id == person.member_id)
    return or_(
        table.c.ask_id.in_(made),
        table.c.payer_member_id == person.member_id,
        table.c.payee_member_id == person.member_id,
    )


def by_owner(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    """Whom somebody has in their list; who has them in another's is that one's own matter."""
    return lambda person: table.c.owner_member_id == person.member_id


def recovery_papers_of(person: Person) -> ColumnElement[bool]:
    asked = recoveries.recoveries
    mine = select(asked.c.id).where(asked.c.member_id == person.member_id)
    return recoveries.recovery_documents.c.recovery_id.in_(mine)


def disputes_of(person: Person) -> ColumnElement[bool]:
    """Between them and somebody else; what the other wrote does not open."""
    table = disputes.disputes
    return or_(table.c.payer_member_id == person.member_id, table.c.payee_member_id == person.member_id)


def in_disputes_of(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    """Rows about a dispute of theirs."""
    return lambda person: table.c.dispute_id.in_(select(disputes.disputes.c.id).where(disputes_of(person)))


def ordered_about(person: Person) -> ColumnElement[bool]:
    """Transfers by order for a reversal or a dispute of theirs."""
    table = forced_transfers.forced_transfers
    in_reversals = within(table, "reversal_id", reversals.bank_reversals, "id")
    return or_(in_reversals(person), in_disputes_of(table)(person))
