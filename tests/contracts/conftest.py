"""Fixtures of the contract tests: a ledger deployed by the production script's own code, once in a process.

Every module starts from the chain as it was then, every test from what its module made of it, and both leave
no trace.
"""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from brownie import chain
from brownie.network import event

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import on_network  # noqa: E402

on_network.share_nothing()
from brownie_ways import (  # noqa: E402
    keep_no_undo,
    keep_one_connection,
    set_the_clock,
    wait_for_receipts,
)
from campaigns import library, open_to_all, region  # noqa: E402
from ledger_fixture import PROFESSIONAL, VERIFIED, LedgerFixture, deploy_fixture  # noqa: E402
from seeds import FRESH_SEED  # noqa: E402

from tests.support.schedule import WholeUnits, expensive_first  # noqa: E402

__all__ = ["library", "open_to_all", "region"]

wait_for_receipts()
keep_no_undo()


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> WholeUnits:
    return WholeUnits(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Before Brownie notes the order."""
    if on_network.IS_NETWORK:
        items[:] = on_network.leave_out(items)
    items[:] = [items[index] for index in expensive_first([item.nodeid for item in items])]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The command that runs one failed test alone, with the same seed."""
    failed = [
        report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])
    ]
    for node_id in dict.fromkeys(failed):
        command = f"ALBA_TEST_SEED={FRESH_SEED} scripts/setup/brownie.sh test '{node_id}'"
        terminalreporter.write_line(f"run alone:  {command}")


@contextmanager
def events_read_as_now() -> Iterator[None]:
    """What Brownie knows of events is put back: it reads them by the last ABI anyone named at an address.

    Whoever looks at an address by another ABI, or deploys where a later test deploys something else, would
    leave the tests after it without the events that only the right ABI knows.
    """
    known = dict(event._deployment_topics)
    yield
    event._deployment_topics.clear()
    event._deployment_topics.update(known)


@pytest.fixture(autouse=True)
def isolated(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test starts from the module's ledger, now, and leaves no other reading of its events."""
    if not on_network.IS_NETWORK:
        request.getfixturevalue("fn_isolation")
        set_the_clock()
    with events_read_as_now():
        yield


@dataclass
class DeployedLedger:
    """A ledger just deployed, and the snapshot that leads back to that moment."""

    onchain: LedgerFixture
    snapshot: Any

    def restore(self) -> None:
        """On a chain of validators nothing is taken back: people are new for each test, rules put back."""
        if on_network.IS_NETWORK:
            self._put_rules_back()
            return
        self.snapshot = chain._revert(self.snapshot)
        set_the_clock()

    def _put_rules_back(self) -> None:
        if not on_network.put_back(self.onchain, self.snapshot):
            self.onchain = deploy_fixture()
        crowd = f"{self.onchain.ledger.address}, {next(_crowds)}: "
        self.onchain = replace(self.onchain, crowd_name=crowd)


_crowds = itertools.count(1)


@pytest.fixture(scope="session")
def deployed_ledger() -> DeployedLedger:
    if on_network.IS_NETWORK:
        on_network.take_accounts()
        onchain = deploy_fixture()
        on_network.refuse_cheats()
        return DeployedLedger(onchain, on_network.rules_of(onchain.ledger))
    keep_one_connection()
    onchain = deploy_fixture()
    # Brownie collects garbage at every return to a snapshot: it need not look through what stays for ever.
    gc.collect()
    gc.freeze()
    return DeployedLedger(onchain, chain._take_snapshot())


@pytest.fixture(scope="module")
def module_isolation(deployed_ledger: DeployedLedger) -> Iterator[None]:
    """In place of Brownie's own, which returns to an empty chain, where every module would deploy again."""
    deployed_ledger.restore()
    with events_read_as_now():
        yield


@pytest.fixture(scope="module")
def onchain(module_isolation: None, deployed_ledger: DeployedLedger) -> LedgerFixture:
    """A fresh ledger with six officers and no members."""
    if on_network.IS_NETWORK:
        return deployed_ledger.onchain
    return replace(deployed_ledger.onchain, _refs=itertools.count(1))


@pytest.fixture(scope="module")
def alice(onchain: LedgerFixture) -> Any:
    """A verified resident with a device key and 1 000 euros."""
    return onchain.person("alice", tier=VERIFIED, money=1_000_00)


@pytest.fixture(scope="module")
def bob(onchain: LedgerFixture) -> Any:
    """A verified resident with a device key and nothing."""
    return onchain.person("bob", tier=VERIFIED)


@pytest.fixture(scope="module")
def bakery(onchain: LedgerFixture) -> Any:
    """A professional merchant with a device key and nothing."""
    return onchain.shop("bakery")


@pytest.fixture(scope="module")
def unlimited(onchain: LedgerFixture) -> None:
    """No limits for verified people and professionals."""
    onchain.lift_limits(VERIFIED, PROFESSIONAL)
