"""Credits the bank took back: what each opens, and what came back for it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint

from wallet_service.database.tables.base import cents, identifier, metadata, moment, state_check, word

#: open -> clawed_back | forced | loss | mistaken; not_minted: no unit had been made for these euros.
REVERSAL_STATES = ("open", "clawed_back", "forced", "loss", "mistaken", "not_minted")
OPEN_REVERSAL = REVERSAL_STATES[0]
RECOVERY_KINDS = ("payment", "forced")

bank_reversals = Table(
    "bank_reversals",
    metadata,
    identifier(primary_key=True),
    Column("bank_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=False, unique=True),
    Column("topup_id", String(32), ForeignKey("topups.id"), nullable=False),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False),
    cents("amount_cents", nullable=False),
    cents("gap_cents", nullable=False),  # what the member no longer held when the bank said so
    Column("reason", String(40), nullable=True),  # the bank's code (FRAD, DUPL ...), when it gave one
    Column("state", String(16), nullable=False),
    Column("freeze_id", String(32), ForeignKey("freezes.id"), nullable=True),  # the one it asked for
    moment("noted_at_unix_ms", nullable=False),
    Column("pay_back_allowed_by", String(32), nullable=True),
    moment("pay_back_allowed_at_unix_ms", nullable=True),
    Column("decided_by", String(32), nullable=True),  # the officer; null when the ledger's word closed it
    Column("ground", String(300), nullable=True),
    moment("decided_at_unix_ms", nullable=True),
    Column("loss_account", String(60), nullable=True),  # the named reserve that bears the loss
    cents("lost_cents", nullable=True),
    Column("recredit_entry_id", String(32), ForeignKey("bank_entries.id"), nullable=True, unique=True),
    state_check("state", REVERSAL_STATES),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    CheckConstraint("gap_cents >= 0 AND gap_cents <= amount_cents", name="gap_within_amount"),
    CheckConstraint("(state = 'open') = (decided_at_unix_ms IS NULL)", name="decided_when_closed"),
    CheckConstraint(
        "(state = 'loss') = (loss_account IS NOT NULL AND lost_cents IS NOT NULL)", name="loss_is_named"
    ),
    CheckConstraint("lost_cents IS NULL OR lost_cents BETWEEN 1 AND amount_cents", name="loss_within_amount"),
    CheckConstraint("(state = 'mistaken') = (recredit_entry_id IS NOT NULL)", name="mistake_has_its_credit"),
    CheckConstraint(
        "state NOT IN ('loss', 'mistaken') OR (decided_by IS NOT NULL AND ground IS NOT NULL)",
        name="an_officer_decided",
    ),
    Index("ix_bank_reversals_member_id_state", "member_id", "state"),
    Index("ix_bank_reversals_topup_id", "topup_id"),
    Index("ix_bank_reversals_state", "state"),
)

#: Units that left the member for it, each from a final event: a signed payment to the returns account, or a
#: forced transfer there.
reversal_recoveries = Table(
    "reversal_recoveries",
    metadata,
    identifier(primary_key=True),
    Column("reversal_id", String(32), ForeignKey("bank_reversals.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    word("ref", nullable=False),  # the payment's reference, or the forced transfer's ground hash
    cents("amount_cents", nullable=False),
    moment("at_unix_ms", nullable=False),
    Column("final_block", BigInteger, nullable=False),
    UniqueConstraint("reversal_id", "ref"),
    state_check("kind", RECOVERY_KINDS),
    CheckConstraint("amount_cents > 0", name="amount_positive"),
    Index("ix_reversal_recoveries_ref", "ref"),
)
