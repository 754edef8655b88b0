"""Reads each report of a camt document (Stmt, Rpt, Ntfctn) into a page: as written, sums not looked at yet.

A page is of the reserve account or is left aside and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wallet_service.bank.camt.entries import DETAIL_PATHS, Draft, read_entry
from wallet_service.bank.camt.nodes import XmlNode
from wallet_service.bank.camt.values import (
    CURRENCY,
    cents_of,
    day_of,
    direction_of,
    is_foreign,
    moment_of,
)
from wallet_service.bank.errors import AmountUnreadable, EntriesOverBounds, MomentUnreadable, WrongCurrency
from wallet_service.bank.reported import Balance, ReportKind

KINDS: dict[str, tuple[ReportKind, str]] = {
    "camt.052": ("report", "Rpt"),
    "camt.053": ("statement", "Stmt"),
    "camt.054": ("notification", "Ntfctn"),
}
OPENING, PREVIOUS_CLOSING, CLOSING, INTERIM = "OPBD", "PRCD", "CLBD", "ITBD"
BALANCES_READ = frozenset({OPENING, PREVIOUS_CLOSING, CLOSING, INTERIM})
#: A balance of a page's end or beginning may be an opening or closing one of this sub-type.
INTERIM_SUB_TYPE = "INTM"
#: In one report, their details counted too; a year of a busy account has fewer.
MAX_ENTRIES = 50_000
#: How much of an IBAN stands before the national account number; how much of that is its check key (France).
IBAN_HEAD_CHARACTERS, RIB_KEY_CHARACTERS = 4, 2
#: A period that cannot be read is left out.
PERIOD_UNREADABLE = "bank.period_unreadable"

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True)
class PageBalance:
    """One balance, its kind and the day it belongs to (ISO)."""

    code: str
    day: str
    balance: Balance


@dataclass(frozen=True)
class Page:
    """One Stmt, Rpt or Ntfctn of our account; `number` 1 and `is_last` for a report of one page."""

    kind: ReportKind
    format: str
    message_id: str
    report_id: str
    number: int
    is_last: bool
    created_unix_s: int
    from_on: str
    to_on: str
    balances: tuple[PageBalance, ...]
    drafts: tuple[Draft, ...]
    warnings: tuple[str, ...]

    @property
    def is_alone(self) -> bool:
        return self.number == 1 and self.is_last


@dataclass(frozen=True)
class DocumentPages:
    """All of one document: our pages, and how many reports were another account's or another currency's."""

    pages: tuple[Page, ...] = ()
    other_accounts: int = 0
    other_currency: str | None = None


def normal_account(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text.upper())


def read_pages(message: XmlNode, version: str, reserve_iban: str, warnings: tuple[str, ...]) -> DocumentPages:
    """The pages of one message (BkToCstmrStmt ...) of format `version`. `reserve_iban`: see normal_account.

    Raises MomentUnreadable, AmountUnreadable, WrongCurrency, EntriesOverBounds.
    """
    kind, name = KINDS[version[:8]]
    pages: list[Page] = []
    others, currency = 0, None
    for node in message.all(name):
        if not is_our_account(node, reserve_iban):
            others += 1
        elif (written := _currency(node)) != CURRENCY:
            others, currency = others + 1, written
        else:
            pages.append(_page(message, node, kind, version, reserve_iban, warnings))
    return DocumentPages(tuple(pages), others, currency)


def is_our_account(report: XmlNode, reserve_iban: str) -> bool:
    """Whether its account is ours: as IBAN, or as the national number that stands inside it, key or not."""
    national = reserve_iban[IBAN_HEAD_CHARACTERS:]
    ours = {reserve_iban, national, national[:-RIB_KEY_CHARACTERS]}
    written = {
        normal_account(text)
        for path in ("Acct/Id/IBAN", "Acct/Id/BBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id")
        for text in report.texts(path)
    }
    return bool(written) and written <= ours


def _currency(report: XmlNode) -> str:
    """The account's, as it says; else that of its first balance."""
    balances = [amount.get("Ccy") for amount in report.all("Bal/Amt")]
    return report.text("Acct/Ccy") or next(iter(balances), CURRENCY)


def _page(
    message: XmlNode,
    node: XmlNode,
    kind: ReportKind,
    version: str,
    reserve_iban: str,
    warnings: tuple[str, ...],
) -> Page:
    created = moment_of(node.text("CreDtTm") or message.text("GrpHdr/CreDtTm"))
    if created is None:
        raise MomentUnreadable(element="CreDtTm")
    created_unix_s = int(created.timestamp())
    number, is_last = _pagination(
        node.all("StmtPgntn", "RptPgntn", "NtfctnPgntn") or message.all("GrpHdr/MsgPgntn")
    )
    periods = node.all("FrToDt")
    from_text, to_text = (
        (periods[0].text(f"{end}DtTm", f"{end}Dt") if periods else "") for end in ("Fr", "To")
    )
    from_on, to_on = day_of(from_text), day_of(to_text)
    if (from_text and not from_on) or (to_text and not to_on):
        warnings = (*warnings, PERIOD_UNREADABLE)
    return Page(
        kind=kind,
        format=version,
        message_id=message.text("GrpHdr/MsgId"),
        report_id=node.text("Id"),
        number=number,
        is_last=is_last,
        created_unix_s=created_unix_s,
        from_on=from_on,
        to_on=to_on,
        balances=tuple(
            each for bal in node.all("Bal") if (each := _balance(bal, created_unix_s)) is not None
        ),
        drafts=tuple(_drafts(node, reserve_iban)),
        warnings=warnings,
    )


def _drafts(node: XmlNode, reserve_iban: str) -> Iterator[Draft]:
    left = MAX_ENTRIES
    for entry in node.each_small("Ntry"):
        left -= 1 + len(entry.all(*DETAIL_PATHS))
        if left < 0:
            raise EntriesOverBounds(limit=MAX_ENTRIES)
        draft = read_entry(entry, reserve_iban)
        if draft is not None:
            yield draft


def _pagination(written: list[XmlNode]) -> tuple[int, bool]:
    """Page number and whether it is the last; a report that says nothing is one page."""
    number = written[0].text("PgNb") if written else ""
    if not (number.isascii() and number.isdigit() and 0 < len(number) <= 5):
        return 1, True
    return int(number), written[0].text("LastPgInd").lower() not in ("false", "0")


def _balance(node: XmlNode, created_unix_s: int) -> PageBalance | None:
    """A booked balance with its moment: its own time, else its day's end, never after the bank wrote."""
    code = node.text("Tp/CdOrPrtry/Cd", "Tp/Cd")
    if code not in BALANCES_READ:
        return None
    amount, direction = node.only("Amt"), direction_of(node)
    if is_foreign(amount):
        raise WrongCurrency(currency=amount.get("Ccy") if amount is not None else "")
    amount_cents = cents_of(amount)
    if amount_cents is None or direction is None:
        raise AmountUnreadable()
    moment = moment_of(node.text("Dt/DtTm", "Dt/Dt"))
    if moment is None:
        raise MomentUnreadable(element="Bal/Dt")
    if node.text("Tp/SubTp/Cd") == INTERIM_SUB_TYPE:
        code = INTERIM
    as_of_unix_s = min(int(moment.timestamp()), created_unix_s)
    signed_cents = amount_cents if direction == "CRDT" else -amount_cents
    day = day_of(node.text("Dt/DtTm", "Dt/Dt"))
    return PageBalance(code, day, Balance(signed_cents, as_of_unix_s))
