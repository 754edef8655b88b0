"""In Chromium: the choice on the turned tablet, and cashiers who take turns."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.merchant_pos.cashier import Till, newest
from tests.support.fake_service import FakeService
from wallet_service.protocol.event_kinds import CashiersChanged

pytestmark = pytest.mark.browser


def test_a_customer_is_offered_no_tip_first_and_all_choices_alike(till: Till, service: FakeService) -> None:
    till.pair()
    till.page.click("header .icon-button")
    till.page.locator("input[name=tips][value=on]").check()
    till.page.keyboard.press("Escape")
    for digit in "1250":
        till.page.keyboard.press(digit)
    till.page.click("#charge")
    till.stage("tip")
    tips = till.page.locator(".tip")
    assert tips.first.get_attribute("data-tip") == "0"
    boxes = [tips.nth(number).bounding_box() for number in range(tips.count())]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes if box}) == 1
    till.check_screen("tip")
    till.page.click('[data-tip="other"]')
    till.page.fill("#tip-amount", "12,51")
    expect(till.page.locator("#tip-problem")).to_contain_text("Au plus 12,50")
    till.page.fill("#tip-amount", "1")
    till.page.press("#tip-amount", "Enter")
    expect(till.page.locator(".qr-side")).to_contain_text("dont pourboire 1,00")
    assert (service.sales[newest(service)]["amount_cents"], service.sales[newest(service)]["tip_cents"]) == (
        1350,
        100,
    )


def test_cashiers_take_turns_with_one_tap_and_a_pin(till: Till, service: FakeService) -> None:
    till.pair()
    expect(till.page.locator("#cashier")).to_be_hidden()
    service.cashiers = {"C1": ("Camille", "4711"), "C2": ("Noé", "0815")}
    (paired,) = service.tills.values()
    service.push(paired.id, CashiersChanged(paired.id))
    for pin, name in (("4711", "Camille"), ("0815", "Noé")):
        till.page.click("#cashier")
        till.page.fill("#cashier-pin", pin)
        till.page.press("#cashier-pin", "Enter")
        expect(till.page.locator("#cashier")).to_have_text(name)
    till.charge("480")
    service.accept(newest(service))
    service.pay(newest(service))
    expect(till.page.locator("#sales-list .entry")).to_contain_text("caisse : Noé")
    till.page.click("#day-close")
    expect(till.page.locator(".day-paper")).to_contain_text("Noé")
    expect(till.page.locator(".day-paper")).not_to_contain_text("Camille R.")
    till.check_screen("day by cashier")
