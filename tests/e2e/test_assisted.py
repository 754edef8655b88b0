"""Somebody without a smartphone at a desk: opened, printed, paid, told what moved; then a first phone."""

from __future__ import annotations

import re
import time
from itertools import count

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import Reach, State, goto, look_at, opens
from tests.support.axe import bring_axe
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System

# The pages, the paper and the ledger's delay are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
FORM = {
    "given_name": "Odette",
    "family_name": "Essai",
    "birth_date": "1941-03-09",
    "address": "2 rue des Galets",
    "postal_code": "76200",
    "city": "Dieppe",
    "ending": "X41Z",
}
#: Of one name and birth date a second account is not opened.
YEARS = count(1942)
GROUND = "Demandé au guichet"
ODETTE = "Odette E."
A4_POINTS = (595, 842)


def fill(desk: Person, **other: str) -> None:
    """As quick as an officer who tabs through it; one paper chosen, two boxes ticked."""
    for name, value in (FORM | other).items():
        desk.page.locator(f"main [name={name}]").fill(value)
    desk.page.locator("main [name=paper]").select_option("identity_card")
    for name in ("seen", "signed"):
        desk.page.locator(f"main [name={name}]").check()
    code = desk.page.locator("main [name=officer_code]")
    if code.count():
        code.fill(desk.officer_code)


def opened_card(desk: Person, system: System) -> Reach:
    """One more person's account, until its card is there; whatever the language."""

    def reach() -> None:
        desk.page.goto(f"{system.console}/assisted")
        fill(desk, birth_date=f"{next(YEARS)}-03-09")
        desk.page.locator("main form button[type=submit]").click()
        expect(desk.page.locator("#recovery-code")).to_be_visible(timeout=WAIT_MS)

    return reach


def printed(desk: Person) -> str:
    """What comes out of the printer: one A4 sheet, its words; the card's QR is read from it."""
    document = pypdfium2.PdfDocument(desk.page.pdf(prefer_css_page_size=True))
    assert len(document) == 1
    sheet = document[0]
    assert tuple(round(side) for side in sheet.get_size()) == A4_POINTS
    return str(sheet.get_textpage().get_text_range())


def codes_in(pdf: bytes) -> set[str]:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def test_a_desk_opens_an_account_that_is_paid_and_its_first_phone_takes_it(
    system: System, people: AddPerson
) -> None:
    desk, second, payer, phone = people("desk"), people("desk"), people("phone"), people("phone")
    bring_axe(desk.context)
    for who in (desk, second, payer, phone):
        who.allowed_statuses |= {401, 403, 404, 409}
    steps.set_delay(system, 3)
    steps.officer_enters(desk, system, "first")

    # The officer: a link, eleven fields, a button.
    desk.page.goto(f"{system.console}/members")
    started_s = time.monotonic()
    desk.page.get_by_role("link", name="Ouvrir un compte assisté").click()
    fill(desk)
    desk.button("Ouvrir et préparer la carte").click()
    shown = desk.page.locator("#recovery-code")
    expect(shown).to_be_visible(timeout=WAIT_MS)
    print(f"members to card: {time.monotonic() - started_s:.1f} s")
    code = shown.inner_text()
    assert code not in desk.page.url
    sheet = printed(desk)
    for said in (code, ODETTE, "Reçoit, ne paie pas encore.", "jamais avec la carte"):
        assert said in sheet.replace("\u00a0", " "), said
    assert "Téléphones perdus" not in sheet  # the console's own frame is not on the paper
    codes = codes_in(desk.page.pdf(prefer_css_page_size=True))
    (link,) = [each for each in codes if each.startswith(system.wallet)]
    assert re.fullmatch(rf"{system.wallet}/C/[0-9A-Z]{{16}}", link)
    assert any(each.startswith("BCD") for each in codes)  # the bank's own QR beside it

    # Printed once: neither the desk's page nor the way back shows the code again.
    desk.page.get_by_role("link", name="C’est imprimé").click()
    desk.page.wait_for_url("**/assisted/*")
    member_id = desk.page.url.rpartition("/")[2]
    assert code not in desk.page.content()
    desk.page.go_back()
    expect(desk.page.get_by_text(code)).to_have_count(0)

    # A neighbour scans the card.
    steps.open_visitor_wallet(payer, system)
    steps.declare(payer, system, "Camille", "Rivebasse")
    payer.sees("1 000")
    steps.load(payer, system, 5_000)
    payer.page.goto(link)
    payer.sees(ODETTE)
    payer.page.locator("#field-amount").fill("12,50")
    payer.button("Envoyer 12,50").click()
    payer.sees("Payé")
    expect(payer.page.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)

    here = f"{system.console}/assisted/{member_id}"
    desk.page.goto(here)
    expect(desk.page.locator("main")).to_contain_text(re.compile(r"12,50"), timeout=WAIT_MS)
    dialogs = ("statement", "card", "correct", "copies")
    look_at(
        desk,
        [
            State("/assisted", "open at the desk", goto(desk, f"{system.console}/assisted")),
            State("/assisted", "the card", opened_card(desk, system), opened_card(desk, system)),
            State("/assisted/{member_id}", "the desk", goto(desk, here)),
            *(State("/assisted/{member_id}", each, goto(desk, here), opens(desk, each)) for each in dialogs),
        ],
    )
    statement_of(desk, here)

    # A first phone: the code on the sheet, the desk, a second officer; the delay passes and it is theirs.
    phone.page.goto(f"{system.wallet}/lost")
    phone.page.get_by_label("Code de secours sur papier").fill(code.lower().replace("-", " "))
    phone.button("Utiliser mon code").click()
    number = phone.page.locator(".pairing-code")
    expect(number).to_be_visible(timeout=WAIT_MS)
    desk.page.goto(f"{system.console}/recoveries")
    desk.page.get_by_role(
        "link", name=re.compile("Ouvrir.*" + number.inner_text().replace("\u00a0", " "))
    ).click()
    steps.act(desk, "Annoncer le nouveau téléphone…", "Demander", "Vue au guichet, pièce d’identité")
    desk.sees("Vous l’avez demandé")
    expect(phone.page.get_by_text("Gelé. S’ouvre ici")).to_have_count(0)
    steps.officer_enters(second, system, "second")
    second.page.goto(f"{system.console}/approvals")
    steps.act(second, "Signer…", "Signer", "Vu avec le premier agent")
    phone.sees("Disponible")
    steps.sees_balance_of(phone, 1_250)
    desk.page.goto(f"{system.console}/members/{member_id}")
    expect(desk.page.locator("#member-actions")).not_to_contain_text("assisté", timeout=WAIT_MS)


def statement_of(desk: Person, here: str) -> None:
    """The month as the person's own paper; the journal says who looked and why."""
    desk.page.goto(here)
    desk.page.locator('[data-opens="statement"]').click()
    form = desk.page.locator("dialog[open] form")
    fields: dict[str, str | float | bool] = {
        "csrf_token": form.locator("[name=csrf_token]").input_value(),
        "period": form.locator("[name=period]").input_value(),
        "ground": GROUND,
    }
    origin = here.partition("/assisted")[0]
    answer = desk.page.request.post(f"{here}/statement", form=fields, headers={"Origin": origin})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    words = pypdfium2.PdfDocument(answer.body())[0].get_textpage().get_text_range()
    for said in (ODETTE, "Camille R.", "12,50"):
        assert said in words.replace("\u00a0", " "), said
    desk.page.goto(here.replace("/assisted/", "/members/"))
    entries = desk.page.locator("#entries")
    expect(entries).to_contain_text("relevé d’un compte assisté imprimé")
    expect(entries).to_contain_text(GROUND)
