"""Every event that is pushed: its kind, what it carries, and who may hear it. Pure; shared by both programs.

Owns the one list. `docs/events.json` and the pages' `event_kinds.js` are written from it
(`python -m scripts.docs.events`), and tests hold publishers and listeners to it. A payload says ids, amounts
in cents, states and times; never a name, a key or a sentence. Must not know who publishes, nor how.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from wallet_service.protocol.shown import ShownPayment, ShownRefund, ShownSale


class EventKind(StrEnum):
    """The word on the wire; a page listens for it by this name."""

    APPROVAL_CHANGED = "approval.changed"
    ASK_CHANGED = "ask.changed"
    BANK_ENTRY_RESOLVED = "bank.entry_resolved"
    BANK_FILE_REFUSED = "bank.file_refused"
    BANK_STATEMENT = "bank.statement"
    CASHIERS_CHANGED = "cashiers.changed"
    DISPUTE_CHANGED = "dispute.changed"
    FIGURES_CHANGED = "figures.changed"
    FREEZE_CHANGED = "freeze.changed"
    IDENTITY_DECIDED = "identity.decided"
    IDENTITY_SUBMITTED = "identity.submitted"
    MEMBER_CHANGED = "member.changed"
    MONEY_RECEIVED = "money.received"
    PAYMENT_ACCEPTED = "payment.accepted"
    PAYMENT_PAID = "payment.paid"
    PAYMENT_REFUSED = "payment.refused"
    PAYOUT_CHANGED = "payout.changed"
    RECOVERY_CHANGED = "recovery.changed"
    REDEMPTION_CHANGED = "redemption.changed"
    REDEMPTION_TROUBLE = "redemption.trouble"
    REFUND_CHANGED = "refund.changed"
    REFUND_REQUESTED = "refund.requested"
    RESERVE_ATTESTED = "reserve.attested"
    REVERSAL_CHANGED = "reversal.changed"
    ROW_QUARANTINED = "row.quarantined"
    SALE_CHANGED = "sale.changed"
    STANDING_ORDER_CHANGED = "standing_order.changed"
    STOPS_CHANGED = "stops.changed"
    TILL_PAIRED = "till.paired"
    TILL_REVOKED = "till.revoked"
    TOPUP_CREDITED = "topup.credited"
    TOPUP_HELD = "topup.held"
    TOPUP_RETURNED = "topup.returned"


# Who may hear a payload. A class names its audiences as its bases, so that the type checker refuses to send
# it to anybody else.


@dataclass(frozen=True)
class Payload:
    """What one kind of event carries."""

    kind: ClassVar[EventKind]


class ForMember(Payload):
    """A member's own pages hear it."""


class ForTill(Payload):
    """One till hears it."""


class ForConsole(Payload):
    """Every officer's console hears it."""


class ForPublic(Payload):
    """Anybody hears it."""


@dataclass(frozen=True)
class Event:
    """A payload and the topic whose listeners hear it."""

    topic: str
    payload: Payload


CONSOLE_TOPIC, PUBLIC_TOPIC = "console", "public"


def member_topic(member_id: str) -> str:
    """What `to_member` publishes on."""
    return f"member:{member_id}"


def till_topic(till_id: str) -> str:
    """What `to_till` publishes on."""
    return f"till:{till_id}"


def to_member(member_id: str, payload: ForMember) -> Event:
    """An event for the pages of one member."""
    return Event(member_topic(member_id), payload)


def to_till(till_id: str, payload: ForTill) -> Event:
    """An event for one till."""
    return Event(till_topic(till_id), payload)


def to_console(payload: ForConsole) -> Event:
    """An event for every officer."""
    return Event(CONSOLE_TOPIC, payload)


def to_public(payload: ForPublic) -> Event:
    """An event for anybody."""
    return Event(PUBLIC_TOPIC, payload)


class PaymentAccepted(ShownPayment, ForMember):
    """A payment of the member is recorded, its money reserved."""

    kind = EventKind.PAYMENT_ACCEPTED


class PaymentPaid(ShownPayment, ForMember):
    """A payment of the member is final."""

    kind = EventKind.PAYMENT_PAID


class PaymentRefused(ShownPayment, ForMember):
    """A payment of the member will never be paid; its money is free again."""

    kind = EventKind.PAYMENT_REFUSED


class MoneyReceived(ShownPayment, ForMember):
    """A payment to the member is final."""

    kind = EventKind.MONEY_RECEIVED


@dataclass(frozen=True)
class SaleChanged(ForTill):
    """A sale of the till was opened, accepted, paid, cancelled, expired or partly given back."""

    kind = EventKind.SALE_CHANGED
    sale: ShownSale


@dataclass(frozen=True)
class RefundRequested(ForMember):
    """A till asks the merchant to give money back."""

    kind = EventKind.REFUND_REQUESTED
    refund: ShownRefund


@dataclass(frozen=True)
class RefundChanged(ForTill, ForMember):
    """A refund request moved; for the till that asked, its asking too."""

    kind = EventKind.REFUND_CHANGED
    refund: ShownRefund


@dataclass(frozen=True)
class AskChanged(ForMember):
    """Somebody asks the member for money, or an ask of theirs was answered."""

    kind = EventKind.ASK_CHANGED
    ask_id: str


@dataclass(frozen=True)
class DisputeChanged(ForMember, ForConsole):
    """A payment is contested (`state` open), or that was answered, decided, or some of it came back."""

    kind = EventKind.DISPUTE_CHANGED
    dispute_id: str
    state: str


@dataclass(frozen=True)
class MemberChanged(ForMember, ForConsole):
    """The member's tier, devices, freezes, identity file or directory card changed."""

    kind = EventKind.MEMBER_CHANGED
    member_id: str


@dataclass(frozen=True)
class RecoveryChanged(ForMember, ForConsole):
    """Somebody asks for new keys for the account, or that moved to `state`: its old devices must hear it."""

    kind = EventKind.RECOVERY_CHANGED
    recovery_id: str
    state: str


@dataclass(frozen=True)
class TillPaired(ForMember):
    """A tablet has just become a till of the member."""

    kind = EventKind.TILL_PAIRED
    till_id: str


@dataclass(frozen=True)
class TillRevoked(ForTill, ForMember):
    """The till can do nothing any more."""

    kind = EventKind.TILL_REVOKED
    till_id: str


@dataclass(frozen=True)
class CashiersChanged(ForTill):
    """Whom the till may choose among is asked for anew: names are only ever answered."""

    kind = EventKind.CASHIERS_CHANGED
    till_id: str


@dataclass(frozen=True)
class IdentitySubmitted(ForConsole):
    """An identity file waits for an officer."""

    kind = EventKind.IDENTITY_SUBMITTED
    identity_file_id: str


@dataclass(frozen=True)
class IdentityDecided(ForConsole):
    """An officer approved or refused an identity file."""

    kind = EventKind.IDENTITY_DECIDED
    identity_file_id: str


@dataclass(frozen=True)
class TopupCredited(ForMember, ForConsole):
    """The units of a top-up exist."""

    kind = EventKind.TOPUP_CREDITED
    topup_id: str
    amount_cents: int


@dataclass(frozen=True)
class TopupHeld(ForMember, ForConsole):
    """Euros have arrived and cannot be credited yet; `reason` is a code."""

    kind = EventKind.TOPUP_HELD
    topup_id: str
    amount_cents: int
    reason: str


@dataclass(frozen=True)
class TopupReturned(ForConsole):
    """An officer sends the euros of a held top-up back."""

    kind = EventKind.TOPUP_RETURNED
    topup_id: str


@dataclass(frozen=True)
class StandingOrderChanged(ForMember):
    """The member's standing order is declared, recognised, ended, or missed: it did not come in its time."""

    kind = EventKind.STANDING_ORDER_CHANGED
    change: str
    amount_cents: int


@dataclass(frozen=True)
class RedemptionChanged(ForMember, ForConsole):
    """A redemption moved to `state`."""

    kind = EventKind.REDEMPTION_CHANGED
    ref: str
    state: str


@dataclass(frozen=True)
class RedemptionTrouble(ForConsole):
    """The ledger would not end a redemption, or locked one nobody asked for here: `error` says which."""

    kind = EventKind.REDEMPTION_TROUBLE
    ref: str
    error: str


@dataclass(frozen=True)
class PayoutChanged(ForConsole):
    """A payout file was prepared, signed, cancelled or answered by the bank, or one of its lines decided."""

    kind = EventKind.PAYOUT_CHANGED
    payout_file_id: str
    state: str


@dataclass(frozen=True)
class BankStatementRead(ForConsole):
    """A report was booked: how many of its movements were matched to what.

    `continuity`: how its balances stand to those before; "broken" is an alarm. `is_held`: nothing of it
    counts until an officer accepts or dismisses it.
    """

    kind = EventKind.BANK_STATEMENT
    bank_statement_id: str
    credited: int
    paid: int
    sent_back: int
    unmatched: int
    continuity: str
    is_held: bool


@dataclass(frozen=True)
class BankFileRefused(ForConsole):
    """A file of the bank was set aside; `code` says why."""

    kind = EventKind.BANK_FILE_REFUSED
    file_name: str
    code: str


@dataclass(frozen=True)
class RowQuarantined(ForConsole):
    """A row could not be read and was set aside; `row_kind` says what cannot be done with it."""

    kind = EventKind.ROW_QUARANTINED
    row_kind: str


@dataclass(frozen=True)
class ReversalChanged(ForMember, ForConsole):
    """The bank took back a credit of the member's (`state` open), or that moved or was settled."""

    kind = EventKind.REVERSAL_CHANGED
    reversal_id: str
    amount_cents: int
    state: str


@dataclass(frozen=True)
class BankEntryResolved(ForConsole):
    """An officer said what an unmatched entry is."""

    kind = EventKind.BANK_ENTRY_RESOLVED
    bank_entry_id: str


@dataclass(frozen=True)
class FiguresChanged(ForConsole, ForPublic):
    """A figure moved; under load not every movement is said."""

    kind = EventKind.FIGURES_CHANGED


@dataclass(frozen=True)
class ReserveAttested(ForConsole, ForPublic):
    """The ledger holds a new attestation of the reserve."""

    kind = EventKind.RESERVE_ATTESTED
    amount_cents: int
    as_of_unix_s: int


@dataclass(frozen=True)
class StopsChanged(ForConsole, ForPublic, ForMember):
    """Payments, issuing or redeeming were stopped or resumed; said, so that nobody need ask."""

    kind = EventKind.STOPS_CHANGED
    payments_stopped: bool


@dataclass(frozen=True)
class FreezeChanged(ForConsole):
    """A freeze moved; `member_id` is None when the ledger's account has no member here."""

    kind = EventKind.FREEZE_CHANGED
    member_id: str | None


@dataclass(frozen=True)
class ApprovalChanged(ForConsole):
    """An act that needs a second officer was asked for, signed or refused."""

    kind = EventKind.APPROVAL_CHANGED
    approval_id: str
    state: str
