"""The shell: problems, headers, guards, files, health. Seen from outside, over HTTP."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient

from tests.support.web import WALLET_ORIGIN, HttpFixture, build_http_fixture, client_of
from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell.middleware import DEFAULT_BODY_LIMIT_BYTES
from wallet_service.faces.shell.rate_limits import WALLET_CREATION, RateLimits
from wallet_service.faces.shell.rendering import assets
from wallet_service.faces.shell.routers import shell
from wallet_service.faces.wallet.routers import wallets
from wallet_service.platform.readiness import Part, ReadinessCache

HTML = {"Accept": "text/html"}


def wallet_body(env: HttpFixture) -> dict[str, str]:
    device = env.new_key()
    return {"public_key": device.public_key, "proof": device.proof()}


def test_a_refusal_is_a_problem_with_a_stable_code_in_the_clients_language(wallet: TestClient) -> None:
    answer = wallet.get("/v1/me", headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == problem["title"] == "session.required"
    assert problem["status"] == 401
    assert problem["detail"] == "Nothing was done: sign in again first."
    assert problem["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert problem["type"].endswith("/docs/errors#session.required")
    assert wallet.get("/v1/me").json()["detail"].startswith("Rien n’a été fait")


def test_a_malformed_request_names_its_fields_and_never_repeats_values(wallet: TestClient) -> None:
    body = {"public_key": "0xSECRET", "proof": "x" * 85, "surprise": "SECRET"}
    answer = wallet.post("/v1/wallets", json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "request.invalid"
    assert {error["field"] for error in problem["errors"]} == {"public_key", "surprise"}
    assert "SECRET" not in answer.text


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"'])
def test_a_body_that_is_not_the_json_asked_for_is_refused(wallet: TestClient, body: str) -> None:
    answer = wallet.post("/v1/wallets", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["code"] == "request.invalid"


def test_what_does_not_exist_is_a_problem_for_programs_and_a_page_for_people(wallet: TestClient) -> None:
    assert wallet.get("/v1/nothing").json()["code"] == "request.not_found"
    refused = wallet.patch("/v1/session")
    assert (refused.status_code, refused.json()["code"]) == (405, "request.method_not_allowed")
    assert refused.headers["Allow"] == "DELETE, GET"
    assert wallet.put("/v1/payments").headers["Allow"] == "POST"
    page = wallet.get("/nothing", headers=HTML)
    assert page.status_code == 404
    assert 'role="alert"' in page.text
    assert "<script" not in page.text


def test_an_unknown_error_is_internal_with_a_reference_and_tells_nothing(
    env: HttpFixture, wallet: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("SECRET of Camille Roussel")

    monkeypatch.setattr(env.settings, "environment", "demo")
    monkeypatch.setattr(env.members, "create_wallet", fail)
    with structlog.testing.capture_logs() as logs:
        answer = wallet.post("/v1/wallets", json=wallet_body(env))
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["code"] == "request.internal"
    assert problem["correlation_id"] in problem["detail"]
    assert "SECRET" not in answer.text
    assert answer.headers["Content-Security-Policy"]
    failure = next(entry for entry in logs if entry["event"] == "request.failed")
    assert failure["failure"]["type"] == "builtins.RuntimeError"
    assert "SECRET" not in json.dumps(logs)
    assert "SECRET" not in capsys.readouterr().err


def test_logs_hold_the_route_and_neither_query_nor_names(wallet: TestClient) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        wallet.get("/v1/session?name=Camille", headers={"X-Correlation-Id": "from-a-till-0001"})
    (entry,) = [entry for entry in logs if entry["event"] == "request.answered"]
    assert entry["route"] == "/v1/session"
    assert entry["correlation_id"] == "from-a-till-0001"
    assert "Camille" not in json.dumps(logs)


def test_a_foreign_correlation_id_is_not_taken_over(wallet: TestClient) -> None:
    answer = wallet.get("/health", headers={"X-Correlation-Id": "x\r\nSet-Cookie: a"})
    assert "Set-Cookie" not in answer.headers["X-Correlation-Id"]


@pytest.mark.parametrize("path", ["/health", "/nothing", "/v1/me", "/theme.css"])
def test_every_answer_carries_the_security_headers(
    wallet: TestClient, console: TestClient, path: str
) -> None:
    for client in (wallet, console):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert abs(int(headers["Alba-Server-Time"]) - 1_795_500_000_000) < 1000


def test_api_answers_are_never_kept_by_a_cache(wallet: TestClient) -> None:
    assert wallet.get("/v1/session").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": WALLET_ORIGIN}, 201),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
    ],
)
def test_an_unsafe_request_from_another_site_is_refused(
    env: HttpFixture, wallet: TestClient, headers: dict[str, str], status: int
) -> None:
    answer = wallet.post("/v1/wallets", json=wallet_body(env), headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "request.foreign_origin"
        assert env.commands.by_ref == {}


def test_a_request_for_another_host_is_refused(env: HttpFixture) -> None:
    app = wallet_app(env)  # type: ignore[arg-type]
    assert client_of(app).get("/health", headers={"Host": "evil.example"}).status_code == 400


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(wallet: TestClient) -> None:
    large = b'"' + b"x" * DEFAULT_BODY_LIMIT_BYTES + b'"'
    answer = wallet.post("/v1/wallets", content=large, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")

    def chunks() -> object:
        for start in range(0, len(large), 4096):
            yield large[start : start + 4096]

    answer = wallet.post("/v1/wallets", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413)


def test_too_many_new_wallets_from_one_address_are_refused_with_the_time_to_wait(
    env: HttpFixture, wallet: TestClient
) -> None:
    wallet.app.state.rate_limits = RateLimits()  # type: ignore[attr-defined]
    for _ in range(WALLET_CREATION.times):
        assert wallet.post("/v1/wallets", json=wallet_body(env)).status_code == 201
    answer = wallet.post("/v1/wallets", json=wallet_body(env))
    assert (answer.status_code, answer.json()["code"]) == (429, "request.too_many")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_session_cookie_is_for_http_alone_and_for_this_site(env: HttpFixture, wallet: TestClient) -> None:
    cookie = wallet.post("/v1/wallets", json=wallet_body(env)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # http://localhost


def test_the_session_cookie_is_secure_where_the_origin_is(env: HttpFixture) -> None:
    env.settings.wallet_origin = "https://monnaie.example"
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    answer = client.post("/v1/wallets", json=wallet_body(env))
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-alba_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("name", "status"), [("__Host-alba_session", 200), ("alba_session", 401)])
def test_over_https_another_hosts_cookie_is_no_session(env: HttpFixture, name: str, status: int) -> None:
    """Any host of the domain may set a cookie without the prefix."""
    env.settings.wallet_origin = "https://monnaie.example"
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", env.visitor()[0].id, "device")
    answer = client.get("/v1/me", headers={"Cookie": f"{name}={session.token}"})
    assert answer.status_code == status


def test_over_https_the_consoles_cookie_has_the_prefix_and_its_answers_hsts(env: HttpFixture) -> None:
    env.settings.console_origin = "https://console.monnaie.example"
    client = client_of(console_app(env))  # type: ignore[arg-type]
    code = env.officers.make_code(env.officers.ensure("Agent", []).id)
    answer = client.post("/sign-in/code", data={"code": code})
    assert answer.headers["Set-Cookie"].startswith("__Host-alba_console=")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert client.get("/health", headers={"Host": "monnaie.example"}).status_code == 400


@pytest.mark.parametrize("face", ["wallet", "console"])
def test_signing_out_clears_cookie_and_cache_and_leaves_the_devices_key(env: HttpFixture, face: str) -> None:
    member, officer = env.visitor()[0], env.officers.ensure("Agent", [])
    app = wallet_app(env) if face == "wallet" else console_app(env)  # type: ignore[arg-type]
    client, kind = client_of(app), "member" if face == "wallet" else "officer"
    subject = member.id if face == "wallet" else officer.id
    session = env.sessions.open_now(kind, subject, "passkey")  # type: ignore[arg-type]
    client.cookies.set("alba_session" if face == "wallet" else "alba_console", session.token)
    headers = {"X-CSRF-Token": session.csrf_token}
    if face == "wallet":
        answer = client.delete("/v1/session", headers=headers)
    else:
        answer = client.post("/sign-out", headers=headers)
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert env.sessions.find(session.token) is None


def test_built_files_are_kept_for_ever_and_nothing_else_is_served(wallet: TestClient) -> None:
    name = assets.file_name("plain.css")
    answer = wallet.get(f"/static/{name}")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    for path in ("manifest.json", "..%2f..%2fapp.py", "%2e%2e/app.py", ".env", "none.js"):
        assert wallet.get(f"/static/{path}").status_code == 404


def test_the_pages_are_built_from_our_own_origin_alone(wallet: TestClient) -> None:
    for file in assets.dist.iterdir():
        if file.suffix in (".css", ".js"):
            content = file.read_text("utf-8")
            foreign = [url for url in _urls(content) if not url.startswith(HARMLESS_URLS)]
            assert foreign == [], file.name


#: Names of XML vocabularies and of standards in messages: never fetched.
HARMLESS_URLS = ("http://www.w3.org/", "http://localhost", "https://localhost", "https://simplewebauthn.dev/")


def _urls(content: str) -> list[str]:
    return re.findall(r"https?://[\w.-]+/?", content)


def test_readiness_names_what_is_not_ready(env: HttpFixture, wallet: TestClient) -> None:
    assert wallet.get("/health").json() == {"status": "ok"}
    env.readiness = ReadinessCache([Part("database", lambda: True)])
    assert wallet.get("/ready").json() == {"ready": False, "checks": {"database": False}}  # not seen yet
    env.readiness.look("database")
    assert wallet.get("/ready").json() == {"ready": True, "checks": {"database": True}}

    def broken() -> bool:
        raise OSError

    env.readiness = ReadinessCache(
        [Part("database", lambda: True), Part("chain", lambda: False), Part("workers", broken)]
    )
    for part in ("database", "chain", "workers"):
        env.readiness.look(part)
    answer = wallet.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "chain": False, "workers": False}
    assert wallet.get("/v1/config").json()["parts_away"] == ["chain", "workers"]


@pytest.mark.parametrize("path", ["/health", "/ready", "/v1/config"])
def test_what_must_always_be_quick_waits_for_no_thread(path: str) -> None:
    """All threads may be waiting for a database or a node that hangs: these run on the event loop."""
    routes: list[Any] = [*shell.router.routes, *wallets.router.routes]
    (route,) = [one for one in routes if one.path == path]
    needed = [route.dependant, *route.dependant.dependencies]
    assert [one.call for one in needed if not inspect.iscoroutinefunction(one.call)] == []
    assert [one.dependencies for one in needed[1:] if one.dependencies] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr", "Rien n’a été débité. Un instant"), ("en", "Nothing was taken. One moment")],
)
def test_a_copy_that_catches_up_is_one_moment_and_not_a_balance(
    env: HttpFixture, wallet: TestClient, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    member, _ = env.visitor()
    session = env.sessions.open_now("member", member.id, "device")
    wallet.cookies.set("alba_session", session.token)

    def catching_up(member_id: str) -> None:
        raise CopyCatchingUp()

    monkeypatch.setattr(env.accounts, "view", catching_up)
    answer = wallet.get("/v1/me", headers={"Accept-Language": language})
    assert (answer.status_code, answer.json()["code"]) == (503, "chain.catching_up")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["detail"].startswith(sentence)


def test_metrics_are_for_this_machine_alone(wallet: TestClient, env: HttpFixture) -> None:
    wallet.get("/v1/session")
    assert 'route="/v1/session"' in wallet.get("/metrics").text
    outside = TestClient(wallet_app(env), client=("198.51.100.7", 5000))  # type: ignore[arg-type]
    assert outside.get("/metrics").status_code == 404
    for header in ("X-Forwarded-For", "Forwarded"):  # a proxy on this machine passes strangers on
        assert wallet.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_the_documentation_lists_every_operation_and_every_refusal(wallet: TestClient) -> None:
    page = wallet.get("/docs", headers=HTML).text
    paths = wallet.get("/openapi.json").json()["paths"]
    assert "/v1/wallets" in paths
    assert all(path in page for path in paths)
    assert "<script" not in page
    refusals = wallet.get("/docs/errors", headers=HTML).text
    for code in ("session.required", "wallet.exists", "amount.invalid", "identity.document_type"):
        assert f'id="{code}"' in refusals


def test_the_currencys_colours_come_from_its_file(wallet: TestClient) -> None:
    css = wallet.get("/theme.css").text
    assert "--brand:#0B5D57;" in css
    assert "data-theme=dark" in css


def test_every_refusal_speaks_both_languages_and_has_a_code_of_its_own() -> None:
    from wallet_service.faces.shell.routers.docs import known_refusals

    codes: dict[str, type] = {}
    for refusal in known_refusals():
        assert refusal.french
        assert refusal.english
        assert 400 <= refusal.status < 600
        assert codes.setdefault(refusal.code, refusal) is refusal, f"{refusal.code} twice"


def test_an_officers_browser_is_sent_to_sign_in_and_htmx_is_told_so(console: TestClient) -> None:
    page = console.get("/events", headers=HTML)
    assert (page.status_code, page.headers["Location"]) == (303, "/sign-in")
    fragment = console.get("/events", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/sign-in")


def test_in_production_a_code_only_enrols_a_passkey(env: HttpFixture) -> None:
    strict = build_http_fixture(env.engine, "production")
    client = client_of(console_app(strict))  # type: ignore[arg-type]
    client.headers["Host"] = "localhost"
    officer = strict.officers.ensure("Agent", ["identity"])
    code = strict.officers.make_code(officer.id)
    answer = client.post("/sign-in/code", data={"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/passkey")
    assert client.get("/events").json()["code"] == "officer.passkey_required"
    assert client.get("/passkey", headers=HTML).status_code == 200


@pytest.mark.parametrize("path", ["/", "/welcome", "/v1/config", "/health", "/nowhere"])
def test_a_head_is_answered_as_a_get_without_its_content(wallet: TestClient, path: str) -> None:
    asked, head = wallet.get(path), wallet.head(path)
    assert (head.status_code, head.content) == (asked.status_code, b"")
    assert head.headers["content-type"] == asked.headers["content-type"]
    assert head.headers["content-length"] == asked.headers["content-length"]


def test_a_stream_has_no_head(wallet: TestClient) -> None:
    assert wallet.head("/v1/public/events").status_code == 405
