"""The stranger's script against the real ledger: a program of its own, without any installed package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.chain_world import World
from tests.support.node import ChainUnderTest
from tests.support.ports import free_port

pytestmark = pytest.mark.chain

SCRIPT = Path(__file__).resolve().parents[3] / "scripts/verify_reserve.py"
RUN_DEADLINE_S = 30
FIVE_DAYS_S = 5 * 86_400


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Isolated (-I) and without site packages (-S): the standard library is all it has."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), "--language", "en", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=RUN_DEADLINE_S)


def check(chain: ChainUnderTest) -> subprocess.CompletedProcess[str]:
    return run("--rpc", chain.node.url, "--ledger", chain.deployment.ledger)


def test_a_covered_supply_is_confirmed(sqlite_world: World, chain: ChainUnderTest) -> None:
    person = sqlite_world.person()
    sqlite_world.attest(123_456)
    sqlite_world.fund(person, 100_050)
    sqlite_world.run_until_idle()
    answer = check(chain)
    assert answer.returncode == 0, answer.stderr
    assert "1,000.50" in answer.stdout
    assert "1,234.56 EUR" in answer.stdout
    assert answer.stdout.splitlines()[-1].startswith("OK")
    by_file = run("--rpc", chain.node.url, "--deployment", str(chain.deployment_file))
    assert by_file.returncode == 0


def test_missing_euros_are_named(sqlite_world: World, chain: ChainUnderTest) -> None:
    person = sqlite_world.person()
    sqlite_world.attest(100_000)
    sqlite_world.fund(person, 100_000)
    sqlite_world.run_until_idle()
    sqlite_world.attest(99_900)
    sqlite_world.run_until_idle()
    answer = check(chain)
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[-1] == "NO: 1.00 euros are missing in the last attestation."


def test_a_ledger_never_attested_is_not_confirmed(chain: ChainUnderTest) -> None:
    answer = check(chain)
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[-1] == "NO: the reserve was never attested."


def test_an_old_attestation_is_not_confirmed(sqlite_world: World, chain: ChainUnderTest) -> None:
    head = chain.access.client.request("eth_getBlockByNumber", "latest", False)
    old = int(head["timestamp"], 16) - FIVE_DAYS_S
    chain.send("ATTESTER", "attestReserve", [100, old, "0x" + "01" * 32, 0])
    answer = check(chain)
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[-1] == "NO: the last attestation is too old."


def test_a_question_that_cannot_be_asked_confirms_nothing(chain: ChainUnderTest, tmp_path: Path) -> None:
    for arguments in (
        ("--rpc", chain.node.url, "--ledger", "0x" + "11" * 20),
        ("--rpc", f"http://127.0.0.1:{free_port()}", "--ledger", chain.deployment.ledger),
        ("--rpc", chain.node.url, "--ledger", "0x12"),
        ("--rpc", "file:///etc/passwd", "--ledger", chain.deployment.ledger),
        ("--rpc", chain.node.url, "--deployment", str(tmp_path / "nothing.json")),
    ):
        answer = run(*arguments)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith("? ")
