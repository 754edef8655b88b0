"""Tills: paired once with a code that dies, believed only by their signature, stopped at once by their
merchant.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from tests.support.web import Town, build_town
from wallet_service.members import errors
from wallet_service.members.tills import PAIRING_CODE_LIFETIME_MS, REQUEST_TIME_TOLERANCE_MS


@pytest.fixture
def town(engine: Engine) -> Town:
    return build_town(engine)


def test_a_tablet_is_paired_with_a_code_typed_by_hand(town: Town) -> None:
    merchant, _ = town.merchant()
    made = town.tills.make_pairing_code(merchant.id, "Caisse du marché")
    tablet = town.new_key()
    typed = made.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    paired = town.tills.pair(typed, tablet.public_key, None)
    assert (paired.member_name, paired.label) == ("Fournil des Deux Rives", "Caisse du marché")
    request = tablet.signed_request(paired.till_id, "GET", "/v1/till/me", town.clock.now_unix_ms())
    assert town.tills.authenticate(request).member_id == merchant.id


def test_a_lost_answer_to_pairing_may_be_asked_again_by_the_same_tablet_only(town: Town) -> None:
    merchant, _ = town.merchant()
    code = town.tills.make_pairing_code(merchant.id, "").code
    tablet, thief = town.new_key(), town.new_key()
    first = town.tills.pair(code, tablet.public_key, None)
    assert town.tills.pair(code, tablet.public_key, None) == first
    with pytest.raises(errors.PairingCodeRefused):
        town.tills.pair(code, thief.public_key, None)
    assert len(town.tills.list_tills(merchant.id)) == 1


def test_a_pairing_code_dies_after_ten_minutes(town: Town) -> None:
    merchant, _ = town.merchant()
    code = town.tills.make_pairing_code(merchant.id, "").code
    town.clock.advance_ms(PAIRING_CODE_LIFETIME_MS)
    with pytest.raises(errors.PairingCodeRefused):
        town.tills.pair(code, town.new_key().public_key, None)


def test_an_unknown_code_pairs_nothing(town: Town) -> None:
    with pytest.raises(errors.PairingCodeRefused):
        town.tills.pair("ABCD-1234", town.new_key().public_key, None)


def test_a_resident_may_not_have_a_till(town: Town) -> None:
    resident, _ = town.visitor()
    with pytest.raises(errors.NotAProfessional):
        town.tills.make_pairing_code(resident.id, "Caisse")


def test_the_same_signed_request_is_believed_once(town: Town) -> None:
    merchant, _ = town.merchant()
    till_id, tablet = town.till(merchant)
    request = tablet.signed_request(till_id, "POST", "/v1/till/sales", town.clock.now_unix_ms(), b"{}")
    town.tills.authenticate(request)
    with pytest.raises(errors.TillRequestReplayed):
        town.tills.authenticate(request)
    town.clock.advance_ms(REQUEST_TIME_TOLERANCE_MS)
    with pytest.raises(errors.TillRequestReplayed):
        town.tills.authenticate(request)
    town.clock.advance_ms(1)
    with pytest.raises(errors.TillClockWrong):
        town.tills.authenticate(request)


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
def test_a_request_changed_after_signing_is_refused(town: Town, field: str, value: object) -> None:
    merchant, _ = town.merchant()
    till_id, tablet = town.till(merchant)
    request = tablet.signed_request(till_id, "POST", "/v1/till/sales", town.clock.now_unix_ms(), b"{}")
    with pytest.raises(errors.TillSignatureInvalid):
        town.tills.authenticate(replace(request, **{field: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize("skew_ms", [-REQUEST_TIME_TOLERANCE_MS - 1, REQUEST_TIME_TOLERANCE_MS + 1])
def test_a_till_whose_clock_is_wrong_is_told_the_servers_time(town: Town, skew_ms: int) -> None:
    merchant, _ = town.merchant()
    till_id, tablet = town.till(merchant)
    now = town.clock.now_unix_ms()
    with pytest.raises(errors.TillClockWrong) as refusal:
        town.tills.authenticate(tablet.signed_request(till_id, "GET", "/v1/till/me", now + skew_ms))
    assert refusal.value.values == {"server_time_unix_ms": now}


def test_one_till_cannot_sign_for_another(town: Town) -> None:
    merchant, _ = town.merchant()
    till_id, _ = town.till(merchant)
    _, other = town.till(merchant)
    with pytest.raises(errors.TillSignatureInvalid):
        town.tills.authenticate(other.signed_request(till_id, "GET", "/v1/till/me", town.clock.now_unix_ms()))


def test_a_revoked_till_is_refused_at_once_and_its_merchant_alone_may_revoke(town: Town) -> None:
    merchant, _ = town.merchant()
    stranger, _ = town.visitor()
    till_id, tablet = town.till(merchant)
    with pytest.raises(errors.TillNotFound):
        town.tills.revoke(stranger.id, till_id)
    town.tills.revoke(merchant.id, till_id)
    town.tills.revoke(merchant.id, till_id)
    with pytest.raises(errors.TillRevoked):
        town.tills.authenticate(
            tablet.signed_request(till_id, "GET", "/v1/till/me", town.clock.now_unix_ms())
        )
    assert [till["state"] for till in town.tills.list_tills(merchant.id)] == ["revoked"]
    assert town.acts().count("till.revoked") == 1


def test_an_unknown_till_is_refused(town: Town) -> None:
    with pytest.raises(errors.TillUnknown):
        town.tills.authenticate(
            town.new_key().signed_request("NOBODY", "GET", "/v1/till/me", town.clock.now_unix_ms())
        )
