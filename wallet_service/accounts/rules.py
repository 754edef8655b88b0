"""The ledger's limits and stops, kept in memory: accepting a payment and answering a page never ask the node.

One worker refreshes them every second. While the node is away, or its network makes no block, the last answer
serves for RULES_FRESH_FOR_S;
the ledger checks everything again, so an old answer can refuse or delay a payment but never lose money.
Afterwards nothing is accepted: what nobody can settle must not be shown as accepted at a till.
"""

from __future__ import annotations

import dataclasses
import threading
import time

from wallet_service.accounts.errors import RulesTooOld
from wallet_service.accounts.models import Rules
from wallet_service.accounts.ports import LedgerRules

#: Below a payment's lifetime (180 s), so that what is accepted last has still time to reach the ledger.
RULES_FRESH_FOR_S = 120.0


class KnownRules:
    """Implements RulesSource over what the ledger says. Thread-safe."""

    def __init__(self, ledger: LedgerRules) -> None:
        """`ledger` must not answer stops from memory of its own."""
        self._ledger = ledger
        self._lock = threading.Lock()
        self._known = threading.Event()
        self._rules: Rules | None = None
        self._read_at_s = 0.0
        self._stops_seen = 0

    def current(self) -> Rules:
        """From memory, at once. Raises RulesTooOld."""
        with self._lock:
            rules, read_at_s = self._rules, self._read_at_s
        if rules is None or time.monotonic() - read_at_s > RULES_FRESH_FOR_S:
            raise RulesTooOld()
        return rules

    def are_fresh(self) -> bool:
        """For readiness."""
        try:
            self.current()
        except RulesTooOld:
            return False
        return True

    def wait_until_known(self, timeout_s: float) -> bool:
        """Whether they were read at least once within `timeout_s`."""
        return self._known.wait(timeout_s)

    def refresh(self) -> Rules:
        """Asks the node: the worker's round. Raises ChainUnavailable, and what was known stands."""
        with self._lock:
            seen = self._stops_seen
        asked_at_s = time.monotonic()
        stops = self._ledger.stops()
        rules = Rules(
            limits=dict(self._ledger.tier_limits()),
            payments_stopped=stops.payments,
            floors=dict(self._ledger.passkey_floors()),
            redeeming_stopped=stops.redeeming,
        )
        with self._lock:
            if seen != self._stops_seen and self._rules is not None:  # an event came after the answer
                rules = dataclasses.replace(
                    rules,
                    payments_stopped=self._rules.payments_stopped,
                    redeeming_stopped=self._rules.redeeming_stopped,
                )
            self._rules, self._read_at_s = rules, asked_at_s
        self._known.set()
        return rules

    def stops_changed(self, *, payments: bool, redeeming: bool) -> None:
        """A stop or a resume was seen on chain: it counts at once."""
        with self._lock:
            self._stops_seen += 1
            if self._rules is not None:
                self._rules = dataclasses.replace(
                    self._rules, payments_stopped=payments, redeeming_stopped=redeeming
                )
