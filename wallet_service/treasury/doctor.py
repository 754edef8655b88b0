"""What a folder of the bank's own files would do, told before any of them is taken.

With a database everything is done as the inbox does it, in one transaction that is rolled back: the files
are seen in their order, each after those before it. Without one, only what the files say. Must not write
anything, nor move a file; names and accounts are masked unless they are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, RowMapping

from wallet_service.bank import files
from wallet_service.bank.errors import BankFileRefusal
from wallet_service.bank.reported import AccountReport, BankFile, PaymentStatusReport
from wallet_service.bank.splitting import lines_of
from wallet_service.bank.statement import EntryLine
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.amount_text import format_amount
from wallet_service.redemptions.iban import masked_iban
from wallet_service.security.sealing import Sealer
from wallet_service.topups.decisions import references_in
from wallet_service.treasury import repository
from wallet_service.treasury.booking.details import line_of
from wallet_service.treasury.inbox import waiting_files
from wallet_service.treasury.service import BankService

SHOWN_ID_CHARACTERS = 8
#: Why every credit waits where the ledger is not asked, as here: says nothing of this one.
LEDGER_AWAY = "ledger_unavailable"
#: Why a movement waits for an officer, as people say it.
REASON_WORDS = {
    "batch_incomplete": "a sum whose transfers are not all known",
    "batch_mixed": "a sum of both directions",
    "batch_net_of_fees": "a sum less fees",
    "reversal": "the bank undoes an entry",
    "odd": "a part of it could not be read",
    "repeated": "its report looks like one read before",
    "corrected": "its report replaces one read before",
    "lookalike": "perhaps a movement read before under another name",
    "several_members": "it carries the references of several members",
}


class _RehearsalOver(Exception):
    """Rolls the transaction back."""


@dataclass(frozen=True)
class Shown:
    """How much of people is shown."""

    personal: bool = False

    def party(self, line: EntryLine) -> str:
        if self.personal:
            words = (line.counterparty_name, line.counterparty_iban, " | ".join(line.texts))
        else:
            name = " ".join(f"{word[0]}…" for word in line.counterparty_name.split())
            words = (name, masked_iban(line.counterparty_iban) if line.counterparty_iban else "", "")
        return " ".join(word for word in words if word) or "-"

    def reference(self, line: EntryLine) -> str:
        found = references_in(line)
        shown = found if self.personal else [f"{each[:4]}…{each[-4:]}" for each in found]
        return " ".join(shown)


class BankDoctor:
    """Looks at a folder. `known`: the database and its services; without them no member is known."""

    def __init__(
        self, reserve_iban: str, shown: Shown, known: tuple[Engine, BankService, Sealer] | None = None
    ) -> None:
        self._reserve_iban = reserve_iban
        self._shown = shown
        self._known = known

    def examine(self, folder: Path) -> Iterator[str]:
        """What would happen, line by line. Raises OSError when the folder cannot be read."""
        paths = sorted(waiting_files(folder))
        if self._known is None:
            for path in paths:
                yield from self._examine_file(path, None)
            return
        with _rolled_back(self._known[0]) as work:
            for path in paths:
                yield from self._examine_file(path, work)

    def _examine_file(self, path: Path, work: UnitOfWork | None) -> Iterator[str]:
        with path.open("rb") as opened:
            content = opened.read(files.MAX_FILE_BYTES + 1)
        try:
            file = files.read(content, self._reserve_iban)
        except BankFileRefusal as refusal:
            yield f"{path.name}: would be refused ({refusal.code}): {refusal.sentence('en')}"
            return
        yield f"{path.name}: {_contents(file)}"
        for name, code in file.refused:
            yield f"  part {name or '-'} would be set aside ({code})"
        for answer in file.answers:
            yield from self._answer(answer)
        file_sha256 = hashlib.sha256(content).hexdigest()
        for report in file.reports:
            yield f"  {_heading(report)}"
            if work is None:
                yield from self._read_only(report)
            else:
                yield from self._rehearsed(work, report, (file_sha256, path.name))

    def _read_only(self, report: AccountReport) -> Iterator[str]:
        for entry in report.entries:
            for line in lines_of(entry):
                yield self._line(line, self._without_database(line, entry.oddity))

    def _without_database(self, line: EntryLine, oddity: str | None) -> str:
        if line.reason is not None:
            return f"waits for an officer: {REASON_WORDS[line.reason]}{f' ({oddity})' if oddity else ''}"
        if line.return_reason is not None:
            return f"a transfer sent back ({line.return_reason or 'no reason given'})"
        if line.direction == "DBIT":
            return "a debit: pays conversions if it names a payout of ours"
        found = references_in(line)
        return "goes to the member whose reference it is" if found else "waits for an officer: no reference"

    def _rehearsed(self, work: UnitOfWork, report: AccountReport, file: tuple[str, str]) -> Iterator[str]:
        assert self._known is not None
        _engine, bank, sealer = self._known
        before = repository.statement_ids(work.connection)
        try:
            with work.connection.begin_nested():
                bank.take_in(work, report, file)
        except BankFileRefusal as refusal:
            yield f"    would wait or be refused ({refusal.code}): {refusal.sentence('en')}"
            return
        statement = repository.statement_besides(work.connection, before)
        if statement is None:
            yield "    known already: changes nothing"
            return
        if statement["state"] == "held":
            yield "    held: an officer says first whether its movements are new"
        if statement["continuity"] == "broken":
            yield "    ALARM: it does not begin where the statement before it ends"
        rows = repository.entries_of_statement(work.connection, statement["id"])
        lines_count = sum(len(lines_of(entry)) for entry in report.entries)
        if lines_count != len(rows):
            yield f"    {lines_count - len(rows)} of {lines_count} movements are known already"
        for row in rows:
            yield self._line(line_of(sealer, row), _fate(work, row))

    def _line(self, line: EntryLine, fate: str) -> str:
        parts = (
            line.booked_on or "no day    ",
            f"{format_amount(line.signed_cents, 'en'):>14}",
            self._shown.party(line),
            self._shown.reference(line),
        )
        return f"    {'  '.join(part for part in parts if part)}: {fate}"

    def _answer(self, answer: PaymentStatusReport) -> Iterator[str]:
        status = " ".join(word for word in (answer.status, answer.reason) if word) or "no status"
        yield f"  answer about payout file {answer.original_message_id}: {status}"
        for transfer in answer.transfers:
            told = (transfer.status, transfer.reason, transfer.payee_match or "")
            name = transfer.payee_name if self._shown.personal else ""
            yield f"    {transfer.end_to_end or '-'}: {' '.join(word for word in (*told, name) if word)}"


def _fate(work: UnitOfWork, row: RowMapping) -> str:
    connection, entry_id = work.connection, row["id"]
    if row["state"] == "topup":
        topup = repository.topup_of_entry(connection, entry_id)
        reason = topup["held_reason"]
        held = f", waiting: {reason}" if reason not in (None, LEDGER_AWAY) else ""
        return f"credited to member {topup['member_id'][:SHOWN_ID_CHARACTERS]} by its reference{held}"
    if row["state"] == "payout":
        return f"pays {_conversions(repository.redemptions_paid_by(connection, entry_id))}"
    if row["state"] == "payout_return":
        return f"sends back {_conversions(repository.redemptions_returned_by(connection, entry_id))}"
    if row["state"] == "unmatched":
        nobody = "no member known by it" if row["direction"] == "CRDT" else "no payout of ours"
        return f"waits for an officer: {REASON_WORDS.get(row['reason'], nobody)}"
    return str(row["state"])


def _conversions(refs: Sequence[str]) -> str:
    named = ", ".join(sorted(ref[: SHOWN_ID_CHARACTERS + 2] for ref in refs))
    return f"{len(refs)} conversion{'s' if len(refs) != 1 else ''}{f' ({named})' if named else ''}"


def _contents(file: BankFile) -> str:
    formats = sorted({*(each.format for each in file.reports), *(each.format for each in file.answers)})
    others = f", {file.other_accounts} on other accounts left aside" if file.other_accounts else ""
    return f"{', '.join(formats)}: {len(file.reports)} reports, {len(file.answers)} answers{others}"


def _heading(report: AccountReport) -> str:
    balances = [
        "?" if each is None else format_amount(each.amount_cents, "en")
        for each in (report.opening, report.closing)
    ]
    warnings = f", warnings: {', '.join(report.warnings)}" if report.warnings else ""
    days = report.from_on if report.from_on == report.to_on else f"{report.from_on} to {report.to_on}"
    return f"{report.kind} {report.report_id}, {days}, {' -> '.join(balances)}{warnings}"


@contextmanager
def _rolled_back(engine: Engine) -> Iterator[UnitOfWork]:
    """A unit of work of which nothing stays, whatever is done in it."""
    with suppress(_RehearsalOver), UnitOfWork(engine) as work:
        yield work
        raise _RehearsalOver()
