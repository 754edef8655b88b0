"""Comparing a deployment file with the chain it names. Owns the questions; changes nothing on the chain.

Each fault is one sentence that names what differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract

from scripts.ledger.build import artifact, merged_abi, same_code, selector_of, signature_of
from scripts.ledger.governance import Governance
from scripts.ledger.roles import GOVERNOR, PAUSER, ROLES, Holders, Power, Role

# keccak256("eip1967.proxy.implementation") - 1 (ERC-1967)
IMPLEMENTATION_SLOT = int.from_bytes(keccak(text="eip1967.proxy.implementation"), "big") - 1
# What a fresh ledger allows, in cents: held, a payment, a day, thirty days. Governors may change them later.
DECIMALS = 2
# Nodes bound how many blocks one question may search.
BLOCKS_A_QUESTION = 2_000
# What stands at each address of the file.
CONTRACT_OF = {
    "ledger": "LedgerProxy",
    "implementation": "RegionalCurrency",
    "administration": "AdministrationFacet",
    "issuance": "IssuanceFacet",
    "campaigns": "CampaignFacet",
    "benefits": "BenefitFacet",
    "standards": "StandardsFacet",
    "keys": "KeysFacet",
    "access_manager": "LedgerAuthority",
}


class _Checks:
    """Collects sentences about what differs."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def equal(self, what: str, expected: object, found: object) -> None:
        """Note a fault unless both are the same; addresses compare without regard to case."""
        if str(expected).lower() != str(found).lower():
            self.faults.append(f"{what} should be {expected} but is {found}")

    def true(self, condition: bool, sentence: str) -> None:
        """Note the sentence unless the condition holds."""
        if not condition:
            self.faults.append(sentence)


def deployment_faults(chain: Web3, deployment: dict[str, Any]) -> list[str]:
    """Return what differs between the file's content and the chain, as sentences; empty when all is well."""
    checks = _Checks()
    checks.equal("the chain id", deployment["chain_id"], chain.eth.chain_id)
    for name in CONTRACT_OF:
        code = chain.eth.get_code(deployment[name])
        checks.true(len(code) > 0, f"there is no code at the {name}'s address {deployment[name]}")
    if checks.faults:
        return checks.faults
    _check_code(chain, deployment, checks)
    _check_constants(chain, deployment, checks)
    _check_roles(chain, deployment, checks)
    _check_history(chain, deployment, checks)
    return checks.faults


def _check_code(chain: Web3, deployment: dict[str, Any], checks: _Checks) -> None:
    ledger = deployment["ledger"]
    stored = chain.eth.get_storage_at(ledger, IMPLEMENTATION_SLOT)
    implementation = "0x" + bytes(stored)[-20:].hex()
    checks.equal("the proxy's implementation", deployment["implementation"], implementation)
    for key, contract_name in CONTRACT_OF.items():
        code = bytes(chain.eth.get_code(deployment[key]))
        checks.equal(
            f"the recorded hash of the {key}'s code", deployment["code_hashes"][key], code_hash(code)
        )
        built = artifact(contract_name).runtime_code
        checks.true(
            same_code(built, code), f"the {key}'s code is not what this tree's {contract_name} compiles to"
        )


def _check_constants(chain: Web3, deployment: dict[str, Any], checks: _Checks) -> None:
    ledger = _contract(chain, deployment["ledger"], merged_abi())
    functions = ledger.functions
    checks.equal(
        "the administration code", deployment["administration"], functions.administrationCode().call()
    )
    checks.equal("the issuance code", deployment["issuance"], functions.issuanceCode().call())
    checks.equal("the campaigns' code", deployment["campaigns"], functions.campaignCode().call())
    checks.equal("the benefits' code", deployment["benefits"], functions.benefitCode().call())
    checks.equal("the standards' code", deployment["standards"], functions.standardsCode().call())
    checks.equal("the keys' code", deployment["keys"], functions.keysCode().call())
    checks.equal("the authority", deployment["access_manager"], functions.authority().call())
    checks.equal("decimals", DECIMALS, functions.decimals().call())
    _, name, version, chain_id, verifying, _, _ = functions.eip712Domain().call()
    checks.equal("the domain's name", deployment["domain"]["name"], name)
    checks.equal("the domain's version", deployment["domain"]["version"], version)
    checks.equal("the domain's chain id", deployment["chain_id"], chain_id)
    checks.equal("the domain's contract", deployment["ledger"], verifying)
    checks.equal("the token's name", deployment["token"]["name"], functions.name().call())
    checks.equal("the token's symbol", deployment["token"]["symbol"], functions.symbol().call())


def _check_roles(chain: Web3, deployment: dict[str, Any], checks: _Checks) -> None:
    manager = _contract(chain, deployment["access_manager"], artifact("LedgerAuthority").abi).functions
    functions = {entry["name"]: entry for entry in merged_abi() if entry["type"] == "function"}
    holders = Holders(deployment["roles"], deployment["further_keys"])
    keys = holders.everybody()
    checks.equal("the number of different role keys", len(keys), len({key.lower() for key in keys}))
    delays = Governance(**deployment["governance"])
    for role in ROLES:
        for power in role.powers:
            for name in power.functions:
                selector = bytes.fromhex(selector_of(functions[name])[2:])
                found = manager.getTargetFunctionRole(deployment["ledger"], selector).call()
                checks.equal(f"the role that may call {name}", power.number, found)
            _check_holders(manager, holders, role, power, delays, checks)
            member, _ = manager.hasRole(power.number, deployment["deployer"]).call()
            checks.true(not member, f"the deployer {deployment['deployer']} still holds {power.label}")
            if power.number == GOVERNOR.number:
                continue
            guardian = PAUSER.number if power.guarded else GOVERNOR.number
            checks.equal(
                f"the admin of {power.label}", GOVERNOR.number, manager.getRoleAdmin(power.number).call()
            )
            checks.equal(
                f"the guardian of {power.label}", guardian, manager.getRoleGuardian(power.number).call()
            )


def _check_holders(
    manager: Any, holders: Holders, role: Role, power: Power, delays: Governance, checks: _Checks
) -> None:
    for holder in holders.first:
        for key in holders.of(holder):
            member, delay_s = manager.hasRole(power.number, key).call()
            checks.equal(f"whether {holder}'s key {key} holds {power.label}", holder == role.name, member)
            expected_s = delays.delay_s(power.delay) if holder == role.name else 0
            checks.equal(f"the delay of {holder}'s key {key} as {power.label}", expected_s, delay_s)


def _check_history(chain: Web3, deployment: dict[str, Any], checks: _Checks) -> None:
    """Nobody was given anything beside the order: whoever deployed could, before renouncing.

    Every event of the authority names whom to ask about; the authority says what holds now, or will hold.
    """
    authority = _contract(chain, deployment["access_manager"], artifact("LedgerAuthority").abi)
    asked, ledger = authority.functions, deployment["ledger"].lower()
    holders = Holders(deployment["roles"], deployment["further_keys"])
    powers = [(power, key) for role in ROLES for power in role.powers for key in holders.of(role.name)]
    ordered = {(power.number, key.lower()) for power, key in powers}
    functions = {selector_of(entry): entry["name"] for entry in merged_abi() if entry["type"] == "function"}
    listed = {name for role in ROLES for name in role.functions}
    given = set()
    for name, event in _history(chain, authority):
        if name == "RoleGranted":
            given.add((event["roleId"], event["account"].lower()))
        elif name == "TargetFunctionRoleUpdated":
            target, selector = event["target"], bytes(event["selector"])
            checks.true(target.lower() == ledger, f"the authority was told of functions of {target}")
            # What the table lists has been asked for.
            if functions.get("0x" + selector.hex()) not in listed:
                found = asked.getTargetFunctionRole(target, selector).call()
                checks.equal(f"the role that may call {selector.hex()} of {target}", GOVERNOR.number, found)
    for number, account in sorted(given - ordered):
        since = asked.getAccess(number, chain.to_checksum_address(account)).call()[0]
        checks.true(since == 0, f"{account} was given role {number}, which was not ordered")
    for number, key in sorted(ordered - given):
        checks.faults.append(f"no event says that {key} was given role {number}: the history is not whole")
    checks.true(not asked.isTargetClosed(deployment["ledger"]).call(), "the ledger is closed to everybody")


def _history(chain: Web3, contract: Contract) -> Iterator[tuple[str, Any]]:
    """(name, arguments) of every event of a contract since block 0."""
    known = {
        keccak(text=signature_of(dict(entry))): entry["name"]
        for entry in contract.abi
        if entry["type"] == "event"
    }
    head = chain.eth.block_number
    for first in range(0, head + 1, BLOCKS_A_QUESTION):
        last = min(first + BLOCKS_A_QUESTION - 1, head)
        for log in chain.eth.get_logs({"address": contract.address, "fromBlock": first, "toBlock": last}):
            name = known[bytes(log["topics"][0])]
            yield name, contract.events[name]().process_log(log)["args"]


def code_hash(code: bytes) -> str:
    """Return keccak256 of runtime code as 0x hex."""
    return "0x" + keccak(code).hex()


def _contract(chain: Web3, address: str, abi: list[dict[str, Any]]) -> Contract:
    contract: Contract = chain.eth.contract(address=chain.to_checksum_address(address), abi=abi)
    return contract
