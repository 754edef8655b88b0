"""Credits too large for one issuer: proposed by the first, approved or withdrawn by a second, in the console.

The ledger's own threshold decides (safeguards, `secondOfficerFrom`), and the ledger says so: a mint it
refuses as too large becomes a proposal. That is signed with the issuer's key, for a credit the bank has
written; its approval with the second issuer's, for an officer who has looked. A proposal nobody decides in
its day is made again, so that the queue forgets none. Owns the state *proposed* and what leads out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine

from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import TopupHeld, to_console, to_member
from wallet_service.security.roles import Role
from wallet_service.topups import errors, repository
from wallet_service.topups.repository import Topup

#: The ledger's errors that lead here, or back.
SECOND_NEEDED = "SecondOfficerNeeded"
ALREADY_PROPOSED = "MintProposalPending"
NOTHING_PROPOSED = frozenset({"MintProposalExpired", "MintNotProposed"})
#: Why a withdrawn credit waits: for good, until an officer sends the euros back.
WITHDRAWN = "mint_withdrawn"
#: Why a proposed one waits, where nothing else is wrong.
WAITS_FOR_SECOND = "second_issuer"
#: The ledger's MINT_PROPOSAL_LIFE; the event says the exact end.
PROPOSAL_LIFETIME_MS = 24 * 3_600 * 1_000

#: The top-up is minted already (then it is credited).
AlreadyMinted = Callable[[UnitOfWork, Topup], bool]
Hold = Callable[[UnitOfWork, Topup, str, int], None]


class LargeCredits:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        commands: CommandQueue,
        push: Push,
        journal: Journal,
        already_minted: AlreadyMinted,
        hold: Hold,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._push = push
        self._journal = journal
        self._already_minted = already_minted
        self._hold = hold

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("MintProposed", self.project_proposed)
        registry.on_command_failed("proposeMint", self.proposal_failed)
        registry.on_command_failed("approveMint", self.approval_failed)

    # the officers' side

    def list_proposed(self, limit: int = 200) -> Sequence[Topup]:
        """Oldest first: what waits for the second issuer."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.in_state(connection, "proposed", limit)

    def approve(self, topup_id: str, officer_id: str) -> None:
        """The second issuer's mint is queued. Raises TopupUnknown, TopupNotProposed, SameOfficerGave."""
        with UnitOfWork(self._engine) as work:
            topup = self._proposed(work, topup_id)
            if topup.given_by == officer_id:
                raise errors.SameOfficerGave()
            self._queue(work, topup, "approveMint", "SECOND_ISSUER")
            self._record(work, officer_id, "topup.mint_approved", topup, None)

    def withdraw(self, topup_id: str, officer_id: str, ground: str) -> None:
        """The proposal is taken back, the euros are to return. Raises TopupUnknown, TopupNotProposed."""
        with UnitOfWork(self._engine) as work:
            topup = self._proposed(work, topup_id)
            self.take_back(work, topup)
            self._record(work, officer_id, "topup.mint_withdrawn", topup, ground)
            held = TopupHeld(topup.id, topup.amount_cents, WITHDRAWN)
            self._push.publish(work, to_member(topup.member_id, held), to_console(held))

    def take_back(self, work: UnitOfWork, topup: Topup) -> None:
        """A proposed one waits for good, its proposal withdrawn; in the caller's unit of work."""
        repository.mark_held_for_good(work.connection, topup.id, WITHDRAWN)
        ref = _ref("withdrawMint", topup.mint_ref, topup.attempts)
        self._commands.queue_command(work.connection, "withdrawMint", [topup.mint_ref], "ISSUER", ref)

    def _proposed(self, work: UnitOfWork, topup_id: str) -> Topup:
        topup = repository.topup_by_id(work.connection, topup_id)
        if topup is None:
            raise errors.TopupUnknown()
        if topup.state != "proposed":
            raise errors.TopupNotProposed()
        return topup

    # the chain's side

    def propose(self, work: UnitOfWork, topup: Topup) -> None:
        """The ledger wants two issuers for this one."""
        self._queue(work, topup, "proposeMint", "ISSUER")

    def project_proposed(self, work: UnitOfWork, event: ChainEvent) -> None:
        topup = repository.topup_by_mint_ref(work.connection, str(event.arguments["ref"]))
        if topup is not None:
            self._wait(work, topup, WAITS_FOR_SECOND, int(event.arguments["expiresAt"]) * 1000)

    def proposal_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """There is one already, or it is no longer too large: mint it like any other, soon."""
        topup = self._of(work, command)
        if topup is None or self._already_minted(work, topup):
            return
        if command.error_name == ALREADY_PROPOSED:
            ends_at_unix_s = command.error_values.get("expiresAt")
            lifetime_ms = self._clock.now_unix_ms() + PROPOSAL_LIFETIME_MS
            ends_at_unix_ms = int(ends_at_unix_s) * 1000 if ends_at_unix_s is not None else lifetime_ms
            self._wait(work, topup, WAITS_FOR_SECOND, ends_at_unix_ms)
        else:
            self._hold(work, topup, f"ledger.{command.error_name}"[:60], self._clock.now_unix_ms())

    def approval_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        """The proposal's day is over: a new one. Else it goes back to the queue with the ledger's reason."""
        topup = self._of(work, command)
        if topup is None or self._already_minted(work, topup):
            return
        if command.error_name in NOTHING_PROPOSED:
            self.propose(work, topup)
        else:
            ends_at_unix_ms = self._clock.now_unix_ms() + PROPOSAL_LIFETIME_MS
            self._wait(work, topup, f"ledger.{command.error_name}"[:60], ends_at_unix_ms)

    def propose_again(self, work: UnitOfWork) -> int:
        """Proposals whose day is over, within the caller's round; how many."""
        due = repository.proposals_due(work.connection, self._clock.now_unix_ms())
        for topup in due:
            self.propose(work, topup)
        return len(due)

    def _of(self, work: UnitOfWork, command: FailedCommand) -> Topup | None:
        """The top-up of this command, unless another command has followed it."""
        mint_ref = str(command.arguments[2])
        topup = repository.topup_by_mint_ref(work.connection, mint_ref)
        if topup is None or topup.state != "minting":
            return None
        return topup if command.ref == _ref(command.kind, mint_ref, topup.attempts) else None

    def _wait(self, work: UnitOfWork, topup: Topup, reason: str, until_unix_ms: int) -> None:
        if repository.mark_proposed(work.connection, topup.id, reason, until_unix_ms):
            self._push.publish(work, to_console(TopupHeld(topup.id, topup.amount_cents, reason)))

    def _queue(self, work: UnitOfWork, topup: Topup, kind: str, role: Role) -> None:
        attempt = topup.attempts + 1
        if repository.mark_on_its_way(work.connection, topup, attempt):
            arguments: list[Any] = [topup.account_address, topup.amount_cents, topup.mint_ref]
            ref = _ref(kind, topup.mint_ref, attempt)
            self._commands.queue_command(work.connection, kind, arguments, role, ref)

    def _record(self, work: UnitOfWork, officer_id: str, act: str, topup: Topup, ground: str | None) -> None:
        self._journal.append(
            work.connection,
            Actor("officer", officer_id),
            act,
            Subject("topup", topup.id),
            ground=ground,
            details={"amount_cents": topup.amount_cents, "member_id": topup.member_id},
        )


def _ref(kind: str, mint_ref: str, attempt: int) -> str:
    return f"{kind}:{mint_ref}:{attempt}"
