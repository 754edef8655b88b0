"""What operators of Hyperledger Besu need for a QBFT network.

One bundle for each operator: the first block, who may send and connect, where the others are, the
node's settings, a systemd unit, firewall rules and a checklist. Never a private key: each operator makes its
own, and tells its public part in the operators' file. Checked by the format's rules, not on a live Besu.

    engine = "besu"
    chain_id = 61452
    accounts = ["0x..."]                  # who may send transactions
    [[operators]]
    name = "region"
    host = "192.0.2.10"                   # where the others reach its node
    validator = "0x..."                   # the address of its node's key
    node_id = "..."                       # its public key, 128 hex digits
"""

from __future__ import annotations

import ipaddress
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rlp
from eth_utils.address import is_hex_address

from scripts.network.layout import NetworkFailed

P2P_PORT, RPC_PORT = 30_303, 8_545
MIN_OPERATORS = 4  # one may fail: 3 f + 1
BLOCK_PERIOD_S, EMPTY_BLOCK_PERIOD_S, REQUEST_TIMEOUT_S = 1, 60, 4
EPOCH_BLOCKS = 30_000
BLOCK_GAS_LIMIT = 100_000_000
VANITY = bytes(32)
RLP_WORDS_OF_A_FIRST_BLOCK: tuple[list[bytes], int, list[bytes]] = ([], 0, [])  # no vote, round 0, no seal
QBFT_MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
_NODE_ID = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Operator:
    """One institution and its node, by what may be public."""

    name: str
    host: str
    validator: str
    node_id: str

    @property
    def enode(self) -> str:
        return f"enode://{self.node_id}@{self.host}:{P2P_PORT}"


@dataclass(frozen=True, slots=True)
class Plan:
    chain_id: int
    accounts: tuple[str, ...]
    operators: tuple[Operator, ...]


def read_plan(path: Path) -> Plan:
    """Raises NetworkFailed, with the first thing that is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        operators = tuple(
            Operator(
                str(one["name"]),
                str(one["host"]),
                str(one["validator"]).lower(),
                str(one["node_id"]).lower().removeprefix("0x"),
            )
            for one in content["operators"]
        )
        plan = Plan(int(content["chain_id"]), tuple(map(str, content["accounts"])), operators)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise NetworkFailed(f"{path} is no operators' file: {error!r}") from error
    _check(plan)
    return plan


def _check(plan: Plan) -> None:
    if len(plan.operators) < MIN_OPERATORS:
        raise NetworkFailed(f"{MIN_OPERATORS} operators are needed for one to fail")
    for one in plan.operators:
        if not _NAME.fullmatch(one.name):
            raise NetworkFailed(f"{one.name!r} is no name: small letters, digits and hyphens")
        if not is_hex_address(one.validator):
            raise NetworkFailed(f"{one.name}: {one.validator} is not an address")
        if not _NODE_ID.fullmatch(one.node_id):
            raise NetworkFailed(f"{one.name}: node_id is a public key, 128 hex digits; never a private one")
        try:
            ipaddress.ip_address(one.host)
        except ValueError:
            raise NetworkFailed(f"{one.name}: {one.host} is not an IP address") from None
    for field in ("name", "host", "validator", "node_id"):
        values = [getattr(one, field) for one in plan.operators]
        if len(set(values)) < len(values):
            raise NetworkFailed(f"two operators have the same {field}")
    for account in plan.accounts:
        if not is_hex_address(account):
            raise NetworkFailed(f"accounts: {account} is not an address")


def extra_data(validators: Sequence[str]) -> str:
    """The first block's QBFT extraData: RLP([vanity, validators, no vote, round 0, no seal]).

    Source: Besu's documentation of QBFT, "Extra data".
    """
    addresses = sorted(bytes.fromhex(one.removeprefix("0x")) for one in validators)
    return "0x" + bytes(rlp.encode([VANITY, addresses, *RLP_WORDS_OF_A_FIRST_BLOCK])).hex()


def genesis(plan: Plan) -> dict[str, Any]:
    """Every rule the contracts need from the first block on, and no fee."""
    return {
        "config": {
            "chainId": plan.chain_id,
            "berlinBlock": 0,
            "londonBlock": 0,
            "shanghaiTime": 0,
            "cancunTime": 0,
            "pragueTime": 0,
            "osakaTime": 0,
            "zeroBaseFee": True,
            "qbft": {
                "blockperiodseconds": BLOCK_PERIOD_S,
                "emptyblockperiodseconds": EMPTY_BLOCK_PERIOD_S,
                "epochlength": EPOCH_BLOCKS,
                "requesttimeoutseconds": REQUEST_TIMEOUT_S,
            },
        },
        "nonce": "0x0",
        "timestamp": "0x0",
        "gasLimit": hex(BLOCK_GAS_LIMIT),
        "difficulty": "0x1",
        "mixHash": QBFT_MIX_HASH,
        "coinbase": "0x" + "00" * 20,
        "extraData": extra_data([one.validator for one in plan.operators]),
        "alloc": {},
    }


def permissions(plan: Plan) -> str:
    """Which accounts the pool takes transactions from, and which nodes may connect."""
    accounts = ", ".join(json.dumps(one) for one in plan.accounts)
    nodes = ", ".join(json.dumps(one.enode) for one in plan.operators)
    return f"accounts-allowlist=[{accounts}]\nnodes-allowlist=[{nodes}]\n"


def settings(operator: Operator) -> str:
    """One node's config.toml; questions are answered on the machine itself alone."""
    return f"""data-path="/var/lib/alba-chain"
genesis-file="/etc/alba-chain/genesis.json"
node-private-key-file="/etc/alba-chain/node.key"
static-nodes-file="/etc/alba-chain/static-nodes.json"
permissions-nodes-config-file-enabled=true
permissions-nodes-config-file="/etc/alba-chain/permissions.toml"
permissions-accounts-config-file-enabled=true
permissions-accounts-config-file="/etc/alba-chain/permissions.toml"
p2p-host="{operator.host}"
p2p-port={P2P_PORT}
discovery-enabled=false
rpc-http-enabled=true
rpc-http-host="127.0.0.1"
rpc-http-port={RPC_PORT}
rpc-http-api=["ETH","NET","WEB3","QBFT","TXPOOL"]
min-gas-price=0
tx-pool="sequenced"
tx-pool-limit-by-account-percentage=1.0
"""


UNIT = """[Unit]
Description=Validator of the regional currency's chain
After=network-online.target
Wants=network-online.target

[Service]
User=alba-chain
ExecStart=/opt/besu/bin/besu --config-file=/etc/alba-chain/config.toml
Restart=always
RestartSec=2
UMask=0077
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
ReadWritePaths=/var/lib/alba-chain
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def firewall(plan: Plan, operator: Operator) -> str:
    """nftables: the other validators reach the peer port, nobody the questions' port."""
    others = ", ".join(one.host for one in plan.operators if one is not operator)
    family = "ip6" if ":" in operator.host else "ip"
    return f"""table inet alba_chain {{
  chain input {{
    type filter hook input priority 0; policy accept;
    {family} saddr {{ {others} }} tcp dport {P2P_PORT} accept
    tcp dport {P2P_PORT} drop
    iif != lo tcp dport {RPC_PORT} drop
  }}
}}
"""


def checklist(plan: Plan, operator: Operator) -> str:
    names = ", ".join(one.name for one in plan.operators)
    return f"""# {operator.name}: before the first block

Two people of {operator.name}, at the machine {operator.host}. Operators: {names}.

- [ ] `node.key` was made on this machine (`besu public-key export-address`), mode 0600, user alba-chain
- [ ] nobody else has it
- [ ] the address it has is {operator.validator}, and its public key begins with {operator.node_id[:16]}
- [ ] a copy of `node.key` lies sealed in a safe of {operator.name}, with both names and the date on it
- [ ] `sha256sum genesis.json` was read aloud by every operator and is the same for all
- [ ] firewall rules are loaded and survive a restart; `ss -ltn` shows {RPC_PORT} on 127.0.0.1 alone
- [ ] the clock is kept by NTP; the disk holds a year at the expected load, twice
- [ ] the unit is started; `qbft_getValidatorsByBlockNumber` names {len(plan.operators)} validators
- [ ] `make conformance RPC=http://127.0.0.1:{RPC_PORT} WITH="--profile besu"` has no failure
"""


def bundle(plan: Plan, operator: Operator) -> dict[str, str]:
    """The files of one operator, by name; nothing in it is secret."""
    return {
        "genesis.json": json.dumps(genesis(plan), indent=2) + "\n",
        "static-nodes.json": json.dumps([one.enode for one in plan.operators], indent=2) + "\n",
        "permissions.toml": permissions(plan),
        "config.toml": settings(operator),
        "alba-chain.service": UNIT,
        "firewall.nft": firewall(plan, operator),
        "checklist.md": checklist(plan, operator),
    }
