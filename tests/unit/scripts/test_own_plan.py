"""What operators of the network's own engine are given: one first state, own settings, no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.network.layout import NetworkFailed
from scripts.network.plans.__main__ import main, write
from scripts.network.plans.operators_file import read_network_plan

NAMES = ("region", "metropole", "department", "association", "university")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
FOUNDED = f'[founded]\nlist_id = "{"2" * 49}"\nchain = "{"3" * 49}"\n'


def lines_of(place: int, name: str) -> str:
    return "\n".join(
        [
            "[[validators]]",
            f'name = "{name}"',
            f'host = "192.0.2.{place + 10}"',
            f'node_id = "NodeID-{_BASE58[place] * 33}"',
            f'signing_key = "0x{place:096x}"',
            f'signing_proof = "0x{place:0192x}"',
            "",
        ]
    )


def operators_text(names: tuple[str, ...] = NAMES, founded: str = "") -> str:
    head = f"""engine = "network"
chain_id = 61451
network_id = 61451
starts_at_unix_s = 1798761600
authority = "0x{"a1" * 20}"
owner_address = "X-custom1{"q" * 38}"
stake_address = "X-custom1{"p" * 38}"
services = ["192.0.2.1"]
"""
    return head + "".join(lines_of(place, name) for place, name in enumerate(names)) + founded


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "operators.toml"
    file.write_text(text)
    assert main([str(file), "--folder", str(tmp_path / "plan")]) == 0
    return tmp_path / "plan"


def test_all_have_one_first_state_in_which_all_validate(tmp_path: Path) -> None:
    plan = written(tmp_path, operators_text())
    assert sorted(path.name for path in plan.iterdir()) == sorted(NAMES)
    firsts = {(plan / name / "genesis.json").read_text() for name in NAMES}
    assert len(firsts) == 1
    first = json.loads(firsts.pop())
    assert len(first["initialStakers"]) == len(NAMES)
    staked = first["allocations"][0]["unlockSchedule"][0]["amount"]
    assert staked == len(NAMES) * 10**15
    assert first["initialStakedFunds"] == [first["allocations"][0]["avaxAddr"]]


def test_each_finds_the_four_others_and_answers_questions_on_its_machine_alone(tmp_path: Path) -> None:
    plan = written(tmp_path, operators_text())
    settings = json.loads((plan / "region" / "settings.json").read_text())
    assert settings["bootstrap-ips"].split(",") == [f"192.0.2.{n}:9651" for n in range(11, 15)]
    assert (settings["http-host"], settings["staking-host"]) == ("127.0.0.1", "192.0.2.10")
    assert settings["admin-api-enabled"] is False
    rules = (plan / "region" / "firewall.nft").read_text()
    assert "ip saddr { 192.0.2.11, 192.0.2.12, 192.0.2.13, 192.0.2.14 } tcp dport 9651 accept" in rules
    assert "ip saddr { 192.0.2.1 } tcp dport 9443 accept" in rules
    assert "tcp dport { 9651, 9443 } drop" in rules
    assert "iif != lo tcp dport 9650 drop" in rules


def test_after_the_founding_the_folders_name_the_list_and_the_chain(tmp_path: Path) -> None:
    before = written(tmp_path, operators_text())
    assert "track-subnets" not in json.loads((before / "region" / "settings.json").read_text())
    assert not (before / "region" / "rpc-proxy.conf").exists()
    after = written(tmp_path, operators_text(founded=FOUNDED)) / "region"
    assert json.loads((after / "settings.json").read_text())["track-subnets"] == "2" * 49
    assert (after / "chains" / ("3" * 49) / "config.json").exists()
    assert (after / "lists" / f"{'2' * 49}.json").exists()
    proxy = (after / "rpc-proxy.conf").read_text()
    for path in (f"/ext/bc/{'3' * 49}/rpc", "/ext/info", "/ext/bc/P"):
        assert f"location = {path} {{" in proxy
    assert proxy.count("location ") == 4, "and one that answers 404"
    assert "ssl_verify_client on" in proxy
    assert "deny all" in proxy


def test_nothing_in_any_folder_is_a_private_key(tmp_path: Path) -> None:
    """A private key would be 32 bytes of hex by itself, or a PEM."""
    plan = written(tmp_path, operators_text(founded=FOUNDED))
    texts = {path: path.read_text() for path in plan.rglob("*") if path.is_file()}
    assert len(texts) > len(NAMES) * 10
    for path, text in texts.items():
        assert "BEGIN" not in text, path
        found = set(re.findall(r"(?<![0-9a-fx])(?:0x)?[0-9a-f]{64}(?![0-9a-f])", text))
        assert found <= {"0x" + "00" * 32}, path


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda text: operators_text(NAMES[:4]), "5 validators are needed"),
        (lambda text: text.replace("192.0.2.11", "192.0.2.10"), "the same host"),
        (lambda text: text.replace("192.0.2.11", "node.example.org"), "not an IP address"),
        (lambda text: text.replace('"metropole"', '"../etc"'), "is no name"),
        (lambda text: text.replace("NodeID-2", "2"), "begins with NodeID-"),
        (lambda text: text.replace("a1a1", "a1", 1), "not an address"),
        (lambda text: text.replace("X-custom1q", "P-custom1q"), "owner_address"),
        (lambda text: text + 'private_key = "0x12"\n', "no secret is ever told here"),
        (lambda text: text + f'[founded]\nlist_id = "{"2" * 49}"\n', "both or neither"),
        (lambda text: text.replace("chain_id", "chain_number"), "no operators' file"),
    ],
)
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, changed: object, words: str) -> None:
    file = tmp_path / "operators.toml"
    assert callable(changed)
    file.write_text(changed(operators_text()))
    with pytest.raises(NetworkFailed, match=words):
        read_network_plan(file)


def test_an_engine_nobody_knows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "operators.toml"
    file.write_text('engine = "clique"\n')
    with pytest.raises(NetworkFailed, match="clique"):
        write(file, tmp_path / "plan")
