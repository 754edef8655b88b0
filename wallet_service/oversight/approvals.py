"""Acts that need two officers: one asks, another decides. Owns `approvals`.

What an approved act does belongs to its subject, registered here by the act's code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight import decisions, errors, repository
from wallet_service.oversight.decisions import APPROVAL_LIFETIME_MS
from wallet_service.oversight.models import Approval, ApprovalState
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import ApprovalChanged, to_console
from wallet_service.protocol.text.identifiers import new_id

#: Runs inside the unit of work that records the decision.
Executor = Callable[[UnitOfWork, Approval], None]
#: Asks whoever must be asked before that unit of work (a node), and gives the executor.
Prepare = Callable[[], Executor]


class ApprovalService:
    def __init__(self, engine: Engine, clock: Clock, push: Push, journal: Journal) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._prepare: dict[str, Prepare] = {}

    def on_approved(self, act: str, prepare: Prepare) -> None:
        """Says what an approved `act` does."""
        self._prepare[act] = prepare

    def ask(
        self,
        work: UnitOfWork,
        act: str,
        details: Mapping[str, Any],
        ground: str,
        officer_id: str,
        subject_id: str | None = None,
    ) -> str:
        """In the caller's unit of work; returns the approval's id. The act must have an executor."""
        assert act in self._prepare
        approval_id = new_id()
        repository.insert_approval(
            work.connection,
            {
                "id": approval_id,
                "act": act,
                "subject_id": subject_id,
                "details": dict(details),
                "ground": ground,
                "asked_by": officer_id,
                "asked_at_unix_ms": self._clock.now_unix_ms(),
            },
        )
        self._record(work, officer_id, "approval.asked", approval_id, act, ground)
        return approval_id

    def waits(self, work: UnitOfWork, act: str) -> bool:
        since_unix_ms = self._clock.now_unix_ms() - APPROVAL_LIFETIME_MS
        return repository.asked_approval(work.connection, act, since_unix_ms) is not None

    def waiting_subjects(self, connection: Connection, act: str) -> set[str]:
        """The subjects this act is asked for and not yet decided, nor too old."""
        since_unix_ms = self._clock.now_unix_ms() - APPROVAL_LIFETIME_MS
        return repository.asked_subjects(connection, act, since_unix_ms)

    def approve(self, approval_id: str, officer_id: str, rights: Collection[str]) -> None:
        """Does the act.

        Raises ApprovalNotFound, ApprovalClosed, SecondOfficerNeeded, SigningRightMissing, and the act's own.
        """
        with self._engine.connect().execution_options(read_only=True) as connection:
            known = repository.approval(connection, approval_id)
        if known is None:
            raise errors.ApprovalNotFound()
        decisions.check_may_sign(known.act, rights)
        execute = self._prepare[known.act]()
        with UnitOfWork(self._engine) as work:
            approval = self._open(work, approval_id)
            decisions.check_second_officer(approval.asked_by, officer_id)
            self._close(work, approval_id, ApprovalState.APPROVED, officer_id)
            execute(work, approval)
            self._record(work, officer_id, "approval.approved", approval_id, approval.act, None)

    def refuse(self, approval_id: str, ground: str, officer_id: str, rights: Collection[str]) -> None:
        """Who may sign may refuse, and who asked may withdraw.

        Raises GroundMissing, ApprovalNotFound, ApprovalClosed, RefusalNotAllowed.
        """
        ground = decisions.checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            approval = self._open(work, approval_id)
            decisions.check_may_refuse(approval, officer_id, rights)
            self._close(work, approval_id, ApprovalState.REFUSED, officer_id)
            self._record(work, officer_id, "approval.refused", approval_id, approval.act, ground)

    def pending(self, limit: int = 50) -> list[Approval]:
        """Oldest first, without those nobody decided in time."""
        oldest_unix_ms = self._clock.now_unix_ms() - APPROVAL_LIFETIME_MS
        with self._engine.connect().execution_options(read_only=True) as connection:
            found = repository.approvals_by_state(connection, True, limit)
        return [approval for approval in found if approval.asked_at_unix_ms > oldest_unix_ms]

    def decided(self, limit: int = 20) -> list[Approval]:
        """Newest first."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.approvals_by_state(connection, False, limit)

    def expire_due(self) -> int:
        """Closes what nobody decided in time; how many. For a worker."""
        oldest_unix_ms = self._clock.now_unix_ms() - APPROVAL_LIFETIME_MS
        with self._engine.connect().execution_options(read_only=True) as connection:
            if not repository.approvals_by_state(connection, True, 1):
                return 0  # the common case costs no write lock
        with UnitOfWork(self._engine) as work:
            return repository.expire_approvals(work.connection, oldest_unix_ms, self._clock.now_unix_ms())

    def _open(self, work: UnitOfWork, approval_id: str) -> Approval:
        approval = repository.approval(work.connection, approval_id)
        if approval is None:
            raise errors.ApprovalNotFound()
        age_ms = self._clock.now_unix_ms() - approval.asked_at_unix_ms
        if approval.state is not ApprovalState.ASKED or age_ms >= APPROVAL_LIFETIME_MS:
            raise errors.ApprovalClosed()
        return approval

    def _close(self, work: UnitOfWork, approval_id: str, state: ApprovalState, officer_id: str) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        if not repository.decide(work.connection, approval_id, state, officer_id, now_unix_ms):
            raise errors.ApprovalClosed()

    def _record(
        self, work: UnitOfWork, officer_id: str, entry: str, approval_id: str, act: str, ground: str | None
    ) -> None:
        self._journal.append(
            work.connection,
            Actor("officer", officer_id),
            entry,
            Subject("approval", approval_id),
            ground=ground,
            details={"act": act},
        )
        state = entry.partition(".")[2]  # the journal's act says it: asked, approved, refused
        self._push.publish(work, to_console(ApprovalChanged(approval_id, state)))
