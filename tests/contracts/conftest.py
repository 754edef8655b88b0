"""Fixtures of the contract tests: a ledger deployed by the production script's own code, once per module.

Every test runs on a snapshot of it and leaves no trace (Brownie's fn_isolation).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from town import PROFESSIONAL, VERIFIED, Town, found_town, wait_for_receipts  # noqa: E402

wait_for_receipts()


@pytest.fixture(autouse=True)
def isolated(fn_isolation: None) -> None:
    """Each test starts from the module's ledger."""


@pytest.fixture(scope="module")
def town(module_isolation: None) -> Town:
    """A fresh ledger with six officers and no members."""
    return found_town()


@pytest.fixture(scope="module")
def alice(town: Town) -> Any:
    """A verified resident with a device key and 1 000 euros."""
    return town.person("alice", tier=VERIFIED, money=1_000_00)


@pytest.fixture(scope="module")
def bob(town: Town) -> Any:
    """A verified resident with a device key and nothing."""
    return town.person("bob", tier=VERIFIED)


@pytest.fixture(scope="module")
def bakery(town: Town) -> Any:
    """A professional merchant with a device key and nothing."""
    return town.shop("bakery")


@pytest.fixture(scope="module")
def unlimited(town: Town) -> None:
    """No limits for verified people and professionals."""
    town.lift_limits(VERIFIED, PROFESSIONAL)
