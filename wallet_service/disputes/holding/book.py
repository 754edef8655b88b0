"""What disputes hold, kept true here and on the ledger: one absolute figure for each account.

The ledger knows one amount of an account (ERC-7943's `setFrozenTokens`), so every change is computed anew
from all disputes that hold something there, and queued as one command with a number of its own: the last one
told is the one that counts. In this service it is in force from the commit on, before the ledger's next
block. Owns `dispute_holds` and `account_holds`.
"""

from __future__ import annotations

from collections.abc import Mapping

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import decisions, repository
from wallet_service.disputes.events import dispute_changed
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.models import Dispute, DisputeState, ReturnKind
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id

HOLD = "setFrozenTokens"
MAX_FAILURE_CHARACTERS = 60


class HoldBook:
    """What every file of this subject shares: how a dispute moves, what that holds, who is told."""

    def __init__(self, clock: Clock, commands: CommandQueue, push: Push, journal: Journal) -> None:
        self._clock = clock
        self._commands = commands
        self._push = push
        self._journal = journal

    def move(
        self, work: UnitOfWork, dispute: Dispute, state: DisputeState, values: Mapping[str, object]
    ) -> bool:
        """To another state, with what that holds; False when somebody else was faster."""
        if not repository.change_state(work.connection, dispute.id, state, **values):
            return False
        self.settle(work, dispute.id)
        return True

    def settle(self, work: UnitOfWork, dispute_id: str) -> None:
        """Holds what is to be held for it now, no more and no less, and tells everybody."""
        connection = work.connection
        dispute = repository.dispute(connection, dispute_id)
        assert dispute is not None
        holds = holds_repository.holds_of(connection, dispute_id)
        returns = holds_repository.returns_of(connection, dispute_id)
        holds_repository.set_left(connection, decisions.left_cents(dispute, holds, returns))
        for account in sorted({hold.account_address for hold in holds}):
            self.tell_ledger(work, account)
        self._push.publish(work, *dispute_changed(dispute, holds))

    def tell_ledger(self, work: UnitOfWork, account: str) -> None:
        """Queues the account's figure when it is another than the ledger was told last."""
        cents = holds_repository.held_on(work.connection, account)
        number = holds_repository.want(work.connection, account, cents)
        if number is not None:
            ref = f"hold:{account}:{number}"
            self._commands.queue_command(work.connection, HOLD, [account, cents], "COMPLIANCE", ref)

    def record(
        self,
        work: UnitOfWork,
        actor: Actor,
        act: str,
        dispute_id: str,
        ground: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        subject = Subject("dispute", dispute_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=dict(details or {}))

    def count_return(
        self,
        work: UnitOfWork,
        event: ChainEvent,
        dispute_id: str,
        kind: ReturnKind,
        ref: str,
        amount_cents: int,
        *,
        hold_id: str | None = None,
    ) -> None:
        """Units came back to the payer, by a final event; the same event counts once."""
        is_new = holds_repository.insert_return(
            work.connection,
            {
                "id": new_id(),
                "dispute_id": dispute_id,
                "hold_id": hold_id,
                "kind": kind,
                "ref": ref,
                "amount_cents": amount_cents,
                "at_unix_ms": event.block_timestamp_unix_s * 1000,
                "final_block": event.block_number,
            },
        )
        if is_new:
            details = {"amount_cents": amount_cents, "kind": str(kind)}
            self.record(work, SERVICE, "dispute.part_returned", dispute_id, details=details)
        self.close_if_whole(work, dispute_id)

    def close_if_whole(self, work: UnitOfWork, dispute_id: str) -> None:
        """The ledger's word closes it: all of it is back."""
        dispute = repository.dispute(work.connection, dispute_id)
        assert dispute is not None
        if dispute.state in decisions.HOLDING and dispute.missing_cents <= 0:
            closed = {"closed_at_unix_ms": self._clock.now_unix_ms()}
            self.move(work, dispute, DisputeState.RETURNED, closed)
            self.record(work, SERVICE, "dispute.returned", dispute_id)
        else:
            self.settle(work, dispute_id)

    # what the ledger says of holds

    def project_held(self, work: UnitOfWork, event: ChainEvent) -> None:
        """Its own word on an account, whoever told it; of an account nobody contests anything of, nothing."""
        account, cents = str(event.arguments["account"]), int(event.arguments["amount"])
        holds_repository.see(work.connection, account, cents, event.block_number)

    def hold_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """It stands here, not there; the journal says so, and the next change tells the ledger again."""
        account, failure = str(command.arguments[0]), command.error_name[:MAX_FAILURE_CHARACTERS]
        holds_repository.refuse(work.connection, account, failure)
        for dispute_id in holds_repository.disputes_on(work.connection, account):
            self.record(work, SERVICE, "dispute.hold_refused", dispute_id, details={"error": failure})
            dispute = repository.dispute(work.connection, dispute_id)
            assert dispute is not None
            self._push.publish(work, *dispute_changed(dispute, ()))
