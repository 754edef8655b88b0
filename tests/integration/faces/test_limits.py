"""How often one may try: by member, till, officer and code first, by address second; whose word that is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.integration.faces import authorisation
from tests.support.callers import SAFE
from tests.support.web import HttpFixture, client_of
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell.rate_limits import (
    ASKING_OF_MEMBER,
    DECLARATION_OF_MEMBER,
    DEVICE_CODE_OF_SPACE,
    DOCUMENT_UPLOAD_OF_OFFICER,
    EXPORT_OF_OFFICER,
    OFFICER_CODE_OF_SPACE,
    OFFICER_SIGN_IN,
    PAIRING,
    PAIRING_OF_SPACE,
    PAYING_OF_MEMBER,
    SALE_BY_CODE_OF_MEMBER,
    SEARCH_OF_OFFICER,
    WRITING_OF_MEMBER,
    WRITING_OF_TILL,
    MemberLimited,
    RateLimits,
)
from wallet_service.listening.rates import Rate
from wallet_service.members.repository import Member
from wallet_service.platform.journal import SERVICE
from wallet_service.sales.errors import SaleNotFound
from wallet_service.security.tokens import code_space

STRANGER, MERCHANT, PROXY = "203.0.113.9", "198.51.100.4", "10.0.0.7"
REFUSED, TOO_MANY = "till.pairing_code_refused", "request.too_many"
#: A member's acts that nobody counts: each needs something that is there, and uses it up.
UNCOUNTED = {
    "DELETE /v1/session",
    "DELETE /v1/me/sessions",
    "DELETE /v1/me/sessions/{session_id}",
    "DELETE /v1/me/passkeys/{credential_id}",
    "DELETE /v1/me/devices/{device_id}",
    "POST /v1/refund-requests/{request_id}/refuse",
}


@pytest.fixture
def app(env: HttpFixture) -> Any:
    """The wallet with the real rates."""
    made = wallet_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    return made


def at(app: Any, address: str, **headers: str) -> TestClient:
    """A client of that address."""
    client = client_of(app)
    _move(client, address)
    client.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return client


def _move(client: TestClient, address: str) -> None:
    transport: Any = client._transport
    transport.client = (address, 4711)


def pair(client: TestClient, env: HttpFixture, code: str) -> str:
    body = {"code": code, "public_key": env.new_key().public_key}
    answer = client.post("/v1/tills/pair", json=body)
    return "paired" if answer.status_code == 201 else str(answer.json()["code"])


def code_outside(env: HttpFixture, member_id: str, *spaces: str) -> str:
    while code_space(code := env.tills.make_pairing_code(member_id, "Caisse").code) in spaces:
        pass
    return code


def test_wrong_codes_use_up_their_own_space_alone(env: HttpFixture, app: Any) -> None:
    merchant, _ = env.merchant()
    code = code_outside(env, merchant.id, "ZZ")
    stranger = at(app, STRANGER)
    heard = [pair(stranger, env, "ZZ345678") for _ in range(PAIRING_OF_SPACE.times + 1)]
    assert heard == [REFUSED] * PAIRING_OF_SPACE.times + [TOO_MANY]
    assert pair(at(app, MERCHANT), env, "ZZ999999") == TOO_MANY  # whoever tries there
    assert pair(at(app, MERCHANT), env, code) == "paired"
    assert pair(stranger, env, code_outside(env, merchant.id, "ZZ")) == "paired"


def test_whoever_is_refused_by_address_uses_up_no_space(env: HttpFixture, app: Any) -> None:
    merchant, _ = env.merchant()
    code = env.tills.make_pairing_code(merchant.id, "Caisse").code
    stranger, others = at(app, STRANGER), (f"{number:02}345678" for number in range(100))
    for wrong in (wrong for wrong in others if code_space(wrong) != code_space(code)):
        if pair(stranger, env, wrong) == TOO_MANY:
            break
    for _ in range(PAIRING_OF_SPACE.times):
        assert pair(stranger, env, code_space(code) + "999999") == TOO_MANY
    assert pair(at(app, MERCHANT), env, code) == "paired"


def test_a_header_no_configured_proxy_wrote_makes_nobody_another_client(env: HttpFixture, app: Any) -> None:
    for peer in ("127.0.0.1", STRANGER):
        heard = {
            pair(at(app, peer, X_Forwarded_For=f"192.0.2.{number}"), env, f"{number:02}ZZZZZZ")
            for number in range(PAIRING.times + 1)
        }
        assert TOO_MANY in heard


def test_behind_a_configured_proxy_each_client_is_counted_apart(env: HttpFixture) -> None:
    env.settings.trusted_proxies = PROXY
    made = wallet_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    merchant, _ = env.merchant()
    code = code_outside(env, merchant.id, *(f"{number:02}" for number in range(PAIRING.times + 1)))
    heard = [
        pair(at(made, PROXY, X_Forwarded_For=f"6.6.6.{number}, {STRANGER}"), env, f"{number:02}ZZZZZZ")
        for number in range(PAIRING.times + 1)
    ]
    assert heard == [REFUSED] * PAIRING.times + [TOO_MANY]
    assert pair(at(made, PROXY, X_Forwarded_For=MERCHANT), env, code) == "paired"


def test_officers_codes_are_counted_by_space_and_by_address(env: HttpFixture) -> None:
    made = console_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    officer = env.officers.ensure("Agent", [])
    code = env.officers.make_code(officer.id)
    while code_space(code) == "ZZ":
        code = env.officers.make_code(officer.id)

    def enter(address: str, code: str) -> Response:
        answer: Response = at(made, address).post("/sign-in/code", data={"code": code})
        return answer

    heard = [enter(STRANGER, "ZZ34-5678-0000-0000").status_code for _ in range(OFFICER_SIGN_IN.times + 1)]
    assert heard == [401] * OFFICER_CODE_OF_SPACE.times + [429] * (len(heard) - OFFICER_CODE_OF_SPACE.times)
    assert enter(STRANGER, code).json()["code"] == TOO_MANY
    assert enter(MERCHANT, code).status_code == 303


def test_device_codes_are_counted_by_space_wherever_they_come_from(env: HttpFixture, app: Any) -> None:
    member, _ = env.visitor()
    code = env.devices.make_code(member.id, SERVICE, "essai")
    while code_space(code) == "ZZ":
        code = env.devices.make_code(member.id, SERVICE, "essai")

    def link(address: str, code: str) -> str:
        key = env.new_key()
        proof = key.sign(f"alba-device:{code}:{key.public_key}")
        body = {"code": code, "public_key": key.public_key, "label": "Essai", "proof": proof}
        answer = at(app, address).post("/v1/devices/link", json=body)
        return "linked" if answer.status_code == 201 else str(answer.json()["code"])

    tries = range(DEVICE_CODE_OF_SPACE.times + 1)
    heard = [link(f"192.0.2.{number}", f"ZZ{number:06}") for number in tries]
    assert heard == ["device.code_refused"] * DEVICE_CODE_OF_SPACE.times + [TOO_MANY]
    assert link("192.0.2.0", code) == "linked"


def test_six_digits_are_counted_by_member_wherever_they_are(env: HttpFixture, app: Any) -> None:
    def find(code: str, member_id: str) -> None:
        raise SaleNotFound()

    env.sales = SimpleNamespace(find_by_code=find)  # type: ignore[attr-defined]
    first, second = (_signed_in(env, app, env.visitor()[0]) for _ in range(2))
    heard = []
    for number in range(SALE_BY_CODE_OF_MEMBER.times + 1):
        _move(first, f"192.0.2.{number}")
        heard.append(first.get(f"/v1/sales/by-code/{number:06}").status_code)
    assert heard == [404] * SALE_BY_CODE_OF_MEMBER.times + [429]
    assert second.get("/v1/sales/by-code/123456").status_code == 404


def _signed_in(env: HttpFixture, app: Any, member: Member) -> TestClient:
    client = client_of(app)
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    return client


def counted_by_member(app: Any) -> set[str]:
    """The routes that count their member's tries."""
    found: set[str] = set()
    for included in app.routes:
        for route in getattr(included, "original_router", app).routes:
            dependant = getattr(route, "dependant", None)
            guards = dependant.dependencies if dependant else ()
            if any(isinstance(guard.call, MemberLimited) for guard in guards):
                found |= {f"{method} {route.path}" for method in route.methods}
    return found


def test_whatever_a_member_may_change_is_counted_by_member(app: Any) -> None:
    changing = {
        route
        for route, access in authorisation.WALLET.items()
        if access == authorisation.MEMBER and route.split(" ")[0] not in SAFE
    }
    counted = counted_by_member(app)
    assert changing - counted == UNCOUNTED, "say in the route's dependencies how often a member may do it"
    assert {"GET /v1/me/topup", "GET /v1/me/topup/qr.svg"} <= counted


@pytest.mark.parametrize(
    ("rate", "method", "path"),
    [
        (WRITING_OF_MEMBER, "POST", "/v1/me/loading/standing-order"),
        (ASKING_OF_MEMBER, "GET", "/v1/me/topup/qr.svg"),
        (DECLARATION_OF_MEMBER, "POST", "/v1/me/identity"),
        (PAYING_OF_MEMBER, "POST", "/v1/payments"),
    ],
)
def test_one_members_tries_are_counted_and_nobody_elses_with_them(
    env: HttpFixture, app: Any, rate: Rate, method: str, path: str
) -> None:
    busy, other = (env.visitor()[0] for _ in range(2))
    for _ in range(rate.times):
        app.state.rate_limits.check(rate, busy.id)
    heard = [_tried(env, app, member, method, path) for member in (busy, other)]
    assert heard == [TOO_MANY, "request.invalid"]


def _tried(env: HttpFixture, app: Any, member: Member, method: str, path: str) -> str:
    """What is answered to a request that says nothing that can be meant."""
    client = client_of(app)
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    headers = {"X-CSRF-Token": session.csrf_token}
    answer = client.request(method, f"{path}?amount_cents=-1", json={}, headers=headers)
    return str(answer.json()["code"])


@pytest.mark.parametrize("path", ["/v1/till/sales", "/v1/till/sales/X/cancel", "/v1/till/sales/X/refunds"])
def test_a_tills_writing_is_counted_by_till(env: HttpFixture, app: Any, path: str) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    for _ in range(WRITING_OF_TILL.times):
        app.state.rate_limits.check(WRITING_OF_TILL, till_id)
    body = b'{"client_reference": "0x", "amount_cents": 1}'
    headers = tablet.till_headers(till_id, "POST", path, env.clock.now_unix_ms(), body)
    answer = client_of(app).post(path, content=body, headers=headers | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (429, TOO_MANY)


def officer_at(env: HttpFixture, made: Any, right: str) -> tuple[TestClient, str, dict[str, str]]:
    """An officer's client, who they are, and the field each form of theirs carries."""
    officer = env.officers.ensure("Agent", [right])
    session = env.sessions.open_now("officer", officer.id, "passkey")
    client = client_of(made)
    client.cookies.set("alba_console", session.token)
    return client, officer.id, {"csrf_token": session.csrf_token}


@pytest.mark.parametrize(
    ("path", "right", "words"),
    [("/unmatched/search", "treasury", "words"), ("/members/search", "observe", "q")],
)
def test_searches_in_sealed_texts_are_counted_by_officer(
    env: HttpFixture, path: str, right: str, words: str
) -> None:
    made = console_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    client, officer_id, fields = officer_at(env, made, right)
    for _ in range(SEARCH_OF_OFFICER.times):
        made.state.rate_limits.check(SEARCH_OF_OFFICER, officer_id)
    answer = client.post(path, data=fields | {words: "lecoeur"})
    assert (answer.status_code, answer.json()["code"]) == (429, TOO_MANY)


def test_copies_of_papers_are_counted_by_officer(env: HttpFixture) -> None:
    made = console_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    client, officer_id, fields = officer_at(env, made, "identity")
    for _ in range(DOCUMENT_UPLOAD_OF_OFFICER.times):
        made.state.rate_limits.check(DOCUMENT_UPLOAD_OF_OFFICER, officer_id)
    papers = {"paper": "passport", "ending": "77K2", "seen": "yes", "ground": "Au comptoir de la mairie"}
    files = {"front": ("carte.png", b"x", "image/png")}
    answer = client.post("/assisted/X/copies", data=fields | papers, files=files)
    assert (answer.status_code, answer.json()["code"]) == (429, TOO_MANY)


@pytest.mark.parametrize("path", ["/csv/journal.csv", "/csv/supply.csv"])
def test_large_exports_are_counted_by_officer(env: HttpFixture, path: str) -> None:
    figure = SimpleNamespace(to_csv=lambda _language: "")
    env.reports = SimpleNamespace(
        journal=SimpleNamespace(newest=lambda most: []), figures=SimpleNamespace(figure=lambda name: figure)
    )
    made = console_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    clients = []
    for name in ("Agent", "Agente"):
        officer = env.officers.ensure(name, [])
        client = client_of(made)
        client.cookies.set("alba_console", env.sessions.open_now("officer", officer.id, "passkey").token)
        clients.append(client)
    heard = [clients[0].get(path).status_code for _ in range(EXPORT_OF_OFFICER.times + 1)]
    assert heard == [200] * EXPORT_OF_OFFICER.times + [429]
    assert clients[1].get(path).status_code == 200
