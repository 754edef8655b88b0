"""A make-believe bank for the demonstration: `python -m scripts.bank_day` makes the reserve account's next
statement.

The bank is another party: it knows its own ledger file, the payout files it is handed and the transfers
people make, never the service's database. It writes real ISO 20022 camt.053 files, valid against the
standard's schema.

    python -m scripts.bank_day      what people announced, and every payout waiting; beside them, as asked:
        --credit RF12ABCDEFGHJK 25.00 --name "Camille R."      somebody's transfer
        --wrong-reference 40                                   one that says nobody's reference
        --return ALBA...                                       a payout it had paid, sent back
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import defusedxml.ElementTree

from scripts.camt053_writer import BANK_TIME_ZONE, Detail, Entry, StatementFacts, write_statement
from wallet_service.bank.payouts import write_whole
from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.money import format_amount, parse_amount
from wallet_service.settings import Settings

DEFAULT_NAME = "CLIENT DE DEMONSTRATION"
WRONG_REFERENCE_TEXT = "VIREMENT SANS REFERENCE"
RETURN_REASON = "AC04"  # ISO 20022: closed account
#: Where a make-believe payer's money comes from: the bank's own invented account, check digits right.
PAYER_IBAN = "FR7699999000010000000099928"


class BankDayError(Exception):
    """A sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Credit:
    """A transfer somebody makes to the reserve account. `text` is used when there is no reference."""

    reference: str
    amount_cents: int
    name: str = DEFAULT_NAME
    text: str = ""


@dataclass(frozen=True)
class PaidTransfer:
    amount_cents: int
    name: str
    iban: str
    returned: bool = False


@dataclass
class Ledger:
    """All the bank remembers of the account."""

    balance_cents: int = 0
    next_number: int = 1
    next_entry: int = 1
    last_statement_unix_s: int = 0
    messages: list[str] = field(default_factory=list)
    paid: dict[str, PaidTransfer] = field(default_factory=dict)


@dataclass(frozen=True)
class DayReport:
    """What one statement holds; `path` is the file dropped in the inbox."""

    path: Path
    credits_count: int
    credits_cents: int
    paid_count: int
    paid_cents: int
    returned_count: int
    balance_cents: int


class DemoBank:
    """Keeps `ledger.json` and `expected/` in `folder`; reads payout files from `outbox`, drops statements in
    `inbox`.
    """

    def __init__(self, folder: Path, inbox: Path, outbox: Path, iban: str) -> None:
        self._folder = folder
        self._inbox = inbox
        self._outbox = outbox
        self._iban = iban

    def make_statement(
        self,
        credits: Sequence[Credit] = (),
        returns: Sequence[str] = (),
        at_unix_s: int | None = None,
        version: str = "camt.053.001.08",
    ) -> DayReport:
        """Books these credits, every payout file waiting and these returns, and drops one statement.

        `at_unix_s` is when the bank writes it, now by default, always after the one before. Raises
        BankDayError for a return of something never paid.
        """
        with self._locked_ledger() as ledger:
            now_unix_s = at_unix_s or int(datetime.datetime.now(datetime.UTC).timestamp())
            written_unix_s = max(now_unix_s, ledger.last_statement_unix_s + 1)
            written = datetime.datetime.fromtimestamp(written_unix_s, BANK_TIME_ZONE)
            opening_cents = ledger.balance_cents
            entries = [self._credit(ledger, written, credit) for credit in credits]
            payouts, taken = self._payouts(ledger, written)
            back = [self._return(ledger, written, end_to_end_id) for end_to_end_id in returns]
            entries += payouts + back
            ledger.balance_cents += sum(entry.signed_cents for entry in entries)
            facts = StatementFacts(
                iban=self._iban,
                statement_id=f"{written:%Y%m%d}-{ledger.next_number:05d}",
                number=ledger.next_number,
                written=written,
                opening_cents=opening_cents,
                closing_cents=ledger.balance_cents,
                entries=tuple(entries),
            )
            content = write_statement(facts, version)
            ledger.next_number += 1
            ledger.last_statement_unix_s = written_unix_s
            self._save(ledger)
            path = self._inbox / f"{facts.statement_id}.camt.053.xml"
            write_whole(path, content)
            for file in taken:
                (self._outbox / "taken").mkdir(exist_ok=True)
                file.replace(self._outbox / "taken" / file.name)
        return DayReport(
            path=path,
            credits_count=len(credits),
            credits_cents=sum(credit.amount_cents for credit in credits),
            paid_count=sum(len(entry.details) for entry in payouts),
            paid_cents=sum(entry.amount_cents for entry in payouts),
            returned_count=len(back),
            balance_cents=facts.closing_cents,
        )

    def take_expected(self) -> list[Credit]:
        """The transfers people announced, each once."""
        credits = []
        for path in sorted((self._folder / "expected").glob("*.json")):
            said = json.loads(path.read_text(encoding="utf-8"))
            credits.append(
                Credit(str(said["reference"]), int(said["amount_cents"]), str(said.get("name", DEFAULT_NAME)))
            )
            path.unlink()
        return credits

    def _credit(self, ledger: Ledger, written: datetime.datetime, credit: Credit) -> Entry:
        detail = Detail(
            amount_cents=credit.amount_cents,
            name=credit.name,
            iban=PAYER_IBAN,
            structured_reference=credit.reference or None,
            text=credit.text,
        )
        return self._entry(ledger, written, "CRDT", (detail,))

    def _payouts(self, ledger: Ledger, written: datetime.datetime) -> tuple[list[Entry], list[Path]]:
        """One debit for each file, with a detail for each transfer. A message id seen before is not paid
        again.
        """
        entries, taken = [], []
        for path in sorted(self._outbox.glob("*.pain.001.xml")):
            message_id, transfers = read_payout(path.read_bytes())
            taken.append(path)
            if message_id in ledger.messages:
                continue
            ledger.messages.append(message_id)
            details = tuple(
                Detail(
                    amount_cents=paid.amount_cents,
                    name=paid.name,
                    iban=paid.iban,
                    end_to_end_id=end_to_end_id,
                )
                for end_to_end_id, paid in transfers.items()
            )
            ledger.paid.update(transfers)
            entries.append(
                replace(self._entry(ledger, written, "DBIT", details), batch_message_id=message_id)
            )
        return entries, taken

    def _return(self, ledger: Ledger, written: datetime.datetime, end_to_end_id: str) -> Entry:
        paid = ledger.paid.get(end_to_end_id)
        if paid is None or paid.returned:
            raise BankDayError(f"no transfer {end_to_end_id} was paid, or it was sent back already")
        ledger.paid[end_to_end_id] = replace(paid, returned=True)
        detail = Detail(
            amount_cents=paid.amount_cents,
            name=paid.name,
            iban=paid.iban,
            end_to_end_id=end_to_end_id,
            return_reason=RETURN_REASON,
        )
        return self._entry(ledger, written, "CRDT", (detail,))

    def _entry(
        self, ledger: Ledger, written: datetime.datetime, direction: str, details: tuple[Detail, ...]
    ) -> Entry:
        reference = f"BQ{ledger.next_entry:010d}"
        ledger.next_entry += 1
        return Entry(reference, direction, written.date(), details)

    @contextmanager
    def _locked_ledger(self) -> Iterator[Ledger]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._load()

    def _load(self) -> Ledger:
        try:
            said = json.loads((self._folder / "ledger.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Ledger()
        said["paid"] = {key: PaidTransfer(**value) for key, value in said["paid"].items()}
        return Ledger(**said)

    def _save(self, ledger: Ledger) -> None:
        write_whole(self._folder / "ledger.json", json.dumps(asdict(ledger), indent=1).encode())


def read_payout(content: bytes) -> tuple[str, dict[str, PaidTransfer]]:
    """Message id, and the transfers by end-to-end id, of a pain.001 file of any version."""
    root = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    transfers = {}
    for node in root.iterfind(".//{*}CdtTrfTxInf"):
        amount = node.findtext("{*}Amt/{*}InstdAmt") or ""
        transfers[node.findtext("{*}PmtId/{*}EndToEndId") or ""] = PaidTransfer(
            amount_cents=parse_amount(amount),
            name=node.findtext("{*}Cdtr/{*}Nm") or "",
            iban=node.findtext("{*}CdtrAcct/{*}Id/{*}IBAN") or "",
        )
    return root.findtext(".//{*}GrpHdr/{*}MsgId") or "", transfers


class _NameOfLastCredit(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if not namespace.credit:
            parser.error("--name follows the --credit it belongs to")
        namespace.credit[-1] = [*namespace.credit[-1][:2], str(values)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bank_day", description="Makes the reserve account's next statement."
    )
    parser.add_argument("--credit", nargs=2, action="append", default=[], metavar=("REFERENCE", "AMOUNT"))
    parser.add_argument("--name", action=_NameOfLastCredit, help="who sends the credit before it")
    parser.add_argument("--wrong-reference", action="append", default=[], metavar="AMOUNT")
    parser.add_argument("--return", dest="returns", action="append", default=[], metavar="END_TO_END_ID")
    given = parser.parse_args(arguments)
    settings = Settings()
    bank = DemoBank(
        settings.bank_inbox.parent, settings.bank_inbox, settings.bank_outbox, settings.reserve_iban
    )
    try:
        credits = [
            Credit(reference, parse_amount(amount), *name) for reference, amount, *name in given.credit
        ]
        credits += [
            Credit("", parse_amount(amount), text=WRONG_REFERENCE_TEXT) for amount in given.wrong_reference
        ]
        credits += bank.take_expected()
        report = bank.make_statement(credits, given.returns)
    except (BankDayError, ProtocolError) as error:
        sentence = error.sentence("en") if isinstance(error, ProtocolError) else str(error)
        print(f"bank_day: {sentence}", file=sys.stderr)
        return 2
    print(f"in:  {report.credits_count} transfers, {format_amount(report.credits_cents)} €")
    print(
        f"out: {report.paid_count} transfers paid, {format_amount(report.paid_cents)} €, "
        f"{report.returned_count} sent back"
    )
    print(f"balance {format_amount(report.balance_cents)} €: {report.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
