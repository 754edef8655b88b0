"""Sees when stored transactions stand still, whatever the cause, and has the embedded node's pool cleared.

A key stands still when the lowest of its stored transactions was handed to the node STANDSTILL_AFTER_S ago
and is still the next one the chain would take: nothing before it is missing, and nothing after it can move.
Owns the alarm (metric, log line, readiness) and when to repair; never bytes or nonces: what the pool forgets
is sent again as it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Row

from wallet_service.chain import metrics

#: Chains here make a block within two seconds of a transaction.
STANDSTILL_AFTER_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watched:
    row_id: int
    since_s: float
    repaired_at_s: float = float("-inf")


class StandstillWatch:
    """One per sender; its rounds call `look`, readiness asks `is_moving`."""

    def __init__(self, next_nonce: Callable[[str], int], forget: Callable[[str], None] | None = None) -> None:
        """`next_nonce` of an address after the latest block.

        `forget` drops an address's transactions from the node's pool, where the node is ours.
        """
        self._next_nonce = next_nonce
        self._forget = forget
        self._watched: dict[str, _Watched] = {}
        self._standing: frozenset[str] = frozenset()

    def is_moving(self) -> bool:
        """No key stands still."""
        return not self._standing

    def restart(self) -> None:
        """The node was away or is another one now: every transaction gets its time anew."""
        self._watched.clear()

    def look(self, stored: Iterable[Row[Any]], now_s: float) -> set[str]:
        """The keys whose transactions the node's pool was made to forget, to be sent again now.

        `stored` are all stored transactions. Raises ChainUnavailable; then nothing is known anew.
        """
        lowest: dict[str, Row[Any]] = {}
        for row in stored:
            if row.sender not in lowest or row.nonce < lowest[row.sender].nonce:
                lowest[row.sender] = row
        for sender in self._watched.keys() - lowest.keys():
            del self._watched[sender]
        late = []
        for sender, row in lowest.items():
            watched = self._watched.get(sender)
            if watched is None or watched.row_id != row.id:
                self._watched[sender] = _Watched(row.id, now_s)
            elif now_s - watched.since_s >= STANDSTILL_AFTER_S:
                late.append(row)
        standing = [row for row in late if self._next_nonce(row.sender) <= row.nonce]
        for row in standing:
            if row.sender not in self._standing:
                metrics.standstills.inc()
                log.error("chain.standstill", purpose=row.purpose, transaction_id=row.id, nonce=row.nonce)
        self._standing = frozenset(row.sender for row in standing)
        metrics.keys_standing_still.set(len(standing))
        return {row.sender for row in standing if self._repair(row, now_s)}

    def _repair(self, row: Row[Any], now_s: float) -> bool:
        watched = self._watched[row.sender]
        if self._forget is None or now_s - watched.repaired_at_s < STANDSTILL_AFTER_S:
            return False
        self._forget(row.sender)
        watched.repaired_at_s = now_s
        metrics.pool_repairs.inc()
        log.warning("chain.pool_repaired", purpose=row.purpose, transaction_id=row.id, nonce=row.nonce)
        return True
