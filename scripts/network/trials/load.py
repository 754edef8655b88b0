"""Payments through the whole service, at a rate, each followed to its last word.

Owns the paying and the watch over it; what happens to the validators meanwhile is somebody else's. The
service runs in this process, with all its workers; the members' keys live in memory only.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from scripts.demo.simulation import SimulatedWallet, Simulation
from wallet_service.bootstrap import Services
from wallet_service.database.tables.payments import payments
from wallet_service.payments.service import signed_order
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref

AMOUNT_CENTS = 10
VALIDITY_S = 170
POLL_S = 0.05
REFS_A_LOOK = 400
LAST_WORDS = (PaymentState.PAID.value, PaymentState.REFUSED.value)


@dataclass(slots=True)
class Paid:
    """One payment, with the moments of this process's clock; `final_s` is None while it is confirming."""

    ref: str
    sent_s: float
    accepted_s: float | None = None
    final_s: float | None = None
    state: str = ""

    @property
    def took_s(self) -> float | None:
        return None if self.final_s is None else self.final_s - self.sent_s


@dataclass
class Load:
    """`payers` pay `payee` small amounts until `stop`."""

    services: Services
    simulation: Simulation
    payers: Sequence[SimulatedWallet]
    payee: SimulatedWallet
    rng: random.Random
    made: dict[str, Paid] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)  # their codes

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._waiting: set[str] = set()
        self._lock = threading.Lock()

    def start(self, rate_per_s: float) -> None:
        for work in (lambda: self._pay_at(rate_per_s), self._watch):
            thread = threading.Thread(target=work, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop_paying(self) -> None:
        self._stopping.set()

    def pay(self) -> str:
        """Sign one payment and hand it in; its reference."""
        payer = self.rng.choice(self.payers)
        domain = self.services.chain.domain()
        message = PaymentMessage(
            from_address=payer.address,
            to_address=self.payee.address,
            value=AMOUNT_CENTS,
            ref=new_ref(),
            valid_before=int(time.time()) + VALIDITY_S,
            nonce=payer.take_nonce(),
        )
        signature = self.simulation.sign(payer, message.digest(domain))
        paid = Paid(message.ref, time.monotonic())
        order = signed_order(message, signature, domain, None, None)
        answer: Future[Any] = self.services.acceptor.submit(order)
        answer.add_done_callback(lambda done: self._accepted(paid, done))
        return message.ref

    def wait_until_final(self, timeout_s: float) -> int:
        """How many are still confirming after that time at most."""
        deadline_s = time.monotonic() + timeout_s
        while self._waiting and time.monotonic() < deadline_s:
            time.sleep(POLL_S)
        with self._lock:
            return len(self._waiting)

    def final_since(self, since_s: float) -> list[float]:
        """Seconds to the last word of every payment that was sent since and has it."""
        with self._lock:
            return sorted(
                took
                for paid in self.made.values()
                if paid.sent_s >= since_s and (took := paid.took_s) is not None
            )

    def _pay_at(self, rate_per_s: float) -> None:
        due_s = time.monotonic()
        while not self._stopping.is_set():
            self.pay()
            due_s += 1 / rate_per_s
            self._stopping.wait(max(0.0, due_s - time.monotonic()))

    def _accepted(self, paid: Paid, done: Future[Any]) -> None:
        answer = done.exception() or done.result()
        with self._lock:
            if isinstance(answer, BaseException):
                self.refusals.append(getattr(answer, "code", str(answer)))
                return
            paid.accepted_s = time.monotonic()
            self.made[paid.ref] = paid
            self._waiting.add(paid.ref)

    def _watch(self) -> None:
        while not (self._stopping.is_set() and not self._waiting):
            with self._lock:
                asked = list(self._waiting)[:REFS_A_LOOK]
            if asked:
                with self.services.engine.connect() as connection:
                    rows = connection.execute(
                        select(payments.c.ref, payments.c.state).where(
                            payments.c.ref.in_(asked), payments.c.state.in_(LAST_WORDS)
                        )
                    ).all()
                now_s = time.monotonic()
                with self._lock:
                    for row in rows:
                        self.made[row.ref].final_s, self.made[row.ref].state = now_s, row.state
                        self._waiting.discard(row.ref)
            time.sleep(POLL_S)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Of sorted values; None when there are none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


def until(reached: Callable[[], bool], timeout_s: float) -> float | None:
    """Seconds until it was so, None when it was not in time."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < timeout_s:
        if reached():
            return time.monotonic() - began_s
        time.sleep(POLL_S)
    return None
