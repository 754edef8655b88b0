"""Puts a ledger of its own on the chain that is asked, without Brownie: one key governs, two others act.

The order is that of scripts/deploy.py, the powers are a test's: what is deployed here holds nobody's money.
"""

from __future__ import annotations

import json
from typing import Any

from eth_abi.abi import encode

from scripts.conformance.bench import CALL_GAS, DEPLOYMENT_GAS, Bench, Ledger
from scripts.ledger.build import BUILD_DIRECTORY, BuildMissing, artifact, merged_abi, selector_of
from scripts.ledger.roles import ATTESTER, ISSUER, Role
from wallet_service.chain.ledger.codec import LedgerCodec
from wallet_service.chain.node.client import quantity

DOMAIN_NAME = "conformance"
DOMAIN_VERSION = "1"


def creation_code(name: str) -> bytes:
    """What makes the contract. Raises BuildMissing."""
    path = BUILD_DIRECTORY / f"{name}.json"
    if not path.is_file():
        raise BuildMissing(f"{path} is missing: run scripts/setup/brownie.sh compile")
    return bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["bytecode"])


class Deploying:
    """`total_gas` of all that was sent."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.total_gas = 0

    def create(self, name: str, types: list[str], values: list[Any]) -> str:
        """The new contract's address. Raises Refused, CannotTell."""
        code = creation_code(name) + (encode(types, values) if types else b"")
        receipt = self._bench.send(self._bench.keys.deployer, None, code, DEPLOYMENT_GAS)
        self.total_gas += quantity(receipt["gasUsed"])
        return str(receipt["contractAddress"]).lower()

    def ledger(self) -> Ledger:
        """A whole ledger; the deployer governs it."""
        bench, deployer = self._bench, self._bench.keys.deployer
        first_block = bench.node.height()
        authority = self.create("LedgerAuthority", ["address", "uint32", "uint32"], [deployer.address, 0, 0])
        keys = self.create("KeysFacet", ["string"], [DOMAIN_NAME])
        standards = self.create("StandardsFacet", ["string", "address"], [DOMAIN_NAME, keys])
        benefits = self.create("BenefitFacet", ["string", "address"], [DOMAIN_NAME, standards])
        campaigns = self.create("CampaignFacet", ["string", "address"], [DOMAIN_NAME, benefits])
        issuance = self.create("IssuanceFacet", ["string", "address"], [DOMAIN_NAME, campaigns])
        administration = self.create("AdministrationFacet", ["string", "address"], [DOMAIN_NAME, issuance])
        implementation = self.create("RegionalCurrency", ["address"], [administration])
        codec = LedgerCodec(merged_abi())
        initialization = LedgerCodec(artifact("AdministrationFacet").abi).call_data(
            "initialize", [authority, "conformance", "TEST"]
        )
        address = self.create("LedgerProxy", ["address", "bytes"], [implementation, initialization])
        made = Ledger(address, authority, administration, codec, first_block)
        self._give(made, ISSUER, bench.keys.issuer.address)
        self._give(made, ATTESTER, bench.keys.attester.address)
        return made

    def _give(self, ledger: Ledger, role: Role, holder: str) -> None:
        """The role's functions to the role, the role to its key."""
        manager = LedgerCodec(artifact("LedgerAuthority").abi)
        functions = {entry["name"]: entry for entry in merged_abi() if entry["type"] == "function"}
        selectors = [selector_of(functions[name]) for name in role.functions]
        for call in (
            manager.call_data("setTargetFunctionRole", [ledger.address, selectors, role.number]),
            manager.call_data("grantRole", [role.number, holder, 0]),
        ):
            receipt = self._bench.send(self._bench.keys.deployer, ledger.authority, call, CALL_GAS)
            self.total_gas += quantity(receipt["gasUsed"])
