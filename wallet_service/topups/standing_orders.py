"""A member's standing order at their bank: declared or recognised, expected, and said when it does not come.

The bank carries it out and the bank's files say what came; this subject moves no money and refuses none. One
order a member, the one that loads the wallet. Owns `standing_orders` and `low_balance_notices`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.push import Push
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import StandingOrderChanged, to_member
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.territory.currency import LOCAL_ZONE
from wallet_service.topups import errors, rhythm
from wallet_service.topups import standing_repository as repository
from wallet_service.topups.service import MINIMUM_TOPUP_CENTS
from wallet_service.topups.standing_repository import RepeatedCredit, Source, StandingOrder

#: A rhythm is looked for among credits matched so recently: rounds that a standstill kept away are made up.
LOOK_BACK_MS = 7 * MS_PER_DAY
MAX_RECOGNISED_PER_ROUND = 500
PAGE_LENGTH = 500


@dataclass(frozen=True)
class ExpectedOrder:
    """A followed order and what it lets expect; days are ISO dates in the region's time zone."""

    amount_cents: int
    day_of_month: int
    source: Source
    next_on: str
    missed_on: str | None
    arrived_on: str | None


@dataclass(frozen=True)
class LoadingHabits:
    """`low_balance_cents` None: no notice asked for."""

    standing_order: ExpectedOrder | None
    low_balance_cents: int | None


class StandingOrders:
    def __init__(self, engine: Engine, clock: Clock, push: Push) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push

    # the member's side

    def habits(self, member_id: str) -> LoadingHabits:
        with self._engine.connect().execution_options(read_only=True) as connection:
            order = repository.order_of(connection, member_id)
            low_cents = repository.low_balance_of(connection, member_id)
            if order is None or order.state != "followed":
                return LoadingHabits(None, low_cents)
            last_on = repository.last_arrival(connection, member_id, order.amount_cents)
        return LoadingHabits(_expected(order, last_on, self._today()), low_cents)

    def declare(self, member_id: str, amount_cents: int, day_of_month: int) -> LoadingHabits:
        """The member has set one up at their bank. Raises TopupAmountOutOfRange.

        The first one expected is the first that falls due after today.
        """
        if not MINIMUM_TOPUP_CENTS <= amount_cents <= MAX_AMOUNT_CENTS:
            raise errors.TopupAmountOutOfRange(
                minimum_cents=MINIMUM_TOPUP_CENTS, maximum_cents=MAX_AMOUNT_CENTS
            )
        try:
            with UnitOfWork(self._engine) as work:
                self._follow(work, member_id, amount_cents, day_of_month, "declared", self._today())
        except IntegrityError:  # recognised, or declared twice, at the same moment: the last word counts
            return self.declare(member_id, amount_cents, day_of_month)
        return self.habits(member_id)

    def end(self, member_id: str) -> None:
        """It is not expected any more; one that is not followed stays so."""
        with UnitOfWork(self._engine) as work:
            before = repository.order_of(work.connection, member_id)
            if not repository.mark_ended(work.connection, member_id, self._clock.now_unix_ms()):
                return
            assert before is not None
            self._push.publish(work, to_member(member_id, StandingOrderChanged("ended", before.amount_cents)))

    def set_low_balance(self, member_id: str, below_cents: int | None) -> None:
        """Below that balance the wallet offers to load; None: never."""
        try:
            with UnitOfWork(self._engine) as work:
                now_unix_ms = self._clock.now_unix_ms()
                repository.put_low_balance(work.connection, member_id, below_cents, now_unix_ms)
        except IntegrityError:  # set twice at once: the last word counts
            self.set_low_balance(member_id, below_cents)

    # the worker's side

    def look(self) -> int:
        """Tells of orders that did not come and recognises new rhythms. Returns how many were told."""
        return self._tell_missed() + self._recognise()

    def _recognise(self) -> int:
        booked_since = (self._today() - timedelta(days=rhythm.RHYTHM_DAYS)).isoformat()
        matched_since_unix_ms = self._clock.now_unix_ms() - LOOK_BACK_MS
        count = 0
        with self._engine.connect().execution_options(read_only=True) as connection:
            found = repository.repeated_credits(
                connection, rhythm.MIN_ARRIVALS, booked_since, matched_since_unix_ms, MAX_RECOGNISED_PER_ROUND
            )
            arrivals = [repository.arrivals_of(connection, each, booked_since) for each in found]
        for repeated, days in zip(found, arrivals, strict=True):
            day_of_month = rhythm.rhythm_of(date.fromisoformat(day) for day in days)
            if day_of_month is not None:
                count += self._take_recognised(repeated, day_of_month, date.fromisoformat(days[-1]))
        return count

    def _take_recognised(self, repeated: RepeatedCredit, day_of_month: int, last_on: date) -> bool:
        """False when the member's own word, or another round, came first."""
        try:
            with UnitOfWork(self._engine) as work:
                known = repository.order_of(work.connection, repeated.member_id)
                if known is not None and known.state == "followed" and known.missed_on is None:
                    return False
                self._follow(
                    work, repeated.member_id, repeated.amount_cents, day_of_month, "recognised", last_on
                )
        except IntegrityError:  # recognised by two processes at once
            return False
        return True

    def _tell_missed(self) -> int:
        today, count, after_member_id = self._today(), 0, ""
        while True:
            with self._engine.connect().execution_options(read_only=True) as connection:
                page = repository.followed_with_last_arrival(connection, after_member_id, PAGE_LENGTH)
            for order, last_on in page:
                missed_on = _expected(order, last_on, today).missed_on
                if missed_on != order.missed_on:
                    count += self._tell(order, missed_on)
            if len(page) < PAGE_LENGTH:
                return count
            after_member_id = page[-1][0].member_id

    def _tell(self, order: StandingOrder, missed_on: str | None) -> bool:
        """True when the member is told; that it comes again needs no word."""
        with UnitOfWork(self._engine) as work:
            if not repository.mark_missed(work.connection, order, missed_on) or missed_on is None:
                return False
            missed = StandingOrderChanged("missed", order.amount_cents)
            self._push.publish(work, to_member(order.member_id, missed))
        return True

    def _follow(
        self,
        work: UnitOfWork,
        member_id: str,
        amount_cents: int,
        day_of_month: int,
        source: Source,
        since_on: date,
    ) -> None:
        order = StandingOrder(
            member_id=member_id,
            amount_cents=amount_cents,
            day_of_month=day_of_month,
            source=source,
            state="followed",
            since_on=since_on.isoformat(),
            missed_on=None,
            changed_at_unix_ms=self._clock.now_unix_ms(),
        )
        repository.put_order(work.connection, order)
        self._push.publish(work, to_member(member_id, StandingOrderChanged(source, amount_cents)))

    def _today(self) -> date:
        now = datetime.fromtimestamp(self._clock.now_unix_s(), UTC)
        return now.astimezone(LOCAL_ZONE).date()


def _expected(order: StandingOrder, last_on: str | None, today: date) -> ExpectedOrder:
    found = rhythm.expectation(
        order.day_of_month,
        date.fromisoformat(order.since_on),
        None if last_on is None else date.fromisoformat(last_on),
        today,
    )
    return ExpectedOrder(
        amount_cents=order.amount_cents,
        day_of_month=order.day_of_month,
        source=order.source,
        next_on=found.next_on.isoformat(),
        missed_on=found.missed_on.isoformat() if found.missed_on else None,
        arrived_on=found.arrived_on.isoformat() if found.arrived_on else None,
    )
