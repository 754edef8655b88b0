"""Checks an IBAN as people type it. Wraps schwifty; knows no member."""

from __future__ import annotations

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from wallet_service.redemptions.errors import IbanInvalid, IbanNotSepa

MAX_TYPED_CHARACTERS = 50


def normal_iban(text: str) -> str:
    """Compact and upper-case, checksum and structure checked. Raises IbanInvalid, IbanNotSepa."""
    if len(text) > MAX_TYPED_CHARACTERS:
        raise IbanInvalid()
    try:
        iban = IBAN(text, validate_bban=True)
    except (SchwiftyException, ValueError):
        raise IbanInvalid() from None
    if not iban.in_sepa_zone:
        raise IbanNotSepa()
    return str(iban.compact)


def shown_end(iban: str) -> str:
    """``FR76 … 5441``: enough for its owner to recognise it."""
    return f"{iban[:4]} … {iban[-4:]}"
