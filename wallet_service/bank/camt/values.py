"""Amounts, moments and references of a camt message: read exactly, or None. Refuses nothing, guesses nothing.

Amounts are ActiveCurrencyAndAmount of ISO 20022 (a decimal with a point, at most five decimals); moments are
ISODateTime and ISODate (XML Schema part 2, 3.2.7 and 3.2.9, which know 24:00:00 and times without a zone).
"""

from __future__ import annotations

import datetime
import re

from wallet_service.bank.camt.nodes import XmlNode
from wallet_service.bank.reported import Direction
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.territory.currency import LOCAL_ZONE

CURRENCY = "EUR"
#: A balance sums many amounts, so its bound is wider than one operation's.
MAX_BALANCE_CENTS = MAX_AMOUNT_CENTS * 10_000
#: The euro is of 1999; a bank's year outside of these is a fault of writing.
FIRST_YEAR, LAST_YEAR = 1999, 2199

_DECIMAL = re.compile(r"\+?(?=\.?\d)(\d{0,18})(?:\.(\d{0,18}))?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_DIRECTIONS: dict[str, Direction] = {"CRDT": "CRDT", "DBIT": "DBIT"}


def cents_of(amount: XmlNode | None) -> int | None:
    """Exact cents of an amount in euros; None for another currency, parts of a cent, or no decimal at all."""
    if amount is None or is_foreign(amount):
        return None
    match = _DECIMAL.fullmatch(amount.own_text)
    if match is None:
        return None
    units, decimals = match.group(1) or "0", (match.group(2) or "").ljust(2, "0")
    if decimals[2:].strip("0"):
        return None
    cents = int(units) * 100 + int(decimals[:2])
    return cents if cents <= MAX_BALANCE_CENTS else None


def is_foreign(amount: XmlNode | None) -> bool:
    return amount is not None and amount.get("Ccy") != CURRENCY


def direction_of(node: XmlNode) -> Direction | None:
    """Its CdtDbtInd, None when it has none, two, or another word there."""
    indicator = node.only("CdtDbtInd")
    return None if indicator is None else _DIRECTIONS.get(indicator.own_text)


def moment_of(text: str) -> datetime.datetime | None:
    """A moment with its zone; None when it is none, or of a year no bank means.

    Without an offset it is the bank's local time. A day alone, and 24:00:00, are that day's last second.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    is_days_end = hour is None or (hour, minute, second or "00") == ("24", "00", "00")
    try:
        if is_days_end:
            time = datetime.time(23, 59, 59)
        else:
            time = datetime.time(int(hour), int(minute), min(int(second or 0), 59))
        date = datetime.date(int(year), int(month), int(day))
        zone = LOCAL_ZONE if hour is None or offset is None else _zone(offset)
    except ValueError:
        return None
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        return None
    return datetime.datetime.combine(date, time, zone)


def day_of(text: str) -> str:
    """The ISO date of a day or of a moment, where the currency is at home; "" when it is none."""
    moment = moment_of(text)
    return "" if moment is None else moment.astimezone(LOCAL_ZONE).date().isoformat()


def _zone(offset: str) -> datetime.tzinfo:
    if offset == "Z":
        return datetime.UTC
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    ahead = datetime.timedelta(hours=hours, minutes=minutes)
    return datetime.timezone(-ahead if offset[0] == "-" else ahead)
