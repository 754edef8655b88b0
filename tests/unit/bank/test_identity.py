"""Which movement a line is: laid beside those recorded, each standing for one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from wallet_service.bank.identity import (
    Likeness,
    Marked,
    Meeting,
    Recorded,
    Settled,
    compare,
    ordinals_taken,
    settle,
    with_names,
)
from wallet_service.bank.reported import References
from wallet_service.bank.statement import EntryLine, name_of

DAY, NEXT_DAY = "2026-05-28", "2026-05-29"
AGAIN = Meeting(is_statement=True, is_next=False)
NEXT = Meeting(is_statement=True, is_next=True)
TOLD = Meeting(is_statement=False, is_next=False)


def line(
    cents: int = 20_00, mark: str = "m", on: str = DAY, entry_cents: int | None = None, **more: Any
) -> Marked:
    names = {key: more.pop(key) for key in list(more) if key in References.__dataclass_fields__}
    made = EntryLine("CRDT", cents, on, References(**names), entry_cents=entry_cents or cents)
    return Marked(replace(made, **more), mark)


def recorded(given: Marked, name: str = "r", *, told: bool = False, undecided: bool = False) -> Recorded:
    references = given.line.references
    return Recorded(
        id=name,
        direction=given.line.direction,
        amount_cents=given.line.amount_cents,
        entry_cents=given.line.entry_cents,
        booked_on=given.line.booked_on,
        servicer=references.servicer,
        transaction=references.transaction,
        end_to_end=references.end_to_end,
        mark=given.mark,
        is_told_only=told,
        is_undecided=undecided,
        reason=given.line.reason,
        is_reversal=given.line.is_reversal,
    )


def met(lines: Sequence[Marked], known: Sequence[Recorded], meeting: Meeting = AGAIN) -> Settled:
    """Each line an entry of its own."""
    return settle([[each] for each in lines], known, meeting)


#: line, recorded, across (one told, the other shown) -> likeness.
COMPARED = {
    "the transfer's own id": (
        line(transaction="T1", mark="a"),
        line(transaction="T1"),
        False,
        "SAME_TRANSFER",
    ),
    "another transfer's id": (line(transaction="T1"), line(transaction="T2"), False, "OTHER"),
    "a movement, and the undoing of one": (
        line(servicer="S"),
        line(servicer="S", is_reversal=True),
        False,
        "ALIKE",
    ),
    "the undoing of one, and a movement": (
        line(servicer="S", is_reversal=True),
        line(servicer="S"),
        True,
        "OTHER",
    ),
    "another id, told and shown": (line(transaction="T1"), line(transaction="U1"), True, "SAME_CONTENT"),
    "the payer's name differs": (
        line(servicer="S", end_to_end="E1"),
        line(servicer="S", end_to_end="E2"),
        False,
        "OTHER",
    ),
    "the bank's name": (line(servicer="S"), line(servicer="S"), False, "SAME_SERVICER"),
    "the bank's name for two contents": (line(servicer="S", mark="a"), line(servicer="S"), False, "ALIKE"),
    "the bank's name, words of its own": (
        line(servicer="S", mark="a"),
        line(servicer="S"),
        True,
        "SAME_SERVICER",
    ),
    "renewed by the bank": (line(servicer="S1"), line(servicer="S2"), False, "ALIKE"),
    "renewed, payer's name kept": (
        line(servicer="S1", end_to_end="E"),
        line(servicer="S2", end_to_end="E"),
        False,
        "ALIKE",
    ),
    "two of the bank's names, two contents": (
        line(servicer="S1", mark="a"),
        line(servicer="S2"),
        False,
        "OTHER",
    ),
    "the payer's name alone": (line(end_to_end="E"), line(end_to_end="E"), False, "SAME_PAYER_NAME"),
    "content alone": (line(), line(), False, "SAME_CONTENT"),
    "nothing in common": (line(mark="a"), line(mark="b"), False, "OTHER"),
    "nothing said": (line(mark=""), line(mark=""), False, "ALIKE"),
}


@pytest.mark.parametrize("case", COMPARED)
def test_how_sure_it_is_that_two_are_one(case: str) -> None:
    given, known, is_across, expected = COMPARED[case]
    assert compare(given, recorded(known), is_across) is Likeness[expected]


def test_a_reference_used_again_on_another_day_is_another_movement() -> None:
    outcome = met([line(servicer="S", on=NEXT_DAY)], [recorded(line(servicer="S"))])
    assert len(outcome.fresh) == 1


def test_a_return_with_its_debits_reference_is_another_movement() -> None:
    debit = line(servicer="S", direction="DBIT")
    assert len(met([line(servicer="S")], [recorded(debit)]).fresh) == 1


def test_two_of_one_reference_beside_one_recorded_are_one_known_and_one_new() -> None:
    outcome = met([line(servicer="S"), line(servicer="S")], [recorded(line(servicer="S"))])
    assert (len(outcome.fresh), len(outcome.doubtful), outcome.confirmed) == (1, 0, ("r",))


def test_a_movement_sent_again_under_a_new_name_waits() -> None:
    outcome = met([line(servicer="S2", end_to_end="E")], [recorded(line(servicer="S1", end_to_end="E"))])
    assert (len(outcome.fresh), len(outcome.doubtful)) == (0, 1)


def test_the_next_statement_shows_new_movements_however_alike() -> None:
    outcome = met([line(mark="m")], [recorded(line(mark="m"))], NEXT)
    assert (len(outcome.fresh), outcome.confirmed) == (1, ())


def test_a_transfers_own_id_seen_again_in_the_next_statement_waits() -> None:
    outcome = met([line(transaction="T")], [recorded(line(transaction="T"))], NEXT)
    assert (len(outcome.fresh), len(outcome.doubtful)) == (0, 1)


def test_a_told_movement_is_the_one_the_statement_shows() -> None:
    told = recorded(line(transaction="T", mark="told"), told=True)
    outcome = met([line(servicer="S", mark="shown")], [told], NEXT)
    assert (outcome.fresh, outcome.confirmed) == ((), ("r",))


def test_a_told_movement_is_not_a_strangers_that_the_statement_shows_beside_it() -> None:
    told = recorded(line(transaction="T", mark="told"), told=True)
    stranger, its = line(servicer="S9", mark="don"), line(transaction="T", servicer="S", mark="shown")
    outcome = met([stranger, its], [told], NEXT)
    assert (outcome.fresh, outcome.confirmed) == ((stranger,), ("r",))


def test_told_on_one_day_and_booked_on_the_next_it_is_known_by_its_own_id() -> None:
    told = recorded(line(transaction="T", on=DAY), told=True)
    outcome = met([line(transaction="T", on=NEXT_DAY)], [told], NEXT)
    assert (outcome.fresh, outcome.confirmed) == ((), ("r",))


def test_told_after_it_was_booked_on_another_day_it_waits_or_is_known() -> None:
    known = met([line(transaction="T")], [recorded(line(transaction="T", on=NEXT_DAY))], TOLD)
    assert known.confirmed == ("r",)
    waits = met([line(end_to_end="E")], [recorded(line(end_to_end="E", on=NEXT_DAY))], TOLD)
    assert len(waits.doubtful) == 1


def test_two_alike_told_under_two_bank_names_are_one_and_a_doubt() -> None:
    outcome = met([line(servicer="S2")], [recorded(line(servicer="S1"), told=True)], TOLD)
    assert len(outcome.doubtful) == 1


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("mark", ["m", "other"])
def test_a_line_that_may_be_either_of_two_told_ones_is_the_one_nobody_doubts(
    names: tuple[str, str], mark: str
) -> None:
    """Told twice under two names and shown once: the second telling must not become a transfer of its own."""
    sure = recorded(line(mark=mark, servicer="N1"), names[0], told=True)
    doubted = replace(
        recorded(line(mark=mark, servicer="N9"), names[1], told=True, undecided=True), reason="lookalike"
    )
    for known in ([sure, doubted], [doubted, sure]):
        assert met([line()], known).confirmed == (sure.id,)


def _sum(cents: int = 100_00, **more: Any) -> Marked:
    return line(cents, mark="", servicer="K", reason="batch_incomplete", **more)


def _parts() -> list[Marked]:
    return [
        line(60_00, "a", entry_cents=100_00, servicer="K"),
        line(40_00, "b", entry_cents=100_00, servicer="K"),
    ]


def test_a_sum_nobody_decided_about_is_taken_apart_by_its_transfers() -> None:
    outcome = settle([_parts()], [recorded(_sum(), undecided=True)], AGAIN)
    assert (outcome.fresh, outcome.doubtful) == ((), ())
    assert outcome.refined == (("r", tuple(_parts())),)


def test_a_sum_that_was_decided_is_never_taken_apart() -> None:
    outcome = settle([_parts()], [recorded(_sum(), undecided=False)], AGAIN)
    assert (outcome.fresh, outcome.doubtful, outcome.refined, outcome.confirmed) == ((), (), (), ("r",))


def test_the_rest_of_a_sum_is_taken_apart_beside_what_was_certain() -> None:
    certain = recorded(_parts()[0], "certain")
    rest = recorded(replace(_sum(40_00, entry_cents=100_00)), "rest", undecided=True)
    outcome = settle([_parts()], [certain, rest], AGAIN)
    assert outcome.refined == (("rest", (_parts()[1],)),)
    assert outcome.fresh == ()


def test_a_sum_of_which_one_transfer_was_told_makes_place_for_the_others() -> None:
    told = recorded(line(60_00, "a", transaction="T1"), "told", told=True)
    lines = [replace(_parts()[0], line=replace(_parts()[0].line, references=References(transaction="T1")))]
    lines.append(_parts()[1])
    outcome = settle([lines], [told, recorded(_sum(), "sum", undecided=True)], AGAIN)
    assert outcome.refined == (("sum", (_parts()[1],)),)
    assert (outcome.fresh, outcome.doubtful) == ((), ())


def test_the_same_sum_again_stays_one_sum() -> None:
    outcome = settle([[_sum()]], [recorded(_sum(), undecided=True)], AGAIN)
    assert (outcome.fresh, outcome.doubtful, outcome.refined) == ((), (), ())


def test_a_sum_of_transfers_known_already_is_known() -> None:
    known = [recorded(each, str(number)) for number, each in enumerate(_parts())]
    outcome = settle([[_sum()]], known, AGAIN)
    assert (outcome.fresh, outcome.doubtful, set(outcome.confirmed)) == ((), (), {"0", "1"})


def test_a_sum_of_transfers_told_one_by_one_is_known() -> None:
    told = [
        recorded(line(60_00, "a", transaction="T1"), "0", told=True),
        recorded(line(40_00, "b", transaction="T2"), "1", told=True),
    ]
    outcome = settle([[_sum()]], told, NEXT)
    assert (outcome.fresh, set(outcome.confirmed)) == ((), {"0", "1"})


def test_a_bare_movement_is_told_apart_by_what_comes_later() -> None:
    bare = recorded(line(mark="", servicer="S"), undecided=True)
    outcome = met([line(mark="said", servicer="S")], [bare], TOLD)
    assert outcome.refined == (("r", (line(mark="said", servicer="S"),)),)


def test_keys_of_equals_differ_by_their_place_and_go_on_from_those_recorded() -> None:
    named = with_names([line(servicer="S"), line(servicer="S")], Counter())
    assert [each.line.key("I") for each in named] == [
        f"I:{DAY}:CRDT:2000:SS/m:0",
        f"I:{DAY}:CRDT:2000:SS/m:1",
    ]
    again = with_names([line(servicer="S")], ordinals_taken(each.line.key("") for each in named))
    assert again[0].line.ordinal == 2


def test_a_place_that_was_given_up_is_not_given_to_two() -> None:
    """Of two recorded at once one was forgotten: the other keeps its place."""
    _, kept = with_names([line(servicer="S"), line(servicer="S")], Counter())
    (new,) = with_names([line(servicer="S")], ordinals_taken([kept.line.key("")]))
    assert new.line.ordinal == 2


def test_the_best_name_is_the_transfers_own() -> None:
    every = References(servicer="S", transaction="T", end_to_end="E")
    assert name_of(every, "m") == "TT"
    assert name_of(replace(every, transaction=None), "m") == "SS/m"
    assert name_of(References(end_to_end="E"), "m") == "EE/m"
    assert name_of(References(), "m") == "Cm"
    assert len(name_of(References(transaction="x" * 500), "m")) < 100
