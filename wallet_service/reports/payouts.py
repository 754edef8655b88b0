"""Every payout in euros, by page and as a table. Reads only; opens nothing that is sealed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import reading
from wallet_service.reports import payouts_repository as repository

PAGE_LENGTH = 50
MAX_PAGES = 2_000


@dataclass(frozen=True, slots=True)
class PayoutFilter:
    """`step`: a redemption's state, or where it stands before the bank; "" for all.

    The moments are of the request: from the first, up to the second; None for no bound.
    """

    step: str = ""
    from_unix_ms: int | None = None
    until_unix_ms: int | None = None

    @property
    def days(self) -> tuple[int | None, int | None]:
        return self.from_unix_ms, self.until_unix_ms


@dataclass(frozen=True, slots=True)
class ListedPayout:
    """One redemption. `batch`: the name of the payout file it is in, as the bank calls it; cents."""

    ref: str
    end_to_end_id: str
    member_id: str
    public_name: str | None
    amount_cents: int
    fee_cents: int
    net_cents: int
    step: str
    return_reason: str | None
    requested_at_unix_ms: int
    closed_at_unix_ms: int | None
    batch: str | None
    batch_at_unix_ms: int | None


@dataclass(frozen=True, slots=True)
class PayoutPage:
    """`total` and `net_cents` of all pages."""

    lines: tuple[ListedPayout, ...]
    total: int
    net_cents: int


class PayoutsView:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, wanted: PayoutFilter, number: int = 1) -> PayoutPage:
        """Newest first; pages count from 1."""
        first = (min(max(number, 1), MAX_PAGES) - 1) * PAGE_LENGTH
        with reading(self._engine) as connection:
            total, net_cents = repository.sums(connection, wanted.step, wanted.days)
            return PayoutPage(self._lines(connection, wanted, PAGE_LENGTH, first), total, net_cents)

    def newest(self, wanted: PayoutFilter, limit: int) -> tuple[ListedPayout, ...]:
        """At most `limit` of them, newest first."""
        with reading(self._engine) as connection:
            return self._lines(connection, wanted, limit, 0)

    def _lines(
        self, connection: Any, wanted: PayoutFilter, limit: int, first: int
    ) -> tuple[ListedPayout, ...]:
        names = [each.name for each in fields(ListedPayout)]
        return tuple(
            ListedPayout(**{name: row._mapping[name] for name in names})
            for row in repository.page(connection, wanted.step, wanted.days, limit, first)
        )
