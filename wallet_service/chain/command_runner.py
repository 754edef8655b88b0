"""Sends queued commands in order. A command is simulated before it costs a nonce: what the contract would
refuse is marked failed at once, with the custom error, and told to its subject.

Order: commands run in the order they were queued. Neighbours of the same kind and role travel together,
up to the profile's bound; another kind waits until everything before it is mined, because a mint needs
the attestation before it. A command whose role has no key here waits without holding up the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, func, select, update

from wallet_service import crash_points
from wallet_service.chain import metrics
from wallet_service.chain.client import MAX_BATCH_CALLS, NodeError, quantity
from wallet_service.chain.commands import MAX_FAILURE_CHARACTERS, failed_command
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.keys import RoleKeys
from wallet_service.chain.ledger import ArgumentsInvalid, DecodedError
from wallet_service.chain.registry import Registry
from wallet_service.chain.sender import ChainAccess, Sender
from wallet_service.database.leases import Lease
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock

MAX_COMMANDS_PER_ROUND = 100
GAS_SLACK = 60_000
GAS_MARGIN_PERCENT = 150

log = structlog.get_logger(__name__)


class CommandRunner:
    """`run_once` is one round of its worker; only the holder of the lease does anything."""

    def __init__(
        self,
        engine: Engine,
        access: ChainAccess,
        keys: RoleKeys,
        sender: Sender,
        registry: Registry,
        clock: Clock,
        lease: Lease | None = None,
    ) -> None:
        self._engine = engine
        self._access = access
        self._keys = keys
        self._sender = sender
        self._registry = registry
        self._clock = clock
        self._lease = lease

    def run_once(self) -> int:
        """How many commands left the queue. Raises nothing when the node is away: they wait."""
        if self._lease is not None and not self._lease.hold():
            return 0
        try:
            self._sender.prepare()
            run = self._next_run()
            if not run:
                return 0
            accepted, refused = self._simulate(run)
        except ChainUnavailable as error:
            log.warning("chain.commands_wait", reason=error.reason)
            return 0
        stored = self._store(accepted) if accepted else 0
        kinds = {row.kind for row, _, _ in accepted}
        crash_points.reach_commands(kinds, "stored")
        for row, reason in refused:
            self._fail(row, reason)
        self._sender.broadcast_stored()
        crash_points.reach_commands(kinds, "sent")
        return stored + len(refused)

    def _next_run(self) -> list[Row[Any]]:
        """The next commands that may travel together, or none while earlier ones of another kind are in
        flight.
        """
        with self._engine.connect() as connection:
            queued = connection.execute(
                select(chain_commands)
                .where(chain_commands.c.state == "queued", chain_commands.c.role.in_(self._keys.roles()))
                .order_by(chain_commands.c.id)
                .limit(MAX_COMMANDS_PER_ROUND)
            ).all()
            in_flight = connection.execute(
                select(chain_commands.c.kind, chain_commands.c.role, func.count())
                .where(chain_commands.c.state == "sent")
                .group_by(chain_commands.c.kind, chain_commands.c.role)
            ).all()
        metrics.commands_waiting.set(len(queued))
        if not queued:
            return []
        first = (queued[0].kind, queued[0].role)
        if any((kind, role) != first for kind, role, _ in in_flight):
            return []
        room = self._access.profile.max_inflight_per_sender - sum(count for _, _, count in in_flight)
        run: list[Row[Any]] = []
        for row in queued[: max(room, 0)]:
            if (row.kind, row.role) != first:
                break
            run.append(row)
        return run

    def _simulate(
        self, run: Sequence[Row[Any]]
    ) -> tuple[list[tuple[Row[Any], bytes, int]], list[tuple[Row[Any], DecodedError]]]:
        """(what the contract would do with its gas, what it would refuse with the reason)."""
        accepted: list[tuple[Row[Any], bytes, int]] = []
        refused: list[tuple[Row[Any], DecodedError]] = []
        ready: list[tuple[Row[Any], bytes]] = []
        for row in run:
            try:
                ready.append((row, self._access.codec.call_data(row.kind, row.arguments)))
            except ArgumentsInvalid as error:
                refused.append((row, DecodedError("ArgumentsInvalid", {"reason": str(error)})))
        for start in range(0, len(ready), MAX_BATCH_CALLS):
            part = ready[start : start + MAX_BATCH_CALLS]
            answers = self._access.client.batch(
                [("eth_estimateGas", (self._call(row, data),)) for row, data in part]
            )
            for (row, data), answer in zip(part, answers, strict=True):
                if not isinstance(answer, NodeError):
                    gas = quantity(answer) * GAS_MARGIN_PERCENT // 100 + GAS_SLACK
                    accepted.append((row, data, min(gas, self._access.profile.max_batch_gas)))
                elif answer.is_revert:
                    refused.append((row, self._access.codec.error(answer.data)))
                else:
                    raise ChainUnavailable(f"simulation: {answer.message}")
        return accepted, refused

    def _call(self, row: Row[Any], data: bytes) -> dict[str, str]:
        return {
            "from": self._keys.address(row.role),
            "to": self._access.deployment.ledger,
            "data": "0x" + data.hex(),
            "gasPrice": hex(self._access.profile.gas_price_wei),
        }

    def _store(self, accepted: Sequence[tuple[Row[Any], bytes, int]]) -> int:
        """One commit: nonces, bytes, and the commands marked sent."""
        stored = 0
        with UnitOfWork(self._engine) as work:
            if self._lease is not None and not self._lease.still_held(work.connection):
                return 0
            for row, data, gas in accepted:
                if not self._claim(work.connection, row.id):
                    continue  # another process sent it meanwhile
                transaction_id = self._sender.store(work.connection, row.role, data, gas, row.kind)
                work.connection.execute(
                    update(chain_commands)
                    .where(chain_commands.c.id == row.id)
                    .values(chain_transaction_id=transaction_id)
                )
                stored += 1
            crash_points.reach_commands({row.kind for row, _, _ in accepted}, "before_commit")
        return stored

    @staticmethod
    def _claim(connection: Connection, command_id: int) -> bool:
        return bool(
            connection.execute(
                update(chain_commands)
                .where(chain_commands.c.id == command_id, chain_commands.c.state == "queued")
                .values(state="sent")
            ).rowcount
        )

    def _fail(self, row: Row[Any], reason: DecodedError) -> None:
        with UnitOfWork(self._engine) as work:
            changed = work.connection.execute(
                update(chain_commands)
                .where(chain_commands.c.id == row.id, chain_commands.c.state == "queued")
                .values(
                    state="failed",
                    failure=str(reason)[:MAX_FAILURE_CHARACTERS],
                    done_at_unix_ms=self._clock.now_unix_ms(),
                )
            ).rowcount
            if changed:
                self._registry.command_failed(work, failed_command(row, reason.name, reason.values))
        metrics.commands_failed.labels(row.kind).inc()
        log.warning("chain.command_refused", kind=row.kind, command_id=row.id, reason=reason.name)
