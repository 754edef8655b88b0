"""Tells open pages that a figure moved, without a push for every payment. Owns no table, decides nothing."""

from __future__ import annotations

import threading

from wallet_service.chain.ports import ChainEvent, ProjectionRegistry
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import FiguresChanged, ReserveAttested, to_console, to_public

#: Under load, at most one notice in this time. A page looks a second time a little later, so the last change
#: of a burst is seen too.
MIN_INTERVAL_MS = 1_000
MOVEMENTS = ("PaymentSettled", "RedemptionRequested", "RedemptionReturned", "MemberEnrolled")
SUPPLY_CHANGES = ("Minted", "RedemptionCompleted")


class LiveFigures:
    def __init__(self, clock: Clock, push: Push) -> None:
        self._clock = clock
        self._push = push
        self._told_at_unix_ms = 0
        self._lock = threading.Lock()

    def register(self, registry: ProjectionRegistry) -> None:
        for name in MOVEMENTS:
            registry.on_event(name, self.movement)
        for name in SUPPLY_CHANGES:
            registry.on_event(name, self.supply_changed)
        registry.on_event("ReserveAttested", self.attested)

    def movement(self, work: UnitOfWork, event: ChainEvent) -> None:
        if self._may_tell():
            self._push.publish(work, to_console(FiguresChanged()))

    def supply_changed(self, work: UnitOfWork, event: ChainEvent) -> None:
        if self._may_tell():
            changed = FiguresChanged()
            self._push.publish(work, to_console(changed), to_public(changed))

    def attested(self, work: UnitOfWork, event: ChainEvent) -> None:
        attested = ReserveAttested(int(event.arguments["amount"]), int(event.arguments["asOf"]))
        self._push.publish(work, to_console(attested), to_public(attested))

    def _may_tell(self) -> bool:
        with self._lock:
            now_unix_ms = self._clock.now_unix_ms()
            if 0 <= now_unix_ms - self._told_at_unix_ms < MIN_INTERVAL_MS:
                return False
            self._told_at_unix_ms = now_unix_ms
            return True
