"""Movements are paged and searched without end, and every one of them is somewhere an officer can find it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from tests.support.bank_rows import BankRows
from tests.support.bank_side import BankSide
from wallet_service.database.tables.bank import bank_entries
from wallet_service.database.tables.quarantine import quarantined_rows
from wallet_service.treasury.entries import EntryFinder
from wallet_service.treasury.models import EntryPage, EntryQuery

MANY = 450


@pytest.fixture
def rows(side: BankSide) -> BankRows:
    return BankRows(side)


@pytest.fixture
def finder(side: BankSide) -> EntryFinder:
    return EntryFinder(side.engine, side.push, side.sealer)


def pages(finder: EntryFinder, query: EntryQuery, **bounds: int) -> Iterator[EntryPage]:
    """Page after page, to the last."""
    while True:
        page = finder.find(query, **bounds)
        yield page
        if page.next is None:
            return
        query = EntryQuery(**{**query.__dict__, "after": page.next})


def found(finder: EntryFinder, query: EntryQuery, **bounds: int) -> list[str]:
    return [each.id for page in pages(finder, query, **bounds) for each in page.entries]


def test_every_entry_is_on_one_page_and_no_page_is_the_last_before_the_end(
    rows: BankRows, finder: EntryFinder
) -> None:
    made = rows.add_many(MANY, days=7)
    sizes = [len(page.entries) for page in pages(finder, EntryQuery())]
    assert sizes == [50] * 9
    waiting = found(finder, EntryQuery())
    assert sorted(waiting) == sorted(made)
    days = [finder.one(entry_id).booked_on for entry_id in waiting]  # type: ignore[union-attr]
    assert days == sorted(days)


def test_what_is_decided_between_two_pages_moves_no_other(rows: BankRows, finder: EntryFinder) -> None:
    made = rows.add_many(120, days=3)
    first = finder.find(EntryQuery())
    rows.set_state([each.id for each in first.entries[:30]], "resolved")
    rest = found(finder, EntryQuery(after=first.next or ""))
    assert sorted([*(each.id for each in first.entries), *rest]) == sorted(made)


def test_all_entries_are_found_newest_first_whatever_became_of_them(
    rows: BankRows, finder: EntryFinder
) -> None:
    made = rows.add_many(130, days=5)
    rows.set_state(made[:40], "topup")
    rows.set_state(made[40:80], "ignored")
    everything = found(finder, EntryQuery(among="all"))
    assert sorted(everything) == sorted(made)
    days = [finder.one(entry_id).booked_on for entry_id in everything]  # type: ignore[union-attr]
    assert days == sorted(days, reverse=True)
    assert sorted(found(finder, EntryQuery())) == sorted(made[80:])


def test_amount_dates_direction_and_reason_narrow_what_is_found(rows: BankRows, finder: EntryFinder) -> None:
    plain = rows.add(amount_cents=45_00, booked_on="2026-06-02")
    batch = rows.add(amount_cents=45_00, booked_on="2026-06-04", reason="batch_incomplete")
    debit = rows.add(amount_cents=12_00, booked_on="2026-06-04", direction="DBIT")
    undone = rows.add(amount_cents=9_00, booked_on="2026-06-09", direction="DBIT", reason="reversal")
    for query, wanted in (
        (EntryQuery(amount_cents=45_00), {plain, batch}),
        (EntryQuery(since="2026-06-04"), {batch, debit, undone}),
        (EntryQuery(until="2026-06-04"), {plain, batch, debit}),
        (EntryQuery(since="2026-06-04", until="2026-06-04", direction="CRDT"), {batch}),
        (EntryQuery(direction="DBIT"), {debit, undone}),
        (EntryQuery(reason="batch_incomplete"), {batch}),
        (EntryQuery(reason="no_reference"), {plain}),
        (EntryQuery(reason="unknown_debit"), {debit}),
    ):
        assert set(found(finder, query)) == wanted, query


def test_words_are_found_in_sealed_texts_and_in_parts(rows: BankRows, finder: EntryFinder) -> None:
    rows.add_many(60, days=2)
    named = rows.add(details={"name": "MME LECŒUR AIMEE"})
    in_part = rows.add(details={"parts": [rows.part(40_00, name="Solène Hébert", texts=["adhésion"])]})
    referenced = rows.add(details={"references": {"end_to_end": "VIR 2026/0042"}})
    structured = rows.add(structured_reference="RF18539007547034")
    for words, wanted in (
        ("lecoeur", named),
        ("Aimée Lecoeur", named),
        ("hebert adhesion", in_part),
        ("vir20260042", referenced),
        ("rf18 5390 0754 7034", structured),
    ):
        assert found(finder, EntryQuery(words=words)) == [wanted], words
    assert found(finder, EntryQuery(words="personne")) == []


def test_a_search_opens_a_bounded_number_of_texts_and_says_where_it_goes_on(
    rows: BankRows, finder: EntryFinder
) -> None:
    rows.add_many(MANY, days=7)
    last = rows.add(booked_on="2026-12-31", details={"name": "Solène Hébert"})
    looks = list(pages(finder, EntryQuery(words="hebert"), opened_at_most=100))
    assert [(len(look.entries), look.is_cut) for look in looks] == [(0, True)] * 4 + [(1, False)]
    assert looks[-1].entries[0].id == last
    (whole,) = pages(finder, EntryQuery(words="hebert"))
    assert [each.id for each in whole.entries] == [last]


def test_a_full_page_of_a_search_goes_on_where_it_ended(rows: BankRows, finder: EntryFinder) -> None:
    made = [rows.add(details={"name": "Solène Hébert"}) for _ in range(7)]
    rows.add_many(9, days=1)
    sizes = [len(page.entries) for page in pages(finder, EntryQuery(words="hebert"), page_length=3)]
    assert sizes == [3, 3, 1]
    assert sorted(found(finder, EntryQuery(words="hebert"), page_length=3)) == sorted(made)


def test_one_that_does_not_open_is_shown_without_its_texts_and_keeps_no_other(
    side: BankSide, rows: BankRows, finder: EntryFinder
) -> None:
    broken, sound = rows.add(), rows.add(details={"name": "Solène Hébert"})
    with side.engine.begin() as connection:
        changed = update(bank_entries).where(bank_entries.c.id == broken)
        connection.execute(changed.values(sealed_details=b"\x01 altered, and long enough to be a seal"))
    shown = {each.id: each for each in finder.find(EntryQuery()).entries}
    assert (shown[broken].is_readable, shown[broken].amount_cents) == (False, 10_00)
    assert shown[sound].details.counterparty_name == "Solène Hébert"
    assert found(finder, EntryQuery(words="hebert")) == [sound]
    with side.engine.connect() as connection:
        assert [row.row_key for row in connection.execute(quarantined_rows.select())] == [broken]


def test_what_waits_is_counted_by_reason_with_what_is_left_of_it(rows: BankRows, finder: EntryFinder) -> None:
    rows.add(amount_cents=100_00, given_cents=40_00, reason="batch_incomplete")
    rows.add(amount_cents=25_00)
    rows.add(amount_cents=5_00)
    rows.add(amount_cents=3_00, direction="DBIT")
    rows.set_state([rows.add(amount_cents=999_00)], "topup")
    told = [(each.reason, each.count, each.rest_cents) for each in finder.waiting_by_reason()]
    assert told == [("no_reference", 2, 30_00), ("batch_incomplete", 1, 60_00), ("unknown_debit", 1, 3_00)]
