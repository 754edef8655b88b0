"""The conformance suite on the embedded engine, and on engines that do not fit, told in the right words."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.conformance import engine_questions, suite
from scripts.conformance.__main__ import KeyUnusable, main, read_keys
from scripts.conformance.bench import Bench, Node
from scripts.conformance.verdicts import Outcome, Verdict, measured_profile
from tests.support.ports import free_port
from tests.support.ready import require_compiled
from wallet_service.chain.node.embedded import find_anvil
from wallet_service.chain.node.profile import load_profile
from wallet_service.platform.errors import ChainUnavailable

pytestmark = pytest.mark.chain

CHAIN_ID = load_profile("embedded", "http://nobody.invalid").chain_id
FREE = ("--base-fee", "0", "--gas-price", "0")
START_DEADLINE_S = 20
POLL_S = 0.05


@contextlib.contextmanager
def engine(*arguments: str, chain_id: int = CHAIN_ID, hardfork: str = "osaka") -> Iterator[str]:
    """An anvil that makes its blocks by itself, as any engine does; its address."""
    port = free_port()
    command = [str(find_anvil()), "--port", str(port), "--chain-id", str(chain_id), "--silent"]
    command += ["--hardfork", hardfork, "--accounts", "0", "--order", "fifo", "--disable-min-priority-fee"]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline_s = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                Node(url, 1.0).height()
                break
            except ChainUnavailable:
                assert time.monotonic() < deadline_s, "the engine does not answer"
                time.sleep(POLL_S)
        yield url
    finally:
        process.kill()
        process.wait()


def bench(folder: Path, *urls: str) -> Bench:
    profile = replace(load_profile("embedded", ",".join(urls)), receipt_timeout_s=10)
    return Bench([Node(url, 5.0) for url in urls], profile, read_keys(folder / "keys"))


def answers(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {one.question: one for one in verdicts}


def test_the_embedded_engine_conforms_and_its_profile_is_written(tmp_path: Path) -> None:
    require_compiled()
    with engine(*FREE) as first:
        assert main([first, "--folder", str(tmp_path)]) == 0
    rows = {row["question"]: row for row in json.loads((tmp_path / "report.json").read_text())}
    unknown = {name for name, row in rows.items() if row["outcome"] == "cannot tell"}
    assert unknown == {"nodes agree", "a node ended hard comes back whole"}
    assert rows["P-256 precompile"]["facts"]["p256_precompile"] is True
    written = load_profile(str(tmp_path / "profile.json"))
    assert written.rpc_urls == (first,)
    assert "| deployment | pass |" in (tmp_path / "report.md").read_text()


def test_another_chain_is_named_and_nothing_is_sent(tmp_path: Path) -> None:
    with engine(*FREE, chain_id=31_337) as url:
        found = answers(suite.run(bench(tmp_path, url)))
        assert Node(url, 5.0).height() == 0
    assert found["chain id"].outcome is Outcome.FAIL
    assert f"is chain 31337; the profile says {CHAIN_ID}" in found["chain id"].sentence
    assert found["deployment"].outcome is Outcome.CANNOT_TELL


def test_a_block_too_small_for_a_batch_is_named(tmp_path: Path) -> None:
    require_compiled()
    with engine(*FREE, "--gas-limit", "1000000") as url:
        found = answers(suite.run(bench(tmp_path, url)))
    limits = found["gas limits against max_batch_gas"]
    assert limits.outcome is Outcome.FAIL
    assert limits.sentence == "a block takes 1000000 gas, a batch may take 12000000"
    assert found["deployment"].outcome is Outcome.FAIL


def test_a_base_fee_nobody_has_funds_for_is_named(tmp_path: Path) -> None:
    with engine("--base-fee", "1000000000") as url:
        found = answers(suite.run(bench(tmp_path, url)))
        paying = bench(tmp_path, url)
        paying.profile = replace(paying.profile, gas_price_wei=2_000_000_000)
        poor = answers(suite.run(paying))
    question = "gas price and empty accounts"
    assert found[question].outcome is Outcome.FAIL
    assert "base fee is" in found[question].sentence
    assert "a base fee without funds" in poor[question].sentence


def test_a_node_that_is_behind_is_named(tmp_path: Path) -> None:
    with engine(*FREE) as ahead, engine(*FREE) as behind:
        Node(ahead, 5.0).ask("anvil_mine", hex(40))
        asked = bench(tmp_path, ahead, behind)
        (verdict,) = suite.asked("nodes agree", engine_questions.agreement, asked)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.sentence == f"{behind} is behind: at block 0 while another is at 40"


def test_a_node_with_other_blocks_is_named(tmp_path: Path) -> None:
    with engine(*FREE, "--timestamp", "1700000000") as one, engine(*FREE, "--timestamp", "1800000000") as two:
        asked = bench(tmp_path, one, two)
        (verdict,) = suite.asked("nodes agree", engine_questions.agreement, asked)
    assert verdict.outcome is Outcome.FAIL
    assert "block 0 has different hashes" in verdict.sentence


def test_an_engine_without_the_precompile_passes_with_the_price_named(tmp_path: Path) -> None:
    with engine(*FREE, hardfork="cancun") as url:
        verdict = engine_questions.p256_precompile(bench(tmp_path, url))
    assert verdict.outcome is Outcome.PASS
    assert "in Solidity" in verdict.sentence


def test_budgets_of_gas_are_only_raised() -> None:
    profile = load_profile("embedded", "http://x")
    seen = [Verdict("q", Outcome.PASS, "", {"gas_p256": 1, "gas_passkey": 999_999, "block_gas_limit": 8})]
    written = measured_profile(seen, profile, ["http://x"])
    assert written["gas_per_payment"]["p256"] == profile.gas_per_payment["p256"]
    assert written["gas_per_payment"]["passkey"] == 999_999
    assert written["max_batch_gas"] == 8


def test_a_key_others_may_read_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        read_keys(Path(folder))
        (Path(folder) / "issuer.key").chmod(0o644)
        with pytest.raises(KeyUnusable, match="0600"):
            read_keys(Path(folder))
