"""One's own and other people's objects.

Another's sale, payment, till or refund request looks as if it did not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import insert, update

from tests.support.callers import Callers, professional
from tests.support.web import Device, client_of
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.payments import payments, refund_requests, sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.service import NewWallet
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.text.identifiers import new_id, new_ref
from wallet_service.protocol.text.qr import receipt_url

pytestmark = pytest.mark.chain


@dataclass
class Shop:
    """A merchant with one till."""

    callers: Callers
    member_id: str
    till_id: str
    tablet: Device

    def ask(self, method: str, target: str, body: bytes = b"") -> Response:
        now = self.callers.services.clock.now_unix_ms()
        headers = self.tablet.till_headers(self.till_id, method, target, now, body)
        client = client_of(self.callers.apps["wallet"])
        answer: Response = client.request(
            method, target, content=body or None, headers={**headers, "Content-Type": "application/json"}
        )
        return answer

    def sale(self) -> str:
        body = f'{{"client_reference":"{new_ref()}","amount_cents":1250}}'.encode()
        opened = self.ask("POST", "/v1/till/sales", body)
        assert opened.status_code == 201, opened.text
        return str(opened.json()["id"])


def shop(callers: Callers) -> Shop:
    services, phone, tablet = callers.services, Device(p256.new_private_key()), Device(p256.new_private_key())
    merchant = services.members.create_professional(professional(phone.public_key), SERVICE)
    names = ("account", "kind", "tier", "sector", "expiresAtDay")
    enrolled = dict(zip(names, (merchant.account_address, 2, 4, 10, 0), strict=True))
    with UnitOfWork(services.engine) as work:
        event = ChainEvent("MemberEnrolled", enrolled, 1, 0, new_ref(), services.clock.now_unix_s())
        services.members.project_membership(work, event)
    code = services.tills.make_pairing_code(merchant.id, "Caisse").code
    return Shop(callers, merchant.id, services.tills.pair(code, tablet.public_key, None).till_id, tablet)


def resident(callers: Callers) -> str:
    phone = Device(p256.new_private_key())
    return callers.services.members.create_wallet(NewWallet(phone.public_key, phone.proof())).id


def phone_of(callers: Callers, member_id: str) -> TestClient:
    client = client_of(callers.apps["wallet"])
    session = callers.services.sessions.open_now("member", member_id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def insert_payment(callers: Callers, payer_id: str, payee: Shop, sale_id: str) -> str:
    ref = new_ref()
    values: dict[str, Any] = {
        "ref": ref,
        "sequence": int(ref[2:12], 16),
        "purpose": "sale",
        "state": "paid",
        "payer_member_id": payer_id,
        "payee_member_id": payee.member_id,
        "from_address": "0x" + ref[2:42],
        "to_address": "0x" + ref[-40:],
        "amount_cents": 1250,
        "nonce": "0",
        "valid_before_unix_s": 1,
        "signature": b"x",
        "sale_id": sale_id,
        "accepted_at_unix_ms": callers.services.clock.now_unix_ms(),
    }
    with callers.services.engine.begin() as connection:
        connection.execute(insert(payments).values(**values))
        paid = {"state": "paid", "payment_ref": ref, "paid_at_unix_ms": values["accepted_at_unix_ms"]}
        connection.execute(update(sales).where(sales.c.id == sale_id).values(**paid))
    return ref


def test_a_till_sees_and_cancels_its_own_shops_sales_only(callers: Callers) -> None:
    mine, other = shop(callers), shop(callers)
    sale_id = mine.sale()
    assert mine.ask("GET", f"/v1/till/sales/{sale_id}").status_code == 200
    for answer in (
        other.ask("GET", f"/v1/till/sales/{sale_id}"),
        other.ask("POST", f"/v1/till/sales/{sale_id}/cancel"),
        other.ask(
            "POST",
            f"/v1/till/sales/{sale_id}/refunds",
            f'{{"client_reference":"{new_ref()}","amount_cents":100}}'.encode(),
        ),
    ):
        assert answer.status_code == 404, answer.text
    assert sale_id not in other.ask("GET", "/v1/till/sales").text
    assert mine.ask("GET", f"/v1/till/sales/{sale_id}").json()["state"] == "open"


def test_a_merchant_removes_its_own_tills_only(callers: Callers) -> None:
    mine, other = shop(callers), shop(callers)
    thief = phone_of(callers, other.member_id)
    assert thief.delete(f"/v1/me/tills/{mine.till_id}").json()["code"] == "till.not_found"
    assert mine.till_id not in thief.get("/v1/me/tills").text
    assert mine.ask("GET", "/v1/till/me").status_code == 200


def test_a_payment_is_shown_to_its_two_parties_only(callers: Callers) -> None:
    payee, payer_id, stranger_id = shop(callers), resident(callers), resident(callers)
    ref = insert_payment(callers, payer_id, payee, payee.sale())
    for member_id in (payer_id, payee.member_id):
        assert phone_of(callers, member_id).get(f"/v1/payments/{ref}").status_code == 200
        assert ref in phone_of(callers, member_id).get("/v1/me/movements").text
    assert phone_of(callers, stranger_id).get(f"/v1/payments/{ref}").status_code == 404
    assert ref not in phone_of(callers, stranger_id).get("/v1/me/movements").text


def test_a_paid_sales_receipt_is_for_who_has_its_address_and_says_nobody_who_paid(callers: Callers) -> None:
    payee, payer_id = shop(callers), resident(callers)
    sale_id, unpaid_id = payee.sale(), payee.sale()
    ref = insert_payment(callers, payer_id, payee, sale_id)
    address = payee.ask("GET", f"/v1/till/sales/{sale_id}").json()["receipt_url"]
    assert payee.ask("GET", f"/v1/till/sales/{unpaid_id}").json()["receipt_url"] is None
    stranger = client_of(callers.apps["wallet"])
    path = urlsplit(address).path
    for known in (path, path.lower()):
        page = stranger.get(known)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "private, no-store"
        assert "12,50" in re.sub(r"<[^>]+>", "", page.text)
        assert 'name="robots" content="noindex"' in page.text
        assert not {payer_id, ref, "0x" + ref[2:42]} & set(re.findall(r"\w+", page.text))
    spoilt = path[:-1] + ("0" if path[-1] != "0" else "1")
    for unknown in (spoilt, urlsplit(receipt_url("https://x", unpaid_id)).path, "/T/1", "/T/2" + path[4:]):
        refused = stranger.get(unknown, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (404, "sale.receipt_not_shown")


def test_a_refund_request_is_for_its_own_merchant_only(callers: Callers) -> None:
    mine, other, payer_id = shop(callers), shop(callers), resident(callers)
    sale_id = mine.sale()
    insert_payment(callers, payer_id, mine, sale_id)
    request_id = new_id()
    with callers.services.engine.begin() as connection:
        connection.execute(
            insert(refund_requests).values(
                id=request_id,
                client_reference=new_ref(),
                sale_id=sale_id,
                till_id=mine.till_id,
                member_id=mine.member_id,
                amount_cents=100,
                state="requested",
                requested_at_unix_ms=callers.services.clock.now_unix_ms(),
            )
        )
    for stranger in (phone_of(callers, other.member_id), phone_of(callers, payer_id)):
        assert request_id not in stranger.get("/v1/me/refund-requests").text
        assert stranger.get(f"/v1/me/refund-requests/{request_id}").status_code == 404
        assert stranger.post(f"/v1/refund-requests/{request_id}/refuse").status_code == 404
    phone = phone_of(callers, mine.member_id)
    assert request_id in phone.get("/v1/me/refund-requests").text
    assert phone.get(f"/v1/me/refund-requests/{request_id}").json()["id"] == request_id


def test_nobody_pays_from_another_members_account(callers: Callers) -> None:
    payee, victim_id, thief_id = shop(callers), resident(callers), resident(callers)
    victim = callers.services.members.get(victim_id)
    merchant = callers.services.members.get(payee.member_id)
    body = {
        "from": victim.account_address,
        "to": merchant.account_address,
        "amount_cents": 1250,
        "ref": new_ref(),
        "valid_before_unix_s": callers.services.clock.now_unix_s() + 120,
        "nonce": "0",
        "signature": "0x02" + "11" * 128,
    }
    answer = phone_of(callers, thief_id).post("/v1/payments", json=body)
    assert 400 <= answer.status_code < 500, answer.text


def test_an_identity_is_its_own_persons_only(callers: Callers) -> None:
    declared = {
        "given_name": "Camille",
        "family_name": "Roussel",
        "birth_date": "1988-02-03",
        "address": "4 rue du Puits fictif",
        "postal_code": "76000",
        "city": "Rouen",
    }
    person, stranger = phone_of(callers, resident(callers)), phone_of(callers, resident(callers))
    assert person.post("/v1/me/identity", json=declared).status_code == 200
    assert "Roussel" in person.get("/v1/me/identity").text
    assert stranger.get("/v1/me/identity").json()["state"] == "none"
