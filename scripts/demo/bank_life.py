"""What a bank's month has beside plain transfers, so that the console's pages about it show something.

Owns on which day which of it happens. Every piece goes through the bank's files, as in life.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scripts.demo.simulation import SimulatedWallet, Simulation
from scripts.demo_bank import BankDay, DemoBank
from scripts.demo_book import Credit

#: Days of the month, the first is 0. The return is of the first payout files, paid a few days before.
STANDING_ORDER_SET_UP, STANDING_ORDER_COMES, BATCH, RETURN = 3, 5, 7, 13
STANDING_ORDER_CENTS = 120_00
LOW_BALANCE_CENTS = 20_00
#: Less than what nobody has claimed on the last morning: taking it back leaves the reserve above the supply.
MOST_TAKEN_BACK_CENTS = 100_00
INSTANT_CENTS = 25_00
#: Booked as one sum of which the bank tells a single transfer.
SUM_PARTS_CENTS = (20_00, 30_00, 45_00)
UNKNOWN = (
    Credit("", 40_00, "M. INCONNU", "MERCI POUR LES ALBA"),
    Credit("RF18000000000000", 25_00, "FAUTE DE FRAPPE"),
)


@dataclass(frozen=True)
class Loader:
    """Somebody who loads a wallet: what the bank calls them, and what came last (0: nothing yet)."""

    wallet: SimulatedWallet
    bank_name: str
    last_load_cents: int

    def transfer(self, amount_cents: int) -> Credit:
        return Credit(self.wallet.reference, amount_cents, self.bank_name)


class BankLife:
    """`standing_member_id` is whose standing order loads the wallet, once it is set up."""

    def __init__(self, simulation: Simulation, bank: DemoBank, first_day: datetime) -> None:
        self._simulation, self._bank, self._first_day = simulation, bank, first_day
        self._follower: Loader | None = None

    @property
    def standing_member_id(self) -> str:
        return self._follower.wallet.member_id if self._follower else ""

    def morning(self, day: int, verified: Sequence[Loader]) -> BankDay:
        """What this morning's statement has; people do what it needs before."""
        if day == STANDING_ORDER_SET_UP and verified:
            self._set_up_standing_order(verified[0])
        if day == STANDING_ORDER_COMES and self._follower:
            self._follower.wallet.balance_cents += STANDING_ORDER_CENTS
        returns = [self._bank.last_paid()] if day == RETURN else []
        return BankDay(returns=returns, booking="batch" if day == BATCH else "singly")

    def last_morning(self, loaders: Sequence[Loader]) -> None:
        """For officers: strangers' transfers, an untold sum, a credit taken back. And an instant one."""
        self._statement(UNKNOWN)
        if len(loaders) >= len(SUM_PARTS_CENTS):
            parts = [loader.transfer(cents) for loader, cents in zip(loaders, SUM_PARTS_CENTS, strict=False)]
            self._statement(parts, BankDay(booking="sum"))
        small = [each for each in loaders if 0 < each.last_load_cents <= MOST_TAKEN_BACK_CENTS]
        if small:
            taken = min(small[len(SUM_PARTS_CENTS) :] or small, key=lambda each: each.last_load_cents)
            self._statement((), BankDay(reversals=[taken.wallet.reference]))
        if loaders:
            self._bank.tell(loaders[-1].transfer(INSTANT_CENTS), self._simulation.clock.now_unix_s())
        self._simulation.services.inbox.take_all()

    def _set_up_standing_order(self, loader: Loader) -> None:
        """At the bank and in the wallet; it comes two mornings later."""
        self._follower = loader
        services, day_of_month = self._simulation.services, self._day(STANDING_ORDER_COMES).day
        self._bank.stand(
            loader.transfer(STANDING_ORDER_CENTS), day_of_month, self._simulation.clock.now_unix_s()
        )
        services.standing_orders.declare(loader.wallet.member_id, STANDING_ORDER_CENTS, day_of_month)
        services.standing_orders.set_low_balance(loader.wallet.member_id, LOW_BALANCE_CENTS)

    def _statement(self, credits: Sequence[Credit], day: BankDay | None = None) -> None:
        self._bank.make_statement(credits, at_unix_s=self._simulation.clock.now_unix_s() - 60, day=day)
        self._simulation.services.inbox.take_all()
        self._simulation.run_workers()

    def _day(self, number: int) -> datetime:
        return self._first_day + timedelta(days=number)
