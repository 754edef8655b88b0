"""Whether what is sent is mined and what is mined is read, by SQL: whichever process does that work.

Owns the answers for readiness and the time of the last block read, both in memory between two looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from wallet_service.chain.node.pulse import Pulse
from wallet_service.database.tables.chain import INDEXER_CURSOR, blocks, chain_transactions, cursors
from wallet_service.database.unit_of_work import reading
from wallet_service.protocol.clock import Clock

#: A stored transaction that is older and not in a final block: the chain makes no block, or not for us.
MINED_WITHIN_S = 10.0
#: A final block that was seen so long ago and is not in the copy: the projections stand still.
READ_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class _Target:
    """A block the copy must come to, and since when it is known."""

    block_number: int
    seen_at_s: float


class Progress:
    """Each method is one look, for one thread; `last_block_unix_s` may be read from any."""

    def __init__(
        self, engine: Engine, clock: Clock, pulse: Pulse, passing_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._pulse = pulse
        self._passing_s = passing_s
        self._target: _Target | None = None
        self._last_block_unix_s: int | None = None

    @property
    def last_block_unix_s(self) -> int | None:
        """When the last block read was made, as of the last look; None before the first."""
        return self._last_block_unix_s

    def are_mined(self) -> bool:
        """No stored transaction waits for longer than MINED_WITHIN_S."""
        query = select(func.min(chain_transactions.c.stored_at_unix_ms)).where(
            chain_transactions.c.state == "stored"
        )
        with reading(self._engine) as connection:
            oldest_unix_ms = connection.execute(query).scalar_one()
        if oldest_unix_ms is None:
            return True
        return bool(self._clock.now_unix_ms() - oldest_unix_ms <= MINED_WITHIN_S * 1000)

    def are_read(self) -> bool:
        """The copy holds every final block that was seen READ_WITHIN_S ago."""
        cursor = select(cursors.c.block_number).where(cursors.c.name == INDEXER_CURSOR)
        with reading(self._engine) as connection:
            reached = connection.execute(cursor).scalar_one_or_none()
            self._last_block_unix_s = connection.execute(
                select(blocks.c.timestamp_unix_s).order_by(blocks.c.number.desc()).limit(1)
            ).scalar_one_or_none()
        reached = -1 if reached is None else int(reached)
        now_s, head = self._passing_s(), self._pulse.head()
        if self._target is None or reached >= self._target.block_number:
            is_behind = head is not None and head.number > reached
            self._target = _Target(head.number, now_s) if head is not None and is_behind else None
            return True
        return now_s - self._target.seen_at_s <= READ_WITHIN_S
