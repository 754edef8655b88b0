"""What is watched, put together: what bootstrap builds and the faces know as `services.reports`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.chain.ports import ProjectionRegistry
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.reports.figures import FigureService
from wallet_service.reports.journal import JournalView
from wallet_service.reports.members import MembersView
from wallet_service.reports.payouts import PayoutsView
from wallet_service.reports.projections import LiveFigures


@dataclass(frozen=True)
class Reports:
    figures: FigureService
    live: LiveFigures
    members: MembersView
    journal: JournalView
    payouts: PayoutsView

    def register(self, registry: ProjectionRegistry) -> None:
        """Names the events after which a figure has moved."""
        self.live.register(registry)


def make_reports(engine: Engine, clock: Clock, push: Push, journal: Journal) -> Reports:
    return Reports(
        FigureService(engine, clock),
        LiveFigures(clock, push),
        MembersView(engine),
        JournalView(engine, journal),
        PayoutsView(engine),
    )
