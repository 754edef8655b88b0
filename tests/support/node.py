"""A real node with the real ledger, for tests.

Deployed by the deployment script once in a run and saved, one anvil a session started from what was saved,
one snapshot before each test.

Import `chain_session` and `chain` in a conftest.py. The keys are made for the session and protect nothing.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from tests.support.ports import free_port
from tests.support.ready import require_compiled
from tests.support.shared import made_once
from wallet_service.chain.ledger.codec import LedgerCodec
from wallet_service.chain.ledger.deployment import Deployment, load_deployment
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.embedded import EmbeddedNode
from wallet_service.chain.node.profile import ChainProfile, load_profile
from wallet_service.chain.reading.reader import NodeReader
from wallet_service.protocol.signing.addresses import address_bytes
from wallet_service.security.role_keys import RoleKeys, create_role_keys, open_role_keys
from wallet_service.security.roles import Role, ledger_holders

ROOT = Path(__file__).resolve().parents[2]
TEST_CHAIN_ID = 61_459
MASTER_KEY_NAME = "master.key"
DOMAIN_NAME = "l'alba (essais)"
DEPLOY_DEADLINE_S = 120
MINED_DEADLINE_S = 20
GAS = 5_000_000


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
        """A transaction straight to the ledger, past the service; its receipt.

        Fails the test when it reverts.
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


def start_chain(folder: Path, *, prune_history: bool = False) -> ChainUnderTest:
    """A node in `folder` with the freshly deployed ledger and its keys. The caller stops the node.

    The deployment itself is made once in a run, by the script; here its keys and its saved chain are copied.
    """
    shutil.copytree(made_once("deployed-chain", _deploy_and_save), folder, dirs_exist_ok=True)
    port = free_port()
    profile = profile_for_tests(f"http://127.0.0.1:{port}")
    node = _node_in(folder, profile, port, ("--prune-history",) if prune_history else ())
    node.start()
    node.set_time(int(time.time()))  # it would go on from the moment it was saved
    master_key = (folder / MASTER_KEY_NAME).read_bytes()
    deployment = load_deployment(folder / "deployments" / "embedded.json")
    codec = LedgerCodec(deployment.abi)
    access = ChainAccess(node.client, codec, deployment, profile, node.forget_transactions)
    return ChainUnderTest(node, folder, master_key, open_role_keys(folder / "keys", master_key), access)


def _deploy_and_save(folder: Path) -> None:
    """Keys, ledger and a dump of the chain in `folder`, all that `start_chain` copies."""
    require_compiled()
    port = free_port()
    node = _node_in(folder, profile_for_tests(f"http://127.0.0.1:{port}"), port)
    node.start()
    try:
        master_key = secrets.token_bytes(32)
        (folder / MASTER_KEY_NAME).write_bytes(master_key)
        addresses = create_role_keys(folder / "keys", master_key)
        deploy(node.sending_url, folder, {str(role): address for role, address in addresses.items()})
        node.stop()
    finally:
        node.kill_process()


def _node_in(folder: Path, profile: ChainProfile, port: int, arguments: tuple[str, ...] = ()) -> EmbeddedNode:
    return EmbeddedNode(folder / "node", profile, port=port, extra_arguments=arguments)


def start_copy(ground: ChainUnderTest, folder: Path) -> ChainUnderTest:
    """Another node, in `folder`, with the chain that `ground` saved last. The caller stops it."""
    shutil.copytree(ground.folder / "node", folder / "node")
    for part in ("keys", "deployments"):
        shutil.copytree(ground.folder / part, folder / part)
    node = EmbeddedNode(folder / "node", ground.access.profile, port=free_port())
    node.start()
    access = dataclasses.replace(
        ground.access, client=node.client, forget_transactions=node.forget_transactions
    )
    return dataclasses.replace(ground, node=node, folder=folder, access=access)


def deploy(url: str, folder: Path, role_addresses: Mapping[str, str]) -> Deployment:
    """Run the deployment script against `url`; what it left in ``folder/deployments/embedded.json``."""
    roles_file = folder / "roles.json"
    roles_file.write_text(json.dumps(ledger_holders(role_addresses)))
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
    chain_session.node.set_time(int(time.time()))  # going back below takes the node's clock back with it
    snapshot = chain_session.node.request("evm_snapshot")
    yield chain_session
    assert chain_session.node.request("evm_revert", snapshot) is True
