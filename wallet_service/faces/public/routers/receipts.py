"""The receipt of a paid sale, for who has its address: from the QR on a till's receipt, or passed on."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from wallet_service.faces.shell.rate_limits import SALE_BY_ID, limited
from wallet_service.faces.shell.rendering import page
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.protocol.errors import QrTampered, QrVersionUnknown
from wallet_service.protocol.text.qr import parse_sale_token
from wallet_service.sales.errors import SaleReceiptNotShown

router = APIRouter(include_in_schema=False, dependencies=[Depends(limited(SALE_BY_ID))])


@router.get("/T/{token}")
@router.get("/t/{token}")
def receipt_page(request: Request, token: str, services: ServicesOf) -> HTMLResponse:
    """The shop's side of a payment, never who paid. Raises SaleReceiptNotShown."""
    try:
        sale_id = parse_sale_token(token)
    except (QrTampered, QrVersionUnknown):
        raise SaleReceiptNotShown() from None
    receipt = services.till_views.receipt(services.sales.with_receipt(sale_id))
    headers = {"Cache-Control": "private, no-store"}
    return page(request, "public/receipt.html", {"receipt": receipt}, headers=headers)
