"""When a sale may be paid, and how much of it may go back. Pure."""

from __future__ import annotations

from datetime import date, datetime, time

from wallet_service.protocol.text.money import largest_tip_cents
from wallet_service.sales import errors
from wallet_service.sales.models import Sale
from wallet_service.sales.states import SaleState
from wallet_service.territory.currency import LOCAL_ZONE


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


def check_tip(amount_cents: int, tip_cents: int) -> None:
    """`tip_cents` is part of `amount_cents`; something is sold beside it. Raises TipTooLarge."""
    sale_cents = amount_cents - tip_cents
    if tip_cents and (sale_cents <= 0 or tip_cents > largest_tip_cents(sale_cents)):
        raise errors.TipTooLarge(maximum_cents=largest_tip_cents(max(0, sale_cents)))


def day_bounds_unix_ms(day: date) -> tuple[int, int]:
    """A day of the region: its first moment, and the first after it; 23 or 25 hours where clocks change."""
    first = datetime.combine(day, time.min, LOCAL_ZONE)
    last_second = datetime.combine(day, time(23, 59, 59), LOCAL_ZONE)
    return int(first.timestamp()) * 1000, int(last_second.timestamp() + 1) * 1000
