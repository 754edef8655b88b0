"""Takes the bank's word on payout files (pain.002): rejected transfers are free for the next file.

Works for the whole file, its block of transfers, and each transfer. A rejection frees only what no debit has
paid: where the bank contradicts itself, or speaks of what is not ours, an officer is shown its words. A file
that is rejected because the bank has it already is no rejection: its first delivery is being paid. An answer
about a file that was only to be checked frees nothing, whatever it says: the order itself may be being paid.
Must not open transactions: the inbox's is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from wallet_service.bank.reported import PaymentStatusReport, TransferStatus
from wallet_service.database.tables.bank import PAYEE_MATCHES
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import PayoutChanged, to_console
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.protocol.text.lines import seen_of
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.matching import named_in
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.treasury.payouts import repository
from wallet_service.treasury.payouts.payee_checks import PayeeChecks, is_about_a_check

REJECTED = "RJCT"
#: ISO 20022 ExternalStatusReason1Code: the bank has had this very file, block or transfer before.
DUPLICATE_REASONS = frozenset({"AM05", "DU01", "DU02", "DU03", "DU04", "DU05"})
#: ... and those that say that the account or its holder is wrong: paying again would fail again.
PAYEE_REASONS = frozenset(
    {"AC01", "AC03", "AC04", "AC06", "AC13", "AC14", "AG01", "BE01", "BE04", "MD07", "RC01", "RR03"}
)
#: Why a redemption whose account the bank refused is held back from files.
BANK_REJECTED = "payout.bank_rejected"
MAX_NAME_CHARACTERS, MAX_STATUS_CHARACTERS, MAX_REASON_CHARACTERS = 35, 4, 35


@dataclass(frozen=True)
class _Word:
    """What the bank says of something, in the lengths we keep."""

    status: str
    reason: str

    @classmethod
    def of(cls, status: str, reason: str) -> _Word:
        return cls(seen_of(status)[:MAX_STATUS_CHARACTERS], seen_of(reason)[:MAX_REASON_CHARACTERS])

    @property
    def said(self) -> dict[str, Any]:
        """As columns of a file or a line."""
        return {"bank_status": self.status, "bank_reason": self.reason or None}

    @property
    def rejects(self) -> bool:
        return self.status == REJECTED and self.reason not in DUPLICATE_REASONS


class PayoutAnswers:
    """The books' side of payment status reports."""

    def __init__(
        self,
        clock: Clock,
        push: Push,
        journal: Journal,
        checks: PayeeChecks,
        follower: RedemptionFollower,
    ) -> None:
        self._clock = clock
        self._push = push
        self._journal = journal
        self._checks = checks
        self._follower = follower

    def take(self, work: UnitOfWork, report: PaymentStatusReport) -> None:
        """In the caller's unit of work; taking the same report again changes nothing."""
        named = report.original_message_id
        file = self._file(work, named)
        if is_about_a_check([named, *(name for name, _, _ in report.payment_informations)]):
            self._take_check(work, report)
            return
        for transfer in report.transfers:
            self._take_transfer(work, named, file, transfer)
        blocks = [(name, _Word.of(status, reason)) for name, status, reason in report.payment_informations]
        for name, word in [*blocks, (named, _Word.of(report.status, report.reason))]:
            block = self._file(work, name) or (file if not named_in(name) else None)
            if word.status and block is not None:
                self._take_whole(work, block, word)
            elif word.status:
                self._set_aside(work, named, "" if name == named else name, word)
        if file is not None:
            self._push.publish(work, to_console(PayoutChanged(file["id"], self._state(work, file["id"]))))

    def _take_check(self, work: UnitOfWork, report: PaymentStatusReport) -> None:
        """What the bank says of the names; why it could not check is told while the order is not signed."""
        named = [report.original_message_id, *(name for name, _, _ in report.payment_informations)]
        file = next((each for each in (self._file(work, name) for name in named) if each is not None), None)
        if file is None:
            self._set_aside(work, named[0], "", _Word.of(report.status, report.reason))
            return
        is_prepared = self._state(work, file["id"]) == "prepared"
        for transfer in report.transfers:
            names = named_in(transfer.end_to_end, transfer.instruction)
            found = redemptions_repository.by_end_to_end_ids(work.connection, names) if names else []
            line = self._line(work, found[0].ref, file) if len(found) == 1 else None
            word = _Word.of(transfer.status, transfer.reason)
            if line is None:
                self._set_aside(work, named[0], transfer.end_to_end or transfer.instruction or "?", word)
                continue
            if transfer.payee_match in PAYEE_MATCHES:
                self._checks.note(work, line, str(transfer.payee_match), transfer.payee_name)
            elif is_prepared and word.status == REJECTED:
                repository.change_line(work.connection, file["id"], line["redemption_ref"], **word.said)
        wholes = [
            (report.status, report.reason),
            *((each[1], each[2]) for each in report.payment_informations),
        ]
        refused = [word for word in (_Word.of(*each) for each in wholes) if word.status == REJECTED]
        if is_prepared and refused:
            repository.change_file(work.connection, file["id"], "prepared", **refused[0].said)
        self._push.publish(work, to_console(PayoutChanged(file["id"], self._state(work, file["id"]))))

    def _file(self, work: UnitOfWork, text: str) -> RowMapping | None:
        names = sorted(named_in(text))
        return repository.file_by_message_id(work.connection, names[0]) if names else None

    def _state(self, work: UnitOfWork, payout_file_id: str) -> str:
        """As it stays until this unit of work ends."""
        return repository.lock_file(work.connection, payout_file_id) or ""

    def _take_whole(self, work: UnitOfWork, file: RowMapping, word: _Word) -> None:
        """The word on all that is left in the file."""
        said = word.said
        if not word.rejects or self._state(work, file["id"]) != "approved":
            repository.change_file(work.connection, file["id"], self._state(work, file["id"]), **said)
            return
        inside = [each for each in repository.lines_of(work.connection, file["id"]) if not each["out_reason"]]
        freed = [self._free(work, file, line, word, None) for line in inside]
        state = "rejected" if all(freed) else "approved"
        repository.change_file(work.connection, file["id"], "approved", state=state, **said)
        self._journal.append(
            work.connection,
            SERVICE,
            "payout.rejected_by_bank",
            Subject("payout_file", file["id"]),
            details={"reason": word.reason, "transfers": sum(freed)},
        )

    def _take_transfer(
        self, work: UnitOfWork, message_id: str, file: RowMapping | None, transfer: TransferStatus
    ) -> None:
        word = _Word.of(transfer.status, transfer.reason)
        names = named_in(transfer.end_to_end, transfer.instruction)
        found = redemptions_repository.by_end_to_end_ids(work.connection, names) if names else []
        line = self._line(work, found[0].ref, file) if len(found) == 1 else None
        if line is None:
            self._set_aside(work, message_id, transfer.end_to_end or transfer.instruction or "?", word)
            return
        state = self._state(work, line["payout_file_id"])
        payout_file = repository.file_by_id(work.connection, line["payout_file_id"])
        assert payout_file is not None
        if transfer.payee_match in PAYEE_MATCHES:
            self._checks.note(work, line, str(transfer.payee_match), transfer.payee_name)
        if line["out_reason"] is None and word.rejects and state == "approved":
            held = BANK_REJECTED if word.reason in PAYEE_REASONS else None
            self._free(work, payout_file, line, word, held)
            if repository.set_total(work.connection, payout_file["id"]) == 0:
                repository.change_file(work.connection, payout_file["id"], "approved", state="rejected")
        elif line["out_reason"] is None and word.status:
            payout_file_id, ref = line["payout_file_id"], line["redemption_ref"]
            repository.change_line(work.connection, payout_file_id, ref, **word.said)

    def _line(self, work: UnitOfWork, ref: str, file: RowMapping | None) -> RowMapping | None:
        """The transfer in the file the bank speaks of, else in the last one it was in."""
        payout_file_id = file["id"] if file is not None else repository.last_file_of(work.connection, ref)
        if payout_file_id is None:
            return None
        lines = repository.lines_of(work.connection, payout_file_id)
        return next((line for line in lines if line["redemption_ref"] == ref), None)

    def _free(
        self, work: UnitOfWork, file: RowMapping, line: RowMapping, word: _Word, held_reason: str | None
    ) -> bool:
        """Out of the file, for the next one; False when the bank has paid it, which an officer must see."""
        ref, said = line["redemption_ref"], word.said
        redemption = redemptions_repository.by_ref(work.connection, ref)
        assert redemption is not None
        if redemption.payout_file_id != file["id"] or not self._follower.free(work, redemption, held_reason):
            repository.change_line(work.connection, file["id"], ref, **said)
            self._set_aside(work, file["message_id"], line["end_to_end_id"], word)
            return False
        repository.change_line(work.connection, file["id"], ref, out_reason="rejected", **said)
        self._journal.append(
            work.connection,
            SERVICE,
            "payout.line_rejected",
            Subject("redemption", ref),
            details={"payout_file_id": file["id"], "reason": word.reason},
        )
        return True

    def _set_aside(self, work: UnitOfWork, message_id: str, named: str, word: _Word) -> None:
        """For an officer: words that fit nothing, or contradict a debit."""
        answer_id = new_id()
        values = {
            "id": answer_id,
            "message_id": seen_of(message_id)[:MAX_NAME_CHARACTERS],
            "named": seen_of(named)[:MAX_NAME_CHARACTERS],
            "status": word.status,
            "reason": word.reason,
            "received_at_unix_ms": self._clock.now_unix_ms(),
        }
        if not repository.insert_unplaced(work.connection, values):
            return
        self._journal.append(
            work.connection,
            SERVICE,
            "payout.answer_unplaced",
            Subject("payout_answer", answer_id),
            details={"status": word.status, "reason": word.reason},
        )
