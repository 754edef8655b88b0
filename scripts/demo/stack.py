"""From an empty folder to a system that can be served: keys, chain, ledger, database.

Used by `make demo` and by the end-to-end tests. Owns the order of these steps and their environment; asks
nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from eth_account import Account

from scripts.demo.processes import end_with_parent
from scripts.demo.stack_layout import ROOT, Stack, StackFailed, service_command, till_command
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.node.profile import load_profile
from wallet_service.database.engine import make_engine
from wallet_service.database.migrate import upgrade
from wallet_service.security.role_keys import create_role_keys
from wallet_service.security.roles import ledger_holders
from wallet_service.security.sealing import create_master_key, read_master_key

BROWNIE = ROOT / "scripts" / "setup" / "brownie.sh"
DEPLOY_TIMEOUT_S = 300
COMPILE_TIMEOUT_S = 900

__all__ = [
    "ROOT",
    "Stack",
    "StackFailed",
    "compile_contracts",
    "deploy",
    "deploy_at",
    "make_keys",
    "make_node",
    "migrate",
    "service_command",
    "till_command",
]


def make_keys(stack: Stack) -> Mapping[str, str]:
    """The master key and the role keys, made when missing; the roles' addresses."""
    settings = stack.settings()
    create_master_key(settings.master_key_file)
    addresses = create_role_keys(settings.chain_keys_directory, read_master_key(settings.master_key_file))
    return {str(role): address for role, address in addresses.items()}


def make_node(stack: Stack, genesis_unix_s: int | None = None) -> EmbeddedNode:
    """The node the service will keep later, for the steps before there is a service. Not started."""
    profile = load_profile("embedded", f"http://127.0.0.1:{stack.rpc_port}")
    return EmbeddedNode(
        stack.directory / "chain", profile, port=stack.rpc_port, genesis_unix_s=genesis_unix_s
    )


def compile_contracts(log: Path) -> None:
    """Nothing to do when build/ is as new as the sources: Brownie compares them. Raises StackFailed."""
    _brownie(["compile"], {}, log, COMPILE_TIMEOUT_S, "compiling the contracts")


def deploy(stack: Stack, role_addresses: Mapping[str, str], log: Path, node: EmbeddedNode) -> None:
    """Run the deployment script against this running node. Raises StackFailed."""
    deploy_at(stack, role_addresses, log, node.sending_url, node.url)


def deploy_at(
    stack: Stack,
    role_addresses: Mapping[str, str],
    log: Path,
    sending_url: str,
    reading_url: str,
    admit: Callable[[str], None] = lambda address: None,
) -> None:
    """Run the deployment script against a node, and the check of what it did. Raises StackFailed.

    `admit` is told the deployer's address before anything is sent: a permissioned chain must know it.
    """
    secrets_folder = stack.directory / "secrets"
    roles_file, key_file = (
        secrets_folder / "roles.json",
        secrets_folder / f"deployer-{secrets.token_hex(4)}.key",
    )
    roles_file.write_text(json.dumps(ledger_holders(role_addresses)), encoding="utf-8")
    settings = stack.settings()
    currency = json.loads(settings.currency_file.read_text(encoding="utf-8"))
    profile = load_profile(stack.chain_profile, settings.rpc_url)
    key_file.touch(mode=0o600)
    try:
        deployer = Account.create()
        key_file.write_text(deployer.key.hex(), encoding="ascii")
        admit(str(deployer.address))
        variables = {
            "ALBA_RPC_URL": sending_url,
            "ALBA_GAS_PRICE_WEI": str(profile.gas_price_wei),
            "ALBA_ROLE_ADDRESSES": str(roles_file),
            "ALBA_DEPLOYER_KEY_FILE": str(key_file),
            "ALBA_DOMAIN_NAME": f"{currency['domain_name']} ({stack.environment})",
            "ALBA_TOKEN_NAME": currency["token_name"],
            "ALBA_TOKEN_SYMBOL": currency["symbol"],
            "ALBA_EXPECTED_CHAIN_ID": str(profile.chain_id),
            "ALBA_DEPLOYMENTS_DIR": str(stack.deployment_file.parent),
        }
        command = ["run", "deploy", "--network", stack.deployment_network]
        _brownie(command, variables, log, DEPLOY_TIMEOUT_S, "deploying the ledger")
        check = [sys.executable, str(ROOT / "scripts" / "verify_deployment.py"), str(stack.deployment_file)]
        _run([*check, "--rpc-url", reading_url], {}, log, DEPLOY_TIMEOUT_S, "checking the ledger")
    finally:
        key_file.unlink()


def migrate(stack: Stack) -> None:
    upgrade(make_engine(stack.settings().resolved_database_url()))


def _brownie(
    arguments: list[str], variables: Mapping[str, str], log: Path, timeout_s: int, what: str
) -> None:
    _run([str(BROWNIE), *arguments], variables, log, timeout_s, what)


def _run(command: list[str], variables: Mapping[str, str], log: Path, timeout_s: int, what: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            ended = subprocess.run(
                command,
                env={**os.environ, **variables},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
                preexec_fn=end_with_parent,
            )
        except subprocess.TimeoutExpired:
            raise StackFailed(f"{what} took more than {timeout_s} s; details in {log}") from None
    if ended.returncode != 0:
        raise StackFailed(f"{what} failed (code {ended.returncode}); details in {log}")
