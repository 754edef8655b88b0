"""What the accounts need of others: the ledger's rules. Protocols only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from wallet_service.accounts.models import Rules, Stops, TierLimits
from wallet_service.protocol.signing.floors import PasskeyFloors


class RulesSource(Protocol):
    def current(self) -> Rules:
        """From memory, never from the node. Raises RulesTooOld."""
        ...


class LedgerRules(Protocol):
    """What the ledger says of limits and stops. All raise ChainUnavailable; chain.ports.ChainReader fits."""

    def stops(self) -> Stops: ...

    def tier_limits(self) -> Mapping[str, TierLimits]:
        """By tier word: visitor, declared, verified, professional."""
        ...

    def passkey_floors(self) -> Mapping[str, PasskeyFloors]:
        """By tier word, as `tier_limits`."""
        ...
