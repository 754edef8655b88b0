"""What becomes of recorded movements: payouts' debits, transfers sent back, members' credits, or nobody's.

Inside the caller's unit of work. Must not record movements nor read files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from wallet_service.bank.statement import EntryLine
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.security.sealing import SealBroken, Sealer
from wallet_service.topups.arrived import ArrivedCredit
from wallet_service.topups.service import Limits, TopupService
from wallet_service.treasury.booking import repository
from wallet_service.treasury.booking.details import line_of
from wallet_service.treasury.ports import Reversals


@dataclass(frozen=True)
class BookedCounts:
    """What taking something into the books changed; all zero when everything in it was known."""

    statements: int = 0
    credited: int = 0
    paid: int = 0
    sent_back: int = 0
    unmatched: int = 0

    def __add__(self, other: BookedCounts) -> BookedCounts:
        return BookedCounts(
            self.statements + other.statements,
            self.credited + other.credited,
            self.paid + other.paid,
            self.sent_back + other.sent_back,
            self.unmatched + other.unmatched,
        )


@dataclass(frozen=True)
class RecordedMovement:
    """A recorded movement that is being decided. `is_shown`: a statement shows it; else it was only told."""

    id: str
    key: str
    line: EntryLine
    is_shown: bool


class MovementDeciding:
    """Debits before credits: `pay`, then whatever must stand between, then `credit`."""

    def __init__(
        self,
        push: Push,
        sealer: Sealer,
        topups: TopupService,
        redemptions: RedemptionFollower,
        reversals: Reversals,
    ) -> None:
        self._push = push
        self._sealer = sealer
        self._topups = topups
        self._redemptions = redemptions
        self._reversals = reversals

    def opened(self, work: UnitOfWork, rows: Sequence[RowMapping]) -> list[RecordedMovement]:
        """One that does not open waits for an officer, and is said to be unreadable."""
        opened = []
        for row in rows:
            try:
                is_shown = row["confirmed_statement_id"] is not None
                line = line_of(self._sealer, row)
                opened.append(RecordedMovement(row["id"], row["entry_key"], line, is_shown))
            except (SealBroken, ValueError, KeyError, TypeError) as error:
                self._push.quarantine.put(work, RowKind.BANK_ENTRY, row["id"], error)
                repository.leave_unmatched(work.connection, [row["id"]], row["reason"])
        return opened

    def pay(self, work: UnitOfWork, movements: Sequence[RecordedMovement]) -> BookedCounts:
        """Debits: those that pay redemptions are theirs, the others wait for an officer."""
        paid, left = [], defaultdict(list)
        for each in movements:
            if each.line.direction != "DBIT":
                continue
            closed = [] if each.line.is_reversal else self._redemptions.paid_by(work, each.line)
            if closed:
                self._redemptions.record_paid(work, each.id, closed)
                paid.append(each.id)
            else:
                left[each.line.reason].append(each.id)
        repository.set_states(work.connection, paid, "payout")
        for reason, ids in left.items():
            repository.leave_unmatched(work.connection, ids, reason)
        self._note_reversals(work, [each for each in movements if each.line.direction == "DBIT"], set(paid))
        return BookedCounts(paid=len(paid), unmatched=sum(map(len, left.values())))

    def credit(self, work: UnitOfWork, movements: Sequence[RecordedMovement], limits: Limits) -> BookedCounts:
        """Credits: sent back by the bank, a member's, or nobody's that we can name."""
        sent_back: list[str] = []
        left: dict[str | None, list[str]] = defaultdict(list)
        free: list[RecordedMovement] = []
        for each in movements:
            redemption = None
            if each.line.reason in (None, "reversal"):
                redemption = self._redemptions.sent_back_by(work, each.line)
            if redemption is not None:
                entry = (each.id, each.key)
                self._redemptions.record_sent_back(work, entry, each.line, redemption, limits)
                sent_back.append(each.id)
            elif each.line.reason is None and each.line.return_reason is None:
                free.append(each)
            else:
                left[each.line.reason].append(each.id)
        credits = []
        for each, members in zip(
            free, self._topups.arrived.members_for(work, [each.line for each in free]), strict=True
        ):
            if len(members) == 1:
                credit = ArrivedCredit(
                    each.id, each.key, members.pop(), each.line.amount_cents, each.is_shown
                )
                credits.append(credit)
            else:
                left["several_members" if members else None].append(each.id)
        if credits:
            self._topups.arrived.take(work, credits, limits)
        repository.set_states(work.connection, sent_back, "payout_return")
        repository.set_states(work.connection, [credit.entry_id for credit in credits], "topup")
        for reason, ids in left.items():
            repository.leave_unmatched(work.connection, ids, reason)
        self._note_reversals(work, movements, set(sent_back))
        return BookedCounts(
            credited=len(credits), sent_back=len(sent_back), unmatched=sum(map(len, left.values()))
        )

    def look_again_at_reversals(self, work: UnitOfWork) -> None:
        """A report's credits are all decided: one of its debits may take back one of them."""
        self._reversals.look_again(work)

    def _note_reversals(
        self, work: UnitOfWork, movements: Sequence[RecordedMovement], explained: set[str]
    ) -> None:
        """What the bank undoes, and debits with a return's reason: a credit sent back after a recall."""
        for each in movements:
            is_return = each.line.direction == "DBIT" and each.line.return_reason is not None
            if each.id not in explained and (each.line.is_reversal or is_return):
                self._reversals.note(work, each.id, each.line)
