"""Checks an account as people type it: IBAN and holder's name. Knows no member.

Wraps schwifty for the number; which characters a name may hold is the banks' (bank.epc217).
"""

from __future__ import annotations

from dataclasses import dataclass

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from wallet_service.bank.epc217 import MAX_NAME_CHARACTERS, writable
from wallet_service.protocol.text.lines import one_line
from wallet_service.redemptions.errors import HolderInvalid, IbanInvalid, IbanNotSepa, IbanOutsideEea

MAX_TYPED_CHARACTERS = 50
#: Countries whose accounts take a transfer by IBAN and name alone (Agreement on the European Economic Area,
#: as enlarged; Regulation (EU) 260/2012, art. 5, 7). To the other SEPA countries (CH, GB, MC, AD, SM, VA ...)
#: Regulation (EU) 2015/847, art. 6, asks for more: docs/decisions says why they are refused.
EEA_COUNTRIES = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"),
        *("LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"),
    }
)


@dataclass(frozen=True)
class Payee:
    """Where euros go: a compact IBAN, and the account holder's name as the holder writes it."""

    iban: str
    holder: str

    @property
    def written_holder(self) -> str:
        """The name as a payment file holds it; "" when nothing of it can be written."""
        return writable(self.holder, MAX_NAME_CHARACTERS)


def checked_payee(typed: Payee) -> Payee:
    """Raises IbanInvalid, IbanNotSepa, IbanOutsideEea, HolderInvalid."""
    return Payee(normal_iban(typed.iban), checked_holder(typed.holder))


def normal_iban(text: str) -> str:
    """Compact and upper-case, checksum and structure checked.

    Raises IbanInvalid, IbanNotSepa, IbanOutsideEea.
    """
    if len(text) > MAX_TYPED_CHARACTERS:
        raise IbanInvalid()
    try:
        iban = IBAN(text, validate_bban=True)
    except (SchwiftyException, ValueError):
        raise IbanInvalid() from None
    if not iban.in_sepa_zone:
        raise IbanNotSepa()
    if iban.country_code not in EEA_COUNTRIES:
        raise IbanOutsideEea()
    return str(iban.compact)


def checked_holder(text: str) -> str:
    """The name on one line. Raises HolderInvalid when a bank could not be told it."""
    holder = one_line(text)
    if holder is None or not writable(holder, MAX_NAME_CHARACTERS):
        raise HolderInvalid()
    return holder


def masked_iban(iban: str) -> str:
    """``FR76 … 5441``: enough for its owner to recognise it."""
    return f"{iban[:4]} … {iban[-4:]}"
