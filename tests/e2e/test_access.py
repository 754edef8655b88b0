"""People let go of what opens their account, and officers confirm what is dangerous with a finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.axe import bring_axe, violations_of
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System

# The pages and the browser's passkeys are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
NO_FINGER = """() => {
  navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""


def rows(phone: Person, title: str) -> Locator:
    group = phone.page.locator(".access-group").filter(has=phone.page.get_by_role("heading", name=title))
    return group.get_by_role("listitem")


def to_me(phone: Person, system: System) -> None:
    phone.page.goto(f"{system.wallet}/me")
    expect(rows(phone, "Connexions ouvertes")).not_to_have_count(0, timeout=WAIT_MS)


def test_a_member_lets_go_of_a_lost_phone_and_of_a_passkey(system: System, people: AddPerson) -> None:
    phone, lost = people("phone"), people("phone")
    bring_axe(phone.context)
    for who in (phone, lost):
        who.allowed_statuses |= {401, 403, 409}
    steps.open_visitor_wallet(phone, system)
    steps.link_phone(lost, system, steps.id_of(phone, system))
    phone.give_passkeys()
    to_me(phone, system)
    phone.button("Ajouter une clé d’accès").click()
    expect(rows(phone, "Clés d’accès")).to_contain_text("ouvre le compte et signe", timeout=WAIT_MS)
    expect(rows(phone, "Téléphones et navigateurs liés")).to_have_count(2)
    expect(rows(phone, "Connexions ouvertes")).to_have_count(2)
    expect(rows(phone, "Connexions ouvertes").first).to_contain_text("ici")

    # It was tied by a code and only looks; this phone's key lets it pay.
    tied = rows(phone, "Téléphones et navigateurs liés").filter(has_not_text=re.compile("Ce téléphone"))
    tied.get_by_role("button", name="Le laisser payer").click()
    expect(tied.get_by_role("button", name="Le laisser payer")).to_have_count(0, timeout=WAIT_MS)

    # The lost phone: what will happen is said first, and one may still leave it.
    other = rows(phone, "Téléphones et navigateurs liés").filter(has_not_text=re.compile("Ce téléphone"))
    other.get_by_role("button", name=re.compile("^Retirer")).click()
    expect(other).to_contain_text("Il ne pourra plus payer pour ce compte ni s’y reconnecter")
    expect(other.get_by_role("button", name="Retirer ce téléphone")).to_be_focused()
    assert violations_of(phone.page) == []
    other.get_by_role("button", name="Ne rien faire").click()
    other.get_by_role("button", name=re.compile("^Retirer")).click()
    other.get_by_role("button", name="Retirer ce téléphone").click()
    expect(rows(phone, "Téléphones et navigateurs liés")).to_have_count(1, timeout=WAIT_MS)
    expect(rows(phone, "Connexions ouvertes")).to_have_count(1)
    lost.page.goto(system.wallet)
    expect(lost.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)

    # A passkey that cannot be shown goes in three days, unless somebody says no; shown, it goes at once.
    passkey = rows(phone, "Clés d’accès")
    phone.take_passkeys()
    phone.page.evaluate(NO_FINGER)
    passkey.get_by_role("button", name=re.compile("^Retirer")).click()
    passkey.get_by_role("button", name="Retirer cette clé").click()
    expect(passkey).to_contain_text("La clé d’accès n’a pas été utilisée. Rien n’a changé.", timeout=WAIT_MS)
    assert violations_of(phone.page) == []
    passkey.get_by_role("button", name="Je ne l’ai plus").click()
    expect(passkey).to_contain_text("Ce n’est pas vous ? Gardez-la.", timeout=WAIT_MS)
    assert violations_of(phone.page) == []
    passkey.get_by_role("button", name="La garder").click()
    expect(passkey).to_contain_text("ouvre le compte et signe", timeout=WAIT_MS)
    phone.return_passkeys()
    to_me(phone, system)

    # The passkey that was removed is still in the authenticator, and opens nothing.
    passkey.get_by_role("button", name=re.compile("^Retirer")).click()
    passkey.get_by_role("button", name="Retirer cette clé").click()
    expect(passkey).to_have_count(0, timeout=WAIT_MS)
    own = rows(phone, "Téléphones et navigateurs liés")
    own.get_by_role("button", name=re.compile("^Retirer")).click()
    own.get_by_role("button", name="Retirer ce téléphone").click()
    phone.sees("C’est votre seul moyen d’entrer")
    phone.button("Se déconnecter").click()
    expect(phone.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
    phone.page.goto(f"{system.wallet}/sign-in")
    phone.button("Se connecter avec une clé d’accès").click()
    phone.sees("Cette clé d’accès n’est pas reconnue")
    phone.button("Se connecter avec ce téléphone").click()
    phone.sees("Disponible")


def test_an_officer_confirms_with_a_finger_and_signs_another_out(system: System, people: AddPerson) -> None:
    desk, second = people("desk"), people("desk")
    bring_axe(desk.context)
    steps.officer_enters(second, system, "second")
    steps.officer_enters(desk, system, "first")
    desk.give_passkeys()
    desk.page.get_by_role("link", name="Mes accès").click()
    desk.sees("Aucune pour le moment")
    desk.page.get_by_role("link", name="Ajouter une clé d’accès").click()
    desk.button("Enregistrer une clé d’accès").click()
    desk.sees("La clé d’accès est enregistrée.")
    expect(desk.page.locator("#passkeys")).to_contain_text("pas encore utilisée")

    desk.page.goto(system.console)
    desk.button("Arrêter les paiements…").click()
    dialog = desk.page.locator("dialog[open]")
    expect(dialog).to_contain_text("Votre clé d’accès vous sera demandée.")
    assert violations_of(desk.page) == []
    dialog.get_by_label("Motif").fill("Exercice d’arrêt")
    desk.page.evaluate(NO_FINGER)
    dialog.get_by_role("button", name="Arrêter les paiements", exact=True).click()
    expect(dialog).to_contain_text("Rien n’a été fait : la clé d’accès n’a pas confirmé.")
    desk.page.reload()
    steps.act(desk, "Arrêter les paiements…", "Arrêter les paiements", "Exercice d’arrêt")
    expect(desk.page.get_by_text("Paiements arrêtés").first).to_be_visible(timeout=WAIT_MS)
    steps.act(desk, "Demander la reprise…", "Demander la reprise", "Fin de l’exercice")
    second.page.goto(f"{system.console}/approvals")
    steps.act(second, "Signer…", "Signer")
    desk.page.goto(system.console)
    expect(desk.page.get_by_text("Paiements ouverts").first).to_be_visible(timeout=WAIT_MS)

    desk.page.get_by_role("link", name="Mes accès").click()
    expect(desk.page.locator("#passkeys")).to_contain_text("dernier usage")
    second.allowed_statuses |= {401}  # its page asks for the stream again when its session has ended
    steps.act(desk, "Déconnecter… Basile Essai", "Déconnecter", "Poste laissé ouvert")
    desk.sees("Cet agent est déconnecté partout.")
    second.page.reload()
    expect(second.page.get_by_role("heading", name="Entrer dans la console")).to_be_visible(timeout=WAIT_MS)
