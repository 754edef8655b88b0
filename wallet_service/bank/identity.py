"""Which movement a line is: one read before, a new one, or perhaps one read before under another name. Pure.

A movement is known by its account, booking day, direction and amount, by the best reference there is, and by
its place among equals. References are compared, never trusted alone: banks use one again on another day or
for two transfers of one day, give a movement another one when they send it again, and put fillers where they
have none. Two reports that meet at a day are therefore laid side by side, and each recorded movement stands
for one line at most. What cannot be told apart waits for an officer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from wallet_service.bank.reported import Direction
from wallet_service.bank.statement import NAME_LENGTH, OPEN_SUMS, EntryLine, name_of

Day = tuple[str, Direction, int]
_Names = tuple[str | None, str | None, str | None, str | None]


class Likeness(IntEnum):
    """How sure it is that two movements of one direction and amount are one. Higher is surer."""

    OTHER = 0
    ALIKE = 1
    SAME_CONTENT = 2
    SAME_PAYER_NAME = 3
    SAME_SERVICER = 4
    SAME_TRANSFER = 5


@dataclass(frozen=True)
class Recorded:
    """A movement as kept.

    Attributes:
        is_told_only: a notification told it and no statement has shown it yet.
        is_undecided: nobody has said yet what it is.
        is_reversal: the bank called it the undoing of another.
    """

    id: str
    direction: Direction
    amount_cents: int
    entry_cents: int
    booked_on: str
    servicer: str | None
    transaction: str | None
    end_to_end: str | None
    mark: str | None
    is_told_only: bool
    is_undecided: bool
    reason: str | None
    is_reversal: bool = False


@dataclass(frozen=True)
class Marked:
    """A line with the keyed hash of what it says (texts, counterparty's account); "" for nothing.

    `tag` is its owner's and goes with it.
    """

    line: EntryLine
    mark: str
    tag: str = ""


@dataclass(frozen=True)
class Meeting:
    """How a report stands to what was read before.

    Attributes:
        is_statement: it shows all movements between two moments; else it tells of some of them.
        is_next: its balances prove that it begins where an earlier statement ends.
    """

    is_statement: bool
    is_next: bool


@dataclass(frozen=True)
class Settled:
    """What one report's lines are.

    Attributes:
        fresh: movements to record.
        doubtful: to record as well, never to be matched by themselves: perhaps known under another name.
        confirmed: recorded movements the report shows again.
        refined: recorded sums that lines take apart (by their ids), with those lines, to be recorded.
    """

    fresh: tuple[Marked, ...] = ()
    doubtful: tuple[Marked, ...] = ()
    confirmed: tuple[str, ...] = ()
    refined: tuple[tuple[str, tuple[Marked, ...]], ...] = ()


def content_of(line: EntryLine) -> str:
    """What tells a transfer from another of its day and amount where references do not; "" for nothing."""
    said = "".join("".join((*line.structured, *line.texts)).split())
    return f"{said}|{line.counterparty_iban}".upper() if said or line.counterparty_iban else ""


def compare(line: Marked, recorded: Recorded, is_across: bool) -> Likeness:
    """`is_across`: one is told, the other shown by a statement, which names and words things its own way."""
    references = line.line.references
    same_transfer = _equal(references.transaction, recorded.transaction)
    same_name = _equal(references.end_to_end, recorded.end_to_end)
    same_servicer = _equal(references.servicer, recorded.servicer)
    same_content = _equal(line.mark, recorded.mark)
    if same_transfer:
        return Likeness.SAME_TRANSFER
    if line.line.is_reversal != recorded.is_reversal:  # two; nobody is given what may be an undoing's money
        is_somebodys = line.line.direction == "CRDT" and not line.line.is_reversal
        return Likeness.ALIKE if is_somebodys else Likeness.OTHER
    if same_name is False or (same_transfer is False and not is_across):
        return Likeness.OTHER
    if same_servicer and (is_across or same_name or same_content is not False):
        return Likeness.SAME_SERVICER
    if same_servicer is None or is_across:
        if same_name and (is_across or same_content is not False):
            return Likeness.SAME_PAYER_NAME
        if same_content:
            return Likeness.SAME_CONTENT
    is_told_apart = same_content is False and not (same_servicer or same_name)
    return Likeness.OTHER if is_told_apart and (same_transfer is False or not is_across) else Likeness.ALIKE


def _equal(one: str | None, other: str | None) -> bool | None:
    """None when either says nothing."""
    if not one or not other:
        return None
    return one[:NAME_LENGTH] == other[:NAME_LENGTH]


def settle(entries: Sequence[Sequence[Marked]], recorded: Iterable[Recorded], meeting: Meeting) -> Settled:
    """Lays a report's entries (each as its lines) beside the recorded movements it may meet."""
    return _Settling(recorded, meeting).run(entries)


class _Settling:
    """Every recorded movement is free until a line of the report has been found to be it."""

    def __init__(self, recorded: Iterable[Recorded], meeting: Meeting) -> None:
        self._meeting = meeting
        # Of two told movements a line may be, the one nobody doubts: the other may be the same, told again.
        surest_first = sorted(recorded, key=_is_doubted)
        self._free: dict[str, Recorded] = {each.id: each for each in surest_first}
        self._of_day: dict[Day, list[Recorded]] = defaultdict(list)
        self._of_entry: dict[Day, list[Recorded]] = defaultdict(list)
        self._of_transfer: dict[tuple[str, int, str], list[Recorded]] = defaultdict(list)
        for each in self._free.values():
            self._of_day[each.booked_on, each.direction, each.amount_cents].append(each)
            self._of_entry[each.booked_on, each.direction, each.entry_cents].append(each)
            for name in (each.transaction, each.end_to_end):
                if name:
                    self._of_transfer[each.direction, each.amount_cents, name[:NAME_LENGTH]].append(each)
        self._confirmed: list[str] = []
        self._refined: list[tuple[str, tuple[Marked, ...]]] = []

    def run(self, entries: Sequence[Sequence[Marked]]) -> Settled:
        left = [list(lines) for lines in entries]
        for pairing in (self._exact, self._likely, self._on_another_day, self._only_ones_left):
            left = self._take_pairs(left, pairing(left))
        left = [self._lay_beside_sums(lines, of_entry) for lines, of_entry in zip(entries, left, strict=True)]
        new = [line for lines in left for line in lines]
        return Settled(
            fresh=tuple(line for line in new if not self._is_doubtful(line)),
            doubtful=tuple(line for line in new if self._is_doubtful(line)),
            confirmed=tuple(self._confirmed),
            refined=tuple(self._refined),
        )

    def _take_pairs(
        self, entries: list[list[Marked]], pairs: Iterable[tuple[int, int, Recorded]]
    ) -> list[list[Marked]]:
        """Each line and each recorded movement once, in the order of the pairs; what is left of the lines."""
        taken: set[tuple[int, int]] = set()
        for place, number, each in pairs:
            if (place, number) not in taken and each.id in self._free:
                taken.add((place, number))
                self._take(each, entries[place][number])
        if not taken:  # as for nearly every statement that is new
            return entries
        return [
            [line for number, line in enumerate(lines) if (place, number) not in taken]
            for place, lines in enumerate(entries)
        ]

    def _take(self, recorded: Recorded, line: Marked) -> None:
        del self._free[recorded.id]
        self._confirmed.append(recorded.id)
        if recorded.is_undecided and line.line.reason is None and _says_more(line, recorded):
            self._refined.append((recorded.id, (line,)))

    def _exact(self, entries: list[list[Marked]]) -> Iterator[tuple[int, int, Recorded]]:
        """Same names, same content: found without comparing each with each."""
        said: dict[tuple[Day, bool, _Names], list[Recorded]] = defaultdict(list)
        for day, recorded in self._of_day.items():
            for each in recorded:
                if not self._is_before(each):
                    names = (each.transaction, each.end_to_end, each.servicer, each.mark)
                    said[day, each.is_reversal, names].append(each)
        for place, number, line in _placed(entries):
            same = said.get((_day(line.line), line.line.is_reversal, _names(line)))
            if same:
                yield place, number, same.pop(0)

    def _likely(self, entries: list[list[Marked]]) -> Iterator[tuple[int, int, Recorded]]:
        pairs = [
            (-likeness, place, number, _is_doubted(each), each.id)
            for place, number, line in _placed(entries)
            for each in self._candidates(line)
            if (likeness := self._likeness(line, each)) > Likeness.ALIKE
        ]
        for _, place, number, _, recorded_id in sorted(pairs):
            if recorded_id in self._free:
                yield place, number, self._free[recorded_id]

    def _on_another_day(self, entries: list[list[Marked]]) -> Iterator[tuple[int, int, Recorded]]:
        """What was told on one day may be booked on the next: the transfer's own id tells."""
        for place, number, line in _placed(entries):
            for each in self._elsewhere(line):
                if _equal(line.line.references.transaction, each.transaction):
                    yield place, number, each

    def _only_ones_left(self, entries: list[list[Marked]]) -> Iterator[tuple[int, int, Recorded]]:
        """A statement shows what was told before it: no more lines than told movements left are those."""
        if not self._meeting.is_statement:
            return
        lines_of_day: dict[Day, list[tuple[int, int, Marked]]] = defaultdict(list)
        for place, number, line in _placed(entries):
            lines_of_day[_day(line.line)].append((place, number, line))
        for day, lines in lines_of_day.items():
            told = [each for each in self._of_day[day] if each.id in self._free and each.is_told_only]
            if len(lines) > len(told):
                continue
            for place, number, line in lines:
                for each in told:
                    is_one_kind = line.line.is_reversal == each.is_reversal
                    if is_one_kind and self._likeness(line, each) != Likeness.OTHER:
                        yield place, number, each

    def _candidates(self, line: Marked) -> list[Recorded]:
        return [
            each
            for each in self._of_day[_day(line.line)]
            if each.id in self._free and not self._is_before(each)
        ]

    def _elsewhere(self, line: Marked) -> list[Recorded]:
        references, amount = line.line.references, (line.line.direction, line.line.amount_cents)
        return [
            each
            for name in (references.transaction, references.end_to_end)
            if name
            for each in self._of_transfer.get((*amount, name[:NAME_LENGTH]), ())
            if each.id in self._free
            and each.booked_on != line.line.booked_on
            and each.is_told_only == self._meeting.is_statement
        ]

    def _likeness(self, line: Marked, recorded: Recorded) -> Likeness:
        return compare(line, recorded, recorded.is_told_only == self._meeting.is_statement)

    def _is_before(self, recorded: Recorded) -> bool:
        """What an earlier statement showed is not in the next one."""
        return self._meeting.is_next and not recorded.is_told_only

    def _is_doubtful(self, line: Marked) -> bool:
        """Something like it is recorded, stands for no other line, and nothing tells them apart."""
        for each in self._of_day[_day(line.line)]:
            if each.id in self._free:
                likeness = self._likeness(line, each)
                least = Likeness.SAME_TRANSFER if self._is_before(each) else Likeness.ALIKE
                if likeness >= least:
                    return True
        if line.line.reason in OPEN_SUMS and self._may_be_known_in_parts(line.line):
            return True
        return not self._meeting.is_statement and bool(self._elsewhere(line))

    def _may_be_known_in_parts(self, line: EntryLine) -> bool:
        """What is left of its day makes this sum: told one by one, and shown as a sum before."""
        left = [each for each in self._free.values() if each.booked_on == line.booked_on]
        left = [each for each in left if each.direction == line.direction and not self._is_before(each)]
        return len(left) > 1 and sum(each.amount_cents for each in left) == line.amount_cents

    def _lay_beside_sums(self, lines: Sequence[Marked], left: list[Marked]) -> list[Marked]:
        """A sum recorded without its transfers is this entry, or recorded transfers are this sum.

        `left`: those of the entry's lines that are not recorded; they are what the sum had not told.
        """
        if not lines:
            return left
        first = lines[0].line
        of_entry = [
            each
            for each in self._of_entry[first.booked_on, first.direction, first.entry_cents]
            if each.id in self._free and not self._is_before(each)
        ]
        left_cents = sum(line.line.amount_cents for line in left)
        for each in of_entry:
            is_all = each.amount_cents == first.entry_cents and len(lines) > 1
            if (is_all or each.amount_cents == left_cents) and self._is_sum_of(each, lines):
                self._take_sum(each, left)
                return []
        is_sum = len(left) == 1 and first.reason in OPEN_SUMS
        return [] if is_sum and self._take_parts(left[0], of_entry) else left

    def _take_sum(self, recorded: Recorded, left: Sequence[Marked]) -> None:
        del self._free[recorded.id]
        self._confirmed.append(recorded.id)
        is_itself = [line.line.amount_cents for line in left] == [recorded.amount_cents]
        if recorded.is_undecided and not (is_itself and left[0].line.reason in OPEN_SUMS):
            self._refined.append((recorded.id, tuple(left)))

    def _is_sum_of(self, recorded: Recorded, lines: Sequence[Marked]) -> bool:
        servicers = [_equal(line.line.references.servicer, recorded.servicer) for line in lines]
        if recorded.reason in OPEN_SUMS:
            return False not in servicers
        return len(lines) > 1 and None not in servicers and False not in servicers

    def _take_parts(self, sum_line: Marked, of_entry: Sequence[Recorded]) -> bool:
        """The transfers told one by one, or read with an earlier file, make this sum."""
        line = sum_line.line
        of_one_name = [each for each in of_entry if _equal(line.references.servicer, each.servicer)]
        told = [
            each
            for each in self._free.values()
            if each.is_told_only and (each.booked_on, each.direction) == (line.booked_on, line.direction)
        ]
        for parts in (of_one_name, told if self._meeting.is_statement else []):
            if parts and sum(each.amount_cents for each in parts) == line.amount_cents:
                for each in parts:
                    del self._free[each.id]
                    self._confirmed.append(each.id)
                return True
        return False


def _is_doubted(recorded: Recorded) -> bool:
    return recorded.reason == "lookalike"


def _says_more(line: Marked, recorded: Recorded) -> bool:
    was_bare = recorded.reason is None and not recorded.mark
    return recorded.reason in OPEN_SUMS or (was_bare and bool(line.mark))


def _placed(entries: list[list[Marked]]) -> Iterator[tuple[int, int, Marked]]:
    for place, lines in enumerate(entries):
        for number, line in enumerate(lines):
            yield place, number, line


def _names(line: Marked) -> _Names:
    references = line.line.references
    transaction, end_to_end, servicer = (
        None if name is None else name[:NAME_LENGTH]
        for name in (references.transaction, references.end_to_end, references.servicer)
    )
    return transaction, end_to_end, servicer, line.mark


def ordinals_taken(keys: Iterable[str]) -> Counter[str]:
    """The next free ordinal of every name (a key without account and ordinal). `keys`: without account.

    One above the highest, not how many there are: a half recorded report that is forgotten leaves a gap.
    """
    taken: Counter[str] = Counter()
    for key in keys:
        counted, _, ordinal = key.rpartition(":")
        taken[counted] = max(taken[counted], int(ordinal) + 1)
    return taken


def with_names(lines: Iterable[Marked], taken: Counter[str]) -> list[Marked]:
    """Gives every line the name and ordinal its key is made of.

    `taken`: the next ordinal of each name (`ordinals_taken`). It is counted up.
    """
    result = []
    for each in lines:
        line, name = each.line, name_of(each.line.references, each.mark)
        counted = f":{line.booked_on}:{line.direction}:{line.amount_cents}:{name}"  # the key without its ends
        placed = replace(line, name=name, ordinal=taken[counted])
        result.append(Marked(placed, each.mark, each.tag))
        taken[counted] += 1
    return result


def _day(line: EntryLine) -> Day:
    return line.booked_on, line.direction, line.amount_cents
