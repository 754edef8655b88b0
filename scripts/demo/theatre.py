"""The service taken by the hand: its real workers run round by round on a virtual clock, the node following.

Owns time and the keys of the fictional members while the month of history is played; the keys live in memory
only. Everything goes the real way: sign, accept, settle, project.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from scripts.demo.places import StackFailed
from wallet_service.bootstrap import Services
from wallet_service.chain.client import NodeError
from wallet_service.chain.embedded import EmbeddedNode
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.tables.payments import payments
from wallet_service.payments.service import PaymentRequest, signed_order
from wallet_service.protocol import p256
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.envelope import sign_p256
from wallet_service.protocol.identifiers import new_ref
from wallet_service.protocol.typed_data import PaymentMessage

#: A busy machine may be slow; it is only stuck when nothing at all has moved for so long.
STUCK_AFTER_S = 60.0
POLL_S = 0.002
ANSWER_TIMEOUT_S = 30.0
PAYMENT_VALIDITY_S = 120


class HistoryFailed(StackFailed):
    """The month could not be played; the sentence says where."""


@dataclass(slots=True)
class Actor:
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
class Wish:
    """A payment somebody is about to make. `refund_request_id` and `sale_id` as in the API."""

    payer: Actor
    payee: Actor
    amount_cents: int
    sale_id: str | None = None
    refund_request_id: str | None = None
    ref: str = field(default_factory=new_ref)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not settled yet, counted. Sending again what was sent is no progress; these numbers are."""

    commands_queued: int = 0
    commands_sent: int = 0
    transactions_stored: int = 0
    payments_accepted: int = 0
    payments_settling: int = 0


class Theatre:
    """`services` were built with `clock`; the node is the embedded one they speak to."""

    def __init__(
        self, services: Services, node: EmbeddedNode, clock: VirtualClock, draw: random.Random
    ) -> None:
        self.services, self.node, self.clock, self.draw = services, node, clock, draw

    def new_key(self) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        key = p256.new_private_key()
        return key, p256.point_of(key)

    def move_to(self, unix_ms: int) -> None:
        """Go on to that moment, the node's clock with ours."""
        self.clock.move_to_unix_ms(unix_ms)
        self.node.set_time(self.clock.now_unix_s())

    def sign(self, actor: Actor, digest: bytes) -> bytes:
        return sign_p256(actor.key, digest, actor.point)

    def pay_all(self, wishes: Sequence[Wish]) -> None:
        """Accept these signed payments together and settle them. Raises HistoryFailed for any refusal."""
        domain = self.services.chain.domain()
        futures = []
        for wish in wishes:
            valid_before = self.clock.now_unix_s() + PAYMENT_VALIDITY_S
            message = PaymentMessage(
                from_address=wish.payer.address,
                to_address=wish.payee.address,
                value=wish.amount_cents,
                ref=wish.ref,
                valid_before=valid_before,
                nonce=wish.payer.take_nonce(),
            )
            signature = self.sign(wish.payer, message.digest(domain))
            request = PaymentRequest(
                from_address=message.from_address,
                to_address=message.to_address,
                amount_cents=message.value,
                ref=message.ref,
                valid_before_unix_s=valid_before,
                nonce=str(message.nonce),
                signature="0x" + signature.hex(),
                sale_id=wish.sale_id,
                refund_request_id=wish.refund_request_id,
            )
            futures.append(self.services.acceptor.submit(signed_order(request, domain)))
        for wish, future in zip(wishes, futures, strict=True):
            answer = future.result(ANSWER_TIMEOUT_S)
            if isinstance(answer, Exception):
                raise HistoryFailed(f"a payment of the history was refused: {answer}") from answer
            wish.payer.balance_cents -= wish.amount_cents
            wish.payee.balance_cents += wish.amount_cents
        self.let_work()

    def let_work(self) -> None:
        """Run the workers' rounds until nothing waits: commands, settlements, blocks, projections. Raises
        HistoryFailed, with what waits, when nothing moves any more.
        """
        parts, moved_at_s, before = self.services.chain_parts, time.monotonic(), Waiting()
        self.services.rules.refresh()
        while True:
            moved = self.services.settler.run_once() + parts.runner.run_once() + parts.sender.run_once()
            while count := parts.indexer.run_once():
                moved += count
                moved_at_s = time.monotonic()
            waiting = self._waiting()
            if waiting == Waiting():
                return
            if waiting != before:
                moved_at_s, before = time.monotonic(), waiting
            if time.monotonic() - moved_at_s > STUCK_AFTER_S:
                raise HistoryFailed(self._standstill(waiting))
            if not moved and not self.node.wake_if_asleep():
                time.sleep(POLL_S)

    def _standstill(self, waiting: Waiting) -> str:
        """What stands still and where the chain is: without it nobody could say why."""
        if not self.node.is_running():
            return f"the node ended by itself; the history's steps that wait: {waiting}; start again"
        last = self.services.supervision.figures.last_block()
        try:
            pool, head = self.node.request("txpool_status"), self.node.request("eth_blockNumber")
        except (ChainUnavailable, NodeError) as error:
            return f"the node does not answer ({error}); the history's steps that wait: {waiting}"
        return (
            f"the chain took none of the history's waiting steps in {STUCK_AFTER_S:.0f} s: {waiting} "
            f"(node at block {int(head, 16)}, read up to {last.number if last else 'none'}, pool {pool})"
        )

    def _waiting(self) -> Waiting:
        with self.services.engine.connect().execution_options(read_only=True) as connection:
            return Waiting(
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
