"""Stage one of a payment: deciding on a batch of orders and recording them in one commit, money reserved.

Owns the decision's inputs (read and locked once per batch) and what is written. The pure rules are in
`decisions`, the thread that gathers batches in `group_commit`. No network call is made here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from wallet_service import crash_points
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.errors import BusinessError
from wallet_service.payments import decisions, errors, events, repository, sales_repository
from wallet_service.payments.decisions import SMALL_NONCE_LIMIT, PaymentContext
from wallet_service.payments.models import (
    Balance,
    Party,
    Payment,
    PaymentOrder,
    Purpose,
    RefundRequest,
    Rules,
    Sale,
    Spending,
)
from wallet_service.payments.ports import RulesSource
from wallet_service.payments.states import PaymentState, RefundRequestState, SaleState
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.floors import NO_FLOORS
from wallet_service.push import Push

MAX_BATCH_ORDERS = 200
#: A batch is decided again when another process changed what it had read, or the database was cut.
MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)
BATCH_SIZE = Histogram(
    "alba_accept_batch_orders", "Orders in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)
BATCH_SECONDS = Histogram("alba_accept_batch_seconds", "Time to decide and commit one batch")
ANSWERS = Counter("alba_accept_answers_total", "Answers to signed payments", ["code"])

Answer = Payment | BusinessError


@dataclass
class _Books:
    """What one batch has read, kept true while its orders are decided one after the other."""

    now_unix_ms: int
    rules: Rules
    sequence: int
    recorded: dict[str, dict[str, Any]]
    used_nonces: set[tuple[str, int]]
    next_nonces: dict[str, int]
    parties: dict[str, Party]
    devices: dict[str, tuple[str, str]]
    balances: dict[str, Balance]
    spending: dict[str, Spending]
    incoming_cents: dict[str, int]
    sales: dict[str, Sale]
    sale_addresses: dict[str, str]
    refund_requests: dict[str, RefundRequest]
    refund_payers: dict[str, tuple[str, str, str]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    reserved_cents: dict[str, int] = field(default_factory=dict)
    changed_sales: list[Sale] = field(default_factory=list)
    changed_refunds: list[RefundRequest] = field(default_factory=list)
    accepted: list[Payment] = field(default_factory=list)


class Acceptance:
    """Decides batches. Safe from several threads and processes: batches take turns at the database."""

    def __init__(
        self, engine: Engine, clock: Clock, push: Push, rules: RulesSource, payment_lifetime_s: int
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._rules = rules
        self._payment_lifetime_s = payment_lifetime_s

    def accept_batch(self, orders: Sequence[PaymentOrder]) -> list[Answer]:
        """One answer per order, in order: the payment as recorded, or the refusal.

        ServiceBusy answers an order the database would not take: it is not recorded, or will be found by the
        same reference. Raises ChainUnavailable when no limits are known.
        """
        rules = self._rules.current()
        BATCH_SIZE.observe(len(orders))
        answers = self._answers(orders, rules)
        for answer in answers:
            ANSWERS.labels(answer.code if isinstance(answer, BusinessError) else "accepted").inc()
        return answers

    def _answers(self, orders: Sequence[PaymentOrder], rules: Rules) -> list[Answer]:
        for attempt in range(MAX_ATTEMPTS):
            try:
                with BATCH_SECONDS.time():
                    return self._attempt(orders, rules)
            except (DBAPIError, repository.BalanceNotReserved, LostRace) as error:
                log.warning("accept.batch_again", attempt=attempt, reason=type(error).__name__)
        if len(orders) == 1:
            return [errors.ServiceBusy()]
        # One order may be what the database refuses: the others must not pay for it.
        return [answer for order in orders for answer in self._answers([order], rules)]

    def _attempt(self, orders: Sequence[PaymentOrder], rules: Rules) -> list[Answer]:
        with UnitOfWork(self._engine) as work:
            repository.take_acceptor_lock(work.connection)
            books = read_books(work.connection, orders, rules, self._clock.now_unix_ms())
            answers = [self._answer(order, books) for order in orders]
            self._write(work, books)
            crash_points.reach("accept.before_commit")
        crash_points.reach("accept.committed")
        return answers

    def _answer(self, order: PaymentOrder, books: _Books) -> Answer:
        try:
            return self._decide(order, books)
        except BusinessError as refusal:
            return refusal

    def _decide(self, order: PaymentOrder, books: _Books) -> Payment:
        recorded = books.recorded.get(order.ref)
        if recorded is not None:
            if not decisions.same_order(order, recorded):
                raise errors.ReferenceReused()
            return repository.payment_of(recorded)
        context = context_of(order, books, self._payment_lifetime_s)
        next_nonce = books.next_nonces.get(order.from_address, 0)
        if (order.from_address, order.nonce) in books.used_nonces:
            raise errors.NonceConflict(next_nonce=str(next_nonce))
        decisions.check_nonce_in_window(order.nonce, next_nonce)
        decisions.check_payment(order, context)
        assert context.payer is not None
        assert context.payee is not None
        return _record(order, books, context.payer, context.payee)

    def _write(self, work: UnitOfWork, books: _Books) -> None:
        if not books.rows:
            return
        connection = work.connection
        repository.reserve(connection, books.reserved_cents)
        repository.insert_payments(connection, books.rows)
        for sale in books.changed_sales:
            values = {"payment_ref": sale.payment_ref, "accepted_at_unix_ms": sale.accepted_at_unix_ms}
            if not sales_repository.move_sale(connection, sale.id, SaleState.ACCEPTED, **values):
                raise LostRace(sale.id)
        for request in books.changed_refunds:
            values = {
                "payment_ref": request.payment_ref,
                "decided_at_unix_ms": request.decided_at_unix_ms,
                "refusal_code": None,
            }
            state = RefundRequestState.ACCEPTED
            if not sales_repository.move_refund_request(connection, request.id, state, **values):
                raise LostRace(request.id)
        told: list[events.Event] = []
        for payment in books.accepted:
            told += events.payment_accepted(payment)
        for sale in books.changed_sales:
            told += events.sale_changed(sale)
        for request in books.changed_refunds:
            told += events.refund_changed(request)
        self._push.publish_many(work, told)


class LostRace(Exception):
    """A row we had read and locked changed all the same: decide again."""


def read_books(
    connection: Connection, orders: Sequence[PaymentOrder], rules: Rules, now_unix_ms: int
) -> _Books:
    """Everything the batch needs, in a dozen queries. Locks sales, refund requests and balances."""
    payers = {order.from_address for order in orders}
    accounts = payers | {order.to_address for order in orders}
    sale_ids = {order.sale_id for order in orders if order.sale_id is not None}
    request_ids = {order.refund_request_id for order in orders if order.refund_request_id is not None}
    parties = repository.parties_by_address(connection, accounts)
    bounded = {
        account: party.member_id
        for account, party in parties.items()
        if (limits := rules.limits.get(party.tier)) is not None and limits.max_balance_cents
    }
    # Balances before sales and payments, as the indexer does: nobody waits in a ring.
    balances = repository.locked_balances(connection, payers | bounded.keys())
    sales = sales_repository.locked_sales(connection, sale_ids) if sale_ids else {}
    requests = sales_repository.locked_refund_requests(connection, request_ids) if request_ids else {}
    refunded = {request.sale_id for request in requests.values()}
    spenders = {
        parties[account].member_id
        for account in payers & parties.keys()
        if _limits_spending(rules, parties[account].tier)
    }
    found = repository.payments_by_ref(connection, {order.ref for order in orders})
    return _Books(
        now_unix_ms=now_unix_ms,
        rules=rules,
        sequence=repository.last_sequence(connection),
        recorded={ref: dict(row) for ref, row in found.items()},
        used_nonces=repository.used_nonces(
            connection, {(order.from_address, order.nonce) for order in orders}
        ),
        next_nonces=repository.next_nonces(connection, payers),
        parties=parties,
        devices=repository.device_states(connection, {order.signer_address for order in orders}),
        balances=balances,
        spending=repository.spending(connection, spenders, now_unix_ms) if spenders else {},
        incoming_cents=repository.incoming_cents(connection, bounded.values()) if bounded else {},
        sales=sales,
        sale_addresses=sales_repository.account_addresses(connection, {s.member_id for s in sales.values()})
        if sales
        else {},
        refund_requests=requests,
        refund_payers=sales_repository.payers_of_sales(connection, refunded) if refunded else {},
    )


def _limits_spending(rules: Rules, tier: str) -> bool:
    limits = rules.limits.get(tier)
    limited = limits is not None and bool(limits.max_day_cents or limits.max_30_days_cents)
    return limited or bool(rules.floors.get(tier, NO_FLOORS).per_day_cents)


def context_of(order: PaymentOrder, books: _Books, payment_lifetime_s: int) -> PaymentContext:
    payer, payee = books.parties.get(order.from_address), books.parties.get(order.to_address)
    sale = None if order.sale_id is None else books.sales.get(order.sale_id)
    request = None if order.refund_request_id is None else books.refund_requests.get(order.refund_request_id)
    paid_by = None if request is None else books.refund_payers.get(request.sale_id)
    return PaymentContext(
        now_unix_ms=books.now_unix_ms,
        payment_lifetime_s=payment_lifetime_s,
        payments_stopped=books.rules.payments_stopped,
        payer=payer,
        payee=payee,
        signer_allowed=payer is not None and signer_allowed(order, payer, books.devices),
        payer_limits=None if payer is None else books.rules.limits.get(payer.tier),
        payee_limits=None if payee is None else books.rules.limits.get(payee.tier),
        payer_floors=NO_FLOORS if payer is None else books.rules.floors.get(payer.tier, NO_FLOORS),
        spending=Spending(0, 0) if payer is None else books.spending.get(payer.member_id, Spending(0, 0)),
        payer_balance=books.balances.get(order.from_address, Balance(0, 0)),
        payee_posted_cents=books.balances.get(order.to_address, Balance(0, 0)).posted_cents,
        payee_incoming_cents=0 if payee is None else books.incoming_cents.get(payee.member_id, 0),
        sale=sale,
        sale_payee_address=None if sale is None else books.sale_addresses.get(sale.member_id),
        refund_request=request,
        refund_payee_address=None if paid_by is None else paid_by[1],
    )


def signer_allowed(order: PaymentOrder, payer: Party, devices: dict[str, tuple[str, str]]) -> bool:
    """An active device of the payer. A key we were never told of may sign only for its very own account."""
    device = devices.get(order.signer_address)
    if device is None:
        return order.signer_address == payer.account_address
    return device == (payer.member_id, "active")


def _record(order: PaymentOrder, books: _Books, payer: Party, payee: Party) -> Payment:
    """Adds the accepted order to the books, so that the batch's next orders see it."""
    books.sequence += 1
    request = None if order.refund_request_id is None else books.refund_requests[order.refund_request_id]
    row: dict[str, Any] = {
        "ref": order.ref,
        "sequence": books.sequence,
        "purpose": _purpose_of(order),
        "state": PaymentState.ACCEPTED,
        "payer_member_id": payer.member_id,
        "payee_member_id": payee.member_id,
        "from_address": order.from_address,
        "to_address": order.to_address,
        "amount_cents": order.amount_cents,
        "nonce": str(order.nonce),
        "small_nonce": order.nonce if order.nonce < SMALL_NONCE_LIMIT else None,
        "valid_before_unix_s": order.valid_before_unix_s,
        "signature": order.signature,
        "sale_id": order.sale_id if request is None else request.sale_id,
        "refund_of_ref": None if request is None else books.refund_payers[request.sale_id][2],
        "refund_request_id": order.refund_request_id,
        "refusal_code": None,
        "accepted_at_unix_ms": books.now_unix_ms,
        "final_at_unix_ms": None,
    }
    payment = repository.payment_of(row)
    books.rows.append(row)
    books.recorded[order.ref] = row
    books.accepted.append(payment)
    books.used_nonces.add((order.from_address, order.nonce))
    if order.nonce < SMALL_NONCE_LIMIT:
        books.next_nonces[order.from_address] = max(
            books.next_nonces.get(order.from_address, 0), order.nonce + 1
        )
    _reserve_in(books, order, payer, payee)
    _move_in(books, order)
    return payment


def _purpose_of(order: PaymentOrder) -> Purpose:
    if order.refund_request_id is not None:
        return Purpose.REFUND
    return Purpose.PERSON if order.sale_id is None else Purpose.SALE


def _reserve_in(books: _Books, order: PaymentOrder, payer: Party, payee: Party) -> None:
    amount_cents, account = order.amount_cents, order.from_address
    books.reserved_cents[account] = books.reserved_cents.get(account, 0) + amount_cents
    balance = books.balances[account]
    books.balances[account] = dataclasses.replace(
        balance, reserved_cents=balance.reserved_cents + amount_cents
    )
    spent = books.spending.get(payer.member_id, Spending(0, 0))
    books.spending[payer.member_id] = Spending(
        spent.today_cents + amount_cents, spent.last_30_days_cents + amount_cents
    )
    incoming_cents = books.incoming_cents.get(payee.member_id, 0)
    books.incoming_cents[payee.member_id] = incoming_cents + amount_cents


def _move_in(books: _Books, order: PaymentOrder) -> None:
    if order.sale_id is not None:
        sale = dataclasses.replace(
            books.sales[order.sale_id],
            state=SaleState.ACCEPTED,
            payment_ref=order.ref,
            accepted_at_unix_ms=books.now_unix_ms,
        )
        books.sales[sale.id] = sale
        books.changed_sales.append(sale)
    if order.refund_request_id is not None:
        request = dataclasses.replace(
            books.refund_requests[order.refund_request_id],
            state=RefundRequestState.ACCEPTED,
            payment_ref=order.ref,
            decided_at_unix_ms=books.now_unix_ms,
        )
        books.refund_requests[request.id] = request
        books.changed_refunds.append(request)
