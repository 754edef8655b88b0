"""A simulation of the service: its real workers run round by round on a virtual clock, the node following.

Owns time and the keys of the fictional members while the month is simulated; the keys live in memory
only. Everything goes the real way: sign, accept, settle, project.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from scripts.demo.stack_layout import StackFailed
from wallet_service.bootstrap import Services
from wallet_service.chain.node.client import NodeError
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.tables.payments import payments
from wallet_service.payments.service import signed_order
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.clock import Clock, VirtualClock
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref

#: A busy machine may be slow; it is only stuck when nothing at all has moved for so long.
STUCK_AFTER_S = 60.0
POLL_S = 0.002
ANSWER_TIMEOUT_S = 30.0
PAYMENT_VALIDITY_S = 120


class SimulationFailed(StackFailed):
    """The month could not be played; the sentence says where."""


@dataclass(slots=True)
class SimulatedWallet:
    """A fictional member with the key its device would hold, and what the script believes it has."""

    member_id: str
    address: str
    key: ec.EllipticCurvePrivateKey
    point: bytes
    balance_cents: int = 0
    next_nonce: int = 0
    till_id: str = ""
    reference: str = ""

    def take_nonce(self) -> int:
        self.next_nonce += 1
        return self.next_nonce - 1


@dataclass(slots=True)
class PaymentIntent:
    """A payment somebody is about to make. `refund_request_id` and `sale_id` as in the API."""

    payer: SimulatedWallet
    payee: SimulatedWallet
    amount_cents: int
    sale_id: str | None = None
    refund_request_id: str | None = None
    ref: str = field(default_factory=new_ref)


@dataclass(frozen=True, slots=True)
class PendingWork:
    """What is not settled yet, counted. Sending again what was sent is no progress; these numbers are."""

    commands_queued: int = 0
    commands_sent: int = 0
    transactions_stored: int = 0
    payments_accepted: int = 0
    payments_settling: int = 0


class Ground(Protocol):
    """The chain the history is played on: the embedded node, or what stands for a network."""

    def is_running(self) -> bool: ...

    def request(self, method: str, *params: Any) -> Any: ...

    def wake_if_asleep(self) -> bool: ...

    def set_time(self, unix_s: int) -> None: ...


class Simulation:
    """`services` were built with `clock` and speak to the same chain as `node`."""

    def __init__(self, services: Services, node: Ground, clock: Clock, rng: random.Random) -> None:
        self.services, self.node, self.clock, self.rng = services, node, clock, rng

    def new_key(self) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        key = p256.new_private_key()
        return key, p256.point_of(key)

    def advance_to(self, unix_ms: int) -> None:
        """Go on to that moment, the node's clock with ours; with a real clock it is always now."""
        if isinstance(self.clock, VirtualClock):
            self.clock.move_to_unix_ms(unix_ms)
            self.node.set_time(self.clock.now_unix_s())

    def sign(self, wallet: SimulatedWallet, digest: bytes) -> bytes:
        return sign_p256(wallet.key, digest, wallet.point)

    def pay_all(self, intents: Sequence[PaymentIntent]) -> None:
        """Accept these signed payments together and settle them. Raises HistoryFailed for any refusal."""
        domain = self.services.chain.domain()
        futures = []
        for intent in intents:
            message = PaymentMessage(
                from_address=intent.payer.address,
                to_address=intent.payee.address,
                value=intent.amount_cents,
                ref=intent.ref,
                valid_before=self.clock.now_unix_s() + PAYMENT_VALIDITY_S,
                nonce=intent.payer.take_nonce(),
            )
            signature = self.sign(intent.payer, message.digest(domain))
            order = signed_order(message, signature, domain, intent.sale_id, intent.refund_request_id)
            futures.append(self.services.acceptor.submit(order))
        for intent, future in zip(intents, futures, strict=True):
            answer = future.result(ANSWER_TIMEOUT_S)
            if isinstance(answer, Exception):
                raise SimulationFailed(f"a payment of the history was refused: {answer}") from answer
            intent.payer.balance_cents -= intent.amount_cents
            intent.payee.balance_cents += intent.amount_cents
        self.run_workers()

    def run_workers(self) -> None:
        """Run the workers' rounds until nothing waits: commands, settlements, blocks, projections.

        Raises HistoryFailed, with what waits, when nothing moves any more.
        """
        parts, moved_at_s, before = self.services.chain_parts, time.monotonic(), PendingWork()
        self.services.watches.rules.refresh()
        while True:
            moved = self.services.settler.run_once() + parts.runner.run_once() + parts.sender.run_once()
            while count := parts.indexer.run_once():
                moved += count
                moved_at_s = time.monotonic()
            waiting = self._pending_work()
            if waiting == PendingWork():
                return
            if waiting != before:
                moved_at_s, before = time.monotonic(), waiting
            if time.monotonic() - moved_at_s > STUCK_AFTER_S:
                raise SimulationFailed(self._describe_standstill(waiting))
            if not moved and not self.node.wake_if_asleep():
                time.sleep(POLL_S)

    def _describe_standstill(self, waiting: PendingWork) -> str:
        """What stands still and where the chain is: without it nobody could say why."""
        if not self.node.is_running():
            return f"the node ended by itself; the history's steps that wait: {waiting}; start again"
        last = self.services.reports.figures.last_block()
        try:
            pool, head = self.node.request("txpool_status"), self.node.request("eth_blockNumber")
        except (ChainUnavailable, NodeError) as error:
            return f"the node does not answer ({error}); the history's steps that wait: {waiting}"
        return (
            f"the chain took none of the history's waiting steps in {STUCK_AFTER_S:.0f} s: {waiting} "
            f"(node at block {int(head, 16)}, read up to {last.number if last else 'none'}, pool {pool})"
        )

    def _pending_work(self) -> PendingWork:
        with self.services.engine.connect().execution_options(read_only=True) as connection:
            return PendingWork(
                *(
                    int(connection.execute(select(func.count()).where(condition)).scalar_one())
                    for condition in (
                        chain_commands.c.state == "queued",
                        chain_commands.c.state == "sent",
                        chain_transactions.c.state == "stored",
                        payments.c.state == "accepted",
                        payments.c.state == "settling",
                    )
                )
            )
