"""An officer suspends one key of a member's, sees it suspended until when, and releases it."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import insert, select

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.members import devices
from wallet_service.database.tables.push import notices
from wallet_service.oversight.keys.decisions import DEFAULT_SUSPENSION_DAYS, MAX_SUSPENSION_DAYS

SHOP = "S" + "3".rjust(25, "0")
GROUND = "Plainte 26-204, téléphone volé"
PHONE, OTHER = "0x" + "a1" * 20, "0x" + "a2" * 20
LOST, KEPT = "Téléphone perdu de Camille", "Téléphone gardé"


@pytest.fixture
def officer(console: ConsoleServices) -> Browser:
    """With a shop of two phones, on each database."""
    with console.engine.begin() as connection:
        for device_id, signer, label in (("D1", PHONE, LOST), ("D2", OTHER, KEPT)):
            connection.execute(
                insert(devices).values(
                    id=device_id,
                    member_id=SHOP,
                    signer_address=signer,
                    key_kind="p256",
                    public_key="0x",
                    label=label,
                    state="active",
                    created_at_unix_ms=console.clock.now_unix_ms() - 86_400_000,
                    last_used_at_unix_ms=console.clock.now_unix_ms() - 7_200_000,
                )
            )
    return Browser(console, "O1")


def suspend(officer: Browser, device_id: str = "D1", status: int = 303, **fields: str) -> str:
    given = {"ground": GROUND, "days": "30", **fields}
    return officer.post(f"/members/{SHOP}/keys/{device_id}/suspend", status, **given)


def keys_part(officer: Browser, path: str = f"/members/{SHOP}", language: str = "fr") -> str:
    page = html.unescape(officer.page(path, language))
    return page[page.index('id="keys"') : page.index("</section>", page.index('id="keys"'))]


def test_one_key_is_suspended_with_ground_and_end_and_released(officer: Browser) -> None:
    shown = keys_part(officer)
    assert LOST in shown
    assert "dernier usage il y a 2 h" in shown
    assert shown.count("Suspendre…") == 2
    assert "est suspendue" not in shown
    assert suspend(officer) == f"/members/{SHOP}?done=key-suspended"
    shown = keys_part(officer)
    assert re.search(f"La clé de « {LOST} » est suspendue. Fin : <time [^<]*>24 déc. 2026", shown)
    assert "&lt;" not in officer.page(f"/members/{SHOP}")
    assert "en route" in shown
    assert GROUND in shown
    assert "Suspendre…" not in shown, "one key of an account at a time"
    assert officer.console.run_commands() == ["suspendKey"]
    ((kind, arguments, role),) = officer.console.commands()
    assert (kind, role, arguments[1]) == ("suspendKey", "COMPLIANCE", PHONE)
    assert "26-204" not in repr(arguments)
    assert "suspendue" in keys_part(officer)
    page = html.unescape(officer.page(f"/members/{SHOP}"))
    assert "clé d’un appareil suspendue" in page
    with officer.console.engine.connect() as connection:
        told = connection.execute(select(notices.c.kind).where(notices.c.recipient_id == SHOP)).scalars()
        assert list(told) == ["security"]

    path = f"/members/{SHOP}/keys/release"
    officer.post(path, 422, ground="")
    assert officer.post(path, ground="Retrouvé, vu au guichet") == f"/members/{SHOP}?done=key-released"
    assert "Sa levée est en route" in keys_part(officer)
    assert "key.none_suspended" in officer.post(path, 409, ground="Retrouvé, vu au guichet")
    assert officer.console.run_commands() == ["releaseKey"]
    shown = keys_part(officer)
    assert "levée" in shown
    assert shown.count("Suspendre…") == 2


def test_it_reads_in_english_too(officer: Browser) -> None:
    suspend(officer)
    shown = keys_part(officer, language="en")
    for part in ("is suspended. Ends:", "Change the end…", "Release…", "last used"):
        assert part in shown, part


def test_it_is_over_at_its_end_without_anybody(officer: Browser) -> None:
    suspend(officer, days="1")
    officer.console.run_commands()
    officer.console.clock.advance_ms(86_400_000)  # type: ignore[attr-defined]
    shown = keys_part(Browser(officer.console, "O2"))
    assert "est suspendue. Fin" not in shown
    assert "terminée" in shown
    assert shown.count("Suspendre…") == 2


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"days": str(MAX_SUSPENSION_DAYS + 1)}, 422, "key.period_invalid"),
        ({"days": "0"}, 422, "key.period_invalid"),
        ({"ground": "non"}, 422, "supervision.ground_missing"),
        ({"device_id": "D9"}, 404, "key.not_of_member"),
    ],
)
def test_what_it_cannot_be_is_refused(
    officer: Browser, fields: dict[str, str], status: int, code: str
) -> None:
    assert code in suspend(officer, status=status, **fields)
    assert officer.console.commands() == []


def test_another_key_of_the_account_waits_for_the_release(officer: Browser) -> None:
    suspend(officer)
    assert "key.another_suspended" in suspend(officer, "D2", 409)
    suspend(officer, "D1", days=str(DEFAULT_SUSPENSION_DAYS + 1))  # another end
    assert [kind for kind, _, _ in officer.console.commands()] == ["suspendKey", "suspendKey"]


def test_what_the_ledger_refuses_is_said(officer: Browser) -> None:
    suspend(officer)
    assert officer.console.run_commands(refuse="InvalidSuspension") == ["suspendKey"]
    shown = keys_part(officer)
    assert "refusé par le registre : InvalidSuspension" in shown
    assert "est suspendue. Fin" not in shown
    assert "suspension d’une clé refusée par le registre" in html.unescape(officer.page(f"/members/{SHOP}"))


def test_who_may_not_freeze_does_not_suspend(officer: Browser) -> None:
    without = Browser(officer.console, "O3")
    assert "Suspendre…" not in keys_part(without)
    assert "officer.right_missing" in suspend(without, status=403)


def test_from_a_lost_phone_request_it_leads_back_there_and_nowhere_else(officer: Browser) -> None:
    assert suspend(officer, recovery="01R") == "/recoveries/01R?done=key-suspended"
    released = f"/members/{SHOP}/keys/release"
    officer.post(released, 422, ground=GROUND, recovery="/elsewhere.example")
    assert officer.post(released, ground=GROUND, recovery="01R") == "/recoveries/01R?done=key-released"
