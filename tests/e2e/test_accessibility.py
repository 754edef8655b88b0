"""axe finds nothing on any page of the three faces, in both languages and both themes.

Nothing scrolls sideways at 320 px; a payment works from the keyboard alone.
Which pages there are is read from the apps' own routes: one that no test here looks at fails.
"""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from merchant_pos.pages import router as till_router
from scripts.demo_book import Credit
from tests.e2e import steps, test_people
from tests.e2e.conftest import AddPerson
from tests.e2e.looks import Reach, State, goto, look_at, opens, void
from tests.e2e.moments import TillMoments, check_receipt, look_at_a_stop, of_me, open_by_code, search_in_vain
from tests.e2e.pages import (
    CONSOLE_ROUTES,
    EXAMPLES,
    FOUND_ELSEWHERE,
    NOWHERE,
    OPEN_ROUTES,
    RECEIPTS,
    TILL_ROUTES,
    WALLET_ROUTES,
    pages_of,
)
from tests.support.axe import bring_axe
from tests.support.browsers import DESK, WAIT_MS
from tests.support.system import System
from wallet_service.faces.apps import console_app, wallet_app

# One system is enough: pages do not know which database is under them. The bound is for a browser that hangs.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.chain,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("system", ["sqlite"], indirect=True),
]
SHOP_IBAN = "FR7699999000010000000099928"
CAMERA = {"permissions": ["camera"]}


def test_every_page_of_the_apps_is_looked_at_here(system: System) -> None:
    assert (
        pages_of([wallet_app(system.services)]) == WALLET_ROUTES | test_people.SERVED | OPEN_ROUTES | RECEIPTS
    )
    assert pages_of([console_app(system.services)]) == CONSOLE_ROUTES
    assert pages_of([till_router]) == TILL_ROUTES


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
    without_key = ("/welcome", "/sign-in", "/lost", "/move")
    seen |= look_at(
        stranger,
        [
            *(State(path, path[1:], goto(stranger, wallet + path)) for path in without_key),
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
            State("/T/{token}", "receipt, passed on", goto(phone, sale.qr_text.replace("/P/", "/T/"))),
            State("/", "home", goto(phone, wallet)),
            State("/movements", "history", goto(phone, f"{wallet}/movements")),
            State("/movements", "searched in vain", goto(phone, f"{wallet}/movements"), in_vain),
            State("/movement/{ref}", "receipt", receipt),
            State("/public", "a true receipt", goto(phone, f"{wallet}/public"), true_receipt),
            State("/public", "a file that is no receipt", goto(phone, f"{wallet}/public"), no_receipt),
            State("/add", "add euros", goto(phone, f"{wallet}/add")),
            State("/add/monthly", "every month", goto(phone, f"{wallet}/add/monthly")),
            State("/identity", "identity, to declare", goto(phone, f"{wallet}/identity")),
            State("/identity", "identity, declared", lambda: steps.declare_identity(phone, system)),
            State("/identity", "identity, sent", submitted),
            State("/redeem", "redeem, refused", goto(phone, f"{wallet}/redeem")),
            State("/tills", "tills, refused", goto(phone, f"{wallet}/tills")),
            *of_me(phone, wallet),
        ],
    )
    assert seen >= WALLET_ROUTES - {"/refund/{request_id}", "/recovery-code"} - FOUND_ELSEWHERE


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
        owner.page.locator("form button[type=submit]").first.click()
        expect(owner.page.locator(".pairing-code")).to_be_visible(timeout=WAIT_MS)

    def cashier() -> None:
        owner.page.locator("#field-cashier-name").fill("Camille")
        owner.page.locator("#field-cashier-pin").fill("4711")
        owner.button("Ajouter un caissier").click()
        expect(owner.button("Retirer Camille")).to_be_visible(timeout=WAIT_MS)

    def quote() -> None:
        owner.page.locator("#field-amount").fill("12")
        owner.page.locator("#field-iban").fill(SHOP_IBAN)
        owner.page.locator("#field-holder").fill("Élise Exemple")
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
            State("/tills", "cashiers", cashier),
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
    at = TillMoments(system, tablet, phone)
    nothing: Reach = lambda: None  # noqa: E731
    accepted = {"state": "accepted", "payer_label": "Camille R.", "proof_code": "7F-3A2"}
    look_at(
        tablet,
        [
            State("/", "pairing", goto(tablet, system.till)),
            State("/", "keypad", lambda: steps.pair_till(tablet, system)),
            State("/", "amount typed", nothing, at.typed),
            State("/", "label", nothing, at.sheet("#sale-label")),
            State("/", "settings", nothing, at.sheet("header .icon-button")),
            State(
                "/", "let the tablet go", nothing, at.sheet("header .icon-button", "dialog .button.danger")
            ),
            State("/", "QR", lambda: void(steps.charge(tablet, "1250"))),
            State("/", "confirming", at.shown_as(**accepted)),
            State("/", "expired", at.shown_as(state="expired")),
            State("/", "unknown", at.unknown),
            State("/", "service silent", at.silent),
            State("/", "paid", at.paid),
            State("/", "keypad, sales made", at.back_to_keypad),
            State("/", "all sales", nothing, at.sheet(".all-sales")),
            State("/", "day", nothing, at.sheet("#day-close")),
            State("/", "sale and refund", nothing, at.sheet(".sales-list .entry")),
            State(
                "/", "receipt", nothing, at.sheet(".sales-list .entry", "dialog .sheet-buttons .secondary")
            ),
            State("/", "refund asked", at.ask_back, at.sheet(".sales-list .entry")),
        ],
    )


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
    steps.take_back(phone, system, 2_000)
    steps.debited_for_nothing_known(system, 1_200)
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

    def closely() -> None:
        page.locator("a[data-page]").first.click()
        expect(page.locator("#viewer[open] img")).to_be_visible(timeout=WAIT_MS)

    vain = partial(search_in_vain, desk)
    waiting = steps.waiting_entries(system)
    unmatched_entry = goto(desk, f"{console}/unmatched/{waiting['CRDT']}")
    reversal = follow("/reversals", '#open a[href^="/reversals/"]')
    identity_file = follow("/identities", 'a[href^="/identities/"]')
    seen = look_at(desk, [State("/sign-in", "sign-in", goto(desk, f"{console}/sign-in"))])
    steps.officer_enters(desk, system, "first")
    seen |= look_at(
        desk,
        [
            State("/passkey", "passkey", goto(desk, f"{console}/passkey")),
            State("/access", "access", goto(desk, f"{console}/access")),
            State("/access", "display", goto(desk, f"{console}/access"), opens(desk, "display")),
            State("/notices", "told while away", goto(desk, f"{console}/notices")),
            State("/", "overview", goto(desk, console), unfolded),
            State("/", "stop payments", goto(desk, console), opens(desk, "stop-payments")),
            State("/reserve", "reserve", goto(desk, f"{console}/reserve"), unfolded),
            State("/reserve", "stop issuing", goto(desk, f"{console}/reserve"), opens(desk, "stop-issuing")),
            State("/identities", "identity queue", goto(desk, f"{console}/identities")),
            State("/identities/{file_id}", "identity file", identity_file),
            State("/identities/{file_id}", "a paper closely", identity_file, closely),
            State("/identities/{file_id}", "approve", identity_file, opens(desk, "approve")),
            State("/identities/{file_id}", "refuse", identity_file, opens(desk, "refuse")),
            State("/unmatched", "unmatched", goto(desk, f"{console}/unmatched")),
            State("/unmatched", "searched in vain", goto(desk, f"{console}/unmatched"), vain),
            State("/unmatched/{entry_id}", "whose money", unmatched_entry, found),
            State("/statements", "bank statements", goto(desk, f"{console}/statements")),
            State("/reversals", "reversals", goto(desk, f"{console}/reversals")),
            State("/reversals/{reversal_id}", "a reversal", reversal),
            State("/reversals/{reversal_id}", "loss", reversal, opens(desk, "loss")),
            State("/members", "members", goto(desk, f"{console}/members"), found),
            State("/members/{member_id}", "member", goto(desk, member)),
            State("/members/{member_id}", "freeze", goto(desk, member), opens(desk, "freeze")),
            State("/members/{member_id}", "register", goto(desk, member), opens(desk, "register")),
            State("/members/{member_id}", "a code for a phone", goto(desk, member), opens(desk, "give-code")),
            State("/members/{member_id}", "sign out", goto(desk, member), opens(desk, "end-sessions")),
            State("/payouts", "redemptions", goto(desk, f"{console}/payouts"), opens(desk, "prepare")),
            State("/payouts", "payout prepared", prepared, unfolded),
            State(
                "/payouts/debits/{entry_id}",
                "debit",
                goto(desk, f"{console}/payouts/debits/{waiting['DBIT']}"),
            ),
            State(
                "/payouts/returns/{entry_id}",
                "credit",
                goto(desk, f"{console}/payouts/returns/{waiting['CRDT']}"),
            ),
            State("/payouts/all", "all payouts", goto(desk, f"{console}/payouts/all")),
            State("/approvals", "approvals", goto(desk, f"{console}/approvals")),
            State("/network", "network", goto(desk, f"{console}/network")),
            State("/journal", "journal", goto(desk, f"{console}/journal")),
            State(NOWHERE, "no such page", goto(desk, f"{console}{NOWHERE}")),
        ],
    )
    seen |= look_at_a_stop(desk, second, system)
    assert seen >= CONSOLE_ROUTES - {"/recoveries", "/recoveries/{recovery_id}"} - FOUND_ELSEWHERE


def test_what_anybody_may_read(system: System, people: AddPerson) -> None:
    stranger = people("desk")
    bring_axe(stranger.context)
    states = [
        State(route, route, goto(stranger, f"{system.wallet}{EXAMPLES.get(route, route)}"))
        for route in sorted(OPEN_ROUTES)
    ]
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
