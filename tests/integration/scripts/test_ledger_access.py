"""What an upgraded ledger's AccessManager lacks of this tree's table: named from a chain, and put right."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3

from scripts.ledger import access
from scripts.ledger.build import merged_abi, selector_of
from scripts.ledger.roles import COMPLIANCE, GOVERNOR
from tests.support.node import GAS, MINED_DEADLINE_S, ChainUnderTest, chain, chain_session
from wallet_service.protocol.signing.addresses import address_bytes

__all__ = ["chain", "chain_session"]

pytestmark = pytest.mark.chain

#: What the last upgrade brought: an older AccessManager gives none of it to anybody.
BROUGHT = ("attestOutcome", "releaseKey", "setFrozenTokens", "suspendKey")
DELAY_S = 3_600


def deployment_of(chain: ChainUnderTest) -> dict[str, Any]:
    return dict(json.loads(chain.deployment_file.read_text("utf-8")))


def web3_of(chain: ChainUnderTest) -> Web3:
    return Web3(HTTPProvider(chain.node.sending_url))


def lacking(chain: ChainUnderTest) -> list[access.Assignment]:
    return access.lacking(web3_of(chain), deployment_of(chain))


def named(found: Sequence[access.Assignment]) -> dict[str, tuple[str, ...]]:
    return {one.role_label: one.functions for one in found}


def governor_sends(chain: ChainUnderTest, data: bytes) -> bool:
    """To the AccessManager, as printed; whether it took it."""
    client = chain.access.client
    transaction = {
        "nonce": client.transaction_count(chain.keys.address("GOVERNOR")),
        "gasPrice": 0,
        "gas": GAS,
        "to": address_bytes(deployment_of(chain)["access_manager"]),
        "value": 0,
        "data": data,
        "chainId": chain.deployment.chain_id,
    }
    signed = chain.keys.sign("GOVERNOR", transaction)
    client.request("eth_sendRawTransaction", "0x" + signed.raw.hex())
    deadline_s = time.monotonic() + MINED_DEADLINE_S
    while (receipt := client.request("eth_getTransactionReceipt", signed.transaction_hash)) is None:
        assert time.monotonic() < deadline_s
        time.sleep(0.005)
    return bool(receipt["status"] == "0x1")


def take_away(chain: ChainUnderTest, *functions: str, role_number: int = GOVERNOR.number) -> None:
    """The AccessManager gives these to another role; what it gives to nobody is the governors'."""
    known = {entry["name"]: selector_of(entry) for entry in merged_abi() if entry["type"] == "function"}
    selectors = [bytes.fromhex(known[name][2:]) for name in functions]
    words = ["address", "bytes4[]", "uint64"]
    data = encode(words, [deployment_of(chain)["ledger"], selectors, role_number])
    assert governor_sends(chain, keccak(text=access.ASSIGN)[:4] + data)


def test_a_fresh_ledger_lacks_nothing(chain: ChainUnderTest) -> None:
    assert lacking(chain) == []


def test_what_the_old_manager_lacks_is_named_and_nothing_else(chain: ChainUnderTest) -> None:
    take_away(chain, *BROUGHT)
    found = lacking(chain)
    assert named(found) == {
        "ATTESTER": ("attestOutcome",),
        "COMPLIANCE": ("releaseKey", "setFrozenTokens", "suspendKey"),
    }
    for one in found:
        assert governor_sends(chain, one.call_data)
    assert lacking(chain) == []


def test_what_no_row_gives_to_a_role_goes_back_to_the_governors(chain: ChainUnderTest) -> None:
    take_away(chain, "totalSupply", role_number=COMPLIANCE.number)
    assert named(lacking(chain)) == {"GOVERNOR": ("totalSupply",)}


def test_governors_who_must_announce_send_the_announcement_first(chain: ChainUnderTest) -> None:
    take_away(chain, *BROUGHT)
    governor = chain.keys.address("GOVERNOR")
    delayed = encode(["uint64", "address", "uint32"], [GOVERNOR.number, governor, DELAY_S])
    assert governor_sends(chain, keccak(text="grantRole(uint64,address,uint32)")[:4] + delayed)
    found = lacking(chain)
    assert not governor_sends(chain, found[0].call_data), "unannounced"
    for one in found:
        assert governor_sends(chain, one.announcement)
    assert not governor_sends(chain, found[0].call_data), "before its time"
    assert lacking(chain) == found
    chain.node.set_time(int(time.time()) + DELAY_S + 60)
    for one in found:
        assert governor_sends(chain, one.call_data)
    assert lacking(chain) == []


def test_the_command_prints_what_a_governor_sends(
    chain: ChainUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["access", str(chain.deployment_file), "--rpc-url", chain.node.sending_url]
    monkeypatch.setattr("sys.argv", words)
    assert access.main() == access.NOTHING_LACKS
    take_away(chain, "suspendKey")
    capsys.readouterr()
    assert access.main() == access.LACKING
    told = capsys.readouterr().out
    (one,) = lacking(chain)
    assert "COMPLIANCE (4): suspendKey\n" in told
    assert f"announce 0x{one.announcement.hex()}\n" in told
    assert f"then     0x{one.call_data.hex()}\n" in told
    monkeypatch.setattr("sys.argv", [*words[:-1], "http://127.0.0.1:9"])
    assert access.main() == access.CANNOT_ASK
