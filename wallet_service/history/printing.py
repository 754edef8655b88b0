"""Has a member's papers made: who issues them, what the file is called, and the process that lays them out.

The layout (`history.papers`) takes long and holds its thread, so it never runs in the service: one paper at a
time, in a sandbox, and one per member. Owns how an order travels there and back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from typing import Any, Literal

from wallet_service.history.decisions import (
    AccountStatement,
    GivenBack,
    KindSums,
    LineKind,
    Month,
    MonthSums,
    PaymentReceipt,
    ReceiptSheet,
    StatementLine,
    YearSummary,
)
from wallet_service.history.errors import StatementTooLong
from wallet_service.platform.sandbox.child import Bounds
from wallet_service.platform.sandbox.pool import Sandbox, Task
from wallet_service.protocol.text.references import proof_code

MEGABYTE_BYTES = 1024 * 1024
#: Measured: a line takes 0.6 ms of a core, so the longest statement (50 000 lines) about 32 s and 170 MB.
BOUNDS = Bounds(
    memory_bytes=512 * MEGABYTE_BYTES,
    cpu_s=60,
    wall_s=90,
    answer_bytes=32 * MEGABYTE_BYTES,
    modules=("wallet_service.history.papers",),
    variables=("ALBA_CURRENCY_FILE",),  # whose file names the time zone
)
Ending = Literal["csv", "pdf"]
TASKS: dict[Ending, Task] = {
    ending: Task(f"wallet_service.history.papers:{ending}_of_order", (), StatementTooLong)
    for ending in ("csv", "pdf")
}


@dataclass(frozen=True, slots=True)
class Issuing:
    """Who writes: currency, its unit for many, issuer, whether all is play, and where the wallet is."""

    name: str
    unit: str
    issuer: str
    is_demo: bool
    origin: str = ""


About = AccountStatement | YearSummary | ReceiptSheet


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """All that the layout needs to know."""

    about: About
    issuing: Issuing
    language: str

    def to_bytes(self) -> bytes:
        """For the sandbox alone: both ends are of the same version."""
        kind, told = _KIND_OF[type(self.about)], _told(self.about)
        return json.dumps((kind, told, astuple(self.issuing), self.language)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> PaperOrder:
        kind, told, issuing, language = json.loads(content)
        return cls(_READERS[kind](told), Issuing(*issuing), language)


def _told(about: About) -> Any:
    if isinstance(about, AccountStatement):  # fifty thousand lines: a row each, not a mapping each
        head = (astuple(about.month), about.holder, about.account, about.opening_cents, about.as_of_unix_s)
        return head, [
            (
                line.at_unix_s,
                line.kind.value,
                line.amount_cents,
                line.balance_cents,
                line.counterparty,
                line.ref,
                line.block_number,
                line.message,
                line.label,
                line.tip_cents,
            )
            for line in about.lines
        ]
    return asdict(about)


def _statement(told: Any) -> AccountStatement:
    (month, holder, account, opening_cents, as_of_unix_s), lines = told
    read = tuple(StatementLine(at, LineKind(kind), *others) for at, kind, *others in lines)
    return AccountStatement(Month(*month), holder, account, opening_cents, read, as_of_unix_s)


def _year(told: dict[str, Any]) -> YearSummary:
    months = tuple(MonthSums(**month) for month in told.pop("months"))
    kinds = tuple(KindSums(**{**each, "kind": LineKind(each["kind"])}) for each in told.pop("kinds"))
    return YearSummary(months=months, kinds=kinds, **told)


def _receipt(told: dict[str, Any]) -> ReceiptSheet:
    refund_of = told.pop("refund_of")
    return ReceiptSheet(
        kind=LineKind(told.pop("kind")),
        refunds=tuple(GivenBack(**each) for each in told.pop("refunds")),
        refund_of=GivenBack(**refund_of) if refund_of else None,
        proof=PaymentReceipt(**told.pop("proof")),
        **told,
    )


_KIND_OF = {AccountStatement: "month", YearSummary: "year", ReceiptSheet: "receipt"}
_READERS: dict[str, Callable[[Any], About]] = {"month": _statement, "year": _year, "receipt": _receipt}


def file_name(about: About, issuing: Issuing, ending: Ending) -> str:
    """Without anything personal: files travel."""
    unit = "".join(letter for letter in issuing.unit.lower() if letter.isascii() and letter.isalnum())
    if isinstance(about, ReceiptSheet):
        what = proof_code(about.proof.ref)
    else:
        what = about.month.name if isinstance(about, AccountStatement) else about.name
    return f"{unit or 'statement'}-{what}.{ending}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as a person keeps it."""

    name: str
    content: bytes


class PaperMaker:
    """Makes one paper at a time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def make(self, member_id: str, ending: Ending, order: Callable[[], PaperOrder]) -> Paper:
        """The paper that `order` describes, called to read what it says when it is this member's turn.

        Raises WorkBusy, WorkOneAtATime, StatementTooLong and what `order` raises.
        """
        with self._sandbox.slot(member_id) as slot:
            paper_order = order()
            content = slot.run(TASKS[ending], paper_order.to_bytes())
        return Paper(file_name(paper_order.about, paper_order.issuing, ending), content)
