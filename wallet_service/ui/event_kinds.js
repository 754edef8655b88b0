// Written by `.venv/bin/python -m scripts.docs.events` from the code; do not edit.

/**
 * @typedef {object} ShownPayment
 * @property {string} ref
 * @property {"confirming" | "paid" | "refused"} state
 * @property {number} amount_cents
 * @property {string} proof_code
 * @property {string | null} sale_id
 * @property {string | null} refusal_code
 * @property {number} accepted_at_unix_ms
 * @property {number | null} final_at_unix_ms
 */

/**
 * @typedef {object} ShownRefund
 * @property {string} id
 * @property {string} sale_id
 * @property {string} client_reference
 * @property {number} amount_cents
 * @property {"requested" | "accepted" | "paid" | "refused"} state
 * @property {string | null} refusal_code
 * @property {string | null} proof_code
 * @property {number} requested_at_unix_ms
 * @property {number | null} decided_at_unix_ms
 */

/**
 * @typedef {object} ShownSale
 * @property {string} id
 * @property {number} amount_cents
 * @property {number} tip_cents
 * @property {string} short_code
 * @property {"open" | "accepted" | "paid" | "expired" | "cancelled"} state
 * @property {number} created_at_unix_ms
 * @property {number} expires_at_unix_ms
 * @property {number | null} accepted_at_unix_ms
 * @property {number | null} paid_at_unix_ms
 * @property {string | null} proof_code
 * @property {number} refunded_cents
 */

/**
 * @typedef {object} ApprovalChanged
 * @property {string} approval_id
 * @property {string} state
 */

/**
 * @typedef {object} AskChanged
 * @property {string} ask_id
 */

/**
 * @typedef {object} BankEntryResolved
 * @property {string} bank_entry_id
 */

/**
 * @typedef {object} BankFileRefused
 * @property {string} file_name
 * @property {string} code
 */

/**
 * @typedef {object} BankStatementRead
 * @property {string} bank_statement_id
 * @property {number} credited
 * @property {number} paid
 * @property {number} sent_back
 * @property {number} unmatched
 * @property {string} continuity
 * @property {boolean} is_held
 */

/**
 * @typedef {object} CashiersChanged
 * @property {string} till_id
 */

/**
 * @typedef {object} DisputeChanged
 * @property {string} dispute_id
 * @property {string} state
 */

/**
 * @typedef {object} FreezeChanged
 * @property {string | null} member_id
 */

/**
 * @typedef {object} IdentityDecided
 * @property {string} identity_file_id
 */

/**
 * @typedef {object} IdentitySubmitted
 * @property {string} identity_file_id
 */

/**
 * @typedef {object} MemberChanged
 * @property {string} member_id
 */

/**
 * @typedef {object} PayoutChanged
 * @property {string} payout_file_id
 * @property {string} state
 */

/**
 * @typedef {object} RecoveryChanged
 * @property {string} recovery_id
 * @property {string} state
 */

/**
 * @typedef {object} RedemptionChanged
 * @property {string} ref
 * @property {string} state
 */

/**
 * @typedef {object} RedemptionTrouble
 * @property {string} ref
 * @property {string} error
 */

/**
 * @typedef {object} RefundChanged
 * @property {ShownRefund} refund
 */

/**
 * @typedef {object} RefundRequested
 * @property {ShownRefund} refund
 */

/**
 * @typedef {object} ReserveAttested
 * @property {number} amount_cents
 * @property {number} as_of_unix_s
 */

/**
 * @typedef {object} ReversalChanged
 * @property {string} reversal_id
 * @property {number} amount_cents
 * @property {string} state
 */

/**
 * @typedef {object} RowQuarantined
 * @property {string} row_kind
 */

/**
 * @typedef {object} SaleChanged
 * @property {ShownSale} sale
 */

/**
 * @typedef {object} StandingOrderChanged
 * @property {string} change
 * @property {number} amount_cents
 */

/**
 * @typedef {object} StopsChanged
 * @property {boolean} payments_stopped
 */

/**
 * @typedef {object} TillPaired
 * @property {string} till_id
 */

/**
 * @typedef {object} TillRevoked
 * @property {string} till_id
 */

/**
 * @typedef {object} TopupCredited
 * @property {string} topup_id
 * @property {number} amount_cents
 */

/**
 * @typedef {object} TopupHeld
 * @property {string} topup_id
 * @property {number} amount_cents
 * @property {string} reason
 */

/**
 * @typedef {object} TopupReturned
 * @property {string} topup_id
 */

/** What the service pushes to each audience. */
export const KINDS_FOR = {
  member: [
    "ask.changed",
    "dispute.changed",
    "member.changed",
    "money.received",
    "payment.accepted",
    "payment.paid",
    "payment.refused",
    "recovery.changed",
    "redemption.changed",
    "refund.changed",
    "refund.requested",
    "reversal.changed",
    "standing_order.changed",
    "stops.changed",
    "till.paired",
    "till.revoked",
    "topup.credited",
    "topup.held",
  ],
  till: ["cashiers.changed", "refund.changed", "sale.changed", "till.revoked"],
  console: [
    "approval.changed",
    "bank.entry_resolved",
    "bank.file_refused",
    "bank.statement",
    "dispute.changed",
    "figures.changed",
    "freeze.changed",
    "identity.decided",
    "identity.submitted",
    "member.changed",
    "payout.changed",
    "recovery.changed",
    "redemption.changed",
    "redemption.trouble",
    "reserve.attested",
    "reversal.changed",
    "row.quarantined",
    "stops.changed",
    "topup.credited",
    "topup.held",
    "topup.returned",
  ],
  public: ["figures.changed", "reserve.attested", "stops.changed"],
};

/** What every stream says of itself. */
export const STREAM_KINDS = ["stream.open", "stream.reload", "stream.beat"];

/** Every kind there is. */
export const KINDS = [...new Set([...STREAM_KINDS, ...Object.values(KINDS_FOR).flat()])];
