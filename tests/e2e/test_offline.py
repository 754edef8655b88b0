"""Without network, in real Chromium with its service workers: nothing is pretended, lost or doubled."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.axe import bring_axe, violations_of
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import SHOP_NAME, System

# One system is enough: what is tested lives in the browsers.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
HOUR = re.compile(r"\d{1,2}\sh\s\d{2}\s; il a pu changer depuis")


def payments_of(who: Person, system: System) -> list[dict[str, object]]:
    answer = who.page.request.get(f"{system.wallet}/v1/me/movements")
    assert answer.ok, answer.text()
    return [move for move in answer.json() if move["kind"] == "payment_out"]


def ready_to_pay(phone: Person, tablet: Person, system: System, digits: str) -> None:
    """The sale is on the phone's screen, one tap from paid."""
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 5_000)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, digits)
    phone.keep_for_offline()
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")
    expect(phone.button("Payer")).to_be_visible(timeout=WAIT_MS)


def test_the_wallet_opens_without_network_and_says_of_when_its_balance_is(
    system: System, people: AddPerson
) -> None:
    phone = people("phone")
    bring_axe(phone.context)
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 4_250)
    phone.keep_for_offline()
    phone.cut()
    phone.sees("Hors connexion.")  # already while it is open
    expect(phone.page.get_by_role("region", name="Solde")).to_contain_text(HOUR)
    phone.page.reload()
    phone.sees("Hors connexion.")
    balance = phone.page.get_by_role("region", name="Solde")
    expect(balance).to_contain_text("Dernier solde connu")
    expect(balance).to_contain_text(re.compile(r"42\s*,50"))
    expect(balance).to_contain_text(HOUR)
    expect(balance).not_to_contain_text("Disponible")
    phone.sees("Vos mouvements reviendront avec le réseau.")
    assert violations_of(phone.page) == []
    phone.page.get_by_role("link", name="Aide").click()
    phone.sees("Parler à quelqu’un")  # kept, and it says of when
    phone.sees(re.compile(r"Page lue le .* \d{4}, \d{1,2}\sh\s\d{2}"))
    phone.page.get_by_role("link", name="Conditions d’utilisation").click()
    expect(phone.page.locator("h1")).to_have_text("Conditions d’utilisation", timeout=WAIT_MS)
    assert violations_of(phone.page) == []
    phone.page.goto(system.wallet)

    phone.restore()
    expect(balance).to_contain_text("Disponible", timeout=WAIT_MS)
    expect(phone.page.get_by_text("Hors connexion.")).to_have_count(0)
    steps.sees_balance_of(phone, 4_250)


def test_an_answer_under_way_when_the_network_went_does_not_hide_that(
    system: System, people: AddPerson
) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 1_500)
    answered: list[str] = []

    def late(route: Route) -> None:
        if answered:
            route.abort()
            return
        answered.append(route.request.url)
        answer = route.fetch()
        phone.context.set_offline(True)
        route.fulfill(response=answer)

    phone.page.route("**/v1/events*", lambda route: route.abort())  # nor does a stream tell
    phone.page.route("**/v1/me", late)
    phone.page.reload()
    phone.sees("Hors connexion.")
    expect(phone.page.get_by_role("region", name="Solde")).to_contain_text("Dernier solde connu")
    assert answered


def test_a_page_that_hears_nothing_says_so_whatever_the_browser_believes(
    system: System, people: AddPerson
) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 1_500)
    phone.page.route("**/v1/**", lambda route: route.abort())  # the open stream stays
    phone.page.get_by_role("link", name="Moi").click()
    phone.page.get_by_role("link", name="Accueil").click()
    phone.sees("Pas de réponse du service")
    phone.sees("Hors connexion.")
    assert phone.page.evaluate("navigator.onLine")
    expect(phone.page.get_by_role("region", name="Solde")).to_contain_text("Dernier solde connu")
    phone.page.unroute("**/v1/**")
    expect(phone.page.get_by_role("region", name="Solde")).to_contain_text("Disponible", timeout=WAIT_MS)
    expect(phone.page.get_by_text("Hors connexion.")).to_have_count(0)


def test_a_signed_out_phone_remembers_no_balance(system: System, people: AddPerson) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 1_000)
    phone.keep_for_offline()
    phone.page.goto(f"{system.wallet}/me")
    phone.button("Se déconnecter").click()
    expect(phone.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
    phone.cut()
    phone.page.goto(system.wallet)
    phone.sees("Hors connexion.")
    phone.sees("Solde visible en ligne")
    assert "10,00" not in phone.page.inner_text("main")


def test_who_signed_out_stays_so_until_they_ask_to_come_back(system: System, people: AddPerson) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    phone.page.goto(f"{system.wallet}/me")
    phone.button("Se déconnecter").click()
    expect(phone.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
    phone.page.reload()
    expect(phone.button("Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
    phone.page.get_by_role("link", name="J’ai déjà un compte").click()
    phone.button("Se connecter avec ce téléphone").click()
    phone.sees("Disponible")


def test_a_payment_confirmed_without_network_waits_through_a_reload_and_is_paid_once(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "1250")
    phone.cut()
    phone.button("Payer").dblclick()
    phone.sees("En attente du réseau")
    phone.sees("Votre ordre partira une seule fois, dès le retour du réseau.")
    address = phone.page.url
    phone.page.reload()
    phone.sees("En attente du réseau")
    assert phone.page.url == address
    assert payments_of(phone, system) == []
    expect(tablet.page.get_by_text("Le client scanne le QR")).to_be_visible()

    phone.restore()
    expect(phone.page.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)
    steps.till_turns_green(tablet)
    (only,) = payments_of(phone, system)
    assert (only["state"], only["amount_cents"]) == ("paid", -1_250)
    phone.page.goto(system.wallet)
    steps.sees_balance_of(phone, 3_750)


def test_a_payment_whose_answer_is_lost_is_sent_again_and_paid_once(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "800")
    sent: list[str] = []

    def heard_but_not_answered(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()  # the service has it
            route.abort("connectionreset")
        else:
            route.fallback()

    phone.page.route("**/v1/events*", lambda route: route.abort())  # nor does a push tell
    phone.page.route("**/v1/payments", heard_but_not_answered)
    phone.page.reload()
    phone.button("Payer").click()
    expect(phone.page.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)
    steps.till_turns_green(tablet)
    assert len(sent) >= 2
    assert len(set(sent)) == 1
    assert [one["amount_cents"] for one in payments_of(phone, system)] == [-800]


def test_an_order_is_taken_back_before_the_network_returns_and_the_sale_is_paid_from_another_tab(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "770")
    sale = steps.sale_on_screen(tablet)
    phone.cut()
    phone.button("Payer").click()
    phone.sees("En attente du réseau")
    phone.page.get_by_role("link", name="Accueil").click()
    phone.page.get_by_text("pas encore parti").click()
    phone.button("Annuler cet ordre").click()
    phone.sees("L’ordre n’a jamais quitté ce téléphone")
    phone.restore()
    phone.page.goto(system.wallet)
    steps.sees_balance_of(phone, 5_000)

    # Home is open in one tab when the phone's own camera opens the sale in another.
    tab = phone.context.new_page()
    tab.goto(f"{system.wallet}/P/{sale.qr_text.rsplit('/', 1)[1]}")
    tab.get_by_role("button", name="Payer").click()
    expect(tab.get_by_role("heading", name="Payé")).to_be_visible(timeout=WAIT_MS)
    steps.till_turns_green(tablet)
    steps.sees_balance_of(phone, 4_230)
    tab.goto(f"{system.wallet}/code/{sale.short_code}")
    expect(tab.get_by_text("Vous avez payé cette vente")).to_be_visible(timeout=WAIT_MS)
    tab.close()
    assert [one["amount_cents"] for one in payments_of(phone, system)] == [-770]


def test_a_code_typed_without_network_says_that_nothing_was_debited(
    system: System, people: AddPerson
) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    phone.keep_for_offline()
    phone.page.goto(f"{system.wallet}/scan#code")
    digits = phone.page.locator("#short-code")
    expect(digits).to_be_focused(timeout=WAIT_MS)
    phone.cut()
    digits.fill("123456")
    phone.sees("Pas de réponse du service")
    phone.sees("Rien n’a été débité.")


def test_the_till_without_network_says_so_and_shows_what_happened_when_it_is_back(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "640")
    tablet.keep_for_offline()
    tablet.cut()
    band = tablet.page.locator(".band")
    expect(band).to_contain_text(
        "« Payé » s’affichera ici au retour. Ne remettez rien avant.", timeout=WAIT_MS
    )
    expect(tablet.page.locator("#connection")).to_have_text("Hors ligne")
    steps.confirm(phone)
    expect(tablet.page.get_by_text("Le client scanne le QR")).to_be_visible()  # what it knows, not more
    tablet.restore()
    steps.till_turns_green(tablet)
    expect(band).to_have_count(0, timeout=WAIT_MS)


def test_a_till_opened_without_network_claims_nothing_and_asks_until_it_is_answered(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "310")
    tablet.keep_for_offline()
    tablet.cut()
    tablet.page.reload()
    expect(tablet.page.locator("#connection")).to_have_text("Hors ligne", timeout=WAIT_MS)
    expect(tablet.page.locator(".band")).to_contain_text("Service injoignable", timeout=WAIT_MS)
    tablet.sees("La caisse interroge le service.")
    expect(tablet.page.get_by_role("heading", level=1)).to_have_text(SHOP_NAME)
    assert "Payé" not in tablet.page.locator("main").inner_text()
    steps.confirm(phone)
    tablet.restore()
    steps.till_turns_green(tablet)


def test_a_sale_opened_without_network_becomes_one_sale(system: System, people: AddPerson) -> None:
    tablet = people("tablet")
    steps.pair_till(tablet, system)
    before = len(tablet.page.request.get(f"{system.till}/api/state").json()["book"]["sales"])
    tablet.keep_for_offline()
    expect(tablet.page.get_by_role("group", name="Montant")).to_be_visible(timeout=WAIT_MS)
    tablet.cut()
    expect(tablet.page.locator(".band")).to_contain_text("Aucun nouveau QR", timeout=WAIT_MS)
    tablet.page.keyboard.type("275")
    tablet.page.keyboard.press("Enter")
    tablet.sees("aucun QR n’est ouvert et rien n’est débité. Nouvel essai automatique.")
    tablet.page.reload()
    tablet.sees("La caisse interroge le service.")
    tablet.restore()
    steps.sale_on_screen(tablet)
    assert len(tablet.page.request.get(f"{system.till}/api/state").json()["book"]["sales"]) == before + 1


def rebooted_without_network(tablet: Person, system: System) -> None:
    """The shop's power went: the page, the browser's memory and the point of sale's program are new."""
    tablet.page.close()
    system.restart_till()
    tablet.page = tablet.context.new_page()
    tablet.page.goto(system.till)
    expect(tablet.page.locator("#connection")).to_have_text("Hors ligne", timeout=WAIT_MS)
    expect(tablet.page.locator(".band")).to_contain_text("Service injoignable", timeout=WAIT_MS)
    tablet.sees("La caisse interroge le service.")
    assert "Payé" not in tablet.page.locator("main").inner_text()


def sales_of(tablet: Person, system: System) -> list[dict[str, object]]:
    book: list[dict[str, object]] = tablet.page.request.get(f"{system.till}/api/state").json()["book"][
        "sales"
    ]
    return book


def test_a_till_that_reboots_without_network_finds_its_sale_again_and_it_is_paid_once(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "735")
    shown, before = steps.sale_on_screen(tablet), len(sales_of(tablet, system))
    tablet.keep_for_offline()
    tablet.cut()
    rebooted_without_network(tablet, system)
    tablet.restore()
    assert steps.sale_on_screen(tablet) == shown, "the same sale, the same code"
    steps.confirm(phone)
    steps.till_turns_green(tablet)
    assert len(sales_of(tablet, system)) == before
    assert [one["amount_cents"] for one in payments_of(phone, system)] == [-735]


def test_what_became_of_a_sale_while_the_till_rebooted_is_shown(system: System, people: AddPerson) -> None:
    phone, tablet = people("phone"), people("tablet")
    ready_to_pay(phone, tablet, system, "845")
    tablet.keep_for_offline()
    tablet.cut()
    steps.confirm(phone)  # paid while the tablet was dark
    rebooted_without_network(tablet, system)
    tablet.restore()
    steps.till_turns_green(tablet)

    tablet.button("Nouvelle vente").click()
    expiring = steps.charge(tablet, "955")
    tablet.cut()
    rebooted_without_network(tablet, system)
    system.expire_sale(expiring.short_code)
    tablet.restore()
    tablet.sees("expiré")  # in the day's list; the stage is free for the next sale
    expect(tablet.button("Encaisser")).to_be_visible(timeout=WAIT_MS)
    assert [sale["state"] for sale in sales_of(tablet, system)[:2]] == ["expired", "paid"]
    assert [one["amount_cents"] for one in payments_of(phone, system)] == [-845]


def test_a_sale_asked_for_without_network_is_opened_once_after_a_reboot(
    system: System, people: AddPerson
) -> None:
    tablet = people("tablet")
    steps.pair_till(tablet, system)
    before = len(sales_of(tablet, system))
    tablet.keep_for_offline()
    expect(tablet.page.get_by_role("group", name="Montant")).to_be_visible(timeout=WAIT_MS)
    tablet.cut()
    expect(tablet.page.locator(".band")).to_contain_text("Aucun nouveau QR", timeout=WAIT_MS)
    tablet.page.keyboard.type("365")
    tablet.page.keyboard.press("Enter")
    tablet.sees("aucun QR n’est ouvert et rien n’est débité. Nouvel essai automatique.")
    rebooted_without_network(tablet, system)
    tablet.restore()
    steps.sale_on_screen(tablet)
    assert [sale["amount_cents"] for sale in sales_of(tablet, system)[:1]] == [365]
    assert len(sales_of(tablet, system)) == before + 1


def test_a_chosen_theme_is_there_before_the_first_paint_of_a_kept_page(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    steps.open_visitor_wallet(phone, system)
    phone.keep_for_offline()
    phone.page.goto(f"{system.wallet}/display")
    phone.page.locator("[name=theme][value=dark]").check(force=True)
    steps.pair_till(tablet, system)
    tablet.keep_for_offline()
    tablet.page.locator("header .icon-button").click()
    tablet.page.locator("[name=theme][value=dark]").check(force=True)
    for who in (phone, tablet):
        who.context.add_init_script(
            """new MutationObserver((_, watch) => {
              if (!document.body) return;
              window.themeAtBody = document.documentElement.dataset.theme;
              watch.disconnect();
            }).observe(document, {childList: true, subtree: true});"""
        )
        who.cut()
        who.page.reload()
        assert who.page.evaluate("window.themeAtBody") == "dark"
