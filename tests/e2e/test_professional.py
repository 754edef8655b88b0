"""A person opens a wallet and becomes a shop: registered by an officer, paid by a visitor at its own till."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.demo.people import invented_siret
from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.browsers import WAIT_MS
from tests.support.system import System

pytestmark = [pytest.mark.browser, pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(240)]
SHOP_NAME = "Poterie des Essais"
FORM = {
    "Nom public": SHOP_NAME,
    "Description": "Vaisselle en grès",
    "Type de professionnel": "merchant",
    "Numéro SIRET": invented_siret(7),
    "Activité (division NAF)": "23",
    "Commune": "Rouen",
    "Prénom du représentant": "Solveig",
    "Nom du représentant": "Essai",
    "Motif": "Extrait du registre vu au guichet",
}


def test_a_member_is_registered_as_a_shop_pairs_a_tablet_and_is_paid(
    system: System, people: AddPerson
) -> None:
    owner, desk, tablet, customer = people("phone"), people("desk"), people("tablet"), people("phone")
    steps.open_visitor_wallet(owner, system)
    number = steps.quoted_number(owner, system)

    desk.allowed_statuses |= {422}
    steps.officer_enters(desk, system, "first")
    steps.find_member(desk, system, number)
    desk.button("Inscrire comme professionnel…").click()
    steps.confirm_registration(desk, {**FORM, "Numéro SIRET": "12345678900000"})
    refusal = desk.page.get_by_text("Ce numéro SIRET n’est pas valable.")
    expect(refusal).to_be_in_viewport(timeout=WAIT_MS)
    steps.confirm_registration(desk, {"Numéro SIRET": FORM["Numéro SIRET"]})
    desk.sees("L’inscription est partie vers le registre.")
    expect(desk.page.locator("#who")).to_contain_text("professionnel", timeout=WAIT_MS)
    expect(desk.button("Inscrire comme professionnel…")).to_have_count(0, timeout=WAIT_MS)

    owner.sees("L’identité d’un professionnel est vérifiée par l’association")  # by push: nothing was touched
    expect(owner.page.get_by_text("Vous êtes commerçant ou association ?")).to_be_hidden(timeout=WAIT_MS)
    account = system.services.members.get(steps.id_of(owner, system)).account_address
    on_chain = system.services.chain.account(account)
    assert (on_chain.kind, on_chain.tier, on_chain.sector) == ("merchant", "professional", 23)

    steps.pair_till(tablet, system, steps.make_pairing_code(owner, system))
    expect(tablet.page.get_by_text(SHOP_NAME).first).to_be_visible(timeout=WAIT_MS)
    # By push: the merchant's own list shows the tablet, and the code that has served is gone.
    expect(owner.page.get_by_role("button", name=re.compile("^Révoquer"))).to_have_count(1, timeout=WAIT_MS)
    expect(owner.page.locator(".pairing-code")).to_have_count(0)
    steps.open_visitor_wallet(customer, system)
    steps.load(customer, system, 4_000)
    sale = steps.charge_with_words_and_tip(tablet, "1750", "Table 4", "1,00")
    steps.pay_with_code(customer, system, sale.short_code, "dont pourboire 1,00", "Table 4")
    expect(customer.page.locator("main")).to_contain_text(SHOP_NAME, timeout=WAIT_MS)
    steps.till_turns_green(tablet)
    owner.page.goto(system.wallet)
    steps.sees_balance_of(owner, 1_850)

    shop = owner.page.get_by_role("link", name=SHOP_NAME)
    expect(shop).to_contain_text("18,50 aujourd’hui · 1 paiement", timeout=WAIT_MS)
    hide = owner.button("Cacher le solde")
    hide.click()
    expect(owner.page.locator(".balance")).not_to_contain_text("18,50")
    owner.page.reload()
    expect(owner.page.get_by_text("Solde caché")).to_be_attached(timeout=WAIT_MS)
    expect(hide).to_have_attribute("aria-pressed", "true")
    hide.click()
    steps.sees_balance_of(owner, 1_850)
    owner.page.get_by_role("link", name="Retirer en euros").click()
    owner.button("Tout retirer").click()
    expect(owner.page.get_by_label("Combien ?")).to_have_value("18,50")
