"""Passkeys: the right person, origin, challenge and gesture, or nothing."""

from __future__ import annotations

import cbor2
import pytest
from sqlalchemy import Engine, update

from tests.support.authenticator import BACKUP_ELIGIBLE, USER_PRESENT, Authenticator, encode
from tests.support.web import CONSOLE_ORIGIN, WALLET_ORIGIN, HttpFixture, build_http_fixture
from wallet_service.database.tables.identity import passkeys
from wallet_service.platform.journal import SERVICE, Filter, Subject
from wallet_service.protocol.signing import p256
from wallet_service.security.errors import (
    ChallengeUnknown,
    PasskeyCannotSign,
    PasskeyInvalid,
    PasskeyRefused,
    PasskeyUnknown,
)
from wallet_service.security.tokens import decode


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def registered(env: HttpFixture, member_id: str) -> Authenticator:
    authenticator = Authenticator(WALLET_ORIGIN)
    options = env.passkeys.registration_options("member", member_id, "Camille R.")
    env.passkeys.register("member", member_id, authenticator.create(options))
    return authenticator


def test_a_member_signs_in_with_a_passkey(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    assert env.passkeys.credential_ids("member", member.id) == [encode(authenticator.credential_id)]
    signed_in = env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))
    session = env.sessions.find(signed_in.session.token)
    assert session is not None
    assert (session.subject_id, session.method) == (member.id, "passkey")


def test_only_a_key_the_ledger_can_check_signs(env: HttpFixture, engine: Engine) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    passkey = encode(authenticator.credential_id)
    point = p256.point_of(authenticator.key)
    assert env.passkeys.signing_point("member", member.id, passkey) == point
    for member_id, credential_id in ((member.id, encode(b"another")), (env.visitor()[0].id, passkey)):
        with pytest.raises(PasskeyUnknown):
            env.passkeys.signing_point("member", member_id, credential_id)
    rsa = cbor2.dumps({1: 3, 3: -257, -1: b"\xc1" * 256, -2: b"\x01\x00\x01"})  # RFC 8230, RS256
    with engine.begin() as connection:
        connection.execute(update(passkeys).values(public_key=rsa))
    with pytest.raises(PasskeyCannotSign):
        env.passkeys.signing_point("member", member.id, passkey)


def test_members_are_asked_for_the_ledgers_algorithm_first(env: HttpFixture) -> None:
    member, _ = env.visitor()
    options = env.passkeys.registration_options("member", member.id, "x")
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -257]


def test_options_require_the_user_and_name_no_credential(env: HttpFixture) -> None:
    member, _ = env.visitor()
    registered(env, member.id)
    options = env.passkeys.sign_in_options("member")
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    creation = env.passkeys.registration_options("member", member.id, "x")
    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert len(creation["excludeCredentials"]) == 1


def test_no_question_but_a_payments_is_as_long_as_a_payments_digest(env: HttpFixture) -> None:
    """Or a service could hand a payment to who only signs in: the ledger takes a challenge of 32 bytes."""
    member, _ = env.visitor()
    registered(env, member.id)
    asked = (
        env.passkeys.sign_in_options("member"),
        env.passkeys.confirmation_options("member", member.id, "act", 1_000),
    )
    for options in asked:
        challenge = decode(options["challenge"])
        assert challenge.startswith(b"alba access:")
        assert len(challenge) == len(b"alba access:") + 32


def test_an_answer_is_good_once(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    answer = authenticator.get(env.passkeys.sign_in_options("member"))
    env.passkeys.sign_in("member", answer)
    with pytest.raises(ChallengeUnknown):
        env.passkeys.sign_in("member", answer)


def test_a_gesture_without_verification_of_the_user_is_refused(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    authenticator.flags = USER_PRESENT
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))


@pytest.mark.parametrize(
    ("field", "value"), [("origin", "https://elsewhere.example"), ("relying_party", "elsewhere.example")]
)
def test_an_answer_from_another_site_is_refused(env: HttpFixture, field: str, value: str) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    setattr(authenticator, field, value)
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))


def test_an_answer_in_another_persons_name_is_refused(env: HttpFixture) -> None:
    member, _ = env.visitor()
    other, _ = env.visitor()
    authenticator = registered(env, member.id)
    own = authenticator.user_handle
    for handle in (encode(other.id.encode()), "", "!!"):
        authenticator.user_handle = handle
        with pytest.raises(PasskeyRefused):
            env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))
    authenticator.user_handle = own
    answer = authenticator.get(env.passkeys.sign_in_options("member"))
    del answer["response"]["userHandle"]
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("member", answer)
    env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))


def test_a_cloned_authenticator_is_noticed_by_its_counter(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    authenticator.sign_count = 5
    env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))
    authenticator.sign_count = 4
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))


def test_a_credential_kept_on_several_devices_may_count_lower_and_that_is_in_the_journal(
    env: HttpFixture,
) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    authenticator.flags |= BACKUP_ELIGIBLE
    for count in (5, 0, 3):
        authenticator.sign_count = count
        env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))
    found = Filter(act="passkey.lower_count", subject=Subject("member", member.id))
    with env.engine.connect() as connection:
        assert len(env.journal.entries(connection, found)) == 1
    authenticator.flags &= ~BACKUP_ELIGIBLE  # now it says that it is bound to one device
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("member", authenticator.get(env.passkeys.sign_in_options("member")))


def test_another_key_under_a_known_name_is_refused(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    forger = Authenticator(WALLET_ORIGIN, credential_id=authenticator.credential_id)
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("member", forger.get(env.passkeys.sign_in_options("member")))


def test_a_registration_answers_its_own_persons_challenge(env: HttpFixture) -> None:
    member, _ = env.visitor()
    other, _ = env.visitor()
    options = env.passkeys.registration_options("member", member.id, "x")
    with pytest.raises(ChallengeUnknown):
        env.passkeys.register("member", other.id, Authenticator(WALLET_ORIGIN).create(options))
    assert env.passkeys.credential_ids("member", other.id) == []


def test_the_same_credential_is_registered_once(env: HttpFixture) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    options = env.passkeys.registration_options("member", member.id, "x")
    with pytest.raises(PasskeyInvalid):
        env.passkeys.register("member", member.id, authenticator.create(options))


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
def test_nonsense_is_refused_in_both_ceremonies(env: HttpFixture, credential: dict[str, object]) -> None:
    member, _ = env.visitor()
    with pytest.raises((PasskeyRefused, ChallengeUnknown)):
        env.passkeys.sign_in("member", credential)
    with pytest.raises((PasskeyInvalid, ChallengeUnknown)):
        env.passkeys.register("member", member.id, credential)


def test_a_members_passkey_does_not_open_the_console_and_a_revoked_officers_opens_nothing(
    env: HttpFixture,
) -> None:
    member, _ = env.visitor()
    authenticator = registered(env, member.id)
    authenticator.origin = CONSOLE_ORIGIN
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("officer", authenticator.get(env.passkeys.sign_in_options("officer")))

    officer = env.officers.ensure("Agent", [])
    key = Authenticator(CONSOLE_ORIGIN)
    options = env.passkeys.registration_options("officer", officer.id, "Agent")
    env.passkeys.register("officer", officer.id, key.create(options))
    env.passkeys.sign_in("officer", key.get(env.passkeys.sign_in_options("officer")))
    env.officers.revoke(officer.id, SERVICE, "Fin de mission")
    with pytest.raises(PasskeyRefused):
        env.passkeys.sign_in("officer", key.get(env.passkeys.sign_in_options("officer")))
