"""Every route of both apps for every kind of caller.

In only where the table says so, and never without the CSRF token.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from tests.integration.faces import authorisation
from tests.integration.faces.authorisation import ANYBODY, ENROLLING, KEYHOLDER, MEMBER, STREAMS, TILL
from tests.support.callers import SAFE, Callers
from tests.support.web import client_of
from wallet_service.faces.shell.acts import ACTS, Confirmed, asks_confirmation, confirmed

pytestmark = pytest.mark.chain

TABLES = {"wallet": authorisation.WALLET, "console": authorisation.CONSOLE}
#: What an answer says when the door stays shut. Anything else came from behind it.
SHUT = {
    "session.required",
    "session.csrf",
    "till.signature_missing",
    "till.unknown",
    "officer.right_missing",
    "officer.passkey_required",
}


def routes_of(app: FastAPI) -> set[str]:
    """Every route as ``GET /v1/me``, also those of included routers."""
    found: set[str] = set()
    for included in app.routes:
        router: Any = getattr(included, "original_router", app)  # every route of ours has methods
        for route in router.routes:
            found |= {f"{method} {route.path}" for method in route.methods - {"HEAD"}}
    return found


def may(access: str, caller: str) -> bool:
    if access == ANYBODY:
        return True
    if access in (MEMBER, KEYHOLDER, TILL):
        return caller == access
    if access == ENROLLING:
        return caller.startswith("officer")
    return caller.startswith("officer") and (access == "observe" or caller.endswith(access))


#: 503 is its right answer here, where no worker runs.
NOT_READY_WITHOUT_WORKERS = "GET /ready"


def is_shut(answer: Response) -> bool:
    if answer.status_code == 303 and answer.headers["Location"] == "/sign-in":
        return True
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return is_problem and answer.json()["code"] in SHUT


def code_of(answer: Response) -> str:
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return str(answer.json()["code"]) if is_problem else ""


def is_confirmed(method: str, path: str) -> bool:
    return method not in SAFE and confirmed(method, path) is Confirmed.ALWAYS


def test_every_act_of_the_console_says_whether_it_is_confirmed(callers: Callers) -> None:
    acts = {route for route in routes_of(callers.apps["console"]) if route.split(" ")[0] not in SAFE}
    assert acts - set(ACTS) == set(), "say in faces/shell/acts.py whether an officer confirms these"
    assert set(ACTS) - acts == set(), "these lines have no route any more"


def test_an_act_nobody_has_listed_is_confirmed() -> None:
    assert confirmed("POST", "/limits/{tier}/widen") is Confirmed.ALWAYS
    assert asks_confirmation("POST", "/limits/verified/widen")


@pytest.mark.parametrize("face", ["wallet", "console"])
def test_every_route_is_in_the_table_and_every_line_has_its_route(callers: Callers, face: str) -> None:
    found, listed = routes_of(callers.apps[face]), set(TABLES[face])
    assert found - listed == set(), "say in tests/integration/faces/authorisation.py who may use these"
    assert listed - found == set(), "these lines have no route any more"


def _cases(face: str) -> list[tuple[str, str, str]]:
    return [(face, route, access) for route, access in sorted(TABLES[face].items())]


@pytest.mark.parametrize(("face", "route", "access"), [*_cases("wallet"), *_cases("console")])
def test_a_route_opens_for_those_it_is_for_and_for_nobody_else(
    callers: Callers, face: str, route: str, access: str
) -> None:
    method, path = route.split(" ")
    for caller in callers.names(face):
        allowed = may(access, caller)
        if allowed and path in STREAMS:
            continue  # it would never end; see test_streams.py
        if route == "POST /sign-out" and allowed:
            continue  # a success leads to /sign-in, like a refusal; see test_officers.py
        answer = callers.call(face, route, caller)
        answers = answer.status_code < 500 or route == NOT_READY_WITHOUT_WORKERS
        assert answers, f"{caller}: {answer.status_code} {answer.text[:300]}"
        assert is_shut(answer) is not allowed, f"{caller}: {answer.status_code} {answer.text[:300]}"
        must_confirm = allowed and face == "console" and is_confirmed(method, path)
        assert (code_of(answer) == "officer.confirmation_required") is must_confirm, (
            f"{caller}: {answer.text}"
        )
        if allowed and method not in SAFE and access not in (ANYBODY, TILL):
            assert callers.call(face, route, caller, csrf=False).json()["code"] == "session.csrf"


@pytest.mark.parametrize("forge", [lambda token: token[:-1] + "!", lambda token: "", lambda token: token * 2])
def test_a_wrong_csrf_token_opens_nothing(callers: Callers, forge: Callable[[str], str]) -> None:
    client = client_of(callers.apps["wallet"])
    session = callers.services.sessions.open_now("member", callers.member_id, "device")
    client.cookies.set("alba_session", session.token)
    answer = client.post("/v1/me/identity/submit", headers={"X-CSRF-Token": forge(session.csrf_token)})
    assert answer.json()["code"] == "session.csrf"


def test_a_made_up_session_opens_nothing(callers: Callers) -> None:
    client = client_of(callers.apps["wallet"])
    for token in (secrets.token_urlsafe(32), "", "x" * 5000):
        client.cookies.set("alba_session", token)
        assert client.get("/v1/me").json()["code"] == "session.required"
        client.cookies.clear()
