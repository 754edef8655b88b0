"""Long lists of the console: what an address holds of their filters, their pages, and their files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import insert, select

from tests.integration.faces.console.test_pages import HTML, Browser
from tests.support.console_services import ConsoleServices
from wallet_service.database.tables.bank import redemptions
from wallet_service.database.tables.keyholders import keyholders
from wallet_service.database.unit_of_work import UnitOfWork

DAY_MS = 86_400_000


@pytest.fixture
def camille(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


def test_words_are_looked_for_without_being_in_an_address(camille: Browser) -> None:
    fields = {"csrf_token": camille.token, "q": "galets", "kind": "merchant", "tier": "unheard of"}
    answer = camille.client.post("/members/search", data=fields, headers=HTML)
    assert "Librairie Les Galets" in answer.text
    assert "Café de la Digue" not in answer.text
    assert answer.headers["HX-Replace-Url"] == "/members?kind=merchant"
    assert "Café de la Digue" in camille.page("/members?q=galets&kind=merchant"), "not looked for"


def test_a_filtered_list_is_turned_page_by_page(camille: Browser) -> None:
    page = camille.page("/members?tier=verified")
    assert "20 membres" in page
    assert "Page suivante" not in page
    first = camille.page("/members")
    assert 'href="/members?page=2"' in first
    assert "Page 2 sur 2" in camille.page("/members?page=2")


def test_payouts_are_listed_by_state_and_day_with_their_order_and_as_a_file(camille: Browser) -> None:
    console = camille.console
    with UnitOfWork(console.engine) as work:
        known = dict(work.connection.execute(select(redemptions)).mappings().first() or {})
        for number in range(60):
            paid = {
                "ref": f"0x{number:064x}",
                "end_to_end_id": f"PAID{number}",
                "nonce": str(1_000 + number),
                "state": "paid",
                "amount_cents": 10_00,
                "requested_at_unix_ms": known["requested_at_unix_ms"] - (number + 1) * DAY_MS,
            }
            work.connection.execute(insert(redemptions).values(**known | paid))
    console.payouts.prepare_payout("O2")
    (file,) = console.payouts.list_payout_files()
    whole = camille.page("/payouts/all")
    assert "63 sorties, 2 400,00 €" in whole.replace("\u202f", " ")
    assert file.message_id[-8:] in whole
    assert 'href="/payouts/all?page=2"' in whole
    signed = camille.page("/payouts/all?state=in_file")
    assert "3 sorties" in signed
    assert "Boulangerie du Vieux Pont" in signed
    assert "2 sorties" in camille.page("/payouts/all?state=paid&from=2026-11-22&until=2026-11-23")
    answer = camille.client.get(
        "/csv/payouts.csv?state=paid&from=2026-11-22", headers={"Accept-Language": "fr"}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert [row["reference"] for row in rows] == ["PAID0", "PAID1"]
    assert rows[0]["paid_eur"] == "10,00"
    assert "FR76" not in answer.text


def test_a_members_page_lists_who_else_holds_a_key_without_their_name(camille: Browser) -> None:
    console = camille.console
    member_id, now_unix_ms = console.month.members[1], console.clock.now_unix_ms()
    shared = {"member_id": member_id, "old_public_key": "k", "public_key": "k", "label": "Un téléphone"}
    rows: dict[str, dict[str, Any]] = {
        "child": {"per_payment_cents": 12_34, "per_day_cents": 0, "state": "active"},
        "helper": {"per_day_cents": 56_78, "state": "ended", "ended_by": "self"},
        "joint": {"state": "invited"},
    }
    assert "Qui d’autre paie" not in camille.page(f"/members/{member_id}")
    with UnitOfWork(console.engine) as work:
        for number, (kind, values) in enumerate(rows.items()):
            row: dict[str, Any] = {
                "id": f"K{number}",
                "kind": kind,
                "invitation": f"i{number}",
                "sealed_name": b"sealed",
                "per_payment_cents": 0,
                "per_day_cents": 0,
                "expires_at_unix_s": 0,
                "invitation_ends_at_unix_ms": now_unix_ms + DAY_MS,
                "created_at_unix_ms": now_unix_ms,
                "ended_at_unix_ms": now_unix_ms if kind == "helper" else None,
            }
            work.connection.execute(insert(keyholders).values(**shared, **row | values))
    page = camille.page(f"/members/{member_id}")
    table = page[page.index('id="keyholders"') :]
    table = table[: table.index("</section>")]
    for word in ("enfant", "12,34", "sans limite", "sans fin", "en vigueur"):
        assert word in table, word
    for word in ("aide", "56,78", "terminée", "rendue par qui l’avait"):
        assert word in table, word
    assert table.count("<tr>") == 3, "an invitation is no key"
    assert "Un téléphone" not in table
