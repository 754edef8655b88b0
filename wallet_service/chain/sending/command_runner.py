"""Sends queued commands, each role in a lane of its own (`lanes`).

A command is simulated before it costs a nonce: what the contract would refuse is marked failed at once, with
the custom error, and told to its subject. Enrolments that travel together are one `enrolMany`; where one of
them would be refused it fails alone, and the others travel without it.

A command whose role has no key here waits without holding up the others; so does what makes money while
something on chain has no cause, or while a stop of issuing is on its way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, Text, cast, select, update
from sqlalchemy.exc import SQLAlchemyError

from wallet_service.accounts.stops import ISSUING_BIT, stops_on_their_way
from wallet_service.chain import metrics
from wallet_service.chain.ledger.codec import ArgumentsInvalid, DecodedError
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import MAX_BATCH_CALLS, NodeError, quantity
from wallet_service.chain.registry import Registry
from wallet_service.chain.sending import lanes
from wallet_service.chain.sending.causes import ISSUING_KINDS
from wallet_service.chain.sending.commands import (
    MAX_FAILURE_CHARACTERS,
    fail_untold,
    failed_command,
    set_aside_unreadable,
)
from wallet_service.chain.sending.lanes import ACCOUNT_KINDS, ENROL_MANY, LANES, Run, Unfinished
from wallet_service.chain.sending.sender import Call, Sender
from wallet_service.database.leases import Lease
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.quarantine import Quarantine
from wallet_service.protocol.clock import Clock
from wallet_service.security.role_keys import RoleKeys

#: More than strangers may have waiting (members.MAX_WAITING_ENROLMENTS) and everything else beside it.
MAX_UNFINISHED_LOOKED_AT = 20_000
GAS_SLACK = 60_000
GAS_MARGIN_PERCENT = 150

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One transaction to be: the commands it carries, and what it says."""

    rows: tuple[Row[Any], ...]
    purpose: str
    call: Call


class _Overtaken(Exception):
    """Another process sent one of these commands meanwhile."""


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
        may_issue: Callable[[], bool] = lambda: True,
        *,
        quarantine: Quarantine,
    ) -> None:
        """`may_issue` false keeps commands that make money in the queue. It may raise ChainUnavailable."""
        self._engine = engine
        self._access = access
        self._keys = keys
        self._sender = sender
        self._registry = registry
        self._clock = clock
        self._lease = lease
        self._may_issue = may_issue
        self._quarantine = quarantine

    def run_once(self) -> int:
        """How many commands left the queue. Raises nothing when the node is away: they wait."""
        if self._lease is not None and not self._lease.hold():
            return 0
        unfinished, stopped = self._unfinished()
        if all(one.is_sent for one in unfinished):
            return 0
        left = 0
        for role in LANES:
            try:
                left += sum(self._send(run) for run in self._runs(role, unfinished, stopped))
            except ChainUnavailable as error:
                log.warning("chain.commands_wait", role=role, reason=error.reason)
            except (TypeError, ValueError):  # what stands in a queued row is no JSON
                if not set_aside_unreadable(self._engine, self._quarantine, self._clock):
                    raise
        return left

    def _unfinished(self) -> tuple[list[Unfinished], int]:
        """(what is queued here or on its way, in order; the bits of stops on their way)."""
        table = chain_commands.c
        is_queued_here = (table.state == "queued") & table.role.in_(self._keys.roles())
        with self._engine.connect().execution_options(read_only=True) as connection:
            rows = connection.execute(
                select(
                    table.id,
                    table.kind,
                    table.role,
                    cast(table.arguments, Text),
                    table.chain_transaction_id,
                    table.failure,
                )
                .where(is_queued_here | (table.state == "sent"))
                .order_by(table.id)
                .limit(MAX_UNFINISHED_LOOKED_AT)
            ).all()
            stopped = stops_on_their_way(connection)
        found = [
            Unfinished(
                number,
                kind,
                role,
                _account_in(arguments) if kind in ACCOUNT_KINDS else None,
                transaction,
                failure is not None,
            )
            for number, kind, role, arguments, transaction, failure in rows
        ]
        metrics.commands_waiting.set(sum(not one.is_sent for one in found))
        return found, stopped

    def _runs(self, role: str, unfinished: Sequence[Unfinished], stopped: int) -> Iterator[Run]:
        queued = {one.kind for one in unfinished if one.role == role and not one.is_sent}
        if not queued:
            return iter(())
        self._sender.prepare()
        kept_back = self._kept_back(queued, stopped)
        return lanes.runs_of(role, unfinished, self._access.profile.max_inflight_per_sender, kept_back)

    def _kept_back(self, queued: Collection[str], stopped: int) -> set[str]:
        if not any(kind in ISSUING_KINDS for kind in queued):
            return set()
        return set(ISSUING_KINDS) if stopped & ISSUING_BIT or not self._may_issue() else set()

    def _send(self, run: Run) -> int:
        with self._engine.connect().execution_options(read_only=True) as connection:
            rows = connection.execute(
                select(chain_commands).where(chain_commands.c.id.in_(run.ids)).order_by(chain_commands.c.id)
            ).all()
        letters, refused = self._simulate(rows)
        stored = self._store(letters) if letters else 0
        kinds = {run.kind} if letters else set()
        failpoints.reach_commands(kinds, "stored")
        for row, reason in refused:
            self._fail(row, reason)
        self._sender.broadcast_stored()
        failpoints.reach_commands(kinds, "sent")
        return stored + len(refused)

    def _simulate(
        self, rows: Sequence[Row[Any]]
    ) -> tuple[list[_Letter], list[tuple[Row[Any], DecodedError]]]:
        """(what the contract would do with its gas, what it would refuse with the reason)."""
        ready: list[tuple[Row[Any], bytes]] = []
        refused: list[tuple[Row[Any], DecodedError]] = []
        for row in rows:
            try:
                ready.append((row, self._access.codec.call_data(row.kind, row.arguments)))
            except ArgumentsInvalid as error:
                refused.append((row, DecodedError("ArgumentsInvalid", {"reason": str(error)})))
        together = self._together([row for row, _ in ready])
        if together is not None:
            return [together], refused
        letters: list[_Letter] = []
        for start in range(0, len(ready), MAX_BATCH_CALLS):
            part = ready[start : start + MAX_BATCH_CALLS]
            answers = self._access.client.batch(
                [("eth_estimateGas", (self._call(row.role, data),)) for row, data in part]
            )
            for (row, data), answer in zip(part, answers, strict=True):
                if not isinstance(answer, NodeError):
                    letters.append(_Letter((row,), row.kind, Call(data, self._gas(answer))))
                elif answer.is_revert:
                    refused.append((row, self._access.codec.error(answer.data)))
                else:
                    raise ChainUnavailable(f"simulation: {answer.message}")
        if refused and len(letters) > 1:
            together = self._together([letter.rows[0] for letter in letters])
        return [together] if together is not None else letters, refused

    def _together(self, rows: Sequence[Row[Any]]) -> _Letter | None:
        """Enrolments as one transaction; None where there are not several, or the contract refuses one."""
        if len(rows) < 2 or rows[0].kind != lanes.ENROL:
            return None
        data = self._access.codec.call_data(ENROL_MANY, [[row.arguments for row in rows]])
        (answer,) = self._access.client.batch([("eth_estimateGas", (self._call(rows[0].role, data),))])
        if isinstance(answer, NodeError):
            if answer.is_revert:
                return None
            raise ChainUnavailable(f"simulation: {answer.message}")
        return _Letter(tuple(rows), ENROL_MANY, Call(data, self._gas(answer)))

    def _gas(self, answer: Any) -> int:
        gas = quantity(answer) * GAS_MARGIN_PERCENT // 100 + GAS_SLACK
        return min(gas, self._access.profile.max_batch_gas)

    def _call(self, role: str, data: bytes) -> dict[str, str]:
        return {
            "from": self._keys.address(role),  # type: ignore[arg-type]
            "to": self._access.deployment.ledger,
            "data": "0x" + data.hex(),
            "gasPrice": hex(self._access.profile.gas_price_wei),
        }

    def _store(self, letters: Sequence[_Letter]) -> int:
        """One commit: nonces, bytes, and the commands marked sent."""
        stored = 0
        try:
            with UnitOfWork(self._engine) as work:
                if self._lease is not None and not self._lease.still_held(work.connection):
                    return 0
                for letter in letters:
                    claimed = [self._claim(work.connection, row.id) for row in letter.rows]
                    if not any(claimed):
                        continue
                    if not all(claimed):
                        raise _Overtaken
                    role, purpose = letter.rows[0].role, letter.purpose
                    transaction_id = self._sender.store(work.connection, role, letter.call, purpose)
                    work.connection.execute(
                        update(chain_commands)
                        .where(chain_commands.c.id.in_([row.id for row in letter.rows]))
                        .values(chain_transaction_id=transaction_id)
                    )
                    stored += len(letter.rows)
                kinds = {row.kind for letter in letters for row in letter.rows}
                failpoints.reach_commands(kinds, "before_commit")
        except _Overtaken:
            return 0
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
        try:
            self._fail_and_tell(row, reason)
        except SQLAlchemyError:
            raise
        except Exception as error:  # its subject cannot read it: the commands behind it must not wait
            with UnitOfWork(self._engine) as work:
                fail_untold(work, self._quarantine, self._clock, row.id, error)
        metrics.commands_failed.labels(row.kind).inc()
        log.warning("chain.command_refused", kind=row.kind, command_id=row.id, reason=reason.name)

    def _fail_and_tell(self, row: Row[Any], reason: DecodedError) -> None:
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


def _account_in(arguments: str) -> str | None:
    """The first argument; None of a damaged row, which `_send` sets aside."""
    try:
        first, *_ = json.loads(arguments)
    except (TypeError, ValueError):
        return None
    return str(first)
