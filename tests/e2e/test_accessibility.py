"""axe finds nothing on any page of the three faces, in French and English, light and dark, and nothing
scrolls sideways at 320 px; a payment works from the keyboard alone.

Which pages there are is read from the apps' own routes: one that no test here looks at fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Error, Route, expect
from starlette.routing import compile_path

from merchant_pos.pages import router as till_router
from scripts.bank_day import Credit
from tests.e2e import steps
from tests.e2e.conftest import AddPerson
from tests.support.axe import bring_axe, faults_of, settled, speak
from tests.support.browsers import DESK, WAIT_MS, Person
from tests.support.system import System
from wallet_service.web.app import console_app, wallet_app

# One system is enough: pages do not know which database is under them. A test looks at up to eighty faces,
# each with a bound of its own: the whole one is for a browser that hangs, and leaves room to a busy machine.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
SHOP_IBAN = "FR7699999000010000000099928"
CAMERA = {"permissions": ["camera"]}

WALLET_ROUTES = {
    *("/", "/welcome", "/sign-in", "/scan", "/P/{token}", "/p/{token}", "/code/{code}", "/order/{ref}"),
    *(
        "/refund/{request_id}",
        "/movements",
        "/movement/{ref}",
        "/add",
        "/identity",
        "/redeem",
        "/tills",
        "/me",
    ),
}
OPEN_ROUTES = {"/public", "/docs", "/docs/errors"}
TILL_ROUTES = {"/"}
CONSOLE_ROUTES = {
    *("/sign-in", "/passkey", "/", "/reserve", "/network", "/identities", "/identities/{file_id}"),
    *("/unmatched", "/unmatched/{entry_id}", "/payouts", "/approvals", "/members", "/members/{member_id}"),
    "/journal",
}
#: What is shown for an address that does not exist: made without a route.
NOWHERE = "/nowhere"
#: Answers for people's browsers that are no pages: what pages load, and what people download.
NOT_PAGES = {
    *("/metrics", "/icon.svg", "/theme.css", "/v1/me/topup/qr.svg", "/service-worker.js"),
    *("/identities/{file_id}/documents/{document_id}", "/csv/journal.csv", "/csv/{name}.csv"),
    "/communes",  # choices of a field
}
#: The service has forgotten every sale.
GONE = {"state": "gone"}
PAGE_ANSWERS = {"HTMLResponse", "Response"}

Reach = Callable[[], None]


@dataclass(frozen=True)
class State:
    """One page in one state: the route that serves it, how to get there, how to get back after a reload."""

    route: str
    name: str
    reach: Reach
    again: Reach | None = None


def look_at(who: Person, states: Iterable[State]) -> set[str]:
    """Every state in every look; fails with all that is wrong. Returns the routes looked at."""
    faults: list[str] = []
    seen: set[str] = set()
    for state in states:
        if seen:
            speak(who.page, "fr")  # the steps look for French words
            who.page.reload()
            settled(who.page)
        state.reach()
        settled(who.page)
        assert compile_path(state.route)[0].match(urlsplit(who.page.url).path), (state.name, who.page.url)
        faults += faults_of(who.page, state.name, state.again)
        seen.add(state.route)
    speak(who.page, "fr")
    assert faults == [], f"{len(faults)} faults\n" + "\n".join(faults)
    return seen


def pages_of(routers: Iterable[APIRouter | FastAPI]) -> set[str]:
    """The paths whose answer may be a page for people."""
    routes = [route for router in routers for route in router.routes]
    routes += [
        inner for one in routes for inner in getattr(getattr(one, "original_router", None), "routes", ())
    ]
    return {
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in route.methods and _returned(route) in PAGE_ANSWERS
    } - NOT_PAGES


def _returned(route: APIRoute) -> str:
    said: Any = route.endpoint.__annotations__.get("return", "")
    return said if isinstance(said, str) else said.__name__


def test_every_page_of_the_apps_is_looked_at_here(system: System) -> None:
    assert pages_of([wallet_app(system.services)]) == WALLET_ROUTES | OPEN_ROUTES
    assert pages_of([console_app(system.services)]) == CONSOLE_ROUTES
    assert pages_of([till_router]) == TILL_ROUTES


def goto(who: Person, url: str) -> Reach:
    return lambda: void(who.page.goto(url))


def void(_: object) -> None:
    """For lambdas that are called for what they do."""


def opens(who: Person, dialog: str) -> Reach:
    """Click what opens that dialog of the console."""

    def again() -> None:
        who.page.locator(f'[data-opens="{dialog}"]').first.click()
        expect(who.page.locator("dialog[open]")).to_be_visible(timeout=WAIT_MS)

    return again


def test_the_wallet_of_a_resident(system: System, people: AddPerson) -> None:
    tablet, phone, stranger = people("tablet"), people("phone", **CAMERA), people("phone")
    for who in (phone, stranger):
        bring_axe(who.context)
        who.allowed_statuses |= {401, 404, 409}
    steps.pair_till(tablet, system)
    wallet = system.wallet
    steps.open_visitor_wallet(phone, system)
    fresh = [
        State("/", "home, nothing yet", goto(phone, wallet)),
        State("/movements", "no movement yet", goto(phone, f"{wallet}/movements")),
        State("/code/{code}", "pay, balance too low", lambda: open_by_code(phone, tablet, system, "900")),
    ]
    seen = look_at(phone, fresh)
    steps.load(phone, system, 6_000)
    tablet.button("Annuler la vente").click()
    expect(tablet.button("Encaisser")).to_be_visible(timeout=WAIT_MS)
    sale = steps.charge(tablet, "450")
    seen |= look_at(
        stranger,
        [
            State("/welcome", "welcome", goto(stranger, f"{wallet}/welcome")),
            State("/sign-in", "come back", goto(stranger, f"{wallet}/sign-in")),
            State("/P/{token}", "pay, without a wallet", goto(stranger, sale.qr_text)),
            State("/p/{token}", "pay, spoilt code", goto(stranger, f"{wallet}/p/1nothing")),
            State(NOWHERE, "no such page", goto(stranger, f"{wallet}{NOWHERE}")),
        ],
    )

    def unanswered() -> None:
        phone.page.route("**/v1/payments", lambda route: route.abort())
        phone.page.goto(sale.qr_text)
        phone.button("Payer").click()
        expect(phone.page.get_by_role("heading", name="En cours")).to_be_visible(timeout=WAIT_MS)

    def paid() -> None:
        phone.page.unroute("**/v1/payments")
        expect(phone.page.get_by_role("heading", name=re.compile("Payé|Paid"))).to_be_visible(timeout=WAIT_MS)

    def receipt() -> None:
        phone.page.goto(f"{wallet}/movements")
        phone.page.locator("a.row-link").first.click()

    def in_vain() -> None:
        phone.page.get_by_role("searchbox").fill("zzz")
        expect(phone.page.get_by_text(re.compile("Aucun mouvement ne|No movement m"))).to_be_visible(
            timeout=WAIT_MS
        )

    def true_receipt() -> None:
        moves = phone.page.request.get(f"{wallet}/v1/me/movements").json()
        (ref,) = [move["ref"] for move in moves if move["kind"] == "payment_out"]
        kept = phone.page.request.get(f"{wallet}/v1/me/movements/{ref}/receipt").body()
        check_receipt(phone, kept, re.compile("^(Vrai|True)"))

    def no_receipt() -> None:
        check_receipt(phone, b"{}", re.compile("n’est pas un reçu|not a receipt"))

    def submitted() -> None:
        phone.button("Plus tard").click()
        phone.button("Envoyer mon dossier").click()
        phone.sees("Dossier en cours d’examen")

    seen |= look_at(
        phone,
        [
            State("/scan", "camera", goto(phone, f"{wallet}/scan")),
            State("/scan", "digits", goto(phone, f"{wallet}/scan#code")),
            State("/P/{token}", "pay", goto(phone, sale.qr_text)),
            State("/order/{ref}", "in doubt", unanswered),
            State("/order/{ref}", "paid", paid),
            State("/P/{token}", "pay, already paid", goto(phone, sale.qr_text)),
            State("/", "home", goto(phone, wallet)),
            State("/movements", "history", goto(phone, f"{wallet}/movements")),
            State("/movements", "searched in vain", goto(phone, f"{wallet}/movements"), in_vain),
            State("/movement/{ref}", "receipt", receipt),
            State("/public", "a true receipt", goto(phone, f"{wallet}/public"), true_receipt),
            State("/public", "a file that is no receipt", goto(phone, f"{wallet}/public"), no_receipt),
            State("/add", "add euros", goto(phone, f"{wallet}/add")),
            State("/identity", "identity, to declare", goto(phone, f"{wallet}/identity")),
            State("/identity", "identity, declared", lambda: steps.declare_identity(phone, system)),
            State("/identity", "identity, sent", submitted),
            State("/redeem", "redeem, refused", goto(phone, f"{wallet}/redeem")),
            State("/tills", "tills, refused", goto(phone, f"{wallet}/tills")),
            State("/me", "me", goto(phone, f"{wallet}/me")),
        ],
    )
    assert seen >= WALLET_ROUTES - {"/refund/{request_id}"}


def check_receipt(who: Person, content: bytes, verdict: re.Pattern[str]) -> None:
    file = {"name": "receipt.json", "mimeType": "application/json", "buffer": content}
    who.page.locator("#receipt-file").set_input_files([file])  # type: ignore[list-item]
    expect(who.page.locator("#receipt-verdict")).to_contain_text(verdict, timeout=WAIT_MS)


def open_by_code(phone: Person, tablet: Person, system: System, digits: str) -> None:
    sale = steps.charge(tablet, digits)
    phone.page.goto(f"{system.wallet}/code/{sale.short_code}")


def test_the_wallet_of_a_shop(system: System, people: AddPerson) -> None:
    tablet, phone, owner = people("tablet"), people("phone"), people("phone")
    bring_axe(owner.context)
    steps.link_phone(owner, system, system.shop_id)
    steps.load_shop(system, 5_000)
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 3_000)
    steps.pair_till(tablet, system)
    sale = steps.charge(tablet, "2000")
    steps.pay_with_code(phone, system, sale.short_code)
    steps.till_turns_green(tablet)
    steps.ask_refund(tablet, "5,00")
    wallet = system.wallet

    def refund() -> None:
        owner.page.goto(wallet)
        owner.page.get_by_role("link", name=re.compile("Rembourser")).first.click()

    def pairing() -> None:
        owner.page.locator("form button[type=submit]").click()
        expect(owner.page.locator(".pairing-code")).to_be_visible(timeout=WAIT_MS)

    def quote() -> None:
        owner.page.locator("#field-amount").fill("12")
        owner.page.locator("#field-iban").fill(SHOP_IBAN)
        owner.page.locator("form button[type=submit]").click()
        expect(owner.page.locator(".pay-amount")).to_be_visible(timeout=WAIT_MS)

    def asked() -> None:
        steps.ask_for_euros(owner, system, "12,00", SHOP_IBAN)
        steps.take_euros(owner, "12,00")

    seen = look_at(
        owner,
        [
            State("/", "home of a shop, a refund asked", goto(owner, wallet)),
            State("/refund/{request_id}", "refund", refund),
            State("/tills", "tills", goto(owner, f"{wallet}/tills")),
            State("/tills", "pairing code", goto(owner, f"{wallet}/tills"), pairing),
            State("/redeem", "fee and delay", goto(owner, f"{wallet}/redeem"), quote),
            State("/redeem", "redemption asked", asked),
            State("/identity", "identity of a shop", goto(owner, f"{wallet}/identity")),
            State("/me", "me, a shop", goto(owner, f"{wallet}/me")),
        ],
    )
    assert "/refund/{request_id}" in seen


def test_the_till(system: System, people: AddPerson) -> None:
    tablet, phone = people("tablet"), people("phone")
    bring_axe(tablet.context)
    tablet.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 4_000)
    page, till = tablet.page, system.till

    def typed() -> None:
        for digit in "1250":
            page.keyboard.press(digit)

    told: dict[
        str, Any
    ] = {}  # what the service's answer is made to say instead, for moments too short to see

    def answer(route: Route) -> None:
        if not told:
            route.fallback()
            return
        with suppress(Error):  # the page was left meanwhile
            heard = route.fetch()
            body = heard.json()
            if told == GONE:
                body["book"]["sales"].clear()
            else:
                body["book"]["sales"][0].update(told)
            route.fulfill(response=heard, json=body)

    def shown_as(**changes: Any) -> Reach:
        def reach() -> None:
            told.clear()
            told.update(changes)
            page.reload()

        return reach

    def unknown() -> None:
        page.route("**/api/sales/*", lambda route: route.abort())
        shown_as(**GONE)()

    def silent() -> None:
        told.clear()
        page.unroute("**/api/sales/*")
        page.route("**/api/events", lambda route: route.abort())
        page.reload()
        expect(page.locator(".band")).to_be_visible(timeout=WAIT_MS)

    def paid() -> None:
        page.unroute("**/api/events")
        page.reload()
        code = page.locator("#short-code").get_attribute("data-code")
        steps.pay_with_code(phone, system, str(code))
        steps.till_turns_green(tablet)

    def back_to_keypad() -> None:
        page.locator("#new-sale").click()

    def sheet(*openers: str) -> Reach:
        """Click these, one after the other; the last one leaves a sheet open."""

        def again() -> None:
            for opener in openers:
                page.locator(opener).first.click()
            expect(page.locator("dialog[open]")).to_be_visible(timeout=WAIT_MS)

        return again

    page.route("**/api/state", answer)
    nothing: Reach = lambda: None  # noqa: E731
    accepted = {"state": "accepted", "payer_label": "Camille R.", "proof_code": "7F-3A2"}
    look_at(
        tablet,
        [
            State("/", "pairing", goto(tablet, till)),
            State("/", "keypad", lambda: steps.pair_till(tablet, system)),
            State("/", "amount typed", nothing, typed),
            State("/", "settings", nothing, sheet("header .round")),
            State("/", "let the tablet go", nothing, sheet("header .round", "dialog .button.danger")),
            State("/", "QR", lambda: void(steps.charge(tablet, "1250"))),
            State("/", "confirming", shown_as(**accepted)),
            State("/", "expired", shown_as(state="expired")),
            State("/", "unknown", unknown),
            State("/", "service silent", silent),
            State("/", "paid", paid),
            State("/", "keypad, sales made", back_to_keypad),
            State("/", "all sales", nothing, sheet(".all-sales")),
            State("/", "sale and refund", nothing, sheet(".ledger .entry")),
            State("/", "receipt", nothing, sheet(".ledger .entry", "dialog .sheet-buttons .outline")),
            State("/", "refund asked", lambda: ask_back(tablet), sheet(".ledger .entry")),
        ],
    )


def ask_back(tablet: Person) -> None:
    tablet.page.locator(".ledger .entry").first.click()
    tablet.page.locator("#ask-refund").click()
    expect(tablet.page.get_by_text("demandé").first).to_be_visible(timeout=WAIT_MS)
    tablet.page.keyboard.press("Escape")


def test_the_console(system: System, people: AddPerson) -> None:
    phone, owner, desk, second = people("phone"), people("phone"), people("desk"), people("desk")
    bring_axe(desk.context)
    desk.allowed_statuses |= {404}
    console, page = system.console, desk.page
    steps.open_visitor_wallet(phone, system)
    steps.load(phone, system, 2_000)
    steps.declare_identity(phone, system)
    phone.button("Plus tard").click()
    phone.button("Envoyer mon dossier").click()
    phone.sees("Dossier en cours d’examen")
    steps.link_phone(owner, system, system.shop_id)
    steps.load_shop(system, 4_000)
    steps.ask_for_euros(owner, system, "30,00", SHOP_IBAN)
    steps.take_euros(owner, "30,00")
    system.bank_day(Credit("", 2_500, "M. INCONNU", "SANS REFERENCE"))
    member = f"{console}/members/{steps.id_of(phone, system)}"

    def follow(path: str, link: str) -> Reach:
        def reach() -> None:
            page.goto(f"{console}{path}")
            page.locator(link).last.click()
            page.wait_for_url(re.compile(re.escape(f"{console}{path}/") + "."))

        return reach

    def unfolded() -> None:
        for node in page.locator("details").all():
            node.evaluate("node => { node.open = true; }")

    def prepared() -> None:
        page.goto(f"{console}/payouts")
        steps.act(desk, "Préparer l’ordre…", "Préparer l’ordre")
        page.goto(f"{console}/payouts")

    def found() -> None:
        page.locator("#q").fill("Boulangerie")
        expect(page.locator("#found li button, #found td a").first).to_be_visible(timeout=WAIT_MS)

    unmatched_entry = follow("/unmatched", 'a[href^="/unmatched/"]')
    identity_file = follow("/identities", 'a[href^="/identities/"]')
    seen = look_at(desk, [State("/sign-in", "sign-in", goto(desk, f"{console}/sign-in"))])
    steps.officer_enters(desk, system, "first")
    seen |= look_at(
        desk,
        [
            State("/passkey", "passkey", goto(desk, f"{console}/passkey")),
            State("/", "overview", goto(desk, console), unfolded),
            State("/", "stop payments", goto(desk, console), opens(desk, "stop-payments")),
            State("/reserve", "reserve", goto(desk, f"{console}/reserve"), unfolded),
            State("/reserve", "stop issuing", goto(desk, f"{console}/reserve"), opens(desk, "stop-issuing")),
            State("/identities", "identity queue", goto(desk, f"{console}/identities")),
            State("/identities/{file_id}", "identity file", identity_file),
            State("/identities/{file_id}", "approve", identity_file, opens(desk, "approve")),
            State("/identities/{file_id}", "refuse", identity_file, opens(desk, "refuse")),
            State("/unmatched", "unmatched", goto(desk, f"{console}/unmatched")),
            State("/unmatched/{entry_id}", "whose money", unmatched_entry, found),
            State("/members", "members", goto(desk, f"{console}/members"), found),
            State("/members/{member_id}", "member", goto(desk, member)),
            State("/members/{member_id}", "freeze", goto(desk, member), opens(desk, "freeze")),
            State("/members/{member_id}", "register", goto(desk, member), opens(desk, "register")),
            State("/payouts", "redemptions", goto(desk, f"{console}/payouts"), opens(desk, "prepare")),
            State("/payouts", "payout prepared", prepared, unfolded),
            State("/approvals", "approvals", goto(desk, f"{console}/approvals")),
            State("/network", "network", goto(desk, f"{console}/network")),
            State("/journal", "journal", goto(desk, f"{console}/journal")),
            State(NOWHERE, "no such page", goto(desk, f"{console}{NOWHERE}")),
        ],
    )
    seen |= look_at_a_stop(desk, second, system)
    assert seen >= CONSOLE_ROUTES


def look_at_a_stop(desk: Person, second: Person, system: System) -> set[str]:
    """Payments stopped, and the resumption that waits for a second officer. Ends with payments open."""
    console, page = system.console, desk.page
    steps.officer_enters(second, system, "second")

    def stopped() -> None:
        page.goto(console)
        steps.act(desk, "Arrêter les paiements…", "Arrêter les paiements", "Exercice d’arrêt")
        expect(page.get_by_text("Paiements arrêtés").first).to_be_visible(timeout=WAIT_MS)

    def resume_asked() -> None:
        page.goto(console)
        steps.act(desk, "Demander la reprise…", "Demander la reprise", "Fin de l’exercice")
        page.goto(f"{console}/approvals")

    try:
        seen = look_at(desk, [State("/", "overview, payments stopped", stopped)])
    finally:
        resume_asked()
        second.page.goto(f"{console}/approvals")
        second.page.locator("article", has_text="Fin de l’exercice").get_by_role("button").first.click()
        dialog = second.page.locator("dialog[open]")
    try:
        to_sign = State("/approvals", "a resumption to sign", goto(desk, f"{console}/approvals"))
        seen |= look_at(desk, [to_sign])
    finally:
        dialog.get_by_role("button", name="Signer", exact=True).click()
        second.sees("C’est signé.")
        second.page.goto(console)
        expect(second.page.get_by_text("Paiements ouverts").first).to_be_visible(timeout=WAIT_MS)
    return seen


def test_what_anybody_may_read(system: System, people: AddPerson) -> None:
    stranger = people("desk")
    bring_axe(stranger.context)
    states = [State(route, route, goto(stranger, f"{system.wallet}{route}")) for route in sorted(OPEN_ROUTES)]
    assert look_at(stranger, states) == OPEN_ROUTES


def test_a_payment_from_the_keyboard_alone(system: System, people: AddPerson) -> None:
    tablet, phone = people("tablet"), people("phone")
    phone.page.goto(system.wallet)
    steps.tab_to(phone, phone.button("Ouvrir un portefeuille"))
    phone.page.keyboard.press("Enter")
    phone.sees("Visiteur")
    steps.load(phone, system, 3_000)

    tablet.page.goto(system.till)
    steps.tab_to(tablet, tablet.page.get_by_label("Code d’association"))
    tablet.page.keyboard.type(system.pairing_code())
    tablet.page.keyboard.press("Enter")
    expect(tablet.button("Encaisser")).to_be_visible(timeout=WAIT_MS)
    tablet.page.keyboard.type("1250")
    tablet.page.keyboard.press("Enter")
    sale = steps.sale_on_screen(tablet)

    steps.tab_to(phone, phone.page.get_by_role("link", name="Taper un code"))
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("#short-code")).to_be_focused(timeout=WAIT_MS)
    phone.page.keyboard.type(sale.short_code)
    expect(phone.button("Payer")).to_be_visible(timeout=WAIT_MS)
    steps.tab_to(phone, phone.button("Payer"))
    phone.page.keyboard.press("Enter")
    expect(phone.page.get_by_role("heading", name="Payé")).to_be_focused(timeout=WAIT_MS)

    steps.till_turns_green(tablet)
    expect(tablet.button("Nouvelle vente")).to_be_focused(timeout=WAIT_MS)
    tablet.page.keyboard.press("Enter")
    expect(tablet.page.get_by_role("group", name="Montant")).to_be_visible(timeout=WAIT_MS)
    steps.tab_to(phone, phone.page.get_by_role("link", name="Terminé"))
    phone.page.keyboard.press("Enter")
    steps.sees_balance_of(phone, 1_750)
