"""What is held of a person, read and opened. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Rows of one table, newest first.

    `count` is of all there are; `rows` has MAX_ROWS of them at most, with what is sealed opened.
    """

    section: str
    table: str
    count: int
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class HeldSection:
    """How much is held under one heading."""

    section: str
    count: int


@dataclass(frozen=True, slots=True)
class Closing:
    """What stands between a member and the end of their account.

    Attributes:
        balance_cents: what it holds; must be 0.
        open_matters: what is under way, in stable words.
        kept_until_unix_ms: when what a person proved would be destroyed, were it closed now; None: at once.
    """

    balance_cents: int
    open_matters: tuple[str, ...]
    kept_until_unix_ms: int | None
