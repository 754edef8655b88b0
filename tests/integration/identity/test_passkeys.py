"""Passkeys: the right person, origin, challenge and gesture, or nothing."""

from __future__ import annotations

import cbor2
import pytest
from sqlalchemy import Engine, update

from tests.support.authenticator import USER_PRESENT, Authenticator, encode
from tests.support.web import CONSOLE_ORIGIN, WALLET_ORIGIN, Town, build_town
from wallet_service.database.tables.identity import passkeys
from wallet_service.identity import errors
from wallet_service.journal import SERVICE
from wallet_service.protocol import p256


@pytest.fixture
def town(engine: Engine) -> Town:
    return build_town(engine)


def registered(town: Town, member_id: str) -> Authenticator:
    authenticator = Authenticator(WALLET_ORIGIN)
    options = town.passkeys.registration_options("member", member_id, "Camille R.")
    town.passkeys.register("member", member_id, authenticator.create(options))
    return authenticator


def test_a_member_signs_in_with_a_passkey(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    assert town.passkeys.credential_ids("member", member.id) == [encode(authenticator.credential_id)]
    signed_in = town.passkeys.sign_in("member", authenticator.get(town.passkeys.sign_in_options("member")))
    session = town.sessions.find(signed_in.session.token)
    assert session is not None
    assert (session.subject_id, session.method) == (member.id, "passkey")


def test_only_a_key_the_ledger_can_check_signs(town: Town, engine: Engine) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    passkey = encode(authenticator.credential_id)
    point = p256.point_of(authenticator.key)
    assert town.passkeys.signing_point("member", member.id, passkey) == point
    for member_id, credential_id in ((member.id, encode(b"another")), (town.visitor()[0].id, passkey)):
        with pytest.raises(errors.PasskeyUnknown):
            town.passkeys.signing_point("member", member_id, credential_id)
    rsa = cbor2.dumps({1: 3, 3: -257, -1: b"\xc1" * 256, -2: b"\x01\x00\x01"})  # RFC 8230, RS256
    with engine.begin() as connection:
        connection.execute(update(passkeys).values(public_key=rsa))
    with pytest.raises(errors.PasskeyCannotSign):
        town.passkeys.signing_point("member", member.id, passkey)


def test_members_are_asked_for_the_ledgers_algorithm_first(town: Town) -> None:
    member, _ = town.visitor()
    options = town.passkeys.registration_options("member", member.id, "x")
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -257]


def test_options_require_the_user_and_name_no_credential(town: Town) -> None:
    member, _ = town.visitor()
    registered(town, member.id)
    options = town.passkeys.sign_in_options("member")
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    creation = town.passkeys.registration_options("member", member.id, "x")
    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert len(creation["excludeCredentials"]) == 1


def test_an_answer_is_good_once(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    answer = authenticator.get(town.passkeys.sign_in_options("member"))
    town.passkeys.sign_in("member", answer)
    with pytest.raises(errors.ChallengeUnknown):
        town.passkeys.sign_in("member", answer)


def test_a_gesture_without_verification_of_the_user_is_refused(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    authenticator.flags = USER_PRESENT
    with pytest.raises(errors.PasskeyRefused):
        town.passkeys.sign_in("member", authenticator.get(town.passkeys.sign_in_options("member")))


@pytest.mark.parametrize(
    ("field", "value"), [("origin", "https://elsewhere.example"), ("relying_party", "elsewhere.example")]
)
def test_an_answer_from_another_site_is_refused(town: Town, field: str, value: str) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    setattr(authenticator, field, value)
    with pytest.raises(errors.PasskeyRefused):
        town.passkeys.sign_in("member", authenticator.get(town.passkeys.sign_in_options("member")))


def test_a_cloned_authenticator_is_noticed_by_its_counter(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    authenticator.sign_count = 5
    town.passkeys.sign_in("member", authenticator.get(town.passkeys.sign_in_options("member")))
    authenticator.sign_count = 4
    with pytest.raises(errors.PasskeyRefused):
        town.passkeys.sign_in("member", authenticator.get(town.passkeys.sign_in_options("member")))


def test_another_key_under_a_known_name_is_refused(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    forger = Authenticator(WALLET_ORIGIN, credential_id=authenticator.credential_id)
    with pytest.raises(errors.PasskeyRefused):
        town.passkeys.sign_in("member", forger.get(town.passkeys.sign_in_options("member")))


def test_a_registration_answers_its_own_persons_challenge(town: Town) -> None:
    member, _ = town.visitor()
    other, _ = town.visitor()
    options = town.passkeys.registration_options("member", member.id, "x")
    with pytest.raises(errors.ChallengeUnknown):
        town.passkeys.register("member", other.id, Authenticator(WALLET_ORIGIN).create(options))
    assert town.passkeys.credential_ids("member", other.id) == []


def test_the_same_credential_is_registered_once(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    options = town.passkeys.registration_options("member", member.id, "x")
    with pytest.raises(errors.PasskeyInvalid):
        town.passkeys.register("member", member.id, authenticator.create(options))


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "x", "response": {}},
        {"response": {"clientDataJSON": "!!"}},
        {"response": "x"},
        {"id": 7, "response": {"clientDataJSON": 7}},
        {"response": {"clientDataJSON": "x" * 20_000}},
    ],
)
def test_nonsense_is_refused_in_both_ceremonies(town: Town, credential: dict[str, object]) -> None:
    member, _ = town.visitor()
    with pytest.raises((errors.PasskeyRefused, errors.ChallengeUnknown)):
        town.passkeys.sign_in("member", credential)
    with pytest.raises((errors.PasskeyInvalid, errors.ChallengeUnknown)):
        town.passkeys.register("member", member.id, credential)


def test_a_members_passkey_does_not_open_the_console_and_a_revoked_officers_opens_nothing(town: Town) -> None:
    member, _ = town.visitor()
    authenticator = registered(town, member.id)
    authenticator.origin = CONSOLE_ORIGIN
    with pytest.raises(errors.PasskeyRefused):
        town.passkeys.sign_in("officer", authenticator.get(town.passkeys.sign_in_options("officer")))

    officer = town.officers.ensure("Agent", [])
    key = Authenticator(CONSOLE_ORIGIN)
    options = town.passkeys.registration_options("officer", officer.id, "Agent")
    town.passkeys.register("officer", officer.id, key.create(options))
    town.passkeys.sign_in("officer", key.get(town.passkeys.sign_in_options("officer")))
    town.officers.revoke(officer.id, SERVICE, "Fin de mission")
    with pytest.raises(errors.PasskeyRefused):
        town.passkeys.sign_in("officer", key.get(town.passkeys.sign_in_options("officer")))
