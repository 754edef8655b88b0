"""Deploy the ledger and hand every power over: scripts/setup/brownie.sh run deploy --network embedded.

Owns: the order of the deployment and the file it leaves, deployments/<network>.json. Asks nothing; refuses
with one sentence and writes no file unless the chain, checked afterwards, is what the file says.

Environment read:
  ALBA_ROLE_ADDRESSES     a JSON file {"ISSUER": address, ...} with the six roles, all different keys; it
                          may hold "further": {"GOVERNOR": [address, ...], "ISSUER": [...]}
  ALBA_GOVERNANCE         demonstration or production: delays and approvals (scripts/ledger/governance.py);
                          default: demonstration on the embedded network, production elsewhere
  ALBA_DEPLOYER_KEY_FILE  a file (mode 0600) with the deployer's hex key; the caller makes and deletes it
  ALBA_DOMAIN_NAME        the EIP-712 name of this environment, at most 31 bytes
  ALBA_TOKEN_NAME, ALBA_TOKEN_SYMBOL
  ALBA_EXPECTED_CHAIN_ID  the chain the operator means
  ALBA_GAS_PRICE_WEI      what the chain's profile sends at; default: 0
  ALBA_DEPLOYMENTS_DIR    default: deployments
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownie import (
    AdministrationFacet,
    BenefitFacet,
    CampaignFacet,
    Contract,
    IssuanceFacet,
    KeysFacet,
    LedgerAuthority,
    LedgerProxy,
    RegionalCurrency,
    StandardsFacet,
    accounts,
    network,
    web3,
)

from scripts.ledger.build import artifact, merged_abi, selector_of
from scripts.ledger.check import code_hash, deployment_faults
from scripts.ledger.governance import Governance, GovernanceRefused, governance_for
from scripts.ledger.roles import GOVERNOR, PAUSER, ROLES, Holders, Power, RolesRefused, read_holders

MAX_DOMAIN_NAME_BYTES = 31
DOMAIN_VERSION = "1"
RECEIPT_DEADLINE_S = 120


class DeploymentRefused(Exception):
    """The deployment cannot go on; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Order:
    """What the operator asked for, checked."""

    holders: Holders
    governance: Governance
    deployer_key: str
    domain_name: str
    token_name: str
    token_symbol: str
    chain_id: int
    file: Path
    gas_price_wei: int = 0


def main() -> None:
    """Deploy, hand over, verify, write the file. Raises DeploymentRefused."""
    order = read_order(network.show_active())
    if order.gas_price_wei:
        network.gas_price(order.gas_price_wei)
    found_chain_id = web3.eth.chain_id
    if found_chain_id != order.chain_id:
        raise DeploymentRefused(f"the node's chain id is {found_chain_id}, {order.chain_id} was expected")
    _refuse_to_replace(order.file)
    deployer = accounts.add(order.deployer_key)
    if deployer.address in order.holders.everybody():
        raise DeploymentRefused(
            "the deployer's key is also a role's; the deployer must end without any power"
        )
    deployment = deploy_ledger(order, deployer)
    faults = deployment_faults(web3, deployment)
    if faults:
        raise DeploymentRefused("the deployed ledger is not as ordered: " + "; ".join(faults))
    write_atomically(order.file, json.dumps(deployment, indent=2, ensure_ascii=False) + "\n")
    print(f"ledger {deployment['ledger']} on chain {deployment['chain_id']}: {order.file}")


def read_order(network_name: str) -> Order:
    """Return the order from the environment; raises DeploymentRefused when it cannot be carried out."""
    try:
        holders = read_holders(Path(_setting("ALBA_ROLE_ADDRESSES")))
        governance = governance_for(network_name, os.environ.get("ALBA_GOVERNANCE", ""))
    except (RolesRefused, GovernanceRefused) as refusal:
        raise DeploymentRefused(str(refusal)) from refusal
    governors = len(holders.of(GOVERNOR.name))
    if governors < governance.resume_approvals:
        raise DeploymentRefused(
            f"a resumption needs {governance.resume_approvals} governors and {governors} is given"
        )
    domain_name = _setting("ALBA_DOMAIN_NAME")
    if len(domain_name.encode()) > MAX_DOMAIN_NAME_BYTES:
        raise DeploymentRefused(f"ALBA_DOMAIN_NAME has more than {MAX_DOMAIN_NAME_BYTES} bytes")
    expected = _setting("ALBA_EXPECTED_CHAIN_ID")
    if not expected.isdecimal():
        raise DeploymentRefused("ALBA_EXPECTED_CHAIN_ID is not a number")
    price = os.environ.get("ALBA_GAS_PRICE_WEI") or "0"
    if not price.isdecimal():
        raise DeploymentRefused("ALBA_GAS_PRICE_WEI is not a number")
    folder = Path(os.environ.get("ALBA_DEPLOYMENTS_DIR") or "deployments")
    return Order(
        holders=holders,
        governance=governance,
        deployer_key=_read_key(Path(_setting("ALBA_DEPLOYER_KEY_FILE"))),
        domain_name=domain_name,
        token_name=_setting("ALBA_TOKEN_NAME"),
        token_symbol=_setting("ALBA_TOKEN_SYMBOL"),
        chain_id=int(expected),
        file=folder / f"{network_name}.json",
        gas_price_wei=int(price),
    )


def _setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise DeploymentRefused(f"{name} is not set")
    return value


def _read_key(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as fault:
        raise DeploymentRefused("the deployer's key file cannot be read") from fault
    if mode & 0o077:
        raise DeploymentRefused(
            f"the deployer's key file is open to others (mode {mode:04o}); it must be 0600"
        )
    return key


def _refuse_to_replace(file: Path) -> None:
    """Refuse to overwrite the name of a ledger alive on this chain: its money would be lost from sight."""
    if not file.is_file():
        return
    ledger = json.loads(file.read_text(encoding="utf-8"))["ledger"]
    if len(web3.eth.get_code(ledger)) > 0:
        raise DeploymentRefused(f"{file} already names the ledger {ledger}, which is on this chain")


def deploy_ledger(order: Order, deployer: Any) -> dict[str, Any]:
    """Send every transaction and return what the file will say; `deployer` is a Brownie account."""
    floors = order.governance.rules_delay_s, order.governance.code_delay_s
    manager = create(deployer, LedgerAuthority, deployer, *floors)
    keys = create(deployer, KeysFacet, order.domain_name)
    standards = create(deployer, StandardsFacet, order.domain_name, keys)
    benefits = create(deployer, BenefitFacet, order.domain_name, standards)
    campaigns = create(deployer, CampaignFacet, order.domain_name, benefits)
    issuance = create(deployer, IssuanceFacet, order.domain_name, campaigns)
    administration = create(deployer, AdministrationFacet, order.domain_name, issuance)
    implementation = create(deployer, RegionalCurrency, administration)
    initialization = administration.initialize.encode_input(manager, order.token_name, order.token_symbol)
    proxy = create(deployer, LedgerProxy, implementation, initialization)
    deployed_at_block = web3.eth.block_number
    safeguards = administration.setSafeguards.encode_input(order.governance.safeguards())
    _confirmed(deployer.transfer(proxy, data=safeguards, required_confs=0))
    _hand_over(order, deployer, manager, proxy)
    contracts = {
        "ledger": proxy,
        "implementation": implementation,
        "administration": administration,
        "issuance": issuance,
        "campaigns": campaigns,
        "benefits": benefits,
        "standards": standards,
        "keys": keys,
        "access_manager": manager,
    }
    hashes = {
        name: code_hash(bytes(web3.eth.get_code(contract.address))) for name, contract in contracts.items()
    }
    return {
        "network": network.show_active(),
        "chain_id": order.chain_id,
        **{name: contract.address for name, contract in contracts.items()},
        "deployed_at_block": deployed_at_block,
        "domain": {"name": order.domain_name, "version": DOMAIN_VERSION},
        "token": {"name": order.token_name, "symbol": order.token_symbol, "decimals": 2},
        "roles": order.holders.first,
        "further_keys": order.holders.further,
        "governance": order.governance.as_json(),
        "deployer": deployer.address,
        "compiler": artifact("RegionalCurrency").compiler,
        "runtime_code_hash": hashes["implementation"],
        "code_hashes": hashes,
        "abi": merged_abi(),
    }


def create(deployer: Any, container: Any, *arguments: Any) -> Any:
    """Deploy one contract without Brownie's own record of it.

    That record (build/deployments) is kept by chain id: after a node was started anew with the same id it
    names contracts that are gone, and every later run fails on them.
    """
    sent = deployer.transfer(data=container.deploy.encode_input(*arguments), required_confs=0)
    address = _confirmed(sent)["contractAddress"]
    return Contract.from_abi(container._name, address, container.abi, persist=False)


def _confirmed(sent: Any) -> Any:
    """Wait for a transaction sent with no confirmations asked, and return its receipt.

    Brownie's own waiting takes a transaction for dropped when the node already counts its nonce but does not
    show its receipt yet, as a busy anvil does.
    """
    receipt = web3.eth.wait_for_transaction_receipt(sent.txid, timeout=RECEIPT_DEADLINE_S, poll_latency=0.05)
    if receipt["status"] != 1:
        raise DeploymentRefused(f"the transaction {sent.txid} was reverted")
    return receipt


def _hand_over(order: Order, deployer: Any, manager: Any, proxy: Any) -> None:
    """Write the table of roles into the AccessManager, then leave it without any role for the deployer."""
    sending = {"from": deployer, "required_confs": 0}
    # The admin role comes last: its delay would hold up the rest.
    for role in (*(role for role in ROLES if role is not GOVERNOR), GOVERNOR):
        for power in reversed(role.powers):
            if power.number != GOVERNOR.number:
                _set_up(power, manager, proxy, sending)
            delay_s = order.governance.delay_s(power.delay)
            for holder in order.holders.of(role.name):
                _confirmed(manager.grantRole(power.number, holder, delay_s, sending))
    _confirmed(manager.renounceRole(GOVERNOR.number, deployer, sending))


def _set_up(power: Power, manager: Any, proxy: Any, sending: dict[str, Any]) -> None:
    """Name a role of the AccessManager, give it its functions and, where announced, its guardian."""
    functions = {entry["name"]: entry for entry in merged_abi() if entry["type"] == "function"}
    selectors = [selector_of(functions[name]) for name in power.functions]
    _confirmed(manager.setTargetFunctionRole(proxy, selectors, power.number, sending))
    _confirmed(manager.labelRole(power.number, power.label, sending))
    if power.guarded:
        _confirmed(manager.setRoleGuardian(power.number, PAUSER.number, sending))


def write_atomically(path: Path, text: str) -> None:
    """Leave either the old file or the whole new one, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
