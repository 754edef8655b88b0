"""Writes docs/errors.md: every refusal a person or a program can meet, from the classes that make them.

`python -m scripts.docs.errors` writes the page, `--check` fails when it is out of date. Owns the page's order
and its words between the tables; the refusals' own words belong to their subjects.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

import merchant_pos
import wallet_service
from scripts import verify_payment, verify_reserve
from scripts.demo.__main__ import CANNOT_START as DEMO
from scripts.demo_bank import BankDayError
from scripts.docs.written import DOCS, ROOT, bring, table
from wallet_service.chain.ledger.skip_reasons import CODES_BY_SELECTOR
from wallet_service.command_line import CANNOT_START as SERVICE
from wallet_service.faces.console.view import HELD_REASONS
from wallet_service.faces.shell.i18n import catalogue
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.refusal import Refusal

T = TypeVar("T", bound=Exception)

PAGE = DOCS / "errors.md"
COMMAND = ".venv/bin/python -m scripts.docs.errors"
LEDGER_ERRORS = ROOT / "contracts" / "interfaces" / "ILedgerErrors.sol"
#: Programs and scripts of migrations: importing them does something, and they define no refusal.
NOT_IMPORTED = re.compile(r"(\.__main__|\.migrations(\..*)?)$")

#: Folder -> heading, in the page's order. A folder that is missing here is an error of this script.
SUBJECTS = {
    "wallet_service.protocol": "What is typed, scanned or signed",
    "wallet_service.payments": "Payments",
    "wallet_service.sales": "Sales and refunds",
    "wallet_service.asks": "Asks and sends between people",
    "wallet_service.assisted": "Accounts opened at a desk",
    "wallet_service.contacts": "Contacts",
    "wallet_service.keyholders": "People who pay with somebody else's account",
    "wallet_service.caps": "A member's own caps",
    "wallet_service.topups": "Loading euros",
    "wallet_service.redemptions": "Redeeming for euros",
    "wallet_service.members": "Members and devices",
    "wallet_service.recoveries": "Lost phones",
    "wallet_service.tills": "Tills",
    "wallet_service.security": "Passkeys, sessions and officers' entry",
    "wallet_service.identity": "Identity",
    "wallet_service.directory": "The directory",
    "wallet_service.help": "Help and the texts people accept",
    "wallet_service.bank": "Bank files",
    "wallet_service.treasury": "Statements booked and payout files",
    "wallet_service.reversals": "Credits the bank took back",
    "wallet_service.disputes": "Contested payments",
    "wallet_service.rights": "My data and the end of an account",
    "wallet_service.history": "Statements and receipts",
    "wallet_service.oversight": "Officers' acts",
    "wallet_service.reports": "Figures",
    "wallet_service.moves": "Moving a wallet",
    "wallet_service.notices": "Being told while away",
    "wallet_service.accounts": "Accounts",
    "wallet_service.chain": "The chain",
    "wallet_service.platform": "What everything stands on",
    "wallet_service.faces": "Requests",
    "merchant_pos": "The point of sale",
}

HEAD = f"""# Refusals

Written by `{COMMAND}` from the code; do not edit. A test fails when it is out of date.

Over HTTP a refusal is an RFC 9457 problem (`application/problem+json`) with `type`, `title`, `status`,
`code`, `detail` (the sentence, in French or English after the cookie `alba_language`, else
`Accept-Language`), `values` (the numbers of the sentence) and `correlation_id`. Codes are part of the API:
they are never renamed. `{{name}}` stands for a value; names in `_cents` are shown as amounts. Pages that
get no answer at all say so themselves (`network.unreachable`) and never guess what became of a payment.
"""

LEDGER_HEAD = """## The ledger

Custom errors of `contracts/interfaces/ILedgerErrors.sol`. A payment the ledger leaves out of a batch
becomes the refusal named in the second column (see *Sales, payments and refunds*). An officer's or the
service's own command is simulated before it is sent; what the ledger would refuse is not sent and shown to
officers: in words where the third column has some, by its name elsewhere.
"""

COMMANDS_HEAD = """## Commands

Commands end with 0 when it is done, 1 when a right call could not be done and 2 for a wrong call or
setting, with one sentence on standard error that says what to do. They have no codes. `verify_reserve.py`
alone differs: 0 covered, 1 not covered, 2 could not be found out.
"""


@dataclass(frozen=True)
class ListedRefusal:
    subject: str
    code: str
    status: int
    french: str
    english: str


@dataclass(frozen=True)
class LedgerError:
    name: str
    parameters: str
    group: str

    def signature(self) -> str:
        types = [one.split()[0] for one in self.parameters.split(",") if one.strip()]
        return f"{self.name}({','.join(types)})"


def refusals() -> list[ListedRefusal]:
    """Every class with a code, by code; two classes with one code are both there."""
    for package in (wallet_service, merchant_pos):
        _import_all(package)
    found = [
        ListedRefusal(_subject(one), one.code, one.status, one.french, one.english)
        for one in _descendants(Refusal)
        if getattr(one, "code", "")
    ]
    return sorted(found, key=lambda one: (one.code, one.subject))


def ledger_errors() -> list[LedgerError]:
    """In the interface's order, with the comment each group stands under."""
    found, group = [], ""
    for line in LEDGER_ERRORS.read_text(encoding="utf-8").splitlines():
        if comment := re.fullmatch(r"\s*// (.+)\.", line):
            group = comment[1]
        elif error := re.fullmatch(r"\s*error (\w+)\((.*)\);", line):
            found.append(LedgerError(error[1], error[2], group))
    return found


def page() -> str:
    by_subject: dict[str, list[ListedRefusal]] = defaultdict(list)
    for one in refusals():
        by_subject[one.subject].append(one)
    parts = [HEAD]
    for subject, heading in SUBJECTS.items():
        rows = [
            (f"`{one.code}`", str(one.status), one.french, one.english) for one in by_subject.pop(subject, [])
        ]
        parts.append(f"## {heading}\n\n{table(('code', 'HTTP', 'français', 'English'), rows)}\n")
    if by_subject:
        raise SystemExit(f"{sorted(by_subject)} have refusals and no heading in SUBJECTS")
    return "\n".join([*parts, _ledger_part(), _commands_part()])


def _import_all(package: ModuleType) -> None:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not NOT_IMPORTED.search(found.name):
            importlib.import_module(found.name)


def _descendants(root: type[T]) -> Iterator[type[T]]:
    for one in root.__subclasses__():
        yield one
        yield from _descendants(one)


def _subject(refusal: type) -> str:
    parts = refusal.__module__.split(".")
    return ".".join(parts[:2]) if parts[0] == "wallet_service" else parts[0]


def _ledger_part() -> str:
    english = catalogue("en")
    parts, group = [LEDGER_HEAD], ""
    rows: list[tuple[str, str, str]] = []
    errors = ledger_errors()
    for number, one in enumerate(errors):
        group = one.group
        selector = "0x" + keccak256(one.signature().encode()).hex()[:8]
        held = HELD_REASONS.get(f"ledger.{one.name}", "")
        code = CODES_BY_SELECTOR.get(selector, "")
        rows.append(
            (
                f"`{one.name}({one.parameters})`",
                f"`{code}`" if code else "",
                f"{held} / {english.gettext(held)}" if held else "",
            )
        )
        if number + 1 == len(errors) or errors[number + 1].group != group:
            heads = ("error", "refusal of a payment", "officers read")
            parts.append(f"### {group}\n\n{table(heads, rows)}\n")
            rows = []
    return "\n".join(parts)


def _commands_part() -> str:
    programs: tuple[tuple[str, tuple[type[Exception], ...]], ...] = (
        ("`python -m wallet_service`", tuple(one for one in SERVICE if not issubclass(one, Refusal))),
        ("`make demo`", DEMO),
        ("`make bank-day`", (BankDayError,)),
        ("`scripts/verify_reserve.py`", (verify_reserve.CannotAsk,)),
        ("`scripts/verify_payment.py`", (verify_payment.CannotAsk,)),
    )
    rows = [
        (program, one.__name__, " ".join((one.__doc__ or "").split("\n\n")[0].split()))
        for program, classes in programs
        for one in classes
    ]
    return COMMANDS_HEAD + "\n" + table(("command", "refusal", "when"), rows) + "\n"


if __name__ == "__main__":
    sys.exit(bring(PAGE, page(), sys.argv[1:], COMMAND))
