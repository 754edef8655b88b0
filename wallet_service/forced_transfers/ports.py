"""What a transfer by order asks of the subject it is done for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from wallet_service.chain.ports import ChainEvent
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.forced_transfers.models import ForcedTransfer
from wallet_service.platform.journal import Actor


class ForcedTransferOwner(Protocol):
    """Reversals or disputes: whose case it is."""

    def went_on(
        self,
        work: UnitOfWork,
        transfer: ForcedTransfer,
        actor: Actor,
        step: str,
        ground: str | None,
        details: Mapping[str, object],
    ) -> None:
        """An officer or the ledger did that `step` (proposed, executed, cancelled, refused).

        To be written into the journal and told to whom it concerns, in this unit of work.
        """
        ...

    def announced(self, work: UnitOfWork, transfer: ForcedTransfer) -> None:
        """The ledger has announced it: told to whom it concerns."""
        ...

    def moved(self, work: UnitOfWork, transfer: ForcedTransfer, event: ChainEvent) -> None:
        """The units have moved, in a final block. Called once for each."""
        ...
