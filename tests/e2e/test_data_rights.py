"""What is held of a person, taken along and forgotten, in a browser whose service answers in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, insert, update

from tests.support.browsed import Browsed, browse, open_wallet
from tests.support.browsers import WAIT_MS
from tests.support.databases import sqlite_engine, sqlite_url
from tests.support.web import HttpFixture, browser_client_of, build_http_fixture
from wallet_service.database.tables.chain import balances
from wallet_service.faces.apps import wallet_app
from wallet_service.members.decisions import MemberState

__all__ = ["sqlite_engine", "sqlite_url"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def env(sqlite_engine: Engine) -> HttpFixture:
    return build_http_fixture(sqlite_engine)


@pytest.fixture
def who(browser: Browser, env: HttpFixture) -> Iterator[Browsed]:
    made = browse(browser, browser_client_of(wallet_app(env)))  # type: ignore[arg-type]
    made.instead |= {"GET /v1/me/reversals": [], "GET /v1/me/movements": []}
    yield made
    made.context.close()
    env.rights._sandbox.stop()
    assert made.faults == []


def test_a_person_takes_their_data_closes_the_account_and_keeps_the_certificate(
    who: Browsed, env: HttpFixture, tmp_path: Path
) -> None:
    open_wallet(who, env)
    member_id = who.client.get("/v1/me").json()["id"]
    account = env.members.get(member_id).account_address
    with env.engine.begin() as connection:
        connection.execute(insert(balances).values(account=account, posted_cents=125, reserved_cents=0))

    who.page.get_by_role("link", name="Moi", exact=True).click()
    who.page.get_by_role("link", name="Mes données").click()
    expect(who.page.get_by_text("1,25")).to_be_visible(timeout=WAIT_MS)
    expect(who.page.get_by_role("button", name="Fermer et être oublié")).to_have_count(0)
    who.page.get_by_text("Ce qui ouvre le compte").click()
    expect(who.page.get_by_text("Vous reconnaître", exact=False)).to_be_visible()
    for ending, words in (("pdf", "Tout lire (PDF)"), ("json", "Tout emporter (JSON)")):
        with who.page.expect_download() as download:
            who.page.get_by_role("button", name=words).click()
        assert download.value.suggested_filename == f"mes-donnees.{ending}"
        download.value.save_as(tmp_path / f"kept.{ending}")
    assert json.loads((tmp_path / "kept.json").read_text("utf-8"))["member_id"] == member_id
    assert (tmp_path / "kept.pdf").read_bytes().startswith(b"%PDF")

    with env.engine.begin() as connection:
        connection.execute(update(balances).values(posted_cents=0))
    who.page.reload()
    close = who.page.get_by_role("button", name="Fermer et être oublié")
    close.click()
    expect(who.page.get_by_role("alert").last).to_contain_text("Cochez d’abord")
    assert env.members.get(member_id).state is MemberState.ACTIVE
    who.page.get_by_label("J’ai compris", exact=False).check()
    close.click()
    expect(who.page.get_by_role("heading", name="Votre compte est fermé")).to_be_focused(timeout=WAIT_MS)
    assert env.members.get(member_id).state is MemberState.CLOSED
    with who.page.expect_download() as download:
        who.page.get_by_role("button", name="Garder le certificat").click()
    download.value.save_as(tmp_path / "certificate.json")
    assert json.loads((tmp_path / "certificate.json").read_text("utf-8"))["member_id"] == member_id
    who.page.get_by_role("link", name="Accueil", exact=True).last.click()
    expect(who.page.get_by_role("button", name="Ouvrir un portefeuille")).to_be_visible(timeout=WAIT_MS)
