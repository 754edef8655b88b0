"""What somebody looks for among their movements: words, a direction, a stretch of time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.text.lines import holds_words, plain
from wallet_service.protocol.text.money import parse_amount
from wallet_service.protocol.text.references import proof_code

MAX_QUERY_CHARACTERS = 80
MAX_MOVEMENTS_PER_PAGE = 200
Direction = Literal["all", "out", "in", "bank", "refunds"]
_KINDS: dict[Direction, frozenset[str]] = {
    "out": frozenset({"payment_out", "refund_out"}),
    "in": frozenset({"payment_in", "refund_in"}),
    "bank": frozenset({"topup", "redemption"}),
    "refunds": frozenset({"refund_in", "refund_out"}),
}


class SearchableMovement(Protocol):
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
class MovementFilter:
    """`query`: part of a name, an amount (``12,50``), a proof code (``A7-42F``) or a reference.

    `since_unix_ms` is within, `until_unix_ms` is not.
    """

    query: str = ""
    direction: Direction = "all"
    since_unix_ms: int | None = None
    until_unix_ms: int | None = None


def matches(movement: SearchableMovement, movement_filter: MovementFilter) -> bool:
    if movement_filter.since_unix_ms is not None and movement.at_unix_ms < movement_filter.since_unix_ms:
        return False
    if movement_filter.until_unix_ms is not None and movement.at_unix_ms >= movement_filter.until_unix_ms:
        return False
    if movement_filter.direction != "all" and movement.kind not in _KINDS[movement_filter.direction]:
        return False
    return not movement_filter.query.strip() or _matches_query(movement, plain(movement_filter.query))


def _matches_query(movement: SearchableMovement, query: str) -> bool:
    if movement.counterparty_name and holds_words(movement.counterparty_name, query):
        return True
    if query in (plain(proof_code(movement.ref)), movement.ref):
        return True
    try:
        return parse_amount(query) == abs(movement.amount_cents)
    except ProtocolError:
        return False
