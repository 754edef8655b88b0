"""The bank's side on each database, for redemptions."""

from __future__ import annotations

from tests.support.bank_fixtures import shop, side

__all__ = ["shop", "side"]
