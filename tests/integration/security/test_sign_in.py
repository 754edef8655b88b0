"""Signing in: by device key, by officer's code; sessions end when they should."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine

from tests.support.web import Device, HttpFixture, build_http_fixture
from wallet_service.platform.journal import SERVICE
from wallet_service.security.challenges import CHALLENGE_LIFETIME_MS
from wallet_service.security.errors import (
    ChallengeUnknown,
    DeviceUnknown,
    KeyInvalid,
    OfficerCodeRefused,
    OfficerUnknown,
)
from wallet_service.security.officers import OFFICER_CODE_LIFETIME_MS
from wallet_service.security.sessions import ABSOLUTE_LIFETIME_MS, HOUR_MS, IDLE_LIFETIME_MS


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def sign_in(env: HttpFixture, device: Device) -> str:
    challenge = env.device_sign_in.challenge(device.public_key)
    signature = device.sign(f"alba-sign-in:{challenge}")
    return env.device_sign_in.sign_in(challenge, device.public_key, signature).session.token


def test_a_device_signs_in_with_its_key(env: HttpFixture) -> None:
    member, device = env.visitor()
    session = env.sessions.find(sign_in(env, device))
    assert session is not None
    assert (session.subject_kind, session.subject_id, session.method) == ("member", member.id, "device")


def test_a_challenge_is_answered_once_by_its_own_key_in_time(env: HttpFixture) -> None:
    _, device = env.visitor()
    _, other = env.visitor()
    challenge = env.device_sign_in.challenge(device.public_key)
    signature = device.sign(f"alba-sign-in:{challenge}")
    env.device_sign_in.sign_in(challenge, device.public_key, signature)
    with pytest.raises(ChallengeUnknown):
        env.device_sign_in.sign_in(challenge, device.public_key, signature)

    challenge = env.device_sign_in.challenge(device.public_key)
    with pytest.raises(DeviceUnknown):
        env.device_sign_in.sign_in(challenge, other.public_key, other.sign(f"alba-sign-in:{challenge}"))

    challenge = env.device_sign_in.challenge(device.public_key)
    env.clock.advance_ms(CHALLENGE_LIFETIME_MS)
    with pytest.raises(ChallengeUnknown):
        env.device_sign_in.sign_in(challenge, device.public_key, device.sign(f"alba-sign-in:{challenge}"))


def test_a_wrong_signature_uses_its_challenge_up(env: HttpFixture) -> None:
    _, device = env.visitor()
    challenge = env.device_sign_in.challenge(device.public_key)
    with pytest.raises(DeviceUnknown):
        env.device_sign_in.sign_in(challenge, device.public_key, device.sign(challenge))
    with pytest.raises(ChallengeUnknown):
        env.device_sign_in.sign_in(challenge, device.public_key, device.sign(f"alba-sign-in:{challenge}"))


def test_an_unknown_device_gets_a_challenge_like_any_other_and_no_session(env: HttpFixture) -> None:
    with pytest.raises(DeviceUnknown):
        sign_in(env, env.new_key())
    with pytest.raises(KeyInvalid):
        env.device_sign_in.challenge("0x" + "00" * 64)


@pytest.mark.parametrize("kind", ["member", "officer"])
def test_a_session_ends_after_its_idle_time(env: HttpFixture, kind: str) -> None:
    token = env.sessions.open_now(kind, "S1", "passkey").token  # type: ignore[arg-type]
    env.clock.advance_ms(IDLE_LIFETIME_MS[kind] - 1)
    assert env.sessions.find(token) is not None
    env.clock.advance_ms(IDLE_LIFETIME_MS[kind])
    assert env.sessions.find(token) is None


@pytest.mark.parametrize("kind", ["member", "officer"])
def test_a_session_in_constant_use_ends_at_its_absolute_time(env: HttpFixture, kind: str) -> None:
    token = env.sessions.open_now(kind, "S1", "passkey").token  # type: ignore[arg-type]
    end = env.clock.now_unix_ms() + ABSOLUTE_LIFETIME_MS[kind]
    step_ms = IDLE_LIFETIME_MS[kind] // 2
    while env.clock.now_unix_ms() + step_ms < end:
        assert env.sessions.find(token) is not None
        env.clock.advance_ms(step_ms)
    env.clock.move_to_unix_ms(end)
    assert env.sessions.find(token) is None
    assert env.sessions.forget_expired() == 1


def test_a_closed_session_is_gone(env: HttpFixture) -> None:
    token = env.sessions.open_now("member", "S1", "device").token
    env.sessions.close(token)
    assert env.sessions.find(token) is None
    assert env.sessions.find("x" * 1000) is None


def test_an_officers_code_opens_the_console_once(env: HttpFixture) -> None:
    officer = env.officers.ensure("Agent identité", ["identity"])
    assert officer.rights == {"identity", "observe"}
    code = env.officers.make_code(officer.id)
    session = env.sessions.find(env.officers.sign_in_with_code(code.lower()).session.token)
    assert session is not None
    assert (session.subject_kind, session.subject_id) == ("officer", officer.id)
    with pytest.raises(OfficerCodeRefused):
        env.officers.sign_in_with_code(code)


def test_the_same_officers_code_typed_twice_at_once_opens_one_session(env: HttpFixture) -> None:
    officer = env.officers.ensure("Agent", [])
    code = env.officers.make_code(officer.id)
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            env.officers.sign_in_with_code(code)
            outcomes.append("in")
        except OfficerCodeRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 5


def test_an_officers_code_expires_and_a_revoked_officer_is_out_at_once(env: HttpFixture) -> None:
    officer = env.officers.ensure("Agent", ["treasury"])
    code = env.officers.make_code(officer.id)
    env.clock.advance_ms(OFFICER_CODE_LIFETIME_MS)
    with pytest.raises(OfficerCodeRefused):
        env.officers.sign_in_with_code(code)

    code, spare = env.officers.make_code(officer.id), env.officers.make_code(officer.id)
    token = env.officers.sign_in_with_code(code).session.token
    env.officers.revoke(officer.id, SERVICE, "Fin de mission")
    assert env.sessions.find(token) is None
    assert env.officers.find(officer.id) is None
    with pytest.raises(OfficerCodeRefused):
        env.officers.sign_in_with_code(spare)
    with pytest.raises(OfficerUnknown):
        env.officers.make_code(officer.id)


def test_ensuring_an_officer_again_keeps_one_and_sets_the_rights(env: HttpFixture) -> None:
    first = env.officers.ensure("Agent", ["treasury"])
    again = env.officers.ensure("Agent", ["treasury", "pause"])
    assert again.id == first.id
    found = env.officers.find(first.id)
    assert found is not None
    assert found.rights == {"observe", "treasury", "pause"}
    assert env.acts() == ["officer.created", "officer.rights_set"]
    with pytest.raises(ValueError, match="unknown rights"):
        env.officers.ensure("Agent", ["everything"])


def test_lifetimes_are_what_the_security_bar_asks() -> None:
    assert ABSOLUTE_LIFETIME_MS["officer"] <= 12 * HOUR_MS
    assert IDLE_LIFETIME_MS["officer"] <= HOUR_MS // 2
