"""The SQL of the auditor. Reads everybody's tables, alone writes `audit_findings`; takes a Connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Update, func, insert, select, update

from wallet_service.accounts import wholeness
from wallet_service.audit.decisions import Changes, Key
from wallet_service.audit.models import Code, Finding, OpenFinding
from wallet_service.database.tables.bank import topups
from wallet_service.database.tables.chain import balances, chain_transactions, postings
from wallet_service.database.tables.supervision import audit_findings, journal

ANCHOR_PURPOSE = "anchorJournal"
MAX_DETAIL_CHARACTERS = 200
ACCEPTED_ACT = "audit.finding_accepted"
FINDING_SUBJECT = "audit_finding"


@dataclass(frozen=True, slots=True)
class AccountSums:
    """An account's balance and the sum of its postings, read in one statement."""

    account: str
    posted_cents: int
    postings_cents: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A transaction of ours that keeps the journal's head."""

    transaction_hash: str
    sender: str
    is_mined: bool
    stored_at_unix_ms: int


def account_sums(connection: Connection, after_account: str, limit: int) -> list[AccountSums]:
    """The next accounts in order of their address."""
    total = (
        select(func.coalesce(func.sum(postings.c.amount_cents), 0))
        .where(postings.c.account == balances.c.account)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(balances.c.account, balances.c.posted_cents, total)
        .where(balances.c.account > after_account)
        .order_by(balances.c.account)
        .limit(limit)
    )
    return [AccountSums(account, int(posted), int(summed)) for account, posted, summed in rows]


def sum_of_balances(connection: Connection) -> int:
    """Zero: the zero address holds minus what circulates."""
    return int(connection.execute(select(func.coalesce(func.sum(balances.c.posted_cents), 0))).scalar_one())


def minted_and_credited(connection: Connection) -> tuple[int, int] | None:
    """(what the ledger's events minted, what was credited for bank credits), in one statement.

    None while the copy is short: then the chain has mints that SQL does not hold yet.
    """
    if wholeness.is_short(connection):
        return None
    minted = select(func.coalesce(func.sum(postings.c.amount_cents), 0)).where(
        postings.c.kind == "mint", postings.c.leg == 1
    )
    credited = select(func.coalesce(func.sum(topups.c.amount_cents), 0)).where(topups.c.state == "credited")
    row = connection.execute(select(minted.scalar_subquery(), credited.scalar_subquery())).one()
    return int(row[0]), int(row[1])


def journal_hashes(connection: Connection, entry_ids: Iterable[int]) -> dict[int, str]:
    rows = connection.execute(
        select(journal.c.id, journal.c.hash).where(journal.c.id.in_(sorted(set(entry_ids))))
    )
    return {int(number): str(entry_hash) for number, entry_hash in rows}


def anchors(connection: Connection, limit: int) -> list[Anchor]:
    """Newest first; displaced and reverted ones keep nothing and are left out."""
    table = chain_transactions.c
    rows = connection.execute(
        select(table.transaction_hash, table.sender, table.state, table.stored_at_unix_ms)
        .where(table.purpose == ANCHOR_PURPOSE, table.state.in_(("stored", "mined")))
        .order_by(table.id.desc())
        .limit(limit)
    )
    return [
        Anchor(row.transaction_hash, row.sender, row.state == "mined", row.stored_at_unix_ms) for row in rows
    ]


def accepted(connection: Connection) -> set[Key]:
    """Findings a person has looked at and answers for."""
    rows = connection.execute(
        select(journal.c.subject_id, journal.c.details).where(
            journal.c.act == ACCEPTED_ACT, journal.c.subject_kind == FINDING_SUBJECT
        )
    )
    return {(str(row.details["code"]), str(row.details["subject"])) for row in rows}


def open_findings(connection: Connection) -> list[OpenFinding]:
    """Oldest first."""
    rows = connection.execute(
        select(audit_findings)
        .where(audit_findings.c.ended_at_unix_ms.is_(None))
        .order_by(audit_findings.c.since_unix_ms, audit_findings.c.code, audit_findings.c.subject)
    )
    return [
        OpenFinding(Finding(Code(row.code), row.subject, row.difference_cents, row.detail), row.since_unix_ms)
        for row in rows
    ]


def record(connection: Connection, changed: Changes, now_unix_ms: int) -> None:
    for finding in changed.new:
        values = {
            "difference_cents": finding.difference_cents,
            "detail": finding.detail[:MAX_DETAIL_CHARACTERS],
            "since_unix_ms": now_unix_ms,
            "ended_at_unix_ms": None,
        }
        key = (finding.code.value, finding.subject)
        if not connection.execute(_row(key).values(**values)).rowcount:
            connection.execute(insert(audit_findings).values(code=key[0], subject=key[1], **values))
    for finding in changed.changed:
        row = _row((finding.code.value, finding.subject))
        connection.execute(row.values(difference_cents=finding.difference_cents, detail=finding.detail))
    for key in changed.ended:
        connection.execute(_row(key).values(ended_at_unix_ms=now_unix_ms))


def _row(key: Key) -> Update:
    return update(audit_findings).where(audit_findings.c.code == key[0], audit_findings.c.subject == key[1])
