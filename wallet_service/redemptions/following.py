"""Following a redemption from the ledger's lock to euros paid, or given back. Owns every later state.

Units are burned only when the bank's statement shows the transfer, and given back when the bank returns it.
Must not open the payee's account nor write payout files (bank.payouts does).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog
from sqlalchemy import update

from wallet_service.bank.statement import EntryLine
from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.tables.chain import balances
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import repository as payments_repository
from wallet_service.protocol.clock import Clock
from wallet_service.push import Push
from wallet_service.redemptions import repository
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.repository import OPEN_STATES, Redemption
from wallet_service.topups.service import Limits

CONSOLE = "console"
REASON_BYTES = 32
#: The ledger already holds or ended this very redemption: its event is here or on its way.
ALREADY_DONE = ("ReferenceUsed", "RedemptionNotLocked")

log = structlog.get_logger(__name__)


class Crediting(Protocol):
    """What is asked of top-ups: minting back the euros of a redemption that was already burned."""

    def credit(
        self,
        work: UnitOfWork,
        entry: tuple[str, str],
        member_id: str,
        amount_cents: int,
        limits: Limits,
        redemption_ref: str | None = None,
    ) -> str: ...


class RedemptionFollower:
    """What bank and ledger say of redemptions."""

    def __init__(self, clock: Clock, commands: CommandQueue, push: Push, topups: Crediting) -> None:
        self._clock = clock
        self._commands = commands
        self._push = push
        self._topups = topups

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("RedemptionRequested", self.project_locked)
        registry.on_event("RedemptionCompleted", self.project_completed)
        registry.on_event("RedemptionReturned", self.project_returned)
        registry.on_event("Minted", self.project_minted_back)
        registry.on_command_failed("requestRedemption", self.request_failed)
        registry.on_command_failed("completeRedemption", self.outcome_failed)
        registry.on_command_failed("returnRedemption", self.outcome_failed)
        registry.on_rewind(self.rewind)

    # the bank's side, inside its unit of work

    def paid_by(self, work: UnitOfWork, line: EntryLine) -> list[Redemption]:
        """The redemptions a debit pays: by its end-to-end id, or all of a payout file booked as one sum.
        Empty when
        none, when the amount differs, or when they were paid before."""
        found: list[Redemption] = []
        if line.end_to_end_id is not None:
            single = repository.by_end_to_end_id(work.connection, line.end_to_end_id)
            found = [single] if single is not None else []
        elif line.batch_message_id is not None:
            found = list(repository.of_payout_message(work.connection, line.batch_message_id))
        payable = (*OPEN_STATES, RedemptionState.RETURNING, RedemptionState.RETURNED)
        fits = all(each.bank_entry_id is None and each.state in payable for each in found)
        return found if fits and sum(each.net_cents for each in found) == line.amount_cents else []

    def record_paid(self, work: UnitOfWork, entry_id: str, paid: Sequence[Redemption]) -> None:
        """Asks the ledger to burn what the bank paid. One already given back only gets its debit noted."""
        for redemption in paid:
            repository.set_bank_entry(work.connection, redemption.ref, entry_id)
            if redemption.state in OPEN_STATES:
                self._commands.queue_command(
                    work.connection,
                    "completeRedemption",
                    [redemption.ref],
                    "ISSUER",
                    f"complete:{redemption.ref}",
                )

    def sent_back_by(self, work: UnitOfWork, line: EntryLine) -> Redemption | None:
        """The redemption whose transfer this credit returns, if it says it is a return and the amount is
        whole.
        """
        if line.end_to_end_id is None or line.return_reason is None:
            return None
        found = repository.by_end_to_end_id(work.connection, line.end_to_end_id)
        if found is None or found.return_entry_id is not None or found.net_cents != line.amount_cents:
            return None
        return found if found.state in (*OPEN_STATES, RedemptionState.PAID) else None

    def record_sent_back(
        self,
        work: UnitOfWork,
        entry: tuple[str, str],
        line: EntryLine,
        redemption: Redemption,
        limits: Limits,
    ) -> None:
        """Gives the units back: unlocked if the debit was not seen yet, else minted again against the same
        euros.
        """
        entry_id, _ = entry
        reason = (line.return_reason or "")[:REASON_BYTES]
        repository.change_state(
            work.connection,
            redemption.ref,
            RedemptionState.RETURNING,
            return_entry_id=entry_id,
            return_reason=reason,
        )
        if redemption.bank_entry_id is None:
            self._commands.queue_command(
                work.connection,
                "returnRedemption",
                [redemption.ref, "0x" + reason.encode("ascii", "replace").ljust(REASON_BYTES, b"\0").hex()],
                "ISSUER",
                f"return:{redemption.ref}",
            )
        else:
            amount_cents = redemption.amount_cents
            self._topups.credit(work, entry, redemption.member_id, amount_cents, limits, redemption.ref)
        tell(self._push, work, redemption.member_id, redemption.ref, RedemptionState.RETURNING)

    # the chain's side

    def project_locked(self, work: UnitOfWork, event: ChainEvent) -> None:
        redemption = repository.by_ref(work.connection, event.arguments["ref"])
        if redemption is None:
            # Signed by a professional and relayed by somebody else: we know no bank account to pay.
            log.warning("redemption.locked_without_request", ref=event.arguments["ref"])
            return
        at_unix_ms = event.block_timestamp_unix_s * 1000
        if not repository.mark_locked(work.connection, redemption.ref, at_unix_ms, event.block_number):
            return
        if redemption.state is not RedemptionState.REFUSED:
            payments_repository.release(work.connection, redemption.account_address, redemption.amount_cents)
        self._tell_state(work, redemption.ref)

    def project_completed(self, work: UnitOfWork, event: ChainEvent) -> None:
        self._close(work, event, event.arguments["ref"], RedemptionState.PAID)

    def project_returned(self, work: UnitOfWork, event: ChainEvent) -> None:
        self._close(work, event, event.arguments["ref"], RedemptionState.RETURNED)

    def project_minted_back(self, work: UnitOfWork, event: ChainEvent) -> None:
        ref = repository.ref_minted_back(work.connection, event.arguments["ref"])
        if ref is not None:
            self._close(work, event, ref, RedemptionState.RETURNED)

    def _close(self, work: UnitOfWork, event: ChainEvent, ref: str, state: RedemptionState) -> None:
        values = {
            "closed_at_unix_ms": event.block_timestamp_unix_s * 1000,
            "final_block": event.block_number,
            "refusal_code": None,
        }
        if repository.change_state(work.connection, ref, state, **values):
            self._tell_state(work, ref)

    def request_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """The ledger refuses to lock: the units are free again."""
        ref = command.ref.removeprefix("redemption:")
        redemption = repository.by_ref(work.connection, ref)
        if redemption is None or redemption.locked_block is not None or command.error_name in ALREADY_DONE:
            return
        code = f"redemption.refused_on_chain.{command.error_name}"[:60]
        at_unix_ms = self._clock.now_unix_ms()
        if repository.change_state(
            work.connection, ref, RedemptionState.REFUSED, refusal_code=code, closed_at_unix_ms=at_unix_ms
        ):
            payments_repository.release(work.connection, redemption.account_address, redemption.amount_cents)
            self._tell_state(work, ref)

    def outcome_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """The ledger would not burn or give back: an officer must look; the redemption stays as it is."""
        if command.error_name in ALREADY_DONE:
            return
        ref = str(command.arguments[0])
        repository.set_trouble(work.connection, ref, f"ledger.{command.error_name}"[:60])
        self._push.publish(work, CONSOLE, "redemption.trouble", {"ref": ref, "error": command.error_name})

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """Unlocked units are the member's again on the ledger: they must be reserved once more."""
        for redemption in repository.locked_after(work.connection, last_block_kept):
            work.connection.execute(
                update(balances)
                .where(balances.c.account == redemption.account_address)
                .values(reserved_cents=balances.c.reserved_cents + redemption.amount_cents)
            )
        repository.rewind(work.connection, last_block_kept)

    def _tell_state(self, work: UnitOfWork, ref: str) -> None:
        redemption = repository.by_ref(work.connection, ref)
        assert redemption is not None
        tell(self._push, work, redemption.member_id, ref, redemption.state)

    def tell_exported(self, work: UnitOfWork, redemption: Redemption) -> None:
        """After a payout file with this redemption was approved."""
        tell(self._push, work, redemption.member_id, redemption.ref, RedemptionState.EXPORTED)


def tell(push: Push, work: UnitOfWork, member_id: str, ref: str, state: RedemptionState) -> None:
    """Says to the member and to the console that a redemption moved."""
    data = {"ref": ref, "state": str(state)}
    push.publish(work, f"member:{member_id}", "redemption.changed", data)
    push.publish(work, CONSOLE, "redemption.changed", data)
