"""What officers end by hand when the bank's files do not: two of them where money is at the bank.

This debit pays these conversions; the bank refused this one; this credit returns that one; an approved file
is not to go. And alone: what becomes of a conversion that is held back from files. Every act is journaled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.event_kinds import BankEntryResolved, PayoutChanged, to_console
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.projections import RedemptionFollower, publish_state
from wallet_service.redemptions.repository import Redemption
from wallet_service.topups.service import Limits, TopupService
from wallet_service.treasury import errors
from wallet_service.treasury import repository as treasury_repository
from wallet_service.treasury.payouts import repository
from wallet_service.treasury.payouts.handover import CANCEL_ACT
from wallet_service.treasury.payouts.models import UnplacedAnswer
from wallet_service.treasury.payouts.proposals import entry_of_kind
from wallet_service.treasury.payouts.service import PayoutService
from wallet_service.treasury.ports import AskedAct, TwoOfficers
from wallet_service.treasury.repository import EntryRow

DEBIT_ACT = "payout.debit_pays"
REFUSED_ACT = "payout.bank_refused"
RETURN_ACT = "payout.credit_returns"
#: What becomes of a conversion the bank refused: paid again, or its units given back.
Then = Literal["again", "give_back"]
#: Told to the ledger when an officer gives units back (32 bytes).
GIVEN_BACK = "officer"
MAX_REFS = 500
MAX_RESOLUTION_CHARACTERS = 200


class PayoutActs:
    """Asks for acts of two officers and does them when the second has signed."""

    def __init__(
        self,
        engine: Engine,
        push: Push,
        journal: Journal,
        payouts: PayoutService,
        follower: RedemptionFollower,
        topups: TopupService,
        two_officers: TwoOfficers,
    ) -> None:
        self._engine = engine
        self._push = push
        self._journal = journal
        self._payouts = payouts
        self._follower = follower
        self._topups = topups
        self._two_officers = two_officers
        two_officers.on_approved(DEBIT_ACT, lambda: self._pay)
        two_officers.on_approved(REFUSED_ACT, lambda: self._refuse)
        two_officers.on_approved(CANCEL_ACT, lambda: self._cancel)
        two_officers.on_approved(RETURN_ACT, self._prepare_return)

    # this debit pays these

    def ask_debit_pays(
        self, entry_id: str, refs: Sequence[str], officer: str, ground: str, known_difference_cents: int = 0
    ) -> str:
        """`known_difference_cents`: what the debit has more than the conversions, as the officer says.

        Raises EntryUnknown, PayoutNotAtBank, PayoutDifference, PayoutActAskedFor.
        """
        with UnitOfWork(self._engine) as work:
            self._unasked(work, DEBIT_ACT, entry_id)
            entry, paid = self._debit(work, entry_id, refs)
            difference_cents = entry.amount_cents - sum(each.net_cents for each in paid)
            if difference_cents != known_difference_cents:
                raise errors.PayoutDifference(difference_cents=difference_cents)
            details = {
                "entry_id": entry_id,
                "refs": [each.ref for each in paid],
                "amount_cents": entry.amount_cents,
                "difference_cents": difference_cents,
            }
            return self._two_officers.ask(work, DEBIT_ACT, details, ground, officer, subject_id=entry_id)

    def _debit(
        self, work: UnitOfWork, entry_id: str, refs: Sequence[str]
    ) -> tuple[EntryRow, list[Redemption]]:
        entry = entry_of_kind(work.connection, entry_id, "DBIT")
        if entry is None:
            raise errors.EntryUnknown()
        found = [redemptions_repository.by_ref(work.connection, ref) for ref in sorted(set(refs))[:MAX_REFS]]
        paid = [each for each in found if each is not None and _is_at_bank(each)]
        if not paid or len(paid) != len(set(refs)):
            raise errors.PayoutNotAtBank()
        return entry, paid

    def _pay(self, work: UnitOfWork, asked: AskedAct) -> None:
        entry, paid = self._debit(work, str(asked.details["entry_id"]), list(asked.details["refs"]))
        self._resolve(work, entry, "payout", asked)
        self._follower.record_paid(work, entry.id, paid)
        details = {
            "amount_cents": entry.amount_cents,
            "redemptions": len(paid),
            "difference_cents": int(asked.details["difference_cents"]),
        }
        self._record(
            work,
            (asked.asked_by, asked.ground),
            "payout.debit_matched",
            Subject("bank_entry", entry.id),
            details,
        )

    # the bank refused this one

    def ask_bank_refused(self, ref: str, then: Then, officer: str, ground: str) -> str:
        """Raises PayoutNotAtBank, PayoutActAskedFor."""
        with UnitOfWork(self._engine) as work:
            self._unasked(work, REFUSED_ACT, ref)
            redemption = self._at_bank(work, ref)
            details = {"ref": ref, "then": then, "amount_cents": redemption.net_cents}
            return self._two_officers.ask(work, REFUSED_ACT, details, ground, officer, subject_id=ref)

    def _refuse(self, work: UnitOfWork, asked: AskedAct) -> None:
        redemption = self._at_bank(work, str(asked.details["ref"]))
        payout_file_id = redemption.payout_file_id or ""
        if not self._follower.free(work, redemption, None):
            raise errors.PayoutNotAtBank()
        repository.change_line(work.connection, payout_file_id, redemption.ref, out_reason="refused")
        if repository.set_total(work.connection, payout_file_id) == 0:
            repository.change_file(work.connection, payout_file_id, "approved", state="rejected")
        if asked.details["then"] == "give_back":
            self._give_back(work, redemption.ref)
        details = {"payout_file_id": payout_file_id, "then": str(asked.details["then"])}
        self._record(
            work,
            (asked.asked_by, asked.ground),
            "payout.line_refused",
            Subject("redemption", redemption.ref),
            details,
        )
        self._push.publish(work, to_console(PayoutChanged(payout_file_id, "approved")))

    # an approved file is not to go

    def ask_cancel(self, payout_file_id: str, officer: str, ground: str) -> str:
        """Keeps an approved file from the bank until another officer decides; unsigned, it goes after all.

        Raises PayoutFileUnknown, PayoutNotAtBank, PayoutHandedOver, PayoutActAskedFor.
        """
        file = self._payouts.one(payout_file_id)
        if file.state != "approved":
            raise errors.PayoutHandedOver()
        if file.is_withheld:
            raise errors.PayoutActAskedFor()
        if file.written_at_unix_ms is not None and not self._payouts.handover.withhold(file.file_name):
            raise errors.PayoutHandedOver()
        try:
            with UnitOfWork(self._engine) as work:
                self._unasked(work, CANCEL_ACT, payout_file_id)
                details = {"payout_file_id": payout_file_id, "amount_cents": file.total_cents}
                asked = self._two_officers.ask(
                    work, CANCEL_ACT, details, ground, officer, subject_id=payout_file_id
                )
                self._push.publish(work, to_console(PayoutChanged(payout_file_id, file.state)))
                return asked
        except BaseException:
            self._payouts.write_approved()  # puts back what nobody asked for
            raise

    def _cancel(self, work: UnitOfWork, asked: AskedAct) -> None:
        payout_file_id = str(asked.details["payout_file_id"])
        state = repository.lock_file(work.connection, payout_file_id)
        file = repository.file_by_id(work.connection, payout_file_id)
        if file is None or state != "approved":
            raise errors.PayoutNotPrepared()
        is_written = file["written_at_unix_ms"] is not None
        if is_written and not self._payouts.handover.withhold(file["file_name"]):
            raise errors.PayoutHandedOver()
        inside = redemptions_repository.of_payout_file(work.connection, payout_file_id)
        if any(not _is_at_bank(each) for each in inside):
            raise errors.PayoutHandedOver()
        self._payouts.release_all(work, payout_file_id, "approved")
        work.after_commit(lambda: self._payouts.handover.destroy(file["file_name"]))
        self._payouts.record(work, asked.asked_by, "payout.cancelled", payout_file_id, asked.ground)

    # this credit returns that one

    def ask_credit_returns(
        self, entry_id: str, ref: str, officer: str, ground: str, *, is_whole: bool = False
    ) -> str:
        """`is_whole`: the professional gets all units back, and the fee is the association's gap.

        Raises EntryUnknown, PayoutNotAtBank, PayoutDebitFirst, PayoutActAskedFor.
        """
        with UnitOfWork(self._engine) as work:
            self._unasked(work, RETURN_ACT, entry_id)
            entry, redemption, fee_cents = self._return(work, entry_id, ref)
            details = {
                "entry_id": entry_id,
                "ref": redemption.ref,
                "amount_cents": entry.amount_cents,
                "fee_cents": fee_cents,
                "is_whole": is_whole,
            }
            return self._two_officers.ask(work, RETURN_ACT, details, ground, officer, subject_id=entry_id)

    def _return(self, work: UnitOfWork, entry_id: str, ref: str) -> tuple[EntryRow, Redemption, int]:
        entry = entry_of_kind(work.connection, entry_id, "CRDT")
        if entry is None:
            raise errors.EntryUnknown()
        redemption = redemptions_repository.by_ref(work.connection, ref)
        if redemption is None or redemption.return_entry_id is not None:
            raise errors.PayoutNotAtBank()
        if redemption.bank_entry_id is None:
            raise errors.PayoutDebitFirst()
        fee_cents = redemption.net_cents - entry.amount_cents
        is_burned = redemption.state in (
            RedemptionState.EXPORTED,
            RedemptionState.LOCKED,
            RedemptionState.PAID,
        )
        if fee_cents < 0 or not is_burned:
            raise errors.PayoutNotAtBank()
        return entry, redemption, fee_cents

    def _prepare_return(self) -> Callable[[UnitOfWork, AskedAct], None]:
        """The node is asked for the limits before the transaction."""
        limits = self._topups.load_limits()
        return lambda work, asked: self._send_back(work, asked, limits)

    def _send_back(self, work: UnitOfWork, asked: AskedAct, limits: Limits) -> None:
        entry, redemption, fee_cents = self._return(
            work, str(asked.details["entry_id"]), str(asked.details["ref"])
        )
        self._resolve(work, entry, "payout_return", asked)
        borne_cents = 0 if asked.details["is_whole"] else fee_cents
        amount_cents = redemption.amount_cents - borne_cents
        self._follower.record_minted_back(
            work, (entry.id, entry.entry_key), redemption, amount_cents, "", limits
        )
        details = {
            "amount_cents": entry.amount_cents,
            "fee_cents": fee_cents,
            "given_back_cents": amount_cents,
        }
        self._record(
            work,
            (asked.asked_by, asked.ground),
            "payout.return_matched",
            Subject("redemption", redemption.ref),
            details,
        )

    # what is held back, and words nothing fits

    def pay_again(self, ref: str, officer: str, ground: str) -> None:
        """A conversion that was held back goes into the next file. Raises RedemptionNotHeld."""
        with UnitOfWork(self._engine) as work:
            redemption = self._held(work, ref)
            redemptions_repository.set_held(work.connection, ref, None)
            self._record(work, (officer, ground), "payout.line_freed", Subject("redemption", ref), {})
            publish_state(self._push, work, redemption.member_id, ref, redemption.state)

    def give_back(self, ref: str, officer: str, ground: str) -> None:
        """The units of a conversion that was held back return to its member. Raises RedemptionNotHeld."""
        with UnitOfWork(self._engine) as work:
            self._held(work, ref)
            self._give_back(work, ref)
            self._record(work, (officer, ground), "payout.given_back", Subject("redemption", ref), {})

    def _held(self, work: UnitOfWork, ref: str) -> Redemption:
        redemption = redemptions_repository.by_ref(work.connection, ref)
        is_held = redemption is not None and redemption.held_reason is not None
        if redemption is None or not is_held or redemption.state is not RedemptionState.LOCKED:
            raise errors.RedemptionNotHeld()
        return redemption

    def _give_back(self, work: UnitOfWork, ref: str) -> None:
        redemption = redemptions_repository.by_ref(work.connection, ref)
        assert redemption is not None
        if not self._follower.give_back(work, redemption, GIVEN_BACK):
            raise errors.RedemptionNotHeld()

    def list_unplaced(self, limit: int = 100) -> Sequence[UnplacedAnswer]:
        """What the bank answered and nothing fits, oldest first."""
        with reading(self._engine) as connection:
            return repository.waiting_unplaced(connection, limit)

    def settle_unplaced(self, answer_id: str, officer: str, ground: str) -> None:
        """Takes note of it. Raises PayoutLineUnknown."""
        with UnitOfWork(self._engine) as work:
            if not repository.settle_unplaced(work.connection, answer_id, officer):
                raise errors.PayoutLineUnknown()
            subject = Subject("payout_answer", answer_id)
            self._record(work, (officer, ground), "payout.answer_noted", subject, {})

    def waiting(self, act: str) -> set[str]:
        """The subjects this act is asked for and not yet decided."""
        with reading(self._engine) as connection:
            return self._two_officers.waiting_subjects(connection, act)

    # shared

    def _unasked(self, work: UnitOfWork, act: str, subject_id: str) -> None:
        if subject_id in self._two_officers.waiting_subjects(work.connection, act):
            raise errors.PayoutActAskedFor()

    def _at_bank(self, work: UnitOfWork, ref: str) -> Redemption:
        redemption = redemptions_repository.by_ref(work.connection, ref)
        if redemption is None or not _is_at_bank(redemption):
            raise errors.PayoutNotAtBank()
        return redemption

    def _resolve(
        self, work: UnitOfWork, entry: EntryRow, state: treasury_repository.EntryState, asked: AskedAct
    ) -> None:
        done = treasury_repository.resolve_entry(
            work.connection, entry.id, state, asked.asked_by, asked.ground[:MAX_RESOLUTION_CHARACTERS]
        )
        if not done:
            raise errors.EntryNotUnmatched()
        self._push.publish(work, to_console(BankEntryResolved(entry.id)))

    def _record(
        self,
        work: UnitOfWork,
        decided: tuple[str, str],
        act: str,
        subject: Subject,
        details: dict[str, Any],
    ) -> None:
        officer, ground = decided
        actor = Actor("officer", officer)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=details)


def _is_at_bank(redemption: Redemption) -> bool:
    """In an approved file, and no debit has paid it."""
    return redemption.state is RedemptionState.EXPORTED and redemption.bank_entry_id is None
