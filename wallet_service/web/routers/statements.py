"""The month's statement as CSV and PDF, receipts, and the check of a receipt by anybody. No rule here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.protocol.money import MAX_AMOUNT_CENTS
from wallet_service.protocol.references import proof_code
from wallet_service.statements.decisions import Receipt
from wallet_service.statements.papers import Issuing, csv_of, file_name, pdf_of
from wallet_service.web.i18n import language_of
from wallet_service.web.rate_limits import RECEIPT_CHECK, limited
from wallet_service.web.security import CurrentMember, ServicesOf

router = APIRouter(tags=["statements"])

RECEIPT_VERSION = 1
MAX_NUMBER = 2**53
Month = Annotated[str, Path(max_length=7, description="2026-11")]
Word = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$")]
Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]


class FileResponse(Response):
    """Something a person keeps; never kept on the way."""

    def __init__(self, content: bytes | str, name: str, media_type: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        super().__init__(content, media_type=media_type, headers=headers)


class ReceiptBody(BaseModel):
    """A receipt as it was given; `kind`, `proof_code` and what else it holds for people is not looked at."""

    model_config = ConfigDict(extra="ignore")

    chain_id: int = Field(ge=0, le=MAX_NUMBER, strict=True)
    ledger: Address
    ref: Word
    from_address: Address = Field(alias="from")
    to_address: Address = Field(alias="to")
    amount_cents: int = Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True)
    block_number: int = Field(ge=0, le=MAX_NUMBER, strict=True)
    transaction_hash: Word


@router.get("/v1/me/statements/{month}.csv")
def statement_csv(
    month: Month, request: Request, member: CurrentMember, services: ServicesOf
) -> FileResponse:
    """The month's final movements; the language of the page decides separators and words."""
    statement, issuing = services.statements.of_month(member.member_id, month), _issuing(request, services)
    text = csv_of(statement, issuing, language_of(request))
    return FileResponse(text, file_name(statement, issuing, "csv"), "text/csv; charset=utf-8")


@router.get("/v1/me/statements/{month}.pdf")
def statement_pdf(
    month: Month, request: Request, member: CurrentMember, services: ServicesOf
) -> FileResponse:
    """The same, to read and print."""
    statement, issuing = services.statements.of_month(member.member_id, month), _issuing(request, services)
    content = pdf_of(statement, issuing, language_of(request))
    return FileResponse(content, file_name(statement, issuing, "pdf"), "application/pdf")


@router.get("/v1/me/movements/{ref}/receipt")
def receipt(ref: str, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """What anybody needs to check this payment against the ledger. Nothing about people is in it."""
    return shown_receipt(services.statements.receipt(member.member_id, ref))


@router.post("/v1/public/receipts/check", dependencies=[Depends(limited(RECEIPT_CHECK))])
def check(body: ReceiptBody, services: ServicesOf) -> dict[str, Any]:
    """Whether the ledger says the same. `differences` names what it says otherwise, never what it says."""
    differences = services.statements.check(Receipt(**body.model_dump()))
    return {"is_true": not differences, "differences": differences}


def shown_receipt(found: Receipt) -> dict[str, Any]:
    said = asdict(found)
    return {
        "kind": "alba-receipt",
        "version": RECEIPT_VERSION,
        **{
            {"from_address": "from", "to_address": "to"}.get(name, name): value
            for name, value in said.items()
        },
        "proof_code": proof_code(found.ref),
    }


def _issuing(request: Request, services: ServicesOf) -> Issuing:
    currency: dict[str, Any] = request.app.state.currency
    is_demo = services.settings.environment == "demo"
    return Issuing(currency["name"], currency["unit_many"], currency["issuer"], is_demo)
