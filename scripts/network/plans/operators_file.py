"""Reads the operators' file of the network's own engine, and refuses the first thing that is wrong.

engine = "network"
chain_id = 61451
network_id = 61451
starts_at_unix_s = 1798761600         # the same for all; in the past when the first node starts
authority = "0x..."                   # admits accounts and deployers
owner_address = "X-custom1..."        # of the key that lists validators
stake_address = "X-custom1..."        # of the key that stakes them
services = ["192.0.2.1"]              # whose questions the proxies answer
[[validators]]
name = "region"
host = "192.0.2.10"                   # where the others reach its node
node_id = "NodeID-..."                # these three from `python -m scripts.network.plans.ceremony identity`
signing_key = "0x..."
signing_proof = "0x..."
[founded]                             # after the founding: what `network.json` says
list_id = "..."
chain = "..."
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_utils.address import is_hex_address

from scripts.network.layout import VALIDATORS, NetworkFailed

_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
_NODE_ID = re.compile(r"NodeID-[1-9A-HJ-NP-Za-km-z]{30,40}")
_ADDRESS = re.compile(r"X-[a-z]+1[02-9ac-hj-np-z]{38}")
_IDENTITY = re.compile(r"[1-9A-HJ-NP-Za-km-z]{40,60}")
_SIGNING_KEY, _SIGNING_PROOF = re.compile(r"0x[0-9a-f]{96}"), re.compile(r"0x[0-9a-f]{192}")
SECRET_WORDS = ("private", "secret", "mnemonic", "seed", "password")


@dataclass(frozen=True, slots=True)
class Validator:
    """One institution and its node, by what may be public."""

    name: str
    host: str
    node_id: str
    signing_key: str
    signing_proof: str


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """`list_id` and `chain_name` are empty before the founding."""

    chain_id: int
    network_id: int
    starts_at_unix_s: int
    authority: str
    owner_address: str
    stake_address: str
    services: tuple[str, ...]
    validators: tuple[Validator, ...]
    list_id: str = ""
    chain_name: str = ""


def read_network_plan(path: Path) -> NetworkPlan:
    """Raises NetworkFailed, with the first thing that is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        names = [str(name).lower() for one in (content, *content["validators"]) for name in one]
        founded = content.get("founded", {})
        plan = NetworkPlan(
            int(content["chain_id"]),
            int(content["network_id"]),
            int(content["starts_at_unix_s"]),
            str(content["authority"]),
            str(content["owner_address"]),
            str(content["stake_address"]),
            tuple(map(str, content["services"])),
            tuple(
                Validator(*(str(one[field]) for field in Validator.__dataclass_fields__))
                for one in content["validators"]
            ),
            str(founded.get("list_id", "")),
            str(founded.get("chain", "")),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise NetworkFailed(f"{path} is no operators' file: {error!r}") from error
    for name in names:
        if any(word in name for word in SECRET_WORDS):
            raise NetworkFailed(f"{path} has a field {name!r}: no secret is ever told here; destroy that key")
    _check(plan)
    return plan


def _check(plan: NetworkPlan) -> None:
    if len(plan.validators) < VALIDATORS:
        raise NetworkFailed(f"{VALIDATORS} validators are needed for one to fail")
    for one in plan.validators:
        if not _NAME.fullmatch(one.name):
            raise NetworkFailed(f"{one.name!r} is no name: small letters, digits and hyphens")
        _require(_NODE_ID, one.node_id, f"{one.name}: node_id is what begins with NodeID-")
        _require(_SIGNING_KEY, one.signing_key, f"{one.name}: signing_key is a public key of 48 bytes")
        _require(_SIGNING_PROOF, one.signing_proof, f"{one.name}: signing_proof has 96 bytes")
    _addresses([one.host for one in plan.validators])
    _addresses(plan.services)
    for field in Validator.__dataclass_fields__:
        values = [getattr(one, field) for one in plan.validators]
        if len(set(values)) < len(values):
            raise NetworkFailed(f"two operators have the same {field}")
    if not is_hex_address(plan.authority):
        raise NetworkFailed(f"authority: {plan.authority} is not an address")
    for field in ("owner_address", "stake_address"):
        _require(_ADDRESS, getattr(plan, field), f"{field} is what begins with X-")
    if bool(plan.list_id) != bool(plan.chain_name):
        raise NetworkFailed("founded: the list and the chain are named both or neither")
    for value in filter(None, (plan.list_id, plan.chain_name)):
        _require(_IDENTITY, value, f"founded: {value} is no name of a list or a chain")


def _require(pattern: re.Pattern[str], value: str, sentence: str) -> None:
    if not pattern.fullmatch(value):
        raise NetworkFailed(sentence)


def _addresses(hosts: Sequence[str]) -> None:
    """Of machines, as numbers: a name would be somebody else's to change."""
    for host in hosts:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise NetworkFailed(f"{host} is not an IP address") from None
