"""What no database holds, and a database that is away: refused in words on both, never a failure of ours."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.support.web import HttpFixture, build_http_fixture, client_of
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.history.service import History
from wallet_service.platform.schema import MAX_EXACT_INTEGER
from wallet_service.sales.refunds import Refunds
from wallet_service.sales.service import Sales

TOO_LARGE = 2**63


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    env: Any = build_http_fixture(engine)
    env.history = History(engine, env.directory)
    env.sales = Sales(engine, env.clock, env.push, SimpleNamespace(), sale_lifetime_s=120)
    env.refunds = Refunds(engine, env.clock, env.push)
    made: HttpFixture = env
    return made


@pytest.fixture
def member(env: HttpFixture) -> TestClient:
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", env.visitor()[0].id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def code(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    "path",
    [
        "GET /v1/sales/by-code/%00",
        "GET /v1/sales/%00",
        "GET /v1/payments/%00",
        "GET /v1/me/refund-requests/%00",
        "POST /v1/refund-requests/%00/refuse",
        "DELETE /v1/me/tills/%00",
        "GET /v1/me/movements?before=%00",
        "GET /v1/events?last_event_id=%00",
        "GET /static/%00",
        "GET /%00",
    ],
)
def test_a_nul_in_an_address_is_refused(member: TestClient, path: str) -> None:
    method, target = path.split(" ")
    assert code(member.request(method, target)) == (400, "request.refused")


@pytest.mark.parametrize(
    ("path", "content", "media_type"),
    [
        ("/v1/tills/pair", b'{"code": "\\u0000"}', "application/json"),
        ("/v1/tills/pair", b'{"code": "\\u0000"}', "application/json; charset=utf-8"),
        ("/v1/tills/pair", b'{"deep": [{"er": "a\\u0000b"}]}', "application/vnd.alba+json"),
        ("/v1/me/movements/search", b'{"query": "\\u0000"}', "application/json"),
    ],
)
def test_a_nul_in_a_body_is_refused(member: TestClient, path: str, content: bytes, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    assert code(member.post(path, content=content, headers=headers)) == (400, "request.refused")

    def cut() -> Iterator[bytes]:
        for byte in content:
            yield bytes([byte])

    assert code(member.post(path, content=cut(), headers=headers)) == (400, "request.refused")


def test_a_nul_in_a_form_is_refused_and_a_percent_sign_is_not(env: HttpFixture) -> None:
    client = client_of(console_app(env))  # type: ignore[arg-type]
    answer = client.post("/sign-in/code", data={"code": "\0"})
    assert code(answer) == (400, "request.refused")
    assert code(client.post("/sign-in/code", data={"code": "%00"}))[1] == "officer.code_refused"


@pytest.mark.parametrize("before", [TOO_LARGE, MAX_EXACT_INTEGER + 1, -1])
def test_a_number_no_column_holds_is_refused(env: HttpFixture, member: TestClient, before: int) -> None:
    assert code(member.get(f"/v1/me/movements?before={before}")) == (422, "request.invalid")
    console = client_of(console_app(env))  # type: ignore[arg-type]
    officer = env.officers.ensure("Agent", [])
    console.cookies.set("alba_console", env.sessions.open_now("officer", officer.id, "passkey").token)
    assert code(console.get(f"/journal?before={before}")) == (422, "request.invalid")


def test_the_largest_number_is_asked_of_the_database(member: TestClient) -> None:
    assert member.get(f"/v1/me/movements?before={MAX_EXACT_INTEGER}").json() == []


@pytest.mark.parametrize(
    ("error", "answered"),
    [
        (OperationalError("SELECT", {}, Exception("cut")), (503, "database.unavailable")),
        (InterfaceError("SELECT", {}, Exception("closed")), (503, "database.unavailable")),
        (PoolTimeout("no free connection"), (503, "database.unavailable")),
        (DataError("INSERT", {}, Exception("out of range")), (400, "request.refused")),
    ],
)
def test_what_a_database_says_becomes_an_answer(
    env: HttpFixture, monkeypatch: pytest.MonkeyPatch, error: Exception, answered: tuple[int, str]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(env.members, "create_wallet", fail)
    device = env.new_key()
    body = {"public_key": device.public_key, "proof": device.proof()}
    answer = client_of(wallet_app(env)).post("/v1/wallets", json=body)  # type: ignore[arg-type]
    assert code(answer) == answered
    if answered[0] == 503:
        assert int(answer.headers["Retry-After"]) > 0
        assert "ne compte qu’une fois" in answer.json()["detail"]


@pytest.mark.postgres
def test_a_database_that_is_cut_is_503_and_comes_back(postgresql_engine: Engine) -> None:
    """Every connection closed under a request's hands, as a restart does."""
    env = build_http_fixture(postgresql_engine)
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", env.visitor()[0].id, "device")
    client.cookies.set("alba_session", session.token)
    cut = False

    @event.listens_for(postgresql_engine, "before_cursor_execute")
    def _cut(connection: Any, cursor: Any, *_: Any) -> None:
        nonlocal cut
        if not cut and not cursor.connection.closed:
            cut = True
            pid = cursor.connection.info.backend_pid
            with postgresql_engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    assert code(client.get("/v1/me")) == (503, "database.unavailable")
    assert client.get("/v1/me").status_code == 200
