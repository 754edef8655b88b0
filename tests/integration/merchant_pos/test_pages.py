"""The page in Chromium as a cashier uses it: fingers, keyboard, reloads, cuts; and axe on every screen."""

from __future__ import annotations

import base64
import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.integration.merchant_pos.cashier import TABLET, Till, announced, newest
from tests.support.fake_service import FakeService
from tests.support.fake_service_api import WALLET_ORIGIN
from wallet_service.protocol.event_kinds import TillRevoked
from wallet_service.protocol.text.qr import parse_sale_qr

pytestmark = pytest.mark.browser

SIZES = {
    "tablet": TABLET,
    "portrait": (820, 1180),
    "phone": (390, 844),
    "narrow": (320, 640),
    "zoom": (590, 410),
}


def test_a_sale_from_digits_to_paid_by_push(till: Till, service: FakeService) -> None:
    till.pair()
    till.page.click("#sale-label")
    till.page.fill("#label-words", "x" * 81)
    expect(till.page.locator("#label-problem")).to_contain_text("1 caractère de trop")
    expect(till.page.locator("#keep-label")).to_be_disabled()
    till.page.fill("#label-words", "Table 4")
    till.page.press("#label-words", "Enter")
    till.charge("1250")
    expect(till.page.locator("#charge")).to_have_count(0)
    expect(till.page.locator(".qr-side .amount")).to_contain_text("12,50 alba")
    expect(till.page.locator(".qr-side")).to_contain_text("Table 4")
    service.accept(newest(service))
    till.stage("accepted")
    expect(till.page.locator("#stage")).not_to_contain_text(re.compile(r"^Payé$"))
    announced(till, "Attendez")
    service.pay(newest(service))
    till.stage("paid")
    stage = till.page.locator("#stage")
    for words in (
        "Payé",
        "12,50 alba",
        "Camille R.",
        "en 0,",
        service.sales[newest(service)]["proof_code"],
    ):
        expect(stage).to_contain_text(words)
    announced(till, "Payé")
    expect(till.page.locator("#sales-list .amount")).to_contain_text("12,50")
    expect(till.page.locator("#sales-list .entry")).to_contain_text("Camille R. · Table 4")
    till.page.click("#new-sale")
    till.stage("keypad")
    expect(till.page.locator("#sale-label")).to_have_text("Ajouter un libellé")


def test_digits_plus_one_tap_lead_to_the_qr(till: Till) -> None:
    till.pair()
    till.page.evaluate("window.taps = 0; addEventListener('click', () => { window.taps += 1; })")
    till.charge("1250")
    assert till.page.evaluate("window.taps") == 5


def test_the_qr_on_the_screen_reads_as_the_sale(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    picture = Image.open(io.BytesIO(till.page.locator("#sale-qr").screenshot()))
    text = zxingcpp.read_barcodes(picture)[0].text
    assert parse_sale_qr(text, WALLET_ORIGIN) == newest(service)
    code = till.page.locator("#short-code").get_attribute("data-code")
    assert code == service.sales[newest(service)]["short_code"]


@pytest.mark.parametrize("till", [(TABLET, "dark", "fr-FR")], indirect=True)
def test_the_qr_stays_black_on_white_in_the_dark(till: Till) -> None:
    till.pair()
    till.charge()
    source = till.page.locator("#sale-qr").get_attribute("src") or ""
    svg = base64.b64decode(source.split(",")[1]).decode()
    assert re.findall(r'fill="(#\w+)"', svg) == ["#fff", "#000"]
    picture = Image.open(io.BytesIO(till.page.locator(".qr-card").screenshot())).convert("L")
    assert picture.getpixel((picture.width // 2, 12)) == 255


def test_the_keyboard_does_it_all(till: Till, service: FakeService) -> None:
    till.pair()
    keyboard = till.page.keyboard
    keyboard.type("12,5")
    expect(till.page.locator(".keypad-amount")).to_contain_text("12,50")
    keyboard.press("Escape")
    expect(till.page.locator("#charge")).to_be_disabled()
    keyboard.type("460")
    keyboard.press("Backspace")
    keyboard.type("0")
    keyboard.press("Enter")
    till.stage("open")
    keyboard.press("Escape")
    till.stage("keypad")
    assert service.sales[newest(service)]["state"] == "cancelled"
    keyboard.type("700")
    keyboard.press("Enter")
    till.stage("open")
    service.accept(newest(service))
    service.pay(newest(service))
    till.stage("paid")
    keyboard.press("3")
    till.stage("keypad")
    expect(till.page.locator(".keypad-amount")).to_contain_text("0,03")


def test_a_reload_at_any_moment_shows_the_true_state(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    till.page.reload()
    till.stage("open")
    service.accept(newest(service))
    till.page.reload()
    till.stage("accepted")
    till.page.goto("about:blank")
    service.pay(newest(service))
    till.page.goto(till.url)
    till.stage("paid")


def test_a_lost_memory_still_finds_the_sale_that_waits(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    service.accept(newest(service))
    till.stage("accepted")
    till.page.evaluate("localStorage.clear()")
    till.page.reload()
    till.stage("accepted")


def test_a_memory_that_says_paid_is_not_believed(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    kept = till.page.evaluate("localStorage.getItem('alba_till_current_sale')")
    forged = kept.replace("}", ',"state":"paid"}')
    till.page.evaluate("(text) => localStorage.setItem('alba_till_current_sale', text)", forged)
    service.stop()
    till.page.reload()
    till.stage("unknown")
    expect(till.page.locator("#stage")).to_contain_text("ne faites pas payer deux fois")
    service.pay(newest(service))
    service.start()
    till.stage("paid")


def test_an_expired_sale_is_red_in_words_and_starts_again_in_one_tap(
    till: Till, service: FakeService
) -> None:
    till.pair()
    till.charge("820")
    service.expire(newest(service))
    till.stage("expired")
    expect(till.page.locator("#stage")).to_contain_text("Rien n’a été débité")
    till.page.get_by_role("button", name="Recommencer 8,20").click()
    till.stage("open")
    assert [sale["amount_cents"] for sale in service.sales.values()] == [820, 820]


def test_the_end_of_the_countdown_asks_the_service_even_without_push(
    till: Till, service: FakeService
) -> None:
    service.sale_lifetime_ms = 1_500
    till.pair()
    till.page.route("**/api/events", lambda route: route.abort())
    till.page.reload()
    till.charge()
    till.stage("expired")


def test_a_refused_payment_leaves_the_qr_and_says_why(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    service.accept(newest(service))
    till.stage("accepted")
    service.refuse_payment(newest(service))
    till.stage("open")
    expect(till.page.locator(".notice-line.bad")).to_contain_text("Rien n’a été débité. Il vous reste 0,00")


def test_without_service_a_band_says_what_can_be_done_and_the_sale_opens_once(
    till: Till, service: FakeService
) -> None:
    till.pair()
    service.stop()
    expect(till.page.locator(".band")).to_contain_text("Aucun nouveau QR")
    expect(till.page.locator("#connection")).to_have_text("Hors ligne")
    till.page.keyboard.type("700")
    till.page.keyboard.press("Enter")
    expect(till.page.locator("#stage")).to_contain_text("aucun QR n’est ouvert")
    service.start()
    till.stage("open")
    expect(till.page.locator(".band")).to_have_count(0)
    assert len(service.sales) == 1


def test_offline_while_accepted_never_says_paid(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    service.accept(newest(service))
    till.stage("accepted")
    service.stop()
    expect(till.page.locator(".band")).to_contain_text("pas encore sûr")
    till.stage("accepted")
    service.pay(newest(service))
    service.start()
    till.stage("paid")


def test_a_refund_is_asked_followed_and_linked_to_its_sale(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    service.accept(newest(service))
    service.pay(newest(service))
    till.stage("paid")
    till.page.click("#sales-list .entry")
    dialog = till.page.locator("dialog[open]")
    expect(dialog.locator("#refund-amount")).to_have_value("12,50")
    dialog.locator("#refund-amount").fill("13,00")
    expect(dialog.locator("#ask-refund")).to_be_disabled()
    dialog.locator("#refund-amount").fill("5")
    dialog.get_by_role("button", name="Demander le remboursement de 5,00").click()
    expect(dialog.locator(".refund-line")).to_contain_text("téléphone du commerçant")
    refund_id = next(iter(service.refunds))
    service.decide_refund(refund_id, "accepted")
    expect(dialog.locator(".refund-line .pill")).to_have_text("en cours")
    service.decide_refund(refund_id, "paid")
    expect(dialog.locator(".refund-line .pill")).to_have_text("remboursé")
    expect(dialog.locator("#refund-amount")).to_have_value("7,50")
    till.page.keyboard.press("Escape")
    expect(till.page.locator("#sales-list .amount")).to_contain_text("7,50")
    expect(till.page.locator("#stage h2")).to_have_text("Payé")
    till.page.click("#sales-list .entry:last-child")
    dialog.get_by_role("button", name="Demander le remboursement de 7,50").click()
    expect(dialog.locator(".refund-line")).to_have_count(2)
    service.decide_refund(list(service.refunds)[-1], "paid")
    till.page.keyboard.press("Escape")
    expect(till.page.locator("#stage h2")).to_have_text("Remboursé")  # all of it: the stage is green no more
    till.page.locator("#sales-list .entry", has_text="−5,00").click()
    expect(till.page.locator("dialog[open] h2")).to_contain_text("Vente de 12,50")


def test_a_revoked_till_stops_at_once_and_says_why(till: Till, service: FakeService) -> None:
    till.pair()
    paired = next(iter(service.tills.values()))
    paired.revoked = True
    service.push(paired.id, TillRevoked(paired.id))
    till.stage("revoked")
    expect(till.page.locator("#stage")).to_contain_text("n’est associée à aucun commerce")
    till.page.get_by_role("button", name="Associer de nouveau").click()
    till.page.wait_for_selector("#pairing-code")


def test_the_shell_opens_without_network_and_shows_no_money(till: Till, service: FakeService) -> None:
    till.pair()
    till.charge()
    service.accept(newest(service))
    service.pay(newest(service))
    till.stage("paid")
    till.page.wait_for_function("() => navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
    till.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    till.page.context.set_offline(True)
    till.page.reload()
    expect(till.page.locator("#connection")).to_have_text("Hors ligne")
    expect(till.page.locator("#app")).not_to_contain_text("12,50")
    till.page.context.set_offline(False)
    till.stage("paid")


def test_language_and_look_are_chosen_on_the_tablet(till: Till) -> None:
    till.pair()
    till.page.get_by_role("button", name="Réglages de la tablette").click()
    till.page.get_by_role("radio", name="Sombre").click()
    assert till.page.evaluate("document.documentElement.dataset.theme") == "dark"
    till.page.get_by_role("radio", name="English").click()
    expect(till.page.locator("#charge")).to_have_text("Charge")
    assert till.page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize(
    "till",
    [
        (SIZES["tablet"], "light", "fr-FR"),
        (SIZES["tablet"], "dark", "en-GB"),
        (SIZES["portrait"], "dark", "fr-FR"),
        (SIZES["phone"], "light", "en-GB"),
        (SIZES["phone"], "dark", "fr-FR"),
        (SIZES["narrow"], "light", "fr-FR"),
        (SIZES["zoom"], "light", "en-GB"),
    ],
    ids=[
        "tablet-light-fr",
        "tablet-dark-en",
        "portrait-dark-fr",
        "phone-light-en",
        "phone-dark-fr",
        "320px",
        "zoom-200",
    ],
    indirect=True,
)
def test_every_screen_is_clean_for_axe_and_fits(till: Till, service: FakeService) -> None:
    till.page.goto(till.url)
    till.page.wait_for_selector("#pairing-code")
    till.check_screen("pairing")
    till.pair()
    till.check_screen("keypad")
    till.charge()
    till.check_screen("qr")
    service.accept(newest(service))
    till.stage("accepted")
    till.check_screen("accepted")
    service.pay(newest(service))
    till.stage("paid")
    till.check_screen("paid")
    if till.page.is_visible(".drawer-button"):
        till.page.click(".drawer-button")
        till.check_screen("list")
    till.page.click("#sales-list .entry")
    till.check_screen("sale")
    till.page.fill("#refund-amount", "1")
    till.page.click("#ask-refund")
    till.page.wait_for_selector(".refund-line")
    till.check_screen("refund asked")
    till.page.locator("dialog[open] .button", has_text=re.compile("Reçu|Receipt")).click()
    till.page.wait_for_selector("#receipt-qr")
    till.check_screen("receipt")
    till.page.keyboard.press("Escape")
    till.page.click(".top .icon-button")
    till.page.wait_for_selector("dialog[open] .setting")
    till.check_screen("settings")
    till.page.keyboard.press("Escape")
    if till.page.is_visible(".drawer-button"):
        till.page.click(".drawer-button")
    till.page.keyboard.press("Escape")
    till.stage("keypad")
    till.charge("820")
    service.expire(newest(service))
    till.stage("expired")
    till.check_screen("expired")
    service.stop()
    till.page.wait_for_selector(".band")
    till.check_screen("offline")
