"""Writes camt.053 statements and camt.054 notifications as a bank would, for the demonstration and for tests.

Uses the schema the reader validates against, so that a file it writes is known to be valid. Knows no ledger.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from lxml import etree

from wallet_service.bank.camt.schemas import schema
from wallet_service.protocol.text.money import decimal_amount
from wallet_service.territory.currency import LOCAL_ZONE as BANK_TIME_ZONE

__all__ = [
    "BANK_TIME_ZONE",
    "Detail",
    "Entry",
    "StatementFacts",
    "write_notification",
    "write_statement",
]

FIRST_VERSION = "camt.053.001.02"
#: ISO 20022 bank transaction codes: received, issued and returned SEPA credit transfers.
RECEIVED, ISSUED, RETURNED = ("RCDT", "ESCT"), ("ICDT", "ESCT"), ("ICDT", "RRTN")
#: A received transfer taken back: reversal due to a payment cancellation request.
REVERSED = ("RCDT", "RPCR")

Node = etree._Element


@dataclass(frozen=True)
class Detail:
    """One transfer of an entry: who, how much, and which references it carries."""

    amount_cents: int
    name: str = ""
    iban: str = ""
    end_to_end_id: str | None = None
    structured_reference: str | None = None
    text: str = ""
    return_reason: str | None = None


@dataclass(frozen=True)
class Entry:
    """A booked movement. `direction` is CRDT or DBIT, as the balance feels it.

    `with_details` False books a batch as one bare sum; `details_shown`: only so many are told beside it.
    """

    reference: str
    direction: str
    booked_on: datetime.date
    details: tuple[Detail, ...]
    batch_message_id: str | None = None
    with_details: bool = True
    details_shown: int | None = None
    status: str = "BOOK"
    is_reversal: bool = False

    @property
    def shown_details(self) -> tuple[Detail, ...]:
        return self.details[: self.details_shown] if self.with_details else ()

    @property
    def amount_cents(self) -> int:
        return sum(detail.amount_cents for detail in self.details)

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.direction == "CRDT" else -self.amount_cents


@dataclass(frozen=True)
class StatementFacts:
    """One account's statement. `written` is when the bank made the file."""

    iban: str
    statement_id: str
    number: int
    written: datetime.datetime
    opening_cents: int
    closing_cents: int
    entries: tuple[Entry, ...]


def write_statement(facts: StatementFacts, version: str = "camt.053.001.08") -> bytes:
    """The file's bytes, checked against the schema (an invalid one is a fault of ours: AssertionError)."""
    return _checked(_Writer(version).statement(facts), version)


def write_notification(facts: StatementFacts, version: str = "camt.054.001.08") -> bytes:
    """The same entries told at once, without a balance; checked as a statement is."""
    return _checked(_Writer(version).notification(facts), version)


def _checked(content: bytes, version: str) -> bytes:
    checked = schema(version)
    assert checked.validate(etree.fromstring(content)), str(checked.error_log)
    return content


class _Writer:
    def __init__(self, version: str) -> None:
        self._space = f"urn:iso:std:iso:20022:tech:xsd:{version}"
        self._is_first = version == FIRST_VERSION

    def statement(self, facts: StatementFacts) -> bytes:
        statement = self._report("BkToCstmrStmt", "Stmt", facts)
        self._balance(statement, "OPBD", facts.opening_cents, facts.written.date())
        self._balance(statement, "CLBD", facts.closing_cents, facts.written.date())
        return self._document(statement, facts)

    def notification(self, facts: StatementFacts) -> bytes:
        return self._document(self._report("BkToCstmrDbtCdtNtfctn", "Ntfctn", facts), facts)

    def _report(self, kind: str, name: str, facts: StatementFacts) -> Node:
        """Everything that stands before the balances."""
        root = etree.Element(f"{{{self._space}}}Document", nsmap={None: self._space})  # type: ignore[dict-item]
        message = self._add(root, kind)
        created = facts.written.isoformat(timespec="seconds")
        header = self._add(message, "GrpHdr")
        self._add(header, "MsgId", f"{name[:4].upper()}-{facts.statement_id}")
        self._add(header, "CreDtTm", created)
        report = self._add(message, name)
        self._add(report, "Id", facts.statement_id)
        self._add(report, "ElctrncSeqNb", str(facts.number))
        self._add(report, "CreDtTm", created)
        account = self._add(report, "Acct")
        self._add(self._add(account, "Id"), "IBAN", facts.iban)
        self._add(account, "Ccy", "EUR")
        return report

    def _document(self, report: Node, facts: StatementFacts) -> bytes:
        for entry in facts.entries:
            self._entry(report, entry)
        root = report.getroottree()
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _balance(self, statement: Node, code: str, amount_cents: int, day: datetime.date) -> None:
        balance = self._add(statement, "Bal")
        self._add(self._add(self._add(balance, "Tp"), "CdOrPrtry"), "Cd", code)
        self._amount(balance, abs(amount_cents))
        self._add(balance, "CdtDbtInd", "CRDT" if amount_cents >= 0 else "DBIT")
        self._add(self._add(balance, "Dt"), "Dt", day.isoformat())

    def _entry(self, statement: Node, entry: Entry) -> None:
        node = self._add(statement, "Ntry")
        self._amount(node, entry.amount_cents)
        self._add(node, "CdtDbtInd", entry.direction)
        if entry.is_reversal:
            self._add(node, "RvslInd", "true")
        status = self._add(node, "Sts", entry.status if self._is_first else None)
        if not self._is_first:
            self._add(status, "Cd", entry.status)
        self._add(self._add(node, "BookgDt"), "Dt", entry.booked_on.isoformat())
        self._add(self._add(node, "ValDt"), "Dt", entry.booked_on.isoformat())
        self._add(node, "AcctSvcrRef", entry.reference)
        is_return = any(detail.return_reason is not None for detail in entry.details)
        sent = RECEIVED if entry.direction == "CRDT" else ISSUED
        family, sub_family = REVERSED if entry.is_reversal else RETURNED if is_return else sent
        domain = self._add(self._add(node, "BkTxCd"), "Domn")
        self._add(domain, "Cd", "PMNT")
        codes = self._add(domain, "Fmly")
        self._add(codes, "Cd", family)
        self._add(codes, "SubFmlyCd", sub_family)
        details = self._add(node, "NtryDtls")
        if entry.batch_message_id is not None:
            batch = self._add(details, "Btch")
            self._add(batch, "MsgId", entry.batch_message_id)
            self._add(batch, "NbOfTxs", str(len(entry.details)))
        elif len(entry.details) > 1:
            self._add(self._add(details, "Btch"), "NbOfTxs", str(len(entry.details)))
        for number, detail in enumerate(entry.shown_details, 1):
            self._detail(details, entry, detail, number)

    def _detail(self, parent: Node, entry: Entry, detail: Detail, number: int) -> None:
        node = self._add(parent, "TxDtls")
        references = self._add(node, "Refs")
        self._add(references, "AcctSvcrRef", f"{entry.reference}-{number}")
        self._add(references, "EndToEndId", detail.end_to_end_id or "NOTPROVIDED")
        if self._is_first:
            self._amount(self._add(self._add(node, "AmtDtls"), "TxAmt"), detail.amount_cents)
        else:
            self._amount(node, detail.amount_cents)
            self._add(node, "CdtDbtInd", entry.direction)
        other = "Dbtr" if entry.direction == "CRDT" else "Cdtr"
        if detail.name or detail.iban:
            parties = self._add(node, "RltdPties")
            party = self._add(parties, other)
            self._add(party if self._is_first else self._add(party, "Pty"), "Nm", detail.name)
            self._add(self._add(self._add(parties, f"{other}Acct"), "Id"), "IBAN", detail.iban)
        if detail.text or detail.structured_reference:
            remittance = self._add(node, "RmtInf")
            if detail.text:
                self._add(remittance, "Ustrd", detail.text)
            if detail.structured_reference:
                reference = self._add(self._add(remittance, "Strd"), "CdtrRefInf")
                kind = self._add(reference, "Tp")
                self._add(self._add(kind, "CdOrPrtry"), "Cd", "SCOR")
                self._add(kind, "Issr", "ISO")
                self._add(reference, "Ref", detail.structured_reference)
        if detail.return_reason is not None:
            self._add(self._add(self._add(node, "RtrInf"), "Rsn"), "Cd", detail.return_reason)

    def _amount(self, parent: Node, amount_cents: int) -> None:
        self._add(parent, "Amt", decimal_amount(amount_cents)).set("Ccy", "EUR")

    def _add(self, parent: Node, name: str, text: str | None = None) -> Node:
        child = etree.SubElement(parent, f"{{{self._space}}}{name}")
        child.text = text
        return child
