"""Leave the deployed ledger as a genesis for forge's invariant tests, in build/forge.

Run by scripts/analysis/forge.sh through Brownie. The ledger is deployed by the production script's own code
and gets simple limits, which the tests' model knows; forge loads the accounts as they are, code and storage.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from brownie import chain, web3

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "contracts")]

from brownie_ways import wait_for_receipts  # type: ignore[import-not-found]  # noqa: E402
from ledger_fixture import (  # type: ignore[import-not-found]  # noqa: E402
    DECLARED,
    PROFESSIONAL,
    VERIFIED,
    VISITOR,
    deploy_fixture,
)

FOLDER = ROOT / "build" / "forge"
# Cents: held, a payment. No limits per day or window: Brownie's stateful tests are about those.
MAX_BALANCE, MAX_PAYMENT = 3_000_00, 1_000_00
LIMITED = (MAX_BALANCE, MAX_PAYMENT, 0, 0)
UNLIMITED = (0, 0, 0, 0)
ATTESTATION_MAX_AGE_S = 4 * 86_400
DAILY_QUOTA = 2**63


def main() -> None:
    """Deploy, set the limits, write both files."""
    wait_for_receipts()
    onchain = deploy_fixture()
    governor = {"from": onchain.officers["GOVERNOR"]}
    for tier in (VISITOR, DECLARED, VERIFIED):
        onchain.ledger.setTierLimits(tier, LIMITED, governor)
    onchain.ledger.setTierLimits(PROFESSIONAL, UNLIMITED, governor)
    onchain.ledger.setIssuance(ATTESTATION_MAX_AGE_S, DAILY_QUOTA, governor)
    FOLDER.mkdir(parents=True, exist_ok=True)
    deployment = {
        "ledger": onchain.ledger.address,
        "time": chain.time(),
        "maxBalance": MAX_BALANCE,
        "maxPayment": MAX_PAYMENT,
        **{name: str(account) for name, account in onchain.officers.items()},
    }
    (FOLDER / "genesis.json").write_text(json.dumps(_accounts()), encoding="utf-8")
    (FOLDER / "deployment.json").write_text(json.dumps(deployment), encoding="utf-8")


def _accounts() -> dict[str, Any]:
    """Every contract of the node: address -> code, storage, nonce, balance."""
    answer = web3.provider.make_request("anvil_dumpState", [])
    state = json.loads(gzip.decompress(bytes.fromhex(answer["result"][2:])))
    return {
        address: {
            "nonce": hex(account["nonce"]),
            "balance": "0x0",
            "code": account["code"],
            "storage": account["storage"],
        }
        for address, account in state["accounts"].items()
        if account["code"] not in ("0x", "")
    }
