"""The door for signed payments: reads what a phone sent, checks the signature, hands it to the acceptor.

Owns no rule about money (see `decisions`) and no transaction (see `accept`); owns the thread and the queue
between the many phones and the one acceptor.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import fields
from typing import Any, NamedTuple, Protocol

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import Engine

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.errors import AmountNotAllowed
from wallet_service.asks.errors import AskNotFound
from wallet_service.database.unit_of_work import reading
from wallet_service.payments import errors, repository
from wallet_service.payments.accept import MAX_BATCH_ORDERS, Answer
from wallet_service.payments.models import AskedOrder, Asker, Payment, PaymentOrder
from wallet_service.platform.errors import ServiceBusy
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.signing.addresses import normal_address
from wallet_service.protocol.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    Envelope,
    EnvelopeKind,
    PasskeySite,
    parse_envelope,
    signer_address,
)
from wallet_service.protocol.signing.typed_data import MAX_UINT256, Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import is_id, is_sale_id, normal_word
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.sales import errors as sales

MAX_WAITING_ORDERS = 20_000
ANSWER_TIMEOUT_S = 10.0
#: Who would wait longer is told at once, long before a caller gives up.
MAX_WAIT_S = 4.0
MAX_RETRY_AFTER_S = 30
BATCH_EVERY_S = 0.03
PACE_WEIGHT = 0.3
STOP_TIMEOUT_S = 5.0

log = structlog.get_logger(__name__)
WAITING = Gauge("alba_accept_waiting_orders", "Signed payments waiting for a batch")
REFUSED = Counter("alba_accept_busy_total", "Signed payments that the queue had no place for")


class _Place(NamedTuple):
    """An order in the queue, and who waits for its answer: a thread, or a task of `loop`."""

    order: PaymentOrder
    thread: Future[Answer] | None
    task: asyncio.Future[Answer | Exception] | None = None
    loop: asyncio.AbstractEventLoop | None = None


class SentPayment(Protocol):
    """A signed payment as texts and numbers, as it came over HTTP. `signature` is 0x hex of an envelope."""

    from_address: str
    to_address: str
    amount_cents: int
    ref: str
    valid_before_unix_s: int
    nonce: str
    signature: str
    sale_id: str | None
    refund_request_id: str | None
    ask_part_id: str | None


class GroupCommit:
    """One thread that gathers signed payments into batches, so that one durable commit serves many phones.

    Bounded everywhere: a batch has a largest size, a caller waits only so long, and an order that would wait
    longer than that is refused at once, with the time after which it would not. The first order after a rest
    is taken at once; while several come at a time a batch begins BATCH_EVERY_S after the last one, because
    a batch costs much and one more order in it little. `accept` and `submit` may be called from any thread
    once `start` has run, `answer` from any event loop; neither holds a thread for each caller.
    """

    def __init__(
        self,
        accept_batch: Callable[[Sequence[PaymentOrder]], list[Answer]],
        max_waiting_orders: int = MAX_WAITING_ORDERS,
    ) -> None:
        self._accept_batch = accept_batch
        self._max_waiting_orders = max_waiting_orders
        self._queue: queue.SimpleQueue[_Place | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._orders_per_s = float(max_waiting_orders)

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
            raise self._busy() from None
        if isinstance(payment, Refusal):
            raise payment
        return payment

    def submit(self, order: PaymentOrder) -> Future[Answer]:
        """Queues without waiting. Raises ServiceBusy when the queue is full or nobody drains it."""
        future: Future[Answer] = Future()
        self._queue_up(_Place(order, future))
        return future

    async def answer(self, order: PaymentOrder) -> Payment:
        """As `accept`, for a task: it sleeps until the batch is done, and no thread with it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer | Exception] = loop.create_future()
        self._queue_up(_Place(order, None, future, loop))
        giving_up = loop.call_later(ANSWER_TIMEOUT_S, _give, [(future, self._busy())])
        try:
            answer = await future
        finally:
            giving_up.cancel()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _queue_up(self, place: _Place) -> None:
        waiting = self._queue.qsize()
        if self._thread is None or waiting >= self._max_waiting_orders or self._wait_s(waiting) > MAX_WAIT_S:
            REFUSED.inc()
            raise self._busy()
        self._queue.put(place)

    def _wait_s(self, waiting: int) -> float:
        return waiting / self._orders_per_s

    def _busy(self) -> ServiceBusy:
        """With the time the queue needs at the pace of the last batches."""
        return ServiceBusy(retry_after_s=min(MAX_RETRY_AFTER_S, 1 + int(self._wait_s(self._queue.qsize()))))

    def _run(self) -> None:
        last_size, began_s = 0, time.monotonic()
        while True:
            batch, is_ending = [self._queue.get()], False
            if last_size > 1:
                time.sleep(max(0.0, began_s + BATCH_EVERY_S - time.monotonic()))
            began_s = time.monotonic()
            while len(batch) < MAX_BATCH_ORDERS and batch[-1] is not None:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            is_ending = batch[-1] is None
            orders = [place for place in batch if place is not None]
            last_size = len(orders)
            WAITING.set(self._queue.qsize())
            if orders:
                self._answer(orders)
                self._note_pace(len(orders), time.monotonic() - began_s)
            if is_ending:
                return

    def _note_pace(self, orders: int, took_s: float) -> None:
        """The pace at which a queue would be drained: batches are full then, so small ones say little."""
        if orders >= MAX_BATCH_ORDERS // 4:
            per_s = orders / max(took_s, BATCH_EVERY_S)
            self._orders_per_s += (per_s - self._orders_per_s) * PACE_WEIGHT

    def _answer(self, batch: list[_Place]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = self._accept_batch([place.order for place in batch])
        except Refusal as refusal:
            answers = [refusal] * len(batch)
        except Exception as error:  # a defect must not kill the only acceptor, nor hang those who wait
            log.exception("accept.batch_failed")
            answers = [error] * len(batch)
        tasks: dict[asyncio.AbstractEventLoop, list[_Given]] = {}
        for place, answer in zip(batch, answers, strict=True):
            if place.loop is not None and place.task is not None:
                tasks.setdefault(place.loop, []).append((place.task, answer))
            elif place.thread is not None:
                _set(place.thread, answer)
        for loop, given in tasks.items():
            try:
                loop.call_soon_threadsafe(_give, given)
            except RuntimeError:  # the loop has ended, and whoever waited with it
                log.info("accept.nobody_waits", answers=len(given))


def _set(future: Future[Answer], answer: Answer | Exception) -> None:
    if isinstance(answer, Exception) and not isinstance(answer, Refusal):
        future.set_exception(answer)
    else:
        future.set_result(answer)


_Given = tuple["asyncio.Future[Answer | Exception]", "Answer | Exception"]


def _give(given: Sequence[_Given]) -> None:
    """Runs on the loop of whoever waits: one turn of it for a whole batch."""
    for future, answer in given:
        if not future.done():
            future.set_result(answer)


class Payments:
    """Reads, checks and hands on. `site` is where members' passkeys may sign."""

    def __init__(
        self, engine: Engine, domain: Callable[[], Domain], acceptor: GroupCommit, site: PasskeySite
    ) -> None:
        self._engine = engine
        self._domain = domain
        self._acceptor = acceptor
        self._site = site

    def pay(self, member_id: str, sent: SentPayment, signer_address: str | None = None) -> Payment:
        """Records a signed payment of `member_id`, once, whatever number of times it is sent.

        `signer_address`: the one key whose word is taken here, where not the holder asks.
        Raises BadSignature, AddressInvalid, WordInvalid, NonceInvalid, NotYourAccount, and every refusal of
        `decisions`.
        """
        order = self.read(sent)
        with reading(self._engine) as connection:
            party = accounts.party_by_id(connection, member_id)
        if party is None or party.account_address != order.from_address:
            raise errors.NotYourAccount()
        if signer_address is not None and order.signer_address != signer_address:
            raise errors.SignerNotAllowed()
        return self._acceptor.accept(order)

    def read(self, sent: SentPayment) -> PaymentOrder:
        """The order, its signature checked. Raises what `pay` raises but NotYourAccount and decisions."""
        check_names(sent)
        message, signature = read_message(sent), _envelope_bytes(sent.signature)
        envelope = parse_envelope(signature)
        self._site.check(envelope)
        return _order_of(message, signature, envelope, self._domain(), _subjects(sent))

    async def pay_asked(self, asker: Asker, order: PaymentOrder) -> Payment:
        """As `pay`, with who asks found out by the batch itself: what `asker` refuses is raised too."""
        return await self._acceptor.answer(AskedOrder(**_fields(order), asker=asker))

    def find_of_key(self, keyholder_id: str, ref: str) -> Payment:
        """The payment that this key signed. Raises PaymentNotFound, WordInvalid."""
        with reading(self._engine) as connection:
            payment = repository.payment_by_ref(connection, normal_word(ref))
        if payment is None or payment.keyholder_id != keyholder_id:
            raise errors.PaymentNotFound()
        return payment

    def find(self, member_id: str, ref: str) -> Payment:
        """The payment with that reference, for its payer or payee. Raises PaymentNotFound, WordInvalid."""
        with reading(self._engine) as connection:
            payment = repository.payment_by_ref(connection, normal_word(ref))
        if payment is None or member_id not in (payment.payer_member_id, payment.payee_member_id):
            raise errors.PaymentNotFound()
        return payment


#: The ids of what is paid: a sale, a refund request, a part of an ask.
Subjects = tuple[str | None, str | None, str | None]


def _subjects(sent: SentPayment) -> Subjects:
    return sent.sale_id, sent.refund_request_id, sent.ask_part_id


def check_names(sent: SentPayment) -> None:
    """A name without the form of one is of nothing, and no batch needs to find that out.

    Raises SaleNotFound, RefundNotFound, AskNotFound.
    """
    if sent.sale_id is not None and not is_sale_id(sent.sale_id):
        raise sales.SaleNotFound()
    if sent.refund_request_id is not None and not is_id(sent.refund_request_id):
        raise sales.RefundNotFound()
    if sent.ask_part_id is not None and not is_id(sent.ask_part_id):
        raise AskNotFound()


def read_message(sent: SentPayment) -> PaymentMessage:
    """What was signed. Raises AddressInvalid, WordInvalid, AmountNotAllowed, NonceInvalid."""
    if not 0 < sent.amount_cents <= MAX_AMOUNT_CENTS:
        raise AmountNotAllowed(amount_cents=sent.amount_cents)
    if not sent.nonce.isascii() or not sent.nonce.isdecimal() or int(sent.nonce) > MAX_UINT256:
        raise errors.NonceInvalid()
    return PaymentMessage(
        from_address=normal_address(sent.from_address),
        to_address=normal_address(sent.to_address),
        value=sent.amount_cents,
        ref=normal_word(sent.ref),
        valid_before=sent.valid_before_unix_s,
        nonce=int(sent.nonce),
    )


def signed_order(
    message: PaymentMessage,
    signature: bytes,
    domain: Domain,
    sale_id: str | None = None,
    refund_request_id: str | None = None,
    ask_part_id: str | None = None,
) -> PaymentOrder:
    """The order, with who signed it. Raises BadSignature."""
    subjects = (sale_id, refund_request_id, ask_part_id)
    return _order_of(message, signature, parse_envelope(signature), domain, subjects)


def _order_of(
    message: PaymentMessage,
    signature: bytes,
    envelope: Envelope,
    domain: Domain,
    subjects: Subjects,
) -> PaymentOrder:
    """The order, with who signed it and what it is for."""
    return PaymentOrder(
        message=message,
        signature=signature,
        signer_address=signer_address(envelope, message.digest(domain)),
        by_passkey=envelope.kind is EnvelopeKind.PASSKEY,
        sale_id=subjects[0],
        refund_request_id=subjects[1],
        ask_part_id=subjects[2],
    )


def _fields(order: PaymentOrder) -> dict[str, Any]:
    return {each.name: getattr(order, each.name) for each in fields(order)}


def _envelope_bytes(text: str) -> bytes:
    if not text.startswith("0x") or len(text) > 2 + 2 * MAX_ENVELOPE_BYTES:
        raise BadSignature("not 0x hex, or too long")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise BadSignature("not hex") from None
