"""A real node with the real ledger, for tests: one anvil a session, deployed by the deployment script,
one snapshot before each test.

Import `chain_session` and `chain` in a conftest.py. The keys are made for the session and protect nothing.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from wallet_service.chain.client import NodeClient
from wallet_service.chain.deployment import Deployment, load_deployment
from wallet_service.chain.embedded import EmbeddedNode
from wallet_service.chain.keys import RoleKeys, create_role_keys, open_role_keys
from wallet_service.chain.ledger import LedgerCodec
from wallet_service.chain.ports import Role
from wallet_service.chain.profile import ChainProfile, load_profile
from wallet_service.chain.reader import NodeReader
from wallet_service.chain.sender import ChainAccess
from wallet_service.protocol.addresses import address_bytes

ROOT = Path(__file__).resolve().parents[2]
TEST_CHAIN_ID = 61_459
DOMAIN_NAME = "l'alba (essais)"
DEPLOY_DEADLINE_S = 120
MINED_DEADLINE_S = 20
GAS = 5_000_000


def free_port() -> int:
    """A TCP port that was free on loopback a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ChainUnderTest:
    """One node with one deployed ledger and every role's key."""

    node: EmbeddedNode
    folder: Path
    master_key: bytes
    keys: RoleKeys
    access: ChainAccess

    @property
    def deployment(self) -> Deployment:
        return self.access.deployment

    @property
    def deployment_file(self) -> Path:
        return self.folder / "deployments" / "embedded.json"

    @property
    def keys_directory(self) -> Path:
        return self.folder / "keys"

    def reader(self) -> NodeReader:
        """Answers that are never remembered."""
        return NodeReader(self.access, kept_s=0.0)

    def send(self, role: Role, function: str, arguments: Sequence[Any]) -> dict[str, Any]:
        """A transaction straight to the ledger, past the service; its receipt. Fails the test when it
        reverts.
        """
        client = self.access.client
        signed = self.keys.sign(
            role,
            {
                "nonce": client.transaction_count(self.keys.address(role)),
                "gasPrice": 0,
                "gas": GAS,
                "to": address_bytes(self.deployment.ledger),
                "value": 0,
                "data": self.access.codec.call_data(function, arguments),
                "chainId": self.deployment.chain_id,
            },
        )
        client.request("eth_sendRawTransaction", "0x" + signed.raw.hex())
        deadline_s = time.monotonic() + MINED_DEADLINE_S
        while (receipt := client.request("eth_getTransactionReceipt", signed.transaction_hash)) is None:
            assert time.monotonic() < deadline_s, f"{function} was not mined"
            time.sleep(0.005)
        assert receipt["status"] == "0x1", f"{function} reverted"
        return dict(receipt)


def profile_for_tests(url: str, name: str = "embedded") -> ChainProfile:
    """The profile with this node's address and a chain id of the tests' own."""
    return dataclasses.replace(load_profile(name, url), chain_id=TEST_CHAIN_ID, request_timeout_s=5)


def start_chain(
    folder: Path, *, prune_history: bool = False, genesis_unix_s: int | None = None
) -> ChainUnderTest:
    """Start a node in `folder`, make keys, deploy by the script. The caller stops the node."""
    port = free_port()
    profile = profile_for_tests(f"http://127.0.0.1:{port}")
    node = EmbeddedNode(
        folder / "node",
        profile,
        port=port,
        genesis_unix_s=genesis_unix_s,
        extra_arguments=("--prune-history",) if prune_history else (),
    )
    node.start()
    try:
        master_key = secrets.token_bytes(32)
        addresses = create_role_keys(folder / "keys", master_key)
        deployment = deploy(
            node.url, folder, {role: addresses[role] for role in addresses if role != "RELAYER"}
        )
    except BaseException:
        node.kill_process()
        raise
    access = ChainAccess(NodeClient(profile), LedgerCodec(deployment.abi), deployment, profile)
    return ChainUnderTest(node, folder, master_key, open_role_keys(folder / "keys", master_key), access)


def deploy(url: str, folder: Path, role_addresses: dict[Any, str]) -> Deployment:
    """Run the deployment script against `url`; what it left in ``folder/deployments/embedded.json``."""
    roles_file = folder / "roles.json"
    roles_file.write_text(json.dumps(role_addresses))
    key_file = folder / "deployer.key"
    key_file.touch(mode=0o600)
    key_file.write_text(Account.create().key.hex())
    environment = {
        **os.environ,
        "EMBEDDED_RPC_URL": url,
        "EMBEDDED_CHAIN_ID": str(TEST_CHAIN_ID),
        "ALBA_RPC_URL": url,
        "ALBA_ROLE_ADDRESSES": str(roles_file),
        "ALBA_DEPLOYER_KEY_FILE": str(key_file),
        "ALBA_DOMAIN_NAME": DOMAIN_NAME,
        "ALBA_TOKEN_NAME": "l'alba",
        "ALBA_TOKEN_SYMBOL": "ALBA",
        "ALBA_EXPECTED_CHAIN_ID": str(TEST_CHAIN_ID),
        "ALBA_DEPLOYMENTS_DIR": str(folder / "deployments"),
    }
    ended = subprocess.run(
        [str(ROOT / "scripts/setup/brownie.sh"), "run", "deploy", "--network", "embedded"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEPLOY_DEADLINE_S,
    )
    key_file.unlink()
    if ended.returncode != 0:
        pytest.fail(f"the deployment failed:\n{ended.stdout[-3000:]}\n{ended.stderr[-2000:]}", pytrace=False)
    return load_deployment(folder / "deployments" / "embedded.json")


@pytest.fixture(scope="session")
def chain_session() -> Iterator[ChainUnderTest]:
    """One node with the ledger for the whole session. Tests ask for `chain`, which gives the state back."""
    with tempfile.TemporaryDirectory(prefix="alba-chain-") as folder:
        started = start_chain(Path(folder))
        yield started
        started.node.kill_process()


@pytest.fixture
def chain(chain_session: ChainUnderTest) -> Iterator[ChainUnderTest]:
    """The session's chain as it was just after the deployment; whatever the test does to it is undone."""
    snapshot = chain_session.node.request("evm_snapshot")
    yield chain_session
    assert chain_session.node.request("evm_revert", snapshot) is True
