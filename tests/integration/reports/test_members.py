"""Members as officers find them, whatever people's keyboards make of a name; and what was done about each."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.identity import identity_files
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork

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
