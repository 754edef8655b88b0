"""Told while the app is closed, whole: a browser, the service, and a push service of our own on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from scripts.demo.push_service import Heard, make_server
from scripts.demo_book import Credit
from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.browsers import WAIT_MS
from tests.support.system import System

# The browser, the worker of notices and what leaves are what is tried; one database is enough.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]

#: A browser without a screen says "granted" when it is asked, and never afterwards.
GRANTED = 'Object.defineProperty(Notification, "permission", {get: () => "granted"})'


@pytest.fixture
def heard(system: System) -> Iterator[Heard]:
    """What the demonstration starts beside the service."""
    made = Heard()
    server = make_server(system.stack.push_port, made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def test_a_member_is_told_of_money_that_comes_while_the_app_is_closed(
    system: System, people: AddPerson, heard: Heard
) -> None:
    phone = people("phone")
    phone.context.grant_permissions(["notifications"], origin=system.wallet)
    phone.context.add_init_script(GRANTED)
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 2_000)
    phone.page.goto(f"{system.wallet}/notices")
    phone.button("Recevoir des notifications ici").click()
    phone.sees("Cet appareil vous prévient.")
    phone.page.reload()
    phone.sees("Cet appareil vous prévient.")

    # What is in front of its member is not pushed; what comes once the app is closed is.
    phone.page.goto(system.wallet)
    phone.sees("Disponible")
    phone.page.wait_for_timeout(3_000)  # what came before has been seen
    reference = system.services.topups.reference_for(steps.id_of(phone, system))
    before = len(heard.knocks)
    phone.page.goto("about:blank")
    system.bank_day(Credit(reference, 500))
    steps.eventually(lambda: len(heard.knocks) > before, "a push went out")
    assert heard.knocks[-1].size_bytes == 0, "nothing of what it is about leaves"

    phone.page.goto(system.wallet)
    phone.sees("Un mouvement pendant votre absence")
    phone.page.goto(f"{system.wallet}/notices")
    phone.button("Ne plus recevoir de notifications ici").click()
    expect(phone.button("Recevoir des notifications ici")).to_be_visible(timeout=WAIT_MS)
