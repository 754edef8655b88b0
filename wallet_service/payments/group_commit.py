"""One thread that gathers signed payments into batches, so that one durable commit serves many phones.

Bounded everywhere: a full queue refuses at once, a batch has a largest size, a caller waits only so long.
Never lingers: a batch is whatever came while the last commit was under way. Decides nothing itself.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

import structlog
from prometheus_client import Gauge

from wallet_service.errors import BusinessError
from wallet_service.payments import errors
from wallet_service.payments.accept import MAX_BATCH_ORDERS, Answer
from wallet_service.payments.models import Payment, PaymentOrder

MAX_WAITING_ORDERS = 2_000
ANSWER_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0

log = structlog.get_logger(__name__)
WAITING = Gauge("alba_accept_waiting_orders", "Signed payments waiting for a batch")

_Waiting = tuple[PaymentOrder, "Future[Answer]"]


class GroupCommit:
    """`accept` may be called from any thread once `start` has run."""

    def __init__(
        self,
        accept_batch: Callable[[Sequence[PaymentOrder]], list[Answer]],
        max_waiting_orders: int = MAX_WAITING_ORDERS,
    ) -> None:
        self._accept_batch = accept_batch
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(max_waiting_orders)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="acceptor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finishes what is queued, then ends."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(STOP_TIMEOUT_S)
            self._thread = None

    def accept(self, order: PaymentOrder) -> Payment:
        """The recorded payment, after its commit.

        Raises the refusal, or ServiceBusy when the queue is full or the answer takes longer than
        `ANSWER_TIMEOUT_S` (then the outcome is found by asking again with the same reference).
        """
        answer = self.submit(order)
        try:
            payment = answer.result(ANSWER_TIMEOUT_S)
        except FutureTimeout:
            raise errors.ServiceBusy() from None
        if isinstance(payment, BusinessError):
            raise payment
        return payment

    def submit(self, order: PaymentOrder) -> Future[Answer]:
        """Queues without waiting. Raises ServiceBusy when the queue is full or nobody drains it."""
        if self._thread is None:
            raise errors.ServiceBusy()
        future: Future[Answer] = Future()
        try:
            self._queue.put_nowait((order, future))
        except queue.Full:
            raise errors.ServiceBusy() from None
        WAITING.set(self._queue.qsize())
        return future

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            batch = [] if first is None else [first]
            ending = first is None
            while not ending and len(batch) < MAX_BATCH_ORDERS:
                try:
                    waiting = self._queue.get_nowait()
                except queue.Empty:
                    break
                if waiting is None:
                    ending = True
                else:
                    batch.append(waiting)
            WAITING.set(self._queue.qsize())
            if batch:
                self._answer(batch)
            if ending:
                return

    def _answer(self, batch: list[_Waiting]) -> None:
        try:
            answers: Sequence[Answer] = self._accept_batch([order for order, _ in batch])
        except BusinessError as refusal:
            answers = [refusal] * len(batch)
        except Exception as error:  # a defect must not kill the only acceptor, nor hang those who wait
            log.exception("accept.batch_failed")
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            future.set_result(answer)
