"""The desk in the console: who may, what is asked, what is shown once, and what of it stays nowhere."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import text

from tests.integration.faces.console.test_pages import HTML, Browser
from tests.support.console_services import ConsoleServices, specimen
from wallet_service.database.tables.people import payee_codes
from wallet_service.help.documents import terms_version
from wallet_service.protocol.text.identifiers import new_id

FORM = {
    "given_name": "Odette",
    "family_name": "Essai",
    "birth_date": "1941-03-09",
    "address": "2 rue des Galets",
    "postal_code": "76200",
    "city": "Dieppe",
    "telephone": "",
    "paper": "identity_card",
    "ending": "X41Z",
    "seen": "yes",
    "signed": "yes",
}
AGAIN = {"paper": "passport", "ending": "77K2", "seen": "yes", "ground": "Carte perdue au marché"}


def filled(**changed: str) -> dict[str, str]:
    return {**FORM, "form": new_id(), "terms": terms_version(), **changed}


def code_on(page: str) -> str:
    (code,) = re.findall(r'id="recovery-code">([0-9A-Z-]{19})<', page)
    return str(code)


@pytest.fixture
def desk(sqlite_console: ConsoleServices) -> Browser:
    """An officer with every right."""
    return Browser(sqlite_console, "O1")


def test_the_card_is_shown_once_kept_on_no_way_and_made_again_on_papers_seen_again(desk: Browser) -> None:
    form = filled()
    member_id = form["form"]
    fields = {"csrf_token": desk.token, **desk.confirmed("/assisted", form)}
    answer = desk.client.post("/assisted", data=fields, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    code = code_on(answer.text)
    shown = html.unescape(answer.text).replace("\u00a0", " ")
    for said in ("Odette E.", f"{member_id[:4]} {member_id[4:8]}", "RF", "Reçoit, ne paie pas encore."):
        assert said in shown, said
    assert "Essai" not in shown  # the name on the card is short
    desk.post("/assisted", status=409, **form)

    desk.console.run_commands()
    assert "assisté" in desk.page("/members")
    for path in (f"/members/{member_id}", f"/assisted/{member_id}", "/journal"):
        page = desk.page(path)
        assert code not in page, path
        assert "Odette" not in page, path
    assert "compte assisté ouvert au guichet" in desk.page(f"/members/{member_id}")
    assert "give-code" not in desk.page(f"/members/{member_id}")

    with desk.console.engine.connect() as connection:
        mine = text("SELECT id FROM identity_files WHERE member_id = :member_id")
        file_id = connection.execute(mine, {"member_id": member_id}).scalar_one()
    assert "Carte d’identité … X41Z" in desk.page(f"/identities/{file_id}")  # to compare, in the journal

    kept = desk.console.people.contacts.own_code(member_id)
    desk.post(f"/assisted/{member_id}/card", status=422, **{**AGAIN, "seen": ""})
    again = code_on(desk.post(f"/assisted/{member_id}/card", status=200, **AGAIN))
    assert again != code
    assert desk.console.people.contacts.own_code(member_id) == kept  # what others saved still finds them
    desk.post(f"/assisted/{member_id}/card", status=200, new_code="yes", **AGAIN)
    with desk.console.engine.connect() as connection:
        assert connection.execute(payee_codes.select()).one().code != kept
        assert connection.execute(text("SELECT count(*) FROM recovery_codes")).scalar_one() == 1


def test_what_was_not_seen_or_signed_opens_nothing(desk: Browser) -> None:
    wrong = ({"seen": ""}, {"signed": ""}, {"ending": "1"}, {"birth_date": "2021-01-01"})
    for changed in wrong:
        desk.post("/assisted", status=422, **filled(**changed))
    desk.post("/assisted", status=409, **filled(terms="2020-01-01"))
    with desk.console.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM assisted_accounts")).scalar_one() == 0


def test_a_name_is_corrected_without_being_shown_and_another_account_is_named(desk: Browser) -> None:
    form = filled()
    desk.post("/assisted", status=200, **form)
    path = f"/assisted/{form['form']}"
    page = desk.page(path)
    assert f'action="{path}/correct"' in page
    assert "Galets" not in page
    back = desk.post(f"{path}/correct", status=303, **AGAIN, city="Le Havre")
    assert back == f"{path}?done=assisted-corrected"
    assert "assisted.nothing_corrected" in desk.post(f"{path}/correct", status=422, **AGAIN)
    refused = desk.post("/assisted", status=409, **filled())
    assert "assisted.already_open" in refused
    assert f"{form['form'][:4]} {form['form'][4:8]}" in refused
    desk.post("/assisted", status=200, **filled(another="yes"))


def test_a_copy_is_handed_in_by_one_officer_and_decided_by_another(desk: Browser) -> None:
    console, form = desk.console, filled()
    desk.post("/assisted", status=200, **form)
    console.run_commands()
    path = f"/assisted/{form['form']}/copies"
    assert f'hx-post="{path}"' in desk.page(f"/assisted/{form['form']}")
    answer = desk.client.post(
        path,
        data={"csrf_token": desk.token, **AGAIN},
        files={"front": ("recto.png", specimen()), "back": ("", b"")},
        headers=HTML,
    )
    assert answer.headers["location"] == f"/assisted/{form['form']}?done=assisted-copied", answer.text
    file = console.identity.latest(form["form"])
    assert file
    page = desk.page(f"/identities/{file.id}")
    assert "un autre agent décide" in page
    assert 'data-opens="approve"' not in page
    second = Browser(console, console.officers.ensure("Odile Essai", ["identity"]).id)
    assert 'data-opens="approve"' in second.page(f"/identities/{file.id}")


def test_who_may_not_see_papers_finds_no_way_in(sqlite_console: ConsoleServices) -> None:
    assert "/assisted" not in Browser(sqlite_console, "O3").page("/members")
    assert 'action="/assisted"' in Browser(sqlite_console, "O1").page("/assisted")


def test_an_account_of_a_phone_has_no_desk(desk: Browser) -> None:
    shop = "S" + "3".rjust(25, "0")
    assert desk.client.get(f"/assisted/{shop}", headers=HTML).status_code == 409
    desk.post(f"/assisted/{shop}/statement", status=409, period="2026-11", ground="Demandé au guichet")
