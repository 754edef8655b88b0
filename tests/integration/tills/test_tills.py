"""Tills: paired once, believed only by their signature, stopped at once by their merchant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from tests.support.databases import counted_commits
from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.tables.members import till_nonces
from wallet_service.tills.errors import (
    NotAProfessional,
    PairingCodeRefused,
    TillAccessRevoked,
    TillClockWrong,
    TillNotFound,
    TillRequestReplayed,
    TillSignatureInvalid,
    TillUnknown,
)
from wallet_service.tills.service import PAIRING_CODE_LIFETIME_MS, READING_METHODS, REQUEST_TIME_TOLERANCE_MS


@pytest.fixture
def env(engine: Engine) -> HttpFixture:
    return build_http_fixture(engine)


def test_a_tablet_is_paired_with_a_code_typed_by_hand(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    made = env.tills.make_pairing_code(merchant.id, "Caisse du marché")
    tablet = env.new_key()
    typed = made.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    paired = env.tills.pair(typed, tablet.public_key, None)
    assert (paired.member_name, paired.label) == ("Fournil des Deux Rives", "Caisse du marché")
    request = tablet.signed_request(paired.till_id, "GET", "/v1/till/me", env.clock.now_unix_ms())
    assert env.tills.authenticate(request).member_id == merchant.id


def test_a_lost_answer_to_pairing_may_be_asked_again_by_the_same_tablet_only(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    code = env.tills.make_pairing_code(merchant.id, "").code
    tablet, thief = env.new_key(), env.new_key()
    first = env.tills.pair(code, tablet.public_key, None)
    assert env.tills.pair(code, tablet.public_key, None) == first
    with pytest.raises(PairingCodeRefused):
        env.tills.pair(code, thief.public_key, None)
    assert len(env.tills.list_tills(merchant.id)) == 1


def test_a_pairing_code_dies_after_ten_minutes_or_those_it_was_given(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    code = env.tills.make_pairing_code(merchant.id, "").code
    longer = env.tills.make_pairing_code(merchant.id, "", PAIRING_CODE_LIFETIME_MS + 1).code
    env.clock.advance_ms(PAIRING_CODE_LIFETIME_MS)
    with pytest.raises(PairingCodeRefused):
        env.tills.pair(code, env.new_key().public_key, None)
    assert env.tills.pair(longer, env.new_key().public_key, None).till_id


def test_an_unknown_code_pairs_nothing(env: HttpFixture) -> None:
    with pytest.raises(PairingCodeRefused):
        env.tills.pair("ABCD-1234", env.new_key().public_key, None)


def test_a_resident_may_not_have_a_till(env: HttpFixture) -> None:
    resident, _ = env.visitor()
    with pytest.raises(NotAProfessional):
        env.tills.make_pairing_code(resident.id, "Caisse")


def test_the_same_signed_request_is_believed_once(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    request = tablet.signed_request(till_id, "POST", "/v1/till/sales", env.clock.now_unix_ms(), b"{}")
    env.tills.authenticate(request)
    with pytest.raises(TillRequestReplayed):
        env.tills.authenticate(request)
    env.clock.advance_ms(REQUEST_TIME_TOLERANCE_MS)
    with pytest.raises(TillRequestReplayed):
        env.tills.authenticate(request)
    env.clock.advance_ms(1)
    with pytest.raises(TillClockWrong):
        env.tills.authenticate(request)


@pytest.mark.parametrize("method", sorted(READING_METHODS))
def test_reading_is_believed_by_time_and_signature_and_writes_nothing(env: HttpFixture, method: str) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    request = tablet.signed_request(till_id, method, "/v1/till/sales", env.clock.now_unix_ms())
    with counted_commits(env.engine) as commits:
        for _ in range(2):
            assert env.tills.authenticate(request).till_id == till_id
    assert commits == []
    with env.engine.connect() as connection:
        assert connection.execute(select(till_nonces)).all() == []
    env.clock.advance_ms(REQUEST_TIME_TOLERANCE_MS + 1)
    with pytest.raises(TillClockWrong):
        env.tills.authenticate(request)


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "get", "OPTIONS"])
def test_whatever_is_not_a_plain_reading_is_believed_once(env: HttpFixture, method: str) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    request = tablet.signed_request(till_id, method, "/v1/till/sales", env.clock.now_unix_ms())
    env.tills.authenticate(request)
    with pytest.raises(TillRequestReplayed):
        env.tills.authenticate(request)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", "DELETE"),
        ("target", "/v1/till/sales?limit=9"),
        ("time_text", "1795500000001"),
        ("nonce", "another-nonce"),
        ("nonce", "x"),
        ("body", b'{"amount_cents":1}'),
        ("signature", "AAAA"),
        ("signature", "é"),
    ],
)
def test_a_request_changed_after_signing_is_refused(env: HttpFixture, field: str, value: object) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    request = tablet.signed_request(till_id, "POST", "/v1/till/sales", env.clock.now_unix_ms(), b"{}")
    with pytest.raises(TillSignatureInvalid):
        env.tills.authenticate(replace(request, **{field: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize("skew_ms", [-REQUEST_TIME_TOLERANCE_MS - 1, REQUEST_TIME_TOLERANCE_MS + 1])
def test_a_till_whose_clock_is_wrong_is_told_the_servers_time(env: HttpFixture, skew_ms: int) -> None:
    merchant, _ = env.merchant()
    till_id, tablet = env.till(merchant)
    now = env.clock.now_unix_ms()
    with pytest.raises(TillClockWrong) as refusal:
        env.tills.authenticate(tablet.signed_request(till_id, "GET", "/v1/till/me", now + skew_ms))
    assert refusal.value.values == {"server_time_unix_ms": now}


def test_one_till_cannot_sign_for_another(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    till_id, _ = env.till(merchant)
    _, other = env.till(merchant)
    with pytest.raises(TillSignatureInvalid):
        env.tills.authenticate(other.signed_request(till_id, "GET", "/v1/till/me", env.clock.now_unix_ms()))


def test_a_revoked_till_is_refused_at_once_and_its_merchant_alone_may_revoke(env: HttpFixture) -> None:
    merchant, _ = env.merchant()
    stranger, _ = env.visitor()
    till_id, tablet = env.till(merchant)
    with pytest.raises(TillNotFound):
        env.tills.revoke(stranger.id, till_id)
    env.tills.revoke(merchant.id, till_id)
    env.tills.revoke(merchant.id, till_id)
    with pytest.raises(TillAccessRevoked):
        env.tills.authenticate(tablet.signed_request(till_id, "GET", "/v1/till/me", env.clock.now_unix_ms()))
    assert [till.state for till in env.tills.list_tills(merchant.id)] == ["revoked"]
    assert env.acts().count("till.revoked") == 1


def test_an_unknown_till_is_refused(env: HttpFixture) -> None:
    with pytest.raises(TillUnknown):
        env.tills.authenticate(
            env.new_key().signed_request("NOBODY", "GET", "/v1/till/me", env.clock.now_unix_ms())
        )
