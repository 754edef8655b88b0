"""Contesting a payment, answering, withdrawing: what members do about a dispute.

Whoever paid contests; the sum is held in the same commit, at the payee as far as it is there and then where
it went, and the ledger is told (`holds`). The payee answers with words and papers. An officer decides
(`desk`). Owns `disputes`. Must not move money.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from wallet_service.accounts import repository as accounts
from wallet_service.accounts import wholeness
from wallet_service.database.tables.disputes import disputes
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import decisions, errors, repository
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.holding.book import HoldBook
from wallet_service.disputes.models import (
    ContestedPayment,
    Dispute,
    DisputeReason,
    DisputeState,
    Holder,
    Passed,
    PlannedHold,
)
from wallet_service.platform.journal import Actor
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id, normal_word
from wallet_service.security.sealing import SealedField, Sealer


@dataclass(frozen=True, slots=True)
class Contest:
    """What the payer says: which payment, why, and in their own words."""

    payment_ref: str
    reason: DisputeReason
    words: str


def words_field(dispute_id: str) -> SealedField:
    """Where the payer's words live, under their own key."""
    return SealedField(disputes.name, "sealed_words", dispute_id)


def answer_field(dispute_id: str) -> SealedField:
    """Where the payee's answer lives, under their own key."""
    return SealedField(disputes.name, "sealed_answer", dispute_id)


class DisputeService:
    """The members' side."""

    def __init__(self, engine: Engine, clock: Clock, sealer: Sealer, book: HoldBook) -> None:
        self._engine = engine
        self._clock = clock
        self._sealer = sealer
        self._book = book

    def contest(self, member_id: str, contest: Contest) -> str:
        """The dispute's id; the same payment gives the same dispute, whatever else is said with it.

        Raises WordInvalid, WordsTooLong, PaymentNotYours, NotContestable, ContestTooLate, NothingToContest,
        TooManyDisputes, TooManyDismissed, CopyCatchingUp.
        """
        ref, words = normal_word(contest.payment_ref), decisions.checked_words(contest.words)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            accounts.take_acceptor_lock(connection)  # nothing is accepted between looking and holding
            known = repository.of_payment(connection, ref)
            if known is not None and known.payer_member_id == member_id:
                return known.id
            payment = repository.contested_payment(connection, ref)
            if payment is None:
                raise errors.PaymentNotYours
            wholeness.require_whole(connection)
            now_unix_ms = self._clock.now_unix_ms()
            own = repository.own_disputes(connection, member_id, now_unix_ms)
            decisions.check_may_contest(payment, member_id, own, now_unix_ms)
            return self._open(work, payment, contest.reason, words)

    def _open(self, work: UnitOfWork, payment: ContestedPayment, reason: DisputeReason, words: str) -> str:
        connection, dispute_id, now_unix_ms = work.connection, new_id(), self._clock.now_unix_ms()
        payer_id, payee_id = payment.payer_member_id, payment.payee_member_id
        addresses = repository.accounts_of(connection, [payer_id, payee_id])
        sealed = words and self._sealer.seal_for_member(
            connection, payer_id, words_field(dispute_id), words.encode()
        )
        planned = self._plan(connection, payment, addresses)
        repository.insert_dispute(
            connection,
            {
                "id": dispute_id,
                "payment_ref": payment.ref,
                "payer_member_id": payer_id,
                "payee_member_id": payee_id,
                "payer_address": addresses[payer_id],
                "payee_address": addresses[payee_id],
                "amount_cents": payment.contestable_cents,
                "reason": reason,
                "sealed_words": sealed or None,
                "opened_at_unix_ms": now_unix_ms,
                "decide_by_unix_ms": decisions.decide_by_unix_ms(now_unix_ms),
            },
        )
        holds_repository.insert_holds(
            connection,
            [
                {
                    "id": new_id(),
                    "dispute_id": dispute_id,
                    "member_id": each.place.member_id,
                    "account_address": each.place.account_address,
                    "hop": each.hop,
                    "amount_cents": each.amount_cents,
                    "left_cents": each.amount_cents,
                }
                for each in planned
            ],
        )
        held_cents = sum(each.amount_cents for each in planned)
        details = {
            "amount_cents": payment.contestable_cents,
            "held_cents": held_cents,
            "reason": str(reason),
        }
        self._book.record(work, Actor("member", payer_id), "dispute.opened", dispute_id, details=details)
        self._book.settle(work, dispute_id)
        return dispute_id

    def _plan(
        self, connection: Connection, payment: ContestedPayment, addresses: dict[str, str]
    ) -> list[PlannedHold]:
        def free_cents(place: Holder) -> int:
            balance = accounts.balance_of(connection, place.account_address)
            return balance.available_cents - holds_repository.held_on(connection, place.account_address)

        def passed_on(place: Holder, after: tuple[int, int]) -> list[Passed]:
            return repository.passed_on(connection, place.account_address, after)

        payee = Holder(payment.payee_member_id, addresses[payment.payee_member_id])
        return decisions.plan_holds(
            payment.contestable_cents,
            payee,
            repository.position_of(connection, payment.ref),
            free_cents,
            passed_on,
            addresses[payment.payer_member_id],
        )

    def answer(self, member_id: str, dispute_id: str, words: str, *, agrees: bool) -> None:
        """The payee's side, once. `agrees`: it is to go back.

        Raises WordsTooLong, DisputeUnknown, DisputeClosed, AnsweredAlready.
        """
        checked = decisions.checked_words(words)
        with UnitOfWork(self._engine) as work:
            dispute = self._of(work.connection, dispute_id, member_id, as_payee=True)
            if dispute.state is not DisputeState.OPEN:
                raise errors.DisputeClosed
            sealed = checked and self._sealer.seal_for_member(
                work.connection, member_id, answer_field(dispute_id), checked.encode()
            )
            values = {
                "sealed_answer": sealed or None,
                "agrees": agrees,
                "answered_at_unix_ms": self._clock.now_unix_ms(),
            }
            if not repository.answer(work.connection, dispute_id, values):
                raise errors.AnsweredAlready
            actor, details = Actor("member", member_id), {"agrees": agrees}
            self._book.record(work, actor, "dispute.answered", dispute_id, details=details)
            self._book.settle(work, dispute_id)

    def withdraw(self, member_id: str, dispute_id: str) -> None:
        """The payer contests it no longer: nothing is held any more. Raises DisputeUnknown, DisputeClosed."""
        with UnitOfWork(self._engine) as work:
            dispute = self._of(work.connection, dispute_id, member_id, as_payee=False)
            closed = {"closed_at_unix_ms": self._clock.now_unix_ms()}
            if not self._book.move(work, dispute, DisputeState.WITHDRAWN, closed):
                raise errors.DisputeClosed
            self._book.record(work, Actor("member", member_id), "dispute.withdrawn", dispute_id)

    def _of(self, connection: Connection, dispute_id: str, member_id: str, *, as_payee: bool) -> Dispute:
        dispute = repository.dispute(connection, dispute_id, locked=True)
        if dispute is None:
            raise errors.DisputeUnknown
        if member_id != (dispute.payee_member_id if as_payee else dispute.payer_member_id):
            raise errors.DisputeUnknown
        return dispute
