"""A lost phone over HTTP: answered the same for anybody, bounded by account as well as by address."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.support.recovery_side import NewPhone
from tests.support.web import HttpFixture, client_of
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.rate_limits import RECOVERY_OF_REFERENCE, RateLimits
from wallet_service.members.repository import Member
from wallet_service.oversight.keys.models import SuspensionOrder
from wallet_service.security.sessions import OpenedWith


def body(phone: NewPhone, **more: str) -> dict[str, str]:
    made = phone.request()
    return {
        "token": made.token,
        "public_key": made.public_key,
        "proof": made.proof,
        "label": made.label,
        **more,
    }


def asked(client: TestClient, reference: str, phone: NewPhone | None = None) -> Any:
    return client.post("/v1/recoveries", json=body(phone or NewPhone(), reference=reference))


def signed_in(env: HttpFixture, member: Member, method: Any = "device", key: str = "") -> TestClient:
    """`key`: the address of the device that signed in, or a passkey's id."""
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", member.id, method, OpenedWith(key))
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def test_the_answer_tells_nobody_whether_there_is_such_an_account(
    env: HttpFixture, wallet: TestClient
) -> None:
    member, _ = env.visitor()
    known, unknown = asked(wallet, member.id[:8]), asked(wallet, "0000 0000")
    for answer in (known, unknown):
        assert answer.status_code == 202
        assert {**answer.json(), "request_number": ""} == {
            "state": "asked",
            "request_number": "",
            "executable_at_unix_s": None,
            "balance_cents": None,
        }
    assert env.members.get(member.id).frozen_outgoing


def test_requests_for_one_account_are_bounded_wherever_they_come_from(env: HttpFixture) -> None:
    app = wallet_app(env)  # type: ignore[arg-type]
    app.state.rate_limits = RateLimits()
    member, _ = env.visitor()
    heard = []
    for number in range(RECOVERY_OF_REFERENCE.times + 1):
        client = client_of(app)
        client._transport.client = (f"192.0.2.{number}", 4711)
        typed = member.id[:8] if number % 2 else f"{member.id[:4]} {member.id[4:8].lower()}"
        heard.append(asked(client, typed).status_code)
    assert heard == [202] * RECOVERY_OF_REFERENCE.times + [429]
    assert asked(client_of(app), "0000 0000").status_code == 202


def test_the_account_sees_who_asks_and_answers_in_one_tap(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    asked(wallet, member.id[:8])
    phone = signed_in(env, member)
    (shown,) = phone.get("/v1/me").json()["open_recoveries"]
    assert (shown["state"], shown["number"]) == ("asked", None)
    env.clock.advance_ms(16 * 60 * 1000)  # a session of a moment ago is wanted
    assert phone.post("/v1/me/recoveries/deny").json()["code"] == "session.too_old"
    assert signed_in(env, member).post("/v1/me/recoveries/deny").status_code == 204
    assert phone.get("/v1/me").json()["open_recoveries"] == []


def test_anothers_request_is_nobody_elses_to_veto(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    stranger, _ = env.visitor()
    asked(wallet, member.id[:8])
    (shown,) = signed_in(env, member).get("/v1/me").json()["open_recoveries"]
    path = f"/v1/me/recoveries/{shown['id']}/veto"
    answer = signed_in(env, stranger).post(path, json={"signature": "0x02"})
    assert answer.json()["code"] == "recovery.unknown"
    answer = signed_in(env, member).post(path, json={"signature": "0x02"})
    assert answer.json()["code"] == "recovery.moved"


@pytest.mark.parametrize("typed_back", [True, False])
def test_a_code_is_shown_once_and_good_once_typed_back(
    env: HttpFixture, wallet: TestClient, typed_back: bool
) -> None:
    member, _ = env.visitor()
    phone = signed_in(env, member)
    code = phone.post("/v1/me/recovery-code").json()["code"]
    assert phone.get("/v1/me/recovery-code").json() == {"confirmed_at_unix_ms": None}
    if typed_back:
        answer = phone.post("/v1/me/recovery-code/confirm", json={"code": code.lower()})
        assert answer.status_code == 204
    answer = wallet.post("/v1/recoveries/code", json=body(NewPhone(), code=code))
    if typed_back:
        assert (answer.status_code, answer.json()["state"]) == (202, "proposing")
    else:
        assert answer.json()["code"] == "recovery.code_refused"
    assert env.members.get(member.id).frozen_outgoing is typed_back


#: What a phone in other hands must not do while its key is suspended, and its owner may from another.
UNDOING = (
    ("POST", "/v1/me/recoveries/deny"),
    ("DELETE", "/v1/me/freeze"),
    ("DELETE", "/v1/me/sessions"),
    ("POST", "/v1/me/recovery-code"),
)


@pytest.mark.parametrize(("method", "path"), UNDOING)
def test_a_suspended_phone_undoes_nothing_and_another_of_the_account_does(
    env: HttpFixture, wallet: TestClient, method: str, path: str
) -> None:
    member, _ = env.visitor()
    (device,) = env.members.devices(member.id)
    asked(wallet, member.id[:8])
    order = SuspensionOrder(member.id, device.id, 30, "Plainte 26-204, téléphone volé")
    env.oversight.keys.suspend(order, "O1")
    lost = signed_in(env, member, key=device.signer_address)
    (told,) = lost.get("/v1/me").json()["devices"]
    until_unix_s = env.clock.now_unix_s() + 30 * 86_400
    assert told["suspended_until_unix_s"] == until_unix_s
    answer = lost.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (403, "key.suspended")
    assert answer.json()["values"] == {"until_unix_s": until_unix_s}
    other = signed_in(env, member, "passkey", "another key")
    assert "key.suspended" not in other.request(method, path).text
    env.clock.advance_ms(30 * 86_400_000)
    later = signed_in(env, member, key=device.signer_address)
    assert "key.suspended" not in later.request(method, path).text
