"""Signing in: by device key, by officer's code; sessions end when they should."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine

from tests.support.web import Device, Town, build_town
from wallet_service.identity import errors
from wallet_service.identity.challenges import CHALLENGE_LIFETIME_MS
from wallet_service.identity.officers import OFFICER_CODE_LIFETIME_MS
from wallet_service.identity.sessions import ABSOLUTE_LIFETIME_MS, HOUR_MS, IDLE_LIFETIME_MS
from wallet_service.journal import SERVICE
from wallet_service.members.errors import KeyInvalid


@pytest.fixture
def town(engine: Engine) -> Town:
    return build_town(engine)


def sign_in(town: Town, device: Device) -> str:
    challenge = town.device_sign_in.challenge(device.public_key)
    signature = device.sign(f"alba-sign-in:{challenge}")
    return town.device_sign_in.sign_in(challenge, device.public_key, signature).session.token


def test_a_device_signs_in_with_its_key(town: Town) -> None:
    member, device = town.visitor()
    session = town.sessions.find(sign_in(town, device))
    assert session is not None
    assert (session.subject_kind, session.subject_id, session.method) == ("member", member.id, "device")


def test_a_challenge_is_answered_once_by_its_own_key_in_time(town: Town) -> None:
    _, device = town.visitor()
    _, other = town.visitor()
    challenge = town.device_sign_in.challenge(device.public_key)
    signature = device.sign(f"alba-sign-in:{challenge}")
    town.device_sign_in.sign_in(challenge, device.public_key, signature)
    with pytest.raises(errors.ChallengeUnknown):
        town.device_sign_in.sign_in(challenge, device.public_key, signature)

    challenge = town.device_sign_in.challenge(device.public_key)
    with pytest.raises(errors.DeviceUnknown):
        town.device_sign_in.sign_in(challenge, other.public_key, other.sign(f"alba-sign-in:{challenge}"))

    challenge = town.device_sign_in.challenge(device.public_key)
    town.clock.advance_ms(CHALLENGE_LIFETIME_MS)
    with pytest.raises(errors.ChallengeUnknown):
        town.device_sign_in.sign_in(challenge, device.public_key, device.sign(f"alba-sign-in:{challenge}"))


def test_a_wrong_signature_uses_its_challenge_up(town: Town) -> None:
    _, device = town.visitor()
    challenge = town.device_sign_in.challenge(device.public_key)
    with pytest.raises(errors.DeviceUnknown):
        town.device_sign_in.sign_in(challenge, device.public_key, device.sign(challenge))
    with pytest.raises(errors.ChallengeUnknown):
        town.device_sign_in.sign_in(challenge, device.public_key, device.sign(f"alba-sign-in:{challenge}"))


def test_an_unknown_device_gets_a_challenge_like_any_other_and_no_session(town: Town) -> None:
    with pytest.raises(errors.DeviceUnknown):
        sign_in(town, town.new_key())
    with pytest.raises(KeyInvalid):
        town.device_sign_in.challenge("0x" + "00" * 64)


@pytest.mark.parametrize("kind", ["member", "officer"])
def test_a_session_ends_after_its_idle_time(town: Town, kind: str) -> None:
    token = town.sessions.open_now(kind, "S1", "passkey").token  # type: ignore[arg-type]
    town.clock.advance_ms(IDLE_LIFETIME_MS[kind] - 1)
    assert town.sessions.find(token) is not None
    town.clock.advance_ms(IDLE_LIFETIME_MS[kind])
    assert town.sessions.find(token) is None


@pytest.mark.parametrize("kind", ["member", "officer"])
def test_a_session_in_constant_use_ends_at_its_absolute_time(town: Town, kind: str) -> None:
    token = town.sessions.open_now(kind, "S1", "passkey").token  # type: ignore[arg-type]
    end = town.clock.now_unix_ms() + ABSOLUTE_LIFETIME_MS[kind]
    step_ms = IDLE_LIFETIME_MS[kind] // 2
    while town.clock.now_unix_ms() + step_ms < end:
        assert town.sessions.find(token) is not None
        town.clock.advance_ms(step_ms)
    town.clock.move_to_unix_ms(end)
    assert town.sessions.find(token) is None
    assert town.sessions.forget_expired() == 1


def test_a_closed_session_is_gone(town: Town) -> None:
    token = town.sessions.open_now("member", "S1", "device").token
    town.sessions.close(token)
    assert town.sessions.find(token) is None
    assert town.sessions.find("x" * 1000) is None


def test_an_officers_code_opens_the_console_once(town: Town) -> None:
    officer = town.officers.ensure("Agent identité", ["identity"])
    assert officer.rights == {"identity", "observe"}
    code = town.officers.make_code(officer.id)
    session = town.sessions.find(town.officers.sign_in_with_code(code.lower()).session.token)
    assert session is not None
    assert (session.subject_kind, session.subject_id) == ("officer", officer.id)
    with pytest.raises(errors.OfficerCodeRefused):
        town.officers.sign_in_with_code(code)


def test_the_same_officers_code_typed_twice_at_once_opens_one_session(town: Town) -> None:
    officer = town.officers.ensure("Agent", [])
    code = town.officers.make_code(officer.id)
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            town.officers.sign_in_with_code(code)
            outcomes.append("in")
        except errors.OfficerCodeRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 5


def test_an_officers_code_expires_and_a_revoked_officer_is_out_at_once(town: Town) -> None:
    officer = town.officers.ensure("Agent", ["treasury"])
    code = town.officers.make_code(officer.id)
    town.clock.advance_ms(OFFICER_CODE_LIFETIME_MS)
    with pytest.raises(errors.OfficerCodeRefused):
        town.officers.sign_in_with_code(code)

    code, spare = town.officers.make_code(officer.id), town.officers.make_code(officer.id)
    token = town.officers.sign_in_with_code(code).session.token
    town.officers.revoke(officer.id, SERVICE, "Fin de mission")
    assert town.sessions.find(token) is None
    assert town.officers.find(officer.id) is None
    with pytest.raises(errors.OfficerCodeRefused):
        town.officers.sign_in_with_code(spare)
    with pytest.raises(errors.OfficerUnknown):
        town.officers.make_code(officer.id)


def test_ensuring_an_officer_again_keeps_one_and_sets_the_rights(town: Town) -> None:
    first = town.officers.ensure("Agent", ["treasury"])
    again = town.officers.ensure("Agent", ["treasury", "pause"])
    assert again.id == first.id
    found = town.officers.find(first.id)
    assert found is not None
    assert found.rights == {"observe", "treasury", "pause"}
    assert town.acts() == ["officer.created", "officer.rights_set"]
    with pytest.raises(ValueError, match="unknown rights"):
        town.officers.ensure("Agent", ["everything"])


def test_lifetimes_are_what_the_security_bar_asks() -> None:
    assert ABSOLUTE_LIFETIME_MS["officer"] <= 12 * HOUR_MS
    assert IDLE_LIFETIME_MS["officer"] <= HOUR_MS // 2
