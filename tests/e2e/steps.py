"""What people do, in their words, for the journeys. Each step ends when its person sees that it is done."""

from __future__ import annotations

import datetime
import io
import re
import time
from dataclasses import dataclass
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, expect
from sqlalchemy import insert, select

from scripts.demo_book import Credit
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System
from wallet_service.bank.statement import EntryLine
from wallet_service.database.tables.bank import bank_entries, bank_statements
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.territory.currency import LOCAL_ZONE
from wallet_service.treasury.booking.details import marked, row_of, sealed_details


@dataclass(frozen=True)
class SaleOnScreen:
    short_code: str
    qr_text: str


def open_visitor_wallet(phone: Person, system: System) -> None:
    phone.page.goto(system.wallet)
    phone.button("Ouvrir un portefeuille").click()
    phone.sees("Visiteur")
    expect(phone.page.get_by_text("Ouverture de votre compte en cours…")).to_have_count(0, timeout=WAIT_MS)


def link_phone(phone: Person, system: System, member_id: str) -> None:
    phone.page.goto(system.device_link(member_id))
    phone.button("Lier ce téléphone").click()
    phone.sees("Disponible")
    if member_id == system.shop_id:
        system.let_phone_sign()


def member_of(phone: Person) -> dict[str, object]:
    answer = phone.page.request.get("/v1/me")
    assert answer.ok, answer.text()
    return dict(answer.json())


def id_of(phone: Person, system: System) -> str:
    answer = phone.page.request.get(f"{system.wallet}/v1/me")
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def take_back(phone: Person, system: System, amount_cents: int) -> None:
    """The bank undoes a transfer of the phone's: recorded as booking does, then noted. The phone is told."""
    member_id, services = id_of(phone, system), system.services
    reference = services.topups.reference_for(member_id)
    line = _debit(amount_cents, structured=(reference,), return_reason="DUPL")
    entry_id = _recorded(system, line)
    with UnitOfWork(services.engine) as work:
        services.reversals.cases.note(work, entry_id, line)
    phone.page.goto(system.wallet)
    phone.sees("La banque a repris votre virement")


def debited_for_nothing_known(system: System, amount_cents: int) -> None:
    """The bank's fees, say."""
    _recorded(system, _debit(amount_cents))


def waiting_entries(system: System) -> dict[str, str]:
    """A credit and a debit of "À classer" by direction, once the bank's file has been read."""
    deadline_s = time.monotonic() + WAIT_MS / 1000
    while True:
        waiting = {entry.direction: entry.id for entry in system.services.unmatched.list_waiting()}
        if len(waiting) == 2:
            return waiting
        assert time.monotonic() < deadline_s, f"only {waiting} wait"
        time.sleep(0.05)


def _debit(amount_cents: int, **said: Any) -> EntryLine:
    day = datetime.datetime.now(LOCAL_ZONE).date().isoformat()
    return EntryLine("DBIT", amount_cents, day, name=new_id(), **said)


def _recorded(system: System, line: EntryLine) -> str:
    services = system.services
    movement = marked(services.sealer, line)
    sealed = sealed_details(services.sealer, movement)
    row = row_of(services.sealer, system.settings.reserve_iban, movement, sealed)
    with UnitOfWork(services.engine) as work:
        statement = select(bank_statements.c.id).order_by(bank_statements.c.received_at_unix_ms.desc())
        statement_id = work.connection.execute(statement.limit(1)).scalar_one()
        row = {**row, "bank_statement_id": statement_id, "state": "unmatched"}
        work.connection.execute(insert(bank_entries).values(row))
    return str(row["id"])


def load(phone: Person, system: System, amount_cents: int) -> None:
    """A transfer with the member's own reference; the balance arrives by itself."""
    reference = system.services.topups.reference_for(id_of(phone, system))
    system.bank_day(Credit(reference, amount_cents))
    phone.page.goto(system.wallet)
    sees_balance_of(phone, amount_cents)


def sees_balance_of(phone: Person, amount_cents: int) -> None:
    euros, cents = divmod(amount_cents, 100)
    balance = phone.page.get_by_role("region", name="Solde")
    expect(balance).to_contain_text(re.compile(rf"{euros}\s*,{cents:02d}"), timeout=WAIT_MS)


def pair_till(tablet: Person, system: System, code: str = "") -> None:
    """With this code, or one of the system's own shop."""
    tablet.page.goto(system.till)
    tablet.page.get_by_label("Code d’association").fill(code or system.pairing_code())
    tablet.button("Associer cette tablette").click()
    expect(tablet.button("Encaisser")).to_be_visible(timeout=WAIT_MS)


def charge(tablet: Person, digits: str) -> SaleOnScreen:
    """Type an amount in cents and show its code."""
    expect(tablet.button("Encaisser")).to_be_visible(timeout=WAIT_MS)
    for digit in digits:
        tablet.page.keyboard.press(digit)
    tablet.button("Encaisser").click()
    return sale_on_screen(tablet)


def charge_with_words_and_tip(tablet: Person, digits: str, label: str, tip: str) -> SaleOnScreen:
    """Where tips are offered: words for the sale, the amount, and the customer's own tip."""
    page = tablet.page
    page.locator("header .icon-button").click()
    page.locator("input[name=tips][value=on]").check()
    page.keyboard.press("Escape")
    page.locator("#sale-label").click()
    page.locator("#label-words").fill(label)
    page.keyboard.press("Enter")
    for digit in digits:
        page.keyboard.press(digit)
    tablet.button("Encaisser").click()
    tablet.button("Autre montant").click()
    page.locator("#tip-amount").fill(tip)
    page.keyboard.press("Enter")
    return sale_on_screen(tablet)


def sale_on_screen(tablet: Person) -> SaleOnScreen:
    expect(tablet.page.get_by_text("Le client scanne le QR")).to_be_visible(timeout=WAIT_MS)
    picture = Image.open(io.BytesIO(tablet.page.screenshot()))
    (code,) = zxingcpp.read_barcodes(picture)
    digits = re.search(r"\b(\d{3})\s(\d{3})\b", tablet.page.inner_text("main"))
    assert digits is not None
    return SaleOnScreen(digits.group(1) + digits.group(2), code.text)


def confirm(phone: Person) -> None:
    phone.button("Payer").click()
    expect(phone.page.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)


def pay_with_code(phone: Person, system: System, short_code: str, *read_before: str) -> None:
    phone.page.goto(f"{system.wallet}/scan#code")
    phone.page.locator("#short-code").fill(short_code)
    for words in read_before:
        phone.sees(words)
    confirm(phone)


def clock_time(text: str) -> tuple[int, int]:
    """Hour and minute of the first "13 h 26" of a page."""
    found = re.search(r"(\d+)\sh\s(\d\d)", text)
    assert found is not None, text
    return int(found[1]), int(found[2])


def till_turns_green(tablet: Person) -> None:
    expect(tablet.page.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)


def officer_enters(desk: Person, system: System, which: str) -> None:
    link = system.officer_link(which)
    desk.officer_code = link.partition("#")[2]
    desk.page.goto("about:blank")  # else a sign-in page in another language stays
    desk.page.goto(link)
    desk.button("Entrer", exact=True).click()
    expect(desk.page.get_by_role("heading", name="Vue d’ensemble")).to_be_visible(timeout=WAIT_MS)


def act(desk: Person, opener: str, confirm_with: str, ground: str = "Motif de l’essai") -> None:
    """Open a dangerous act's dialog, give the ground, confirm; the dialog closes when it is done."""
    desk.button(opener).first.click()
    dialog = desk.page.locator("dialog[open]")
    field = dialog.locator("textarea[name=ground], input[name=ground], textarea[name=reason]")
    if field.count():
        field.first.fill(ground)
    confirm_act(desk, dialog, confirm_with)
    expect(desk.page.locator("dialog[open]")).to_have_count(0, timeout=WAIT_MS)


def confirm_act(desk: Person, dialog: Locator, button: str) -> None:
    """Presses the dialog's button, with the officer's code where the act asks for it."""
    code = dialog.get_by_label("Votre code d’agent")
    if code.count():
        code.fill(desk.officer_code)
    dialog.get_by_role("button", name=button, exact=True).click()


def session_ends_while_writing(
    desk: Person, system: System, which: str, dialog: Locator, button: str
) -> None:
    """The open dialog is sent without a session; the officer comes back over the page to their words."""
    written = dialog.locator("textarea").input_value()
    desk.allowed_statuses.add(401)
    desk.context.clear_cookies()
    confirm_act(desk, dialog, button)
    over = desk.page.locator("dialog#sign-in-over")
    expect(over).to_contain_text("Rien n’a été fait", timeout=WAIT_MS)
    desk.officer_code = system.officer_link(which).partition("#")[2]
    over.get_by_label("Code à usage unique").fill(desk.officer_code)
    over.get_by_role("button", name="Entrer", exact=True).click()
    expect(over).to_have_count(0, timeout=WAIT_MS)
    expect(dialog).to_contain_text("Vous êtes de nouveau là", timeout=WAIT_MS)
    assert dialog.locator("textarea").input_value() == written


def quoted_number(phone: Person, system: System) -> str:
    """The member number as the wallet tells a person to quote it."""
    phone.page.goto(f"{system.wallet}/identity")
    card = phone.page.get_by_role("region", name="Vous êtes commerçant ou association ?")
    expect(card).to_contain_text("après avoir vu vos papiers", timeout=WAIT_MS)
    return card.locator("strong").inner_text()


def set_delay(system: System, delay_s: int) -> None:
    """The governor's act: how long a recovery is open to a veto."""
    with UnitOfWork(system.services.engine) as work:
        system.services.chain_parts.commands.queue_command(
            work.connection,
            "setSafeguards",
            [[100_000_00, delay_s, 60, 1]],
            "GOVERNOR",
            f"delay:{delay_s}:{time.monotonic_ns()}",
        )


def find_member(desk: Person, system: System, number: str) -> None:
    """The officer opens the page of the member who quoted this number."""
    desk.page.goto(f"{system.console}/members")
    desk.page.get_by_label("numéro de membre").fill(number)
    found = desk.page.locator("#found tbody a")
    expect(found).to_have_count(1, timeout=WAIT_MS)
    found.click()
    expect(desk.page.locator("#who")).to_be_visible(timeout=WAIT_MS)


def confirm_registration(desk: Person, form: dict[str, str]) -> None:
    """Fills these fields of the open dialog and confirms."""
    dialog = desk.page.locator("dialog[open]")
    for label, value in form.items():
        field = dialog.get_by_label(label, exact=True)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    confirm_act(desk, dialog, "Inscrire")


def make_pairing_code(phone: Person, system: System) -> str:
    """In the wallet's own page of tills."""
    phone.page.goto(f"{system.wallet}/me")
    phone.page.get_by_role("link", name=re.compile("Mes caisses")).click()
    phone.button("Créer un code d’appairage").click()
    shown = phone.page.locator(".pairing-code")
    expect(shown).to_be_visible(timeout=WAIT_MS)
    return shown.inner_text().strip()


def eventually(question: object, what: str, timeout_s: float = 15.0) -> None:
    """Ask again until it is true. For what no page shows."""
    assert callable(question)
    deadline_s = time.monotonic() + timeout_s
    while not question():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.05)


def load_shop(system: System, amount_cents: int) -> None:
    """Units for the shop, by a transfer of its own; until its wallet would show them."""

    def posted_cents() -> int:
        return system.services.accounts.view(system.shop_id).balance.posted_cents

    before_cents = posted_cents()
    system.bank_day(Credit(system.services.topups.reference_for(system.shop_id), amount_cents))
    eventually(lambda: posted_cents() == before_cents + amount_cents, "the shop's transfer has arrived")


def ask_refund(tablet: Person, amount: str) -> None:
    """From the till's last sales: open the newest sale, type how much, ask."""
    tablet.page.locator("button.entry").filter(has_text="20,00").last.click()
    tablet.page.locator("#refund-amount").fill(amount)
    tablet.button("Demander le remboursement").click()
    expect(tablet.page.get_by_text("demandé").first).to_be_visible(timeout=WAIT_MS)
    tablet.page.keyboard.press("Escape")


def declare(phone: Person, system: System, given: str, family: str) -> None:
    """The declaration alone, its gain and what it takes told before."""
    phone.page.goto(f"{system.wallet}/identity")
    phone.sees("Dès la déclaration")
    phone.sees("Ce que nous gardons")
    for label, value in (
        ("Prénom", given),
        ("Nom", family),
        ("Date de naissance", "1988-04-12"),
        ("Adresse", "3 rue des Exemples"),
        ("Code postal", "76000"),
        ("Commune", "Rouen"),
    ):
        phone.page.get_by_label(label, exact=True).fill(value)
    phone.button("Déclarer mon identité").click()
    phone.sees("Identité déclarée")


def declare_identity(phone: Person, system: System) -> None:
    """The declaration and one document; not sent yet."""
    declare(phone, system, "Camille", "Rivebasse")
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "#DCEDEA").save(picture, "JPEG")
    phone.page.locator("#document").set_input_files(
        {"name": "carte.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    phone.sees("Document 1")


def ask_for_euros(owner: Person, system: System, amount: str, iban: str) -> None:
    """Up to the page that says fee and delay."""
    owner.page.goto(f"{system.wallet}/redeem")
    owner.page.get_by_label("Combien ?").fill(amount)
    owner.page.get_by_label("Vers quel compte (IBAN) ?").fill(iban)
    owner.page.get_by_label("Au nom de qui est ce compte ?").fill("Élise Exemple")
    owner.button("Voir les frais et le délai").click()
    owner.sees("Délai")


def take_euros(owner: Person, amount: str) -> None:
    """Confirm what `ask_for_euros` ended with, until the units are set aside. The list shows `amount` so."""
    owner.button(f"Retirer {amount}").click()
    # The order's own page comes in between, so the address alone says nothing; neither it nor the page of the
    # fee has the form.
    expect(owner.page.get_by_label("Combien ?")).to_be_visible(timeout=WAIT_MS)
    row = owner.page.get_by_role("listitem").filter(has=owner.page.get_by_text(amount, exact=True))
    expect(row).to_contain_text("mis de côté, virement à préparer", timeout=WAIT_MS)


def tab_to(who: Person, wanted: Locator, most: int = 60) -> None:
    """Press Tab until that is focused, and see that the focus shows."""
    for _ in range(most):
        if wanted.evaluate("node => node === document.activeElement"):
            style = wanted.evaluate("node => getComputedStyle(node).outlineStyle")
            assert style != "none", "the focus does not show"
            return
        who.page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached with Tab")
