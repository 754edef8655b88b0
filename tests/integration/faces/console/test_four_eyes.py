"""What takes two in the console: credits given to a member, and those too large for one issuer."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.integration.faces.console.test_pages import Browser, dialogs_of_acts
from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.bank import bank_entries, topups
from wallet_service.protocol.amount_text import format_amount
from wallet_service.treasury.unmatched import TWO_OFFICERS_FROM_CENTS

SHOP = "S" + "3".rjust(25, "0")


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


def test_a_large_unmatched_credit_is_asked_for_by_one_and_signed_by_another(camille: Browser) -> None:
    console = camille.console
    governor = Browser(console, console.officers.ensure("Gisèle Essai", ["govern"]).id)
    treasurer = Browser(console, console.officers.ensure("Tomas Essai", ["treasury"]).id)
    with console.engine.begin() as connection:
        large = update(bank_entries).where(bank_entries.c.id == "E0")
        connection.execute(large.values(amount_cents=TWO_OFFICERS_FROM_CENTS))
    assert "un second agent doit signer" in camille.page(f"/unmatched/E0?q={SHOP[:8]}")
    back = camille.post("/unmatched/E0/resolve", ground="Appel du membre", member_id=SHOP)
    assert back == "/approvals?done=give-asked"
    assert "Un agent l’attribue" in camille.page("/unmatched")
    assert "bank.entry_asked_for" in treasurer.post("/unmatched/E0/return", status=409, ground="Inconnu")

    page = treasurer.page("/approvals")
    assert "Attribuer 1" in page
    assert "Librairie Les Galets" in page
    (path,) = set(re.findall(r'action="(/approvals/\w+/approve)"', page))
    assert path not in camille.page("/approvals")
    assert path not in governor.page("/approvals")
    assert "approval.second_officer_needed" in camille.post(path, status=403)
    assert "approval.signing_right_missing" in governor.post(path, status=403)
    assert console.commands() == []
    assert treasurer.post(path) == "/approvals?done=approved"
    ((kind, arguments, role),) = console.commands()
    assert (kind, arguments[1], role) == ("mint", TWO_OFFICERS_FROM_CENTS, "ISSUER")
    assert "attribution d’un virement" in camille.page("/approvals")


@pytest.fixture
def proposed(camille: Browser) -> str:
    """A credit the ledger wants two issuers for; its path."""
    with camille.console.engine.begin() as connection:
        large = {"state": "proposed", "held_reason": "second_issuer", "amount_cents": 120_000_00}
        connection.execute(update(topups).where(topups.c.id == "P1").values(**large))
    return "/proposals/P1"


def test_a_credit_too_large_for_one_issuer_waits_for_a_second(camille: Browser, proposed: str) -> None:
    console = camille.console
    observer = Browser(console, "O3")
    page = camille.page("/approvals")
    assert "Approuver l’émission de 120" in page
    assert "le service" in page
    assert dialogs_of_acts(observer.page("/approvals")) == set()
    assert "chargements qui attendent un second émetteur" in camille.page("/")
    assert "officer.right_missing" in observer.post(f"{proposed}/approve", status=403)
    assert camille.post(f"{proposed}/approve") == "/approvals?done=approved"
    ((kind, arguments, role),) = console.commands()
    assert (kind, arguments[1], role) == ("approveMint", 120_000_00, "SECOND_ISSUER")
    assert "topup.not_proposed" in camille.post(f"{proposed}/approve", status=409)


def test_a_withdrawn_proposal_is_held_to_be_returned(camille: Browser, proposed: str) -> None:
    back = camille.post(f"{proposed}/withdraw", ground="L’expéditeur s’est trompé")
    assert back == "/unmatched?done=mint-withdrawn"
    assert [(kind, role) for kind, _, role in camille.console.commands()] == [("withdrawMint", "ISSUER")]
    assert "un agent a retiré la proposition d’émission" in camille.page("/unmatched")
    camille.post("/held/P1/return", ground="Rendu à la banque")


def test_an_order_is_signed_with_its_lines_in_sight_and_only_as_they_were_read(camille: Browser) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O2")
    page = camille.page("/approvals")
    dialog = page[page.index(f'id="sign-{file.id}"') :]
    dialog = dialog[: dialog.index("</dialog>")]
    for line in file.transfers:
        assert str(line.public_name) in dialog
        assert format_amount(line.net_cents, "fr") in dialog
    assert "3 virements" in dialog
    assert "1\u202f800,00 €" in dialog
    assert dialog.count("Élise Exemple") == dialog.count("FR76 … 9928") == 3
    (shown,) = re.findall(r'name="shown_count" value="(\d+)"', dialog)

    console.payouts.take_out(file.id, file.transfers[0].redemption_ref, "O2", "Compte à vérifier")
    path = f"/payouts/{file.id}/approve"
    assert "payout.lines_changed" in camille.post(path, status=409, shown_count=shown)
    assert camille.post(path, shown_count="2") == "/approvals?done=approved"


def test_a_payout_that_the_bank_refused_is_named_to_who_signs_and_its_holder_to_nobody_else(
    camille: Browser,
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O2")
    console.payouts.approve_payout(file.id, "O1")
    line = file.transfers[0]
    camille.post("/payouts/refused", ref=line.redemption_ref, then="again", ground="La banque l’a écrit")
    governor = Browser(console, console.officers.ensure("Gisèle Essai", ["govern"]).id)
    for browser, count in ((Browser(console, "O2"), 1), (governor, 0)):
        page = browser.page("/approvals")
        assert (page.count(str(line.public_name)), page.count("Élise Exemple")) == (count, count)
