"""What operators of Besu are given: the first block by its RLP rule, lists, and never a private key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rlp

from scripts.network.layout import NetworkFailed
from scripts.network.plans.__main__ import main
from scripts.network.plans.besu import Operator, Plan, bundle, extra_data, genesis, read_plan

ACCOUNT = "0x" + "ac" * 20
#: The four validators and the extraData of Besu's documentation of QBFT.
DOCUMENTED_VALIDATORS = (
    "0x4a702e6263b7297a96638cac6ae65e6541f41699",
    "0x43923390ad55e90c237593b3b0e401f3b08a0318",
    "0xaefdb9a738c9f433e5b6b212a6d62f6370c2f692",
    "0xc7eeb9a4e00ce683cf93039b212648e01c6c6b78",
)


def operators(count: int = 5) -> tuple[Operator, ...]:
    return tuple(
        Operator(f"operator-{n}", f"192.0.2.{n}", f"0x{n:040x}", f"{n:0128x}") for n in range(1, count + 1)
    )


def toml(chosen: tuple[Operator, ...]) -> str:
    lines = ["chain_id = 61452", f'accounts = ["{ACCOUNT}"]']
    for one in chosen:
        lines += ["[[operators]]"]
        lines += [f'{name} = "{getattr(one, name)}"' for name in ("name", "host", "validator", "node_id")]
    return "\n".join(lines)


def test_the_first_blocks_extra_data_is_rlp_of_five_parts() -> None:
    data = bytes.fromhex(extra_data(DOCUMENTED_VALIDATORS)[2:])
    vanity, validators, vote, round_number, seals = rlp.decode(data)
    assert vanity == bytes(32)
    assert ["0x" + one.hex() for one in validators] == sorted(DOCUMENTED_VALIDATORS)
    assert (vote, round_number, seals) == ([], b"", [])
    assert data[:2] == bytes.fromhex("f87a")
    assert data[-3:] == bytes.fromhex("c080c0")


def test_the_first_block_has_no_fee_and_the_rules_of_osaka() -> None:
    config = genesis(Plan(61_452, (ACCOUNT,), operators()))["config"]
    assert config["zeroBaseFee"] is True
    assert config["osakaTime"] == 0
    assert config["qbft"]["blockperiodseconds"] == 1


def test_each_operator_gets_its_own_and_nobody_a_private_key(tmp_path: Path) -> None:
    file = tmp_path / "operators.toml"
    file.write_text(toml(operators()))
    assert main([str(file), "--folder", str(tmp_path / "plan")]) == 0
    folders = sorted(path.name for path in (tmp_path / "plan").iterdir())
    assert folders == [f"operator-{n}" for n in range(1, 6)]
    firsts = {(tmp_path / "plan" / name / "genesis.json").read_text() for name in folders}
    assert len(firsts) == 1
    written = {path.name for path in (tmp_path / "plan" / "operator-1").iterdir()}
    assert not {name for name in written if name.endswith(".key")}
    mine = tmp_path / "plan" / "operator-1"
    assert 'rpc-http-host="127.0.0.1"' in (mine / "config.toml").read_text()
    assert "192.0.2.1," not in (mine / "firewall.nft").read_text()
    assert ACCOUNT in (mine / "permissions.toml").read_text()
    assert len(json.loads((mine / "static-nodes.json").read_text())) == 5


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (operators(3), "4 operators are needed"),
        ((*operators(4), Operator("operator-9", "192.0.2.4", "0x" + "9" * 40, "9" * 128)), "the same host"),
        ((*operators(4), Operator("operator-9", "example.org", "0x" + "9" * 40, "9" * 128)), "not an IP"),
        ((*operators(4), Operator("operator-9", "192.0.2.9", "0x12", "9" * 128)), "not an address"),
        ((*operators(4), Operator("operator-9", "192.0.2.9", "0x" + "9" * 40, "9" * 64)), "never a private"),
        ((*operators(4), Operator("../etc", "192.0.2.9", "0x" + "9" * 40, "9" * 128)), "is no name"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(tmp_path: Path, chosen: tuple[Operator, ...], words: str) -> None:
    file = tmp_path / "operators.toml"
    file.write_text(toml(chosen))
    with pytest.raises(NetworkFailed, match=words):
        read_plan(file)


def test_each_gets_seven_files() -> None:
    plan = Plan(61_452, (), operators())
    assert {len(bundle(plan, one)) for one in plan.operators} == {7}
