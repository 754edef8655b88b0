"""A redemption step by step, as a shop and two officers take it, for tests that kill the service between."""

from __future__ import annotations

import time
from typing import Any

import httpx

from scripts.demo.customer import wait_until
from tests.support.crashable_service import CrashableService
from wallet_service.database.tables.bank import redemptions
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.p256 import point_of
from wallet_service.protocol.signing.typed_data import RedemptionMessage
from wallet_service.protocol.text.identifiers import new_own_ref

REDEEMED_CENTS = 5_00
PAYEE_IBAN = "FR7699999000010000000099928"


def signed_redemption(system: CrashableService, cents: int = REDEEMED_CENTS) -> dict[str, Any]:
    challenge_answer = {"amount_cents": cents, "iban": PAYEE_IBAN, "holder": "Élise Exemple"}
    quote = system.shop.post("/v1/me/redemptions/quote", json=challenge_answer)
    assert quote.is_success, quote.text
    nonce = int(system.shop.get("/v1/me").json()["next_nonce"])
    message = RedemptionMessage(
        system.shop_address,
        cents,
        quote.json()["payee_hash"],
        new_own_ref(system.shop_address),
        int(time.time()) + 600,
        nonce,
    )
    signature = sign_p256(system.shop_key, message.digest(system.phone.domain), point_of(system.shop_key))
    return {
        **challenge_answer,
        "ref": message.ref,
        "nonce": str(nonce),
        "valid_before_unix_s": message.valid_before,
        "signature": "0x" + signature.hex(),
    }


def state_of(system: CrashableService, ref: str) -> str | None:
    found = [row.state for row in system.rows(redemptions, ref=ref)]
    return str(found[0]) if found else None


def comes_to(system: CrashableService, ref: str, state: str) -> None:
    wait_until(lambda: state_of(system, ref) == state, f"the redemption is {state}")


def locked(system: CrashableService, cents: int = REDEEMED_CENTS) -> str:
    """A new redemption, locked; its reference."""
    body = signed_redemption(system, cents)
    answer = system.shop.post("/v1/me/redemptions", json=body)
    assert answer.is_success, answer.text
    comes_to(system, body["ref"], "locked")
    return str(body["ref"])


def prepare(system: CrashableService, ref: str) -> str:
    """A payout file with it; the file's id."""
    answer = system.officers[0].post("/payouts/prepare")
    assert answer.is_success, answer.text[:500]
    return str(system.rows(redemptions, ref=ref)[0].payout_file_id)


def approve(system: CrashableService, payout_file_id: str) -> httpx.Response:
    officer = system.officers[1]
    confirmed = {"officer_code": system.officer_codes[officer]}
    return officer.post(f"/payouts/{payout_file_id}/approve", data=confirmed)


def exported(system: CrashableService, cents: int = REDEEMED_CENTS) -> str:
    ref = locked(system, cents)
    answer = approve(system, prepare(system, ref))
    assert answer.is_success, answer.text[:500]
    assert state_of(system, ref) == "exported"
    return ref
