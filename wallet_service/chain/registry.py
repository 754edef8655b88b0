"""Where subjects register what they want to hear from the chain, and how it is told to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from wallet_service.chain.ports import (
    ChainEvent,
    CommandFailedHandler,
    FailedCommand,
    Projection,
    RebuiltHandler,
    RewindHandler,
    SetProjection,
    SettlementRevertedHandler,
)
from wallet_service.database.unit_of_work import UnitOfWork


class Registry:
    """Filled once by bootstrap, read by the indexer and the command runner.

    A handler that raises undoes the commit: nothing is skipped silently.
    """

    def __init__(self) -> None:
        self._projections: defaultdict[str, list[Projection]] = defaultdict(list)
        self._sets: defaultdict[str, list[SetProjection]] = defaultdict(list)
        self._command_failed: defaultdict[str, list[CommandFailedHandler]] = defaultdict(list)
        self._settlement_reverted: list[SettlementRevertedHandler] = []
        self._rewind: list[RewindHandler] = []
        self._rebuilt: list[RebuiltHandler] = []

    def on_event(self, name: str, projection: Projection) -> None:
        self._projections[name].append(projection)

    def on_events(self, name: str, projection: SetProjection) -> None:
        self._sets[name].append(projection)

    def on_command_failed(self, kind: str, handler: CommandFailedHandler) -> None:
        self._command_failed[kind].append(handler)

    def on_settlement_reverted(self, handler: SettlementRevertedHandler) -> None:
        self._settlement_reverted.append(handler)

    def on_rewind(self, handler: RewindHandler) -> None:
        self._rewind.append(handler)

    def on_rebuilt(self, handler: RebuiltHandler) -> None:
        self._rebuilt.append(handler)

    def project(self, work: UnitOfWork, events: Iterable[ChainEvent]) -> None:
        """In the chain's order, but that neighbours of one name are told together to whoever takes sets."""
        told = (event for event in events if event.name in self._projections or event.name in self._sets)
        for name, run in groupby(told, lambda event: event.name):
            together: Sequence[ChainEvent] = list(run)
            for projection in self._sets.get(name, ()):
                projection(work, together)
            for event in together:
                for one_by_one in self._projections.get(name, ()):
                    one_by_one(work, event)

    def command_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        for handler in self._command_failed.get(command.kind, ()):
            handler(work, command)

    def settlement_reverted(self, work: UnitOfWork, chain_transaction_id: int) -> None:
        for handler in self._settlement_reverted:
            handler(work, chain_transaction_id)

    def rewound(self, work: UnitOfWork, last_block_kept: int) -> None:
        for handler in self._rewind:
            handler(work, last_block_kept)

    def rebuilt(self, work: UnitOfWork) -> list[str]:
        return [sentence for handler in self._rebuilt for sentence in handler(work)]
