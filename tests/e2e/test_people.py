"""Between people, in real browsers: a bill split by link, asked, declined, blocked, sent, also to no member.

Every page of it is looked at by axe in both languages and themes, where it stands in the story.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import State, goto, look_at
from tests.support.axe import bring_axe
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System

# The pages and the phones' keys are what is tried; the SQL is tried on both databases beside.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
#: Every page between people; each is looked at below.
ROUTES = {"/send", "/ask", "/asks", "/asks/{ask_id}", "/receive", "/contacts", "/caps"} | {
    f"/{letter}/{{{name}}}" for letter, name in (("C", "code"), ("R", "part_or_ask_id"))
}
#: What test_accessibility.py leaves to this story; the small letter leads to the same page.
SERVED = ROUTES | {"/c/{code}", "/r/{part_or_ask_id}"}


class Story:
    """Who the story is about, and what has been looked at so far."""

    def __init__(self, system: System, people: AddPerson) -> None:
        self.system, self.people, self.wallet = system, people, system.wallet
        self.seen: set[str] = set()

    def phone(self) -> Person:
        added = self.people("phone")
        bring_axe(added.context)
        added.allowed_statuses |= {401, 403, 404, 409}
        return added

    def resident(self, given: str, family: str, cents: int) -> Person:
        """Somebody with a name and some money."""
        phone = self.phone()
        steps.open_visitor_wallet(phone, self.system)
        steps.declare(phone, self.system, given, family)
        steps.load(phone, self.system, cents)
        return phone

    def look(
        self,
        who: Person,
        route: str,
        name: str,
        path: str | None = None,
        act: Callable[[], None] | None = None,
    ) -> None:
        """At a page, perhaps once `act` was done there; afterwards the phone is there in French."""
        here = goto(who, f"{self.wallet}{path}" if path else who.page.url)

        self.seen |= look_at(who, [State(route, name, here, act)])
        here()


def row(who: Person, text: str) -> Locator:
    return who.page.locator("main .row-link, main .pick").filter(has_text=text).first


def write(who: Person, amount: str, word: str = "") -> None:
    """How much, and a word."""
    who.page.locator("#field-amount").fill(amount)
    who.page.locator("#field-message").fill(word)


def submit(who: Person, button: str) -> None:
    """Until the ask's own page is there."""
    who.button(button).click()
    who.page.wait_for_url("**/asks/*")


def link_on(who: Person) -> str:
    shown = who.page.locator(".copy-row .code").first
    expect(shown).to_be_visible(timeout=WAIT_MS)
    link = shown.inner_text()
    assert re.fullmatch(r"http://[^/]+/[RC]/[0-9A-Z]{16,26}", link), "an opaque id and nothing else"
    return link


def test_between_people(system: System, people: AddPerson) -> None:
    story = Story(system, people)
    visitor = story.phone()
    steps.open_visitor_wallet(visitor, system)
    visitor.page.goto(f"{story.wallet}/send")
    visitor.sees("déclarez d’abord votre identité")
    expect(visitor.page.locator("#field-amount, #field-address")).to_have_count(0)
    story.look(visitor, "/send", "send, a visitor", "/send")
    chloe = story.resident("Chloé", "Valmont", 5_000)
    camille = story.resident("Camille", "Rivebasse", 10_000)
    noe = story.resident("Noé", "Bocage", 6_000)

    _a_bill_is_split_by_link(story, chloe, camille, visitor)
    _a_word_goes_with_money(story, camille)
    _a_friend_asks_and_a_stranger_too(story, chloe, camille, noe)
    _somebody_without_a_wallet(story, camille)
    story.look(camille, "/contacts", "contacts, one blocked", "/contacts")
    _one_holds_oneself_back(story, camille)
    assert story.seen >= ROUTES


def _a_bill_is_split_by_link(story: Story, chloe: Person, camille: Person, visitor: Person) -> None:
    def wish() -> None:
        write(chloe, "30", "Pizza de samedi")
        chloe.page.locator(".segment").last.click()
        chloe.page.locator(".steps .icon-button").last.click()

    story.look(chloe, "/ask", "ask, a bill split", "/ask", wish)
    wish()
    submit(chloe, "Demander 30,00")
    chloe.sees("0,00 sur 30,00")
    link = link_on(chloe)
    path = link.removeprefix(story.wallet)
    story.look(chloe, "/asks/{ask_id}", "own ask, nobody has paid")
    stranger = story.phone()
    stranger.page.goto(link)
    stranger.sees("Pour voir de qui vient ce lien")
    expect(stranger.page.get_by_text(re.compile("Chloé|30,00|15,00|Pizza"))).to_have_count(0)
    story.look(stranger, "/R/{part_or_ask_id}", "a link, without a wallet", path)
    visitor.page.goto(link)
    visitor.sees("la loi le réserve aux commerces")
    expect(visitor.button("Payer")).to_have_count(0)
    camille.page.goto(link)
    camille.sees("Chloé V. vous demande")
    camille.sees("« Pizza de samedi »")
    story.look(camille, "/R/{part_or_ask_id}", "asked by link", path)
    camille.button("Payer 15,00").click()
    camille.sees("Payé")
    chloe.sees("15,00 sur 30,00")
    expect(chloe.page.locator("li").filter(has_text="Camille R.")).to_contain_text("payé")
    camille.page.goto(link)
    camille.sees("C’est payé.")


def _a_word_goes_with_money(story: Story, camille: Person) -> None:
    camille.page.goto(f"{story.wallet}/send")

    def choose() -> None:
        row(camille, "Chloé V.").click()
        write(camille, "12,50", "Merci pour le train")
        aloud = camille.page.get_by_role("button", name=re.compile("Lire à voix haute|Read aloud"))
        expect(aloud).to_be_visible(timeout=WAIT_MS)

    # Whom and how much, for who asked for it; what is said then is test_display's.
    camille.page.evaluate("localStorage.setItem('alba.spoken', 'true')")
    story.look(camille, "/send", "send, to whom", "/send")
    story.look(camille, "/send", "send, how much", "/send", choose)
    choose()
    camille.button("Envoyer 12,50").click()
    camille.sees("Payé")
    camille.page.get_by_role("link", name="Voir le reçu").click()
    camille.sees("« Merci pour le train »")
    camille.page.evaluate("localStorage.removeItem('alba.spoken')")
    story.look(camille, "/movement/{ref}", "receipt with a word")


def _a_friend_asks_and_a_stranger_too(story: Story, chloe: Person, camille: Person, noe: Person) -> None:
    camille.page.goto(f"{story.wallet}/receive")
    code = link_on(camille)
    story.look(camille, "/receive", "my code", "/receive")
    noe.page.goto(code)
    noe.sees("Camille R.")
    noe.button("Garder en contact").click()
    noe.sees("Gardé en contact")
    story.look(noe, "/C/{code}", "somebody's code", code.removeprefix(story.wallet))
    for who, other, amount, word in (
        (noe, "Camille", "8", "Tu me dois ça"),
        (chloe, "Camille", "7,20", "Café"),
    ):
        who.page.goto(f"{story.wallet}/ask")
        row(who, other).get_by_role("checkbox").check()
        write(who, amount, word)
        submit(who, f"Demander {amount if ',' in amount else amount + ',00'}")
    camille.page.goto(story.wallet)
    camille.sees("Chloé V. vous demande 7,20")
    camille.sees("1 demande d’une personne que vous ne connaissez pas")
    expect(camille.page.get_by_text("Noé")).to_have_count(0)
    story.look(camille, "/", "home, asked by a friend", "/")
    story.look(camille, "/asks", "asks, a friend's and a stranger's", "/asks")
    camille.page.goto(f"{story.wallet}/asks")
    camille.page.get_by_role("link", name=re.compile("Chloé")).click()
    camille.page.locator("summary").click()
    story.look(
        camille, "/R/{part_or_ask_id}", "declining", None, lambda: camille.page.locator("summary").click()
    )
    camille.page.locator("summary").click()
    camille.page.locator("#field-decline-word").fill("Déjà réglé en espèces")
    camille.button("Refuser la demande").click()
    chloe.sees("« Déjà réglé en espèces »")

    camille.page.get_by_role("link", name=re.compile("Noé")).click()
    camille.sees("Vous ne connaissez pas cette personne ici")
    camille.page.locator("summary").click()
    camille.button("Bloquer cette personne").click()
    camille.button("Oui, bloquer").click()
    camille.page.wait_for_url("**/asks")
    expect(camille.page.get_by_text("Noé")).to_have_count(0, timeout=WAIT_MS)
    noe.page.reload()
    noe.sees("en attente")  # as for anybody


def _somebody_without_a_wallet(story: Story, camille: Person) -> None:
    def prepare() -> None:
        camille.page.locator("button.row-link").first.click()
        camille.page.locator("#field-address").fill("06 12 34 56 78")
        write(camille, "20", "Bienvenue")

    story.look(camille, "/send", "to a number", "/send", prepare)
    prepare()
    submit(camille, "Préparer l’envoi")
    camille.sees("Nous n’écrivons pas aux numéros")
    assert "612345678" not in camille.page.url
    link, mine = link_on(camille), camille.page.url
    story.look(camille, "/asks/{ask_id}", "own send, nobody has answered")
    newcomer = story.phone()
    newcomer.page.goto(link)
    newcomer.button("Ouvrir un portefeuille").click()
    newcomer.sees("Camille R. veut vous envoyer")
    story.look(newcomer, "/R/{part_or_ask_id}", "somebody wants to send", link.removeprefix(story.wallet))
    newcomer.button("C’est bien moi, recevoir").click()
    newcomer.sees("dès qu’elle a signé")
    camille.page.goto(story.wallet)
    camille.sees("est là pour recevoir 20,00")
    camille.page.goto(mine)
    camille.page.get_by_role("link", name="Voir et envoyer 20,00").click()
    camille.button("Envoyer 20,00").click()
    camille.sees("Payé")
    newcomer.page.goto(story.wallet)
    steps.sees_balance_of(newcomer, 2_000)


def _one_holds_oneself_back(story: Story, camille: Person) -> None:
    camille.page.goto(f"{story.wallet}/caps")
    camille.page.get_by_label("Par paiement, au plus").fill("10")
    camille.button("Enregistrer mes plafonds").click()
    camille.sees("vaut dès maintenant")
    camille.page.get_by_label("Par paiement, au plus").fill("50")
    camille.button("Enregistrer mes plafonds").click()
    camille.sees("La hausse vaudra")
    story.look(camille, "/caps", "own caps, a raise waits", "/caps")
    camille.page.goto(f"{story.wallet}/send")
    row(camille, "Chloé V.").click()
    write(camille, "10,01")
    camille.sees("Votre plafond par paiement est de 10,00.")
    expect(camille.button("Envoyer")).to_have_count(0)
    write(camille, "10")
    camille.button("Envoyer 10,00").click()
    camille.sees("Payé")
