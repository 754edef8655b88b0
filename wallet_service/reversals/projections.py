"""What final events mean to reversals: units given back, taken by order, burned; mints that came to nothing.

A payment counts when the member of an open reversal pays the returns account, whatever it was called; a
forced transfer when it is one of ours (`forced`). What the returns account converts is burned at once: its
euros left with the reversals, so no payout may pay them a second time.
"""

from __future__ import annotations

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import repository as payments
from wallet_service.payments.states import PaymentState
from wallet_service.redemptions import endings
from wallet_service.redemptions import repository as redemptions
from wallet_service.reversals import decisions, repository
from wallet_service.reversals.forced import ForcedRecoveryService
from wallet_service.reversals.models import RecoveryKind, ReversalState
from wallet_service.reversals.service import ReversalService
from wallet_service.topups import repository as topups

#: After these a top-up that was on its way may be on its way no more.
MINT_COMMANDS = ("mint", "proposeMint", "approveMint")


class ReversalFollower:
    """Registered after top-ups, payments and redemptions: it reads what those have just written."""

    def __init__(self, commands: CommandQueue, cases: ReversalService, forced: ForcedRecoveryService) -> None:
        self._commands = commands
        self._cases = cases
        self._forced = forced

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("PaymentSettled", self.project_paid)
        registry.on_event("RedemptionRequested", self.project_locked)
        registry.on_event("MintProposed", self.project_mint_proposed)
        for kind in MINT_COMMANDS:
            registry.on_command_failed(kind, self.mint_failed)
        registry.on_rewind(self.rewind)
        self._forced.register(registry)

    def project_paid(self, work: UnitOfWork, event: ChainEvent) -> None:
        returns_account = self._cases.returns_account
        if not returns_account:
            return  # nothing is given back, and every payment would be asked for
        if event.arguments.get("to", returns_account) != returns_account:
            return  # as the indexer tells it, the payee is in the event: most need no question
        ref = str(event.arguments["ref"])
        payment = payments.payments_by_ref(work.connection, [ref]).get(ref)
        if payment is None or payment.state is not PaymentState.PAID:
            return  # relayed by somebody else, with a reference of their own
        if payment.to_address != self._cases.returns_account:
            return
        if repository.is_counted(work.connection, ref):
            return
        open_ones = repository.open_of_member(work.connection, payment.payer_member_id)
        parts = decisions.shares(payment.amount_cents, [each.missing_cents for each in open_ones])
        for reversal, part_cents in zip(open_ones, parts, strict=True):
            if part_cents:
                self._cases.count(work, event, reversal.id, RecoveryKind.PAYMENT, ref, part_cents)
                self._cases.close_if_whole(work, reversal.id, ReversalState.CLAWED_BACK)

    def project_locked(self, work: UnitOfWork, event: ChainEvent) -> None:
        """What the returns account converts is burned, as far as it was given back for reversals."""
        ref = str(event.arguments["ref"])
        redemption = redemptions.by_ref(work.connection, ref)
        if redemption is None or redemption.account_address != self._cases.returns_account:
            return
        debit = repository.last_debit(work.connection)
        to_burn_cents = repository.to_burn_cents(work.connection, self._cases.returns_account)
        if debit is None or redemption.bank_entry_id is not None or redemption.amount_cents > to_burn_cents:
            return
        redemptions.set_bank_entry(work.connection, ref, debit)
        endings.queue_burn(self._commands, work.connection, ref)

    def project_mint_proposed(self, work: UnitOfWork, event: ChainEvent) -> None:
        self._look_at(work, str(event.arguments["ref"]))

    def mint_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        self._look_at(work, str(command.arguments[2]))

    def _look_at(self, work: UnitOfWork, mint_ref: str) -> None:
        topup = topups.topup_by_mint_ref(work.connection, mint_ref)
        if topup is not None:
            self._cases.never_minted(work, topup.id)

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """Recoveries of later blocks are forgotten; what they closed is open again until they come back."""
        for reversal_id in repository.forget_recoveries(work.connection, last_block_kept):
            repository.change_state(work.connection, reversal_id, ReversalState.OPEN, decided_at_unix_ms=None)
            reversal = repository.reversal(work.connection, reversal_id)
            assert reversal is not None
            self._cases.tell(work, reversal)
