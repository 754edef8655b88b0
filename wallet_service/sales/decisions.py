"""When a sale may be paid, and how much of it may go back. Pure."""

from __future__ import annotations

from wallet_service.sales import errors
from wallet_service.sales.models import Sale
from wallet_service.sales.states import SaleState


def check_sale_payable(sale: Sale, now_unix_ms: int) -> None:
    """Raises unless a payment for `sale` may be accepted now."""
    state = sale.state_at(now_unix_ms)
    if state in (SaleState.ACCEPTED, SaleState.PAID):
        raise errors.SaleAlreadyPaid()
    if state is SaleState.CANCELLED:
        raise errors.SaleCancelled()
    if state is SaleState.EXPIRED:
        raise errors.SaleExpired(expired_at_unix_ms=sale.expires_at_unix_ms)


def check_refund_request(sale: Sale, already_asked_cents: int, amount_cents: int) -> None:
    """The sum of refunds never passes the sale. `already_asked_cents` leaves out refused requests."""
    if sale.state is not SaleState.PAID:
        raise errors.SaleNotPaid()
    left_cents = sale.amount_cents - already_asked_cents
    if not 0 < amount_cents <= left_cents:
        raise errors.RefundTooLarge(left_cents=left_cents)
