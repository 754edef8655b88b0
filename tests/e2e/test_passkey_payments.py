"""Above the floor the ledger sets for a tier only a passkey pays: the wallet says so, and asks the finger."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.axe import bring_axe, violations_of
from tests.support.browsers import WAIT_MS, Person
from tests.support.system import System
from wallet_service.chain.ports import TIERS
from wallet_service.database.unit_of_work import UnitOfWork

# The ledger and the browser are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
VISITORS_FLOOR_CENTS = 10_00
IN_FORCE_DEADLINE_S = 30.0
NO_FINGER = """() => {
  navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""


def member(phone: Person, system: System) -> dict[str, Any]:
    return dict(phone.page.request.get(f"{system.wallet}/v1/me").json())


def available_cents(phone: Person, system: System) -> int:
    return int(member(phone, system)["balance"]["available_cents"])


def set_floor(system: System, phone: Person) -> None:
    """The governor's act; it is in force when the member's own page says so."""
    arguments = [TIERS.index("visitor"), [VISITORS_FLOOR_CENTS, 0]]
    with UnitOfWork(system.services.engine) as work:
        system.services.chain_parts.commands.queue_command(
            work.connection, "setPasskeyFloors", arguments, "GOVERNOR", "floor:visitor"
        )
    deadline_s = time.monotonic() + IN_FORCE_DEADLINE_S
    while member(phone, system)["passkey_floors"]["per_payment_cents"] != VISITORS_FLOOR_CENTS:
        assert time.monotonic() < deadline_s, "the service has not heard of the floor"
        time.sleep(0.2)


def test_a_high_amount_is_paid_with_the_passkey_and_a_low_one_without(
    system: System, people: AddPerson
) -> None:
    phone, tablet = people("phone"), people("tablet")
    bring_axe(phone.context)
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 5_000)
    set_floor(system, phone)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "1250")

    # Without a passkey: said before anything is sent, nothing is, and it is added at the sale itself.
    phone.give_passkeys()
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")
    phone.sees("Ce montant demande une clé d’accès. Ajoutez-la ici")
    expect(phone.page.locator(".pay-button")).to_have_count(0)
    assert available_cents(phone, system) == 5_000
    assert violations_of(phone.page) == []
    phone.button("Ajouter une clé d’accès").click()
    phone.sees("Confirmez avec votre clé d’accès")
    steps.confirm(phone)
    steps.till_turns_green(tablet)
    (paid,) = phone.page.request.get(f"{system.wallet}/v1/me/movements").json()[:1]
    assert (paid["amount_cents"], paid["state"]) == (-1_250, "paid")

    # A finger that does not answer sends nothing; a low amount asks for none.
    tablet.button("Nouvelle vente").click()
    sale = steps.charge(tablet, "1100")
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")
    phone.page.evaluate(NO_FINGER)
    phone.button("Payer").click()
    phone.sees("Rien n’a été débité : la clé d’accès n’a pas signé. Réessayez.")
    assert available_cents(phone, system) == 3_750
    tablet.button("Annuler la vente").click()
    sale = steps.charge(tablet, "1000")
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")
    phone.page.evaluate(NO_FINGER)
    steps.confirm(phone)
    assert available_cents(phone, system) == 2_750

    # A second phone with the passkey alone pays the low amount by it, and is given a key of its own.
    second = people("phone")
    second.give_passkeys(phone.passkeys())
    second.page.goto(f"{system.wallet}/sign-in")
    second.button("Se connecter avec une clé d’accès").click()
    second.sees("Relié, il paie d’un geste.")
    tablet.button("Nouvelle vente").click()
    sale = steps.charge(tablet, "900")
    second.page.goto(f"{system.wallet}/code/{sale.short_code}")
    steps.confirm(second)
    second.page.goto(system.wallet)
    second.button("Relier ce téléphone").click()
    expect(second.page.get_by_text("Relié, il paie d’un geste.")).to_have_count(0, timeout=WAIT_MS)
    tablet.button("Nouvelle vente").click()
    sale = steps.charge(tablet, "800")
    second.page.goto(f"{system.wallet}/code/{sale.short_code}")
    second.page.evaluate(NO_FINGER)
    steps.confirm(second)
    assert available_cents(second, system) == 1_050
