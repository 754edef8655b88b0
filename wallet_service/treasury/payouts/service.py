"""Payout files: prepared by one officer, approved by another, then in the bank's outbox.

Owns `payout_files` and `payout_lines`. A file is decided in the database first and written afterwards, from
the bytes that were approved and under a name that never changes: a crash in between writes the same file
again, which the bank knows by its message id. A transfer that cannot be written waits for an officer, and
keeps no other. Must not say that anything was paid: only the bank's statement does.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine

from wallet_service.bank import pain001
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.journal import SERVICE, Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import PayoutChanged, to_console
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.iban import EEA_COUNTRIES, Payee
from wallet_service.redemptions.matching import NAME_PREFIX
from wallet_service.redemptions.payees import Payees
from wallet_service.redemptions.projections import RedemptionFollower, publish_state
from wallet_service.redemptions.repository import Redemption
from wallet_service.security.sealing import PersonErased, SealBroken, Sealer
from wallet_service.territory.currency import LOCAL_ZONE as BANK_TIME_ZONE
from wallet_service.treasury import errors
from wallet_service.treasury.payouts import outbox, repository
from wallet_service.treasury.payouts.handover import PayoutHandover, content_field
from wallet_service.treasury.payouts.models import MISMATCHES, PayoutFile, PayoutTerms
from wallet_service.treasury.payouts.payee_checks import (
    CHECK_SUFFIX,
    MAX_CHECKS,
    PayeeChecks,
    check_message_id,
)
from wallet_service.treasury.payouts.views import PayoutViews
from wallet_service.treasury.ports import TwoOfficers

MAX_TRANSFERS_PER_FILE = 500
#: Why a redemption is held back from files.
HOLDER_MISSING = "payout.holder_missing"
HOLDER_UNWRITABLE = "payout.holder_unwritable"
OUTSIDE_EEA = "payout.outside_eea"
TAKEN_OUT = "payout.taken_out"
#: Said of no redemption that is held: its row waits elsewhere, or the bank or the ledger has ended it.
UNREADABLE, NOT_DUE = "payout.unreadable", "payout.not_due"


class PayoutService:
    """Prepares, approves, cancels and writes payout files."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        sealer: Sealer,
        payees: Payees,
        follower: RedemptionFollower,
        two_officers: TwoOfficers,
        terms: PayoutTerms,
    ) -> None:
        self.handover = PayoutHandover(engine, clock, push, sealer, two_officers, terms.outbox)
        self._checks = PayeeChecks(payees, sealer)
        self._views = PayoutViews(payees, self._checks, two_officers)
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._sealer = sealer
        self._payees = payees
        self._follower = follower
        self._terms = terms

    def prepare_payout(self, officer: str) -> PayoutFile:
        """Gathers every locked redemption that can be written into one file. Raises PayoutNothingToPay."""
        self._set_unwritable_aside()
        payout_file_id = new_id()
        with UnitOfWork(self._engine) as work:
            chosen = redemptions_repository.payable(work.connection, MAX_TRANSFERS_PER_FILE)
            if not chosen:
                raise errors.PayoutNothingToPay()
            now_unix_ms = self._clock.now_unix_ms()
            message_id = f"{NAME_PREFIX}{payout_file_id}"
            values = {
                "id": payout_file_id,
                "message_id": message_id,
                "file_name": f"{_day(now_unix_ms)}-{message_id}.pain.001.xml",
                "total_cents": sum(each.net_cents for each in chosen),
                "prepared_by": officer,
                "prepared_at_unix_ms": now_unix_ms,
            }
            lines = [(each.ref, each.net_cents) for each in chosen]
            repository.insert_file(work.connection, values, lines)
            redemptions_repository.put_into_file(
                work.connection, [each.ref for each in chosen], payout_file_id
            )
            for redemption in chosen:
                self._checks.carry(work, payout_file_id, redemption)
            self.record(work, officer, "payout.prepared", payout_file_id)
            return self._views.of(work.connection, payout_file_id)

    def _set_unwritable_aside(self) -> None:
        """A redemption whose payee does not open or cannot be written keeps no other waiting."""
        with UnitOfWork(self._engine) as work:
            for redemption in redemptions_repository.payable(work.connection, MAX_TRANSFERS_PER_FILE):
                reason = self._unwritable(work, redemption)
                if reason is not None and reason != UNREADABLE:
                    redemptions_repository.set_held(work.connection, redemption.ref, reason)
                    self._record_held(work, redemption, reason)

    def _unwritable(self, work: UnitOfWork, redemption: Redemption) -> str | None:
        """Why it cannot be in a file. One that does not open goes among the rows that wait for a person."""
        try:
            payee = self._payees.of(work.connection, redemption)
        except (SealBroken, PersonErased, ValueError) as error:
            self._push.quarantine.put(work, RowKind.REDEMPTION, redemption.ref, error)
            return UNREADABLE
        return unwritable_reason(payee)

    def _record_held(self, work: UnitOfWork, redemption: Redemption, reason: str) -> None:
        subject = Subject("redemption", redemption.ref)
        self._journal.append(
            work.connection, SERVICE, "payout.line_held", subject, details={"reason": reason}
        )
        publish_state(self._push, work, redemption.member_id, redemption.ref, RedemptionState.LOCKED)

    def approve_payout(self, payout_file_id: str, officer: str, shown_count: int | None = None) -> PayoutFile:
        """A second officer lets the file go: it is written, for the bank's next open day, into its outbox.

        `shown_count`: how many transfers the officer has read; None where nobody says. It never grows.

        Raises PayoutFileUnknown, PayoutSameOfficer, PayoutNotPrepared, PayoutLinesChanged, PayeeUndecided,
        PayeeAcceptedBySigner.
        """
        self._drop_unwritable(payout_file_id)
        with UnitOfWork(self._engine) as work:
            repository.lock_file(work.connection, payout_file_id)
            known = self._views.of(work.connection, payout_file_id)
            if known.state != "prepared":
                raise errors.PayoutNotPrepared()
            if known.prepared_by == officer:
                raise errors.PayoutSameOfficer()
            if shown_count is not None and shown_count != len(known.transfers):
                raise errors.PayoutLinesChanged(count=shown_count - len(known.transfers))
            if any(line.waits_for_decision for line in known.lines):
                raise errors.PayeeUndecided()
            if officer in known.name_acceptors:
                raise errors.PayeeAcceptedBySigner()
            now_unix_ms = self._clock.now_unix_ms()
            inside = redemptions_repository.of_payout_file(work.connection, payout_file_id)
            content = self._content(work.connection, known.message_id, inside)
            repository.forget_words(work.connection, payout_file_id)  # they were about checks
            sealed = self._sealer.seal_service(content_field(payout_file_id), content)
            values = {
                "state": "approved",
                "approved_by": officer,
                "approved_at_unix_ms": now_unix_ms,
                "sealed_content": sealed,
            }
            if not repository.change_file(work.connection, payout_file_id, "prepared", **values):
                raise errors.PayoutNotPrepared()
            for redemption in inside:
                if redemptions_repository.change_state(
                    work.connection, redemption.ref, RedemptionState.EXPORTED
                ):
                    publish_state(
                        self._push, work, redemption.member_id, redemption.ref, RedemptionState.EXPORTED
                    )
            self.record(work, officer, "payout.approved", payout_file_id)
            self._end_checks(work, known.message_id)
            failpoints.reach("payout.before_commit")
        failpoints.reach("payout.approved")
        self.write_approved()
        return self.one(payout_file_id)

    def ask_check(self, payout_file_id: str, officer: str) -> PayoutFile:
        """Hands a prepared file out so that the bank checks its payees' names; it pays nobody.

        It goes into a folder of its own, under a name and ids of its own. Raises PayoutFileUnknown,
        PayoutNotPrepared, PayoutLinesChanged.
        """
        self._drop_unwritable(payout_file_id)
        with UnitOfWork(self._engine) as work:
            self._prepared(work, payout_file_id)
            known = self._views.of(work.connection, payout_file_id)
            number = min(known.checks_asked + 1, MAX_CHECKS)
            name = check_message_id(known.message_id, number)
            inside = redemptions_repository.of_payout_file(work.connection, payout_file_id)
            content = self._content(work.connection, name, inside)
            repository.forget_words(work.connection, payout_file_id)
            self.record(work, officer, repository.CHECK_ACT, payout_file_id)
            file_name = f"{_day(self._clock.now_unix_ms())}-{name}{CHECK_SUFFIX}"
            outbox.write_whole(self._terms.checks / file_name, content)  # asked again where the commit fails
        return self.one(payout_file_id)

    def _end_checks(self, work: UnitOfWork, message_id: str) -> None:
        """What is decided needs no check: files for one that the bank has not taken are destroyed."""
        pattern = f"*{check_message_id(message_id, 0)[:-1]}*{CHECK_SUFFIX}"
        work.after_commit(lambda: outbox.discard(self._terms.checks, pattern))

    def _content(self, connection: Connection, message_id: str, inside: Sequence[Redemption]) -> bytes:
        transfers = [self._transfer(connection, redemption) for redemption in inside]
        now_unix_s = self._clock.now_unix_ms() // 1000
        return pain001.write(message_id, now_unix_s, self._terms.debtor, transfers, self._terms.file)

    def _drop_unwritable(self, payout_file_id: str) -> None:
        """What cannot be paid any more leaves a prepared file, which then wants another look.

        Raises PayoutLinesChanged when something left.
        """
        dropped = 0
        with UnitOfWork(self._engine) as work:
            if repository.lock_file(work.connection, payout_file_id) != "prepared":
                return
            for redemption in redemptions_repository.of_payout_file(work.connection, payout_file_id):
                is_due = redemption.state is RedemptionState.LOCKED and redemption.bank_entry_id is None
                reason = self._unwritable(work, redemption) if is_due else NOT_DUE
                if reason is not None:
                    held = None if reason == UNREADABLE else reason
                    self._leave(work, payout_file_id, redemption, "unwritable", held)
                    dropped += 1
            if dropped:
                self._cancel_if_empty(work, payout_file_id)
        if dropped:
            raise errors.PayoutLinesChanged(count=dropped)

    def _transfer(self, connection: Connection, redemption: Redemption) -> pain001.Transfer:
        payee = self._payees.of(connection, redemption)
        return pain001.Transfer(
            end_to_end_id=redemption.end_to_end_id,
            amount_cents=redemption.net_cents,
            name=payee.written_holder,
            iban=payee.iban,
            text=f"Conversion {redemption.end_to_end_id}",
        )

    # one line of a file

    def take_out(self, payout_file_id: str, ref: str, officer: str, ground: str) -> PayoutFile:
        """Takes a transfer out of a prepared file; it waits until an officer decides what becomes of it.

        Raises PayoutFileUnknown, PayoutNotPrepared, PayoutLineUnknown.
        """
        with UnitOfWork(self._engine) as work:
            self._prepared(work, payout_file_id)
            redemption = self._line_redemption(work, payout_file_id, ref)
            self._leave(work, payout_file_id, redemption, "taken_out", TAKEN_OUT)
            self._cancel_if_empty(work, payout_file_id)
            self._record_line(work, officer, "payout.line_taken_out", payout_file_id, ref, ground)
            return self._views.of(work.connection, payout_file_id)

    def accept_payee(self, payout_file_id: str, ref: str, officer: str, ground: str) -> PayoutFile:
        """Lets a transfer go though the bank knows the account under another name; another officer signs.

        Accepted again, it is the last one's word. Raises PayoutFileUnknown, PayoutLineUnknown.
        """
        with UnitOfWork(self._engine) as work:
            inside = self._views.of(work.connection, payout_file_id).transfers
            if not any(line.redemption_ref == ref and line.payee_match in MISMATCHES for line in inside):
                raise errors.PayoutLineUnknown()
            repository.change_line(work.connection, payout_file_id, ref, accepted_by=officer)
            self._record_line(work, officer, "payout.payee_accepted", payout_file_id, ref, ground)
            return self._views.of(work.connection, payout_file_id)

    def _line_redemption(self, work: UnitOfWork, payout_file_id: str, ref: str) -> Redemption:
        redemption = redemptions_repository.by_ref(work.connection, ref)
        if redemption is None or redemption.payout_file_id != payout_file_id:
            raise errors.PayoutLineUnknown()
        return redemption

    def _leave(
        self,
        work: UnitOfWork,
        payout_file_id: str,
        redemption: Redemption,
        out_reason: str,
        held_reason: str | None,
    ) -> None:
        """Out of the file, whatever state the redemption is in by now."""
        repository.change_line(work.connection, payout_file_id, redemption.ref, out_reason=out_reason)
        if not self._follower.free(work, redemption, held_reason):
            redemptions_repository.leave_file(work.connection, redemption.ref)

    def _cancel_if_empty(self, work: UnitOfWork, payout_file_id: str) -> None:
        if repository.set_total(work.connection, payout_file_id) == 0:
            repository.change_file(work.connection, payout_file_id, "prepared", state="cancelled")

    def _prepared(self, work: UnitOfWork, payout_file_id: str) -> None:
        """Nobody signs it meanwhile. Raises PayoutFileUnknown, PayoutNotPrepared."""
        state = repository.lock_file(work.connection, payout_file_id)
        if state is None:
            raise errors.PayoutFileUnknown()
        if state != "prepared":
            raise errors.PayoutNotPrepared()

    # the whole file

    def cancel_payout(self, payout_file_id: str, officer: str, ground: str) -> PayoutFile:
        """Gives the redemptions of a prepared file back to the next one.

        Raises PayoutFileUnknown, PayoutNotPrepared.
        """
        with UnitOfWork(self._engine) as work:
            self._prepared(work, payout_file_id)
            self.release_all(work, payout_file_id, "prepared")
            self.record(work, officer, "payout.cancelled", payout_file_id, ground)
            return self._views.of(work.connection, payout_file_id)

    def release_all(self, work: UnitOfWork, payout_file_id: str, state: str) -> None:
        """Cancels a file that is in that state: every transfer in it waits for the next one.

        Raises PayoutNotPrepared when it is in another.
        """
        if not repository.change_file(work.connection, payout_file_id, state, state="cancelled"):
            raise errors.PayoutNotPrepared()
        for redemption in redemptions_repository.of_payout_file(work.connection, payout_file_id):
            self._leave(work, payout_file_id, redemption, "cancelled", None)
        self._end_checks(work, self._views.of(work.connection, payout_file_id).message_id)

    def record(
        self, work: UnitOfWork, officer: str, act: str, payout_file_id: str, ground: str | None = None
    ) -> None:
        """Into the journal and to open consoles."""
        view = self._views.of(work.connection, payout_file_id)
        self._journal.append(
            work.connection,
            Actor("officer", officer),
            act,
            Subject("payout_file", payout_file_id),
            ground=ground,
            details={"total_cents": view.total_cents, "transfers": len(view.transfers)},
        )
        self._push.publish(work, to_console(PayoutChanged(payout_file_id, view.state)))

    def _record_line(
        self, work: UnitOfWork, officer: str, act: str, payout_file_id: str, ref: str, ground: str
    ) -> None:
        self._journal.append(
            work.connection,
            Actor("officer", officer),
            act,
            Subject("redemption", ref),
            ground=ground,
            details={"payout_file_id": payout_file_id},
        )
        state = self._views.of(work.connection, payout_file_id).state
        self._push.publish(work, to_console(PayoutChanged(payout_file_id, state)))

    # what the console and the bank's worker ask

    def write_approved(self) -> int:
        """Puts every approved file that is not there yet into the outbox; returns how many were written."""
        return self.handover.write_approved()

    def one(self, payout_file_id: str) -> PayoutFile:
        """Raises PayoutFileUnknown."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return self._views.of(connection, payout_file_id)

    def undecided_handovers(self) -> Mapping[str, outbox.Fate]:
        """Files that surely did not reach the bank, or perhaps: by name. A person looks there and decides."""
        return {name: fate for fate, name in outbox.undecided(self._terms.outbox)}

    def list_payout_files(self, limit: int = 100) -> Sequence[PayoutFile]:
        """Newest first, each with its lines."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [self._views.of(connection, each) for each in repository.newest_ids(connection, limit)]


def unwritable_reason(payee: Payee) -> str | None:
    """Why a payment file cannot name this payee, None when it can."""
    if payee.iban[:2] not in EEA_COUNTRIES:
        return OUTSIDE_EEA
    if not payee.holder:
        return HOLDER_MISSING
    return None if payee.written_holder else HOLDER_UNWRITABLE


def _day(unix_ms: int) -> str:
    return datetime.datetime.fromtimestamp(unix_ms / 1000, BANK_TIME_ZONE).strftime("%Y%m%d")
