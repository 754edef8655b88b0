"""Which rows of which table are about a person, as data: what the export gives, and what it cannot.

Every table is either here or argued not to be about a person, and a test holds that: a new one has to be
placed. Secrets and their digests, officers' names and what an officer wrote of a person's case are left out
(GDPR, article 15(4); Code monétaire et financier, L561-18 and L561-45: what concerns such checks is asked of
the CNIL). Reads on a connection that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Table, and_, func, or_, select

from wallet_service.database.tables import (
    bank,
    chain,
    disputes,
    identity,
    loading,
    members,
    payments,
    people,
    push,
    recoveries,
    reversals,
    supervision,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data is asked for."""

    member_id: str
    account_address: str


@dataclass(frozen=True)
class Holding:
    """Rows of one table about a person.

    Attributes:
        section: the name of these rows in the export; several tables may share one.
        whose: the condition that picks the person's rows.
        order: newest first by this column.
        sealed: columns sealed under the person's key, and what names the row to the seal.
        sealed_by_service: the same, under the service's.
        left_out: columns that are not given.
    """

    section: str
    table: Table
    whose: Callable[[Person], ColumnElement[bool]]
    order: Column[Any]
    sealed: Mapping[str, Callable[[RowMapping], str]] = field(default_factory=dict)
    sealed_by_service: Mapping[str, Callable[[RowMapping], str]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


def _by_member(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: table.c.member_id == person.member_id


def _mine(section: str, table: Table, order: str, **given: Any) -> Holding:
    """Rows that name the member in `member_id`."""
    return Holding(section, table, _by_member(table), table.c[order], **given)


def _by_subject(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: and_(table.c.subject_kind == "member", table.c.subject_id == person.member_id)


def _by_recipient(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: and_(table.c.recipient_kind == "member", table.c.recipient_id == person.member_id)


def _told(section: str, table: Table, order: str, **given: Any) -> Holding:
    return Holding(section, table, _by_recipient(table), table.c[order], **given)


def _within(table: Table, column: str, of: Table, key: str) -> Callable[[Person], ColumnElement[bool]]:
    """Rows that name a row of `of`, which is the member's own."""
    return lambda person: table.c[column].in_(select(of.c[key]).where(of.c.member_id == person.member_id))


def _named(column: str) -> Callable[[RowMapping], str]:
    return lambda row: str(row[column])


def _files_of(person: Person) -> ColumnElement[bool]:
    files = identity.identity_files
    mine = select(files.c.id).where(files.c.member_id == person.member_id)
    return identity.identity_documents.c.identity_file_id.in_(mine)


def _payments_of(person: Person) -> ColumnElement[bool]:
    table = payments.payments
    received = and_(table.c.payee_member_id == person.member_id, table.c.state != "refused")
    return or_(table.c.payer_member_id == person.member_id, received)


def _bank_entries_of(person: Person) -> ColumnElement[bool]:
    mine = select(bank.topups.c.bank_entry_id).where(bank.topups.c.member_id == person.member_id)
    return bank.bank_entries.c.id.in_(mine)


def _journal_of(person: Person) -> ColumnElement[bool]:
    table = supervision.journal
    acted = and_(table.c.actor_kind == "member", table.c.actor_id == person.member_id)
    return or_(acted, and_(table.c.subject_kind == "member", table.c.subject_id == person.member_id))


def _asks_of(person: Person) -> ColumnElement[bool]:
    return people.asks.c.creator_member_id == person.member_id


def _parts_of(person: Person) -> ColumnElement[bool]:
    """Of asks they made, and those they pay or are paid by; what another sealed in them does not open."""
    table, asks = people.ask_parts, people.asks
    made = select(asks.c.id).where(asks.c.creator_member_id == person.member_id)
    return or_(
        table.c.ask_id.in_(made),
        table.c.payer_member_id == person.member_id,
        table.c.payee_member_id == person.member_id,
    )


def _by_owner(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    """Whom somebody has in their list; who has them in another's is that one's own matter."""
    return lambda person: table.c.owner_member_id == person.member_id


def _recovery_papers_of(person: Person) -> ColumnElement[bool]:
    asked = recoveries.recoveries
    mine = select(asked.c.id).where(asked.c.member_id == person.member_id)
    return recoveries.recovery_documents.c.recovery_id.in_(mine)


def _disputes_of(person: Person) -> ColumnElement[bool]:
    """Between them and somebody else; what the other wrote does not open."""
    table = disputes.disputes
    return or_(table.c.payer_member_id == person.member_id, table.c.payee_member_id == person.member_id)


def _in_disputes_of(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    """Rows about a dispute of theirs."""
    return lambda person: table.c.dispute_id.in_(select(disputes.disputes.c.id).where(_disputes_of(person)))


#: They tell that two accounts are one person's, and say nothing.
_MARKS = frozenset({"subject_mark", "person_mark"})

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "identity",
        members.members,
        lambda person: members.members.c.id == person.member_id,
        members.members.c.created_at_unix_ms,
        sealed={"sealed_identity": _named("id")},
    ),
    _mine(
        "identity",
        identity.identity_files,
        "created_at_unix_ms",
        sealed={"sealed_declaration": _named("id")},
        left_out=frozenset({"decided_by"}),
    ),
    _mine("identity", identity.identity_proofs, "proved_at_unix_ms", left_out=_MARKS),
    _mine(
        "identity",
        identity.identity_attempts,
        "begun_at_unix_ms",
        sealed=dict.fromkeys(("sealed_secrets", "sealed_answer"), _named("id")),
        left_out=frozenset({"handle_hash", "browser_hash", "sealed_secrets", "sealed_answer"}),
    ),
    Holding(
        "documents",
        identity.identity_documents,
        _files_of,
        identity.identity_documents.c.uploaded_at_unix_ms,
        sealed={"sealed_content": _named("id")},
    ),
    Holding(
        "documents",
        recoveries.recovery_documents,
        _recovery_papers_of,
        recoveries.recovery_documents.c.uploaded_at_unix_ms,
        sealed={"sealed_content": _named("id")},
    ),
    _mine("access", members.devices, "created_at_unix_ms"),
    Holding(
        "access",
        identity.passkeys,
        _by_subject(identity.passkeys),
        identity.passkeys.c.created_at_unix_ms,
    ),
    Holding(
        "access",
        identity.sessions,
        _by_subject(identity.sessions),
        identity.sessions.c.created_at_unix_ms,
        left_out=frozenset({"token_hash", "csrf_token"}),
    ),
    _mine("access", members.device_codes, "expires_at_unix_ms", left_out=frozenset({"code_hash"})),
    _mine("access", members.device_moves, "expires_at_unix_ms", left_out=frozenset({"id"})),
    _mine("listing", members.listings, "changed_at_unix_ms", left_out=frozenset({"withheld_by"})),
    _mine("listing", members.listing_pictures, "uploaded_at_unix_ms"),
    _mine("listing", members.listing_changes, "id", left_out=frozenset({"seen_by"})),
    _mine("tills", members.tills, "paired_at_unix_ms"),
    _mine("tills", members.pairing_codes, "created_at_unix_ms", left_out=frozenset({"code_hash"})),
    Holding(
        "movements",
        payments.payments,
        _payments_of,
        payments.payments.c.accepted_at_unix_ms,
        left_out=frozenset({"chain_transaction_id", "small_nonce"}),
    ),
    _mine("movements", payments.sales, "created_at_unix_ms"),
    _mine("movements", payments.refund_requests, "requested_at_unix_ms"),
    Holding(
        "movements",
        chain.balances,
        lambda person: chain.balances.c.account == person.account_address,
        chain.balances.c.account,
    ),
    Holding(
        "movements",
        chain.postings,
        lambda person: chain.postings.c.account == person.account_address,
        chain.postings.c.block_number,
    ),
    _mine("euros", bank.topup_references, "created_at_unix_ms"),
    _mine("euros", bank.topups, "matched_at_unix_ms", left_out=frozenset({"given_by"})),
    _mine("euros", bank.announced_topups, "announced_at_unix_ms"),
    Holding(
        "euros",
        bank.bank_entries,
        _bank_entries_of,
        bank.bank_entries.c.booked_on,
        sealed_by_service={"sealed_details": _named("id")},
        left_out=frozenset({"content_mark", "payer_key", "resolved_by"}),
    ),
    _mine(
        "euros",
        bank.redemptions,
        "requested_at_unix_ms",
        sealed={"sealed_iban": _named("ref"), "sealed_holder": _named("ref")},
    ),
    Holding(
        "euros",
        bank.unclaimed_redemptions,
        lambda person: bank.unclaimed_redemptions.c.account_address == person.account_address,
        bank.unclaimed_redemptions.c.locked_at_unix_ms,
    ),
    Holding(
        "euros",
        bank.payout_lines,
        _within(bank.payout_lines, "redemption_ref", bank.redemptions, "ref"),
        bank.payout_lines.c.payout_file_id,
        sealed={"sealed_payee_name": lambda row: f"{row['payout_file_id']}:{row['redemption_ref']}"},
        left_out=frozenset({"accepted_by"}),
    ),
    _mine("euros", loading.standing_orders, "changed_at_unix_ms"),
    _mine("euros", loading.low_balance_notices, "changed_at_unix_ms"),
    _mine("people", people.payee_codes, "made_at_unix_ms"),
    Holding("people", people.contacts, _by_owner(people.contacts), people.contacts.c.created_at_unix_ms),
    Holding(
        "people",
        people.contact_blocks,
        _by_owner(people.contact_blocks),
        people.contact_blocks.c.created_at_unix_ms,
    ),
    _mine("people", people.own_caps, "member_id"),
    Holding(
        "people",
        people.asks,
        _asks_of,
        people.asks.c.created_at_unix_ms,
        sealed={"sealed_message": _named("id")},
    ),
    Holding(
        "people",
        people.ask_parts,
        _parts_of,
        people.ask_parts.c.id,
        sealed={"sealed_address": _named("id"), "sealed_word": _named("id")},
        left_out=frozenset({"address_mark"}),
    ),
    _told("notices", push.notices, "created_at_unix_ms"),
    _told(
        "notices",
        push.notice_endpoints,
        "created_at_unix_ms",
        sealed={"sealed_endpoint": _named("id")},
        left_out=frozenset({"mark"}),
    ),
    _told("notices", push.notice_choices, "kind"),
    _told(
        "notices",
        push.notice_mails,
        "code_expires_at_unix_ms",
        sealed={"sealed_address": _named("recipient_id")},
        left_out=frozenset({"code_hash"}),
    ),
    _mine(
        "acts",
        recoveries.recoveries,
        "asked_at_unix_ms",
        left_out=frozenset({"token_digest", "decided_by", "ground", "ground_salt"}),
    ),
    _mine("acts", recoveries.recovery_codes, "made_at_unix_ms", left_out=frozenset({"code_hash"})),
    _mine(
        "acts",
        supervision.freezes,
        "asked_at_unix_ms",
        left_out=frozenset({"ground", "ground_salt", "asked_by", "lifted_by"}),
    ),
    _mine(
        "acts",
        supervision.key_suspensions,
        "asked_at_unix_ms",
        left_out=frozenset({"ground", "ground_salt", "asked_by", "released_by"}),
    ),
    _mine(
        "acts",
        reversals.bank_reversals,
        "noted_at_unix_ms",
        left_out=frozenset({"ground", "decided_by", "pay_back_allowed_by"}),
    ),
    Holding(
        "acts",
        reversals.reversal_recoveries,
        _within(reversals.reversal_recoveries, "reversal_id", reversals.bank_reversals, "id"),
        reversals.reversal_recoveries.c.at_unix_ms,
    ),
    Holding(
        "acts",
        reversals.forced_transfers,
        _within(reversals.forced_transfers, "reversal_id", reversals.bank_reversals, "id"),
        reversals.forced_transfers.c.asked_at_unix_ms,
        left_out=frozenset({"ground", "ground_salt", "asked_by"}),
    ),
    Holding(
        "disputes",
        disputes.disputes,
        _disputes_of,
        disputes.disputes.c.opened_at_unix_ms,
        sealed={"sealed_words": _named("id"), "sealed_answer": _named("id")},
        left_out=frozenset({"decided_by", "ground"}),
    ),
    _mine("disputes", disputes.dispute_holds, "id"),
    Holding(
        "disputes",
        disputes.account_holds,
        lambda person: disputes.account_holds.c.account_address == person.account_address,
        disputes.account_holds.c.account_address,
    ),
    Holding(
        "disputes",
        disputes.dispute_returns,
        _in_disputes_of(disputes.dispute_returns),
        disputes.dispute_returns.c.at_unix_ms,
        left_out=frozenset({"hold_id"}),
    ),
    Holding(
        "disputes",
        disputes.dispute_takings,
        _in_disputes_of(disputes.dispute_takings),
        disputes.dispute_takings.c.asked_at_unix_ms,
        left_out=frozenset({"ground", "ground_salt", "asked_by", "hold_id"}),
    ),
    _mine(
        "documents",
        disputes.dispute_documents,
        "uploaded_at_unix_ms",
        sealed={"sealed_content": _named("id")},
    ),
    Holding(
        "acts",
        supervision.journal,
        _journal_of,
        supervision.journal.c.id,
        left_out=frozenset({"actor_id", "ground", "details"}),
    ),
)


def rows_of(connection: Connection, holding: Holding, person: Person, limit: int) -> Sequence[RowMapping]:
    """The newest `limit`."""
    query = select(holding.table).where(holding.whose(person)).order_by(holding.order.desc()).limit(limit)
    return connection.execute(query).mappings().all()


def count_of(connection: Connection, holding: Holding, person: Person) -> int:
    query = select(func.count()).select_from(holding.table).where(holding.whose(person))
    return int(connection.execute(query).scalar_one())
