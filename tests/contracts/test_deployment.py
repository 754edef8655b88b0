"""The deployment scripts, really run against a fresh node, and what they refuse."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils import keccak
from web3 import HTTPProvider, Web3

from scripts.ledger.build import artifact, merged_abi, same_code
from scripts.ledger.check import deployment_faults
from scripts.ledger.roles import ROLES, RolesRefused, checked_role_addresses

ROOT = Path(__file__).resolve().parents[2]
CHAIN_ID = 61_777
START_DEADLINE_S = 20
SCRIPT_DEADLINE_S = 90
DOMAIN_NAME = "Alba, essai d’un déploiement"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def isolated() -> None:
    """These tests have a node of their own; Brownie's has nothing to isolate."""


class Node:
    """A fresh anvil without accounts, as the embedded engine runs it."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        anvil = shutil.which("anvil")
        assert anvil, "anvil is on the PATH of every Brownie run"
        command = [anvil, "--hardfork", "osaka", "--accounts", "0", "--chain-id", str(CHAIN_ID), "--silent"]
        command += ["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee", "--port", str(port)]
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(command)
        self.chain = Web3(HTTPProvider(self.url))
        deadline = time.monotonic() + START_DEADLINE_S
        while not self.chain.is_connected():
            assert time.monotonic() < deadline, "anvil did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()


def order(folder: Path, node_url: str, **changed: str) -> dict[str, str]:
    """The environment of a deployment, with keys made for it."""
    roles = {role.name: Account.create().address for role in ROLES}
    (folder / "roles.json").write_text(json.dumps(roles))
    key_file = folder / "deployer.key"
    key_file.write_text(Account.create().key.hex())
    key_file.chmod(0o600)
    settings = {
        "ALBA_ROLE_ADDRESSES": str(folder / "roles.json"),
        "ALBA_DEPLOYER_KEY_FILE": str(key_file),
        "ALBA_DOMAIN_NAME": DOMAIN_NAME,
        "ALBA_TOKEN_NAME": "Alba",
        "ALBA_TOKEN_SYMBOL": "ALB",
        "ALBA_EXPECTED_CHAIN_ID": str(CHAIN_ID),
        "ALBA_RPC_URL": node_url,
        "ALBA_DEPLOYMENTS_DIR": str(folder / "deployments"),
    }
    return settings | changed


def deploy(settings: dict[str, str]) -> tuple[int, str]:
    """Run the script as an operator does: (exit status, what it printed)."""
    command = [
        sys.executable,
        str(ROOT / "scripts/setup/brownie_run.py"),
        "run",
        "deploy",
        "--network",
        "embedded",
    ]
    finished = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SCRIPT_DEADLINE_S,
        check=False,
    )
    return finished.returncode, ANSI.sub("", finished.stdout)


def verify(file: Path, url: str) -> tuple[int, str]:
    """Run the verification as an operator does."""
    command = [sys.executable, str(ROOT / "scripts/verify_deployment.py"), str(file), "--rpc-url", url]
    finished = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SCRIPT_DEADLINE_S, check=False
    )
    return finished.returncode, finished.stdout + finished.stderr


@pytest.fixture(scope="module")
def node() -> Any:
    """A fresh node for the module."""
    started = Node()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def deployed(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(settings, file, its content) of one real deployment."""
    settings = order(tmp_path_factory.mktemp("deployed"), node.url)
    status, output = deploy(settings)
    assert status == 0, output
    file = Path(settings["ALBA_DEPLOYMENTS_DIR"]) / "embedded.json"
    return settings, file, json.loads(file.read_text(encoding="utf-8"))


def test_a_deployment_leaves_a_whole_file_and_a_ledger(node: Node, deployed: Any) -> None:
    settings, file, content = deployed
    assert content["network"] == "embedded"
    assert content["chain_id"] == CHAIN_ID
    assert content["domain"] == {"name": DOMAIN_NAME, "version": "1"}
    assert content["roles"] == json.loads(Path(settings["ALBA_ROLE_ADDRESSES"]).read_text())
    assert content["abi"] == merged_abi()
    assert content["compiler"]["version"].startswith("0.8.")
    code = node.chain.eth.get_code(content["implementation"])
    assert content["runtime_code_hash"] == "0x" + keccak(code).hex()
    block = node.chain.eth.get_block(content["deployed_at_block"], full_transactions=True)
    receipt = node.chain.eth.get_transaction_receipt(block["transactions"][0]["hash"])
    assert receipt["contractAddress"] == content["ledger"]
    assert [path.name for path in file.parent.iterdir()] == ["embedded.json"]


def test_every_transaction_was_type_0_at_price_0(node: Node, deployed: Any) -> None:
    for number in range(1, node.chain.eth.block_number + 1):
        for transaction in node.chain.eth.get_block(number, full_transactions=True)["transactions"]:
            assert (transaction["type"], transaction["gasPrice"]) == (0, 0)


def test_verification_accepts_what_was_deployed(node: Node, deployed: Any) -> None:
    _, file, content = deployed
    assert verify(file, node.url) == (
        0,
        f"ledger {content['ledger']} on chain {CHAIN_ID} is as {file} says\n",
    )


def test_a_living_ledger_is_not_deployed_over(deployed: Any) -> None:
    settings, file, content = deployed
    before = file.read_bytes()
    status, output = deploy(settings)
    assert status == 1
    assert f"already names the ledger {content['ledger']}" in output
    assert file.read_bytes() == before


def test_a_node_started_anew_is_deployed_again(tmp_path: Path, deployed: Any) -> None:
    """Same chain id, same file, an empty chain: what an emptied demonstration looks like."""
    fresh = Node()
    try:
        settings = order(tmp_path, fresh.url, ALBA_DEPLOYMENTS_DIR=str(tmp_path / "copy"))
        (tmp_path / "copy").mkdir()
        shutil.copy(deployed[1], tmp_path / "copy" / "embedded.json")
        status, output = deploy(settings)
        assert status == 0, output
        assert verify(tmp_path / "copy" / "embedded.json", fresh.url)[0] == 0
    finally:
        fresh.stop()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"chain_id": 1}, "the chain id should be 1 but is 61777"),
        ({"ledger": "0x" + "22" * 20}, "there is no code at the ledger's address"),
        ({"implementation": "administration"}, "the proxy's implementation should be"),
        ({"administration": "implementation"}, "the administration code should be"),
        ({"domain": {"name": "Autre", "version": "1"}}, "the domain's name should be Autre"),
        ({"token": {"name": "Autre", "symbol": "ALB"}}, "the token's name should be Autre"),
        ({"code_hashes": "changed"}, "the recorded hash of the ledger's code should be"),
        ({"roles": "swapped"}, "whether ISSUER's key"),
        ({"deployer": "governor"}, "still holds GOVERNOR"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_verification_names_what_differs(node: Node, deployed: Any, change: Any, sentence: str) -> None:
    content = json.loads(json.dumps(deployed[2]))
    for key, value in change.items():
        if value == "changed":
            content[key]["ledger"] = "0x" + "00" * 32
        elif value == "swapped":
            roles = content["roles"]
            roles["ISSUER"], roles["ATTESTER"] = roles["ATTESTER"], roles["ISSUER"]
        elif value == "governor":
            content[key] = content["roles"]["GOVERNOR"]
        else:
            content[key] = content.get(value, value) if isinstance(value, str) else value
    faults = deployment_faults(node.chain, content)
    assert any(fault.startswith(sentence) or sentence in fault for fault in faults), faults


def test_verification_fails_with_a_sentence_and_status_1(node: Node, deployed: Any, tmp_path: Path) -> None:
    content = deployed[2] | {"token": {"name": "Autre", "symbol": "ALB"}}
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(content), encoding="utf-8")
    assert verify(edited, node.url) == (1, "the token's name should be Autre but is Alba\n")
    assert verify(tmp_path / "absent.json", node.url)[0] == 1


def test_verification_sees_a_single_changed_byte_of_code(node: Node, deployed: Any) -> None:
    built = artifact("RegionalCurrency").runtime_code
    on_chain = bytes(node.chain.eth.get_code(deployed[2]["implementation"]))
    assert same_code(built, on_chain) is True
    assert built != on_chain, "immutable values were put in at deployment"
    for position in (0, len(on_chain) // 2, len(on_chain) - 1):
        changed = bytearray(on_chain)
        changed[position] ^= 1
        assert same_code(built, bytes(changed)) is False
    assert same_code(built, on_chain[:-1]) is False


def test_another_chain_is_refused_and_nothing_is_sent(node: Node, tmp_path: Path) -> None:
    before = node.chain.eth.block_number
    status, output = deploy(order(tmp_path, node.url, ALBA_EXPECTED_CHAIN_ID="1"))
    assert status == 1
    assert "the node's chain id is 61777, 1 was expected" in output
    assert node.chain.eth.block_number == before
    assert not (tmp_path / "deployments").exists()


def test_two_roles_with_one_key_are_refused(node: Node, tmp_path: Path) -> None:
    settings = order(tmp_path, node.url)
    roles = json.loads((tmp_path / "roles.json").read_text())
    (tmp_path / "roles.json").write_text(json.dumps(roles | {"ATTESTER": roles["ISSUER"].lower()}))
    status, output = deploy(settings)
    assert status == 1
    assert "ATTESTER and ISSUER are the same key" in output
    assert not (tmp_path / "deployments").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"ISSUER": None},
        {"ISSUER": ""},
        {"ISSUER": "0x12"},
        {"ISSUER": "0x" + "00" * 20},
        {"TREASURER": "0x" + "12" * 20},
    ],
)
def test_role_addresses_are_six_real_ones(change: dict[str, Any]) -> None:
    roles: dict[str, object] = {role.name: Account.create().address for role in ROLES}
    assert set(checked_role_addresses(roles)) == set(roles)
    with pytest.raises(RolesRefused):
        checked_role_addresses(roles | change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ALBA_DOMAIN_NAME": "é" * 16}, "more than 31 bytes"),
        ({"ALBA_DOMAIN_NAME": ""}, "ALBA_DOMAIN_NAME is not set"),
        ({"ALBA_TOKEN_NAME": ""}, "ALBA_TOKEN_NAME is not set"),
        ({"ALBA_EXPECTED_CHAIN_ID": "0x1"}, "not a number"),
        ({"ALBA_ROLE_ADDRESSES": "/nowhere/roles.json"}, "cannot be read"),
        ({"ALBA_DEPLOYER_KEY_FILE": "/nowhere/key"}, "cannot be read"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], sentence: str
) -> None:
    from scripts.deploy import DeploymentRefused, read_order

    for name, value in order(tmp_path, "http://127.0.0.1:1", **change).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DeploymentRefused, match=sentence):
        read_order("embedded")


def test_a_key_file_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scripts.deploy import DeploymentRefused, read_order

    for name, value in order(tmp_path, "http://127.0.0.1:1").items():
        monkeypatch.setenv(name, value)
    assert read_order("embedded").file == tmp_path / "deployments" / "embedded.json"
    (tmp_path / "deployer.key").chmod(0o644)
    with pytest.raises(DeploymentRefused, match="mode 0644"):
        read_order("embedded")


def test_a_network_others_reach_needs_several_governors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scripts.deploy import DeploymentRefused, read_order

    settings = order(tmp_path, "http://127.0.0.1:1")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ALBA_GOVERNANCE", raising=False)
    with pytest.raises(DeploymentRefused, match="a resumption needs 2 governors and 1 is given"):
        read_order("besu")
    monkeypatch.setenv("ALBA_GOVERNANCE", "demonstration")
    with pytest.raises(DeploymentRefused, match="not for the network besu"):
        read_order("besu")
    monkeypatch.delenv("ALBA_GOVERNANCE")
    roles = json.loads((tmp_path / "roles.json").read_text())
    further = {"GOVERNOR": [Account.create().address]}
    (tmp_path / "roles.json").write_text(json.dumps(roles | {"further": further}))
    found = read_order("besu")
    assert (found.governance.name, found.holders.further) == ("production", further)


def test_the_deployer_may_be_none_of_the_roles(node: Node, tmp_path: Path) -> None:
    settings = order(tmp_path, node.url)
    roles = json.loads((tmp_path / "roles.json").read_text())
    key = (tmp_path / "deployer.key").read_text()
    (tmp_path / "roles.json").write_text(json.dumps(roles | {"PAUSER": Account.from_key(key).address}))
    status, output = deploy(settings)
    assert status == 1
    assert "the deployer must end without any power" in output
