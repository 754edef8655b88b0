"""A contested payment in real browsers: the payer, the shop, the officer, and the money on its way back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import State, goto, look_at, opens
from tests.e2e.pages import CONTESTED, CONTESTED_IN_CONSOLE
from tests.support.axe import bring_axe
from tests.support.browsers import WAIT_MS, Person
from tests.support.recovery_side import picture
from tests.support.system import System

# The pages and what they tell each other are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
GROUND = "Pas de preuve de remise"


def contest(payer: Person, system: System) -> None:
    """From the receipt to "held", with a reason and words; without a reason nothing is sent."""
    payer.page.goto(f"{system.wallet}/movements")
    payer.page.get_by_role("link", name=re.compile("Boulangerie des Essais")).first.click()
    payer.page.get_by_role("link", name="Contester ce paiement").click()
    payer.button("Contester ce paiement").click()
    payer.sees("Choisissez une raison.")
    seen = look_at(payer, [State("/contest/{ref}", "contesting", goto(payer, payer.page.url))])
    assert seen < CONTESTED
    payer.page.reload()
    payer.page.get_by_label("Je n’ai pas reçu ce que j’ai payé").check()
    payer.page.get_by_label("Dites-le en quelques mots").fill("Le pain n’était pas prêt")
    payer.button("Contester ce paiement").click()
    payer.sees("20,00 sont retenus jusqu’à la décision.")


def answer(shop: Person, system: System) -> str:
    """The shop is told at once, reads why, shows a paper and does not agree; the page's address."""
    told = shop.page.get_by_role(
        "link", name=re.compile("Un paiement de 20,00 que vous avez reçu est contesté")
    )
    shop.page.goto(f"{system.wallet}{told.get_attribute('href')}")
    shop.sees("Le pain n’était pas prêt")
    page = shop.page.url
    look_at(shop, [State("/disputes/{dispute_id}", "to answer", goto(shop, page))])
    shop.page.goto(page)
    shop.page.locator("#dispute-paper").set_input_files(
        {"name": "ticket.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    shop.sees("1 document envoyé")
    shop.page.get_by_label("Votre réponse").fill("Servi au comptoir")
    shop.button("Je ne suis pas d’accord").click()
    shop.sees("Vous avez répondu.")
    return page


def decide(desk: Person, system: System) -> None:
    """Read, looked at in every look, and upheld."""
    desk.page.goto(f"{system.console}/disputes")
    desk.page.get_by_role("link", name=re.compile("Ouvrir.*20,00")).click()
    case = desk.page.url
    desk.page.get_by_role("link", name="Lire ce qu’elles ont écrit").click()
    desk.sees("Le pain n’était pas prêt")
    desk.sees("Servi au comptoir")
    desk.page.goto(case)
    desk.page.get_by_role("link", name="Document 1").click()
    desk.page.wait_for_function("() => document.querySelector('#viewer[open] img')?.naturalWidth === 60")
    desk.page.keyboard.press("Escape")
    seen = look_at(
        desk,
        [
            State("/disputes", "contested payments", goto(desk, f"{system.console}/disputes")),
            State("/disputes/{dispute_id}", "a contested payment", goto(desk, case)),
            State("/disputes/{dispute_id}", "uphold", goto(desk, case), opens(desk, "uphold")),
            State("/disputes/{dispute_id}/said", "what they said", goto(desk, f"{case}/said")),
        ],
    )
    assert seen == CONTESTED_IN_CONSOLE
    desk.page.goto(case)
    steps.act(desk, "Donner raison…", "Donner raison", GROUND)
    desk.sees("C’est décidé")
    look_at(desk, [State("/disputes/{dispute_id}", "upheld", goto(desk, case))])


def test_a_contested_payment_is_held_answered_decided_and_signed_back(
    system: System, people: AddPerson
) -> None:
    payer, shop, tablet, desk = people("phone"), people("phone"), people("tablet"), people("desk")
    for who in (payer, shop, desk):
        bring_axe(who.context)
        who.allowed_statuses |= {401, 403, 404, 409}
    steps.open_visitor_wallet(payer, system)
    steps.load(payer, system, 4_880)
    steps.link_phone(shop, system, system.shop_id)
    steps.load_shop(system, 3_000)
    steps.pair_till(tablet, system)
    steps.pay_with_code(payer, system, steps.charge(tablet, "2000").short_code)
    steps.till_turns_green(tablet)

    contest(payer, system)
    disputed = payer.page.url
    shop.page.goto(system.wallet)
    steps.sees_balance_of(shop, 3_000)
    expect(shop.page.get_by_role("region", name="Solde")).to_contain_text("20,00 retenus", timeout=WAIT_MS)
    look_at(shop, [State("/", "a payment is contested", goto(shop, system.wallet))])
    shop.page.goto(system.wallet)
    answer(shop, system)
    payer.sees("Servi au comptoir")  # by itself
    look_at(payer, [State("/disputes/{dispute_id}", "answered", goto(payer, disputed))])
    payer.page.goto(disputed)

    steps.officer_enters(desk, system, "first")
    decide(desk, system)
    payer.sees("L’association vous donne raison")
    payer.sees(GROUND)
    shop.sees("la somme est à rendre")

    # Given back as any refund is: asked at the till, signed by the merchant, out of what is free.
    tablet.page.goto(system.till)
    steps.ask_refund(tablet, "20,00")
    shop.page.goto(system.wallet)
    asked = shop.page.get_by_role("link", name=re.compile("Rembourser 20,00"))
    shop.page.goto(f"{system.wallet}{asked.get_attribute('href')}")  # home may be drawn again under a tap
    shop.button("Rembourser").click()
    payer.sees("La somme vous est rendue.")
    payer.page.goto(system.wallet)
    steps.sees_balance_of(payer, 4_880)
    shop.page.goto(system.wallet)
    steps.sees_balance_of(shop, 3_000)
    expect(shop.page.get_by_text("retenus")).to_have_count(0, timeout=WAIT_MS)
