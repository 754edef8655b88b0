"""A member's ways over HTTP: open a wallet, come back with the device or a passkey, declare an identity,
run tills.
"""

from __future__ import annotations

import io

from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image

from tests.support.authenticator import Authenticator
from tests.support.web import WALLET_ORIGIN, Device, Town
from wallet_service.members.decisions import Tier
from wallet_service.members.repository import Member
from wallet_service.protocol import p256
from wallet_service.protocol.addresses import address_of_point
from wallet_service.web.security import FRESH_SESSION_MS

CAMILLE = {
    "given_name": "Camille",
    "family_name": "Roussel",
    "birth_date": "1988-02-03",
    "address": "4 rue du Puits fictif",
    "postal_code": "76000",
    "city": "Rouen",
}


def signed_in(town: Town, client: TestClient, member: Member) -> TestClient:
    session = town.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def test_a_visitor_opens_a_wallet_and_sees_it_live(town: Town, wallet: TestClient) -> None:
    device = town.new_key()
    opened = wallet.post("/v1/wallets", json={"public_key": device.public_key, "proof": device.proof()})
    assert opened.status_code == 201
    assert opened.json()["state"] == "pending"
    town.apply_commands()
    me = wallet.get("/v1/me").json()
    assert (me["state"], me["tier"], me["identity_state"]) == ("active", "visitor", "none")
    assert me["account_address"] == opened.json()["account_address"]
    assert me["balance"] == {"posted_cents": 0, "reserved_cents": 0, "available_cents": 0}
    assert me["devices"][0]["signer_address"] == me["account_address"]
    session = wallet.get("/v1/session").json()
    assert session["csrf_token"] == opened.json()["csrf_token"]
    assert session["member"]["id"] == me["id"]


def test_a_second_wallet_for_the_same_key_is_refused_and_the_device_signs_in(
    town: Town, wallet: TestClient
) -> None:
    member, device = town.visitor()
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


def test_signing_out_ends_the_session_on_the_server_too(town: Town, wallet: TestClient) -> None:
    member, _ = town.visitor()
    signed_in(town, wallet, member)
    token = wallet.cookies["alba_session"]
    assert wallet.delete("/v1/session").status_code == 204
    wallet.cookies.set("alba_session", token)
    assert wallet.get("/v1/session").json() == {"csrf_token": None, "member": None}


def test_signing_in_again_ends_the_session_before(town: Town, wallet: TestClient) -> None:
    member, _ = town.visitor()
    signed_in(town, wallet, member)
    before = wallet.cookies["alba_session"]
    authenticator = Authenticator(WALLET_ORIGIN)
    options = wallet.post("/v1/passkeys/options").json()
    registered = wallet.post("/v1/passkeys/verify", json={"credential": authenticator.create(options)})
    assert registered.status_code == 201
    options = wallet.post("/v1/session/passkey/options").json()
    answer = wallet.post("/v1/session/passkey/verify", json={"credential": authenticator.get(options)})
    assert answer.status_code == 200
    assert town.sessions.find(before) is None
    assert len(wallet.get("/v1/me").json()["passkey_ids"]) == 1


def registered(wallet: TestClient, authenticator: Authenticator) -> str:
    options = wallet.post("/v1/passkeys/options").json()
    answer = wallet.post("/v1/passkeys/verify", json={"credential": authenticator.create(options)})
    return str(answer.json()["credential_id"])


def vouched(passkey: str, device: Device) -> dict[str, str]:
    proof = device.sign(f"alba-passkey:{passkey}")
    return {"credential_id": passkey, "device_public_key": device.public_key, "proof": proof}


def test_a_passkey_vouched_for_by_the_device_becomes_a_signer(town: Town, wallet: TestClient) -> None:
    member, device = town.visitor()
    signed_in(town, wallet, member)
    authenticator = Authenticator(WALLET_ORIGIN)
    body = vouched(registered(wallet, authenticator), device)
    for _ in range(2):  # a lost answer
        assert wallet.post("/v1/passkeys/signer", json=body).status_code == 202
    added = [command for command in town.commands.by_ref.values() if command[0] == "addSigner"]
    signer = address_of_point(p256.point_of(authenticator.key))
    assert added == [("addSigner", [member.account_address, signer, 3], "REGISTRAR")]
    town.apply_commands()
    (found,) = [one for one in wallet.get("/v1/me").json()["devices"] if one["key_kind"] == "passkey"]
    assert (found["state"], found["signer_address"]) == ("active", signer)
    assert found["credential_id"] == body["credential_id"]
    assert town.acts().count("device.linked") == 1


def test_a_session_alone_gives_a_passkey_no_power_to_sign(town: Town, wallet: TestClient) -> None:
    member, device = town.visitor()
    _, stranger = town.visitor()
    signed_in(town, wallet, member)
    passkey = registered(wallet, Authenticator(WALLET_ORIGIN))
    by_stranger = vouched(passkey, stranger)
    for another_text in (device.sign("alba-passkey:"), device.sign(f"alba-device:{passkey}")):
        wrong = vouched(passkey, device) | {"proof": another_text}
        assert wallet.post("/v1/passkeys/signer", json=wrong).json()["code"] == "wallet.proof_invalid"
    assert wallet.post("/v1/passkeys/signer", json=by_stranger).json()["code"] == "wallet.proof_invalid"
    assert not [command for command in town.commands.by_ref.values() if command[0] == "addSigner"]


def test_a_passkey_of_somebody_else_is_unknown_here(town: Town, wallet: TestClient) -> None:
    other, _ = town.visitor()
    signed_in(town, wallet, other)
    passkey = registered(wallet, Authenticator(WALLET_ORIGIN))
    member, device = town.visitor()
    wallet.cookies.clear()
    signed_in(town, wallet, member)
    answer = wallet.post("/v1/passkeys/signer", json=vouched(passkey, device))
    assert (answer.status_code, answer.json()["code"]) == (404, "passkey.unknown")


def test_an_identity_is_declared_shown_submitted_and_approved(town: Town, wallet: TestClient) -> None:
    member, _ = town.visitor()
    signed_in(town, wallet, member)
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
    town.apply_commands()
    (waiting,) = town.identity.queue()
    town.identity.approve(waiting.id, "OFFICER1", "Vu")
    town.apply_commands()
    me = wallet.get("/v1/me").json()
    assert (me["tier"], me["identity_state"], me["display_name"]) == ("verified", "approved", "Camille R.")


def test_a_document_that_is_none_is_refused_with_a_reason(town: Town, wallet: TestClient) -> None:
    member, _ = town.visitor()
    signed_in(town, wallet, member)
    wallet.post("/v1/me/identity", json=CAMILLE)
    files = {"document": ("carte.png", b"MZ executable", "image/png")}
    answer = wallet.post("/v1/me/identity/documents", files=files)
    assert (answer.status_code, answer.json()["code"]) == (415, "identity.document_type")
    files = {"document": ("carte.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), "application/pdf")}
    assert wallet.post("/v1/me/identity/documents", files=files).status_code == 413


def test_a_merchant_pairs_a_tablet_and_removes_it(town: Town, wallet: TestClient) -> None:
    merchant, _ = town.merchant()
    assert merchant.tier is Tier.PROFESSIONAL
    signed_in(town, wallet, merchant)
    code = wallet.post("/v1/me/tills/pairing-codes", json={"label": "Caisse 1"}).json()
    assert code["expires_at_unix_ms"] > town.clock.now_unix_ms()

    tablet = town.new_key()
    body = {"code": code["code"], "public_key": tablet.public_key, "label": "Comptoir"}
    paired = wallet.post("/v1/tills/pair", json=body)
    assert paired.status_code == 201
    assert paired.json()["member"] == {"id": merchant.id, "name": "Fournil des Deux Rives"}
    till_id = paired.json()["till_id"]
    assert ask(town, wallet, till_id, tablet).json()["label"] == "Comptoir"

    (listed,) = wallet.get("/v1/me/tills").json()
    assert (listed["id"], listed["state"]) == (till_id, "active")
    assert wallet.delete(f"/v1/me/tills/{till_id}").status_code == 204
    assert ask(town, wallet, till_id, tablet).json()["code"] == "till.revoked"


def test_a_tills_signature_covers_its_query(town: Town, wallet: TestClient) -> None:
    merchant, _ = town.merchant()
    till_id, tablet = town.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/me?a=1", town.clock.now_unix_ms())
    assert wallet.get("/v1/till/me?a=2", headers=headers).json()["code"] == "till.signature_invalid"
    assert wallet.get("/v1/till/me?a=1", headers=headers).status_code == 200


def test_a_late_till_learns_the_servers_time(town: Town, wallet: TestClient) -> None:
    merchant, _ = town.merchant()
    till_id, tablet = town.till(merchant)
    headers = tablet.till_headers(till_id, "GET", "/v1/till/me", town.clock.now_unix_ms() - 11 * 60_000)
    answer = wallet.get("/v1/till/me", headers=headers)
    assert answer.json()["code"] == "till.clock_wrong"
    assert answer.json()["values"]["server_time_unix_ms"] == int(answer.headers["Alba-Server-Time"])


def ask(town: Town, client: TestClient, till_id: str, tablet: Device) -> Response:
    headers = tablet.till_headers(till_id, "GET", "/v1/till/me", town.clock.now_unix_ms())
    return client.get("/v1/till/me", headers=headers)


def test_a_session_found_open_registers_no_passkey_until_the_device_shows_itself(
    town: Town, wallet: TestClient
) -> None:
    member, _ = town.visitor()
    signed_in(town, wallet, member)
    town.clock.advance_ms(FRESH_SESSION_MS + 1)
    refused = wallet.post("/v1/passkeys/options")
    assert (refused.status_code, refused.json()["code"]) == (401, "session.too_old")
    assert wallet.get("/v1/me").status_code == 200
    signed_in(town, wallet, member)
    assert wallet.post("/v1/passkeys/options").status_code == 200
