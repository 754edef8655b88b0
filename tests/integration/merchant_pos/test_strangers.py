"""A stranger at a till's page: both programs real, each browser at an address of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine

from merchant_pos.api import PAIRING
from merchant_pos.settings import PosSettings
from tests.integration.merchant_pos.conftest import RunningPos, Tablet, wait_for
from tests.support.ports import free_port
from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell import rate_limits
from wallet_service.faces.shell.rate_limits import RateLimits
from wallet_service.listening.connections import ConnectionBounds, server_config
from wallet_service.security.tokens import code_space

#: All loopback, each an address of its own.
TILL_PROGRAM, MERCHANT = "127.0.0.2", "127.0.0.3"
STRANGERS = [f"127.0.0.{number}" for number in range(4, 8)]
GUESS = "00ZZZZ99"

Browser = Callable[[str], Tablet]


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def browser(env: HttpFixture, tmp_path: Path) -> Iterator[Browser]:
    """Opens the till's page from an address; the service trusts the point of sale's."""
    env.settings.trusted_proxies = TILL_PROGRAM
    app = wallet_app(env)  # type: ignore[arg-type]
    app.state.rate_limits = RateLimits()
    service_port, port = free_port(), free_port()
    server = uvicorn.Server(
        server_config(app, ConnectionBounds(), port=service_port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, "the service to start")
    running = RunningPos(
        PosSettings(
            service_url=f"http://127.0.0.1:{service_port}",
            source_address=TILL_PROGRAM,
            port=port,
            origin=f"http://localhost:{port}",
            data_directory=tmp_path / "pos",
        )
    )
    running.start()
    yield lambda address: _tablet(port, address)
    running.stop()
    server.should_exit = True
    thread.join(10)


def _tablet(port: int, address: str) -> Tablet:
    tablet = Tablet(f"http://127.0.0.1:{port}")
    tablet.http = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(local_address=address), timeout=30
    )
    tablet.csrf = tablet.state()["csrf_token"]
    return tablet


def test_strangers_at_a_tills_page_keep_no_shop_from_pairing(env: HttpFixture, browser: Browser) -> None:
    """Four of them, who together try more than the service lets one address try."""
    assert len(STRANGERS) * PAIRING.times > rate_limits.PAIRING.times
    refused = []
    for address in STRANGERS:
        tablet = browser(address)
        for _ in range(PAIRING.times):
            refused.append(tablet.pair(GUESS).json()["code"])
    most = rate_limits.PAIRING_OF_SPACE.times
    assert refused[:most] == ["till.pairing_code_refused"] * most
    assert set(refused[most:]) == {"request.too_many"}  # that space of codes, whoever asks
    merchant, _ = env.merchant()
    assert browser(MERCHANT).pair(_code_of(env, merchant.id)).status_code == 201


def test_one_browser_tries_only_so_often_and_the_others_go_on(browser: Browser, env: HttpFixture) -> None:
    stranger = browser(STRANGERS[0])
    for _ in range(PAIRING.times):
        stranger.pair(GUESS)
    answer = stranger.pair(GUESS)
    assert (answer.status_code, answer.json()["code"]) == (429, "pos.too_many_pairings")
    assert answer.json()["values"]["retry_after_s"] > 0
    merchant, _ = env.merchant()
    assert browser(MERCHANT).pair(_code_of(env, merchant.id)).status_code == 201


def _code_of(env: HttpFixture, merchant_id: str) -> str:
    """Of another space than the guesses: one in a thousand is of theirs."""
    while True:
        code = env.tills.make_pairing_code(merchant_id, "Caisse").code
        if code_space(code) != code_space(GUESS):
            return code
