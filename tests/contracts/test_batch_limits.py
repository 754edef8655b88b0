"""The dearest batch against the limits of blocks and relays; and a batch that is given too little gas.

Too little gas must never look like a bad signature: whatever is given, the whole batch happens or nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from brownie import web3
from ledger_fixture import (
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    TRANSACTION_GAS_CAP,
    VERIFIED,
    LedgerFixture,
    Signed,
    packed,
)
from outcomes import packed_call, send, skips_of, stored, submit, undone
from signing import KINDS, PASSKEY, SigningKey

PROFILES = Path(__file__).resolve().parents[2] / "wallet_service" / "chain" / "node" / "profiles"
RELAY_GAS = min(json.loads(path.read_text())["max_batch_gas"] for path in PROFILES.glob("*.json"))
BLOCK_GAS = 30_000_000
MAX_BATCH = 200
GAS_STEP = 89


@pytest.fixture(scope="module")
def payers(onchain: LedgerFixture) -> list[SigningKey]:
    """Two hundred people with passkeys who have never paid."""
    return onchain.crowd([f"payer {n}" for n in range(MAX_BATCH)], RESIDENT, VERIFIED, PASSKEY, 10_00)


@pytest.fixture(scope="module")
def dearest(onchain: LedgerFixture, payers: list[SigningKey]) -> list[Signed]:
    """Each payer pays for the first time, to a shop that has never held a cent: nothing is shared."""
    shops = [SigningKey(f"new shop {n}", PASSKEY) for n in range(MAX_BATCH)]
    lines = [(shop.address, MERCHANT, PROFESSIONAL, 0, 0) for shop in shops]
    onchain.ledger.enrolMany(lines, {"from": onchain.officers["REGISTRAR"]})
    pairs = zip(payers, shops, strict=True)
    return [onchain.payment(payer, shop, 1_00, nonce=0) for payer, shop in pairs]


def test_the_dearest_two_hundred_fit_in_a_block_and_in_a_transaction(
    onchain: LedgerFixture, dearest: list[Signed]
) -> None:
    assert len(dearest) == MAX_BATCH
    receipt = submit(onchain, packed_call(onchain, packed(dearest)), gas=TRANSACTION_GAS_CAP)
    assert receipt["status"] == 1
    assert skips_of(receipt) == []
    assert receipt["gasUsed"] < TRANSACTION_GAS_CAP < BLOCK_GAS
    for signed in dearest:
        assert onchain.balance(signed.message.payee) == 1_00


def test_what_a_relay_may_not_send_at_once_it_sends_in_halves_with_the_same_outcome(
    onchain: LedgerFixture, dearest: list[Signed]
) -> None:
    with undone():
        send(onchain, onchain.relay, onchain.ledger.settlePacked, packed(dearest))
        whole = stored(onchain)
    for half in (dearest[: MAX_BATCH // 2], dearest[MAX_BATCH // 2 :]):
        receipt = submit(onchain, packed_call(onchain, packed(half)), gas=RELAY_GAS)
        assert receipt["status"] == 1
        assert receipt["gasUsed"] < RELAY_GAS
        assert skips_of(receipt) == []
    assert stored(onchain) == whole


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99, 0.9999])
def test_a_batch_that_runs_out_of_gas_leaves_nothing_and_is_sent_again(
    onchain: LedgerFixture, dearest: list[Signed], share: float
) -> None:
    call = packed_call(onchain, packed(dearest))
    with undone():
        needed = submit(onchain, call)["gasUsed"]
        whole = stored(onchain)
    before = stored(onchain)
    # The bytes themselves are paid first: less than that is no transaction.
    floor = needed - _execution_gas(onchain, call, needed)
    given = floor + int(share * (needed - floor))
    receipt = submit(onchain, call, gas=given)
    assert receipt["status"] == 0
    assert not receipt["logs"]
    assert stored(onchain) == before
    assert submit(onchain, call)["status"] == 1
    assert stored(onchain) == whole


def _execution_gas(onchain: LedgerFixture, call: str, needed: int) -> int:
    """What a batch takes beyond being a transaction of so many bytes (EIP-2028, EIP-7623)."""
    carried = bytes.fromhex(call[2:])
    zeros = carried.count(0)
    tokens = zeros + 4 * (len(carried) - zeros)
    return needed - 21_000 - max(4 * tokens, 10 * tokens)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_gas_is_given_the_whole_batch_happens_or_nothing(
    onchain: LedgerFixture, bakery: Any, kind: int
) -> None:
    """A precompile that ran short would make a good signature look bad: its payment would be skipped."""
    payer = onchain.person(f"payer of kind {kind}", key_kind=kind, money=50_00)
    batch = [onchain.payment(payer, bakery, 1_00, nonce=nonce) for nonce in range(2)]
    call = packed_call(onchain, packed(batch))
    with undone():
        needed = submit(onchain, call)["gasUsed"]
    outcomes = set()
    for gas in range(21_000, needed + needed // 20, GAS_STEP):
        outcomes.add(settled_with(onchain, call, gas))
    assert outcomes == {None, 2}


def settled_with(onchain: LedgerFixture, call: str, gas: int) -> int | None:
    """How many items a batch given that much gas settles, or None when it reverts."""
    question = {"from": str(onchain.relay), "to": onchain.ledger.address, "data": call, "gas": hex(gas)}
    answer = web3.provider.make_request("eth_call", [question, "latest"])
    return None if "error" in answer else int(answer["result"], 16)


def test_the_node_keeps_to_the_gas_it_is_given(onchain: LedgerFixture, bakery: Any, alice: Any) -> None:
    """Otherwise the scan above would prove nothing."""
    call = packed_call(onchain, packed([onchain.payment(alice, bakery, 1_00)]))
    assert settled_with(onchain, call, 22_000) is None
