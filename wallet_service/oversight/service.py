"""The acts of officers put together: what bootstrap builds and the faces know as `services.oversight`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.chain.ports import CommandQueue, ProjectionRegistry
from wallet_service.oversight.approvals import ApprovalService
from wallet_service.oversight.confirmations import ConfirmationService
from wallet_service.oversight.freezes import FreezeService
from wallet_service.oversight.keys.service import KeySuspensionService
from wallet_service.oversight.officer_access import OfficerAccess
from wallet_service.oversight.stops import StopService
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.sessions import SessionService


@dataclass(frozen=True)
class Oversight:
    freezes: FreezeService
    approvals: ApprovalService
    stops: StopService
    confirmations: ConfirmationService
    access: OfficerAccess
    keys: KeySuspensionService

    def register(self, registry: ProjectionRegistry) -> None:
        """Names the events the acts of officers follow."""
        self.freezes.register(registry)
        self.stops.register(registry)
        self.keys.register(registry)

    def expire_due(self) -> None:
        """Closes freezes and approvals whose time has passed. For a worker, every few seconds."""
        self.freezes.expire_due()
        self.approvals.expire_due()


@dataclass(frozen=True)
class Doors:
    """What lets officers in. `codes_confirm`: who has no passkey confirms an act with a code."""

    officers: OfficerService
    sessions: SessionService
    passkeys: PasskeyService
    codes_confirm: bool


def make_oversight(
    engine: Engine, clock: Clock, commands: CommandQueue, push: Push, journal: Journal, doors: Doors
) -> Oversight:
    approvals = ApprovalService(engine, clock, push, journal)
    officers, sessions, passkeys = doors.officers, doors.sessions, doors.passkeys
    return Oversight(
        freezes=FreezeService(engine, clock, commands, push, journal),
        approvals=approvals,
        stops=StopService(engine, commands, push, journal, approvals),
        confirmations=ConfirmationService(
            engine, clock, passkeys, officers, codes_confirm=doors.codes_confirm
        ),
        access=OfficerAccess(engine, journal, officers, sessions, passkeys),
        keys=KeySuspensionService(engine, clock, commands, push, journal),
    )
