"""A child's phone pays from a parent's account: two phones and a till in real browsers, on the ledger."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import State, goto, look_at
from tests.support.axe import bring_axe
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System

# The pages and the two phones' keys are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]


def let_pay(parent: Person, child: Person, system: System) -> float:
    """From "let somebody pay" to a phone that can; seconds. Taps: four there, one here."""
    parent.page.goto(f"{system.wallet}/family")
    started_s = time.monotonic()
    parent.button("Laisser quelqu’un payer").click()
    parent.page.get_by_label("Son nom, pour vous seul").fill("Léo")
    parent.button("Faire une invitation").click()
    code = parent.page.locator(".copy-list dd").inner_text().split()[0]
    child.page.goto(f"{system.wallet}/held#{code}")
    child.button("Continuer").click()
    words = child.page.locator(".move-words li")
    expect(words).to_have_count(4, timeout=WAIT_MS)
    expect(child.page.get_by_text("Un enfant · 20")).to_be_visible()
    expect(parent.page.locator(".move-words li")).to_have_text(words.all_inner_texts(), timeout=WAIT_MS)
    parent.button("Les mots sont les mêmes").click()
    parent.sees("C’est relié")
    expect(child.page.get_by_role("region", name="Ce que je peux payer")).to_be_visible(timeout=WAIT_MS)
    return time.monotonic() - started_s


def pay_by_code(child: Person, system: System, tablet: Person, digits: str) -> None:
    sale = steps.charge(tablet, digits)
    child.page.goto(f"{system.wallet}/scan#code")
    child.page.locator("#short-code").fill(sale.short_code)


def test_a_child_pays_within_limits_until_the_parent_takes_the_key_back(
    system: System, people: AddPerson
) -> None:
    parent, child, tablet = people("phone"), people("phone"), people("tablet")
    for who in (parent, child):
        bring_axe(who.context)
        who.allowed_statuses |= {401, 403, 404}
    steps.open_visitor_wallet(parent, system)
    steps.load(parent, system, 10_000)
    steps.pair_till(tablet, system)

    # A phone that has a wallet of its own answers no invitation.
    parent.page.goto(f"{system.wallet}/held")
    parent.sees("Ce téléphone porte déjà votre portefeuille")

    linked_s = let_pay(parent, child, system)
    print(f"asked to a phone that pays: 5 taps, {linked_s:.1f} s")
    child.sees("au plus pour un paiement maintenant")
    started_s = time.monotonic()
    pay_by_code(child, system, tablet, "1250")
    steps.confirm(child)
    print(f"code to paid: 1 tap, {time.monotonic() - started_s:.1f} s")
    steps.till_turns_green(tablet)
    tablet.button("Nouvelle vente").click()
    child.page.get_by_role("link", name="Terminé").click()
    child.sees("Il reste 37,50")

    # Above one of its limits it is told before, and nothing is sent.
    pay_by_code(child, system, tablet, "2001")
    child.sees("vous pouvez payer 20,00")
    expect(child.button("Payer")).to_have_count(0)

    # The parent sees who paid, in the list of movements and in the one place of all keys.
    parent.page.goto(system.wallet)
    parent.sees("payé par Léo")
    parent.page.goto(f"{system.wallet}/family")
    parent.sees("aujourd’hui : 12,50")
    look_at(parent, [State("/family", "a child who pays", goto(parent, f"{system.wallet}/family"))])
    look_at(child, [State("/held", "what it may pay", goto(child, f"{system.wallet}/held"))])

    # It opens nothing else of the account.
    statuses = {
        path: child.page.request.get(f"{system.wallet}{path}").status
        for path in ("/v1/me", "/v1/me/movements", "/v1/me/keyholders", "/v1/events")
    }
    assert set(statuses.values()) == {401}, statuses

    parent.page.goto(f"{system.wallet}/family")
    parent.button("Retirer : Léo").click()
    started_s = time.monotonic()
    parent.button("Retirer sa clé").click()
    parent.sees("Qui ne paie plus")
    print(f"taken back: 2 taps, {time.monotonic() - started_s:.1f} s")
    child.page.goto(f"{system.wallet}/scan")
    child.sees("ne peut plus payer avec ce compte")
    child.button("Ouvrir mon propre portefeuille").click()
    expect(child.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
