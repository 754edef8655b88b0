"""Stage three of a payment: copying the chain's word. Called by the indexer inside its commit.

An event counts only for the payment it really is: anybody may relay a signed payment, and a payer may sign
two messages with one reference, so every field must match; and a skip counts only in the very transaction
that carries the payment, or a stranger could make us believe it was refused. All handlers may be called
again for the same event.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import RowMapping, delete, select, update

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.rules import KnownRules
from wallet_service.asks import repository as ask_rows
from wallet_service.chain.ledger.skip_reasons import MAY_STILL_HAPPEN, code_of
from wallet_service.chain.ports import STOP_PAYMENTS, STOP_REDEEMING, ChainEvent, ProjectionRegistry
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import events, repository
from wallet_service.payments.mending import Mending, is_adopted, refund_events, sale_events
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.states import PaymentState
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import Event
from wallet_service.sales import events as sales_events
from wallet_service.sales import repository as sales_repository
from wallet_service.sales.models import Sale
from wallet_service.sales.states import RefundRequestState, SaleState

log = structlog.get_logger(__name__)
FINAL = Counter("alba_payments_final_total", "Payments the chain has decided", ["state"])
SECONDS_TO_FINAL = Histogram(
    "alba_payment_seconds_to_final",
    "From acceptance to the chain's word",
    buckets=(0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 180.0),
)
DISAGREEMENTS = Counter("alba_payments_disagreements_total", "Events that contradict what SQL holds")


class PaymentProjection:
    """Owns the final states of payments, and of the sales and refund requests they belong to."""

    def __init__(self, clock: Clock, push: Push, rules: KnownRules | None = None) -> None:
        self._clock = clock
        self._push = push
        self._rules = rules
        self._mending = Mending(clock, push)

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_events("PaymentSettled", self.on_settled)
        registry.on_event("PaymentSkipped", self.on_skipped)
        registry.on_event("Stopped", self.on_stops_changed)
        registry.on_event("Resumed", self.on_stops_changed)
        registry.on_settlement_reverted(self.on_settlement_reverted)
        registry.on_rewind(self.on_rewind)
        registry.on_rebuilt(self.on_rebuilt)

    def on_settled(self, work: UnitOfWork, settled: Sequence[ChainEvent]) -> None:
        """However many, in a handful of statements: they are the hot path's last third."""
        rows = repository.rows_by_ref(work.connection, [event.arguments["ref"] for event in settled])
        paid: list[tuple[RowMapping, int]] = []
        for event in settled:
            row = rows.get(event.arguments["ref"])
            if row is None:
                self._mending.adopt(work, event)
            elif not _is_this_payment(row, event.arguments):
                continue  # relayed by somebody else, with a reference of their own
            elif row["state"] == PaymentState.REFUSED:
                DISAGREEMENTS.inc()
                log.error("project.paid_after_refused", ref=row["ref"], block_number=event.block_number)
                self._mending.refused_is_paid(work, row, event.block_number)
            else:
                paid.append((row, event.block_number))
        self._pay(work, paid)

    def _pay(self, work: UnitOfWork, executed: Sequence[tuple[RowMapping, int]]) -> None:
        """Marks as paid, each with the block that says so, what is not paid yet."""
        now_unix_ms = self._clock.now_unix_ms()
        blocks = {row["ref"]: block_number for row, block_number in executed}
        changed = repository.mark_paid(work.connection, blocks, now_unix_ms)
        paid = [
            dataclasses.replace(
                repository.payment_of(row), state=PaymentState.PAID, final_at_unix_ms=now_unix_ms
            )
            for row, _ in executed
            if row["ref"] in changed
        ]
        if not paid:
            return
        released: defaultdict[str, int] = defaultdict(int)
        for payment in paid:
            released[payment.from_address] += payment.amount_cents
        accounts.release(work.connection, released)
        sales = self._pay_sales(work, paid, now_unix_ms)
        to_publish: list[Event] = []
        for payment in paid:
            to_publish += events.payment_paid(payment)
            if payment.purpose is Purpose.SALE and payment.sale_id in sales:
                to_publish += sales_events.sale_changed(sales[payment.sale_id])
            elif payment.refund_request_id is not None:
                to_publish += self._pay_refund(work, payment.refund_request_id)
        self._push.publish(work, *to_publish)
        self._count(work, paid)

    def _pay_sales(self, work: UnitOfWork, paid: Sequence[Payment], now_unix_ms: int) -> dict[str, Sale]:
        """The sales of these payments as they are now, by id."""
        ids = [one.sale_id for one in paid if one.purpose is Purpose.SALE and one.sale_id is not None]
        if not ids:
            return {}
        sales_repository.move_sales(work.connection, ids, SaleState.PAID, paid_at_unix_ms=now_unix_ms)
        return sales_repository.sales_by_id(work.connection, ids)

    def _pay_refund(self, work: UnitOfWork, request_id: str) -> list[Event]:
        sales_repository.move_refund_request(work.connection, request_id, RefundRequestState.PAID)
        return refund_events(work.connection, request_id)

    def on_skipped(self, work: UnitOfWork, event: ChainEvent) -> None:
        row = _row(work, event.arguments["ref"])
        if row is None or row["from_address"] != event.arguments["from"]:
            return
        sent_in = repository.transaction_hash_of(work.connection, row["chain_transaction_id"])
        if sent_in != event.transaction_hash:
            return
        executed_in = repository.executed_in_block(work.connection, row)
        if executed_in is not None:  # skipped because it had been executed before: nobody is told otherwise
            self._pay(work, [(row, executed_in)])
            return
        refusal_code = code_of(str(event.arguments["reason"]))
        if refusal_code in MAY_STILL_HAPPEN and event.block_timestamp_unix_s < row["valid_before_unix_s"]:
            # Nobody is told "refused" of what somebody could still send: it ends with its time (settle).
            repository.keep_word(work.connection, row["ref"], refusal_code)
            return
        self.refuse(work, row, refusal_code, event.block_number)

    def refuse(self, work: UnitOfWork, row: RowMapping, refusal_code: str, final_block: int | None) -> None:
        """Ends a payment that did not and cannot happen: releases the money, frees sale or refund request."""
        now_unix_ms = self._clock.now_unix_ms()
        try:
            known = repository.payment_of(row)
        except (TypeError, ValueError) as error:  # nothing is said about what cannot be read
            self._push.quarantine.put(work, RowKind.PAYMENT_ENDING, row["ref"], error)
            return
        if not repository.mark_refused(work.connection, row["ref"], refusal_code, final_block, now_unix_ms):
            return
        accounts.release(work.connection, {row["from_address"]: row["amount_cents"]})
        payment = dataclasses.replace(
            known,
            state=PaymentState.REFUSED,
            refusal_code=refusal_code,
            final_at_unix_ms=now_unix_ms,
        )
        to_publish = events.payment_refused(payment) + self._on_refused(work, payment, now_unix_ms)
        self._push.publish(work, *to_publish)
        self._count(work, [payment])

    def on_stops_changed(self, work: UnitOfWork, event: ChainEvent) -> None:
        if self._rules is None:
            return
        rules, bits = self._rules, int(event.arguments["stops"])
        payments, redeeming = bool(bits & STOP_PAYMENTS), bool(bits & STOP_REDEEMING)
        work.after_commit(lambda: rules.stops_changed(payments=payments, redeeming=redeeming))

    def on_settlement_reverted(self, work: UnitOfWork, chain_transaction_id: int) -> None:
        count = repository.requeue(work.connection, chain_transaction_id)
        log.warning("project.settlement_reverted", transaction=chain_transaction_id, payments=count)

    def on_rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        """The chain's copy went back: what later blocks had decided is confirming again, money reserved.

        The bytes are still stored and will be sent again, so the same events usually come back. A refused
        payment whose sale has found another payment stays refused: it cannot be active as well.
        """
        self._mending.forget_adopted(work, last_block_kept)
        statement = select(payments).where(payments.c.final_block > last_block_kept)
        for row in list(work.connection.execute(statement).mappings()):
            if self._subject_confirms_again(work, row):
                self._confirm_again(work, row)

    def on_rebuilt(self, work: UnitOfWork) -> list[str]:
        """What was called paid and is not on the chain confirms again; what was mended is named."""
        report = self._mending.take_mended()
        for row in repository.paid_without_posting(work.connection):
            report.append(f"payments: SQL had {row['ref']} paid, the chain has not; it is confirming again")
            if is_adopted(row):
                work.connection.execute(delete(payments).where(payments.c.ref == row["ref"]))
            elif self._subject_confirms_again(work, row):
                self._confirm_again(work, row)
        return report

    def _subject_confirms_again(self, work: UnitOfWork, row: RowMapping) -> bool:
        """Puts the sale or refund request back to accepted; False when it has moved on without it."""
        connection, ref = work.connection, row["ref"]
        if row["refund_request_id"] is not None:
            return sales_repository.rewind_refund_request(connection, row["refund_request_id"], ref)
        if row["sale_id"] is not None:
            return sales_repository.rewind_sale(connection, row["sale_id"], ref)
        if row["ask_part_id"] is not None:
            return not ask_rows.is_paid_otherwise(connection, row["ask_part_id"], ref)
        return True

    def _confirm_again(self, work: UnitOfWork, row: RowMapping) -> None:
        connection = work.connection
        state = PaymentState.ACCEPTED if row["chain_transaction_id"] is None else PaymentState.SETTLING
        # Not a transition of a payment's life but its undoing, hence outside the table of transitions.
        connection.execute(
            update(payments)
            .where(payments.c.ref == row["ref"])
            .values(state=state, refusal_code=None, final_block=None, final_at_unix_ms=None)
        )
        accounts.reserve_again(connection, row["from_address"], row["amount_cents"])

    def _on_refused(self, work: UnitOfWork, payment: Payment, now_unix_ms: int) -> list[Event]:
        connection = work.connection
        if payment.purpose is Purpose.SALE and payment.sale_id is not None:
            sale = sales_repository.sale_by_id(connection, payment.sale_id)
            if sale is None or sale.payment_ref != payment.ref:
                return []
            open_still = now_unix_ms < sale.expires_at_unix_ms
            target = SaleState.OPEN if open_still else SaleState.EXPIRED
            cleared = {"payment_ref": None, "accepted_at_unix_ms": None}
            sales_repository.move_sale(connection, sale.id, target, **cleared)
            return sale_events(work.connection, sale.id)
        if payment.refund_request_id is None:
            return []
        request_id = payment.refund_request_id
        values: dict[str, Any] = {"refusal_code": payment.refusal_code, "payment_ref": None}
        sales_repository.move_refund_request(connection, request_id, RefundRequestState.REQUESTED, **values)
        return refund_events(work.connection, request_id)

    def _count(self, work: UnitOfWork, ended: Sequence[Payment]) -> None:
        def count() -> None:
            for payment in ended:
                FINAL.labels(payment.state.value).inc()
                SECONDS_TO_FINAL.observe(
                    ((payment.final_at_unix_ms or 0) - payment.accepted_at_unix_ms) / 1000
                )

        work.after_commit(count)


def _row(work: UnitOfWork, ref: str) -> RowMapping | None:
    return work.connection.execute(select(payments).where(payments.c.ref == ref)).mappings().first()


def _is_this_payment(row: RowMapping, arguments: Any) -> bool:
    return bool(
        row["from_address"] == arguments["from"]
        and row["to_address"] == arguments["to"]
        and row["amount_cents"] == int(arguments["value"])
        and row["nonce"] == str(arguments["nonce"])
    )
