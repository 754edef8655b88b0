"""The door for signed payments: reads what a phone sent, checks the signature, hands it to the acceptor.

Owns no rule about money (see `decisions`) and no transaction (see `accept`); owns the thread and the queue
between the many phones and the one acceptor.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Protocol

import structlog
from prometheus_client import Gauge
from sqlalchemy import Engine

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.errors import AmountNotAllowed
from wallet_service.asks.errors import AskNotFound
from wallet_service.database.unit_of_work import reading
from wallet_service.payments import errors, repository
from wallet_service.payments.accept import MAX_BATCH_ORDERS, Answer
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.platform.errors import ServiceBusy
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.signing.addresses import normal_address
from wallet_service.protocol.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    EnvelopeKind,
    PasskeySite,
    parse_envelope,
    signer_address,
)
from wallet_service.protocol.signing.typed_data import MAX_UINT256, Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import is_id, is_sale_id, normal_word
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.sales import errors as sales

MAX_WAITING_ORDERS = 2_000
ANSWER_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0

log = structlog.get_logger(__name__)
WAITING = Gauge("alba_accept_waiting_orders", "Signed payments waiting for a batch")

_Waiting = tuple[PaymentOrder, "Future[Answer]"]


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

    Bounded everywhere: a full queue refuses at once, a batch has a largest size, a caller waits only so long.
    Never lingers: a batch is whatever came while the last commit was under way. `accept` may be called from
    any thread once `start` has run.
    """

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
            raise ServiceBusy() from None
        if isinstance(payment, Refusal):
            raise payment
        return payment

    def submit(self, order: PaymentOrder) -> Future[Answer]:
        """Queues without waiting. Raises ServiceBusy when the queue is full or nobody drains it."""
        if self._thread is None:
            raise ServiceBusy()
        future: Future[Answer] = Future()
        try:
            self._queue.put_nowait((order, future))
        except queue.Full:
            raise ServiceBusy() from None
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
        except Refusal as refusal:
            answers = [refusal] * len(batch)
        except Exception as error:  # a defect must not kill the only acceptor, nor hang those who wait
            log.exception("accept.batch_failed")
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
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

    def pay(self, member_id: str, sent: SentPayment) -> Payment:
        """Records a signed payment of `member_id`, once, whatever number of times it is sent.

        Raises BadSignature, AddressInvalid, WordInvalid, NonceInvalid, NotYourAccount, and every refusal of
        `decisions`.
        """
        check_names(sent)
        message, signature = read_message(sent), _envelope_bytes(sent.signature)
        self._site.check(parse_envelope(signature))
        subjects = (sent.sale_id, sent.refund_request_id, sent.ask_part_id)
        order = signed_order(message, signature, self._domain(), *subjects)
        with reading(self._engine) as connection:
            party = accounts.party_by_id(connection, member_id)
        if party is None or party.account_address != order.from_address:
            raise errors.NotYourAccount()
        return self._acceptor.accept(order)

    def find(self, member_id: str, ref: str) -> Payment:
        """The payment with that reference, for its payer or payee. Raises PaymentNotFound, WordInvalid."""
        with reading(self._engine) as connection:
            payment = repository.payment_by_ref(connection, normal_word(ref))
        if payment is None or member_id not in (payment.payer_member_id, payment.payee_member_id):
            raise errors.PaymentNotFound()
        return payment


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
    envelope = parse_envelope(signature)
    return PaymentOrder(
        message=message,
        signature=signature,
        signer_address=signer_address(envelope, message.digest(domain)),
        by_passkey=envelope.kind is EnvelopeKind.PASSKEY,
        sale_id=sale_id,
        refund_request_id=refund_request_id,
        ask_part_id=ask_part_id,
    )


def _envelope_bytes(text: str) -> bytes:
    if not text.startswith("0x") or len(text) > 2 + 2 * MAX_ENVELOPE_BYTES:
        raise BadSignature("not 0x hex, or too long")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise BadSignature("not hex") from None
