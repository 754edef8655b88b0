"""A small ledger moves to another chain, whole: read, signed, carried, read again and compared."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from scripts.conformance.bench import Node
from scripts.demo import stack
from scripts.demo.stack_layout import READY_MARK
from scripts.ledger.moving.__main__ import main
from scripts.ledger.moving.moving import read
from scripts.ledger.moving.wire import LedgerWire, Officers
from tests.support.deployed import deployed_stack
from tests.support.ready import require_compiled
from wallet_service.chain.ledger.deployment import load_deployment
from wallet_service.security.role_keys import open_role_keys
from wallet_service.security.sealing import read_master_key

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(600)]

RESIDENT, BAKER, LOST = ("0x" + digit * 40 for digit in "123")
GROUND = "0x" + "9" * 64
TIMEOUT_S = 30.0
GAS = 1_000_000


def a_life(officers: Officers) -> None:
    """Three members, two credits, a freeze, a key that was taken away, a limit of its own."""
    lines = [[RESIDENT, 1, 3, 0, 0], [BAKER, 2, 4, 10, 0], [LOST, 1, 2, 0, 0]]
    officers.act("REGISTRAR", "enrolMany", [[lines]], GAS)
    officers.act("ATTESTER", "attestReserve", [[10_000, int(time.time()) - 5, GROUND, 0]], GAS)
    credits = [[RESIDENT, 7_001, "0x" + "a" * 64], [BAKER, 999, "0x" + "b" * 64]]
    officers.act("ISSUER", "mint", credits, GAS)
    officers.act("COMPLIANCE", "freeze", [[RESIDENT, True, False, GROUND, 0]], GAS)
    officers.act("REGISTRAR", "removeSigner", [[LOST, LOST]], GAS)


def test_a_ledger_moves_whole_and_its_statement_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require_compiled()
    made = deployed_stack(tmp_path / "var")
    settings = made.settings()
    keys = open_role_keys(settings.chain_keys_directory, read_master_key(settings.master_key_file))
    node = stack.make_node(made)
    node.start()
    try:
        node.set_time(int(time.time()))
        wire = LedgerWire(Node(node.sending_url, TIMEOUT_S), load_deployment(made.deployment_file))
        a_life(Officers(wire, keys, 0))
        before = read(wire).state
        node.stop()
    finally:
        node.kill_process()
    (made.directory / READY_MARK).touch()
    folder = tmp_path / "moved"
    status = main(["--source", str(made.directory), "--folder", str(folder)])
    assert status == 0, capsys.readouterr().err
    statement = json.loads((folder / "statement.json").read_text())
    after = json.loads((folder / "after.json").read_text())
    assert after["balances"] == before.balances == {RESIDENT: 7_001, BAKER: 999}
    assert set(before.references) < set(after["references"])
    assert after["freezes"] == {RESIDENT: [1, 0, 0], LOST: [0, 1, 0]}
    assert after["signers"][LOST] == {}
    assert statement["order"]["from"]["chain_id"] != statement["order"]["to"]["chain_id"]
    assert set(statement["signatures"]) == {"GOVERNOR", "ATTESTER"}
