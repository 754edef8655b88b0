"""Amounts as people and programs write them, read into integer cents. No float ever."""

from __future__ import annotations

import re

from wallet_service.protocol.amount_text import CENTS_PER_UNIT
from wallet_service.protocol.errors import AmountInvalid, AmountOutOfRange

#: Largest amount of one operation; far above every tier's limit and far below what JSON integers and BIGINT
#: hold.
MAX_AMOUNT_CENTS = 99_999_999_99
MAX_TYPED_CHARACTERS = 24
#: A tip is at most the sale itself, or so much where that is more: what is beyond is a slip of the finger.
SMALL_TIP_CENTS = 5_00

_SPACES = str.maketrans("", "", " \u00a0\u202f")
_AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d{0,2}))?", re.ASCII)


def parse_amount(text: str, minimum_cents: int = 1) -> int:
    """Cents from ``12,50``, ``12.5``, ``1 234`` (comma or point; spaces between thousands).

    Raises AmountInvalid when unreadable (three decimals, signs, two marks), AmountOutOfRange below
    `minimum_cents` or above MAX_AMOUNT_CENTS.
    """
    if len(text) > MAX_TYPED_CHARACTERS:
        raise AmountInvalid()
    match = _AMOUNT.fullmatch(text.strip().translate(_SPACES))
    if match is None:
        raise AmountInvalid()
    units, decimals = match.groups()
    amount_cents = int(units) * CENTS_PER_UNIT + int((decimals or "").ljust(2, "0"))
    if not minimum_cents <= amount_cents <= MAX_AMOUNT_CENTS:
        raise AmountOutOfRange()
    return amount_cents


def largest_tip_cents(sale_cents: int) -> int:
    """What may be added to a sale of `sale_cents`, the tip left out."""
    return max(sale_cents, SMALL_TIP_CENTS)


def decimal_amount(amount_cents: int) -> str:
    """``1234.50``: the plain form bank files and EPC codes want. `amount_cents` must not be negative."""
    if amount_cents < 0:
        raise AmountOutOfRange()
    return f"{amount_cents // CENTS_PER_UNIT}.{amount_cents % CENTS_PER_UNIT:02d}"
