"""A make-believe bank for the demonstration, at the keyboard.

`python -m scripts.bank_day` (`make bank-day`) makes the reserve account's next statement, with what people
announced in their wallets and every payout waiting. Beside them, as asked (`WITH="..."`):

    --credit RF12ABCDEFGHJK 25.00 --name "Camille R."      somebody's transfer
    --wrong-reference 40                                   one that says nobody's reference
    --standing-order RF12ABCDEFGHJK 25.00 5                a transfer of each month's 5th, from now on
    --booked batch                                         the day's transfers as one entry with its parts
    --booked sum                                           ... as one sum that tells a single one of them
    --return [ALBA...]                                     a payout it had paid, sent back; else the last
    --reversal [RF12ABCDEFGHJK]                            a credit taken back; else the last
    --format cfonb120                                      not camt.053 but CFONB 120, or mt940; they name
                                                           only their day, and are read when it has ended

Instead of a statement:

    --instant RF12ABCDEFGHJK 25.00                         told at once (camt.054); the next statement has it
    --again                                                the last statement once more
    --names close                                          what it knows of the names it was asked to check:
                                                           the first is much like, other, or all are right
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.demo_bank import BOOKINGS, FORMS, BankDay, BankDayError, DemoBank
from scripts.demo_book import Credit
from scripts.pain002_writer import NameMatch
from wallet_service.platform.settings import Settings
from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.text.money import parse_amount
from wallet_service.topups.rhythm import LONGEST_MONTH

WRONG_REFERENCE_TEXT = "VIREMENT SANS REFERENCE"
LAST = ""
NAME_MATCHES: dict[str, NameMatch] = {"right": "MTCH", "close": "CMTC", "other": "NMTC"}
TRANSFER = ("REFERENCE", "AMOUNT")


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
    given = _parser().parse_args(arguments)
    settings = Settings()
    bank = DemoBank(
        settings.bank_inbox.parent, settings.bank_inbox, settings.bank_outbox, settings.reserve_iban
    )
    try:
        for sentence in _done(bank, given, settings.bank_checks):
            print(sentence)
    except (BankDayError, ProtocolError) as error:
        sentence = error.sentence("en") if isinstance(error, ProtocolError) else str(error)
        print(f"bank_day: {sentence}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bank_day", description="Makes the reserve account's next statement."
    )
    parser.add_argument("--credit", nargs=2, action="append", default=[], metavar=TRANSFER)
    parser.add_argument("--name", action=_NameOfLastCredit, help="who sends the credit before it")
    parser.add_argument("--wrong-reference", action="append", default=[], metavar="AMOUNT")
    parser.add_argument(
        "--standing-order", nargs=3, action="append", default=[], metavar=(*TRANSFER, "DAY_OF_MONTH")
    )
    parser.add_argument("--booked", choices=BOOKINGS, default=BOOKINGS[0], help="how the day's transfers are")
    parser.add_argument(
        "--return",
        dest="returns",
        nargs="?",
        const=LAST,
        action="append",
        default=[],
        metavar="END_TO_END_ID",
    )
    parser.add_argument("--reversal", nargs="?", const=LAST, action="append", default=[], metavar="REFERENCE")
    parser.add_argument("--format", choices=FORMS, default=FORMS[0], help="the statement's format")
    parser.add_argument("--instant", nargs=2, action="append", default=[], metavar=TRANSFER)
    parser.add_argument("--names", choices=list(NAME_MATCHES), help="answers every check of payees' names")
    parser.add_argument("--again", action="store_true", help="the last statement once more, and nothing else")
    return parser


def _done(bank: DemoBank, given: argparse.Namespace, checks: Path) -> list[str]:
    """What was done, in sentences. Raises BankDayError, ProtocolError."""
    if given.again:
        return [f"sent again: {bank.send_again()}"]
    if given.names:
        bank_checks = bank.answer_checks(checks, NAME_MATCHES[given.names])
        return [f"names checked: {path}" for path in bank_checks] or ["no check of names was asked for"]
    if given.instant:
        told = [Credit(reference, parse_amount(amount)) for reference, amount in given.instant]
        return [f"told: {format_amount(credit.amount_cents)} €: {bank.tell(credit)}" for credit in told]
    credits = [Credit(reference, parse_amount(amount), *name) for reference, amount, *name in given.credit]
    credits += [
        Credit("", parse_amount(amount), text=WRONG_REFERENCE_TEXT) for amount in given.wrong_reference
    ]
    day = BankDay(
        returns=[each or bank.last_paid() for each in given.returns],
        reversals=[each or bank.last_reference() for each in given.reversal],
        booking=given.booked,
        form=given.format,
    )
    for reference, amount, day_of_month in given.standing_order:
        bank.stand(Credit(reference, parse_amount(amount)), _day_of_month(day_of_month))
    report = bank.make_statement(credits + bank.take_expected(), day=day)
    return [
        f"in:  {report.credits_count} transfers, {format_amount(report.credits_cents)} €",
        f"out: {report.paid_count} transfers paid, {format_amount(report.paid_cents)} €, "
        f"{report.returned_count} sent back, {report.taken_back_count} taken back",
        f"balance {format_amount(report.balance_cents)} €: {report.path}",
    ]


def _day_of_month(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST_MONTH:
        raise BankDayError(f"{text} is no day of a month")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
