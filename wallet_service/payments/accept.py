"""Stage one of a payment: deciding on a batch of orders and recording them in one commit, money reserved.

Owns the decision's inputs (read and locked once per batch) and what is written. The pure rules are in
`decisions`, the thread that gathers batches in `service`. No network call is made here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from wallet_service.accounts import repository as accounts
from wallet_service.accounts import wholeness
from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.accounts.models import Party, PostedBalance, Rules, Spending
from wallet_service.accounts.ports import RulesSource
from wallet_service.accounts.stops import stops_in_force
from wallet_service.asks import repository as ask_rows
from wallet_service.asks.events import ask_changed
from wallet_service.asks.models import PayablePart
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.keyholders import repository as key_rows
from wallet_service.keyholders.events import KeyRefused, is_told, tell_paid, tell_refused
from wallet_service.keyholders.models import KeyPower
from wallet_service.payments import decisions, errors, events, mending, repository
from wallet_service.payments.decisions import SMALL_NONCE_LIMIT, PaymentContext
from wallet_service.payments.models import AskedOrder, Payment, PaymentOrder
from wallet_service.platform import failpoints
from wallet_service.platform.errors import ClockWrong, ServiceBusy
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import Event
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.signing.floors import NO_FLOORS
from wallet_service.sales import events as sales_events
from wallet_service.sales import repository as sales_repository
from wallet_service.sales.models import RefundRequest, Sale
from wallet_service.sales.states import RefundRequestState, SaleState
from wallet_service.security.sessions import Session

MAX_BATCH_ORDERS = 200
#: A batch is decided again when another process changed what it had read, or the database was cut.
MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)
BATCH_SIZE = Histogram(
    "alba_accept_batch_orders", "Orders in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)
BATCH_SECONDS = Histogram("alba_accept_batch_seconds", "Time to decide and commit one batch")
ANSWERS = Counter("alba_accept_answers_total", "Answers to signed payments", ["code"])

Answer = Payment | Refusal


@dataclass
class BatchState:
    """What one batch has read, kept true while its orders are decided one after the other."""

    now_unix_ms: int
    rules: Rules
    recorded: dict[str, Payment]
    used_nonces: set[tuple[str, int]]
    next_nonces: dict[str, int]
    parties: dict[str, Party]
    devices: dict[str, tuple[str, str]]
    suspended: dict[tuple[str, str], int]
    powers: dict[str, KeyPower]
    balances: dict[str, PostedBalance]
    spending: dict[str, Spending]
    incoming_cents: dict[str, int]
    sales: dict[str, Sale]
    sale_addresses: dict[str, str]
    refund_requests: dict[str, RefundRequest]
    refund_payers: dict[str, tuple[str, str, str]]
    ask_parts: dict[str, PayablePart]
    is_copy_short: bool
    payments_stopped: bool
    sessions: Mapping[str, Session] = field(default_factory=dict)
    reserved_cents: dict[str, int] = field(default_factory=dict)
    changed_sales: list[Sale] = field(default_factory=list)
    changed_refunds: list[RefundRequest] = field(default_factory=list)
    accepted: list[tuple[Payment, bytes]] = field(default_factory=list)
    claims: list[PaymentOrder] = field(default_factory=list)
    key_refusals: list[KeyRefused] = field(default_factory=list)


class Acceptance:
    """Decides batches. Safe from several threads and processes: batches take turns at the database."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        rules: RulesSource,
        payment_lifetime_s: int,
        clock_is_right: Callable[[], bool] = lambda: True,
        returns_account: str = "",
        tell_settler: Callable[[], None] = lambda: None,
        sessions_of: Callable[[Connection, Collection[str]], Mapping[str, Session]] = lambda *_: {},
    ) -> None:
        self._sessions_of = sessions_of
        self._tell_settler = tell_settler
        self._returns_account = returns_account
        self._engine = engine
        self._clock = clock
        self._push = push
        self._rules = rules
        self._payment_lifetime_s = payment_lifetime_s
        self._clock_is_right = clock_is_right

    def accept_batch(self, orders: Sequence[PaymentOrder]) -> list[Answer]:
        """One answer per order, in order: the payment as recorded, or the refusal.

        ServiceBusy answers an order the database would not take: it is not recorded, or will be found by the
        same reference. Raises RulesTooOld.
        """
        rules = self._rules.current()
        BATCH_SIZE.observe(len(orders))
        answers = self._answers(orders, rules)
        for answer in answers:
            ANSWERS.labels(answer.code if isinstance(answer, Refusal) else "accepted").inc()
        return answers

    def _answers(self, orders: Sequence[PaymentOrder], rules: Rules) -> list[Answer]:
        for attempt in range(MAX_ATTEMPTS):
            try:
                with BATCH_SECONDS.time():
                    return self._attempt(orders, rules)
            except (DBAPIError, accounts.BalanceNotReserved, LostRace) as error:
                log.warning("accept.batch_again", attempt=attempt, reason=type(error).__name__)
        if len(orders) == 1:
            return [ServiceBusy()]
        # One order may be what the database refuses: the others must not pay for it.
        return [answer for order in orders for answer in self._answers([order], rules)]

    def _attempt(self, orders: Sequence[PaymentOrder], rules: Rules) -> list[Answer]:
        with UnitOfWork(self._engine) as work:
            accounts.take_acceptor_lock(work.connection)
            batch = read_batch_state(work.connection, orders, rules, self._clock.now_unix_ms())
            asked = {one.asker.session_id for one in orders if isinstance(one, AskedOrder)}
            batch.sessions = self._sessions_of(work.connection, asked) if asked else {}
            answers = [self._answer(order, batch) for order in orders]
            self._write(work, batch)
            failpoints.reach("accept.before_commit")
        failpoints.reach("accept.committed")
        return answers

    def _answer(self, order: PaymentOrder, batch: BatchState) -> Answer:
        try:
            if isinstance(order, AskedOrder):
                _admit(order, batch)
            return self._decide(order, batch)
        except Refusal as refusal:
            if is_told(refusal):
                power = batch.powers[order.signer_address]
                batch.key_refusals.append(KeyRefused(power, refusal.code, order.amount_cents))
            return refusal

    def _decide(self, order: PaymentOrder, batch: BatchState) -> Payment:
        recorded = batch.recorded.get(order.ref)
        if recorded is not None:
            if not decisions.same_order(order, recorded):
                raise errors.ReferenceReused()
            if recorded.is_adopted and _may_claim(order, batch):
                batch.claims.append(order)
            return recorded
        if batch.is_copy_short:
            raise CopyCatchingUp()
        if not self._clock_is_right():
            raise ClockWrong()
        context = context_of(order, batch, self._payment_lifetime_s, self._returns_account)
        next_nonce = batch.next_nonces.get(order.from_address, 0)
        if (order.from_address, order.nonce) in batch.used_nonces:
            raise errors.NonceConflict(next_nonce=str(next_nonce))
        decisions.check_nonce_in_window(order.nonce, next_nonce)
        decisions.check_payment(order, context)
        assert context.payer is not None
        assert context.payee is not None
        return _record(order, batch, context.payer, context.payee)

    def _write(self, work: UnitOfWork, batch: BatchState) -> None:
        connection = work.connection
        for order in batch.claims:
            self._push.publish(work, *mending.claim(connection, order, batch.now_unix_ms))
        tell_refused(connection, batch.key_refusals, batch.now_unix_ms)
        if not batch.accepted:
            return
        work.after_commit(self._tell_settler)
        accounts.reserve(connection, batch.reserved_cents)
        repository.insert_payments(connection, batch.accepted)
        by_key = {payment.keyholder_id for payment, _ in batch.accepted}
        tell_paid(connection, batch.powers.values(), by_key, batch.now_unix_ms)
        if not sales_repository.accept_sales(connection, batch.changed_sales):
            raise LostRace
        for request in batch.changed_refunds:
            values = {
                "payment_ref": request.payment_ref,
                "decided_at_unix_ms": request.decided_at_unix_ms,
                "refusal_code": None,
            }
            state = RefundRequestState.ACCEPTED
            if not sales_repository.move_refund_request(connection, request.id, state, **values):
                raise LostRace(request.id)
        to_publish: list[Event] = []
        for payment, _signature in batch.accepted:
            to_publish += events.payment_accepted(payment)
            if payment.ask_part_id is not None:
                part = batch.ask_parts[payment.ask_part_id]
                to_publish += ask_changed(part.ask_id, part.creator_member_id)
        for sale in batch.changed_sales:
            to_publish += sales_events.sale_changed(sale)
        for request in batch.changed_refunds:
            to_publish += sales_events.refund_changed(request)
        self._push.publish(work, *to_publish)


class LostRace(Exception):
    """A row we had read and locked changed all the same: decide again."""


def read_batch_state(
    connection: Connection, orders: Sequence[PaymentOrder], rules: Rules, now_unix_ms: int
) -> BatchState:
    """Everything the batch needs, in a dozen queries. Locks sales, refund requests, parts and balances."""
    payers = {order.from_address for order in orders}
    addresses = payers | {order.to_address for order in orders}
    signers = {order.signer_address for order in orders}
    others = signers - payers  # most pay by the key their account began with: no question is asked for them
    sale_ids = {order.sale_id for order in orders if order.sale_id is not None}
    request_ids = {order.refund_request_id for order in orders if order.refund_request_id is not None}
    parties = accounts.parties_by_address(connection, addresses)
    bounded = {
        account: party.member_id
        for account, party in parties.items()
        if (limits := rules.limits.get(party.tier)) is not None and limits.max_balance_cents
    }
    # Balances before sales and payments, as the indexer does: nobody waits in a ring.
    balances = accounts.locked_balances(connection, payers | bounded.keys())
    sales = sales_repository.locked_sales(connection, sale_ids) if sale_ids else {}
    requests = sales_repository.locked_refund_requests(connection, request_ids) if request_ids else {}
    part_ids = {order.ask_part_id for order in orders if order.ask_part_id is not None}
    refunded = {request.sale_id for request in requests.values()}
    spenders = {
        parties[account].member_id
        for account in payers & parties.keys()
        if parties[account].caps is not None or _limits_spending(rules, parties[account].tier)
    }
    return BatchState(
        now_unix_ms=now_unix_ms,
        rules=rules,
        recorded=repository.payments_by_ref(connection, {order.ref for order in orders}),
        used_nonces=accounts.used_nonces(connection, {(order.from_address, order.nonce) for order in orders}),
        next_nonces=accounts.next_nonces(connection, payers),
        parties=parties,
        devices=accounts.device_states(connection, signers),
        suspended=accounts.suspended_keys(connection, signers),
        powers=key_rows.powers(connection, others, now_unix_ms) if others else {},
        balances=balances,
        spending=accounts.spending(connection, spenders, now_unix_ms) if spenders else {},
        incoming_cents=accounts.incoming_cents(connection, bounded.values()) if bounded else {},
        sales=sales,
        sale_addresses=sales_repository.account_addresses(connection, {s.member_id for s in sales.values()})
        if sales
        else {},
        refund_requests=requests,
        refund_payers=sales_repository.payers_of_sales(connection, refunded) if refunded else {},
        ask_parts=ask_rows.locked_parts(connection, part_ids) if part_ids else {},
        is_copy_short=wholeness.is_short(connection),
        payments_stopped=rules.payments_stopped or stops_in_force(connection).payments,
    )


def _limits_spending(rules: Rules, tier: str) -> bool:
    limits = rules.limits.get(tier)
    limited = limits is not None and bool(limits.max_day_cents or limits.max_30_days_cents)
    return limited or bool(rules.floors.get(tier, NO_FLOORS).per_day_cents)


def context_of(
    order: PaymentOrder, batch: BatchState, payment_lifetime_s: int, returns_account: str = ""
) -> PaymentContext:
    payer, payee = batch.parties.get(order.from_address), batch.parties.get(order.to_address)
    sale = None if order.sale_id is None else batch.sales.get(order.sale_id)
    request = None if order.refund_request_id is None else batch.refund_requests.get(order.refund_request_id)
    paid_by = None if request is None else batch.refund_payers.get(request.sale_id)
    return PaymentContext(
        now_unix_ms=batch.now_unix_ms,
        payment_lifetime_s=payment_lifetime_s,
        payments_stopped=batch.payments_stopped,
        payer=payer,
        payee=payee,
        signer_allowed=decisions.signer_allowed(order, payer, batch.devices),
        suspended_until_unix_s=decisions.suspended_until(order, payer, batch.suspended),
        payer_limits=None if payer is None else batch.rules.limits.get(payer.tier),
        payee_limits=None if payee is None else batch.rules.limits.get(payee.tier),
        payer_floors=NO_FLOORS if payer is None else batch.rules.floors.get(payer.tier, NO_FLOORS),
        spending=Spending(0, 0) if payer is None else batch.spending.get(payer.member_id, Spending(0, 0)),
        payer_balance=batch.balances.get(order.from_address, PostedBalance(0, 0)),
        payee_posted_cents=batch.balances.get(order.to_address, PostedBalance(0, 0)).posted_cents,
        payee_incoming_cents=0 if payee is None else batch.incoming_cents.get(payee.member_id, 0),
        sale=sale,
        sale_payee_address=None if sale is None else batch.sale_addresses.get(sale.member_id),
        refund_request=request,
        refund_payee_address=None if paid_by is None else paid_by[1],
        ask_part=None if order.ask_part_id is None else batch.ask_parts.get(order.ask_part_id),
        returns_account=returns_account,
        power=decisions.power_of(order, payer, batch.powers),
    )


def _admit(order: AskedOrder, batch: BatchState) -> None:
    """Raises NotYourAccount, and why the asker is not let in."""
    member_id = order.asker.admit(batch.sessions.get(order.asker.session_id))
    payer = batch.parties.get(order.from_address)
    if payer is None or payer.member_id != member_id:
        raise errors.NotYourAccount()


def _may_claim(order: PaymentOrder, batch: BatchState) -> bool:
    """The order's signature is kept with the payment, to be sent again after a rewind: it must count."""
    payer = batch.parties.get(order.from_address)
    is_suspended = batch.now_unix_ms // 1000 < decisions.suspended_until(order, payer, batch.suspended)
    power = decisions.power_of(order, payer, batch.powers)
    return not is_suspended and decisions.may_sign(order, payer, batch.devices, power)


def _record(order: PaymentOrder, batch: BatchState, payer: Party, payee: Party) -> Payment:
    """Adds the accepted order to the books, so that the batch's next orders see it."""
    request = None if order.refund_request_id is None else batch.refund_requests[order.refund_request_id]
    power = decisions.power_of(order, payer, batch.powers)
    refund_of_ref = None if request is None else batch.refund_payers[request.sale_id][2]
    payment = decisions.accepted(order, payer, payee, power, request, refund_of_ref, batch.now_unix_ms)
    batch.recorded[order.ref] = payment
    batch.accepted.append((payment, order.signature))
    batch.used_nonces.add((order.from_address, order.nonce))
    if order.nonce < SMALL_NONCE_LIMIT:
        batch.next_nonces[order.from_address] = max(
            batch.next_nonces.get(order.from_address, 0), order.nonce + 1
        )
    _reserve_in(batch, order, payer, payee)
    _move_in(batch, order)
    return payment


def _reserve_in(batch: BatchState, order: PaymentOrder, payer: Party, payee: Party) -> None:
    amount_cents, account = order.amount_cents, order.from_address
    batch.reserved_cents[account] = batch.reserved_cents.get(account, 0) + amount_cents
    balance = batch.balances[account]
    batch.balances[account] = dataclasses.replace(
        balance, reserved_cents=balance.reserved_cents + amount_cents
    )
    spent = batch.spending.get(payer.member_id, Spending(0, 0))
    batch.spending[payer.member_id] = dataclasses.replace(
        spent,
        today_cents=spent.today_cents + amount_cents,
        last_30_days_cents=spent.last_30_days_cents + amount_cents,
    )
    power = batch.powers.get(order.signer_address)
    if power is not None:
        spent_cents = power.spent_today_cents + amount_cents
        batch.powers[order.signer_address] = dataclasses.replace(power, spent_today_cents=spent_cents)
    incoming_cents = batch.incoming_cents.get(payee.member_id, 0)
    batch.incoming_cents[payee.member_id] = incoming_cents + amount_cents


def _move_in(batch: BatchState, order: PaymentOrder) -> None:
    if order.sale_id is not None:
        sale = dataclasses.replace(
            batch.sales[order.sale_id],
            state=SaleState.ACCEPTED,
            payment_ref=order.ref,
            accepted_at_unix_ms=batch.now_unix_ms,
        )
        batch.sales[sale.id] = sale
        batch.changed_sales.append(sale)
    if order.refund_request_id is not None:
        request = dataclasses.replace(
            batch.refund_requests[order.refund_request_id],
            state=RefundRequestState.ACCEPTED,
            payment_ref=order.ref,
            decided_at_unix_ms=batch.now_unix_ms,
        )
        batch.refund_requests[request.id] = request
        batch.changed_refunds.append(request)
    if order.ask_part_id is not None:
        part = batch.ask_parts[order.ask_part_id]
        batch.ask_parts[part.id] = dataclasses.replace(part, living_payment_ref=order.ref)
