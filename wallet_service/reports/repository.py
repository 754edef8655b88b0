"""The SQL behind the figures, the same on SQLite and PostgreSQL. Reads the copy of the chain, never writes.

Sums are made by hour, which days of any time zone can be made from. A refund is a payment back and no trade:
it is left out of volumes and counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, and_, distinct, func, or_, select, true
from sqlalchemy.sql import ColumnElement

from wallet_service.database.tables.bank import (
    attestations,
    bank_entries,
    bank_statements,
    payout_files,
    redemptions,
    topups,
    unclaimed_redemptions,
    unplaced_answers,
)
from wallet_service.database.tables.chain import blocks, chain_commands, chain_events, postings
from wallet_service.database.tables.disputes import disputes
from wallet_service.database.tables.identity import identity_files
from wallet_service.database.tables.members import listing_changes, members
from wallet_service.database.tables.payments import payments
from wallet_service.database.tables.quarantine import quarantined_rows
from wallet_service.database.tables.recoveries import recoveries
from wallet_service.database.tables.reversals import OPEN_REVERSAL, bank_reversals
from wallet_service.database.tables.supervision import approvals
from wallet_service.protocol.kinds import PROFESSIONAL_KINDS
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.redemptions.repository import IN_TROUBLE
from wallet_service.redemptions.unclaimed import STILL_LOCKED

HOUR_S = 3_600
MAX_ATTESTATIONS = 400
MAX_QUARANTINED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class LastBlock:
    number: int
    block_hash: str
    timestamp_unix_s: int
    indexed_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class Outbox:
    """Payments and commands not yet final, and commands the ledger refused."""

    payments_count: int
    commands_count: int
    failed_count: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that could not be read, by what cannot be done with it and its key."""

    kind: str
    row_key: str
    found_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class HourSum:
    count: dict[int, int]
    cents: dict[int, int]


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """A queue: how many wait, since when the oldest does, and for how much where money waits."""

    count: int
    oldest_unix_ms: int | None
    amount_cents: int | None


def supply_cents(connection: Connection) -> int:
    """Minted minus burned: the zero address stands for the issuer and holds minus what circulates."""
    total = connection.execute(
        select(func.coalesce(func.sum(postings.c.amount_cents), 0)).where(postings.c.account == ZERO_ADDRESS)
    ).scalar_one()
    return -int(total)


def supply_before_cents(connection: Connection, unix_s: int) -> int:
    total = connection.execute(
        select(func.coalesce(func.sum(postings.c.amount_cents), 0))
        .where(postings.c.account == ZERO_ADDRESS)
        .where(postings.c.block_timestamp_unix_s < unix_s)
    ).scalar_one()
    return -int(total)


def minted_by_hour(connection: Connection, since_unix_s: int) -> dict[int, int]:
    return _issued_by_hour(connection, since_unix_s, postings.c.amount_cents < 0)


def burned_by_hour(connection: Connection, since_unix_s: int) -> dict[int, int]:
    return _issued_by_hour(connection, since_unix_s, postings.c.amount_cents > 0)


def _issued_by_hour(connection: Connection, since_unix_s: int, side: ColumnElement[bool]) -> dict[int, int]:
    hour = _hour()
    rows = connection.execute(
        select(hour, func.sum(postings.c.amount_cents))
        .where(postings.c.account == ZERO_ADDRESS, postings.c.block_timestamp_unix_s >= since_unix_s, side)
        .group_by(hour)
    )
    return {int(found): abs(int(total)) for found, total in rows}


def payments_by_hour(connection: Connection, since_unix_s: int) -> HourSum:
    hour = _hour()
    rows = connection.execute(
        _trade(hour, func.count(), func.sum(postings.c.amount_cents), since_unix_s=since_unix_s).group_by(
            hour
        )
    ).all()
    return HourSum({int(row[0]): int(row[1]) for row in rows}, {int(row[0]): int(row[2]) for row in rows})


def payments_between(connection: Connection, since_unix_s: int, before_unix_s: int) -> int:
    """How many, from one moment to just before another."""
    query = _trade(func.count(), since_unix_s=since_unix_s).where(
        postings.c.block_timestamp_unix_s < before_unix_s
    )
    return int(connection.execute(query).scalar_one())


def received_by_sector(connection: Connection, since_unix_s: int) -> list[tuple[str | None, int, int]]:
    """(NAF division, payments, cents) of what professionals received."""
    query = _trade(
        members.c.sector, func.count(), func.sum(postings.c.amount_cents), since_unix_s=since_unix_s
    )
    query = query.where(members.c.kind.in_(PROFESSIONAL_KINDS)).group_by(members.c.sector)
    return [(row[0], int(row[1]), int(row[2])) for row in connection.execute(query)]


def received_by_department(
    connection: Connection, since_unix_s: int
) -> list[tuple[str | None, int, int, int]]:
    """(first two figures of the commune code, professionals paid, payments, cents)."""
    department = func.substr(members.c.commune_code, 1, 2)
    query = _trade(
        department,
        func.count(distinct(members.c.id)),
        func.count(),
        func.sum(postings.c.amount_cents),
        since_unix_s=since_unix_s,
    )
    query = query.where(members.c.kind.in_(PROFESSIONAL_KINDS)).group_by(department)
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in connection.execute(query)]


def received_by_professionals_cents(connection: Connection, since_unix_s: int) -> int:
    query = _trade(func.coalesce(func.sum(postings.c.amount_cents), 0), since_unix_s=since_unix_s)
    return int(connection.execute(query.where(members.c.kind.in_(PROFESSIONAL_KINDS))).scalar_one())


def spent_by_professionals_cents(connection: Connection, since_unix_s: int) -> int:
    """What professionals paid to other members instead of taking it out in euros; refunds left out."""
    query = (
        select(func.coalesce(func.sum(postings.c.amount_cents), 0))
        .select_from(_posted_payments())
        .where(_is_trade(since_unix_s), postings.c.amount_cents < 0, members.c.kind.in_(PROFESSIONAL_KINDS))
    )
    return -int(connection.execute(query).scalar_one())


def active_members(connection: Connection, since_unix_s: int) -> dict[str, int]:
    """Kind -> members who paid or were paid since then."""
    query = (
        select(members.c.kind, func.count(distinct(members.c.id)))
        .select_from(_posted_payments())
        .where(_is_trade(since_unix_s))
        .group_by(members.c.kind)
    )
    return {kind: int(count) for kind, count in connection.execute(query)}


def enrolled_members(connection: Connection) -> dict[str, int]:
    query = select(members.c.kind, func.count()).where(members.c.state == "active").group_by(members.c.kind)
    return {kind: int(count) for kind, count in connection.execute(query)}


def attestation_events(connection: Connection) -> list[Row[Any]]:
    """The last attestations as the chain holds them, oldest first: arguments and the block's moment."""
    query = (
        select(chain_events.c.arguments, chain_events.c.block_number, blocks.c.timestamp_unix_s)
        .join(blocks, blocks.c.number == chain_events.c.block_number)
        .where(chain_events.c.name == "ReserveAttested")
        .order_by(chain_events.c.block_number.desc(), chain_events.c.log_index.desc())
        .limit(MAX_ATTESTATIONS)
    )
    return list(reversed(connection.execute(query).all()))


def last_block(connection: Connection) -> LastBlock | None:
    row = connection.execute(select(blocks).order_by(blocks.c.number.desc()).limit(1)).one_or_none()
    return LastBlock(row.number, row.hash, row.timestamp_unix_s, row.indexed_at_unix_ms) if row else None


def outbox(connection: Connection) -> Outbox:
    def number(table: Table, *states: str) -> int:
        query = select(func.count()).select_from(table).where(table.c.state.in_(states))
        return int(connection.execute(query).scalar_one())

    return Outbox(
        payments_count=number(payments, "accepted", "settling"),
        commands_count=number(chain_commands, "queued", "sent"),
        failed_count=number(chain_commands, "failed"),
    )


def queues(connection: Connection, now_unix_ms: int, approval_lifetime_ms: int) -> dict[str, QueueSummary]:
    """Everything that waits for a person, by the name of its queue."""
    unmatched = bank_entries.join(bank_statements, bank_statements.c.id == bank_entries.c.bank_statement_id)
    return {
        "identities": _waiting(
            connection,
            identity_files,
            identity_files.c.state == "submitted",
            identity_files.c.submitted_at_unix_ms,
        ),
        "unmatched": _waiting(
            connection,
            unmatched,
            bank_entries.c.state == "unmatched",
            bank_statements.c.received_at_unix_ms,
            bank_entries.c.amount_cents - bank_entries.c.given_cents,
        ),
        "statements": _waiting(
            connection,
            bank_statements,
            bank_statements.c.state == "held",
            bank_statements.c.received_at_unix_ms,
        ),
        "held": _waiting(
            connection, topups, topups.c.state == "held", topups.c.matched_at_unix_ms, topups.c.amount_cents
        ),
        "reversals": _waiting(
            connection,
            bank_reversals,
            bank_reversals.c.state == OPEN_REVERSAL,
            bank_reversals.c.noted_at_unix_ms,
            bank_reversals.c.amount_cents,
        ),
        "disputes_late": _contested(connection, disputes.c.decide_by_unix_ms <= now_unix_ms),
        "disputes": _contested(connection, disputes.c.decide_by_unix_ms > now_unix_ms),
        "listings": _waiting(
            connection,
            listing_changes,
            listing_changes.c.seen_at_unix_ms.is_(None),
            listing_changes.c.changed_at_unix_ms,
        ),
        "recoveries": _waiting(
            connection, recoveries, recoveries.c.state == "asked", recoveries.c.asked_at_unix_ms
        ),
        "troubles": _waiting(
            connection,
            redemptions,
            IN_TROUBLE,
            redemptions.c.requested_at_unix_ms,
            redemptions.c.amount_cents,
        ),
        "unclaimed": _waiting(
            connection,
            unclaimed_redemptions,
            STILL_LOCKED,
            unclaimed_redemptions.c.locked_at_unix_ms,
            unclaimed_redemptions.c.amount_cents,
        ),
        "held_back": _waiting(
            connection,
            redemptions,
            and_(redemptions.c.state == "locked", redemptions.c.held_reason.is_not(None)),
            redemptions.c.locked_at_unix_ms,
            redemptions.c.amount_cents,
        ),
        "answers": _waiting(
            connection,
            unplaced_answers,
            unplaced_answers.c.settled_by.is_(None),
            unplaced_answers.c.received_at_unix_ms,
        ),
        "redemptions": _waiting(
            connection,
            redemptions,
            and_(
                redemptions.c.state == "locked",
                redemptions.c.payout_file_id.is_(None),
                redemptions.c.held_reason.is_(None),
            ),
            redemptions.c.locked_at_unix_ms,
            redemptions.c.amount_cents,
        ),
        "payouts": _waiting(
            connection,
            payout_files,
            payout_files.c.state == "prepared",
            payout_files.c.prepared_at_unix_ms,
            payout_files.c.total_cents,
        ),
        "approvals": _waiting(
            connection,
            approvals,
            and_(
                approvals.c.state == "asked",
                approvals.c.asked_at_unix_ms > now_unix_ms - approval_lifetime_ms,
            ),
            approvals.c.asked_at_unix_ms,
        ),
        "proposals": _waiting(
            connection,
            topups,
            topups.c.state == "proposed",
            topups.c.matched_at_unix_ms,
            topups.c.amount_cents,
        ),
        "attestations": _waiting(
            connection,
            attestations,
            and_(attestations.c.failure.is_not(None), attestations.c.attested_at_unix_s.is_(None)),
            attestations.c.created_at_unix_ms,
        ),
        "quarantined": _waiting(connection, quarantined_rows, true(), quarantined_rows.c.found_at_unix_ms),
    }


def quarantined(connection: Connection) -> list[Quarantined]:
    """Rows that could not be read, oldest first; a bounded number."""
    columns = (quarantined_rows.c.kind, quarantined_rows.c.row_key, quarantined_rows.c.found_at_unix_ms)
    query = select(*columns).order_by(quarantined_rows.c.found_at_unix_ms, quarantined_rows.c.row_key)
    return [Quarantined(*row) for row in connection.execute(query.limit(MAX_QUARANTINED_SHOWN))]


def _contested(connection: Connection, when: ColumnElement[bool]) -> QueueSummary:
    undecided = and_(disputes.c.state == "open", when)
    return _waiting(connection, disputes, undecided, disputes.c.opened_at_unix_ms, disputes.c.amount_cents)


def _waiting(
    connection: Connection,
    source: Any,
    condition: ColumnElement[bool],
    since: ColumnElement[int],
    amount: ColumnElement[int] | None = None,
) -> QueueSummary:
    columns: list[Any] = [func.count(), func.min(since)]
    if amount is not None:
        columns.append(func.coalesce(func.sum(amount), 0))
    row = connection.execute(select(*columns).select_from(source).where(condition)).one()
    return QueueSummary(int(row[0]), row[1], int(row[2]) if amount is not None else None)


def _hour() -> ColumnElement[int]:
    """Whole hours since 1970."""
    return postings.c.block_timestamp_unix_s // HOUR_S


def _posted_payments() -> Any:
    return postings.join(members, members.c.account_address == postings.c.account).outerjoin(
        payments, payments.c.ref == postings.c.ref
    )


def _is_trade(since_unix_s: int) -> ColumnElement[bool]:
    return and_(
        postings.c.kind == "payment",
        postings.c.block_timestamp_unix_s >= since_unix_s,
        or_(payments.c.purpose.is_(None), payments.c.purpose != "refund"),
    )


def _trade(*columns: Any, since_unix_s: int) -> Select[Any]:
    """The receiving leg of each payment."""
    return (
        select(*columns)
        .select_from(_posted_payments())
        .where(_is_trade(since_unix_s), postings.c.amount_cents > 0)
    )
