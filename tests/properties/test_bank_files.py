"""However a bank's files come, what is minted is what truly came and names its member, each transfer once.

A machine plays the bank: it keeps the true movements of the account and writes files about them, split,
merged, sent again, under new ids and new references, without any, out of order, told one by one, as sums
without their transfers, with some of them or without their amounts, undone. Some movements nothing tells
apart. The service never sees the truth, only files.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import insert, select

from tests.support.bank_reports import entry, file_of, notification, report, transfer
from tests.support.bank_side import BankSide
from tests.support.databases import quick_sqlite_engine
from wallet_service.bank.reported import AccountReport, Entry, TransferDetail
from wallet_service.database.tables.bank import bank_entries, bank_statements, topup_references, topups
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.topups.decisions import LONGEST_RETRY_S

REFERENCES = ("RF66A1B2C3D4E5", "RF25F6G7H8J9K0")
#: Few amounts, so that many movements are alike. The members' limits are never reached.
AMOUNTS_CENTS = (1_00, 2_00)
MAX_TRANSFERS = 12
MAX_DAYS = 5
OPENING_CENTS = 500_00
#: Why a movement waits that may have been read before.
DOUBTS = ("lookalike", "repeated", "corrected")
#: What a bank shows of a sum's transfers: nothing, one of them, all without their amounts, all.
Shown = Literal["nothing", "one", "unpriced", "all"]
#: Whether the bank names movements; `twins`, tried first in every run: not, and it begins with two alike.
Habit = Literal["twins", "nameless", "names"]
#: Whether a payer names the transfer; two that nothing tells apart.
Likeness = Literal["named", "unnamed", "twins"]
SHOWN = st.sampled_from(("nothing", "one", "unpriced", "all", "all"))


@dataclass
class Moved:
    """A true movement. `payer`: the member whose reference came with it, or nobody.

    `batch`: transfers of one number were booked by the bank as one sum. `is_named`: its payer gave it a name
    that no other has.
    """

    number: int
    day: int
    cents: int
    payer: int | None
    direction: str = "CRDT"
    batch: int | None = None
    is_named: bool = True
    is_reversal: bool = False
    is_told: bool = False

    @property
    def on(self) -> str:
        return f"2026-05-{10 + self.day:02d}"


@dataclass
class Truth:
    """The account as it is, and what the bank has written about it so far."""

    moved: list[Moved] = field(default_factory=list)
    closings: dict[int, int] = field(default_factory=dict)  # by day, the balance in cents
    files_written: int = 0

    def of_days(self, first: int, last: int) -> list[Moved]:
        return [each for each in self.moved if first <= each.day <= last]


class BankMachine(RuleBasedStateMachine):
    """`today` is being lived; days before it are closed and can be written about."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.side = BankSide(quick_sqlite_engine(Path(self.folder.name)), Path(self.folder.name))
        self.members = [self.side.member() for _ in REFERENCES]
        with UnitOfWork(self.side.engine) as work:
            rows = [
                {"member_id": member_id, "reference": reference, "created_at_unix_ms": 1}
                for member_id, reference in zip(self.members, REFERENCES, strict=True)
            ]
            work.connection.execute(insert(topup_references), rows)
        self.truth = Truth()
        self.today = 0
        self.written: list[AccountReport] = []
        self.delivered: list[AccountReport] = []
        self.has_references = True  # whether the bank gives movements names of its own

    def teardown(self) -> None:
        self.side.engine.dispose()
        self.folder.cleanup()

    # the account

    @initialize(habit=st.sampled_from(("twins", "nameless", "names", "names")))
    def the_account_has_a_balance(self, habit: Habit) -> None:
        self.has_references = habit == "names"
        opened = report(opening_cents=OPENING_CENTS, name="S0", on="2026-05-09")
        self._receive(opened)
        if habit == "twins":
            self._pay_in(AMOUNTS_CENTS[0], 0, None, "twins")
            self._close_day("all", is_sent_at_once=True)

    @precondition(lambda self: len(self.truth.moved) < MAX_TRANSFERS)
    @rule(
        cents=st.sampled_from(AMOUNTS_CENTS),
        payer=st.sampled_from([0, 0, 1, None]),
        batch=st.sampled_from([None, None, 1]),
        likeness=st.sampled_from(("named", "named", "unnamed", "twins")),
        is_instant=st.booleans(),
    )
    def somebody_pays_in(
        self, cents: int, payer: int | None, batch: int | None, likeness: Likeness, is_instant: bool
    ) -> None:
        """`twins`: two that nothing tells apart, where the bank gives no references."""
        moved = self._pay_in(cents, payer, batch, likeness)
        if is_instant:
            self._tell(moved)

    def _pay_in(self, cents: int, payer: int | None, batch: int | None, likeness: Likeness) -> Moved:
        """The last of the new movements."""
        placed = None if batch is None else 10 * self.today + batch
        for _ in range(2 if likeness == "twins" else 1):
            number, is_named = len(self.truth.moved), likeness == "named"
            moved = Moved(number, self.today, cents, payer, batch=placed, is_named=is_named)
            self.truth.moved.append(moved)
        return moved

    def _undoable(self) -> list[Moved]:
        return [each for each in self.truth.moved if not each.is_reversal]

    @precondition(lambda self: len(self.truth.moved) < MAX_TRANSFERS and self._undoable())
    @rule(data=st.data())
    def the_bank_undoes_a_credit(self, data: st.DataObject) -> None:
        undone = data.draw(st.sampled_from(self._undoable()))
        new = replace(undone, number=len(self.truth.moved), day=self.today, batch=None, is_told=False)
        self.truth.moved.append(replace(new, direction="DBIT", is_reversal=True))

    @precondition(lambda self: len(self.truth.moved) < MAX_TRANSFERS)
    @rule(cents=st.sampled_from(AMOUNTS_CENTS), payer=st.sampled_from([0, 1]))
    def the_bank_undoes_what_was_sent_to_a_member(self, cents: int, payer: int) -> None:
        """A credit that bears a member's reference and is none of theirs."""
        self.truth.moved.append(Moved(len(self.truth.moved), self.today, cents, payer, is_reversal=True))

    # what the bank writes

    def _entries(self, moved: list[Moved], issue: str, shown: Shown) -> list[Entry]:
        """`issue`: part of every reference of the bank, so that another issue gives other ones; "": none."""
        entries, batches = [], dict.fromkeys(each.batch for each in moved if each.batch is not None)
        for batch in batches:
            parts = [each for each in moved if each.batch == batch]
            transfers = self._shown(parts, shown)
            total_cents = sum(each.cents for each in parts)
            made = entry(
                total_cents,
                *transfers,
                bank=f"{issue}B{batch}" if issue else None,
                on=parts[0].on,
                declared_transfers=len(parts),
            )
            entries.append(made)
        for each in moved:
            if each.batch is None:
                entries.append(
                    entry(
                        each.cents, self._transfer(each), bank=f"{issue}{each.number}" if issue else None,
                        on=each.on, direction=each.direction, is_reversal=each.is_reversal,
                    )
                )  # fmt: skip
        return entries

    def _transfer(self, each: Moved) -> TransferDetail:
        reference = "" if each.payer is None else REFERENCES[each.payer]
        names = {"end_to_end": f"E{each.number}"} if each.is_named else {}
        return transfer(each.cents, reference, **names)

    def _shown(self, parts: list[Moved], shown: Shown) -> list[TransferDetail]:
        transfers = [self._transfer(each) for each in parts]
        if shown == "unpriced":
            return [replace(each, amount_cents=None) for each in transfers]
        return transfers[: {"nothing": 0, "one": 1, "all": len(transfers)}[shown]]

    def _issue(self, again: str = "") -> str:
        return again or ("Q" if self.has_references else "")

    def _statement(self, first: int, last: int, issue: str, shown: Shown, name: str) -> AccountReport:
        opening_cents = self.truth.closings[first - 1] if first else OPENING_CENTS
        entries = self._entries(self.truth.of_days(first, last), issue, shown)
        on = f"2026-05-{10 + last:02d}"
        return replace(
            report(*entries, opening_cents=opening_cents, name=name, on=on),
            from_on=f"2026-05-{10 + first:02d}",
            to_on=on,
        )

    def _write(self, written: AccountReport, is_sent_at_once: bool) -> None:
        if is_sent_at_once:
            self._receive(written)
        else:
            self.written.append(written)

    @precondition(lambda self: self.today < MAX_DAYS)
    @rule(shown=SHOWN, is_sent_at_once=st.booleans(), is_sent_twice=st.booleans())
    def the_day_is_closed(self, shown: Shown, is_sent_at_once: bool, is_sent_twice: bool) -> None:
        written = self._close_day(shown, is_sent_at_once)
        if is_sent_twice and written in self._moving_statements():
            self._send_under_other_names(written, is_dismissed=False)

    def _close_day(self, shown: Shown, is_sent_at_once: bool) -> AccountReport:
        opening_cents = self.truth.closings.get(self.today - 1, OPENING_CENTS)
        moved_cents = sum(
            each.cents if each.direction == "CRDT" else -each.cents
            for each in self.truth.of_days(self.today, self.today)
        )
        self.truth.closings[self.today] = opening_cents + moved_cents
        written = self._statement(self.today, self.today, self._issue(), shown, f"S{self.today + 1}")
        self._write(written, is_sent_at_once)
        self.today += 1
        return written

    @precondition(lambda self: any(not m.is_told and m.day == self.today for m in self.truth.moved))
    @rule(data=st.data())
    def a_credit_of_today_is_told_at_once(self, data: st.DataObject) -> None:
        untold = [m for m in self.truth.moved if m.day == self.today and not m.is_told and not m.is_reversal]
        if not untold:
            return
        self._tell(data.draw(st.sampled_from(untold)))

    def _tell(self, told: Moved) -> None:
        told.is_told = True
        self.truth.files_written += 1
        alone = entry(told.cents, self._transfer(told), bank=f"N{told.number}", on=told.on)
        self._receive(notification(alone, name=f"N{self.truth.files_written}", on=told.on, at="08:00:00"))

    @precondition(lambda self: self.today > 0)
    @rule(data=st.data(), shown=SHOWN, is_renamed=st.booleans(), is_sent_at_once=st.booleans())
    def a_stretch_is_written_again(
        self, data: st.DataObject, shown: Shown, is_renamed: bool, is_sent_at_once: bool
    ) -> None:
        """Under a new id, of one day or of several, perhaps with new references."""
        first = data.draw(st.integers(0, self.today - 1))
        last = data.draw(st.integers(first, self.today - 1))
        self.truth.files_written += 1
        issue = self._issue(f"R{self.truth.files_written}-" if is_renamed else "")
        written = self._statement(first, last, issue, shown, f"AGAIN{self.truth.files_written}")
        self._write(written, is_sent_at_once)

    @precondition(lambda self: self._moving_statements())
    @rule(data=st.data(), is_dismissed=st.booleans())
    def a_statement_is_sent_again_under_other_names(self, data: st.DataObject, is_dismissed: bool) -> None:
        self._send_under_other_names(data.draw(st.sampled_from(self._moving_statements())), is_dismissed)

    def _send_under_other_names(self, sent: AccountReport, is_dismissed: bool) -> None:
        """Another id, another reference of the bank for everything: an officer looks at it as a whole."""
        self.truth.files_written += 1
        name = f"BIS{self.truth.files_written}"
        entries = [
            replace(each, references=replace(each.references, servicer=f"{name}-{number}"))
            for number, each in enumerate(sent.entries)
        ]
        self._receive(replace(sent, report_id=name, message_id=f"M-{name}", entries=tuple(entries)))
        with self.side.engine.connect() as connection:
            of_name = select(bank_statements).where(bank_statements.c.statement_id == name)
            known = connection.execute(of_name).one()
            brought = connection.execute(
                select(bank_entries.c.reason).where(bank_entries.c.bank_statement_id == known.id)
            )
            assert set(brought.scalars()) <= {"repeated"}
        if known.state == "held" and is_dismissed:
            self.side.bank.dismiss_statement(known.id, "officer-1", "même relevé")

    def _moving_statements(self) -> list[AccountReport]:
        """Those delivered between balances that differ."""
        return [
            each
            for each in self.delivered
            if each.opening and each.closing and each.opening.amount_cents != each.closing.amount_cents
        ]

    # what arrives

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def a_file_arrives(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.written) - 1))
        self._receive(self.written.pop(number))

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def a_file_arrives_again(self, data: st.DataObject) -> None:
        self._receive(data.draw(st.sampled_from(self.delivered)))

    @rule()
    def the_ledger_runs(self) -> None:
        self.side.ledger.run()

    def _receive(self, given: AccountReport) -> None:
        self.side.bank.receive(file_of(given), "00" * 32, f"{given.report_id}.xml")
        self.delivered.append(given)

    # what must hold

    def _recorded(self) -> list[Any]:
        with self.side.engine.connect() as connection:
            return list(connection.execute(select(bank_entries)))

    def _given(self) -> dict[str, Counter[int]]:
        given: dict[str, Counter[int]] = {member: Counter() for member in self.members}
        with self.side.engine.connect() as connection:
            for row in connection.execute(select(topups.c.member_id, topups.c.amount_cents)):
                given[row.member_id][row.amount_cents] += 1
        return given

    def _named(self, moved: list[Moved]) -> dict[str, Counter[int]]:
        named: dict[str, Counter[int]] = {member: Counter() for member in self.members}
        for each in moved:
            if each.payer is not None and not each.is_reversal:
                named[self.members[each.payer]][each.cents] += 1
        return named

    @invariant()
    def nothing_is_given_twice_nor_without_a_transfer(self) -> None:
        given, named = self._given(), self._named(self.truth.moved)
        for member in self.members:
            assert given[member] <= named[member]
        assert self.side.ledger.supply_cents() <= self.side.ledger.attested.amount_cents

    @invariant()
    def every_movement_of_every_file_can_be_found(self) -> None:
        found: Counter[tuple[str, str]] = Counter()
        for row in self._recorded():
            if row.state != "refined":
                found[row.booked_on, row.direction] += row.amount_cents
        for each in self.delivered:
            said: Counter[tuple[str, str]] = Counter()
            for one in each.entries:
                said[one.booked_on, one.direction] += one.amount_cents
            assert said <= found

    @invariant()
    def what_statements_show_is_there_once_but_for_what_is_said_to_look_like_another(self) -> None:
        """So that no officer gives it twice in good faith."""
        shown: Counter[tuple[str, str]] = Counter()
        for row in self._recorded():
            is_shown = row.confirmed_statement_id is not None
            if is_shown and row.state != "refined" and row.reason not in DOUBTS:
                shown[row.booked_on, row.direction] += row.amount_cents
        came: Counter[tuple[str, str]] = Counter()
        for each in self.truth.moved:
            came[each.on, each.direction] += each.cents
        assert shown <= came

    @precondition(lambda self: self.today > 0)
    @rule()
    def once_all_is_read_each_member_has_what_was_sent_or_an_officer_is_asked(self) -> None:
        """Every file has come and every day has been shown in detail.

        What the bank sent under several names beside sums without transfers may wait: nothing is guessed.
        """
        while self.written:
            self._receive(self.written.pop(0))
        last = self.today - 1
        self.truth.files_written += 1
        self._receive(self._statement(0, last, self._issue(), "all", f"ALL{self.truth.files_written}"))
        self.side.ledger.run()
        self.side.clock.advance_ms(LONGEST_RETRY_S * 1000)
        self.side.topups.retry_due()
        self.side.ledger.run()
        closed = self._named(self.truth.of_days(0, last))
        waiting = Counter(
            row.amount_cents
            for row in self._recorded()
            if (row.direction, row.state) == ("CRDT", "unmatched")
        )
        for member, given in self._given().items():
            assert closed[member] - given <= waiting


BankMachine.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    # Explaining a failure traces every line of every library: minutes, for a list of files.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestBankFiles = BankMachine.TestCase
