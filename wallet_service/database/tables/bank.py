"""Euros: statements and their entries, top-ups, attestations, redemptions, payout files."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from wallet_service.database.tables.base import (
    address,
    cents,
    identifier,
    metadata,
    moment,
    state_check,
    word,
)

#: arriving: recorded, decided by a further commit of the same file. refined: a sum whose transfers came later
#: and are entries of their own; it counts no more.
#: reversal: the bank took back a credit, or gave back what it had taken; see tables.reversals.
ENTRY_STATES = (
    "arriving",
    "topup",
    "unmatched",
    "payout",
    "payout_return",
    "resolved",
    "ignored",
    "refined",
    "reversal",
)
#: held -> minting -> credited; minting -> held when the chain refuses; held -> returned by an officer. Too
#: large for one issuer: minting -> proposed -> minting when a second one approves, or held when withdrawn.
TOPUP_STATES = ("held", "minting", "proposed", "credited", "returned")
REDEMPTION_STATES = ("requested", "locked", "exported", "paid", "returning", "returned", "refused")
PAYOUT_FILE_STATES = ("prepared", "approved", "cancelled", "rejected")
#: Why a transfer left the file it was in: an officer took it out, it could not be written, the bank rejected
#: it or an officer knows that it was refused, or the whole file was cancelled.
LINE_OUT_REASONS = ("taken_out", "unwritable", "rejected", "refused", "cancelled")
#: Verification of payee (EPC218-23): match, close match, no match, not applicable.
PAYEE_MATCHES = ("MTCH", "CMTC", "NMTC", "NOAP")

topup_references = Table(
    "topup_references",
    metadata,
    Column("reference", String(25), primary_key=True),  # ISO 11649 "RF.." creditor reference
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, unique=True),
    moment("created_at_unix_ms", nullable=False),
)

#: statement: between balances. report: the day so far. notification: movements told one by one.
REPORT_KINDS = ("statement", "report", "notification")
#: How a report's balances stand to what we had read: the first, from our last closing, from another balance
#: but adding up with its new movements, not adding up (an alarm), or nothing to compare.
CONTINUITIES = ("first", "follows", "explained", "broken", "unknown")
#: recording: its movements are being written, in several commits, and none counts yet. booking: its credits
#: are still being decided, in further commits. held: an officer must say whether its
#: movements are new (accepted) or were read before under other names (dismissed).
STATEMENT_STATES = ("recording", "booking", "booked", "held", "accepted", "dismissed")
NAME_LENGTH = 70

bank_statements = Table(
    "bank_statements",
    metadata,
    identifier(primary_key=True),
    Column("file_sha256", String(64), nullable=False, index=True),  # a file may hold several statements
    Column("file_name", String(120), nullable=False),
    Column("kind", String(12), nullable=False, server_default="statement"),
    Column("format", String(24), nullable=False, server_default="camt.053"),  # camt.053.001.08, cfonb120 ...
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("statement_id", String(NAME_LENGTH), nullable=False),  # banks begin again each year
    Column("iban", String(34), nullable=False),
    Column("from_on", String(10), nullable=False, server_default=""),  # ISO dates, "" when it says nothing
    Column("to_on", String(10), nullable=False, server_default=""),
    cents("opening_cents", nullable=True),
    cents("closing_cents", nullable=True),
    Column("entries_count", Integer, nullable=False),
    word("content_hash", nullable=False),  # over what is not personal: tells a repetition from a correction
    moment("as_of_unix_s", nullable=False),  # of its closing balance, else when the bank wrote it
    moment("received_at_unix_ms", nullable=False),
    Column("continuity", String(12), nullable=False, server_default="follows"),
    Column("state", String(12), nullable=False, server_default="booked"),
    Column("warnings", String(400), nullable=False, server_default=""),  # codes, with commas
    Column("decided_by", String(32), nullable=True),  # the officer who accepted or dismissed it
    state_check("kind", REPORT_KINDS),
    state_check("continuity", CONTINUITIES),
    state_check("state", STATEMENT_STATES),
    UniqueConstraint("iban", "kind", "statement_id", "to_on", "content_hash"),
    Index("ix_bank_statements_state", "state"),
)

#: Texts and counterparty are personal: sealed under the service's bank key, not a person's. The details are
#: JSON: name, iban, structured[], texts[], references{}, charges_cents, parts[].
bank_entries = Table(
    "bank_entries",
    metadata,
    identifier(primary_key=True),
    Column("bank_statement_id", String(32), ForeignKey("bank_statements.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False, server_default="statement"),  # of the report that told it
    # The statement that shows it; null while only a notification has told it.
    Column("confirmed_statement_id", String(32), ForeignKey("bank_statements.id"), nullable=True),
    # The sum this line was part of, when a later file took that sum apart.
    Column("sum_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=True),
    Column("entry_key", String(180), nullable=False, unique=True),  # bank.statement.EntryLine.key
    Column("direction", String(4), nullable=False),  # CRDT | DBIT
    cents("amount_cents", nullable=False),
    cents("entry_cents", nullable=True),  # of the whole entry it is a line of
    cents("given_cents", nullable=False, server_default=text("0")),  # of it, by officers to members so far
    Column("booked_on", String(10), nullable=False),  # ISO date
    Column("servicer_reference", String(NAME_LENGTH), nullable=True),
    Column("transaction_reference", String(NAME_LENGTH), nullable=True),
    Column("end_to_end_id", String(NAME_LENGTH), nullable=True),
    Column("content_mark", String(64), nullable=True),  # keyed hash of texts and counterparty account
    Column("payer_key", String(64), nullable=True),  # keyed hash of the counterparty's account
    Column("return_reason", String(40), nullable=True),  # a returned transfer: the bank's code (AC04 ...)
    Column("is_reversal", Boolean, nullable=False, server_default=false()),
    Column("structured_reference", String(NAME_LENGTH), nullable=True),
    Column("sealed_details", LargeBinary, nullable=True),
    Column("state", String(16), nullable=False),
    Column("reason", String(24), nullable=True),  # why it waits: bank.statement.Reason
    Column("resolved_by", String(32), nullable=True),
    Column("resolution", String(200), nullable=True),
    state_check("state", ENTRY_STATES),
    state_check("direction", ("CRDT", "DBIT")),
    state_check("kind", REPORT_KINDS),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("given_cents >= 0 AND given_cents <= amount_cents", name="given_of_what_came"),
    Index("ix_bank_entries_state_booked_on_id", "state", "booked_on", "id"),
    Index("ix_bank_entries_booked_on_id", "booked_on", "id"),
    Index("ix_bank_entries_payer_key", "payer_key"),
    Index("ix_bank_entries_sum_entry_id", "sum_entry_id"),
    Index("ix_bank_entries_servicer_reference", "servicer_reference"),
)

topups = Table(
    "topups",
    metadata,
    identifier(primary_key=True),
    Column("bank_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=False),
    Column("part", Integer, nullable=False, server_default=text("0")),  # 0: the whole credit; 1, 2 ... of it
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("given_by", String(32), nullable=True),  # the officer who said whose it is, if one did
    cents("amount_cents", nullable=False),
    word("mint_ref", nullable=False, unique=True),  # derived from the bank's entry key: one credit, one mint
    Column("state", String(16), nullable=False),
    Column("held_reason", String(60), nullable=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # mint commands queued so far
    moment("retry_at_unix_ms", nullable=True),  # when a held top-up is looked at again
    word("redemption_ref", nullable=True),  # set when these euros are a paid redemption sent back by the bank
    moment("matched_at_unix_ms", nullable=False),
    moment("credited_at_unix_ms", nullable=True),
    Column("final_block", BigInteger, nullable=True),  # the block that minted it
    state_check("state", TOPUP_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    UniqueConstraint("bank_entry_id", "part"),
    Index("ix_topups_state", "state"),
)

#: What members last said they would send: an unmatched credit of that amount is proposed to be theirs.
announced_topups = Table(
    "announced_topups",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    cents("amount_cents", nullable=False),
    moment("announced_at_unix_ms", nullable=False),
    Index("ix_announced_topups_amount_cents", "amount_cents"),
)

attestations = Table(
    "attestations",
    metadata,
    identifier(primary_key=True),
    Column("bank_statement_id", String(32), ForeignKey("bank_statements.id"), nullable=False, unique=True),
    cents("amount_cents", nullable=False),
    moment("as_of_unix_s", nullable=False),
    cents("paid_out_cents", nullable=False, server_default=text("0")),  # units whose payout it shows
    word("statement_hash", nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("attested_at_unix_s", nullable=True),  # the time of its block; null until final
    Column("final_block", BigInteger, nullable=True),
    Column("failure", String(200), nullable=True),
)

payout_files = Table(
    "payout_files",
    metadata,
    identifier(primary_key=True),
    Column("message_id", String(35), nullable=False, unique=True),
    Column("file_name", String(120), nullable=False),
    Column("sealed_content", LargeBinary, nullable=True),  # written when it is approved
    cents("total_cents", nullable=False),
    Column("state", String(16), nullable=False),
    Column("prepared_by", String(32), nullable=False),
    Column("approved_by", String(32), nullable=True),
    moment("prepared_at_unix_ms", nullable=False),
    moment("approved_at_unix_ms", nullable=True),
    moment("written_at_unix_ms", nullable=True),  # in the bank's outbox
    Column("bank_status", String(4), nullable=True),  # the bank's last word on the whole file (ISO 20022)
    Column("bank_reason", String(35), nullable=True),
    state_check("state", PAYOUT_FILE_STATES),
    CheckConstraint("state <> 'approved' OR sealed_content IS NOT NULL", name="approved_is_written"),
)

#: Every transfer a file ever held, and what the bank said of it. The payee's name as the bank knows it is
#: sealed under the person's key.
payout_lines = Table(
    "payout_lines",
    metadata,
    Column("payout_file_id", String(32), ForeignKey("payout_files.id"), primary_key=True),
    word("redemption_ref", ForeignKey("redemptions.ref"), primary_key=True, index=True),
    cents("net_cents", nullable=False),
    Column("out_reason", String(16), nullable=True),  # null while it is in the file
    Column("bank_status", String(4), nullable=True),
    Column("bank_reason", String(35), nullable=True),
    Column("payee_match", String(4), nullable=True),
    Column("sealed_payee_name", LargeBinary, nullable=True),
    Column("accepted_by", String(32), nullable=True),  # the officer who lets it go in spite of its match
    state_check("out_reason", LINE_OUT_REASONS),
    state_check("payee_match", PAYEE_MATCHES),
    CheckConstraint("net_cents > 0", name="net_positive"),
)

#: What the bank answered about transfers or files we do not know, until an officer has seen it.
unplaced_answers = Table(
    "unplaced_answers",
    metadata,
    identifier(primary_key=True),
    Column("message_id", String(35), nullable=False),  # of the file the bank speaks of
    Column("named", String(35), nullable=False),  # the transfer it names, "" for the whole file
    Column("status", String(4), nullable=False),
    Column("reason", String(35), nullable=False),
    moment("received_at_unix_ms", nullable=False),
    Column("settled_by", String(32), nullable=True),
    UniqueConstraint("message_id", "named", "status", "reason"),
)

#: What a payee hash is keyed with, so that nobody can guess a bank account from the chain. Sealed under the
#: person's key: erasing the person makes the hash meaningless.
payee_secrets = Table(
    "payee_secrets",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    moment("created_at_unix_ms", nullable=False),
)

redemptions = Table(
    "redemptions",
    metadata,
    word("ref", primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    cents("amount_cents", nullable=False),
    cents("fee_cents", nullable=False),
    Column("sealed_iban", LargeBinary, nullable=False),
    Column("sealed_holder", LargeBinary, nullable=True),  # null in those asked before names were
    word("payee_hash", nullable=False),
    Column("nonce", String(78), nullable=False),
    moment("valid_before_unix_s", nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("end_to_end_id", String(35), nullable=False, unique=True),
    Column("payout_file_id", String(32), ForeignKey("payout_files.id"), nullable=True),
    Column("bank_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=True),  # its debit
    Column("return_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=True),  # sent back
    Column("return_reason", String(40), nullable=True),
    Column("held_reason", String(40), nullable=True),  # why no file takes it until an officer decides
    Column("refusal_code", String(60), nullable=True),
    moment("requested_at_unix_ms", nullable=False),
    moment("locked_at_unix_ms", nullable=True),
    moment("closed_at_unix_ms", nullable=True),
    Column("locked_block", BigInteger, nullable=True),
    Column("final_block", BigInteger, nullable=True),  # the block that burned the units or gave them back
    state_check("state", REDEMPTION_STATES),
    CheckConstraint("amount_cents > fee_cents AND fee_cents >= 0", name="fee_below_amount"),
    Index("ix_redemptions_state", "state"),
)

#: Redemptions the ledger has locked that no request here stands for: of a stretch lost with a restored
#: database, or relayed by somebody else. One that ended stays, since the ledger has used its number.
unclaimed_redemptions = Table(
    "unclaimed_redemptions",
    metadata,
    word("ref", primary_key=True),
    address("account_address", nullable=False, index=True),
    cents("amount_cents", nullable=False),
    word("payee_hash", nullable=False),
    Column("presumed_nonce", BigInteger, nullable=False),  # the event does not say which number it used
    Column("locked_block", BigInteger, nullable=False),
    moment("locked_at_unix_ms", nullable=False),
    Column("ended_as", String(16), nullable=True),
    Column("final_block", BigInteger, nullable=True),  # the block that burned the units or gave them back
    moment("closed_at_unix_ms", nullable=True),
    state_check("ended_as", ("paid", "returned")),
)
