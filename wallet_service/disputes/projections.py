"""What final events mean to disputes: money the payee signs back, what the ledger holds, blocks undone.

A payment from the payee to the payer counts while a dispute between them holds something, whatever it was
called, if it was signed after the contesting; a forced transfer when it is one of ours (`takings`).
"""

from __future__ import annotations

from wallet_service.chain.ports import ChainEvent, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import decisions, repository
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.holding.book import HOLD, HoldBook
from wallet_service.disputes.holding.takings import TakingService
from wallet_service.disputes.models import DisputeState, ReturnKind
from wallet_service.payments import repository as payments
from wallet_service.payments.states import PaymentState


class DisputeFollower:
    """Registered after payments: it reads what they have just written."""

    def __init__(self, book: HoldBook, takings: TakingService) -> None:
        self._book = book
        self._takings = takings

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("PaymentSettled", self.project_paid)
        registry.on_event("AmountHeld", self._book.project_held)
        registry.on_command_failed(HOLD, self._book.hold_failed)
        registry.on_rewind(self.rewind)
        self._takings.register(registry)

    def project_paid(self, work: UnitOfWork, event: ChainEvent) -> None:
        connection, ref = work.connection, str(event.arguments["ref"])
        if not repository.some_hold(connection):
            return  # the common case costs one question
        payment = payments.payments_by_ref(connection, [ref]).get(ref)
        if payment is None or payment.state is not PaymentState.PAID:
            return  # relayed by somebody else, with a reference of their own
        if holds_repository.is_counted(connection, ref):
            return
        found = repository.between(connection, payment.payee_member_id, payment.payer_member_id)
        later = [each for each in found if payment.accepted_at_unix_ms >= each.opened_at_unix_ms]
        parts = decisions.parts_returned(payment.amount_cents, [each.missing_cents for each in later])
        for dispute, part_cents in zip(later, parts, strict=True):
            if part_cents:
                kind = ReturnKind.PAYMENT
                self._book.count_return(work, event, dispute.id, kind, payment.ref, part_cents)

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """What later blocks brought back is missing again until they come back: so it is held again."""
        connection = work.connection
        holds_repository.unsee(connection, last_block_kept)
        for dispute_id in holds_repository.forget_returns(connection, last_block_kept):
            dispute = repository.dispute(connection, dispute_id)
            assert dispute is not None
            if dispute.state is DisputeState.RETURNED:
                was_upheld = dispute.upheld_at_unix_ms is not None
                state = DisputeState.UPHELD if was_upheld else DisputeState.OPEN
                repository.change_state(connection, dispute_id, state, closed_at_unix_ms=None)
            self._book.settle(work, dispute_id)
