"""Officers confirm dangerous acts: a fresh gesture, for one act in full, once, for minutes (ASVS 7.5.3)."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from tests.support.authenticator import Authenticator
from tests.support.confirming import ticket_for
from tests.support.web import CONSOLE_ORIGIN, HttpFixture, build_http_fixture, client_of
from wallet_service.faces.apps import console_app
from wallet_service.faces.shell.security import FRESH_SESSION_MS
from wallet_service.members.repository import Member
from wallet_service.oversight.confirmations import CONFIRMATION_LIFETIME_MS

GROUND = "Réquisition judiciaire 26-118"
FIELDS = {"ground": GROUND, "until": "2026-12-09", "outgoing": "yes"}


@pytest.fixture
def app(env: HttpFixture) -> FastAPI:
    return console_app(env)  # type: ignore[arg-type]


class Desk:
    """One officer's browser, signed in with a code that was really given."""

    def __init__(self, env: HttpFixture, app: FastAPI, name: str = "Agent") -> None:
        self.officer_id = env.officers.ensure(name, ["compliance", "govern"]).id
        self.code = env.officers.make_code(self.officer_id)
        self.client: TestClient = client_of(app)
        self.client.post("/sign-in/code", data={"code": self.code})
        session = env.sessions.find(self.client.cookies["alba_console"])
        assert session is not None
        self.token, self.session_id = session.csrf_token, session.id
        self.client.headers["X-CSRF-Token"] = self.token

    def enrol(self) -> Authenticator:
        passkey = Authenticator(CONSOLE_ORIGIN)
        options = self.client.post("/passkey/options")
        assert options.status_code == 200, options.text
        answer = self.client.post("/passkey/verify", json={"credential": passkey.create(options.json())})
        assert answer.status_code == 201, answer.text
        return passkey

    def ticket(self, passkey: Authenticator, path: str, fields: dict[str, str] = FIELDS) -> str:
        return ticket_for(self.client, self.token, passkey, path, fields)

    def freeze(self, member: Member, **fields: str) -> Response:
        answer: Response = self.client.post(path_of(member), data={**FIELDS, **fields})
        return answer


def path_of(member: Member) -> str:
    return f"/members/{member.id}/freeze"


def is_refused(answer: Response) -> bool:
    return answer.status_code == 403 and answer.json()["code"] == "officer.confirmation_required"


def frozen(env: HttpFixture) -> int:
    return [kind for kind, _, _ in env.commands.by_ref.values()].count("freeze")


def test_a_confirmed_act_is_done_once(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    passkey = desk.enrol()
    assert is_refused(desk.freeze(member))
    ticket = desk.ticket(passkey, path_of(member))
    assert desk.freeze(member, confirmation=ticket).status_code == 303
    assert is_refused(desk.freeze(member, confirmation=ticket))
    assert frozen(env) == 1


def test_a_line_end_of_another_system_is_the_same_word(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    passkey = desk.enrol()
    ticket = desk.ticket(passkey, path_of(member), {**FIELDS, "ground": "Réquisition\njudiciaire"})
    assert desk.freeze(member, ground="Réquisition\r\njudiciaire", confirmation=ticket).status_code == 303


@pytest.mark.parametrize(
    "changed",
    [{"ground": "Un tout autre motif"}, {"until": "2027-01-09"}, {"outgoing": ""}, {"incoming": "yes"}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_confirmation_is_for_every_word_of_its_form(
    env: HttpFixture, app: FastAPI, changed: dict[str, str]
) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    ticket = desk.ticket(desk.enrol(), path_of(member))
    assert is_refused(desk.freeze(member, **{**FIELDS, **changed}, confirmation=ticket))
    assert frozen(env) == 0


def test_a_confirmation_is_for_no_other_address(env: HttpFixture, app: FastAPI) -> None:
    (member, _), (other, _) = env.visitor(), env.visitor()
    desk = Desk(env, app)
    ticket = desk.ticket(desk.enrol(), path_of(member))
    assert is_refused(desk.freeze(other, confirmation=ticket))
    assert frozen(env) == 0


def test_a_confirmation_is_good_in_its_own_session_only(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    passkey = desk.enrol()
    ticket = desk.ticket(passkey, path_of(member))
    elsewhere = Desk(env, app)  # the same officer
    assert is_refused(elsewhere.freeze(member, confirmation=ticket))
    assert frozen(env) == 0


def test_another_officers_passkey_confirms_nothing_here(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk, other = Desk(env, app), Desk(env, app, "Autre agent")
    desk.enrol()
    foreign = other.enrol()
    act = {"method": "POST", "path": path_of(member), "fields": list(FIELDS.items())}
    options = desk.client.post("/confirmations/options", json=act).json()
    answer = desk.client.post("/confirmations/verify", json={"credential": foreign.get(options)})
    assert answer.json()["code"] == "session.passkey_refused"


def test_signing_in_is_no_confirmation_and_a_confirmation_no_sign_in(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    passkey = desk.enrol()
    options = desk.client.post("/sign-in/passkey/options").json()
    answer = desk.client.post("/confirmations/verify", json={"credential": passkey.get(options)})
    assert answer.json()["code"] == "session.challenge_unknown"
    act = {"method": "POST", "path": path_of(member), "fields": list(FIELDS.items())}
    options = desk.client.post("/confirmations/options", json=act).json()
    answer = desk.client.post("/sign-in/passkey/verify", json={"credential": passkey.get(options)})
    assert answer.json()["code"] == "session.challenge_unknown"


@pytest.mark.parametrize("late", ["question", "act"])
def test_a_confirmation_lives_for_minutes(env: HttpFixture, app: FastAPI, late: str) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    passkey = desk.enrol()
    if late == "act":
        ticket = desk.ticket(passkey, path_of(member))
        env.clock.advance_ms(CONFIRMATION_LIFETIME_MS)
        assert is_refused(desk.freeze(member, confirmation=ticket))
    else:
        act = {"method": "POST", "path": path_of(member), "fields": list(FIELDS.items())}
        options = desk.client.post("/confirmations/options", json=act).json()
        env.clock.advance_ms(CONFIRMATION_LIFETIME_MS)
        answer = desk.client.post("/confirmations/verify", json={"credential": passkey.get(options)})
        assert answer.json()["code"] == "session.challenge_unknown"
    assert frozen(env) == 0


def test_an_authenticator_that_verified_nobody_confirms_nothing(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk = Desk(env, app)
    passkey = desk.enrol()
    passkey.flags = 0x01
    act = {"method": "POST", "path": path_of(member), "fields": list(FIELDS.items())}
    options = desk.client.post("/confirmations/options", json=act).json()
    assert options["userVerification"] == "required"
    answer = desk.client.post("/confirmations/verify", json={"credential": passkey.get(options)})
    assert answer.json()["code"] == "session.passkey_refused"


def test_in_the_demonstration_who_has_no_passkey_types_the_code_again(env: HttpFixture, app: FastAPI) -> None:
    member, _ = env.visitor()
    desk, other = Desk(env, app), Desk(env, app, "Autre agent")
    for wrong in ("", "AAAA-BBBB-CCCC-DDDD", other.code):
        assert is_refused(desk.freeze(member, officer_code=wrong))
    assert desk.freeze(member, officer_code=desk.code.lower()).status_code == 303
    desk.enrol()
    assert is_refused(desk.freeze(member, officer_code=desk.code))
    assert frozen(env) == 1


def test_a_code_confirms_nothing_in_production(env: HttpFixture) -> None:
    strict = build_http_fixture(env.engine, "production")
    officer = strict.officers.ensure("Agent", ["compliance"])
    assert strict.oversight.confirmations.way(officer.id) == "none"


def test_a_further_passkey_is_confirmed_with_one_that_is_there(env: HttpFixture, app: FastAPI) -> None:
    desk = Desk(env, app)
    first = desk.enrol()
    refused = desk.client.post("/passkey/options")
    assert is_refused(refused)
    ticket = desk.ticket(first, "/passkey/options", {})
    options = desk.client.post("/passkey/options", headers={"X-Confirmation": ticket})
    second = Authenticator(CONSOLE_ORIGIN)
    answer = desk.client.post("/passkey/verify", json={"credential": second.create(options.json())})
    assert answer.json() == {"next": "/access?done=passkey-added"}
    assert len(env.passkeys.credential_ids("officer", desk.officer_id)) == 2


def test_in_production_the_first_passkey_follows_the_code_at_once(env: HttpFixture) -> None:
    strict = build_http_fixture(env.engine, "production")
    desk_app = console_app(strict)  # type: ignore[arg-type]
    officer = strict.officers.ensure("Agent", ["compliance"])
    session = strict.sessions.open_now("officer", officer.id, "code")
    client = client_of(desk_app)
    client.headers["Host"] = "localhost"
    client.headers["X-CSRF-Token"] = session.csrf_token
    client.cookies.set("alba_console", session.token)
    assert client.post("/passkey/options").status_code == 200
    strict.clock.advance_ms(FRESH_SESSION_MS + 1)
    assert client.post("/passkey/options").json()["code"] == "session.too_old"
