"""What a till does: open a sale, cancel it, ask for a refund, read.

Checks what the tablet sends, then asks the service.

Keeps nothing: every answer is the service's, read at that moment. The tablet made `client_reference` before
its first try and repeats it, so nothing is opened or asked twice.
"""

from __future__ import annotations

import asyncio
from datetime import date

import structlog

from merchant_pos.errors import AmountOutOfBounds, RequestMalformed, SaleLabelMalformed
from merchant_pos.paired_tills import PairedTill
from merchant_pos.qr_picture import qr_svg
from merchant_pos.schemas import (
    BookAnswer,
    CashierEntersBody,
    CashiersAnswer,
    DayAnswer,
    ReceiptLinkAnswer,
    SaleAnswer,
    SellBody,
    TabletRefundAnswer,
)
from merchant_pos.service_client import ServiceClient
from merchant_pos.views import ServiceSale, sale_view
from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.text.identifiers import is_sale_id, normal_word
from wallet_service.protocol.text.lines import MAX_SALE_LABEL_CHARACTERS, one_line

SMALLEST_SALE_CENTS = 1
LISTED_SALES = 100

log = structlog.get_logger(__name__)


class TillSales:
    """Sales as the tablet sees them."""

    def __init__(self, client: ServiceClient, largest_sale_cents: int) -> None:
        self._client = client
        self._largest_sale_cents = largest_sale_cents

    async def open(self, till: PairedTill, asked: SellBody, language: str) -> SaleAnswer:
        """A sale of `amount_cents` with its QR.

        Raises AmountOutOfBounds, SaleLabelMalformed, RequestMalformed, or the service's refusal.
        """
        self._check_amount(asked.amount_cents)
        body = {
            "client_reference": _reference(asked.client_reference),
            "amount_cents": asked.amount_cents,
            "label": _label(asked.label),
            "tip_cents": asked.tip_cents,
        }
        return _shown(await self._client.open_sale(till, body, language))

    async def shown(self, till: PairedTill, sale_id: str, language: str) -> SaleAnswer:
        """The sale as the service says it is at this moment."""
        return _shown(await self._client.sale(till, _known_form(sale_id), language))

    async def receipt_link(self, till: PairedTill, sale_id: str, language: str) -> ReceiptLinkAnswer:
        """What the customer scans, or is sent, to keep the receipt."""
        sale = await self._client.sale(till, _known_form(sale_id), language)
        return ReceiptLinkAnswer(url=sale.receipt_url, qr_svg=_picture(sale.receipt_url))

    async def elsewhere(self, till: PairedTill, language: str) -> list[SaleAnswer]:
        """What was paid at the shop's other tills, the latest: to give back from here."""
        return [_shown(sale) for sale in await self._client.other_sales(till, LISTED_SALES, language)]

    async def day(self, till: PairedTill, day: date, language: str) -> DayAnswer:
        """That day of this till in the service's own sums."""
        return DayAnswer.model_validate(await self._client.day(till, day, language))

    async def cashiers(self, till: PairedTill, language: str) -> CashiersAnswer:
        """Whom the shop has named, and who is at this till."""
        return CashiersAnswer.model_validate(await self._client.cashiers(till, language))

    async def cashier_enters(
        self, till: PairedTill, asked: CashierEntersBody, language: str
    ) -> CashiersAnswer:
        """From now on that cashier is written with each sale. Raises the service's refusal of a wrong PIN."""
        entered = await self._client.cashier_enters(till, asked.cashier_id, asked.pin, language)
        return CashiersAnswer.model_validate(entered)

    async def cashier_leaves(self, till: PairedTill, language: str) -> CashiersAnswer:
        """Nobody is named with this till's sales any more."""
        return CashiersAnswer.model_validate(await self._client.cashier_leaves(till, language))

    async def cancel(self, till: PairedTill, sale_id: str, language: str) -> SaleAnswer:
        """Cancels an open sale; repeating it changes nothing."""
        return _shown(await self._client.cancel_sale(till, _known_form(sale_id), language))

    async def ask_refund(
        self, till: PairedTill, sale_id: str, client_reference: str, amount_cents: int, language: str
    ) -> SaleAnswer:
        """Asks the merchant's own wallet, through the service, to sign a refund.

        The sale as it is after asking.
        """
        self._check_amount(amount_cents)
        await self._client.ask_refund(
            till, _known_form(sale_id), _reference(client_reference), amount_cents, language
        )
        return await self.shown(till, sale_id, language)

    async def book(self, till: PairedTill, language: str) -> BookAnswer:
        """The last sales and refunds of the till; its figures are the page's own sums.

        `complete_since_unix_ms`: every sale opened since then is listed; None when every sale is.
        """
        sales, refunds = await asyncio.gather(
            self._client.sales(till, LISTED_SALES, language),
            self._client.refunds(till, LISTED_SALES, language),
        )
        oldest_unix_ms = min((sale.created_at_unix_ms for sale in sales), default=None)
        return BookAnswer(
            sales=[_shown(sale) for sale in sales],
            refunds=[TabletRefundAnswer.model_validate(refund) for refund in refunds],
            complete_since_unix_ms=None if len(sales) < LISTED_SALES else oldest_unix_ms,
        )

    def _check_amount(self, amount_cents: int) -> None:
        if not SMALLEST_SALE_CENTS <= amount_cents <= self._largest_sale_cents:
            raise AmountOutOfBounds(minimum_cents=SMALLEST_SALE_CENTS, maximum_cents=self._largest_sale_cents)


def _shown(sale: ServiceSale) -> SaleAnswer:
    return sale_view(sale, _picture(sale.qr_text) if sale.state == "open" else None)


def _picture(text: str | None) -> str | None:
    """None for what the service should not have said: the six-digit code and the address still work."""
    if not text:
        return None
    try:
        return qr_svg(text)
    except ValueError:
        log.warning("sale_qr_text_unexpected")
        return None


def _reference(text: str) -> str:
    try:
        return normal_word(text)
    except ProtocolError as error:
        raise RequestMalformed() from error


def _label(text: str) -> str | None:
    line = one_line(text)
    if line is None or len(line) > MAX_SALE_LABEL_CHARACTERS:
        raise SaleLabelMalformed(maximum_characters=MAX_SALE_LABEL_CHARACTERS)
    return line or None


def _known_form(sale_id: str) -> str:
    """A sale id goes into a signed path: only the form the protocol gives it may."""
    if not is_sale_id(sale_id):
        raise RequestMalformed()
    return sale_id
