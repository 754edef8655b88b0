"""The one door for files from the bank: whatever they are, what they say of the reserve account.

Owns which reader a file goes to and what becomes of the parts of a packed one. Every trouble with a file is a
refusal with a code; must not touch the database or decide what a movement means.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from wallet_service.bank import cfonb120, mt940, pain002
from wallet_service.bank.camt.nodes import XmlNode
from wallet_service.bank.camt.pages import Page, normal_account, read_pages
from wallet_service.bank.camt.schemas import VERSION, schema_warnings, versions
from wallet_service.bank.camt.settling import settled_reports
from wallet_service.bank.errors import (
    ArchiveOverBounds,
    BankFileRefusal,
    FileIsPaymentOrder,
    FileTooLarge,
    FileUnreadable,
    NothingReported,
    OtherMessage,
    VersionUnknown,
    WrongAccount,
    WrongCurrency,
)
from wallet_service.bank.opening.documents import IsoDocument, byte_order, decoded, iso_documents, pieces
from wallet_service.bank.opening.recognition import format_of
from wallet_service.bank.opening.unpacking import MAX_DEPTH, Budget, members
from wallet_service.bank.reported import AccountReport, BankFile, PaymentStatusReport

MAX_FILE_BYTES = 8_000_000
#: Payment files: ours, which go to the bank.
PAYMENT_ORDERS = ("pain.001.", "pain.008.")
_LINE_READERS = {"cfonb120": cfonb120.read, "mt940": mt940.read}

log = structlog.get_logger(__name__)


@dataclass
class _Found:
    """What was found so far, part by part. Numbered pages wait: their report may go on in another part."""

    reports: list[AccountReport] = field(default_factory=list)
    answers: list[PaymentStatusReport] = field(default_factory=list)
    pages: list[tuple[str, Page]] = field(default_factory=list)
    refused: list[tuple[str, BankFileRefusal]] = field(default_factory=list)
    other_accounts: int = 0
    other_currency: str | None = None


def read(content: bytes, reserve_iban: str) -> BankFile:
    """What a file says of the account `reserve_iban`, whatever the file is.

    Raises a BankFileRefusal when it says nothing that can be trusted. Of a file in parts (an archive, several
    documents), the parts that cannot be trusted are listed and the others read.
    """
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(limit_bytes=MAX_FILE_BYTES)
    reader = _Reader(normal_account(reserve_iban))
    reader.take("", content)
    reader.join_pages()
    return reader.result()


class _Reader:
    """Reads the parts of one file, one after the other, into what was found."""

    def __init__(self, iban: str) -> None:
        self._iban = iban
        self._found = _Found()
        self._budget = Budget()

    def take(self, name: str, content: bytes, depth: int = 0) -> None:
        self._safely(name, partial(self._take, name, content, depth))

    def _safely(self, name: str, take: Callable[[], None]) -> None:
        """Whatever is wrong with a part is a refusal of that part alone, but for hostile archives."""
        try:
            take()
        except ArchiveOverBounds:
            raise
        except BankFileRefusal as refusal:
            self._found.refused.append((name, refusal))
        except Exception as trouble:
            log.error("bank.reader_failed", error=type(trouble).__name__, where=_place_of(trouble))
            unreadable = FileUnreadable()
            unreadable.__cause__ = trouble
            self._found.refused.append((name, unreadable))

    def join_pages(self) -> None:
        """The reports whose pages came in several parts."""
        names = ", ".join(dict.fromkeys(name for name, _ in self._found.pages))
        self._safely(names, self._join_pages)

    def _join_pages(self) -> None:
        self._found.reports.extend(settled_reports([page for _, page in self._found.pages], self._iban))

    def result(self) -> BankFile:
        found = self._found
        if not found.reports and not found.answers:
            if found.refused:
                raise found.refused[0][1]
            if found.other_currency is not None:
                raise WrongCurrency(currency=found.other_currency)
            raise WrongAccount() if found.other_accounts else NothingReported()
        return BankFile(
            reports=tuple(sorted(found.reports, key=_moment_of)),
            answers=tuple(found.answers),
            other_accounts=found.other_accounts,
            refused=tuple((name, refusal.code) for name, refusal in found.refused),
        )

    def _take(self, name: str, content: bytes, depth: int) -> None:
        file_format = format_of(content)
        if file_format == "zip":
            self._take_archive(name, content, depth)
        elif file_format == "xml":
            self._take_xml(name, content)
        else:
            if (encoding := byte_order(content)) is not None:
                content = content.decode(encoding, errors="replace").encode()
            reports, others = _LINE_READERS[file_format](content, self._iban)
            self._found.reports.extend(reports)
            self._found.other_accounts += others

    def _take_archive(self, name: str, content: bytes, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise ArchiveOverBounds()
        for member in members(content, self._budget, MAX_FILE_BYTES):
            inside = f"{name}/{member.name}" if name else member.name
            if member.refusal is not None:
                self._found.refused.append((inside, member.refusal))
            else:
                self.take(inside, member.content, depth + 1)

    def _take_xml(self, name: str, content: bytes) -> None:
        text, encoding_warnings = decoded(content)
        texts, end_warnings = pieces(text)
        warnings = (*encoding_warnings, *end_warnings)
        if len(texts) == 1:
            self._take_documents(name, texts[0], warnings)
            return
        for number, piece in enumerate(texts, 1):
            part = f"{name}#{number}"
            self._safely(part, partial(self._take_documents, part, piece, warnings))

    def _take_documents(self, name: str, piece: str, warnings: tuple[str, ...]) -> None:
        for document in iso_documents(piece):
            if pain002.NAME.fullmatch(document.name):
                messages = [XmlNode(message) for message in document.element]
                self._found.answers.extend(pain002.read(message, document.name) for message in messages)
            else:
                self._take_reports(name, document, warnings)

    def _take_reports(self, name: str, document: IsoDocument, warnings: tuple[str, ...]) -> None:
        if document.name.startswith(PAYMENT_ORDERS):
            raise FileIsPaymentOrder(name=document.name)
        if not VERSION.fullmatch(document.name):
            raise OtherMessage(name=document.name)
        if document.name not in versions():
            raise VersionUnknown(name=document.name)
        warnings = (*warnings, *schema_warnings(document.element, document.name))
        messages = [
            read_pages(XmlNode(message), document.name, self._iban, warnings) for message in document.element
        ]
        pages = [page for each in messages for page in each.pages]
        found = self._found
        found.reports.extend(settled_reports([page for page in pages if page.is_alone], self._iban))
        found.pages.extend((name, page) for page in pages if not page.is_alone)
        for each in messages:
            found.other_accounts += each.other_accounts
            found.other_currency = found.other_currency or each.other_currency


def _place_of(trouble: Exception) -> str:
    """File and line it was raised at; never its text, which may quote the file."""
    frame = traceback.extract_tb(trouble.__traceback__)[-1]
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"


def _moment_of(report: AccountReport) -> int:
    return report.created_unix_s if report.closing is None else report.closing.as_of_unix_s
