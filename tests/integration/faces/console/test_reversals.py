"""Credits the bank took back, in the console: shown with their reasons, settled by those who may."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert

from tests.integration.faces.console.test_pages import Browser, dialogs_of_acts
from tests.support.console_services import ConsoleServices
from wallet_service.bank.reported import References
from wallet_service.bank.statement import EntryLine
from wallet_service.database.tables.bank import bank_entries, topups
from wallet_service.database.unit_of_work import UnitOfWork

GROUND = "Convenu au téléphone"


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


@pytest.fixture
def taken_back(sqlite_console: ConsoleServices) -> str:
    return take_back(sqlite_console)


def take_back(console: ConsoleServices) -> str:
    """A credit of 50,00 of the first member's, taken back; its path."""
    movement = {"bank_statement_id": "B1", "amount_cents": 50_00, "booked_on": "2026-11-24"}
    line = EntryLine(
        "DBIT", 50_00, "2026-11-24", References(end_to_end="E2E-1"), return_reason="DUPL", is_reversal=True
    )
    with UnitOfWork(console.engine) as work:
        credit = {"direction": "CRDT", "state": "topup", "end_to_end_id": "E2E-1"}
        work.connection.execute(insert(bank_entries).values(id="C1", entry_key="C1", **movement, **credit))
        debit = {"direction": "DBIT", "state": "unmatched", "is_reversal": True}
        work.connection.execute(insert(bank_entries).values(id="D1", entry_key="D1", **movement, **debit))
        work.connection.execute(
            insert(topups).values(
                id="T1",
                bank_entry_id="C1",
                member_id=console.month.members[0],
                amount_cents=50_00,
                mint_ref="0x" + "ab" * 32,
                state="credited",
                matched_at_unix_ms=console.clock.now_unix_ms(),
            )
        )
        console.reversals.cases.note(work, "D1", line)
    console.run_commands()
    (reversal,) = console.reversals.cases.listed(is_open=True)
    return f"/reversals/{reversal.id}"


@pytest.mark.parametrize(
    ("language", "name", "reason"),
    [
        ("fr", "Contre-passations", "virement fait deux fois (DUPL)"),
        ("en", "Reversals", "transfer made twice (DUPL)"),
    ],
)
def test_an_open_reversal_stands_before_every_officer_with_its_reason(
    camille: Browser, taken_back: str, language: str, name: str, reason: str
) -> None:
    for path in ("/reversals", taken_back):
        page = camille.page(path, language)
        assert name in page
        assert reason in page
        assert "50,00" in page or "50.00" in page
    assert "crédits repris par la banque" in camille.page("/")
    assert "Ce que la banque a repris" in camille.page("/reserve")


def test_who_may_only_look_sees_it_and_is_offered_no_act(camille: Browser, taken_back: str) -> None:
    observer = Browser(camille.console, "O3")
    assert dialogs_of_acts(observer.page(taken_back)) == set()
    assert "officer.right_missing" in observer.post(
        f"{taken_back}/loss", status=403, account="F", ground=GROUND
    )


def test_a_loss_is_asked_by_one_and_signed_by_another(camille: Browser, taken_back: str) -> None:
    console = camille.console
    governor = Browser(console, console.officers.ensure("Gisèle Essai", ["govern"]).id)
    back = camille.post(f"{taken_back}/loss", account="Fonds de garantie", ground=GROUND)
    assert back == "/approvals?done=reversal-asked"
    assert "Une décision attend" in camille.page(taken_back)
    page = governor.page("/approvals")
    assert "Porter 50,00 € en perte" in page
    assert "Fonds de garantie" in page
    (path,) = set(re.findall(r'action="(/approvals/\w+/approve)"', page))
    assert "approval.second_officer_needed" in camille.post(path, status=403)
    assert governor.post(path) == "/approvals?done=approved"
    console.run_commands()
    page = camille.page(taken_back)
    assert "porté en perte" in page
    assert dialogs_of_acts(page) == set()
    assert "Fonds de garantie" in camille.page("/reserve")


def test_the_member_is_let_pay_back_and_the_story_says_so(camille: Browser, taken_back: str) -> None:
    assert camille.post(f"{taken_back}/pay-back", ground=GROUND) == f"{taken_back}?done=pay-back-allowed"
    assert camille.console.run_commands() == ["unfreeze"]
    page = camille.page(taken_back)
    assert "à la caisse de l’association" in page
    assert GROUND in page
    assert "le membre peut rendre" in page


def test_a_new_credit_of_the_bank_closes_it(camille: Browser, taken_back: str) -> None:
    with camille.console.engine.begin() as connection:
        movement = {"bank_statement_id": "B1", "amount_cents": 50_00, "booked_on": "2026-11-24"}
        again = {"direction": "CRDT", "state": "unmatched"}
        connection.execute(insert(bank_entries).values(id="C2", entry_key="C2", **movement, **again))
    assert 'value="C2"' in camille.page(taken_back)
    back = camille.post(f"{taken_back}/mistaken", entry_id="C2", ground=GROUND)
    assert back == f"{taken_back}?done=reversal-settled"
    assert "recrédité par la banque" in camille.page("/reversals")


def test_an_unknown_reversal_is_not_found(camille: Browser) -> None:
    assert camille.client.get("/reversals/nobody").status_code == 404
