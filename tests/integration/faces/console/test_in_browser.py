"""The console in Chromium: live without reload, dialogs, refusals where the officer looks, accessibility."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.support.browsers import CHROMIUM
from tests.support.console_services import ConsoleServices, build_console
from tests.support.ports import free_port
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.notices.models import NoticeKind, Recipient, Ways
from wallet_service.notices.repository import add as add_notice
from wallet_service.protocol.clock import VirtualClock
from wallet_service.reports.figures import KEPT_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[4]
START_DEADLINE_S = 20
SHOP = "S" + "3".rjust(25, "0")
FILE = "I" + "2".rjust(25, "0")
GROUND = "Réquisition judiciaire 26-118"
PAGES = (
    "/",
    "/reserve",
    "/identities",
    f"/identities/{FILE}",
    "/unmatched",
    "/unmatched/E0?q=Boulangerie",
    "/statements",
    "/payouts",
    "/payouts/all",
    "/payouts/returns/E0",
    "/approvals",
    "/members",
    f"/members/{SHOP}",
    "/network",
    "/journal",
    "/notices",
)
#: A browser with a push service; nothing of it is real but the pages' own part.
PUSHES = """
let current = sessionStorage.subscribed ? {} : null;
const subscription = {
  endpoint: "http://127.0.0.1:9/desk",
  unsubscribe: async () => { current = null; delete sessionStorage.subscribed; },
};
if (current) current = subscription;
const subscribe = async () => { sessionStorage.subscribed = "yes"; return (current = subscription); };
globalThis.PushManager = class {};
globalThis.Notification = class {
  static get permission() { return sessionStorage.permission ?? "default"; }
  static async requestPermission() { return (sessionStorage.permission = "granted"); }
};
const registration = {pushManager: {subscribe, getSubscription: async () => current}};
Object.defineProperty(navigator.serviceWorker, "ready", {get: async () => registration});
navigator.serviceWorker.register = async () => registration;
navigator.serviceWorker.getRegistration = async () => registration;
"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Served:
    """Both origins on free ports, one officer signed in."""

    def __init__(self, console: ConsoleServices, servers: list[uvicorn.Server]) -> None:
        self.console = console
        self.servers = servers
        self.console_url = console.settings.console_origin
        self.wallet_url = console.settings.wallet_origin


@pytest.fixture
def served(sqlite_engine: Any, clock: VirtualClock, tmp_path: Path) -> Iterator[Served]:
    ports = {"console_origin": free_port(), "wallet_origin": free_port()}
    origins = {name: f"http://localhost:{port}" for name, port in ports.items()}
    console = build_console(sqlite_engine, clock, tmp_path / "outbox", **origins)
    console.push.start()
    apps = {"console_origin": console_app(console), "wallet_origin": wallet_app(console)}  # type: ignore[arg-type]
    servers = [
        uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=ports[name], log_level="warning"))
        for name, app in apps.items()
    ]
    threads = [threading.Thread(target=server.run, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + START_DEADLINE_S
    while not all(server.started for server in servers):
        assert time.monotonic() < deadline_s, "the servers did not start"
        time.sleep(0.02)
    yield Served(console, servers)
    console.push.stop()
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


def context_of(browser: Browser, served: Served, officer_id: str = "O1", **options: Any) -> BrowserContext:
    context = browser.new_context(
        **{"locale": "fr-FR", "viewport": {"width": 1280, "height": 900}, **options}
    )
    token = served.console.sign_in(officer_id).token
    context.add_cookies([{"name": "alba_console", "value": token, "domain": "localhost", "path": "/"}])
    return context


def give_code(dialog: Locator, served: Served, officer_id: str = "O1") -> None:
    """How an officer without a passkey confirms."""
    dialog.get_by_label("Votre code d’agent").fill(served.console.officers.make_code(officer_id))


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    context = context_of(chromium, served)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert faults == []


def test_figures_and_queues_follow_without_a_reload(page: Page, served: Served, clock: VirtualClock) -> None:
    page.goto(served.console_url)
    page.evaluate("window.kept = true")
    expect(page.locator("[data-line-state]")).to_have_text("en direct")
    before = served.console.reports.figures.queues()["identities"].count
    badge = page.locator('.places a[href="/identities"] .badge')
    expect(badge).to_contain_text(str(before))
    clock.advance_ms(KEPT_MS)
    served.console.identity.refuse("I" + "6".rjust(25, "0"), "O2", "Document illisible")
    expect(badge).to_contain_text(str(before - 1))
    served.console.oversight.stops.stop("payments", GROUND, "O2")
    served.console.run_commands()
    expect(page.locator("#stops")).to_contain_text("Paiements arrêtés")
    assert page.evaluate("window.kept") is True


def test_a_redemption_the_ledger_would_not_end_appears_by_itself(
    page: Page, served: Served, clock: VirtualClock
) -> None:
    page.goto(f"{served.console_url}/payouts")
    badge = page.locator('.places a[href="/payouts"] .badge')
    expect(page.locator("[data-line-state]")).to_have_text("en direct")
    before = int(badge.inner_text().split()[0])
    expect(page.locator("#troubles")).to_have_text("")
    clock.advance_ms(KEPT_MS)
    served.console.refuse_to_end("Panic")
    expect(page.locator("#troubles")).to_contain_text("les soldes du registre ne le permettent pas (Panic)")
    expect(badge).to_contain_text(str(before + 1))


def test_a_new_look_does_not_take_an_open_dialog_away(
    page: Page, served: Served, clock: VirtualClock
) -> None:
    page.goto(f"{served.console_url}/unmatched")
    page.get_by_role("button", name="À rendre…").first.click()
    ground = page.get_by_role("dialog").get_by_label("Motif")
    ground.fill("Le client a appelé")
    clock.advance_ms(KEPT_MS)
    served.console.identity.refuse("I" + "6".rjust(25, "0"), "O2", "Document illisible")
    expect(page.locator('.places a[href="/identities"] .badge')).to_contain_text("6")
    expect(ground).to_have_value("Le client a appelé")


def test_what_an_officer_unfolded_stays_unfolded(page: Page, served: Served, clock: VirtualClock) -> None:
    payouts = served.console.payouts
    payouts.cancel_payout(payouts.prepare_payout("O2").id, "O2", "Essai annulé")
    clock.advance_ms(KEPT_MS)
    newest = payouts.prepare_payout("O2")
    page.goto(f"{served.console_url}/payouts")
    folds = page.locator("#files details")
    folds.nth(1).locator("summary").click()
    clock.advance_ms(KEPT_MS)
    payouts.cancel_payout(newest.id, "O2", "Essai annulé")
    expect(page.locator("#files")).not_to_contain_text("à signer")
    assert folds.evaluate_all("nodes => nodes.map(node => node.open)") == [False, True]


def test_an_officer_freezes_a_member_through_the_dialog(page: Page, served: Served) -> None:
    page.goto(f"{served.console_url}/members/{SHOP}")
    page.get_by_role("button", name="Geler…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Geler Librairie Les Galets ?")
    dialog.get_by_label("Motif").fill(GROUND)
    give_code(dialog, served)
    dialog.get_by_label("Payer : il ne peut plus envoyer d’argent").uncheck()
    dialog.get_by_role("button", name="Geler").click()
    expect(dialog).to_contain_text("Choisissez ce qui est gelé")
    dialog.get_by_label("Recevoir : il ne peut plus encaisser ni être crédité").check()
    dialog.get_by_role("button", name="Geler").click()
    expect(page.get_by_text("Le gel est parti vers le registre.")).to_be_visible()
    served.console.run_commands()
    expect(page.locator("#member-actions")).to_contain_text("gelé")
    expect(page.locator("#freezes")).to_contain_text(GROUND)


def test_payments_are_stopped_and_a_second_officer_resumes(
    page: Page, served: Served, chromium: Browser
) -> None:
    page.goto(served.console_url)
    page.get_by_role("button", name="Arrêter les paiements…").click()
    page.get_by_role("dialog").get_by_label("Motif").fill("Montants suspects en série")
    give_code(page.get_by_role("dialog"), served)
    page.get_by_role("dialog").get_by_role("button", name="Arrêter les paiements").click()
    expect(page.get_by_text("L’arrêt est parti vers le registre.")).to_be_visible()
    served.console.run_commands()
    page.get_by_role("button", name="Demander la reprise…").click()
    page.get_by_role("dialog").get_by_label("Motif").fill("Tout est vérifié")
    give_code(page.get_by_role("dialog"), served)
    page.get_by_role("dialog").get_by_role("button", name="Demander la reprise").click()
    expect(page.get_by_text("Vous l’avez demandé : un autre agent doit signer.")).to_be_visible()
    other = context_of(chromium, served, "O2")
    second = other.new_page()
    second.goto(f"{served.console_url}/approvals")
    second.get_by_role("button", name="Signer…").click()
    expect(second.get_by_role("dialog")).to_contain_text("Vous signez après Camille Roussel")
    give_code(second.get_by_role("dialog"), served, "O2")
    second.get_by_role("dialog").get_by_role("button", name="Signer").click()
    expect(second.get_by_text("C’est signé.")).to_be_visible()
    served.console.run_commands()
    expect(page.get_by_text("Rien n’attend de signature.")).to_be_visible()
    other.close()


def test_a_transfer_finds_its_member_while_the_officer_types(page: Page, served: Served) -> None:
    page.goto(f"{served.console_url}/unmatched")
    page.get_by_role("link", name="Attribuer…").first.click()
    page.get_by_label("Référence RF…").press_sequentially("cidrerie")
    page.get_by_role("button", name="C’est à ce membre…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cidrerie du Bocage")
    dialog.get_by_label("Motif").fill("Appel du membre")
    give_code(dialog, served)
    dialog.get_by_role("button", name="Attribuer").click()
    expect(page.get_by_text("Le virement est attribué.")).to_be_visible()


def test_a_search_that_cannot_be_made_says_why_where_the_officer_looks(page: Page, served: Served) -> None:
    page.goto(f"{served.console_url}/unmatched")
    page.get_by_label("Montant").fill("12x")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("search").locator(".problem-place")).to_contain_text("montant")
    page.get_by_label("Montant").fill("")
    page.get_by_label("Nom, message").fill("zzz")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("#unmatched")).to_have_text("Aucun mouvement ne correspond.")
    assert page.url.endswith("/unmatched")


def test_the_menu_opens_on_a_tablet(chromium: Browser, served: Served) -> None:
    context = context_of(chromium, served, viewport={"width": 820, "height": 1180})
    page = context.new_page()
    page.goto(served.console_url)
    expect(page.get_by_role("link", name="Journal")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Journal").click()
    expect(page.get_by_role("heading", name="Journal", level=1)).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [
        (1280, "light", "fr-FR"),
        (820, "dark", "en-GB"),
        (390, "light", "fr-FR"),
        (320, "dark", "en-GB"),
    ],
)
def test_no_page_has_an_accessibility_fault_or_runs_off_the_screen(
    chromium: Browser, served: Served, width: int, theme: str, language: str
) -> None:
    context = context_of(
        chromium,
        served,
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        locale=language,
        reduced_motion="reduce",
    )
    page = context.new_page()
    axe = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")
    found: dict[str, Any] = {}
    for url in [*(served.console_url + path for path in PAGES), f"{served.wallet_url}/public"]:
        page.goto(url)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        violations = _violations(context, page, axe)
        if overflow > 0 or violations:
            found[url] = {"overflow": overflow, "violations": violations}
    context.close()
    assert found == {}


def _violations(context: BrowserContext, page: Page, axe: str) -> list[Any]:
    """Run past the content policy, which rightly forbids what a test adds to the page."""
    session = context.new_cdp_session(page)
    told = "found.violations.map(v => [v.id, v.nodes.map(n => n.target.join(' '))])"
    question = f"axe.run(document, {{runOnly: {json.dumps(WCAG)}}}).then(found => JSON.stringify({told}))"
    answer = session.send(
        "Runtime.evaluate",
        {
            "expression": f"{axe};{question}",
            "awaitPromise": True,
            "returnByValue": True,
            "allowUnsafeEvalBlockedByCSP": True,
        },
    )
    session.detach()
    violations: list[Any] = json.loads(answer["result"]["value"])
    return violations


def test_an_officer_turns_notices_on_is_told_by_mail_and_leaves_nothing_behind(
    page: Page, served: Served
) -> None:
    notices, officer = served.console.notices, Recipient("officer", "O1")
    page.add_init_script(PUSHES)
    page.goto(f"{served.console_url}/notices")
    page.get_by_role("button", name="Recevoir des notifications ici").click()
    expect(page.get_by_text("Ce navigateur vous prévient.")).to_be_visible()
    assert notices.settings(officer).endpoint_count == 1
    page.get_by_role("checkbox", name="Par courrier").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Aucune adresse n’est confirmée")).to_be_visible()
    page.get_by_label("Adresse électronique").fill("agent@example.org")
    page.get_by_role("button", name="M’envoyer un code").click()
    typed = page.get_by_label("Code envoyé à agent@example.org")
    expect(typed).to_be_visible()
    typed.fill(re.findall(r"\d{6}", served.console.mailbox.mails[-1].text)[0])
    page.get_by_role("button", name="Confirmer l’adresse").click()
    expect(page.get_by_text("L’adresse est confirmée.")).to_be_visible()
    assert notices.settings(officer).ways[NoticeKind.WAITING] == Ways(by_push=True, by_mail=True)
    # What waits is in front of somebody: it is not told again.
    with UnitOfWork(served.console.engine) as work:
        add_notice(work.connection, officer, NoticeKind.WAITING, served.console.clock.now_unix_ms())
    with page.expect_response("**/notices/seen"):
        page.goto(served.console_url)
    assert notices.unseen(officer) == []
    # Whoever comes next to this browser is not told what waits for this officer.
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    assert notices.settings(officer).endpoint_count == 0
