"""What the chain and its validators are told before they start. Pure: words in, JSON out.

The chain's first state lists who may send transactions and who may deploy contracts, in the protocol itself:
a stranger's transaction is refused by the pool of every validator, whatever a contract would say.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.network.layout import HOST, NETWORK_ID, Founded, Node

BLOCK_GAS_LIMIT = 100_000_000
#: So much gas in ten seconds is ordinary: the fee stays at its lowest, whatever is sent.
TARGET_GAS = 1_000_000_000_000
#: The lowest this engine makes blocks with. What it pays with is worth nothing and granted with admission.
BASE_FEE_WEI = 1
#: What the authority starts with and grants from: more than fees can ever take.
AUTHORITY_GRANT_WEI = 10**30
#: Blocks follow each other as fast as this when payments wait, once the validators have moved there.
BLOCK_DELAY_MS = 500
VOTES_ASKED = 20
POOL_PLACES_AN_ACCOUNT = 20_000
POOL_PLACES = 50_000
#: The engine wants 32 768 open files and ends where a machine allows fewer.
WANTED_FILES = 32_768
#: From this moment on every upgrade of the engine is in force: the chain starts with all of them.
FIRST_BLOCK_UNIX_S = 0x5FCB13D0
ZERO_WORD = "0x" + "00" * 32
ZERO_ADDRESS = "0x" + "00" * 20
#: Nothing that signs, sets time or profiles: reading, sending, and what tests of the engine ask.
CHAIN_APIS = (
    "eth",
    "eth-filter",
    "net",
    "web3",
    "internal-eth",
    "internal-blockchain",
    "internal-transaction",
    "internal-tx-pool",
)
#: As short as anybody likes: the owner of the list alone has anything to stake. Alike on every validator.
SHORTEST_VALIDATION = "60s"
#: How soon a validator that hangs or is cut off counts as one that is gone: its votes are waited for as long
#: as answers take, not seconds, and its connection ends after some pings. The engine's own measures (two
#: seconds at least for an answer, 30 for a ping) let one silent validator of five hold blocks up for 20 s.
SILENCE: dict[str, str] = {
    "network-initial-timeout": "1s",
    "network-minimum-timeout": "250ms",
    "network-maximum-timeout": "4s",
    "network-timeout-halflife": "10s",
    "network-ping-frequency": "1s",
    "network-ping-timeout": "4s",
}
#: Keys of the engine's account lists, beside the one that sends transactions.
ACCOUNTS_LIST, DEPLOYERS_LIST = "txAllowListConfig", "contractDeployerAllowListConfig"


def chain_genesis(chain_id: int, authority: str) -> dict[str, Any]:
    """The chain's first block. `authority` alone may send and deploy, and admits the others."""
    listed = {"blockTimestamp": 0, "adminAddresses": [authority]}
    return {
        "config": {
            "chainId": chain_id,
            "feeConfig": {
                "gasLimit": BLOCK_GAS_LIMIT,
                "minBaseFee": BASE_FEE_WEI,
                "targetGas": TARGET_GAS,
                "baseFeeChangeDenominator": 48,
                "minBlockGasCost": 0,
                "maxBlockGasCost": 0,
                "targetBlockRate": 1,
                "blockGasCostStep": 0,
            },
            ACCOUNTS_LIST: listed,
            DEPLOYERS_LIST: listed,
        },
        "alloc": {authority.removeprefix("0x"): {"balance": hex(AUTHORITY_GRANT_WEI)}},
        "nonce": "0x0",
        "timestamp": hex(FIRST_BLOCK_UNIX_S),
        "extraData": "0x00",
        "gasLimit": hex(BLOCK_GAS_LIMIT),
        "difficulty": "0x0",
        "mixHash": ZERO_WORD,
        "coinbase": ZERO_ADDRESS,
        "number": "0x0",
        "gasUsed": "0x0",
        "parentHash": ZERO_WORD,
    }


def chain_settings(*, sync: bool = True) -> dict[str, Any]:
    """What each validator does with the chain.

    `sync`: a block is on disk before it counts. Without it, all validators killed at once put the chain back
    to its beginning.
    """
    settings: dict[str, Any] = {
        "local-txs-enabled": True,
        "log-level": "info",
        "min-delay-target": BLOCK_DELAY_MS,
        "pruning-enabled": True,
        "eth-apis": list(CHAIN_APIS),
        "tx-pool-account-slots": POOL_PLACES_AN_ACCOUNT,
        "tx-pool-global-slots": POOL_PLACES,
        "tx-pool-account-queue": POOL_PLACES_AN_ACCOUNT,
        "tx-pool-global-queue": POOL_PLACES,
    }
    if sync:
        settings["database-config"] = base64.b64encode(json.dumps({"sync": True}).encode()).decode()
    return settings


def consensus_settings() -> dict[str, Any]:
    """How votes are asked and counted.

    A vote asks twenty parts drawn from all validators' hundred, so that chance ends a tie. More than half
    make a validator change its mind; three in four, twelve votes in a row, make a block final. Four
    validators of five reach that, three do not. Asking everybody each time and changing one's mind only at
    four of five looks simpler and stands still for ever when two blocks divide them three to two.
    """
    return {
        "consensusParameters": {
            "k": VOTES_ASKED,
            "alphaPreference": VOTES_ASKED // 2 + 1,
            "alphaConfidence": VOTES_ASKED * 3 // 4,
            "beta": 12,
            "concurrentRepolls": 4,
            "optimalProcessing": 10,
            "maxOutstandingItems": 256,
            "maxItemProcessingTime": 30_000_000_000,
        },
        "proposerMinBlockDelay": 0,
    }


def node_settings(
    folder: Path, node: Node, others: Sequence[Node], plugins: Path, max_files: int, founded: Founded | None
) -> dict[str, Any]:
    """One validator's settings. `founded` is None before there is a chain to validate."""
    settings: dict[str, Any] = {
        "network-id": str(NETWORK_ID),
        "genesis-file": str(folder / "genesis.json"),
        "data-dir": str(folder / node.name),
        "http-host": HOST,
        "http-port": node.http_port,
        "http-allowed-hosts": f"{HOST},localhost",
        "http-allowed-origins": "",
        "staking-host": HOST,
        "staking-port": node.staking_port,
        "public-ip": HOST,
        "bootstrap-ids": ",".join(other.node_id for other in others),
        "bootstrap-ips": ",".join(f"{HOST}:{other.staking_port}" for other in others),
        "plugin-dir": str(plugins),
        "chain-config-dir": str(folder / "chains"),
        "subnet-config-dir": str(folder / "lists"),
        "admin-api-enabled": False,
        "index-enabled": False,
        "fd-limit": min(max_files, WANTED_FILES),
        "log-level": "info",
        "log-display-level": "off",
        "health-check-frequency": "2s",
        **SILENCE,
        "network-max-reconnect-delay": "1s",
        "network-peer-list-pull-gossip-frequency": "250ms",
        "min-stake-duration": SHORTEST_VALIDATION,
        "proposervm-use-current-height": True,
        "proposervm-min-block-delay": "0s",
    }
    if founded is not None:
        settings["track-subnets"] = founded.subnet_id
    return settings
