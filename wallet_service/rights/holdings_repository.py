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

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Table, func, select

from wallet_service.database.tables import (
    assisted,
    bank,
    chain,
    disputes,
    forced_transfers,
    identity,
    keyholders,
    loading,
    members,
    payments,
    people,
    push,
    recoveries,
    reversals,
    supervision,
)
from wallet_service.rights import concerns_repository as concerns
from wallet_service.rights.concerns_repository import Person


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


def _mine(section: str, table: Table, order: str, **given: Any) -> Holding:
    """Rows that name the member in `member_id`."""
    return Holding(section, table, concerns.by_member(table), table.c[order], **given)


def _told(section: str, table: Table, order: str, **given: Any) -> Holding:
    return Holding(section, table, concerns.by_recipient(table), table.c[order], **given)


def _named(column: str) -> Callable[[RowMapping], str]:
    return lambda row: str(row[column])


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
        left_out=frozenset({"decided_by", "copied_by"}),
    ),
    _mine(
        "identity",
        assisted.assisted_accounts,
        "opened_at_unix_ms",
        sealed={"sealed_papers": _named("member_id")},
        left_out=frozenset({"opened_by", "card_made_by"}),
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
        concerns.files_of,
        identity.identity_documents.c.uploaded_at_unix_ms,
        sealed={"sealed_content": _named("id")},
    ),
    Holding(
        "documents",
        recoveries.recovery_documents,
        concerns.recovery_papers_of,
        recoveries.recovery_documents.c.uploaded_at_unix_ms,
        sealed={"sealed_content": _named("id")},
    ),
    _mine("access", members.devices, "created_at_unix_ms"),
    Holding(
        "access",
        identity.passkeys,
        concerns.by_subject(identity.passkeys),
        identity.passkeys.c.created_at_unix_ms,
    ),
    Holding(
        "access",
        identity.sessions,
        concerns.by_subject(identity.sessions),
        identity.sessions.c.created_at_unix_ms,
        left_out=frozenset({"token_hash", "csrf_token"}),
    ),
    _mine("access", members.device_codes, "expires_at_unix_ms", left_out=frozenset({"code_hash"})),
    _mine("access", members.device_moves, "expires_at_unix_ms", left_out=frozenset({"id"})),
    _mine("listing", members.listings, "changed_at_unix_ms", left_out=frozenset({"withheld_by"})),
    _mine("listing", members.listing_pictures, "uploaded_at_unix_ms"),
    _mine("listing", members.listing_changes, "id", left_out=frozenset({"seen_by"})),
    _mine("tills", members.tills, "paired_at_unix_ms"),
    _mine(
        "tills",
        members.cashiers,
        "created_at_unix_ms",
        sealed=dict.fromkeys(("sealed_name", "sealed_pin_hash"), _named("id")),
        left_out=frozenset({"sealed_pin_hash"}),
    ),
    _mine("tills", members.pairing_codes, "created_at_unix_ms", left_out=frozenset({"code_hash"})),
    Holding(
        "movements",
        payments.payments,
        concerns.payments_of,
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
        concerns.bank_entries_of,
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
        concerns.within(bank.payout_lines, "redemption_ref", bank.redemptions, "ref"),
        bank.payout_lines.c.payout_file_id,
        sealed={"sealed_payee_name": lambda row: f"{row['payout_file_id']}:{row['redemption_ref']}"},
        left_out=frozenset({"accepted_by"}),
    ),
    _mine("euros", loading.standing_orders, "changed_at_unix_ms"),
    _mine("euros", loading.low_balance_notices, "changed_at_unix_ms"),
    _mine("people", people.payee_codes, "made_at_unix_ms"),
    Holding(
        "people", people.contacts, concerns.by_owner(people.contacts), people.contacts.c.created_at_unix_ms
    ),
    Holding(
        "people",
        people.contact_blocks,
        concerns.by_owner(people.contact_blocks),
        people.contact_blocks.c.created_at_unix_ms,
    ),
    _mine("people", people.own_caps, "member_id"),
    _mine(
        "people",
        keyholders.keyholders,
        "created_at_unix_ms",
        sealed={"sealed_name": _named("id")},
        left_out=frozenset({"invitation"}),
    ),
    Holding(
        "people",
        people.asks,
        concerns.asks_of,
        people.asks.c.created_at_unix_ms,
        sealed={"sealed_message": _named("id")},
    ),
    Holding(
        "people",
        people.ask_parts,
        concerns.parts_of,
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
        concerns.within(reversals.reversal_recoveries, "reversal_id", reversals.bank_reversals, "id"),
        reversals.reversal_recoveries.c.at_unix_ms,
    ),
    Holding(
        "acts",
        forced_transfers.forced_transfers,
        concerns.ordered_about,
        forced_transfers.forced_transfers.c.asked_at_unix_ms,
        left_out=frozenset({"ground", "ground_salt", "asked_by", "hold_id"}),
    ),
    Holding(
        "disputes",
        disputes.disputes,
        concerns.disputes_of,
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
        concerns.in_disputes_of(disputes.dispute_returns),
        disputes.dispute_returns.c.at_unix_ms,
        left_out=frozenset({"hold_id"}),
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
        concerns.journal_of,
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
