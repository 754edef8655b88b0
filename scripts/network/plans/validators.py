"""What operators of the network's own engine need on machines of their own: one folder each, nothing secret.

Two steps, as the founding has two: before it the keys' public parts become one first state for all; after it
the list and the chain have names, which go into the operators' file, and the folders are written again.
Must not make, read or ask for a private key.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from scripts.network.genesis import (
    SHORTEST_VALIDATION,
    SILENCE,
    WANTED_FILES,
    chain_genesis,
    chain_settings,
    consensus_settings,
)
from scripts.network.layout import HOST, MAY_FAIL
from scripts.network.plans.operators_file import NetworkPlan, Validator
from scripts.network.plans.papers import checklist, days_timer, days_unit, firewall, proxy, unit
from scripts.network.validations.renewal import APART_S, LONGEST_S

HTTP_PORT, STAKING_PORT, PROXY_PORT = 9650, 9651, 9443
NANO = 10**9
STAKE = 10**6 * NANO
DELEGATION_FEE = 20_000  # in millionths; nobody delegates here
SECONDS_A_DAY = 86_400
NOBODY = "0x" + "00" * 20
ETC, STATE = "/etc/alba-chain", "/var/lib/alba-chain"
#: The engine's contract chain, which every node carries and nobody uses here.
UNUSED_CHAIN = {
    "config": {"chainId": 43112},
    "nonce": "0x0",
    "timestamp": "0x5FCB13D0",
    "extraData": "0x00",
    "gasLimit": "0x5F5E100",
    "difficulty": "0x0",
    "alloc": {},
    "number": "0x0",
    "gasUsed": "0x0",
    "mixHash": "0x" + "00" * 32,
    "coinbase": NOBODY,
    "parentHash": "0x" + "00" * 32,
}


def first_state(plan: NetworkPlan) -> dict[str, Any]:
    """Of the network, the same for all: who validates from the first moment on, and until when.

    As `founder` writes it for one machine (scripts/network/founder/keys.go).
    """
    return {
        "networkID": plan.network_id,
        "allocations": [
            {
                "ethAddr": NOBODY,
                "avaxAddr": plan.stake_address,
                "initialAmount": 0,
                "unlockSchedule": [
                    {
                        "amount": len(plan.validators) * STAKE,
                        "locktime": plan.starts_at_unix_s + SECONDS_A_DAY,
                    }
                ],
            },
            {
                "ethAddr": NOBODY,
                "avaxAddr": plan.owner_address,
                "initialAmount": STAKE,
                "unlockSchedule": [{"amount": STAKE}],
            },
        ],
        "startTime": plan.starts_at_unix_s,
        "initialStakeDuration": LONGEST_S,
        "initialStakeDurationOffset": APART_S,
        "initialStakedFunds": [plan.stake_address],
        "initialStakers": [
            {
                "nodeID": one.node_id,
                "rewardAddress": plan.owner_address,
                "delegationFee": DELEGATION_FEE,
                "signer": {"publicKey": one.signing_key, "proofOfPossession": one.signing_proof},
            }
            for one in plan.validators
        ],
        "cChainGenesis": json.dumps(UNUSED_CHAIN),
        "message": "alba",
    }


def settings(plan: NetworkPlan, own: Validator) -> dict[str, Any]:
    """One validator's. Questions are answered on its machine alone; the proxy lets the service ask."""
    others = [one for one in plan.validators if one is not own]
    found: dict[str, Any] = {
        "network-id": str(plan.network_id),
        "genesis-file": f"{ETC}/genesis.json",
        "data-dir": STATE,
        "http-host": HOST,
        "http-port": HTTP_PORT,
        "http-allowed-hosts": f"{HOST},localhost",
        "http-allowed-origins": "",
        "staking-host": own.host,
        "staking-port": STAKING_PORT,
        "public-ip": own.host,
        "staking-tls-cert-file": f"{ETC}/staking/staker.crt",
        "staking-tls-key-file": f"{ETC}/staking/staker.key",
        "staking-signer-key-file": f"{ETC}/staking/signer.key",
        "bootstrap-ids": ",".join(one.node_id for one in others),
        "bootstrap-ips": ",".join(f"{_bracketed(one.host)}:{STAKING_PORT}" for one in others),
        "plugin-dir": "/opt/alba-chain/plugins",
        "chain-config-dir": f"{ETC}/chains",
        "subnet-config-dir": f"{ETC}/lists",
        "admin-api-enabled": False,
        "index-enabled": False,
        "fd-limit": WANTED_FILES,
        "log-level": "info",
        "log-display-level": "off",
        **SILENCE,
        "min-stake-duration": SHORTEST_VALIDATION,
        "proposervm-use-current-height": True,
        "proposervm-min-block-delay": "0s",
    }
    if plan.list_id:
        found["track-subnets"] = plan.list_id
    return found


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def bundle(plan: NetworkPlan, own: Validator) -> dict[str, str]:
    """The files of one operator, by name."""
    files = {
        "genesis.json": _json(first_state(plan)),
        "chain.json": _json(chain_genesis(plan.chain_id, plan.authority)),
        "settings.json": _json(settings(plan, own)),
        "alba-chain.service": unit(),
        "firewall.nft": firewall(plan, own, STAKING_PORT, PROXY_PORT, HTTP_PORT),
        "checklist.md": checklist(plan, own, MAY_FAIL),
        "operators.json": _json([dataclasses.asdict(one) for one in plan.validators]),
    }
    if plan.list_id:
        files[f"lists/{plan.list_id}.json"] = _json(consensus_settings())
        files[f"chains/{plan.chain_name}/config.json"] = _json(chain_settings())
        files["rpc-proxy.conf"] = proxy(plan, own, PROXY_PORT, HTTP_PORT)
        files["alba-chain-days.service"] = days_unit(plan, HTTP_PORT)
        files["alba-chain-days.timer"] = days_timer()
    return files


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
