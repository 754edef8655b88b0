"""Has a member's papers made: who issues them, what the file is called, and the process that lays them out.

The layout (`history.papers`) takes long and holds its thread, so it never runs in the service: one paper at a
time, in a sandbox, and one per member. Owns how an order travels there and back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Literal

from wallet_service.history.decisions import AccountStatement, LineKind, Month, StatementLine
from wallet_service.history.errors import StatementTooLong
from wallet_service.platform.sandbox.child import Bounds
from wallet_service.platform.sandbox.pool import Sandbox, Task

MEGABYTE_BYTES = 1024 * 1024
#: Measured: a line takes 0.4 ms of a core, so the longest statement (50 000 lines) about 20 s.
BOUNDS = Bounds(
    memory_bytes=512 * MEGABYTE_BYTES,
    cpu_s=30,
    wall_s=45,
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
    """Who writes: the currency's name, its unit for many, the issuer, and whether all of it is play."""

    name: str
    unit: str
    issuer: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """All that the layout needs to know."""

    statement: AccountStatement
    issuing: Issuing
    language: str

    def to_bytes(self) -> bytes:
        """For the sandbox alone: both ends are of the same version."""
        of = self.statement
        lines = [
            (
                line.at_unix_s,
                line.kind.value,
                line.amount_cents,
                line.balance_cents,
                line.counterparty,
                line.ref,
                line.block_number,
            )
            for line in of.lines
        ]
        head = (astuple(of.month), of.holder, of.account, of.opening_cents, of.as_of_unix_s)
        return json.dumps((head, lines, astuple(self.issuing), self.language)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> PaperOrder:
        head, lines, issuing, language = json.loads(content)
        month, holder, account, opening_cents, as_of_unix_s = head
        read = tuple(StatementLine(at, LineKind(kind), *others) for at, kind, *others in lines)
        statement = AccountStatement(Month(*month), holder, account, opening_cents, read, as_of_unix_s)
        return cls(statement, Issuing(*issuing), language)


def file_name(statement: AccountStatement, issuing: Issuing, ending: Ending) -> str:
    """Without anything personal: files travel."""
    unit = "".join(letter for letter in issuing.unit.lower() if letter.isascii() and letter.isalnum())
    return f"{unit or 'statement'}-{statement.month.name}.{ending}"


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
        """The paper that `order` describes, called to read the month when it is this member's turn.

        Raises WorkBusy, WorkOneAtATime, StatementTooLong and what `order` raises.
        """
        with self._sandbox.slot(member_id) as slot:
            paper_order = order()
            content = slot.run(TASKS[ending], paper_order.to_bytes())
        return Paper(file_name(paper_order.statement, paper_order.issuing, ending), content)
