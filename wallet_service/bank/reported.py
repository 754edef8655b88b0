"""What a bank reports about an account, whatever format it wrote in. Frozen facts, nothing decided.

Every adapter (camt.05x, CFONB120, MT940) fills these and nothing else; what an entry means (which parts it
has, which movement it is, whose money) is decided behind them, once for all formats. Texts are as the bank
wrote them, trimmed; they may be personal and are sealed before they are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wallet_service.protocol.text.lines import seen_of

Direction = Literal["CRDT", "DBIT"]

#: statement: booked, between balances (camt.053, CFONB120, MT940). report: the day so far (camt.052).
#: notification: credits and debits told one by one, without a balance (camt.054).
ReportKind = Literal["statement", "report", "notification"]

#: What banks write where there is nothing to write; compared upper-case, without spaces. A reference of zeros
#: or blanks names nothing either.
PLACEHOLDERS = frozenset(
    {"NOTPROVIDED", "NONREF", "NOREF", "NONE", "REFERENCE", "SANSREFERENCE", "NOTAVAILABLE"}
)


def named(text: str) -> str | None:
    """The text as a reference, or None when it names nothing: blank, zeros, a placeholder."""
    reference = seen_of(text)
    bare = reference.upper().replace(" ", "")
    return reference if bare.strip("0") and bare not in PLACEHOLDERS else None


@dataclass(frozen=True)
class References:
    """The names a bank may echo, each None when absent or a placeholder. ISO 20022 tags in brackets.

    Attributes:
        servicer: the account servicer's own (AcctSvcrRef; MT940 field 61 after ``//``; CFONB120 entry number
            + reference).
        entry: the entry's number inside its report (NtryRef); unique in one file only.
        transaction: TxId, else UETR, else ClrSysRef.
        end_to_end: EndToEndId.
        instruction: InstrId.
        payment_information: PmtInfId (of the detail, or of the batch).
        message: MsgId (of the detail, or of the batch).
        mandate: MndtId.
        cheque: ChqNb.
    """

    servicer: str | None = None
    entry: str | None = None
    transaction: str | None = None
    end_to_end: str | None = None
    instruction: str | None = None
    payment_information: str | None = None
    message: str | None = None
    mandate: str | None = None
    cheque: str | None = None


@dataclass(frozen=True)
class TransferDetail:
    """One transfer inside an entry (TxDtls).

    Attributes:
        amount_cents: whole cents of the account's currency, or None when the bank did not give it so (no
            amount, another currency, more than two decimals).
        direction: its own when the bank says one, else None (the entry's).
        charges_cents: what the bank kept from it, or None when it says nothing.
        return_reason: the code of a returned transfer (AC04 ...), "" when it has no code, None when it is no
            return.
        structured: creditor references (Strd/CdtrRefInf/Ref) and document numbers (RfrdDocInf/Nb), in order.
        texts: every free text about this transfer, in order: Ustrd lines, AddtlRmtInf, AddtlTxInf.
    """

    amount_cents: int | None = None
    direction: Direction | None = None
    charges_cents: int | None = None
    references: References = field(default_factory=References)
    return_reason: str | None = None
    structured: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    counterparty_name: str = ""
    counterparty_account: str = ""


@dataclass(frozen=True)
class Entry:
    """One booked entry (Ntry): a sum that moved on the account, with such details as the bank gives.

    Attributes:
        amount_cents: positive; `direction` gives the sign as the balance feels it, reversals included.
        booked_on: ISO date in the bank's time zone, "" when the bank gave none.
        is_reversal: the bank undoes an entry (RvslInd, MT940 RC/RD).
        return_reason: as TransferDetail's, when the entry itself says it (BkTxCd RRTN, CFONB120 reject code).
        declared_transfers: how many transfers the bank says the entry holds (Btch/NbOfTxs), or None.
        charges_cents: what the bank kept from the entry, or None.
        texts: the entry's own free text (AddtlNtryInf; CFONB120 label; MT940 field 86).
        oddity: the code of what could not be read of it ("bank.entry_currency" ...), None when all is sound.
            An odd entry's amount still counts in the sums when it is known; it is never matched by itself.
    """

    direction: Direction
    amount_cents: int
    booked_on: str
    references: References = field(default_factory=References)
    is_reversal: bool = False
    return_reason: str | None = None
    declared_transfers: int | None = None
    charges_cents: int | None = None
    texts: tuple[str, ...] = ()
    transfers: tuple[TransferDetail, ...] = ()
    oddity: str | None = None

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.direction == "CRDT" else -self.amount_cents


@dataclass(frozen=True)
class Balance:
    """A balance and the moment at which it was true (unix seconds; a day's end when only a day was given)."""

    amount_cents: int
    as_of_unix_s: int


@dataclass(frozen=True)
class AccountReport:
    """One report on the reserve account: a Stmt, Rpt or Ntfctn, a CFONB120 day, an MT940 message.

    The pages of one report are joined.

    Attributes:
        format: "camt.053.001.08", "cfonb120", "mt940" ...
        report_id: the bank's own name for it (Stmt/Id); banks start again each year, or repeat one for ever.
        opening, closing: booked balances (OPBD/PRCD, CLBD); None when the bank gave none. Without a closing
            balance nothing is attested.
        from_on, to_on: ISO dates of the days it covers, "" when it says nothing and has no entries.
        created_unix_s: when the bank wrote it.
        warnings: codes of what was wrong and did not matter.
    """

    kind: ReportKind
    format: str
    message_id: str
    report_id: str
    iban: str
    opening: Balance | None
    closing: Balance | None
    from_on: str
    to_on: str
    created_unix_s: int
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TransferStatus:
    """The bank's word on one transfer of ours.

    `payee_match`: verification of payee (MTCH, CMTC, NMTC, NOAP), None when there was none.
    """

    end_to_end: str | None
    instruction: str | None
    status: str
    reason: str = ""
    reason_text: str = ""
    payee_match: str | None = None
    payee_name: str = ""


@dataclass(frozen=True)
class PaymentStatusReport:
    """The bank's word on a payment file: whole (`status`), by payment information, and by transfer.

    "" where it is silent.
    """

    format: str
    message_id: str
    original_message_id: str
    status: str
    reason: str
    payment_informations: tuple[tuple[str, str, str], ...] = ()  # PmtInfId, status, reason
    transfers: tuple[TransferStatus, ...] = ()


@dataclass(frozen=True)
class BankFile:
    """All a file holds that concerns the reserve account.

    Attributes:
        other_accounts: how many reports on other accounts were left aside.
        refused: parts of a packed file that could not be trusted: (name inside the file, refusal code).
    """

    reports: tuple[AccountReport, ...] = ()
    answers: tuple[PaymentStatusReport, ...] = ()
    other_accounts: int = 0
    refused: tuple[tuple[str, str], ...] = ()
