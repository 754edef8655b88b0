"""Contesting a payment over HTTP: who reads what of it, what is refused in words, papers, withdrawing."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from tests.support.recovery_side import picture
from tests.support.web import HttpFixture, build_http_fixture, client_of
from wallet_service.database.tables.chain import balances
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes.decisions import CONTEST_DAYS, LEAST_DISPUTED_CENTS, MAX_WORDS_CHARACTERS
from wallet_service.faces.apps import wallet_app
from wallet_service.members.repository import Member
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.repository import insert_payments
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def signed_in(env: HttpFixture, member: Member) -> TestClient:
    client = client_of(wallet_app(env))  # type: ignore[arg-type]
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def paid(env: HttpFixture, payer: Member, payee: Member, cents: int = 50_00) -> str:
    """A payment in the books, its money with the payee; its reference."""
    now_unix_ms, nothing = env.clock.now_unix_ms(), (None, None, None, None)
    message = PaymentMessage(
        payer.account_address, payee.account_address, cents, new_ref(), env.clock.now_unix_s() + 60, 1
    )
    payment = Payment(
        message, Purpose.PERSON, PaymentState.PAID, payer.id, payee.id, *nothing, now_unix_ms, now_unix_ms
    )
    with UnitOfWork(env.engine) as work:
        insert_payments(work.connection, [(payment, b"")])
        row = {"account": payee.account_address, "posted_cents": cents, "reserved_cents": 0}
        work.connection.execute(insert(balances).values(row))
    return message.ref


def contested(env: HttpFixture) -> tuple[TestClient, TestClient, dict[str, Any]]:
    """The payer's client, the payee's, and what the payer is answered."""
    (payer, _), (payee, _) = env.visitor(), env.merchant()
    body = {"payment_ref": paid(env, payer, payee), "reason": "not_received", "words": "Rien reçu"}
    client = signed_in(env, payer)
    answer = client.post("/v1/me/disputes", json=body)
    assert answer.status_code == 201
    return client, signed_in(env, payee), answer.json()


def test_each_side_reads_its_own_view(env: HttpFixture) -> None:
    payer, payee, dispute = contested(env)
    assert (dispute["role"], dispute["state"], dispute["held_cents"]) == ("payer", "open", 50_00)
    assert dispute["other_name"] == "Fournil des Deux Rives"
    assert dispute["decide_by_unix_ms"] - dispute["opened_at_unix_ms"] == 96 * 3_600_000
    listed = payee.get("/v1/me/disputes").json()
    assert (listed["contest_days"], listed["least_cents"]) == (CONTEST_DAYS, LEAST_DISPUTED_CENTS)
    (seen,) = listed["disputes"]
    assert (seen["role"], seen["may_answer"], seen["words"]) == ("payee", True, "Rien reçu")
    path = f"/v1/me/disputes/{dispute['id']}"
    assert payee.post(f"{path}/answer", json={"agrees": False, "words": "Livré"}).status_code == 204
    again = payer.get(path).json()
    assert (again["answer"], again["agrees"], again["may_answer"]) == ("Livré", False, False)
    assert payee.post(f"{path}/answer", json={"agrees": True}).json()["code"] == "dispute.answered"


def test_a_stranger_reads_and_does_nothing(env: HttpFixture) -> None:
    _, _, dispute = contested(env)
    stranger = signed_in(env, env.visitor()[0])
    path = f"/v1/me/disputes/{dispute['id']}"
    assert stranger.get("/v1/me/disputes").json()["disputes"] == []
    assert stranger.get(path).json()["code"] == "dispute.unknown"
    assert stranger.post(f"{path}/answer", json={"agrees": True}).json()["code"] == "dispute.unknown"
    assert stranger.post(f"{path}/withdraw").json()["code"] == "dispute.unknown"
    files = {"document": ("ticket.jpg", picture(), "image/jpeg")}
    assert stranger.post(f"{path}/documents", files=files).json()["code"] == "dispute.unknown"
    body = {"payment_ref": dispute["payment_ref"], "reason": "not_me"}
    assert stranger.post("/v1/me/disputes", json=body).json()["code"] == "dispute.payment_not_yours"


def test_what_is_said_wrongly_is_refused(env: HttpFixture) -> None:
    (payer, _), (payee, _) = env.visitor(), env.merchant()
    ref, client = paid(env, payer, payee), signed_in(env, payer)
    for body, status in (
        ({"payment_ref": ref, "reason": "because"}, 422),
        ({"payment_ref": "0x12", "reason": "not_me"}, 422),
        ({"payment_ref": ref, "reason": "not_me", "words": "x" * (MAX_WORDS_CHARACTERS + 1)}, 422),
    ):
        assert client.post("/v1/me/disputes", json=body).status_code == status
    assert client.get("/v1/me/disputes").json()["disputes"] == []


def test_papers_are_counted_for_their_own_side_and_withdrawing_ends_it(env: HttpFixture) -> None:
    payer, payee, dispute = contested(env)
    path = f"/v1/me/disputes/{dispute['id']}"
    answer = payee.post(f"{path}/documents", files={"document": ("ticket.jpg", picture(), "image/jpeg")})
    assert (answer.status_code, answer.json()["own_papers"]) == (201, 1)
    assert payer.get(path).json()["own_papers"] == 0
    assert payee.post(f"{path}/withdraw").json()["code"] == "dispute.unknown"
    assert payer.post(f"{path}/withdraw").status_code == 204
    seen = payee.get(path).json()
    assert (seen["state"], seen["held_cents"], seen["may_answer"]) == ("withdrawn", 0, False)
