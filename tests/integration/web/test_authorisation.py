"""Every route of both apps for every kind of caller: in only where the table says so, and never without
the CSRF token.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx import Response

from tests.integration.web import authorisation
from tests.integration.web.authorisation import ANYBODY, ENROLLING, MEMBER, STREAMS, TILL
from tests.support.callers import SAFE, Callers
from tests.support.web import client_of

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
    """ "GET /v1/me" of every route, also of included routers."""
    found: set[str] = set()
    for included in app.routes:
        for route in getattr(included, "original_router", app).routes:
            found |= {f"{method} {route.path}" for method in route.methods - {"HEAD"}}  # type: ignore[attr-defined]
    return found


def may(access: str, caller: str) -> bool:
    if access == ANYBODY:
        return True
    if access in (MEMBER, TILL):
        return caller == access
    if access == ENROLLING:
        return caller.startswith("officer")
    return caller.startswith("officer") and (access == "observe" or caller.endswith(access))


def is_shut(answer: Response) -> bool:
    if answer.status_code == 303 and answer.headers["Location"] == "/sign-in":
        return True
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return is_problem and answer.json()["code"] in SHUT


@pytest.mark.parametrize("face", ["wallet", "console"])
def test_every_route_is_in_the_table_and_every_line_has_its_route(callers: Callers, face: str) -> None:
    found, listed = routes_of(callers.apps[face]), set(TABLES[face])
    assert found - listed == set(), "say in tests/integration/web/authorisation.py who may use these"
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
        assert answer.status_code < 500, f"{caller}: {answer.status_code} {answer.text[:300]}"
        assert is_shut(answer) is not allowed, f"{caller}: {answer.status_code} {answer.text[:300]}"
        if allowed and method not in SAFE and access not in (ANYBODY, TILL):
            assert callers.call(face, route, caller, csrf=False).json()["code"] == "session.csrf"


@pytest.mark.parametrize("forge", [lambda token: token[:-1] + "x", lambda token: "", lambda token: token * 2])
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
