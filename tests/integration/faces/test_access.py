"""A member sees what opens the account, and takes it away again: sessions, passkeys, devices."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select, update

from tests.support.authenticator import Authenticator, encode
from tests.support.web import PASSKEY_SIGNER, WALLET_ORIGIN, Device, HttpFixture, as_body, client_of
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.push import notices
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.security import FRESH_SESSION_MS
from wallet_service.members.access import REMOVAL_DELAY_MS
from wallet_service.members.devices import NewDevice
from wallet_service.members.repository import Member
from wallet_service.notices.models import NoticeKind
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.security.public_keys import point_of_text
from wallet_service.security.sessions import IDLE_LIFETIME_MS

ANDROID = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"


@pytest.fixture
def app(env: HttpFixture) -> FastAPI:
    return wallet_app(env)  # type: ignore[arg-type]


def by_device(app: FastAPI, device: Device, agent: str = ANDROID) -> TestClient:
    """A browser that has signed in with that key."""
    browser = client_of(app)
    browser.headers["User-Agent"] = agent
    assert sign_in_with(browser, device).status_code == 200
    browser.headers["X-CSRF-Token"] = browser.get("/v1/session").json()["csrf_token"]
    return browser


def sign_in_with(browser: TestClient, device: Device) -> Response:
    challenge = browser.post("/v1/session/device/challenge", json={"public_key": device.public_key}).json()[
        "challenge"
    ]
    signature = device.sign(f"alba-sign-in:{challenge}")
    body = {"challenge": challenge, "public_key": device.public_key, "signature": signature}
    answer: Response = browser.post("/v1/session/device", json=body)
    return answer


def by_passkey(app: FastAPI, passkey: Authenticator, agent: str = MAC) -> TestClient:
    browser = client_of(app)
    browser.headers["User-Agent"] = agent
    assert open_with(browser, passkey).status_code == 200
    browser.headers["X-CSRF-Token"] = browser.get("/v1/session").json()["csrf_token"]
    return browser


def open_with(browser: TestClient, passkey: Authenticator) -> Response:
    options = browser.post("/v1/session/passkey/options").json()
    answer: Response = browser.post("/v1/session/passkey/verify", json={"credential": passkey.get(options)})
    return answer


def added_passkey(browser: TestClient) -> Authenticator:
    passkey = Authenticator(WALLET_ORIGIN)
    options = browser.post("/v1/passkeys/options").json()
    assert browser.post("/v1/passkeys/verify", json={"credential": passkey.create(options)}).is_success
    return passkey


def signing_passkey(env: HttpFixture, browser: TestClient, member: Member, phone: Device) -> Authenticator:
    """One that the ledger lets pay, because the phone signed for it."""
    passkey = added_passkey(browser)
    word = env.word(member, phone, address_of_point(p256.point_of(passkey.key)), PASSKEY_SIGNER)
    body = {"credential_id": encode(passkey.credential_id), "addition": as_body(word)}
    assert browser.post("/v1/passkeys/signer", json=body).status_code == 202
    env.apply_commands()
    return passkey


def security_notices(env: HttpFixture, member: Member) -> int:
    told = (notices.c.recipient_id == member.id) & (notices.c.kind == NoticeKind.SECURITY.value)
    with reading(env.engine) as connection:
        return connection.execute(select(func.count()).select_from(notices).where(told)).scalar_one()


def second_phone(env: HttpFixture, member: Member, phone: Device) -> Device:
    """Linked with a code, signed for by the first and known to the ledger."""
    device, code = env.new_key(), env.devices.make_code(member.id, SERVICE, "essai")
    env.devices.link(
        NewDevice(code, device.public_key, device.sign(f"alba-device:{code}:{device.public_key}"), "Tablette")
    )
    (tied,) = [one for one in env.members.devices(member.id) if one.signer_address == device.address]
    env.devices.let_sign(member.id, tied.id, env.word(member, phone, device.address))
    env.apply_commands()
    return device


def access_of(browser: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/v1/me/access").json()
    return found


def address_of(device: Device) -> str:
    return address_of_point(point_of_text(device.public_key))


def is_in(browser: TestClient) -> bool:
    return bool(browser.get("/v1/me/access").status_code == 200)


def test_a_member_sees_where_the_account_is_open_and_since_when(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    browser = by_device(app, phone)
    passkey = added_passkey(browser)
    env.clock.advance_ms(60_000)
    laptop = by_passkey(app, passkey)
    found = access_of(laptop)
    now = env.clock.now_unix_ms()
    assert [(one["method"], one["browser"], one["is_this"]) for one in found["sessions"]] == [
        ("passkey", "Safari, Mac", True),
        ("device", "Firefox, Android", False),
    ]
    assert [one["last_seen_at_unix_ms"] for one in found["sessions"]] == [now, now - 60_000]
    (kept,) = found["passkeys"]
    assert (kept["credential_id"], kept["browser"]) == (encode(passkey.credential_id), "Firefox, Android")
    assert (kept["created_at_unix_ms"], kept["last_used_at_unix_ms"]) == (now - 60_000, now)
    (device,) = found["devices"]
    assert (device["signer_address"], device["last_used_at_unix_ms"]) == (address_of(phone), now - 60_000)


def test_a_phone_that_stays_signed_in_is_in_use_whenever_it_is(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    browser = by_device(app, phone)
    env.clock.advance_ms(24 * 3_600_000)
    (device,) = access_of(browser)["devices"]
    assert device["last_used_at_unix_ms"] == env.clock.now_unix_ms()
    passkey = added_passkey(by_device(app, phone))
    laptop = by_passkey(app, passkey)
    env.clock.advance_ms(24 * 3_600_000)
    (kept,) = access_of(laptop)["passkeys"]
    assert kept["last_used_at_unix_ms"] == env.clock.now_unix_ms()


def test_one_session_is_ended_or_all_others_and_never_anothers(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    _, strangers = env.visitor()
    here, there, elsewhere = (by_device(app, phone) for _ in range(3))
    stranger = by_device(app, strangers)
    (foreign,) = [one["id"] for one in access_of(stranger)["sessions"]]
    assert here.delete(f"/v1/me/sessions/{foreign}").json()["code"] == "session.unknown"
    assert is_in(stranger)

    (there_id,) = [one["id"] for one in access_of(there)["sessions"] if one["is_this"]]
    assert here.delete(f"/v1/me/sessions/{there_id}").status_code == 204
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)
    assert here.delete(f"/v1/me/sessions/{there_id}").json()["code"] == "session.unknown"

    assert here.delete("/v1/me/sessions").status_code == 204
    assert (is_in(here), is_in(elsewhere), is_in(stranger)) == (True, False, True)


def test_a_session_that_has_ended_by_itself_is_not_shown(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    by_device(app, phone)
    env.clock.advance_ms(IDLE_LIFETIME_MS["member"])
    assert [one["is_this"] for one in access_of(by_device(app, phone))["sessions"]] == [True]


def test_a_removed_passkey_lets_nobody_in_and_what_it_had_opened_ends(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    browser = by_device(app, phone)
    passkey = added_passkey(browser)
    laptop = by_passkey(app, passkey)
    waiting = laptop.post("/v1/session/passkey/options").json()  # asked for before, answered after
    there = by_passkey(app, passkey)
    assert there.delete(f"/v1/me/passkeys/{encode(passkey.credential_id)}").status_code == 204
    assert not is_in(laptop)
    assert is_in(browser)
    answer = laptop.post("/v1/session/passkey/verify", json={"credential": passkey.get(waiting)})
    assert answer.json()["code"] == "session.passkey_refused"
    assert access_of(browser)["passkeys"] == []
    again = browser.delete(f"/v1/me/passkeys/{encode(passkey.credential_id)}")
    assert again.json()["code"] == "passkey.unknown"
    assert env.acts()[-1] == "passkey.removed"


def test_a_removed_passkey_that_paid_is_taken_from_the_ledger_too(env: HttpFixture, app: FastAPI) -> None:
    member, phone = env.visitor()
    browser = by_device(app, phone)
    passkey = signing_passkey(env, browser, member, phone)
    credential_id = encode(passkey.credential_id)
    word = env.word(member, phone, address_of_point(p256.point_of(passkey.key)), PASSKEY_SIGNER)
    body = {"credential_id": credential_id, "addition": as_body(word)}
    assert browser.post("/v1/passkeys/signer", json=body).status_code == 202
    env.apply_commands()
    (signer,) = [one for one in access_of(browser)["devices"] if one["key_kind"] == "passkey"]
    assert by_passkey(app, passkey).delete(f"/v1/me/passkeys/{credential_id}").status_code == 204
    wanted = ("removeSigner", [member.account_address, signer["signer_address"]], "REGISTRAR")
    assert list(env.commands.by_ref.values())[-1] == wanted
    states = {one.id: one.state.value for one in env.members.devices(member.id)}
    assert states[signer["id"]] == "revoked"


def test_a_removed_phone_neither_comes_back_nor_pays(env: HttpFixture, app: FastAPI) -> None:
    member, phone = env.visitor()
    lost = second_phone(env, member, phone)
    browser, with_the_lost = by_device(app, phone), by_device(app, lost)
    (row,) = [one for one in access_of(browser)["devices"] if one["signer_address"] == address_of(lost)]
    assert browser.delete(f"/v1/me/devices/{row['id']}").status_code == 204
    assert (is_in(browser), is_in(with_the_lost)) == (True, False)
    assert sign_in_with(client_of(app), lost).json()["code"] == "session.device_unknown"
    wanted = ("removeSigner", [member.account_address, address_of(lost)], "REGISTRAR")
    assert list(env.commands.by_ref.values())[-1] == wanted
    env.project("SignerAdded", {"account": member.account_address, "signer": address_of(lost)})  # late news
    assert [one["signer_address"] for one in access_of(browser)["devices"]] == [address_of(phone)]
    assert browser.delete(f"/v1/me/devices/{row['id']}").json()["code"] == "device.unknown"
    assert env.acts()[-1] == "device.removed"


def only_looking_phone(env: HttpFixture, member: Member) -> tuple[Device, str]:
    """Tied by the issuer's code, and nobody has signed for it; its id."""
    device, code = env.new_key(), env.devices.make_code(member.id, SERVICE, "essai")
    env.devices.link(
        NewDevice(code, device.public_key, device.sign(f"alba-device:{code}:{device.public_key}"), "Tablette")
    )
    (tied,) = [one for one in env.members.devices(member.id) if one.signer_address == device.address]
    return device, tied.id


@pytest.mark.parametrize(
    ("asked", "is_taken_from_the_ledger"),
    [(None, False), ("failed", False), ("queued", True), ("sent", True)],
)
def test_of_a_phone_that_never_signed_the_ledger_is_asked_nothing(
    env: HttpFixture, app: FastAPI, asked: str | None, is_taken_from_the_ledger: bool
) -> None:
    """It would refuse. But where it was asked to let it sign, it may come to know it yet."""
    member, phone = env.visitor()
    browser = by_device(app, phone)
    device, device_id = only_looking_phone(env, member)
    if asked is not None:
        ref = f"signer:{device_id}:0"
        with UnitOfWork(env.engine) as work:
            SqlCommandQueue(env.clock).queue_command(work.connection, "addSigner", [], "REGISTRAR", ref)
            work.connection.execute(
                update(chain_commands).where(chain_commands.c.ref == ref).values(state=asked)
            )
    assert browser.delete(f"/v1/me/devices/{device_id}").status_code == 204
    removed = ("removeSigner", [member.account_address, address_of(device)], "REGISTRAR")
    assert (removed in env.commands.by_ref.values()) is is_taken_from_the_ledger
    assert device_id not in {one["id"] for one in access_of(browser)["devices"]}


def test_the_phone_that_opened_the_account_can_be_removed_too(env: HttpFixture, app: FastAPI) -> None:
    member, first = env.visitor()
    second = second_phone(env, member, first)
    browser = by_device(app, second)
    (row,) = [one for one in access_of(browser)["devices"] if one["signer_address"] == member.account_address]
    assert browser.delete(f"/v1/me/devices/{row['id']}").status_code == 204
    assert sign_in_with(client_of(app), first).status_code == 401


def test_the_last_way_in_and_the_last_key_that_pays_stay(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    browser = by_device(app, phone)
    (row,) = access_of(browser)["devices"]
    assert browser.delete(f"/v1/me/devices/{row['id']}").json()["code"] == "access.last_way_in"
    passkey = added_passkey(browser)  # opens, but does not pay
    assert browser.delete(f"/v1/me/devices/{row['id']}").json()["code"] == "access.last_signer"
    assert is_in(browser)
    assert sign_in_with(client_of(app), phone).status_code == 200
    assert open_with(client_of(app), passkey).status_code == 200
    assert [kind for kind, _, _ in env.commands.by_ref.values()] == ["enrol"]


def test_nobody_removes_what_is_anothers(env: HttpFixture, app: FastAPI) -> None:
    _, phone = env.visitor()
    _, strangers = env.visitor()
    stranger, browser = by_device(app, strangers), by_device(app, phone)
    passkey = added_passkey(stranger)
    (row,) = access_of(stranger)["devices"]
    assert browser.delete(f"/v1/me/devices/{row['id']}").json()["code"] == "device.unknown"
    refused = browser.delete(f"/v1/me/passkeys/{encode(passkey.credential_id)}")
    assert refused.json()["code"] == "passkey.unknown"
    assert open_with(client_of(app), passkey).status_code == 200


@pytest.mark.parametrize("path", ["sessions", "sessions/X", "passkeys/X", "devices/X"])
def test_ending_access_asks_who_one_is(env: HttpFixture, app: FastAPI, path: str) -> None:
    _, phone = env.visitor()
    browser = by_device(app, phone)
    env.clock.advance_ms(FRESH_SESSION_MS + 1)
    assert browser.delete(f"/v1/me/{path}").json()["code"] == "session.too_old"


def test_a_lost_phone_undoes_nothing_of_a_frozen_account(env: HttpFixture, app: FastAPI) -> None:
    """Whoever holds it must not take the owner's passkey away, nor make one and thaw with it."""
    member, phone = env.visitor()
    thief = by_device(app, phone)
    waiting = thief.post("/v1/passkeys/options").json()  # before there was any passkey
    owners = added_passkey(thief)
    owner = by_passkey(app, owners)
    new_phone = second_phone(env, member, phone)
    (kept,) = (one for one in access_of(owner)["devices"] if one["signer_address"] == address_of(new_phone))
    assert owner.post("/v1/me/freeze").status_code == 204
    own = Authenticator(WALLET_ORIGIN)
    made = own.create(waiting)
    for answer in (
        thief.delete(f"/v1/me/passkeys/{encode(owners.credential_id)}"),
        thief.delete(f"/v1/me/devices/{kept['id']}"),
        thief.post("/v1/passkeys/verify", json={"credential": made}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "access.passkey_wanted")
    assert thief.delete("/v1/me/freeze").json()["code"] == "freeze.passkey_needed"
    assert len(access_of(owner)["passkeys"]) == 1
    assert owner.delete(f"/v1/me/devices/{kept['id']}").status_code == 204
    assert owner.delete("/v1/me/freeze").status_code == 204


def test_a_thief_who_is_faster_than_the_freeze_takes_no_passkey_away(env: HttpFixture, app: FastAPI) -> None:
    """Nor adds one of their own, with which they would lift what the owner freezes next."""
    _, phone = env.visitor()
    thief = by_device(app, phone)
    owners = added_passkey(thief)  # while the phone was its owner's
    path = f"/v1/me/passkeys/{encode(owners.credential_id)}"
    for answer in (thief.delete(path), thief.post("/v1/passkeys/options")):
        assert (answer.status_code, answer.json()["code"]) == (403, "access.passkey_wanted")
    owner = by_passkey(app, owners)
    assert len(access_of(owner)["passkeys"]) == 1
    assert added_passkey(owner) is not None
    assert owner.delete(path).status_code == 204


def test_a_passkey_that_cannot_be_shown_goes_after_three_days(env: HttpFixture, app: FastAPI) -> None:
    member, phone = env.visitor()
    browser = by_device(app, phone)
    broken = added_passkey(browser)
    path = f"/v1/me/passkeys/{encode(broken.credential_id)}/removal"
    told = security_notices(env, member)
    asked = browser.post(path)
    due_unix_ms = env.clock.now_unix_ms() + REMOVAL_DELAY_MS
    assert (asked.status_code, asked.json()) == (202, {"removed_at_unix_ms": due_unix_ms})
    assert security_notices(env, member) == told + 1
    (shown,) = access_of(browser)["passkeys"]
    assert shown["removed_at_unix_ms"] == due_unix_ms
    env.clock.advance_ms(REMOVAL_DELAY_MS - 1)
    assert env.access.remove_due_passkeys() == 0
    env.clock.advance_ms(1)
    assert env.access.remove_due_passkeys() == 1
    assert security_notices(env, member) == told + 2
    assert open_with(client_of(app), broken).json()["code"] == "session.passkey_refused"
    assert env.acts()[-2:] == ["passkey.removal_asked", "passkey.removed"]
    assert added_passkey(by_device(app, phone))


@pytest.mark.parametrize("how", ["used", "kept", "frozen"])
def test_its_owner_says_no_meanwhile(env: HttpFixture, app: FastAPI, how: str) -> None:
    _, phone = env.visitor()
    thief = by_device(app, phone)
    owners = added_passkey(thief)
    path = f"/v1/me/passkeys/{encode(owners.credential_id)}/removal"
    assert thief.post(path).status_code == 202
    if how == "used":
        by_passkey(app, owners)
    elif how == "kept":
        assert by_device(app, phone).delete(path).status_code == 204
    else:
        assert by_device(app, phone).post("/v1/me/freeze").status_code == 204
        assert by_device(app, phone).post(path).json()["code"] == "access.passkey_wanted"
    env.clock.advance_ms(REMOVAL_DELAY_MS)
    assert env.access.remove_due_passkeys() == 0
    (kept,) = access_of(by_passkey(app, owners))["passkeys"]
    assert kept["removed_at_unix_ms"] is None


def test_the_last_way_in_is_not_even_asked_away(env: HttpFixture, app: FastAPI) -> None:
    member, phone = env.visitor()
    browser = by_device(app, phone)
    passkey = signing_passkey(env, browser, member, phone)
    owner = by_passkey(app, passkey)
    (row,) = (one for one in access_of(owner)["devices"] if one["key_kind"] != "passkey")
    assert owner.delete(f"/v1/me/devices/{row['id']}").status_code == 204
    path = f"/v1/me/passkeys/{encode(passkey.credential_id)}/removal"
    assert owner.post(path).json()["code"] == "access.last_way_in"
