"""Which rows of which table are about a person, as data: what the export gives, and what it cannot.

Every table is either here or in `NOT_ABOUT_A_PERSON`, and a test holds that: a new one must be placed.
Secrets and their digests, officers' names and what an officer wrote of a person's case are left out (GDPR,
article 15(4); Code monétaire et financier, L561-18 and L561-45: what concerns such checks is asked of the
CNIL).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Table, and_, or_, select

from wallet_service.database.tables import (
    bank,
    chain,
    identity,
    loading,
    members,
    payments,
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


def _by_subject(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: and_(table.c.subject_kind == "member", table.c.subject_id == person.member_id)


def _by_recipient(table: Table) -> Callable[[Person], ColumnElement[bool]]:
    return lambda person: and_(table.c.recipient_kind == "member", table.c.recipient_id == person.member_id)


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


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "identity",
        members.members,
        lambda person: members.members.c.id == person.member_id,
        members.members.c.created_at_unix_ms,
        sealed={"sealed_identity": _named("id")},
    ),
    Holding(
        "identity",
        identity.identity_files,
        _by_member(identity.identity_files),
        identity.identity_files.c.created_at_unix_ms,
        sealed={"sealed_declaration": _named("id")},
        left_out=frozenset({"decided_by"}),
    ),
    Holding(
        "documents",
        identity.identity_documents,
        _files_of,
        identity.identity_documents.c.uploaded_at_unix_ms,
        sealed={"sealed_content": _named("id")},
    ),
    Holding(
        "access",
        members.devices,
        _by_member(members.devices),
        members.devices.c.created_at_unix_ms,
    ),
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
    Holding(
        "access",
        members.device_codes,
        _by_member(members.device_codes),
        members.device_codes.c.expires_at_unix_ms,
        left_out=frozenset({"code_hash"}),
    ),
    Holding(
        "access",
        members.device_moves,
        _by_member(members.device_moves),
        members.device_moves.c.expires_at_unix_ms,
        left_out=frozenset({"id"}),
    ),
    Holding("tills", members.tills, _by_member(members.tills), members.tills.c.paired_at_unix_ms),
    Holding(
        "tills",
        members.pairing_codes,
        _by_member(members.pairing_codes),
        members.pairing_codes.c.created_at_unix_ms,
        left_out=frozenset({"code_hash"}),
    ),
    Holding(
        "movements",
        payments.payments,
        _payments_of,
        payments.payments.c.accepted_at_unix_ms,
        left_out=frozenset({"chain_transaction_id", "small_nonce"}),
    ),
    Holding(
        "movements",
        payments.sales,
        _by_member(payments.sales),
        payments.sales.c.created_at_unix_ms,
    ),
    Holding(
        "movements",
        payments.refund_requests,
        _by_member(payments.refund_requests),
        payments.refund_requests.c.requested_at_unix_ms,
    ),
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
    Holding(
        "euros",
        bank.topup_references,
        _by_member(bank.topup_references),
        bank.topup_references.c.created_at_unix_ms,
    ),
    Holding(
        "euros",
        bank.topups,
        _by_member(bank.topups),
        bank.topups.c.matched_at_unix_ms,
        left_out=frozenset({"given_by"}),
    ),
    Holding(
        "euros",
        bank.announced_topups,
        _by_member(bank.announced_topups),
        bank.announced_topups.c.announced_at_unix_ms,
    ),
    Holding(
        "euros",
        bank.bank_entries,
        _bank_entries_of,
        bank.bank_entries.c.booked_on,
        sealed_by_service={"sealed_details": _named("id")},
        left_out=frozenset({"content_mark", "payer_key", "resolved_by"}),
    ),
    Holding(
        "euros",
        bank.redemptions,
        _by_member(bank.redemptions),
        bank.redemptions.c.requested_at_unix_ms,
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
    Holding(
        "euros",
        loading.standing_orders,
        _by_member(loading.standing_orders),
        loading.standing_orders.c.changed_at_unix_ms,
    ),
    Holding(
        "euros",
        loading.low_balance_notices,
        _by_member(loading.low_balance_notices),
        loading.low_balance_notices.c.changed_at_unix_ms,
    ),
    Holding(
        "notices",
        push.notices,
        _by_recipient(push.notices),
        push.notices.c.created_at_unix_ms,
    ),
    Holding(
        "notices",
        push.notice_endpoints,
        _by_recipient(push.notice_endpoints),
        push.notice_endpoints.c.created_at_unix_ms,
        sealed={"sealed_endpoint": _named("id")},
        left_out=frozenset({"mark"}),
    ),
    Holding(
        "notices",
        push.notice_choices,
        _by_recipient(push.notice_choices),
        push.notice_choices.c.kind,
    ),
    Holding(
        "notices",
        push.notice_mails,
        _by_member(push.notice_mails),
        push.notice_mails.c.code_expires_at_unix_ms,
        sealed={"sealed_address": _named("member_id")},
        left_out=frozenset({"code_hash"}),
    ),
    Holding(
        "acts",
        recoveries.recoveries,
        _by_member(recoveries.recoveries),
        recoveries.recoveries.c.asked_at_unix_ms,
        left_out=frozenset({"token_digest", "decided_by", "ground", "ground_salt"}),
    ),
    Holding(
        "acts",
        recoveries.recovery_codes,
        _by_member(recoveries.recovery_codes),
        recoveries.recovery_codes.c.made_at_unix_ms,
        left_out=frozenset({"code_hash"}),
    ),
    Holding(
        "acts",
        supervision.freezes,
        _by_member(supervision.freezes),
        supervision.freezes.c.asked_at_unix_ms,
        left_out=frozenset({"ground", "ground_salt", "asked_by", "lifted_by"}),
    ),
    Holding(
        "acts",
        reversals.bank_reversals,
        _by_member(reversals.bank_reversals),
        reversals.bank_reversals.c.noted_at_unix_ms,
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
        "acts",
        supervision.journal,
        _journal_of,
        supervision.journal.c.id,
        left_out=frozenset({"actor_id", "ground", "details"}),
    ),
)

#: Tables without a row about one person, and why.
NOT_ABOUT_A_PERSON: Mapping[str, str] = {
    "person_keys": "the key that seals them: a secret",
    "payee_secrets": "what their payee hashes are keyed with: a secret",
    "challenges": "random numbers, for minutes",
    "push_events": "copies of what stands elsewhere, for days",
    "till_nonces": "random numbers of tills, for minutes",
    "officers": "who works here",
    "officer_codes": "who works here",
    "bank_statements": "our own account's",
    "payout_files": "of all who are paid out in it; their lines are given",
    "unplaced_answers": "of transfers we do not know",
    "attestations": "of the reserve",
    "approvals": "officers' acts",
    "audit_findings": "of the books",
    "quarantined_rows": "of rows nobody can read",
    "chain_transactions": "the service's own",
    "chain_commands": "the service's own; what came of them is on the ledger",
    "chain_events": "the public ledger, whose postings are given",
    "blocks": "the public ledger",
    "cursors": "the service's own",
    "leases": "the service's own",
    "open_guards": "the service's own",
}
