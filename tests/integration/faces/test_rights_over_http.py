"""What is held of a member, and the end of their account, over HTTP: for them alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from tests.support.web import HttpFixture, client_of
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.identity import passkeys
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.rate_limits import DATA_OF_MEMBER, RateLimits
from wallet_service.faces.shell.security import FRESH_SESSION_MS
from wallet_service.members.decisions import MemberState
from wallet_service.members.repository import Member


@pytest.fixture
def app(env: HttpFixture) -> Iterator[object]:
    made = wallet_app(env)  # type: ignore[arg-type]
    made.state.rate_limits = RateLimits()
    yield made
    env.rights._sandbox.stop()


@pytest.fixture
def member(env: HttpFixture) -> Member:
    return env.visitor()[0]


@pytest.fixture
def phone(env: HttpFixture, app: object, member: Member) -> TestClient:
    client = client_of(app)
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def test_a_member_sees_what_is_held_and_why_in_their_language(phone: TestClient) -> None:
    held = phone.get("/v1/me/data").json()
    access = next(one for one in held["sections"] if one["section"] == "access")
    assert (access["title"], access["count"]) == ("Ce qui ouvre le compte", 2)  # a device, this session
    assert "CNIL" in held["left_out"]
    english = phone.get("/v1/me/data", headers={"Accept-Language": "en"}).json()
    assert english["sections"][0]["title"] == "Identity"


def test_the_files_are_for_somebody_who_has_just_shown_who_they_are(
    env: HttpFixture, phone: TestClient
) -> None:
    for ending, media_type in (("json", "application/json"), ("pdf", "application/pdf")):
        answer = phone.get(f"/v1/me/data.{ending}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="my-data.{ending}"'
        assert answer.headers["Cache-Control"] == "no-store"
    env.clock.advance_ms(FRESH_SESSION_MS + 1)
    for ending in ("json", "pdf"):
        assert phone.get(f"/v1/me/data.{ending}").json()["code"] == "session.too_old"
    assert phone.post("/v1/me/closing", json={"is_understood": True}).json()["code"] == "session.too_old"


def test_exports_are_counted_by_member(phone: TestClient) -> None:
    for _ in range(DATA_OF_MEMBER.times):
        assert phone.get("/v1/me/data.json").status_code == 200
    assert phone.get("/v1/me/data.json").json()["code"] == "request.too_many"


def test_an_account_that_holds_money_stays_and_says_so(
    env: HttpFixture, phone: TestClient, member: Member
) -> None:
    with env.engine.begin() as connection:
        connection.execute(
            insert(balances).values(account=member.account_address, posted_cents=125, reserved_cents=0)
        )
    assert phone.get("/v1/me/closing").json() == {
        "balance_cents": 125,
        "open_matters": [],
        "kept_until_unix_ms": None,
    }
    refused = phone.post("/v1/me/closing", json={"is_understood": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "closing.money_left")
    assert env.members.get(member.id).state is MemberState.ACTIVE


def test_nothing_is_closed_that_was_not_understood(
    env: HttpFixture, phone: TestClient, member: Member
) -> None:
    for body in ({}, {"is_understood": False}, {"is_understood": "true"}):
        assert phone.post("/v1/me/closing", json=body).status_code == 422
    assert env.members.get(member.id).state is MemberState.ACTIVE


def test_a_member_closes_their_account_and_keeps_the_certificate(
    env: HttpFixture, phone: TestClient, member: Member
) -> None:
    certificate = phone.post("/v1/me/closing", json={"is_understood": True}).json()
    assert certificate["member_id"] == member.id
    assert certificate["erased_from_unix_ms"] == certificate["closed_at_unix_ms"] == env.clock.now_unix_ms()
    removed = {one["what"]: one["count"] for one in certificate["removed"]}
    assert (removed["sessions"], removed["devices"]) == (1, 1)
    assert certificate["journal_hash"].startswith("0x")
    assert env.members.get(member.id).state is MemberState.CLOSED
    assert phone.get("/v1/me").status_code == 401


def test_where_there_is_a_passkey_the_phone_alone_is_not_enough(
    env: HttpFixture, app: object, phone: TestClient, member: Member
) -> None:
    with env.engine.begin() as connection:
        connection.execute(
            insert(passkeys).values(
                credential_id="c",
                subject_kind="member",
                subject_id=member.id,
                public_key=b"",
                sign_count=0,
                created_at_unix_ms=0,
            )
        )
    for answer in (
        phone.get("/v1/me/data.json"),
        phone.get("/v1/me/data.pdf"),
        phone.post("/v1/me/closing", json={"is_understood": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "data.passkey_needed")
    session = env.sessions.open_now("member", member.id, "passkey")
    phone.cookies.set("alba_session", session.token)
    assert phone.get("/v1/me/data.json").status_code == 200
