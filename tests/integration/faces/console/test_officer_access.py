"""Officers see and end their sessions and passkeys; one who may govern ends another's sessions."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from tests.support.authenticator import Authenticator, encode
from tests.support.confirming import ticket_for
from tests.support.console_services import ConsoleServices
from wallet_service.faces.apps import console_app
from wallet_service.platform.journal import Filter, Subject

HTML = {"Accept": "text/html"}
GOVERNOR, TREASURER = "O1", "O3"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def app(sqlite_console: ConsoleServices) -> FastAPI:
    return console_app(sqlite_console)  # type: ignore[arg-type]


def added(console: ConsoleServices, officer_id: str) -> Authenticator:
    passkey = Authenticator(console.settings.console_origin)
    options = console.passkeys.registration_options("officer", officer_id, "Agent")
    console.passkeys.register("officer", officer_id, passkey.create(options))
    return passkey


class Desk:
    """An officer's browser, opened with a passkey."""

    def __init__(self, app: FastAPI, passkey: Authenticator, agent: str = FIREFOX) -> None:
        self.passkey = passkey
        self.client = TestClient(app, base_url="http://testserver", follow_redirects=False)
        self.client.headers["User-Agent"] = agent
        assert enter(self.client, passkey).status_code == 200
        found = re.search(r'"X-CSRF-Token": "([^"]+)"', self.page("/access"))
        assert found is not None
        self.token = found.group(1)

    def page(self, path: str, language: str = "fr") -> str:
        answer = self.client.get(path, headers={**HTML, "Accept-Language": language})
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        text: str = answer.text
        return text

    def do(self, path: str, **fields: str) -> Response:
        ticket = ticket_for(self.client, self.token, self.passkey, path, fields)
        data = {"csrf_token": self.token, "confirmation": ticket, **fields}
        answer: Response = self.client.post(path, data=data)
        return answer

    @property
    def is_in(self) -> bool:
        return bool(self.client.get("/access", headers=HTML).status_code == 200)


def enter(client: TestClient, passkey: Authenticator) -> Response:
    options = client.post("/sign-in/passkey/options").json()
    answer: Response = client.post("/sign-in/passkey/verify", json={"credential": passkey.get(options)})
    return answer


def forms(page: str, ending: str) -> list[str]:
    return re.findall(rf'action="(/access/[^"]+/{ending})"', page)


def test_an_officer_sees_where_they_are_signed_in_and_ends_it(
    sqlite_console: ConsoleServices, app: FastAPI
) -> None:
    passkey = added(sqlite_console, GOVERNOR)
    here, there, elsewhere = Desk(app, passkey), Desk(app, passkey, "Safari iPhone"), Desk(app, passkey)
    page = here.page("/access")
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    assert "avec une clé d’accès" in page
    assert len(forms(page, "end")) == 2  # not this one
    (ours,) = set(forms(elsewhere.page("/access"), "end")) - set(forms(there.page("/access"), "end"))
    # `ours` stands in elsewhere's page and not in there's: it is there's own session.
    assert here.do(ours).headers["location"] == "/access?done=session-ended"
    assert (here.is_in, there.is_in, elsewhere.is_in) == (True, False, True)
    assert here.do(ours).json()["code"] == "session.unknown"
    assert here.do("/access/sessions/end-others").headers["location"] == "/access?done=sessions-ended"
    assert (here.is_in, elsewhere.is_in) == (True, False)
    assert "Where I am signed in" in here.page("/access", "en")


def test_a_removed_passkey_opens_and_confirms_nothing_and_the_last_one_stays(
    sqlite_console: ConsoleServices, app: FastAPI
) -> None:
    first, second = added(sqlite_console, GOVERNOR), added(sqlite_console, GOVERNOR)
    here, there = Desk(app, first), Desk(app, second)
    path = f"/access/passkeys/{encode(second.credential_id)}/remove"
    act = {"method": "POST", "path": "/access/sessions/end-others", "fields": []}
    headers = {"X-CSRF-Token": here.token}
    waiting = here.client.post("/confirmations/options", json=act, headers=headers).json()
    assert here.do(path).headers["location"] == "/access?done=passkey-removed"
    assert (here.is_in, there.is_in) == (True, False)
    assert enter(there.client, second).json()["code"] == "session.passkey_refused"
    answer = here.client.post(
        "/confirmations/verify", json={"credential": second.get(waiting)}, headers=headers
    )
    assert answer.json()["code"] == "session.passkey_refused"
    assert here.do(path).json()["code"] == "passkey.unknown"
    last = f"/access/passkeys/{encode(first.credential_id)}/remove"
    assert last not in here.page("/access")
    assert here.do(last).json()["code"] == "access.last_way_in"
    assert enter(here.client, first).status_code == 200


def test_nobody_removes_another_officers_passkey_or_session(
    sqlite_console: ConsoleServices, app: FastAPI
) -> None:
    desk, other = Desk(app, added(sqlite_console, GOVERNOR)), Desk(app, added(sqlite_console, TREASURER))
    theirs = encode(other.passkey.credential_id)
    assert desk.do(f"/access/passkeys/{theirs}/remove").json()["code"] == "passkey.unknown"
    (session,) = sqlite_console.sessions.list_open("officer", TREASURER)
    assert desk.do(f"/access/sessions/{session.id}/end").json()["code"] == "session.unknown"
    assert other.is_in


def test_who_may_govern_signs_another_officer_out_on_a_ground(
    sqlite_console: ConsoleServices, app: FastAPI
) -> None:
    desk, other = Desk(app, added(sqlite_console, GOVERNOR)), Desk(app, added(sqlite_console, TREASURER))
    path = f"/access/officers/{TREASURER}/end-sessions"
    assert path in desk.page("/access")
    assert "end-sessions" not in other.page("/access")
    assert other.do(f"/access/officers/{GOVERNOR}/end-sessions", ground="Essai").status_code == 403
    assert desk.do(path, ground="x").json()["code"] == "supervision.ground_missing"
    assert other.is_in
    assert desk.do(path, ground="Poste perdu").headers["location"] == "/access?done=officer-signed-out"
    assert (desk.is_in, other.is_in) == (True, False)
    assert enter(other.client, other.passkey).status_code == 200  # rights and passkeys stay
    own = desk.do(f"/access/officers/{GOVERNOR}/end-sessions", ground="Poste perdu")
    assert own.json()["code"] == "officer.own_sessions"
    nobody = desk.do("/access/officers/NOBODY/end-sessions", ground="Poste perdu")
    assert nobody.json()["code"] == "officer.unknown"
    with sqlite_console.engine.connect() as connection:
        (entry,) = sqlite_console.journal.entries(connection, Filter(act="officer.sessions_ended"))
    assert (entry.actor.actor_id, entry.ground) == (GOVERNOR, "Poste perdu")
    assert entry.subject == Subject("officer", TREASURER)
