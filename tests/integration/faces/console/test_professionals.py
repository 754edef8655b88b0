"""An officer registers a member as a professional from the member's page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from tests.integration.faces.console.test_pages import Browser
from tests.support.console_services import ConsoleServices
from tests.support.web import FICTIONAL_SIRET
from wallet_service.database.tables.members import members
from wallet_service.reports.members import MembersView

RESIDENT = "R" + "0".rjust(25, "0")
SHOP = "S" + "3".rjust(25, "0")
PATH = f"/members/{RESIDENT}/professional"
FORM: dict[str, Any] = {
    "kind": "merchant",
    "public_name": "Poterie du Marais",
    "description": "Vaisselle en grès",
    "siret": FICTIONAL_SIRET,
    "sector": "23",
    "commune": "Rouen",
    "given_name": "Solveig",
    "family_name": "Lemarchand",
    "ground": "Extrait du registre vu au guichet",
}


@pytest.fixture
def officer(sqlite_console: ConsoleServices) -> Browser:
    return Browser(sqlite_console, "O1")


def test_a_member_is_registered_from_their_page(officer: Browser) -> None:
    assert 'data-opens="register"' in officer.page(f"/members/{RESIDENT}")
    assert officer.post(PATH, **FORM) == f"/members/{RESIDENT}?done=registered"
    page = officer.page(f"/members/{RESIDENT}?done=registered")
    assert "L’inscription est partie vers le registre." in page
    assert re.search(r'data-opens="register" disabled>.*Inscription en cours…', page)
    assert "Poterie du Marais" in page
    assert "Rouen · Seine-Maritime" in page
    assert "membre inscrit comme professionnel" in page
    assert FORM["ground"] in page
    assert FORM["family_name"] not in page
    ((kind, arguments, role),) = officer.console.commands()
    assert (kind, role, arguments[1:]) == ("setMember", "REGISTRAR", [2, 4, 23, 0])
    assert "member.already_professional" in officer.post(PATH, status=409, **FORM)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("siret", "123", "member.siret_invalid"),
        ("sector", "", "member.sector_unknown"),
        ("commune", "Atlantis", "member.commune_unknown"),
        ("kind", "bank", "member.professional_invalid"),
        ("kind", "resident", "member.professional_invalid"),
        ("public_name", "", "member.professional_invalid"),
        ("ground", "vu", "supervision.ground_missing"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_code(
    officer: Browser, field: str, value: str, code: str
) -> None:
    assert code in officer.post(PATH, status=422, **{**FORM, field: value})
    assert officer.console.commands() == []


def test_the_dialog_says_what_is_wrong_in_words(officer: Browser) -> None:
    answer = officer.client.post(
        PATH,
        data=officer.confirmed(PATH, {**FORM, "public_name": ""}),
        headers={"HX-Request": "true", "X-CSRF-Token": officer.token, "Accept-Language": "en"},
    )
    assert answer.status_code == 422
    assert "not complete: public name." in answer.text


def test_nobody_else_is_offered_it(sqlite_console: ConsoleServices, officer: Browser) -> None:
    without_the_right = Browser(sqlite_console, "O2")
    assert 'id="register"' not in without_the_right.page(f"/members/{RESIDENT}")
    assert "officer.right_missing" in without_the_right.post(PATH, status=403, **FORM)
    assert 'id="register"' not in officer.page(f"/members/{SHOP}")
    assert "member.already_professional" in officer.post(f"/members/{SHOP}/professional", status=409, **FORM)


def test_communes_are_offered_while_typing(officer: Browser) -> None:
    answer = officer.client.get("/communes", params={"commune": "Rou"})
    assert '<option value="76540 Rouen"></option>' in answer.text
    assert answer.text.count("<option") <= 12
    assert officer.client.get("/communes").text == ""
    assert "<script" not in officer.client.get("/communes", params={"commune": "<script>"}).text


@pytest.mark.parametrize("quoted", ["7K3M 90Q1", "7k3m90q1", "7K3M-90Q1", "7K3M\u00a09OQI", "7k3m90"])
def test_a_member_is_found_by_the_number_they_quote(console: ConsoleServices, quoted: str) -> None:
    member_id = "7K3M90Q1" + "Z" * 18
    with console.engine.begin() as connection:
        connection.execute(
            members.insert().values(
                id=member_id,
                kind="resident",
                tier="visitor",
                state="active",
                language="fr",
                account_address="0x" + "7a" * 20,
                created_at_unix_ms=1,
            )
        )
        connection.execute(update(members).where(members.c.id == SHOP).values(public_name="7K3M ne dit rien"))
    assert [line.id for line in MembersView(console.engine).search(quoted)] == [member_id]
