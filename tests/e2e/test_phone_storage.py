"""Browsers that keep nothing, or lose it; what is said before money is in a wallet: docs/field_cases.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from tests.support.axe import bring_axe, violations_of
from tests.support.browsed import Browsed, browse, open_wallet
from tests.support.browsers import WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import HttpFixture, browser_client_of, build_http_fixture
from wallet_service.faces.apps import wallet_app

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: A private window of a browser that opens no database there.
NO_DATABASE = 'IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };'
#: One whose database opens and then says no.
DATABASE_SAYS_NO = """
IDBFactory.prototype.open = () => {
  const opening = new EventTarget();
  opening.error = new DOMException("no", "InvalidStateError");
  setTimeout(() => opening.onerror?.(new Event("error")), 0);
  return opening;
};
"""
#: No WebCrypto: an insecure page, or a hardened mode.
NO_CRYPTO = 'Object.defineProperty(Crypto.prototype, "subtle", {get: () => undefined});'
#: Cookies and storage of sites are refused, databases are not.
NO_LOCAL_STORAGE = """
const refused = () => { throw new DOMException("no", "SecurityError"); };
Object.defineProperty(globalThis, "localStorage", {get: refused});
"""
#: What was asked of the browser and of the service, in order; whether the browser promises to keep things.
PERSISTENCE = """
const order = globalThis.order = [];
const promise = () => globalThis.promises ?? false;
StorageManager.prototype.persist = async () => { order.push("persist"); return promise(); };
StorageManager.prototype.persisted = async () => promise();
const fetched = globalThis.fetch;
globalThis.fetch = (address, options) => {
  if (options?.method === "POST") order.push(String(address));
  return fetched(address, options);
};
"""
IBAN = "FR7699999000010000000099928"


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def phone(browser: Browser, env: HttpFixture) -> Iterator[Callable[..., Browsed]]:
    opened: list[Browsed] = []

    def add(*scripts: str) -> Browsed:
        made = browse(browser, browser_client_of(wallet_app(env)))  # type: ignore[arg-type]
        made.instead |= {
            "GET /v1/me/reversals": [],
            "GET /v1/me/movements": [],
            "GET /v1/me/topup/qr.svg": {},
        }
        made.instead["GET /v1/me/topup"] = topup()
        for script in scripts:
            made.page.add_init_script(script)
        opened.append(made)
        return made

    yield add
    faults = [fault for each in opened for fault in each.faults]
    for each in opened:
        each.context.close()
    assert faults == []


def topup() -> dict[str, Any]:
    return {
        "reference": "RF18539007547034ABCD",
        "iban": IBAN,
        "bic": "ALBAFRPPXXX",
        "holder": "Association de l’alba",
        "epc_payload": "BCD",
        "minimum_cents": 100,
        "maximum_cents": 15_000,
    }


def with_money(who: Browsed, cents: int) -> None:
    me = who.client.get("/v1/me").json()
    balance = {**me["balance"], "available_cents": cents, "posted_cents": cents}
    who.instead["GET /v1/me"] = {**me, "balance": balance, "state": "active"}


@pytest.mark.parametrize("refusal", [NO_DATABASE, DATABASE_SAYS_NO])
def test_a_private_window_without_a_database_says_so_and_opens_nothing(
    phone: Callable[..., Browsed], refusal: str
) -> None:
    who = phone(refusal)
    who.goto("/")
    expect(who.page.get_by_role("heading")).to_have_text("Ce navigateur ne peut pas garder de portefeuille")
    expect(who.page.locator("main")).to_contain_text("Quittez la navigation privée")
    assert [each for each in who.asked if each.startswith("POST")] == []


def test_a_mode_without_cryptography_says_so_and_opens_nothing(phone: Callable[..., Browsed]) -> None:
    who = phone(NO_CRYPTO)
    who.goto("/")
    who.page.get_by_role("button", name="Ouvrir un portefeuille").click()
    expect(who.page.get_by_role("alert")).to_contain_text("navigation privée et en mode Isolement")
    assert "POST /v1/wallets" not in who.asked


def test_what_is_only_remembered_may_be_refused(phone: Callable[..., Browsed], env: HttpFixture) -> None:
    who = phone(NO_LOCAL_STORAGE)
    open_wallet(who, env)
    with_money(who, 2_000)
    who.goto("/")
    expect(who.page.locator(".balance-amount")).to_contain_text("20")


def test_before_money_is_in_it_a_second_way_is_offered(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone(PERSISTENCE)
    bring_axe(who.context)
    open_wallet(who, env)
    asked = who.page.evaluate("order")
    assert asked.index("persist") < asked.index("/v1/wallets"), "before the wallet exists"
    who.goto("/add")
    card = who.page.get_by_role("region", name="Un second moyen d’y arriver")
    expect(card).to_contain_text("seul ce téléphone en a la clé")
    expect(card).to_contain_text("fenêtre de navigation privée l’efface")
    expect(card.get_by_role("button", name="Ajouter une clé d’accès")).to_be_visible()
    for scheme, width in (("light", 390), ("dark", 320)):
        who.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        who.page.set_viewport_size({"width": width, "height": 844})
        assert violations_of(who.page) == []
    who.page.add_init_script("globalThis.promises = true;")
    who.goto("/add")
    expect(card).to_contain_text("seul ce téléphone en a la clé")
    expect(card).not_to_contain_text("navigation privée")
    card.get_by_role("link", name="Un code de secours sur papier").click()
    expect(who.page.get_by_role("heading", level=1)).to_contain_text("Code de secours")
    member_id = who.client.get("/v1/me").json()["id"]
    env.recoveries.codes.confirm(member_id, env.recoveries.codes.make(member_id))
    who.goto("/add")
    expect(who.page.get_by_text(IBAN[:4])).to_be_visible(timeout=WAIT_MS)
    expect(card).to_have_count(0)


def test_home_says_that_money_hangs_on_one_phone_until_it_does_not(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone()
    open_wallet(who, env)
    with_money(who, 2_000)
    who.goto("/")
    alone = who.page.get_by_text("Cet argent ne s’ouvre qu’avec ce téléphone")
    expect(alone).to_be_visible(timeout=WAIT_MS)
    member_id = who.client.get("/v1/me").json()["id"]
    env.recoveries.codes.confirm(member_id, env.recoveries.codes.make(member_id))
    who.goto("/")
    expect(who.page.locator(".balance-amount")).to_contain_text("20")
    expect(alone).to_have_count(0)


def test_after_a_loss_the_first_screen_leads_to_the_money(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone()
    open_wallet(who, env)
    with_money(who, 2_000)
    # The key alone is gone, and somebody is still signed in.
    who.page.evaluate("indexedDB.deleteDatabase('wallet')")
    who.goto("/")
    lost = who.page.get_by_role("link", name="Ce téléphone ne peut plus payer pour ce compte")
    lost.click()
    expect(who.page.get_by_role("heading", level=1)).to_have_text("Retrouver mon argent")
    # Everything is gone, as Safari does after seven days.
    del who.instead["GET /v1/me"]
    session = who.context.new_cdp_session(who.page)
    session.send("Storage.clearDataForOrigin", {"origin": "http://localhost:8401", "storageTypes": "all"})
    who.client.cookies.clear()
    who.goto("/")
    who.page.get_by_role("link", name="Vous aviez un portefeuille ici ?").click()
    expect(who.page.get_by_role("heading", level=1)).to_have_text("Retrouver mon argent")
    for way in ("J’ai une clé d’accès", "Je n’ai ni l’un ni l’autre"):
        expect(who.page.get_by_role("region", name=way)).to_be_visible()
    who.page.get_by_role("region", name="Mon ancien téléphone marche encore").get_by_role("link").click()
    expect(who.page.get_by_role("heading", level=1)).to_have_text("Retrouver mon portefeuille ici")


def test_whoever_opens_the_wallet_next_reads_that_its_locks_have_changed(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone()
    open_wallet(who, env)
    changed = who.page.get_by_role("link", name="Ce qui ouvre votre compte a changé")
    who.goto("/")
    expect(who.page.locator(".balance-amount")).to_be_visible()
    expect(changed).to_have_count(0)
    member_id = who.client.get("/v1/me").json()["id"]
    env.recoveries.codes.confirm(member_id, env.recoveries.codes.make(member_id))
    who.goto("/")
    expect(changed).to_be_visible(timeout=WAIT_MS)
    changed.click()
    expect(who.page.get_by_role("button", name="Geler mon compte")).to_be_visible()
