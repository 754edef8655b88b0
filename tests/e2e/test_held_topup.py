"""Euros that came and may not be credited yet: the wallet says so, and why, by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.demo_book import Credit
from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.browsers import WAIT_MS
from tests.support.system import System

pytestmark = [pytest.mark.browser, pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(240)]
OVER_A_VISITORS_LIMIT_CENTS = 20_000
INSTANT_CENTS = 5_000
#: From the bank's file to the wallet.
WITHIN_MS = 5_000


def test_a_told_transfer_has_arrived_and_one_over_the_limit_waits_and_says_why(
    system: System, people: AddPerson
) -> None:
    phone = people("phone")
    steps.open_visitor_wallet(phone, system)
    phone.page.goto(f"{system.wallet}/add")
    reference = system.services.topups.reference_for(steps.id_of(phone, system))
    expect(phone.page.locator(".copy-list")).to_contain_text(reference[:4], timeout=WAIT_MS)
    system.bank.tell(Credit(reference, INSTANT_CENTS))
    told = phone.page.get_by_text("50,00 arrivés, en cours de confirmation")
    expect(told).to_be_visible(timeout=WITHIN_MS)
    expect(phone.page.get_by_text("crédités")).to_have_count(0)
    system.bank_day()
    phone.sees("50,00 crédités")
    system.bank_day(Credit(reference, OVER_A_VISITORS_LIMIT_CENTS))
    phone.sees("200,00 reçus, pas encore crédités")
    why = re.compile("Vous dépasseriez votre plafond|Un visiteur ne peut pas charger davantage")
    expect(phone.page.locator(".notice-line.wait").first).to_contain_text(why)

    phone.page.goto(system.wallet)
    row = phone.page.get_by_role("region", name="Derniers mouvements").locator("a").first
    steps.sees_balance_of(phone, INSTANT_CENTS)
    expect(row).to_contain_text("retenu", timeout=WAIT_MS)
    expect(row).to_contain_text(why)
    row.click()
    phone.sees("Vos euros sont arrivés.")
