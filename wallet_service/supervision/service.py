"""Supervision put together: what bootstrap builds and the web shell is given as `services.supervision`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.chain.ports import CommandQueue, ProjectionRegistry
from wallet_service.journal import Journal
from wallet_service.protocol.clock import Clock
from wallet_service.push import Push
from wallet_service.supervision.approvals import ApprovalService
from wallet_service.supervision.figures import FigureService
from wallet_service.supervision.freezes import FreezeService
from wallet_service.supervision.live import LiveFigures
from wallet_service.supervision.members_view import MembersView
from wallet_service.supervision.stops import StopService


@dataclass(frozen=True)
class Supervision:
    figures: FigureService
    freezes: FreezeService
    approvals: ApprovalService
    stops: StopService
    live: LiveFigures
    members: MembersView

    def register(self, registry: ProjectionRegistry) -> None:
        """Names the events supervision wants to hear."""
        self.freezes.register(registry)
        self.stops.register(registry)
        self.live.register(registry)

    def expire_due(self) -> None:
        """Closes freezes and approvals whose time has passed. For a worker, every few seconds."""
        self.freezes.expire_due()
        self.approvals.expire_due()


def make_supervision(
    engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal
) -> Supervision:
    approvals = ApprovalService(engine, clock, push, journal)
    return Supervision(
        figures=FigureService(engine, clock),
        freezes=FreezeService(engine, clock, commands, push, journal),
        approvals=approvals,
        stops=StopService(engine, commands, push, journal, approvals),
        live=LiveFigures(clock, push),
        members=MembersView(engine),
    )
