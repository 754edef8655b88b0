"""Members as officers find them, whatever people's keyboards make of a name; and what was done about each."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.identity import identity_files
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.reports.members import MemberFilter

SHOP = "S" + "3".rjust(25, "0")
FILE = "I" + "2".rjust(25, "0")


@pytest.mark.parametrize(
    "typed",
    [
        "chloé",
        "CHLOE",
        "echoppe",
        "L\u2019Échoppe",
        "l'echoppe",
        "L\u02bcechoppe",
        "chloe  l'e",
        "  Échoppe ",
    ],
)
def test_a_shop_is_found_without_accents_case_or_the_right_apostrophe(
    console: ConsoleServices, typed: str
) -> None:
    with UnitOfWork(console.engine) as work:
        work.connection.execute(
            update(members).where(members.c.id == SHOP).values(public_name="L\u2019Échoppe de Chloé")
        )
    assert [found.id for found in console.reports.members.search(typed)] == [SHOP]


def test_words_that_are_nowhere_find_nobody(console: ConsoleServices) -> None:
    assert console.reports.members.search("100 %_ chose") == []


def test_a_members_journal_holds_what_was_done_about_their_file_too(console: ConsoleServices) -> None:
    with console.engine.connect() as connection:
        member_id = connection.execute(
            select(identity_files.c.member_id).where(identity_files.c.id == FILE)
        ).scalar_one()
    console.identity.open_file(FILE, "O1")
    acts = [entry.act for entry in console.reports.journal.about_member(member_id, 10)]
    assert acts == ["identity.file_read"]
    assert console.reports.journal.about_member(SHOP, 10) == []


def test_a_letter_that_is_wrong_still_finds_the_shop(console: ConsoleServices) -> None:
    found = console.reports.members.search
    assert [line.public_name for line in found("librarie galest")] == ["Librairie Les Galets"]
    assert [line.public_name for line in found("librairie")] == ["Librairie Les Galets"]
    assert found("mercerie") == []


def test_each_filter_lets_through_whom_it_names(console: ConsoleServices) -> None:
    with UnitOfWork(console.engine) as work:
        work.connection.execute(
            update(members).where(members.c.id == console.month.members[4]).values(frozen_outgoing=True)
        )
    limits = {"visitor": 150_00, "declared": 0}

    def total(**wanted: Any) -> int:
        return console.reports.members.page(MemberFilter(holding_limits=limits, **wanted)).total

    assert total() == 72
    assert total(kind="merchant") == 12
    assert total(tier="declared", state="active") == 20
    assert total(state="frozen") == 1
    assert total(place="14") == 4
    assert total(place="14118") == 3
    assert total(sectors=("47", "46")) == 3
    near = console.reports.members.page(MemberFilter(is_near_limit=True, holding_limits=limits))
    assert {line.id for line in near.lines} == near.near_limit
    balances = [console.reports.members.detail(line.id).balance_cents for line in near.lines]
    assert balances
    assert min(balances) >= 120_00
    assert {line.tier for line in near.lines} == {"visitor"}, "a limit of 0 is none"


def test_pages_follow_one_another_without_a_member_twice(console: ConsoleServices) -> None:
    first, second = (console.reports.members.page(MemberFilter(), number=number) for number in (1, 2))
    assert (len(first.lines), len(second.lines)) == (50, 22)
    assert len({line.id for line in (*first.lines, *second.lines)}) == 72
