"""Statements, a year's summary, receipts, and the check of a receipt by anybody. No rule here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.papers import CsvFile, FileResponse, PdfFile, issuing_of
from wallet_service.faces.shell.rate_limits import (
    RECEIPT_CHECK,
    STATEMENT_OF_MEMBER,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, MemberSession, ServicesOf, services_of
from wallet_service.history import errors
from wallet_service.history.decisions import PaymentReceipt
from wallet_service.history.printing import About, Ending, PaperOrder
from wallet_service.history.schemas import RECEIPT_VERSION, ReceiptAnswer, ReceiptBody, ReceiptCheckAnswer
from wallet_service.platform.sandbox.errors import WorkBusy, WorkOneAtATime
from wallet_service.protocol.errors import WordInvalid
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.protocol.text.references import proof_code

router = APIRouter(tags=["statements"])

STATEMENT_REFUSALS = refuses(
    errors.MonthInvalid, errors.StatementTooLong, WorkBusy, WorkOneAtATime, CopyCatchingUp
)
OF_MEMBER = [Depends(member_limited(STATEMENT_OF_MEMBER))]
Month = Annotated[str, Path(max_length=7, description="2026-11")]
Year = Annotated[str, Path(max_length=4, description="2026")]


FILES: dict[Ending, type[FileResponse]] = {"csv": CsvFile, "pdf": PdfFile}


@router.get(
    "/v1/me/statements/{month}.csv",
    response_class=CsvFile,
    dependencies=OF_MEMBER,
    responses=STATEMENT_REFUSALS,
)
def statement_csv(month: Month, request: Request, member: CurrentMember) -> FileResponse:
    """The month's final movements; the language of the page decides separators and words."""
    return _paper(
        "csv", request, member, lambda: services_of(request).statements.of_month(member.member_id, month)
    )


@router.get(
    "/v1/me/statements/{month}.pdf",
    response_class=PdfFile,
    dependencies=OF_MEMBER,
    responses=STATEMENT_REFUSALS,
)
def statement_pdf(month: Month, request: Request, member: CurrentMember) -> FileResponse:
    """The same, to read and print."""
    return _paper(
        "pdf", request, member, lambda: services_of(request).statements.of_month(member.member_id, month)
    )


@router.get(
    "/v1/me/summaries/{year}.pdf",
    response_class=PdfFile,
    dependencies=OF_MEMBER,
    responses=refuses(errors.YearInvalid, errors.StatementTooLong, WorkBusy, WorkOneAtATime, CopyCatchingUp),
)
def year_pdf(year: Year, request: Request, member: CurrentMember) -> FileResponse:
    """A year on one page: what came in and left month by month, and what it was made of."""
    return _paper(
        "pdf", request, member, lambda: services_of(request).statements.of_year(member.member_id, year)
    )


@router.get(
    "/v1/me/movements/{ref}/receipt.pdf",
    response_class=PdfFile,
    dependencies=OF_MEMBER,
    responses=refuses(errors.ReceiptNotFound, WordInvalid, errors.StatementTooLong, WorkBusy, WorkOneAtATime),
)
def receipt_pdf(ref: str, request: Request, member: CurrentMember) -> FileResponse:
    """The receipt to read, print and show: with the names that the member's own screens show."""
    return _paper(
        "pdf", request, member, lambda: services_of(request).statements.receipt_sheet(member.member_id, ref)
    )


@router.get("/v1/me/movements/{ref}/receipt", responses=refuses(errors.ReceiptNotFound, WordInvalid))
def receipt(ref: str, member: CurrentMember, services: ServicesOf) -> ReceiptAnswer:
    """What anybody needs to check this payment against the ledger. Nothing about people is in it."""
    return receipt_view(services.statements.receipt(member.member_id, ref))


@router.post(
    "/v1/public/receipts/check",
    dependencies=[Depends(limited(RECEIPT_CHECK))],
    responses=refuses(WordInvalid, CopyCatchingUp),
)
def check_receipt(body: ReceiptBody, services: ServicesOf) -> ReceiptCheckAnswer:
    """Whether the ledger says the same. `differences` names what it says otherwise, never what it says."""
    differences = services.statements.check(PaymentReceipt(**body.model_dump()))
    return ReceiptCheckAnswer(is_true=not differences, differences=list(differences))


def receipt_view(found: PaymentReceipt) -> ReceiptAnswer:
    """A receipt as a person keeps it."""
    return ReceiptAnswer(
        **asdict(found), kind="alba-receipt", version=RECEIPT_VERSION, proof_code=proof_code(found.ref)
    )


def _paper(
    ending: Ending, request: Request, member: MemberSession, read: Callable[[], About]
) -> FileResponse:
    """Nothing is read before it is this member's turn."""

    def order() -> PaperOrder:
        return PaperOrder(read(), issuing_of(request), language_of(request))

    paper = services_of(request).papers.make(member.member_id, ending, order)
    return FILES[ending](paper.content, paper.name)
