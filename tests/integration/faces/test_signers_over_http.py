"""Which keys sign for an account, over HTTP: passkeys and phones, each on the word of a key that signs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.support.authenticator import Authenticator
from tests.support.web import DOMAIN, PASSKEY_SIGNER, WALLET_ORIGIN, Device, HttpFixture, as_body, said
from wallet_service.members.additions import MAX_VALID_S, MIN_VALID_S
from wallet_service.members.repository import Member
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point


def signed_in(env: HttpFixture, client: TestClient, member: Member) -> TestClient:
    session = env.sessions.open_now("member", member.id, "device")
    client.cookies.set("alba_session", session.token)
    client.headers["X-CSRF-Token"] = session.csrf_token
    return client


def registered(wallet: TestClient, authenticator: Authenticator) -> str:
    options = wallet.post("/v1/passkeys/options").json()
    answer = wallet.post("/v1/passkeys/verify", json={"credential": authenticator.create(options)})
    return str(answer.json()["credential_id"])


def signer_of(authenticator: Authenticator) -> str:
    return address_of_point(p256.point_of(authenticator.key))


def vouched(
    env: HttpFixture, member: Member, passkey: str, authenticator: Authenticator, by: Device
) -> dict[str, object]:
    word = env.word(member, by, signer_of(authenticator), PASSKEY_SIGNER)
    return {"credential_id": passkey, "addition": as_body(word)}


def test_a_passkey_vouched_for_by_the_device_becomes_a_signer(env: HttpFixture, wallet: TestClient) -> None:
    member, device = env.visitor()
    signed_in(env, wallet, member)
    authenticator = Authenticator(WALLET_ORIGIN)
    body = vouched(env, member, registered(wallet, authenticator), authenticator, device)
    for _ in range(2):  # a lost answer
        assert wallet.post("/v1/passkeys/signer", json=body).status_code == 202
    added = [command for command in env.commands.by_ref.values() if command[0] == "addSigner"]
    signer, word = signer_of(authenticator), body["addition"]
    assert isinstance(word, dict)
    said = [word["valid_before_unix_s"], word["nonce"], word["signature"]]
    assert added == [("addSigner", [member.account_address, signer, 3, *said], "REGISTRAR")]
    env.apply_commands()
    (found,) = [one for one in wallet.get("/v1/me").json()["devices"] if one["key_kind"] == "passkey"]
    assert (found["state"], found["signer_address"]) == ("active", signer)
    assert found["credential_id"] == body["credential_id"]
    assert env.acts().count("device.linked") == 1


def test_a_session_alone_gives_a_passkey_no_power_to_sign(env: HttpFixture, wallet: TestClient) -> None:
    member, device = env.visitor()
    other, stranger = env.visitor()
    signed_in(env, wallet, member)
    authenticator, thiefs = Authenticator(WALLET_ORIGIN), Authenticator(WALLET_ORIGIN)
    passkey = registered(wallet, authenticator)
    signer = signer_of(authenticator)
    good = env.word(member, device, signer, PASSKEY_SIGNER)
    for word in (
        env.word(member, stranger, signer, PASSKEY_SIGNER),
        env.word(member, authenticator, signer, PASSKEY_SIGNER),  # for itself
        env.word(other, device, signer, PASSKEY_SIGNER),
        env.word(member, device, signer_of(thiefs), PASSKEY_SIGNER),
        env.word(member, device, signer),  # as a plain key
        replace(good, nonce=good.nonce ^ 1),
        replace(good, valid_before_unix_s=good.valid_before_unix_s + 1),
        replace(good, signature="0x"),
        replace(good, signature="0x" + "22" * 129),
    ):
        body = {"credential_id": passkey, "addition": as_body(word)}
        assert wallet.post("/v1/passkeys/signer", json=body).json()["code"] == "wallet.proof_invalid"
    assert not [command for command in env.commands.by_ref.values() if command[0] == "addSigner"]


@pytest.mark.parametrize("left_s", [MIN_VALID_S - 1, MAX_VALID_S + 1])
def test_a_word_that_ends_too_soon_or_lies_about_is_not_taken(
    env: HttpFixture, wallet: TestClient, left_s: int
) -> None:
    member, device = env.visitor()
    signed_in(env, wallet, member)
    authenticator = Authenticator(WALLET_ORIGIN)
    word = said(
        DOMAIN,
        env.clock.now_unix_s() + left_s,
        member,
        device,
        signer_of(authenticator),
        PASSKEY_SIGNER,
    )
    body = {"credential_id": registered(wallet, authenticator), "addition": as_body(word)}
    assert wallet.post("/v1/passkeys/signer", json=body).json()["code"] == "wallet.proof_invalid"


def linked_by(
    env: HttpFixture, member: Member, phone: Device, by: Authenticator | Device
) -> dict[str, object]:
    proof = phone.sign(f"alba-device:passkey:{phone.public_key}")
    word = as_body(env.word(member, by, phone.address))
    return {"public_key": phone.public_key, "label": "Android", "proof": proof, "addition": word}


def test_a_passkey_that_may_sign_makes_a_new_phone_one_that_may(env: HttpFixture, wallet: TestClient) -> None:
    member, device = env.visitor()
    signed_in(env, wallet, member)
    authenticator = Authenticator(WALLET_ORIGIN)
    passkey = registered(wallet, authenticator)
    phone = env.new_key()
    assert wallet.post("/v1/devices/check", json={"public_key": phone.public_key}).status_code == 204
    early = linked_by(env, member, phone, authenticator)
    assert wallet.post("/v1/devices/passkey", json=early).json()["code"] == "wallet.proof_invalid"
    wallet.post("/v1/passkeys/signer", json=vouched(env, member, passkey, authenticator, device))
    env.apply_commands()

    body = linked_by(env, member, phone, authenticator)
    for _ in range(2):  # a lost answer
        assert wallet.post("/v1/devices/passkey", json=body).status_code == 202
    env.apply_commands()
    (found,) = [one for one in wallet.get("/v1/me").json()["devices"] if one["label"] == "Android"]
    assert (found["state"], found["key_kind"]) == ("active", "p256")
    wallet.cookies.clear()
    asked = wallet.post("/v1/session/device/challenge", json={"public_key": phone.public_key}).json()
    signature = phone.sign(f"alba-sign-in:{asked['challenge']}")
    body = {"challenge": asked["challenge"], "public_key": phone.public_key, "signature": signature}
    assert wallet.post("/v1/session/device", json=body).json()["member"]["id"] == member.id


def test_a_passkeys_word_for_one_phone_is_not_for_another(env: HttpFixture, wallet: TestClient) -> None:
    member, device = env.visitor()
    signed_in(env, wallet, member)
    authenticator = Authenticator(WALLET_ORIGIN)
    passkey = registered(wallet, authenticator)
    wallet.post("/v1/passkeys/signer", json=vouched(env, member, passkey, authenticator, device))
    env.apply_commands()
    phone, thief = env.new_key(), env.new_key()
    word = linked_by(env, member, phone, authenticator)["addition"]
    taken = linked_by(env, member, thief, authenticator) | {"addition": word}
    assert wallet.post("/v1/devices/passkey", json=taken).json()["code"] == "wallet.proof_invalid"
    stolen = linked_by(env, member, phone, authenticator)
    stolen |= {"proof": thief.sign(f"alba-device:passkey:{phone.public_key}")}
    assert wallet.post("/v1/devices/passkey", json=stolen).json()["code"] == "wallet.proof_invalid"
    known = wallet.post("/v1/devices/check", json={"public_key": device.public_key})
    assert known.json()["code"] == "device.known"


def test_the_issuers_code_ties_a_phone_that_pays_once_another_signs_for_it(
    env: HttpFixture, wallet: TestClient
) -> None:
    """An officer alone gives nobody the power to pay: without a key that signs, recovery is the way."""
    member, device = env.visitor()
    phone, code = env.new_key(), env.devices.make_code(member.id, SERVICE, "Vue au guichet")
    proof = phone.sign(f"alba-device:{code}:{phone.public_key}")
    linked = {"code": code, "public_key": phone.public_key, "proof": proof}
    answer = wallet.post("/v1/devices/link", json=linked)
    assert answer.status_code == 201
    wallet.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    env.apply_commands()
    assert not [command for command in env.commands.by_ref.values() if command[0] == "addSigner"]
    (tied,) = [one for one in wallet.get("/v1/me").json()["devices"] if one["state"] == "pending"]
    path = f"/v1/me/devices/{tied['id']}/signer"
    for by in (phone, env.new_key()):
        refused = wallet.post(path, json=as_body(env.word(member, by, phone.address)))
        assert refused.json()["code"] == "wallet.proof_invalid"
    assert wallet.post(path, json=as_body(env.word(member, device, phone.address))).status_code == 202
    env.apply_commands()
    states = {one["signer_address"]: one["state"] for one in wallet.get("/v1/me").json()["devices"]}
    assert states[phone.address] == "active"
    again = wallet.post(path, json=as_body(env.word(member, device, phone.address)))
    assert again.json()["code"] == "device.unknown"


def test_a_passkey_of_somebody_else_is_unknown_here(env: HttpFixture, wallet: TestClient) -> None:
    other, _ = env.visitor()
    signed_in(env, wallet, other)
    authenticator = Authenticator(WALLET_ORIGIN)
    passkey = registered(wallet, authenticator)
    member, device = env.visitor()
    wallet.cookies.clear()
    signed_in(env, wallet, member)
    body = vouched(env, member, passkey, authenticator, device)
    answer = wallet.post("/v1/passkeys/signer", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "passkey.unknown")
