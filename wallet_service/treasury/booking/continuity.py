"""The chain of balances: whether a statement begins where an earlier one ends, and whether it adds up. Pure.

The balances are the second net under the movements' names: a bank that sends a day again under new names
cannot change where the day began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wallet_service.bank.reported import AccountReport
from wallet_service.treasury.booking.repository import Continuity, KnownStatement


@dataclass(frozen=True)
class BalanceChain:
    """The closed statements around a report.

    Attributes:
        before: those true by its moment, newest first.
        after: the next one, when files come out of order.
    """

    before: Sequence[KnownStatement]
    after: KnownStatement | None

    def is_next(self, report: AccountReport) -> bool:
        """Its opening is our last closing, and no earlier moment had the same balance."""
        if report.kind != "statement" or report.opening is None or report.closing is None:
            return False
        if not self.before or self.before[0].closing_cents != report.opening.amount_cents:
            return False
        if self.after is not None and self.after.opening_cents != report.closing.amount_cents:
            return False
        has_moved = False
        for statement in self.before:
            has_moved = has_moved or statement.entries_count > 0
            if has_moved and statement.opening_cents == report.opening.amount_cents:
                return False  # the balance was the same before: it could be this stretch, sent again
        return True

    def follows(self, report: AccountReport) -> bool:
        """It begins where the last one ended and ends where the next one begins, as far as there are such."""
        if report.opening is None or report.closing is None:
            return False
        begins = not self.before or self.before[0].closing_cents == report.opening.amount_cents
        ends = self.after is None or self.after.opening_cents in (None, report.closing.amount_cents)
        return begins and ends

    def continuity(self, report: AccountReport, newly_shown_cents: int, between_cents: int) -> Continuity:
        """`newly_shown_cents`: what it shows first. `between_cents`: shown since by statements not closed."""
        if report.kind != "statement" or report.closing is None:
            return "unknown"
        last = self.before[0] if self.before else None
        if last is None and self.after is None:
            return "first"
        closing_cents = report.closing.amount_cents
        if self.follows(report):
            return "follows"
        if newly_shown_cents == 0 and self.after is not None:
            return "explained"
        if last is not None and self.after is None:
            known_cents = (last.closing_cents or 0) + between_cents
            return "explained" if known_cents + newly_shown_cents == closing_cents else "broken"
        return "broken"


@dataclass(frozen=True)
class ShownLine:
    """A line as a statement shows it. `name`: what the payer or the network calls it (TxId, EndToEndId)."""

    direction: str
    amount_cents: int
    name: str | None


def is_repetition(
    report: AccountReport,
    lines: Sequence[ShownLine],
    likes: Iterable[Sequence[ShownLine]],
    *,
    follows: bool,
) -> bool:
    """Whether a statement with movements we do not know looks like one read before under other names.

    `likes`: of each statement of the same days and balances, the lines it was the first to show. Where the
    balance moved, the same days and balances tell; where it did not, the same amounts. A bank that writes
    several statements a day may come from one balance to another twice: then the payers' own names, which no
    sending changes, say that these are other transfers. They are believed as long as the chain of balances
    holds (`follows`): where it breaks, new names on the same stretch may be those of another sending.
    """
    if report.opening is None or report.closing is None:
        return False
    has_moved = report.opening.amount_cents != report.closing.amount_cents
    return any(
        (has_moved or _amounts(shown) == _amounts(lines)) and not (follows and _are_others(lines, shown))
        for shown in likes
    )


def _amounts(lines: Sequence[ShownLine]) -> Counter[tuple[str, int]]:
    return Counter((line.direction, line.amount_cents) for line in lines)


def _are_others(lines: Sequence[ShownLine], shown: Sequence[ShownLine]) -> bool:
    """Every one is named, and no name is on both sides."""
    names, known = {line.name for line in lines}, {line.name for line in shown}
    return bool(names and known) and None not in names | known and not names & known
