"""Redemptions the ledger has locked without a request here, as officers see them."""

from __future__ import annotations

import re

import pytest

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from tests.support.fake_ledger import account_of
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.unit_of_work import UnitOfWork

WORD = "0x" + "00" * 32
STRANGER = "0x" + "5e" * 20


@pytest.mark.parametrize(
    ("language", "queue", "heading", "to_do"),
    [
        (
            "fr",
            "sorties en euros bloquées sans demande",
            "À regarder : bloquées sans demande",
            "demandez-lui d’ouvrir son portefeuille",
        ),
        (
            "en",
            "redemptions locked without a request",
            "To look at: locked without a request",
            "ask them to open their wallet",
        ),
    ],
)
def test_every_officer_sees_who_waits_for_how_much_and_what_to_do(
    sqlite_console: ConsoleServices, language: str, queue: str, heading: str, to_do: str
) -> None:
    console, andrea = sqlite_console, Browser(sqlite_console, "O3")
    assert heading not in andrea.page("/payouts", language)
    assert queue not in andrea.page("/", language)
    member_id = console.redemptions.list_redemptions()[0].member_id
    with UnitOfWork(console.engine) as work:
        for number, account in enumerate((account_of(work.connection, member_id), STRANGER)):
            ref, at_unix_s = f"0x{number}" + "a" * 63, console.clock.now_unix_s() - 7_200
            arguments = {"account": account, "ref": ref, "value": 77_700, "payeeHash": WORD}
            event = ChainEvent("RedemptionRequested", arguments, 1, number, WORD, at_unix_s)
            console.follower.project_locked(work, event)
    console.reports.figures.forget()
    assert queue in andrea.page("/", language)
    page = andrea.page("/payouts", language)
    section = page[page.index(heading) : page.index('id="t-steps"')]
    assert to_do in section
    assert f'href="/members/{member_id}"' in section
    assert STRANGER in section
    assert len(re.findall(r"777[.,]00", section)) == 2
    assert "0x0" + "a" * 15 in section
