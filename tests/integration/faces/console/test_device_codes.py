"""An officer who has seen a member gives a code for another phone; the way round of nothing."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.members import device_codes, devices
from wallet_service.database.tables.push import notices
from wallet_service.members.decisions import CODE_BELOW_CENTS
from wallet_service.members.repository import insert_device
from wallet_service.security.tokens import code_digest

SHOP = "S" + "3".rjust(25, "0")
PATH = f"/members/{SHOP}/device-code"
GROUND = "Vue au guichet, pièce d’identité"


@pytest.fixture
def officer(sqlite_console: ConsoleServices) -> Browser:
    """With a shop that holds little."""
    browser = Browser(sqlite_console, "O1")
    hold(browser, CODE_BELOW_CENTS - 1)
    with browser.console.engine.begin() as connection:
        insert_device(
            connection,
            id="V" + "3".rjust(25, "0"),
            member_id=SHOP,
            signer_address="0x" + "5e" * 20,
            key_kind="p256",
            public_key="0x04",
            label="Comptoir",
            state="active",
            created_at_unix_ms=0,
        )
    return browser


def hold(officer: Browser, cents: int) -> None:
    account = officer.console.members.get(SHOP).account_address
    with officer.console.engine.begin() as connection:
        changed = connection.execute(
            update(balances).where(balances.c.account == account).values(posted_cents=cents)
        )
    assert changed.rowcount == 1


def test_who_was_seen_gets_a_code_once_and_is_told(officer: Browser) -> None:
    officer.post(PATH, status=422, ground="")
    shown = officer.post(PATH, status=200, ground=GROUND)
    (code,) = re.findall(r'id="device-code">([0-9A-Z-]{19})<', shown)
    with officer.console.engine.connect() as connection:
        told = connection.execute(select(notices.c.kind).where(notices.c.recipient_id == SHOP)).scalars()
        assert list(told) == ["security"]
        assert list(connection.execute(select(device_codes.c.code_hash)).scalars()) == [code_digest(code)]
    page = officer.page(f"/members/{SHOP}")
    assert "code d’appareil fait" in page
    assert GROUND in page
    assert code not in page


def test_much_money_takes_a_recovery_with_its_second_officer(officer: Browser) -> None:
    hold(officer, CODE_BELOW_CENTS)
    assert "device.code_needs_recovery" in officer.post(PATH, status=409, ground=GROUND)


def test_where_no_device_pays_a_further_one_would_be_the_first(officer: Browser) -> None:
    with officer.console.engine.begin() as connection:
        connection.execute(update(devices).values(state="revoked"))
    assert "device.code_needs_recovery" in officer.post(PATH, status=409, ground=GROUND)


def test_a_frozen_account_gets_no_further_phone(officer: Browser) -> None:
    officer.post(f"/members/{SHOP}/freeze", ground=GROUND, until="2026-12-09", outgoing="yes")
    assert "device.code_needs_recovery" in officer.post(PATH, status=409, ground=GROUND)
    with officer.console.engine.connect() as connection:
        assert connection.execute(select(device_codes)).all() == []


def test_who_may_not_see_papers_gives_no_code(sqlite_console: ConsoleServices) -> None:
    without = Browser(sqlite_console, "O2")
    assert "give-code" not in without.page(f"/members/{SHOP}")
