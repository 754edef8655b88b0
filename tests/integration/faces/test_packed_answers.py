"""Answers as they travel: packed where they are the same for everybody, plain where they hold a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import HttpFixture, browser_client_of, build_http_fixture
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell.packing import SAME_FOR_ALL
from wallet_service.faces.shell.rendering import assets
from wallet_service.ui.packed import packed_file

__all__ = ["sqlite_engine", "sqlite_url"]

OPENAPI = Path(__file__).resolve().parents[3] / "docs/openapi.json"
PACKED = (
    *("/", "/welcome", "/me", "/family", "/directory", "/open-data", "/docs/errors", "/theme.css"),
    *("/v1/directory", "/accessibility"),
)


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def client(env: HttpFixture) -> Iterator[TestClient]:
    with browser_client_of(wallet_app(env)) as made:  # type: ignore[arg-type]
        yield made


def signed_in(client: TestClient, env: HttpFixture) -> str:
    member, _ = env.visitor()
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return session.csrf_token


@pytest.mark.parametrize("path", PACKED)
def test_a_page_that_is_packed_is_the_same_for_everybody(
    path: str, client: TestClient, env: HttpFixture
) -> None:
    asked = {"Accept-Encoding": "gzip", "Accept-Language": "fr"}
    before = client.get(path, headers=asked)
    token = signed_in(client, env)
    after = client.get(path, headers=asked)
    assert before.status_code == 200, path
    assert before.text == after.text
    assert token not in after.text
    if len(before.content) >= 1_000:
        assert before.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get(path, headers={"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize("path", ["/v1/session", "/v1/me", "/v1/config"])
def test_what_holds_a_secret_travels_as_it_is(path: str, client: TestClient, env: HttpFixture) -> None:
    signed_in(client, env)
    answer = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_no_path_of_the_api_is_ever_packed_but_the_directory_that_anybody_reads() -> None:
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    assert len(paths) > 50
    assert [path for path in paths if SAME_FOR_ALL.fullmatch(path)] == ["/v1/directory"]


def test_the_console_packs_no_page(env: HttpFixture) -> None:
    with browser_client_of(console_app(env)) as console:  # type: ignore[arg-type]
        answer = console.get("/sign-in", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5", "br"),
        ("", None),
        ("x", None),
    ],
)
def test_a_built_file_is_sent_as_the_browser_takes_it(
    asked: str, coding: str | None, client: TestClient
) -> None:
    path = assets.dist / assets.file_name("wallet.js")
    with client.stream("GET", assets.url("wallet.js"), headers={"Accept-Encoding": asked}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert sent == packed_file(path, asked)[0].read_bytes()
    assert (len(sent) < path.stat().st_size) is (coding is not None)
