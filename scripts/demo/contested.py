"""Payments that are contested in the month, so that the console's pages about it show each way it goes.

Owns on which day which of it happens, counted from the last: one goes back, one stays, one has waited longer
than it may, one waits for an officer. The two invited members have none: whoever tries contests themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.demo.simulation import PaymentIntent, SimulatedWallet, Simulation
from wallet_service.disputes.desk import DISMISS_ACT, UPHOLD_ACT
from wallet_service.disputes.models import DisputeReason
from wallet_service.disputes.service import Contest

#: Days before the last evening of the month on which each is opened; answers and decisions follow at once.
GOES_BACK, STAYS, IS_LATE, WAITS = 12, 9, 5, 0
#: Sums that a shop has left whatever it converts, and that one officer decides.
CONTESTED_CENTS = range(8_00, 80_00)


@dataclass(frozen=True)
class Sold:
    """A sale of the day: its payment's reference, between whom, and how much."""

    ref: str
    payer: SimulatedWallet
    payee: SimulatedWallet
    amount_cents: int


class ContestedPayments:
    """`officer_id` has the right to decide."""

    def __init__(self, simulation: Simulation, officer_id: str, days: int) -> None:
        self._simulation = simulation
        self._officer_id = officer_id
        self._last_day = days - 1
        #: Members something may be held of.
        self.payees: set[str] = set()

    def evening(self, day: int, sold: Sequence[Sold], invited: Callable[[], set[str]]) -> str | None:
        """What happens on that evening; the reference of the payment that is contested, if one is.

        `invited`: the members nobody contests anything of.
        """
        steps = {GOES_BACK: self._goes_back, STAYS: self._stays, IS_LATE: self._is_late, WAITS: self._waits}
        step = steps.get(self._last_day - day)
        if step is None:
            return None
        left_out = self.payees | invited()
        fitting = [
            each
            for each in sold
            if each.amount_cents in CONTESTED_CENTS
            and not {each.payer.member_id, each.payee.member_id} & left_out
        ]
        if not fitting:
            return None
        chosen = max(fitting, key=lambda each: (each.amount_cents, each.ref))
        self.payees.add(chosen.payee.member_id)  # never two at one shop: it keeps enough to live on
        step(chosen)
        self._simulation.run_workers()
        return chosen.ref

    def _goes_back(self, sale: Sold) -> None:
        dispute_id = self._contest(
            sale, DisputeReason.PAID_TWICE, "La caisse a demandé deux fois la même somme."
        )
        self._answer(sale, dispute_id, "C’est exact, la première avait bien abouti.", agrees=True)
        self._decide(UPHOLD_ACT, dispute_id, "Les deux parties disent la même chose.")
        self._simulation.pay_all([PaymentIntent(sale.payee, sale.payer, sale.amount_cents)])

    def _stays(self, sale: Sold) -> None:
        dispute_id = self._contest(sale, DisputeReason.NOT_RECEIVED, "Je ne retrouve pas la commande.")
        self._answer(sale, dispute_id, "Commande retirée le soir même, signature jointe.", agrees=False)
        self._decide(DISMISS_ACT, dispute_id, "Le retrait est établi par la signature.")

    def _is_late(self, sale: Sold) -> None:
        self._contest(sale, DisputeReason.WRONG_AMOUNT, "Une virgule de trop au moment de saisir.")

    def _waits(self, sale: Sold) -> None:
        dispute_id = self._contest(sale, DisputeReason.DECEIVED, "L’article n’est pas celui de l’annonce.")
        self._answer(sale, dispute_id, "L’article est celui de la photographie.", agrees=False)

    def _contest(self, sale: Sold, reason: DisputeReason, words: str) -> str:
        contest = Contest(sale.ref, reason, words)
        return self._simulation.services.disputes.members.contest(sale.payer.member_id, contest)

    def _answer(self, sale: Sold, dispute_id: str, words: str, *, agrees: bool) -> None:
        members = self._simulation.services.disputes.members
        members.answer(sale.payee.member_id, dispute_id, words, agrees=agrees)

    def _decide(self, act: str, dispute_id: str, ground: str) -> None:
        self._simulation.services.disputes.desk.decide(act, dispute_id, ground, self._officer_id)
