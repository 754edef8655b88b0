"""The ledger's limits and stops, kept in memory so that accepting a payment never waits for the node.

A worker refreshes them every second. When the node is away the last answer serves for `USABLE_FOR_S`: the
ledger checks everything again, so an old answer can refuse or delay a payment but never lose money.
"""

from __future__ import annotations

import threading
import time

from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.ports import ChainReader
from wallet_service.payments.models import Rules, TierLimits

FRESH_FOR_S = 5.0
USABLE_FOR_S = 900.0
RETRY_AFTER_S = 2.0


class KnownRules:
    """Implements RulesSource over the chain's reader."""

    def __init__(self, chain: ChainReader) -> None:
        self._chain = chain
        self._lock = threading.Lock()
        self._rules: Rules | None = None
        self._read_at_s = 0.0
        self._tried_at_s = float("-inf")

    def current(self) -> Rules:
        """Raises ChainUnavailable when nothing usable is known."""
        now_s = time.monotonic()
        rules = self._rules
        if rules is not None and now_s - self._read_at_s < FRESH_FOR_S:
            return rules
        if now_s - self._tried_at_s >= RETRY_AFTER_S:
            try:
                return self.refresh()
            except ChainUnavailable:
                if rules is None:
                    raise
        if rules is None or now_s - self._read_at_s > USABLE_FOR_S:
            raise ChainUnavailable("the ledger's limits are not known")
        return rules

    def refresh(self) -> Rules:
        """Asks the node. Raises ChainUnavailable."""
        self._tried_at_s = time.monotonic()
        limits = {
            tier: TierLimits(
                max_balance_cents=given.max_balance_cents,
                max_payment_cents=given.max_payment_cents,
                max_day_cents=given.max_day_cents,
                max_30_days_cents=given.max_30_days_cents,
            )
            for tier, given in self._chain.tier_limits().items()
        }
        rules = Rules(
            limits=limits,
            payments_stopped=self._chain.stops().payments,
            floors=dict(self._chain.passkey_floors()),
        )
        with self._lock:
            self._rules, self._read_at_s = rules, time.monotonic()
        return rules

    def expire(self) -> None:
        """After a stop or a resume was seen on chain: the next question goes to the node."""
        with self._lock:
            self._read_at_s = self._tried_at_s = float("-inf")
