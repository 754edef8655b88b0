"""Following a redemption from the ledger's lock to euros paid, or given back. Owns every later state.

Units are burned only when the bank's statement shows the transfer, and given back when the bank returns it.
Must not open the payee's account nor write payout files (treasury.payouts does).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from wallet_service.accounts import repository as accounts
from wallet_service.bank.statement import EntryLine
from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import RedemptionChanged, RedemptionTrouble, to_console, to_member
from wallet_service.redemptions import endings, matching, repository, unclaimed
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.repository import OPEN_STATES, Redemption
from wallet_service.topups.service import Limits

REASON_BYTES = 32
REQUEST_PREFIX = "redemption:"
#: What the console hears of a redemption nobody asked for here.
LOCKED_WITHOUT_REQUEST = "LockedWithoutRequest"
#: The ledger already holds or ended this very redemption: its event is here or on its way.
ALREADY_DONE = ("ReferenceUsed", "RedemptionNotLocked")


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
        for kind in (endings.ATTEST, endings.BURN, endings.RETURN):
            registry.on_command_failed(kind, self.outcome_failed)
        registry.on_rewind(self.rewind)

    # the bank's side, inside its unit of work

    def paid_by(self, work: UnitOfWork, line: EntryLine) -> list[Redemption]:
        """The redemptions a debit pays; empty when it is for an officer to say."""
        return matching.paid_by(work.connection, line)

    def record_paid(self, work: UnitOfWork, entry_id: str, paid: Sequence[Redemption]) -> None:
        """Asks the ledger to burn what the bank paid. One already given back only gets its debit noted."""
        for redemption in paid:
            repository.set_bank_entry(work.connection, redemption.ref, entry_id)
            if redemption.state in OPEN_STATES:
                endings.queue_burn(self._commands, work.connection, redemption.ref)

    def sent_back_by(self, work: UnitOfWork, line: EntryLine) -> Redemption | None:
        """The redemption whose transfer this credit returns, whole."""
        return matching.sent_back_by(work.connection, line)

    def record_sent_back(
        self,
        work: UnitOfWork,
        entry: tuple[str, str],
        line: EntryLine,
        redemption: Redemption,
        limits: Limits,
    ) -> None:
        """Gives the units back.

        Unlocked if the debit was not seen yet, else minted again against the same euros.
        """
        reason = (line.return_reason or "")[:REASON_BYTES]
        if redemption.bank_entry_id is None:
            self._begin_return(work, redemption, reason, entry[0])
            self._unlock(work, redemption.ref, reason)
        else:
            self.record_minted_back(work, entry, redemption, redemption.amount_cents, reason, limits)

    def record_minted_back(
        self,
        work: UnitOfWork,
        entry: tuple[str, str],
        redemption: Redemption,
        amount_cents: int,
        reason: str,
        limits: Limits,
    ) -> None:
        """Mints again what came back of a redemption whose units are burned, or about to be."""
        self._begin_return(work, redemption, reason, entry[0])
        self._topups.credit(work, entry, redemption.member_id, amount_cents, limits, redemption.ref)

    def give_back(self, work: UnitOfWork, redemption: Redemption, reason: str) -> bool:
        """Unlocks the units of a redemption that no file holds and no debit paid; False when one does."""
        free = redemption.payout_file_id is None and redemption.bank_entry_id is None
        if not free or redemption.state is not RedemptionState.LOCKED:
            return False
        self._begin_return(work, redemption, reason[:REASON_BYTES], None)
        self._unlock(work, redemption.ref, reason[:REASON_BYTES])
        return True

    def free(self, work: UnitOfWork, redemption: Redemption, held_reason: str | None) -> bool:
        """Takes it out of its file (see `repository.free`), and says so to whoever watches it."""
        if not repository.free(work.connection, redemption.ref, held_reason):
            return False
        publish_state(self._push, work, redemption.member_id, redemption.ref, RedemptionState.LOCKED)
        return True

    def _begin_return(
        self, work: UnitOfWork, redemption: Redemption, reason: str, entry_id: str | None
    ) -> None:
        repository.change_state(
            work.connection,
            redemption.ref,
            RedemptionState.RETURNING,
            return_entry_id=entry_id,
            return_reason=reason,
            held_reason=None,
        )
        publish_state(self._push, work, redemption.member_id, redemption.ref, RedemptionState.RETURNING)

    def _unlock(self, work: UnitOfWork, ref: str, reason: str) -> None:
        word = "0x" + reason.encode("ascii", "replace").ljust(REASON_BYTES, b"\0").hex()
        endings.queue_return(self._commands, work.connection, ref, word)

    # the chain's side

    def project_locked(self, work: UnitOfWork, event: ChainEvent) -> None:
        redemption = repository.by_ref(work.connection, event.arguments["ref"])
        if redemption is None:
            if unclaimed.remember(work, event):
                trouble = RedemptionTrouble(event.arguments["ref"], LOCKED_WITHOUT_REQUEST)
                self._push.publish(work, to_console(trouble))
            return
        at_unix_ms = event.block_timestamp_unix_s * 1000
        if not repository.mark_locked(work.connection, redemption.ref, at_unix_ms, event.block_number):
            return
        if redemption.state is not RedemptionState.REFUSED:
            accounts.release(work.connection, {redemption.account_address: redemption.amount_cents})
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
        elif unclaimed.end(work.connection, event, state):
            self._push.publish(work, to_console(RedemptionChanged(ref, str(state))))

    def request_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """The ledger refuses to lock: the units are free again."""
        ref = command.ref.removeprefix(REQUEST_PREFIX)
        redemption = repository.by_ref(work.connection, ref)
        if redemption is None or redemption.locked_block is not None:
            return
        said = unclaimed.by_ref(work.connection, ref)
        terms = (redemption.member_id, redemption.amount_cents, redemption.payee_hash)
        if said is not None and said.stands_for(*terms):
            # Its event was read in the instant in which its order came again.
            accounts.release(work.connection, {redemption.account_address: redemption.amount_cents})
            unclaimed.hand_over(work, said)
            self._tell_state(work, ref)
            return
        if command.error_name in ALREADY_DONE:
            return
        code = f"redemption.refused_on_chain.{command.error_name}"[:60]
        at_unix_ms = self._clock.now_unix_ms()
        if repository.change_state(
            work.connection, ref, RedemptionState.REFUSED, refusal_code=code, closed_at_unix_ms=at_unix_ms
        ):
            accounts.release(work.connection, {redemption.account_address: redemption.amount_cents})
            self._tell_state(work, ref)

    def outcome_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """The ledger would not burn or give back: an officer must look; the redemption stays as it is."""
        if command.error_name in ALREADY_DONE:
            return
        ref = str(command.arguments[0])
        repository.set_trouble(work.connection, ref, f"ledger.{command.error_name}"[:60])
        self._push.publish(work, to_console(RedemptionTrouble(ref, command.error_name)))

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """Unlocked units are the member's again on the ledger: they must be reserved once more."""
        for redemption in repository.locked_after(work.connection, last_block_kept):
            accounts.reserve_again(work.connection, redemption.account_address, redemption.amount_cents)
            # A claimed one was never sent from here: no stored bytes would lock it again. Others have theirs.
            ask_to_lock(self._commands, work.connection, redemption)
        repository.rewind(work.connection, last_block_kept)
        unclaimed.rewind(work.connection, last_block_kept)

    def _tell_state(self, work: UnitOfWork, ref: str) -> None:
        redemption = repository.by_ref(work.connection, ref)
        assert redemption is not None
        publish_state(self._push, work, redemption.member_id, ref, redemption.state)


def ask_to_lock(commands: CommandQueue, connection: Connection, redemption: Redemption) -> None:
    """Queues what the ledger needs to lock the units: once for each redemption, however often it is asked."""
    fields = [
        redemption.account_address,
        redemption.amount_cents,
        redemption.payee_hash,
        redemption.ref,
        redemption.valid_before_unix_s,
        redemption.nonce,
    ]
    arguments = [fields, "0x" + redemption.signature.hex()]
    commands.queue_command(
        connection, "requestRedemption", arguments, "RELAYER", f"{REQUEST_PREFIX}{redemption.ref}"
    )


def publish_state(push: Push, work: UnitOfWork, member_id: str, ref: str, state: RedemptionState) -> None:
    """Says to the member and to the console that a redemption moved."""
    changed = RedemptionChanged(ref, str(state))
    push.publish(work, to_member(member_id, changed), to_console(changed))
