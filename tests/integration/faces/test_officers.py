"""Officers at the console's door, and the identity documents behind it."""

from __future__ import annotations

import io

from fastapi.testclient import TestClient
from PIL import Image

from tests.support.authenticator import Authenticator
from tests.support.pdfs import open_pdf
from tests.support.web import CONSOLE_ORIGIN, HttpFixture, build_http_fixture, client_of
from wallet_service.faces.apps import console_app
from wallet_service.identity.states import Declaration

HTML = {"Accept": "text/html"}


def enter(env: HttpFixture, client: TestClient, *rights: str) -> str:
    """Signs an officer in with a code; returns the officer's id."""
    officer = env.officers.ensure("Agent", rights)
    code = env.officers.make_code(officer.id)
    answer = client.post("/sign-in/code", data={"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    session = env.sessions.find(client.cookies["alba_console"])
    assert session is not None
    client.headers["X-CSRF-Token"] = session.csrf_token
    return officer.id


def test_a_code_in_an_address_is_neither_read_nor_used(env: HttpFixture, console: TestClient) -> None:
    """Addresses are logged on the way; the page takes the code from behind `#` (ui_brought_code.test.mjs)."""
    officer = env.officers.ensure("Agent", [])
    code = env.officers.make_code(officer.id)
    page = console.get(f"/sign-in?code={code}", headers=HTML)
    assert code not in page.text
    assert "alba_console" not in console.cookies
    assert console.post("/sign-in/code", data={"code": code}).status_code == 303


def test_a_wrong_code_is_refused_with_a_page(env: HttpFixture, console: TestClient) -> None:
    page = console.post("/sign-in/code", data={"code": "AAAA-BBBB"}, headers=HTML)
    assert page.status_code == 401
    assert "pas valable" in page.text
    assert 'action="/sign-in/code"' in page.text, "another one can be typed at once"
    code = env.officers.make_code(env.officers.ensure("Agent", []).id)
    assert console.post("/sign-in/code", data={"code": code}, headers=HTML).status_code == 303
    again = console.post("/sign-in/code", data={"code": code}, headers={**HTML, "Accept-Language": "en"})
    assert "already used" in again.text


def test_a_hostile_code_in_a_link_is_shown_harmless(console: TestClient) -> None:
    page = console.get("/sign-in", params={"code": '"><script>alert(1)</script>'}, headers=HTML)
    assert "<script>alert" not in page.text


def test_an_officer_enrols_a_passkey_and_comes_back_with_it(env: HttpFixture, console: TestClient) -> None:
    officer_id = enter(env, console, "observe")
    assert "Agent" in console.get("/passkey", headers=HTML).text
    key = Authenticator(CONSOLE_ORIGIN)
    options = console.post("/passkey/options").json()
    enrolled = console.post("/passkey/verify", json={"credential": key.create(options)})
    assert enrolled.json() == {"next": "/access?done=passkey-added"}
    console.post("/sign-out")
    options = console.post("/sign-in/passkey/options").json()
    answer = console.post("/sign-in/passkey/verify", json={"credential": key.get(options)})
    assert answer.json() == {"next": "/"}
    session = env.sessions.find(console.cookies["alba_console"])
    assert session is not None
    assert (session.subject_id, session.method) == (officer_id, "passkey")


def test_in_production_the_enrolling_session_ends_with_the_enrolment(env: HttpFixture) -> None:
    strict = build_http_fixture(env.engine, "production")
    client = client_of(console_app(strict))  # type: ignore[arg-type]
    client.headers["Host"] = "localhost"
    officer = strict.officers.ensure("Agent", [])
    client.post("/sign-in/code", data={"code": strict.officers.make_code(officer.id)})
    token = client.cookies["alba_console"]
    session = strict.sessions.find(token)
    assert session is not None
    client.headers["X-CSRF-Token"] = session.csrf_token
    key = Authenticator(CONSOLE_ORIGIN)
    options = client.post("/passkey/options").json()
    answer = client.post("/passkey/verify", json={"credential": key.create(options)})
    assert answer.json() == {"next": "/sign-in"}
    assert strict.sessions.find(token) is None


def test_signing_out_ends_the_session(env: HttpFixture, console: TestClient) -> None:
    enter(env, console, "observe")
    token = console.cookies["alba_console"]
    assert console.post("/sign-out").headers["Location"] == "/sign-in"
    assert env.sessions.find(token) is None


def test_documents_are_shown_to_the_right_officer_inert_and_journaled(
    env: HttpFixture, console: TestClient
) -> None:
    member, _ = env.visitor()
    declared = Declaration("Camille", "Roussel", "1988-02-03", "4 rue du Puits fictif", "76000", "Rouen")
    env.identity.declare(member.id, declared)
    picture = io.BytesIO()
    Image.new("RGB", (30, 20)).save(picture, "JPEG")
    image = env.identity.add_document(member.id, picture.getvalue())
    pdf = env.identity.add_document(member.id, open_pdf())
    file_id = env.identity.submit(member.id).id
    enter(env, console, "identity")

    shown = console.get(f"/identities/{file_id}/documents/{image.id}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["Content-Disposition"] == "inline"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    offered = console.get(f"/identities/{file_id}/documents/{pdf.id}")
    assert offered.headers["Content-Disposition"].startswith("attachment")
    assert env.acts().count("identity.document_read") == 2
