"""Sealed key files, engine profiles and deployment files: what is wrong is refused with a sentence."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from eth_account import Account

from wallet_service.chain.ledger.deployment import DeploymentUnusable, load_deployment
from wallet_service.chain.node.profile import ProfileInvalid, load_profile
from wallet_service.security.errors import SigningKeyMissing
from wallet_service.security.role_keys import KeyFileUnusable, RoleKeys, create_role_keys, open_role_keys
from wallet_service.security.roles import ROLES

MASTER_KEY = bytes(range(32))


def test_every_role_gets_a_sealed_key_of_its_own_once(tmp_path: Path) -> None:
    first = create_role_keys(tmp_path, MASTER_KEY)
    assert set(first) == set(ROLES)
    assert len(set(first.values())) == len(ROLES)
    assert create_role_keys(tmp_path, MASTER_KEY) == first
    keys = open_role_keys(tmp_path, MASTER_KEY)
    assert {role: keys.address(role) for role in keys.roles()} == first
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_key_file_or_repr_shows_a_secret(tmp_path: Path) -> None:
    create_role_keys(tmp_path, MASTER_KEY, ["ISSUER"])
    content = json.loads((tmp_path / "issuer.key.json").read_text())
    assert set(content) == {"format", "role", "address", "sealed"}
    assert len(bytes.fromhex(content["sealed"])) == 12 + 32 + 16
    assert repr(open_role_keys(tmp_path, MASTER_KEY)) == "RoleKeys(['ISSUER'])"


def test_a_signed_transaction_is_of_type_zero_and_of_that_role(tmp_path: Path) -> None:
    create_role_keys(tmp_path, MASTER_KEY, ["RELAYER"])
    keys = open_role_keys(tmp_path, MASTER_KEY)
    fields = {
        "nonce": 4,
        "gasPrice": 0,
        "gas": 50_000,
        "to": bytes(20),
        "value": 0,
        "data": b"",
        "chainId": 5,
    }
    signed = keys.sign("RELAYER", fields)
    assert signed.raw[0] >= 0xC0  # a bare RLP list
    assert Account.recover_transaction(signed.raw).lower() == keys.address("RELAYER") == signed.sender
    assert signed.nonce == 4


def test_a_role_without_a_key_here_is_said_so() -> None:
    keys = RoleKeys({})
    assert not keys.holds("ISSUER")
    with pytest.raises(SigningKeyMissing):
        keys.address("ISSUER")


def _spoil(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_broken_foreign_and_open_key_files_are_refused(tmp_path: Path) -> None:
    create_role_keys(tmp_path, MASTER_KEY, ["ISSUER", "ATTESTER"])
    path, other = tmp_path / "issuer.key.json", tmp_path / "attester.key.json"
    whole = path.read_text()
    with pytest.raises(KeyFileUnusable, match="does not open"):
        open_role_keys(tmp_path, bytes(32))
    _spoil(path, address="0x" + "11" * 20)
    with pytest.raises(KeyFileUnusable, match="does not open"):
        open_role_keys(tmp_path, MASTER_KEY)
    path.write_text(other.read_text())
    with pytest.raises(KeyFileUnusable, match="not the key of ISSUER"):
        open_role_keys(tmp_path, MASTER_KEY)
    _spoil(path, role="ISSUER")  # a key sealed for another role
    with pytest.raises(KeyFileUnusable, match="does not open"):
        open_role_keys(tmp_path, MASTER_KEY)
    for broken in ("", "not json", "[]", json.dumps({"format": 1, "role": "ISSUER", "private_key": "0x01"})):
        path.write_text(broken)
        with pytest.raises(KeyFileUnusable, match="not a sealed key file"):
            open_role_keys(tmp_path, MASTER_KEY)
    path.write_text(whole)
    path.chmod(0o644)
    with pytest.raises(KeyFileUnusable, match="readable by others"):
        open_role_keys(tmp_path, MASTER_KEY)


@pytest.mark.parametrize("name", ["embedded", "network", "besu"])
def test_the_shipped_profiles_are_whole(name: str) -> None:
    profile = load_profile(name, "http://127.0.0.1:1, http://127.0.0.1:2")
    assert profile.name == name
    assert profile.rpc_urls == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert profile.max_batch_gas <= 16_777_216  # EIP-7825's cap of one transaction


def test_environments_do_not_share_a_chain_id() -> None:
    ids = [load_profile(name, "http://x").chain_id for name in ("embedded", "network", "besu")]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": 0},
        {"finality_depth": -1},
        {"request_timeout_s": 0},
        {"gas_per_payment": {"p256": 1}},
        {"surprise": 1},
    ],
)
def test_an_impossible_profile_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    profiles = Path(__file__).resolve().parents[3] / "wallet_service" / "chain" / "node" / "profiles"
    content = {**json.loads((profiles / "embedded.json").read_text()), **changes}
    path = tmp_path / "own.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ProfileInvalid):
        load_profile(str(path), "http://x")


def test_a_profile_without_a_node_or_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid, match="ALBA_RPC_URL"):
        load_profile("embedded", "")
    with pytest.raises(ProfileInvalid, match="cannot be read"):
        load_profile(str(tmp_path / "none.json"))


def test_a_missing_or_broken_deployment_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "embedded.json"
    with pytest.raises(DeploymentUnusable, match="deploy the contracts first"):
        load_deployment(path)
    for broken in ("", "{}", "[]", '{"ledger": "0x12"}', '{"ledger": 5}'):
        path.write_text(broken)
        with pytest.raises(DeploymentUnusable, match="not a deployment file"):
            load_deployment(path)
