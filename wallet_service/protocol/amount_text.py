"""Amounts in cents as people read them. No float ever; refuses nothing, so that refusals can use it."""

from __future__ import annotations

from wallet_service.languages.standards import marks_of

CENTS_PER_UNIT = 100
NARROW_NO_BREAK_SPACE = "\u202f"


def format_amount(amount_cents: int, language: str = "fr") -> str:
    """``1 234,50`` (narrow no-break space) in French, ``1,234.50`` in English, else as the CLDR has it.

    Negative amounts keep a hyphen-minus.
    """
    sign = "-" if amount_cents < 0 else ""
    units, cents = divmod(abs(amount_cents), CENTS_PER_UNIT)
    marks = marks_of(language)
    whole = f"{units:,}".replace(",", marks.group)
    return f"{sign}{whole}{marks.decimal}{cents:02d}"
