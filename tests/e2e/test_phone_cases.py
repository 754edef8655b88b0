"""What a phone does by itself, in a browser whose service answers in this process: docs/field_cases.md."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Request, expect
from sqlalchemy import Engine

from tests.support.browsed import Browsed, browse, open_wallet
from tests.support.browsers import WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import START_UNIX_MS, HttpFixture, browser_client_of, build_http_fixture
from wallet_service.faces.apps import wallet_app
from wallet_service.notices.models import NoticeKind, Recipient

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: A phone of 390 px whose text is at 200 %.
DOUBLED = {"width": 195, "height": 422}
LIMITS = {
    "max_balance_cents": 300_000,
    "max_payment_cents": 100_000,
    "max_day_cents": 150_000,
    "max_30_days_cents": 500_000,
}
SALE = {
    "id": "S1",
    "amount_cents": 180,
    "short_code": "482913",
    "label": None,
    "state": "open",
    "expires_at_unix_ms": START_UNIX_MS + 100_000,
    "to_address": "0x" + "cd" * 20,
    "merchant": {
        "name": "Fournil des Deux Rives",
        "description": "Boulangerie",
        "sector": "10",
        "commune": "Rouen",
    },
    "your_payment_ref": None,
    "your_payment_at_unix_ms": None,
}
#: What a browser in Lockdown Mode does with a key that cannot be taken out.
KEEPS_NO_KEY = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (value, ...rest) {
  if (value.privateKey && !globalThis.keepsKeys) throw new DOMException("no", "DataCloneError");
  return put.call(this, value, ...rest);
};
"""
#: A phone with three lenses at the back and one in front; `cameras` says what was asked for.
CAMERAS = """
const cameras = globalThis.cameras = {asked: [], isRefused: true, tracks: []};
const lens = (deviceId, label) => ({kind: "videoinput", deviceId, label, groupId: ""});
navigator.mediaDevices.enumerateDevices = async () =>
  [lens("f", "facing front"), lens("wide", "camera2 2, facing back"), lens("main", "camera2 0, facing back")];
navigator.mediaDevices.getUserMedia = async ({video}) => {
  cameras.asked.push(video.deviceId?.exact ?? video.deviceId?.ideal ?? video.deviceId ?? null);
  if (cameras.isRefused) throw new DOMException("no", "NotAllowedError");
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 64, 64);
  const stream = canvas.captureStream(10);
  const [track] = stream.getVideoTracks();
  const deviceId = cameras.asked.at(-1) ?? "wide";
  track.getSettings = () => ({deviceId});
  track.getCapabilities = () => ({torch: true});
  cameras.tracks.push(track);
  return stream;
};
"""

#: What sticks out of the page, whose own words do not fit in it, and words squeezed into a column of letters.
CUT_OFF = """() => {
  const most = document.documentElement.clientWidth;
  const isWords = (node) => node.checkVisibility() && !node.closest("svg, .visually-hidden, .skip-link");
  const shown = [...document.querySelectorAll("body *")].filter(isWords);
  const out = shown.filter((node) => {
    const {left, right} = node.getBoundingClientRect();
    return right > most + 0.5 || left < -0.5;
  });
  const hides = (node) => getComputedStyle(node).overflowX !== "visible" && node.tagName !== "INPUT";
  const tight = shown.filter((node) => node.scrollWidth > node.clientWidth + 1 && hides(node));
  const squeezed = shown.filter((node) => node.matches(".grow") && node.textContent && node.clientWidth < 64);
  return [...out, ...tight, ...squeezed].map((node) => node.outerHTML.slice(0, 140));
}"""

#: A browser with a push service; `pushed` says what it was asked.
PUSHES = """
globalThis.pushed = [];
const subscription = {endpoint: "http://127.0.0.1:9/phone", unsubscribe: async () => { current = null; }};
let current = sessionStorage.subscribed ? subscription : null;
const subscribe = async ({applicationServerKey}) => {
  pushed.push(`subscribed ${applicationServerKey}`);
  sessionStorage.subscribed = "yes";
  return (current = subscription);
};
globalThis.PushManager = class {};
globalThis.Notification = class {
  static get permission() { return sessionStorage.permission ?? "default"; }
  static async requestPermission() { pushed.push("asked"); return (sessionStorage.permission = "granted"); }
};
const pushManager = {subscribe, getSubscription: async () => current};
Object.defineProperty(navigator.serviceWorker, "ready", {get: async () => ({pushManager})});
navigator.serviceWorker.getRegistration = async () => ({pushManager});
"""


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def phone(browser: Browser, env: HttpFixture) -> Iterator[Callable[..., Browsed]]:
    opened: list[Browsed] = []

    def add(**options: Any) -> Browsed:
        made = browse(browser, browser_client_of(wallet_app(env)), **options)  # type: ignore[arg-type]
        made.instead |= {"GET /v1/me/reversals": [], "GET /v1/me/movements": []}
        opened.append(made)
        return made

    yield add
    faults = [fault for each in opened for fault in each.faults]
    for each in opened:
        each.context.close()
    assert faults == []


def with_money(who: Browsed, cents: int) -> None:
    """From the next reading on the service says so much of the member."""
    me = who.client.get("/v1/me").json()
    me["balance"] = {**me["balance"], "available_cents": cents}
    who.instead["GET /v1/me"] = {**me, "limits": LIMITS, "spent_today_cents": 123_456, "state": "active"}


def test_a_key_that_cannot_be_kept_opens_no_wallet(phone: Callable[..., Browsed], env: HttpFixture) -> None:
    who = phone()
    who.page.add_init_script(KEEPS_NO_KEY)
    who.goto("/")
    opens = who.page.get_by_role("button", name="Ouvrir un portefeuille")
    opens.click()
    expect(who.page.get_by_role("alert")).to_contain_text("mode Isolement")
    assert "POST /v1/wallets" not in who.asked
    who.page.evaluate("globalThis.keepsKeys = true")
    opens.click()
    expect(who.page.locator(".tabs")).to_be_visible(timeout=WAIT_MS)
    assert who.asked.count("POST /v1/wallets") == 1


def test_a_paid_screen_lives_and_back_leads_home(phone: Callable[..., Browsed], env: HttpFixture) -> None:
    who = phone()
    open_wallet(who, env)
    with_money(who, 2_000)
    accepted: dict[str, Any] = {}

    def pay(request: Request) -> dict[str, Any]:
        sent = json.loads(request.post_data or "")
        at = START_UNIX_MS
        accepted.update(ref=sent["ref"], state="paid", amount_cents=180, proof_code="K7QF", sale_id="S1")
        accepted.update(refusal_code=None, refusal_detail=None, accepted_at_unix_ms=at, final_at_unix_ms=at)
        who.instead["GET /v1/sales/by-code/482913"] = {**SALE, "state": "paid"}
        return accepted

    who.instead |= {"GET /v1/sales/by-code/482913": SALE, "POST /v1/payments": pay}
    who.instead["GET /v1/sales/by-code/111111"] = {**SALE, "id": "S0", "state": "expired"}
    who.goto("/code/111111")  # an older one, by a link from outside
    expect(who.page.locator(".refusal")).to_be_visible(timeout=WAIT_MS)
    who.goto("/code/482913")
    who.page.locator(".pay-button").click()
    expect(who.page.locator(".stage.paid")).to_be_visible(timeout=WAIT_MS)
    clock = who.page.locator(".stage-clock")
    shown = clock.inner_text()
    assert len(shown.replace(":", " ").split()) >= 3, "hours, minutes and seconds"
    expect(clock).not_to_have_text(shown, timeout=3_000)
    moving = "document.querySelector('.stage-pulse').getAnimations().map(one => one.playState)"
    assert who.page.evaluate(moving) == ["running"]
    who.page.go_back()
    expect(who.page.locator(".home")).to_be_visible(timeout=WAIT_MS)
    expect(who.page.locator(".pay-button")).to_have_count(0)
    assert who.asked.count("POST /v1/payments") == 1


def test_the_camera_comes_back_and_every_lens_can_be_chosen(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone()
    who.page.add_init_script(CAMERAS)
    open_wallet(who, env)
    page = who.page
    page.get_by_role("link", name="Scanner").click()
    expect(page.locator(".scan-away")).to_contain_text("puis autorisez l’appareil photo")
    page.evaluate("cameras.isRefused = false")
    page.get_by_role("button", name="Réessayer").click()
    expect(page.locator(".scan-view.live")).to_be_visible(timeout=WAIT_MS)
    light = page.get_by_role("button", name="Lampe")
    light.click()
    expect(light).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Autre objectif").click()
    page.wait_for_function("() => cameras.asked.at(-1) === 'main'")
    # The system takes the picture away: it is asked for again, from the same lens.
    page.evaluate("cameras.tracks.at(-1).stop(); cameras.tracks.at(-1).dispatchEvent(new Event('ended'))")
    page.wait_for_function("() => cameras.tracks.at(-1).readyState === 'live'")
    # The phone slept and has left a dead picture without a word.
    page.evaluate("cameras.tracks.at(-1).stop(); document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("() => cameras.tracks.at(-1).readyState === 'live'")
    assert page.evaluate("cameras.asked.slice(-3)") == ["main"] * 3
    page.get_by_role("link", name="Annuler").click()
    page.wait_for_function("() => cameras.tracks.at(-1).readyState === 'ended'")
    page.get_by_role("link", name="Scanner").click()
    page.wait_for_function("() => cameras.tracks.at(-1).readyState === 'live'")
    assert page.evaluate("cameras.asked.at(-1)") == "main", "the lens is remembered"
    assert page.locator("#code-picture").get_attribute("accept") == "image/*"


def test_nothing_is_cut_off_at_twice_the_size(phone: Callable[..., Browsed], env: HttpFixture) -> None:
    who = phone(viewport=DOUBLED)
    open_wallet(who, env)
    with_money(who, 284_590)
    who.instead |= {
        "GET /v1/me/topup/qr.svg": {},
        "POST /v1/me/movements/search": {"movements": [], "next_before": None},
    }
    who.instead["GET /v1/me/topup"] = {
        "reference": "RF18539007547034ABCD",
        "iban": "FR7699999000010000000099928",
        "bic": "ALBAFRPPXXX",
        "holder": "Association de l’alba, compte de garantie",
        "epc_payload": "BCD",
        "minimum_cents": 100,
        "maximum_cents": 300_000,
    }
    cut = []
    for path in ("/", "/me", "/add", "/identity", "/movements"):
        who.goto(path)
        expect(who.page.locator("main h1").first).to_be_visible()
        expect(who.page.locator(".skeleton")).to_have_count(0)
        cut += [(path, each) for each in who.page.evaluate(CUT_OFF)]
    assert cut == []


def test_who_comes_back_sees_what_came_and_is_asked_once_to_be_told(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone()
    who.page.add_init_script(PUSHES)
    open_wallet(who, env)
    with_money(who, 2_000)
    page, home = who.page, who.page.locator(".home")
    expect(page.get_by_role("button", name="Me prévenir")).to_have_count(0)
    who.instead["GET /v1/me/movements"] = [
        movement("0x" + "33" * 32, "payment_out", 3),
        movement("0x" + "22" * 32, "payment_in", 2),
        movement("0x" + "11" * 32, "topup", 1),
    ]
    told = [{"kind": "money", "count": 1, "last_at_unix_ms": START_UNIX_MS}]
    who.instead["GET /v1/me/notices"] = {"title": "Un mouvement sur votre compte", "told": told}
    who.goto("/")
    expect(home).to_contain_text("Un mouvement pendant votre absence", timeout=WAIT_MS)
    assert [page.locator(".row-link", has=page.locator(".new")).get_attribute("href")] == [
        "/movement/0x" + "22" * 32
    ]
    assert "POST /v1/me/notices/seen" in who.asked
    assert page.evaluate("globalThis.pushed") == [], "nobody was asked by the browser"
    with page.expect_response("**/v1/me/notices/endpoints"):
        page.get_by_role("button", name="Me prévenir").click()
    expect(page.get_by_role("button", name="Me prévenir")).to_have_count(0)
    member_id = who.client.get("/v1/me").json()["id"]
    assert env.notices.settings(Recipient("member", member_id)).endpoint_count == 1
    assert page.evaluate("globalThis.pushed") == ["asked", "subscribed BKey"]
    who.goto("/notices")
    page.get_by_role("group", name="De l’argent arrive").get_by_label("Courrier").check()
    page.get_by_label("Adresse électronique").fill("anouk@example.org")
    page.get_by_role("button", name="M’envoyer un code").click()
    page.get_by_label("Code envoyé à anouk@example.org").fill(code_in(env))
    page.get_by_role("button", name="Confirmer l’adresse").click()
    expect(page.get_by_role("button", name="Oublier cette adresse")).to_be_visible(timeout=WAIT_MS)
    assert env.notices.settings(Recipient("member", member_id)).ways[NoticeKind.MONEY].by_mail
    who.goto("/me")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.locator(".welcome")).to_be_visible(timeout=WAIT_MS)
    assert env.notices.settings(Recipient("member", member_id)).endpoint_count == 0


def test_a_tap_is_not_lost_where_the_page_is_drawn_again_under_the_finger(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    who = phone()
    open_wallet(who, env)
    who.instead["GET /v1/me/movements"] = [movement("0x" + "22" * 32, "payment_in", 2)]
    who.goto("/")
    page, link = who.page, who.page.locator(".row-link")
    link.hover()
    page.mouse.down()
    with page.expect_response("**/v1/me/asks"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    page.mouse.up()
    expect(page).to_have_url(re.compile("/movement/0x2222"), timeout=WAIT_MS)


def movement(ref: str, kind: str, at: int) -> dict[str, Any]:
    nothing = (
        "sale_id",
        "refund_of_ref",
        "refusal_code",
        "refusal_detail",
        "held_reason",
        "counterparty_name",
    )
    return {
        **dict.fromkeys(nothing),
        "ref": ref,
        "kind": kind,
        "amount_cents": -180 if kind == "payment_out" else 500,
        "state": "paid",
        "at_unix_ms": START_UNIX_MS + at,
        "proof_code": "AB-123",
        "refunded_cents": 0,
        "fee_cents": 0,
    }


def code_in(env: HttpFixture) -> str:
    return str(re.findall(r"\d{6}", env.mailbox.mails[-1].text)[0])


def test_a_wallet_moves_to_another_phone_by_four_words(
    phone: Callable[..., Browsed], env: HttpFixture
) -> None:
    old, new = phone(), phone()
    open_wallet(old, env)
    member_id = old.client.get("/v1/me").json()["id"]
    started_s = time.monotonic()
    old.goto("/move")
    old.page.get_by_role("button", name="Faire un code").click()
    code = old.page.locator(".copy-list dd").inner_text().split()[0]
    new.goto(f"/move#{code}")
    new.page.get_by_role("button", name="Continuer").click()
    words = new.page.locator(".move-words li")
    expect(words).to_have_count(4, timeout=WAIT_MS)
    expect(old.page.locator(".move-words li")).to_have_text(words.all_inner_texts(), timeout=WAIT_MS)
    assert not any(code in sent for sent in (*old.sent, *new.sent)), "the code stays with the two phones"
    old.page.get_by_role("button", name="Les mots sont les mêmes").click()
    old.page.get_by_text("C’est relié").wait_for()
    env.apply_commands()
    expect(new.page.locator(".home")).to_be_visible(timeout=WAIT_MS)
    moved_s = time.monotonic() - started_s
    print(f"code to moved: 4 taps, {moved_s:.1f} s")
    assert new.client.get("/v1/me").json()["id"] == member_id
    old.page.get_by_role("button", name="Retirer ce téléphone-ci").click()
    expect(old.page.locator(".welcome")).to_be_visible(timeout=WAIT_MS)
    states = sorted(device.state for device in env.members.devices(member_id))
    assert states in (["active", "revoked"], ["active"])
