"""What a report would bring into the books, worked out before anything is written. Reads only.

Whoever waits for the database's one writer waits for rows to be written, not for this. The commit that makes
a plan true looks again whether the books still are as the plan found them (`statements_known`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping

from wallet_service.bank import identity
from wallet_service.bank.identity import Marked, Meeting, Settled
from wallet_service.bank.reported import AccountReport
from wallet_service.bank.splitting import lines_of
from wallet_service.bank.statement import NAME_LENGTH, EntryLine, Reason, as_of_unix_s, content_hash
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.sealing import Sealer
from wallet_service.treasury.booking import repository
from wallet_service.treasury.booking.continuity import BalanceChain, ShownLine, is_repetition
from wallet_service.treasury.booking.details import marked, recorded_of
from wallet_service.treasury.booking.repository import Continuity, KnownStatement

#: How far back an equal balance is looked for.
STATEMENTS_LOOKED_AT = 60


@dataclass(frozen=True)
class PreparedReport:
    """A report with its entries' lines."""

    report: AccountReport
    content_hash: str
    entries: Sequence[Sequence[Marked]]


@dataclass(frozen=True)
class Plan:
    """What is new in a report, as the books stood.

    Attributes:
        id: the report's row.
        new: movements to record, each with its name and, where it must wait, its reason.
        taken: the next ordinal of each name once those are recorded.
        shown_in: the statements that show the recorded movements it may meet.
        confirmed: movements that had only been told and it shows.
        after: the statement that follows it, if one came before it.
        statements_known: how many reports the books held.
    """

    id: str
    prepared: PreparedReport
    outcome: Settled
    new: Sequence[Marked]
    taken: Counter[str]
    shown_in: Mapping[str, str | None]
    waits_as: Reason | None
    confirmed: Sequence[RowMapping]
    continuity: Continuity
    after: KnownStatement | None
    statements_known: int

    @property
    def report(self) -> AccountReport:
        return self.prepared.report

    @property
    def is_statement(self) -> bool:
        return self.report.kind == "statement"


def prepare(sealer: Sealer, report: AccountReport) -> PreparedReport:
    """What needs no database."""
    entries = [[marked(sealer, line) for line in lines_of(entry)] for entry in _dated(report)]
    return PreparedReport(report, content_hash(report), entries)


def make_plan(connection: Connection, prepared: PreparedReport) -> Plan | KnownStatement:
    """The report itself when it is recorded already."""
    report, entries = prepared.report, prepared.entries
    statements_known = repository.statement_count(connection)
    namesakes = repository.statements_named(connection, report)
    if same := [each for each in namesakes if each.content_hash == prepared.content_hash]:
        return same[0]
    near = _near(connection, report.iban, entries)
    rows = [row for row in near if row["state"] != "refined"]
    before, after = repository.closed_statements(
        connection, report.iban, as_of_unix_s(report), STATEMENTS_LOOKED_AT
    )
    chain = BalanceChain(before, after)
    meeting = Meeting(report.kind == "statement", chain.is_next(report))
    outcome = identity.settle(entries, [recorded_of(row) for row in rows], meeting)
    told = {row["id"]: row for row in rows if row["confirmed_statement_id"] is None}
    waits_as = _why_all_wait(connection, prepared, outcome, namesakes, meeting, chain)
    outcome = _without_doubts(connection, prepared, outcome, told, meeting, chain)
    confirmed = [told[each] for each in outcome.confirmed if each in told] if meeting.is_statement else []
    new = [*outcome.fresh, *(waiting(each, "lookalike") for each in outcome.doubtful)]
    if waits_as is not None:
        new = [waiting(each, waits_as) for each in new]
    taken = identity.ordinals_taken(row["entry_key"].removeprefix(report.iban) for row in near)
    return Plan(
        id=new_id(),
        prepared=prepared,
        outcome=outcome,
        new=identity.with_names(new, taken),
        taken=taken,
        shown_in={row["id"]: row["confirmed_statement_id"] for row in rows},
        waits_as=waits_as,
        confirmed=confirmed,
        continuity=_continuity(connection, chain, report, outcome, confirmed),
        after=after,
        statements_known=statements_known,
    )


def waiting(movement: Marked, reason: Reason) -> Marked:
    return replace(movement, line=replace(movement.line, reason=reason))


def _why_all_wait(
    connection: Connection,
    prepared: PreparedReport,
    outcome: Settled,
    namesakes: Sequence[KnownStatement],
    meeting: Meeting,
    chain: BalanceChain,
) -> Reason | None:
    """Why an officer must look before anything new in this report counts; None when nothing is odd."""
    report = prepared.report
    if report.kind != "statement" or not (outcome.fresh or outcome.doubtful) or meeting.is_next:
        return None
    if _is_sent_again(connection, prepared, chain):
        return "repeated"
    closed = [each for each in namesakes if each.closing_cents is not None]
    return "corrected" if closed and report.closing is not None else None


def _without_doubts(
    connection: Connection,
    prepared: PreparedReport,
    outcome: Settled,
    told: Mapping[str, RowMapping],
    meeting: Meeting,
    chain: BalanceChain,
) -> Settled:
    """A statement sent again under other names shows nothing for the first time.

    What was told and looked like another is not made real by it: its line may be that other's. Where it
    brings nothing new at all, nor takes a sum apart, nothing told is.
    """
    is_news = bool(outcome.fresh or outcome.doubtful or outcome.refined)
    doubts = {
        each
        for each in outcome.confirmed
        if each in told and (told[each]["reason"] == "lookalike" or not is_news)
    }
    if not doubts or meeting.is_next or not meeting.is_statement:
        return outcome
    if not _is_sent_again(connection, prepared, chain):
        return outcome
    return replace(outcome, confirmed=tuple(each for each in outcome.confirmed if each not in doubts))


def _is_sent_again(connection: Connection, prepared: PreparedReport, chain: BalanceChain) -> bool:
    """Whether it looks like a statement read before, under other names."""
    report = prepared.report
    if report.opening is None or report.closing is None:
        return False
    likes = [
        [ShownLine(*shown) for shown in repository.shown_by(connection, each.id)]
        for each in repository.statements_like(connection, report)
    ]
    lines = [_shown(each.line) for lines in prepared.entries for each in lines]
    return is_repetition(report, lines, likes, follows=chain.follows(report))


def _shown(line: EntryLine) -> ShownLine:
    name = line.references.transaction or line.references.end_to_end
    return ShownLine(line.direction, line.amount_cents, None if name is None else name[:NAME_LENGTH])


def _dated(report: AccountReport) -> list[Any]:
    """The entries, each with a day: the bank's, else the report's last."""
    return [entry if entry.booked_on else replace(entry, booked_on=report.to_on) for entry in report.entries]


def _near(connection: Connection, iban: str, entries: Sequence[Sequence[Marked]]) -> Sequence[RowMapping]:
    lines = [each.line for lines in entries for each in lines]
    names = {name for line in lines for name in (line.references.transaction, line.references.end_to_end)}
    return repository.movements_near(
        connection,
        iban,
        {line.booked_on for line in lines},
        {name[:NAME_LENGTH] for name in names if name},
    )


def _continuity(
    connection: Connection,
    chain: BalanceChain,
    report: AccountReport,
    outcome: Settled,
    confirmed: Sequence[RowMapping],
) -> Continuity:
    shown_cents = sum(each.line.signed_cents for each in (*outcome.fresh, *outcome.doubtful)) + sum(
        row["amount_cents"] if row["direction"] == "CRDT" else -row["amount_cents"] for row in confirmed
    )
    between_cents = 0
    if chain.before:
        since_unix_s = chain.before[0].as_of_unix_s
        between_cents = repository.shown_without_closing_cents(connection, report.iban, since_unix_s)
    return chain.continuity(report, shown_cents, between_cents)
