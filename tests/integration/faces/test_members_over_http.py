"""A member's ways over HTTP.

Open a wallet, come back with the device or a passkey, declare an identity, run tills.
"""

from __future__ import annotations

import io

from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image

from tests.support.authenticator import Authenticator
from tests.support.web import WALLET_ORIGIN, Device, HttpFixture
from wallet_service.faces.shell.security import FRESH_SESSION_MS
from wallet_service.members.decisions import Tier
from wallet_service.members.repository import Member
from wallet_service.oversight.models import FreezeOrder

CAMILLE = {
    "given_name": "Camille",
    "family_name": "Roussel",
    "birth_date": "1988-02-03",
    "address": "4 rue du Puits fictif",
    "postal_code": "76000",
    "city": "Rouen",
}


def signed_in(env: HttpFixture, client: TestClient, member: Member) -> TestClient:
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def test_a_visitor_opens_a_wallet_and_sees_it_live(env: HttpFixture, wallet: TestClient) -> None:
    device = env.new_key()
    opened = wallet.post("/v1/wallets", json={"public_key": device.public_key, "proof": device.proof()})
    assert opened.status_code == 201
    assert opened.json()["state"] == "pending"
    env.apply_commands()
    me = wallet.get("/v1/me").json()
    assert (me["state"], me["tier"], me["identity_state"]) == ("active", "visitor", "none")
    assert me["account_address"] == opened.json()["account_address"]
    assert me["balance"] == {
        "posted_cents": 0,
        "reserved_cents": 0,
        "held_back_cents": 0,
        "disputed_cents": 0,
        "available_cents": 0,
    }
    assert me["devices"][0]["signer_address"] == me["account_address"]
    session = wallet.get("/v1/session").json()
    assert session["csrf_token"] == opened.json()["csrf_token"]
    assert session["member"]["id"] == me["id"]


def test_a_member_accepts_the_terms_that_count_now(env: HttpFixture, wallet: TestClient) -> None:
    member, _device = env.visitor()
    signed_in(env, wallet, member)
    version = wallet.get("/v1/config").json()["terms_version"]
    assert wallet.get("/v1/me").json()["terms_version"] is None
    older = wallet.post("/v1/me/terms", json={"version": "2020-01-01"})
    assert (older.status_code, older.json()["code"]) == (409, "help.terms_changed")
    assert wallet.post("/v1/me/terms", json={"version": "soon"}).status_code == 422
    assert wallet.post("/v1/me/terms", json={"version": version}).status_code == 204
    assert wallet.get("/v1/me").json()["terms_version"] == version


def test_a_member_says_which_standing_order_to_expect_and_when_the_balance_is_low(
    env: HttpFixture, wallet: TestClient
) -> None:
    member, _device = env.visitor()
    signed_in(env, wallet, member)
    nothing = {"standing_order": None, "low_balance_cents": None}
    assert wallet.get("/v1/me/loading").json() == nothing
    order = {"amount_cents": 50_00, "day_of_month": 5}
    declared = wallet.post("/v1/me/loading/standing-order", json=order).json()["standing_order"]
    assert {key: declared[key] for key in order} == order
    assert (declared["source"], declared["missed_on"], declared["next_on"][-2:]) == ("declared", None, "05")
    too_little = wallet.post("/v1/me/loading/standing-order", json={**order, "amount_cents": 99})
    assert (too_little.status_code, too_little.json()["code"]) == (422, "topup.amount_out_of_range")
    assert wallet.post("/v1/me/loading/standing-order", json={**order, "day_of_month": 32}).status_code == 422
    assert wallet.post("/v1/me/loading/low-balance", json={"below_cents": 20_00}).status_code == 204
    assert wallet.get("/v1/me/loading").json() == {"standing_order": declared, "low_balance_cents": 20_00}
    assert wallet.delete("/v1/me/loading/standing-order").status_code == 204
    assert wallet.delete("/v1/me/loading/low-balance").status_code == 204
    assert wallet.get("/v1/me/loading").json() == nothing


def test_a_second_wallet_for_the_same_key_is_refused_and_the_device_signs_in(
    env: HttpFixture, wallet: TestClient
) -> None:
    member, device = env.visitor()
    body = {"public_key": device.public_key, "proof": device.proof()}
    assert wallet.post("/v1/wallets", json=body).json()["code"] == "wallet.exists"
    asked = wallet.post("/v1/session/device/challenge", json={"public_key": device.public_key}).json()
    answer = wallet.post(
        "/v1/session/device",
        json={
            "challenge": asked["challenge"],
            "public_key": device.public_key,
            "signature": device.sign(f"alba-sign-in:{asked['challenge']}"),
        },
    )
    assert answer.json()["member"]["id"] == member.id
    assert wallet.get("/v1/me").json()["id"] == member.id


def test_signing_out_ends_the_session_on_the_server_too(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    token = wallet.cookies["alba_session"]
    assert wallet.delete("/v1/session").status_code == 204
    wallet.cookies.set("alba_session", token)
    assert wallet.get("/v1/session").json() == {"csrf_token": None, "member": None}


def test_signing_in_again_ends_the_session_before(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    before = wallet.cookies["alba_session"]
    authenticator = Authenticator(WALLET_ORIGIN)
    options = wallet.post("/v1/passkeys/options").json()
    registered = wallet.post("/v1/passkeys/verify", json={"credential": authenticator.create(options)})
    assert registered.status_code == 201
    options = wallet.post("/v1/session/passkey/options").json()
    answer = wallet.post("/v1/session/passkey/verify", json={"credential": authenticator.get(options)})
    assert answer.status_code == 200
    assert env.sessions.find(before) is None
    assert len(wallet.get("/v1/me").json()["passkey_ids"]) == 1


def test_a_member_freezes_their_own_account_at_once_and_lets_it_go(
    env: HttpFixture, wallet: TestClient
) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    for _ in range(2):
        assert wallet.post("/v1/me/freeze").status_code == 204
    me = wallet.get("/v1/me").json()
    assert (me["frozen_outgoing"], me["frozen_incoming"], me["is_own_freeze"]) == (True, False, True)
    freezes = [command for command in env.commands.by_ref.values() if command[0] == "freeze"]
    assert len(freezes) == 1
    assert wallet.delete("/v1/me/freeze").status_code == 204
    assert wallet.get("/v1/me").json()["is_own_freeze"] is False, "asked for: once is enough"
    assert [one[0] for one in env.commands.by_ref.values()].count("unfreeze") == 1


def test_a_lost_phone_does_not_lift_what_a_passkey_can(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    authenticator = Authenticator(WALLET_ORIGIN)
    options = wallet.post("/v1/passkeys/options").json()
    wallet.post("/v1/passkeys/verify", json={"credential": authenticator.create(options)})
    wallet.post("/v1/me/freeze")
    assert wallet.delete("/v1/me/freeze").json()["code"] == "freeze.passkey_needed"
    options = wallet.post("/v1/session/passkey/options").json()
    opened = wallet.post("/v1/session/passkey/verify", json={"credential": authenticator.get(options)})
    wallet.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    assert wallet.delete("/v1/me/freeze").status_code == 204


def test_an_officers_freeze_is_not_a_members_to_lift(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    until_unix_s = env.clock.now_unix_s() + 86_400
    order = FreezeOrder(member.id, True, False, "Réquisition 26-118", until_unix_s)
    env.oversight.freezes.freeze(order, "OFFICER1")
    assert wallet.post("/v1/me/freeze").status_code == 204
    assert wallet.get("/v1/me").json()["frozen_outgoing"] is True
    assert wallet.delete("/v1/me/freeze").json()["code"] == "freeze.not_yours"


def test_an_identity_is_declared_shown_submitted_and_approved(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    assert wallet.get("/v1/me/identity").json()["state"] == "none"
    declared = wallet.post("/v1/me/identity", json=CAMILLE)
    assert declared.json()["state"] == "draft"
    assert declared.json()["declaration"] == CAMILLE

    picture = io.BytesIO()
    Image.new("RGB", (300, 200), (9, 99, 90)).save(picture, "PNG")
    files = {"document": ("../../carte.exe", picture.getvalue(), "application/x-msdownload")}
    uploaded = wallet.post("/v1/me/identity/documents", files=files)
    assert (uploaded.status_code, uploaded.json()["media_type"]) == (201, "image/png")

    assert wallet.post("/v1/me/identity/submit").json()["state"] == "submitted"
    env.apply_commands()
    (waiting,) = env.identity.queue()
    env.identity.approve(waiting.id, "OFFICER1", "Vu")
    env.apply_commands()
    me = wallet.get("/v1/me").json()
    assert (me["tier"], me["identity_state"], me["display_name"]) == ("verified", "approved", "Camille R.")


def test_a_document_that_is_none_is_refused_with_a_reason(env: HttpFixture, wallet: TestClient) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    wallet.post("/v1/me/identity", json=CAMILLE)
    files = {"document": ("carte.png", b"MZ executable", "image/png")}
    answer = wallet.post("/v1/me/identity/documents", files=files)
    assert (answer.status_code, answer.json()["code"]) == (415, "identity.document_type")
    files = {"document": ("carte.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), "application/pdf")}
    assert wallet.post("/v1/me/identity/documents", files=files).status_code == 413


def test_a_merchant_pairs_a_tablet_and_removes_it(env: HttpFixture, wallet: TestClient) -> None:
    merchant, _ = env.merchant()
    assert merchant.tier is Tier.PROFESSIONAL
    signed_in(env, wallet, merchant)
    code = wallet.post("/v1/me/tills/pairing-codes", json={"label": "Caisse 1"}).json()
    assert code["expires_at_unix_ms"] > env.clock.now_unix_ms()

    tablet = env.new_key()
    body = {"code": code["code"], "public_key": tablet.public_key, "label": "Comptoir"}
    paired = wallet.post("/v1/tills/pair", json=body)
    assert paired.status_code == 201
    assert paired.json()["member"] == {"id": merchant.id, "name": "Fournil des Deux Rives"}
    till_id = paired.json()["till_id"]
    assert ask(env, wallet, till_id, tablet).json()["label"] == "Comptoir"

    (listed,) = wallet.get("/v1/me/tills").json()
    assert (listed["id"], listed["state"]) == (till_id, "active")
    assert listed["last_sale_at_unix_ms"] is None
    assert wallet.delete(f"/v1/me/tills/{till_id}").status_code == 204
    assert ask(env, wallet, till_id, tablet).json()["code"] == "till.revoked"


def test_a_tills_signature_covers_its_query(env: HttpFixture, wallet: TestClient) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/me?a=1", env.clock.now_unix_ms())
    assert wallet.get("/v1/till/me?a=2", headers=headers).json()["code"] == "till.signature_invalid"
    assert wallet.get("/v1/till/me?a=1", headers=headers).status_code == 200


def test_a_late_till_learns_the_servers_time(env: HttpFixture, wallet: TestClient) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/me", env.clock.now_unix_ms() - 11 * 60_000)
    answer = wallet.get("/v1/till/me", headers=headers)
    assert answer.json()["code"] == "till.clock_wrong"
    assert answer.json()["values"]["server_time_unix_ms"] == int(answer.headers["Alba-Server-Time"])


def ask(env: HttpFixture, client: TestClient, till_id: str, tablet: Device) -> Response:
    headers = tablet.till_headers(till_id, "GET", "/v1/till/me", env.clock.now_unix_ms())
    answer: Response = client.get("/v1/till/me", headers=headers)
    return answer


def test_a_session_found_open_registers_no_passkey_until_the_device_shows_itself(
    env: HttpFixture, wallet: TestClient
) -> None:
    member, _ = env.visitor()
    signed_in(env, wallet, member)
    env.clock.advance_ms(FRESH_SESSION_MS + 1)
    refused = wallet.post("/v1/passkeys/options")
    assert (refused.status_code, refused.json()["code"]) == (401, "session.too_old")
    assert wallet.get("/v1/me").status_code == 200
    signed_in(env, wallet, member)
    assert wallet.post("/v1/passkeys/options").status_code == 200
