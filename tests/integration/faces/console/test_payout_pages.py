"""Payouts as officers see and end them: names the bank checked, what waits, acts of two."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from wallet_service.bank.reported import PaymentStatusReport, TransferStatus
from wallet_service.database.tables.bank import bank_entries
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.console.payout_words import ASKED_EFFECTS, ASKED_TITLES, asked_words, bank_reason
from wallet_service.faces.console.routers.bank import payout_pill
from wallet_service.faces.shell.i18n import catalogue
from wallet_service.oversight.decisions import signing_right
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.treasury.payouts.answers import PayoutAnswers
from wallet_service.treasury.payouts.models import PayoutFile, PayoutLine
from wallet_service.treasury.payouts.outbox import Fate
from wallet_service.treasury.payouts.payee_checks import PayeeChecks

GROUND = "La banque au téléphone"
LINE = PayoutLine("0x", "M", None, 100, "paid", None, None, None, None, "", "", None)
FILE = PayoutFile(
    *("F", "M", "f.xml", 100, "approved", "O1", "O2", 1, 2, 3, None, None),
    is_withheld=False,
    checks_asked=0,
    check_asked_at_unix_ms=None,
    lines=(LINE,),
)


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


@pytest.fixture
def dominique(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O2")


def answer(console: ConsoleServices, *transfers: TransferStatus, message_id: str = "") -> None:
    checks = PayeeChecks(console.redemptions.payees, console.sealer)
    answers = PayoutAnswers(console.clock, console.push, console.journal, checks, console.follower)
    with UnitOfWork(console.engine) as work:
        report = PaymentStatusReport("pain.002.001.10", "W", message_id, "", "", (), transfers)
        answers.take(work, report)


def end_to_end_id(console: ConsoleServices, ref: str) -> str:
    with console.engine.connect().execution_options(read_only=True) as connection:
        redemption = redemptions_repository.by_ref(connection, ref)
    assert redemption is not None
    return redemption.end_to_end_id


def test_a_payout_file_is_carried_out_when_the_bank_has_spoken_of_each_transfer() -> None:
    def shown(*states: str) -> str:
        lines = tuple(replace(LINE, state=state) for state in states)
        return str(payout_pill(replace(FILE, lines=lines), "fr"))

    assert "exécuté" in shown("paid", "returned")
    assert "à la banque" in shown("paid", "exported")
    out = replace(LINE, state="locked", out_reason="rejected")
    assert "exécuté" in str(payout_pill(replace(FILE, lines=(LINE, out)), "fr"))
    assert "à annuler" in str(payout_pill(replace(FILE, is_withheld=True), "fr"))


@pytest.mark.parametrize(
    ("language", "unchecked", "asked", "checked"),
    [
        ("fr", "noms non vérifiés", "noms remis à vérifier, sans réponse", "noms vérifiés : 1 sur 1"),
        ("en", "names not checked", "names sent for a check, no answer yet", "names checked: 1 of 1"),
    ],
)
def test_an_order_says_before_anybody_signs_whether_its_names_were_checked(
    camille: Browser, dominique: Browser, language: str, unchecked: str, asked: str, checked: str
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    assert unchecked in camille.page("/payouts", language)
    camille.post(f"/payouts/{file.id}/check")
    assert asked in camille.page("/payouts", language)
    for line in file.lines:
        name = end_to_end_id(console, line.redemption_ref)
        told = TransferStatus(name, None, "RCVC", payee_match="MTCH")
        answer(console, told, message_id=f"{file.message_id}V1")
    assert checked.replace("1", str(len(file.lines))) in camille.page("/payouts", language)
    word = checked.replace("1", str(len(file.lines))).removeprefix("n")
    assert word in dominique.page("/approvals", language)


def test_the_banks_reason_is_said_in_words_with_its_code() -> None:
    assert bank_reason("AC04", catalogue("en")) == "account closed (AC04)"
    assert bank_reason("ZZ99", catalogue("en")) == "ZZ99"


@pytest.mark.parametrize("act", sorted(ASKED_TITLES))
def test_every_act_of_two_says_what_it_does_and_is_the_treasurys_to_sign(act: str) -> None:
    details = {"amount_cents": 98_50, "refs": ["a", "b"], "difference_cents": -150, "fee_cents": 150}
    title, effect = asked_words(act, details, catalogue("en"), "en")
    assert "98.50" in title
    assert "{" not in title + effect
    assert signing_right(act) == "treasury"
    assert ASKED_TITLES.keys() == ASKED_EFFECTS.keys()


@pytest.mark.parametrize(
    ("language", "word", "act", "waits"),
    [
        ("fr", "autre nom", "Payer quand même…", "à décider avant de signer : 1"),
        ("en", "another name", "Pay all the same…", "to be decided before signing: 1"),
    ],
)
def test_a_name_the_bank_does_not_know_stands_beside_the_transfer_until_it_is_decided(
    camille: Browser, dominique: Browser, language: str, word: str, act: str, waits: str
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    ref = file.lines[0].redemption_ref
    told = TransferStatus(
        end_to_end_id(console, ref), None, "", payee_match="NMTC", payee_name="Camille Autre"
    )
    answer(console, told, message_id=file.message_id)
    page = camille.page("/payouts", language)
    assert word in page
    assert act in page
    assert "Camille Autre" in page
    assert "Camille Autre" not in Browser(console, "O3").page("/payouts", language)
    assert waits in page
    assert waits in dominique.page("/approvals", language)
    assert "payout.payee_undecided" in dominique.post(f"/payouts/{file.id}/approve", status=409)
    camille.post("/payouts/lines/accept", line=f"{file.id}:{ref}", ground=GROUND)
    assert waits not in dominique.page("/approvals", language)
    assert act not in camille.page("/payouts", language)
    dominique.post(f"/payouts/{file.id}/approve")


def test_a_transfer_that_was_taken_out_waits_where_officers_decide(camille: Browser) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    ref = file.lines[0].redemption_ref
    camille.post("/payouts/lines/take-out", line=f"{file.id}:{ref}", ground=GROUND)
    page = camille.page("/payouts")
    assert "un agent l’a retirée d’un ordre" in page
    assert "sorties en euros mises de côté" in camille.page("/")
    camille.post("/payouts/held/again", ref=ref, ground=GROUND)
    assert "un agent l’a retirée d’un ordre" not in camille.page("/payouts")
    assert "payout.not_held" in camille.post("/payouts/held/give-back", ref=ref, ground=GROUND, status=409)


def test_what_the_bank_refused_is_asked_by_one_and_signed_by_another(
    camille: Browser, dominique: Browser
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    dominique.post(f"/payouts/{file.id}/approve")
    ref = file.lines[0].redemption_ref
    camille.post("/payouts/refused", ref=ref, then="again", ground=GROUND)
    asked = dominique.page("/approvals")
    assert "Dire que la banque a refusé ce virement" in asked
    (path,) = re.findall(r'action="(/approvals/\w+/approve)"', asked)
    dominique.post(path)
    assert console.redemptions.one(ref).state == "locked"
    assert "refusé par la banque, dit un agent" in camille.page("/payouts")


def test_a_signed_order_is_kept_from_the_bank_until_another_decides(
    camille: Browser, dominique: Browser
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    dominique.post(f"/payouts/{file.id}/approve")
    console.payouts.write_approved()
    page = camille.page("/payouts")
    assert "Ne pas l’envoyer…" in page
    assert "déposé à la banque" in page
    camille.post(f"/payouts/{file.id}/withhold", ground=GROUND)
    page = camille.page("/payouts")
    assert "retenu, à annuler" in page
    assert "déposé à la banque" not in page
    (path,) = re.findall(r'action="(/approvals/\w+/approve)"', dominique.page("/approvals"))
    dominique.post(path)
    assert console.payouts.one(file.id).state == "cancelled"
    assert "déposé à la banque" not in camille.page("/payouts")


@pytest.mark.parametrize(
    ("fate", "word"),
    [(Fate.UNKNOWN, "Nul ne sait si la banque a ce fichier"), (Fate.FAILED, "rien n’est parti")],
)
def test_an_order_whose_handing_over_is_in_doubt_is_not_called_handed_over(
    camille: Browser, dominique: Browser, tmp_path: Path, fate: Fate, word: str
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    dominique.post(f"/payouts/{file.id}/approve")
    console.payouts.write_approved()
    written = console.payouts.one(file.id)
    assert written.file_name is not None
    ends = tmp_path / "outbox" / fate / written.file_name
    ends.parent.mkdir()
    (tmp_path / "outbox" / written.file_name).rename(ends)
    page = camille.page("/payouts")
    assert word in page
    assert "déposé à la banque" not in page
    assert "Ne pas l’envoyer…" not in page


def test_a_word_of_the_bank_that_fits_nothing_waits_to_be_noted(camille: Browser) -> None:
    strange = f"ALBA{'Z' * 26}"
    answer(camille.console, TransferStatus(strange, None, "RJCT", "AC01"), message_id="ALBAX")
    camille.console.reports.figures.forget()
    page = camille.page("/payouts")
    assert strange in page
    assert "compte inexact (AC01)" in page
    assert "mots de la banque à lire" in camille.page("/")
    (found,) = camille.console.payout_acts.list_unplaced()
    camille.post("/payouts/answers/note", answer_id=found.id, ground=GROUND)
    assert strange not in camille.page("/payouts")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_debit_nobody_matched_proposes_what_it_may_pay(
    camille: Browser, dominique: Browser, language: str
) -> None:
    console = camille.console
    file = console.payouts.prepare_payout("O1")
    dominique.post(f"/payouts/{file.id}/approve")
    line = file.lines[0]
    with UnitOfWork(console.engine) as work:
        changed = {"direction": "DBIT", "amount_cents": line.net_cents}
        work.connection.execute(update(bank_entries).where(bank_entries.c.id == "E0").values(**changed))
    page = camille.page("/payouts/debits/E0", language)
    assert line.redemption_ref in page
    assert {"fr": "même montant, rien de plus", "en": "same amount, nothing more"}[language] in page
    path, ref = "/payouts/debits/E0", line.redemption_ref
    assert "payout.difference" in camille.post(path, 422, refs=ref, ground=GROUND, difference="-1,50")
    camille.post(path, refs=ref, ground=GROUND)
    assert "paie 1" in dominique.page("/approvals")
    assert "bank.entry_unknown" in camille.post("/payouts/debits/E1", 404, refs=ref, ground=GROUND)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_credit_that_may_return_a_payout_says_so_or_that_none_fits(camille: Browser, language: str) -> None:
    page = camille.page("/payouts/returns/E0", language)
    assert {"fr": "Aucune sortie payée ne correspond.", "en": "No paid payout fits."}[language] in page
