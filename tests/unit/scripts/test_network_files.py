"""What the network's validators and operators are told: settings, permissions, records, the journal."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from scripts.network import journal, status
from scripts.network.genesis import (
    ACCOUNTS_LIST,
    DEPLOYERS_LIST,
    chain_genesis,
    chain_settings,
    consensus_settings,
    node_settings,
)
from scripts.network.layout import (
    Founded,
    NetworkFailed,
    Node,
    make_nodes,
    read_record,
    require_record,
    write_record,
)
from scripts.network.permissions import checked
from scripts.network.trials.scene import MAX_P99_S

#: The engine's own: how long the next in turn waits for a proposer.
PROPOSERS_TURN_S = 5
AUTHORITY = "0x" + "a1" * 20
NODES = make_nodes({f"validator-{number}": f"NodeID-{number}" for number in range(1, 6)}, 9650)
FOUNDED = Founded("list", "chain", 61_451, NODES)


def test_nobody_but_the_authority_is_on_the_first_lists() -> None:
    config = chain_genesis(61_451, AUTHORITY)["config"]
    for name in (ACCOUNTS_LIST, DEPLOYERS_LIST):
        assert config[name] == {"blockTimestamp": 0, "adminAddresses": [AUTHORITY]}
    assert list(chain_genesis(61_451, AUTHORITY)["alloc"]) == ["a1" * 20]


def test_a_block_is_on_disk_before_it_counts() -> None:
    assert json.loads(base64.b64decode(chain_settings()["database-config"])) == {"sync": True}
    assert "database-config" not in chain_settings(sync=False)


def test_half_change_a_mind_and_three_in_four_make_a_block_final() -> None:
    """With the same bar for both, validators divided three to two stood still for ever."""
    parameters = consensus_settings()["consensusParameters"]
    assert (parameters["k"], parameters["alphaPreference"], parameters["alphaConfidence"]) == (20, 11, 15)


def test_a_validator_listens_on_this_machine_alone_and_serves_no_administration() -> None:
    settings = node_settings(Path("/net"), NODES[0], NODES[1:], Path("/plugins"), 4_096, FOUNDED)
    assert {settings["http-host"], settings["staking-host"], settings["public-ip"]} == {"127.0.0.1"}
    assert settings["admin-api-enabled"] is False
    assert (settings["http-port"], settings["staking-port"]) == (9650, 9651)
    assert settings["bootstrap-ips"].split(",") == [f"127.0.0.1:{port}" for port in (9653, 9655, 9657, 9659)]
    assert settings["fd-limit"] == 4_096
    assert not {"debug", "admin", "internal-personal"} & set(chain_settings()["eth-apis"])


def test_a_validator_that_hangs_is_given_up_long_before_a_payment_is_late() -> None:
    """With the engine's own measures one silent validator of five held blocks up for 20 s."""
    settings = node_settings(Path("/net"), NODES[0], NODES[1:], Path("/plugins"), 4_096, FOUNDED)
    assert settings["network-minimum-timeout"] == "250ms"
    assert settings["network-maximum-timeout"] == "4s"
    ping_s, silent_s = (
        int(settings[f"network-ping-{word}"].removesuffix("s")) for word in ("frequency", "timeout")
    )
    assert ping_s < silent_s < MAX_P99_S - PROPOSERS_TURN_S


def test_a_record_is_read_as_it_was_written_and_is_its_owners_alone(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    with pytest.raises(NetworkFailed, match="make network"):
        require_record(tmp_path)
    write_record(tmp_path, FOUNDED)
    assert read_record(tmp_path) == FOUNDED
    assert stat.S_IMODE((tmp_path / "network.json").stat().st_mode) == 0o600


def test_the_journal_is_a_chain_and_says_where_it_was_changed(tmp_path: Path) -> None:
    for number in range(3):
        journal.append(tmp_path, "admit-account", f"0x{number}", "a new relayer", {})
    journal.require_whole(journal.entries(tmp_path))
    file = tmp_path / "journal.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], lines[1].replace("0x1", "0x9"), lines[2]]) + "\n")
    with pytest.raises(NetworkFailed, match="entry 2"):
        journal.append(tmp_path, "admit-account", "0x4", "another", {})
    file.write_text("\n".join([lines[0], lines[2]]) + "\n")
    with pytest.raises(NetworkFailed, match="entry 2"):
        journal.require_whole(journal.entries(tmp_path))


@pytest.mark.parametrize("ground", ["", "  ", "x" * 301])
def test_no_act_without_a_ground(tmp_path: Path, ground: str) -> None:
    with pytest.raises(NetworkFailed, match="say why"):
        journal.append(tmp_path, "admit-account", "0x1", ground, {})
    assert journal.entries(tmp_path) == []


@pytest.mark.parametrize("account", ["", "0x12", "validator-1", "0x" + "zz" * 20])
def test_what_is_no_address_is_not_admitted(account: str) -> None:
    with pytest.raises(NetworkFailed, match="not an address"):
        checked(account)


def shown(node: Node, height: int | None, head_hash: str = "0xaa", days_left: int = 300) -> status.Shown:
    return status.Shown(node, "http://x", 1, height, None if height is None else head_hash, 4, days_left)


def test_the_verdict_says_how_many_may_still_fail() -> None:
    assert status.verdict([shown(node, 7) for node in NODES]) == "All 5 answer; 1 may fail."
    one_away = [shown(NODES[0], None), *(shown(node, 7) for node in NODES[1:])]
    assert "no other may fail" in status.verdict(one_away)
    two_away = [shown(node, None) for node in NODES[:2]] + [shown(node, 7) for node in NODES[2:]]
    assert status.verdict(two_away).startswith("ALARM: no block is made: 2 of 5")


def test_two_stories_of_one_height_are_an_alarm() -> None:
    looks = [shown(NODES[0], 7, "0xbb"), *(shown(node, 7) for node in NODES[1:])]
    assert status.verdict(looks).startswith("ALARM: two validators tell different stories")


@pytest.mark.parametrize(("days_left", "said"), [(61, ""), (59, "60"), (29, "30"), (6, "7")])
def test_the_end_of_a_validation_is_an_alarm_at_60_30_and_7_days(days_left: int, said: str) -> None:
    sentences = status.warnings([shown(NODES[0], 7, days_left=days_left)])
    if not said:
        assert sentences == []
    else:
        assert f"in {days_left} days (less than {said})" in sentences[0]
