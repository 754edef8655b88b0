"""An identity proved through the provider's own login page, in a browser, from the choice to the tier."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, select

from tests.support.axe import bring_axe, faults_of, speak
from tests.support.browsers import PHONE, WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.oidc_provider import client, running_provider
from tests.support.ports import free_port
from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.tables.members import members
from wallet_service.faces.apps import wallet_app
from wallet_service.identity.proofs.france_connect import FranceConnect
from wallet_service.identity.proofs.service import IdentityProofs, ProofMeans
from wallet_service.members.decisions import Tier
from wallet_service.protocol.clock import SystemClock

__all__ = ["sqlite_engine", "sqlite_url"]

MADE: dict[str, Any] = {"viewport": PHONE, "locale": "fr-FR", "service_workers": "block"}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def served(env: HttpFixture, origin: str) -> Iterator[None]:
    """The wallet's app on a real port: a browser that is sent back from elsewhere asks it by itself."""
    env.settings = env.settings.model_copy(update={"wallet_origin": origin})
    app = wallet_app(env)  # type: ignore[arg-type]
    port = int(origin.rsplit(":", 1)[1])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def test_from_the_choice_through_the_providers_page_to_the_tier(
    browser: Browser, sqlite_engine: Engine
) -> None:
    env, origin = build_http_fixture(sqlite_engine), f"http://localhost:{free_port()}"
    with running_provider(client(origin)) as provider, served(env, origin):
        terms = provider.terms(
            return_address=f"{origin}/v1/identity/returns/france_connect", after_address=f"{origin}/identity"
        )
        means = ProofMeans(env.push, env.sealer, env.journal, env.members)
        env.proofs = IdentityProofs(env.engine, env.clock, means, [FranceConnect(terms, SystemClock())])
        context = browser.new_context(**MADE)
        bring_axe(context)
        for path in ("reversals", "movements"):  # of home; what is behind them is not made here
            context.route(f"**/v1/me/{path}", lambda route: route.fulfill(json=[]))
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(origin)
        page.get_by_role("button", name="Ouvrir un portefeuille").click()
        expect(page.locator(".tabs")).to_be_visible()
        env.apply_commands()

        page.goto(f"{origin}/identity")
        way = page.get_by_role("article", name="FranceConnect")
        expect(way).to_contain_text("nom, date de naissance")
        expect(way).to_contain_text("jusqu’à 5 ans après la fermeture du compte")
        expect(page.get_by_role("article", name="Mes papiers")).to_be_visible()
        assert faults_of(page, "the choice") == []
        speak(page, "fr")
        page.goto(f"{origin}/identity")

        way.get_by_role("button", name="Continuer avec FranceConnect").click()
        page.get_by_role("button", name="Refuser").click()
        expect(page.get_by_role("alert")).to_contain_text("vous avez refusé")
        assert page.url == f"{origin}/identity/return"  # neither code nor state

        assert faults_of(page, "the way back") == []

        speak(page, "fr")
        page.goto(f"{origin}/identity")
        page.get_by_role("button", name="Continuer avec FranceConnect").click()
        page.get_by_label("Compte").fill("camille")
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_text("Identité prouvée")).to_be_visible()
        assert page.url == f"{origin}/identity/return"
        assert "niveau substantiel" in page.locator("body").inner_text()
        env.apply_commands()
        page.goto(f"{origin}/identity")
        expect(page.get_by_text("Identité acceptée")).to_be_visible()
        expect(page.get_by_text("Par FranceConnect, niveau substantiel.")).to_be_visible()
        context.close()
        with env.engine.connect() as connection:
            (tier,) = connection.execute(select(members.c.tier)).scalars()
        assert tier == Tier.VERIFIED
