"""What somebody looks for among their movements: words, a direction, a stretch of time. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal, Protocol

from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.money import parse_amount
from wallet_service.protocol.references import proof_code

MAX_QUERY_CHARACTERS = 80
Direction = Literal["all", "out", "in", "bank", "refunds"]
_KINDS: dict[Direction, frozenset[str]] = {
    "out": frozenset({"payment_out", "refund_out"}),
    "in": frozenset({"payment_in", "refund_in"}),
    "bank": frozenset({"topup", "redemption"}),
    "refunds": frozenset({"refund_in", "refund_out"}),
}


class Searched(Protocol):
    """What of a movement is looked at."""

    @property
    def ref(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def at_unix_ms(self) -> int: ...
    @property
    def counterparty_name(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """`query`: part of a name, an amount (``12,50``), a proof code (``A7-42F``) or a reference.
    `since_unix_ms` is within, `until_unix_ms` is not.
    """

    query: str = ""
    direction: Direction = "all"
    since_unix_ms: int | None = None
    until_unix_ms: int | None = None


def is_wanted(movement: Searched, wanted: Wanted) -> bool:
    if wanted.since_unix_ms is not None and movement.at_unix_ms < wanted.since_unix_ms:
        return False
    if wanted.until_unix_ms is not None and movement.at_unix_ms >= wanted.until_unix_ms:
        return False
    if wanted.direction != "all" and movement.kind not in _KINDS[wanted.direction]:
        return False
    return not wanted.query.strip() or _matches(movement, plain(wanted.query))


def _matches(movement: Searched, query: str) -> bool:
    if movement.counterparty_name and query in plain(movement.counterparty_name):
        return True
    if query in (plain(proof_code(movement.ref)), movement.ref):
        return True
    try:
        return parse_amount(query) == abs(movement.amount_cents)
    except ProtocolError:
        return False


def plain(text: str) -> str:
    """Without case, accents and outer spaces, so that people find what they remember."""
    spread = unicodedata.normalize("NFKD", text.strip().casefold().replace("\u2019", "'"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))
