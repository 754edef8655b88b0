"""The wallet's shell: the same calm page at every address, nothing inline, nothing personal.

An installable app.
"""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.support.web import build_http_fixture, client_of
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.wallet.routers.pages import SHELL_PATHS

ANY_REF = "0x" + "ab" * 32


@pytest.fixture
def client(sqlite_engine: Engine) -> TestClient:
    return client_of(wallet_app(build_http_fixture(sqlite_engine)))  # type: ignore[arg-type]


def address_of(path: str) -> str:
    return re.sub(r"\{ref\}", ANY_REF, re.sub(r"\{(token|code|request_id)\}", "123456", path))


@pytest.mark.parametrize("path", SHELL_PATHS)
def test_every_address_of_the_app_answers_with_the_same_shell(client: TestClient, path: str) -> None:
    answer = client.get(address_of(path))
    assert answer.status_code == 200
    assert 'id="app"' in answer.text
    assert answer.text == client.get("/").text


def test_the_shell_has_nothing_inline_and_no_token(client: TestClient) -> None:
    answer = client.get("/")
    assert "'unsafe-" not in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\ssrc=)", answer.text) == []
    assert re.findall(r"\s(?:style|on\w+)=", answer.text) == []
    assert "csrf" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "language", "word"), [("fr", "fr", "portefeuille"), ("en-GB", "en", "wallet")]
)
def test_the_shell_speaks_the_browsers_language(
    client: TestClient, accepted: str, language: str, word: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}"' in answer.text
    assert word in answer.text.split("</head>")[0]


def test_the_wallet_can_be_installed(client: TestClient) -> None:
    answer = client.get("/wallet.webmanifest", headers={"Accept-Language": "en"})
    assert answer.headers["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert manifest["lang"] == "en"
    for entry in manifest["icons"]:
        assert client.get(entry["src"]).status_code == 200


def test_the_camera_is_allowed_on_this_origin_and_nothing_else_is(client: TestClient) -> None:
    policy = client.get("/").headers["Permissions-Policy"]
    assert "camera=(self)" in policy
    assert "microphone=()" in policy


def test_an_unknown_address_is_not_the_shell(client: TestClient) -> None:
    assert client.get("/no-such-page").status_code == 404
