"""Where the chain contradicts what SQL holds of a payment, or says what SQL never knew: the chain is right.

A payment that was ended as refused and is on the chain becomes paid, and the journal keeps what people had
been told. A payment on the chain without an order here (lost with a restored database, or relayed by somebody
else) is adopted: its movement and its number are known again, and the order sent again finds it paid. Called
inside the indexer's commit or the acceptor's; the balances are the postings' matter, never changed here.
"""

from __future__ import annotations

from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from wallet_service.accounts import repository as accounts
from wallet_service.asks import repository as ask_rows
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import events, repository
from wallet_service.payments.decisions import SMALL_NONCE_LIMIT
from wallet_service.payments.models import PaymentOrder, Purpose
from wallet_service.payments.repository import NO_SIGNATURE
from wallet_service.payments.states import PaymentState
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import Event
from wallet_service.sales import events as sales_events
from wallet_service.sales import repository as sales_repository

MENDED_ACT = "payment.mended"
MAX_MENDED_REMEMBERED = 1_000

log = structlog.get_logger(__name__)
MENDED = Counter("alba_payments_mended_total", "Refused payments that the chain says are paid")
ADOPTED = Counter("alba_payments_adopted_total", "Payments of the chain that had no order here")


class Mending:
    """Puts payments right by the chain's word."""

    def __init__(self, clock: Clock, push: Push) -> None:
        self._clock = clock
        self._push = push
        self._journal = Journal(clock)
        self._mended: list[str] = []

    def take_mended(self) -> list[str]:
        """One sentence for each payment this process mended since the last call; a rebuild reports them."""
        taken, self._mended = self._mended, []
        return taken

    def refused_is_paid(self, work: UnitOfWork, row: RowMapping, block_number: int) -> None:
        """The money of a refused payment was released when it was refused, so nothing is released again."""
        connection, ref = work.connection, row["ref"]
        now_unix_ms = self._clock.now_unix_ms()
        values: dict[str, Any] = {
            "state": PaymentState.PAID,
            "refusal_code": None,
            "final_block": block_number,
            "final_at_unix_ms": now_unix_ms,
        }
        if row["refund_request_id"] is not None:
            request_id = row["refund_request_id"]
            if not sales_repository.mend_refund_request(connection, request_id, ref, now_unix_ms):
                values["refund_request_id"] = None
        elif row["sale_id"] is not None and not sales_repository.mend_sale(
            connection, row["sale_id"], ref, now_unix_ms
        ):
            # Its sale was paid by another payment meanwhile: this one went to the shop without a sale.
            values |= {"sale_id": None, "purpose": Purpose.PERSON}
        elif row["ask_part_id"] is not None and ask_rows.is_paid_otherwise(
            connection, row["ask_part_id"], ref
        ):
            values["ask_part_id"] = None  # likewise: it went to the person, and not for what was asked
        # Not a transition of a payment's life but the end of an error: outside the table of transitions.
        connection.execute(
            update(payments)
            .where(payments.c.ref == ref, payments.c.state == PaymentState.REFUSED)
            .values(**values)
        )
        self._journal.append(
            connection,
            SERVICE,
            MENDED_ACT,
            Subject("payment", ref),
            details={
                "told_state": str(PaymentState.REFUSED),
                "told_refusal_code": row["refusal_code"],
                "told_at_unix_ms": row["final_at_unix_ms"],
                "block_number": block_number,
                "sale_id": row["sale_id"],
                "sale_had_another_payment": row["sale_id"] is not None and "sale_id" in values,
            },
        )
        payment = repository.payment_of({**row, **values})
        to_publish = events.payment_paid(payment)
        if payment.refund_request_id is not None:
            to_publish += refund_events(connection, payment.refund_request_id)
        elif payment.sale_id is not None:
            to_publish += sale_events(connection, payment.sale_id)
        self._push.publish(work, *to_publish)
        work.after_commit(lambda: self._remember(ref))

    def _remember(self, ref: str) -> None:
        MENDED.inc()
        self._mended.append(f"payments: SQL had {ref} refused, the chain has it paid; it is paid now")
        del self._mended[:-MAX_MENDED_REMEMBERED]

    def adopt(self, work: UnitOfWork, event: ChainEvent) -> None:
        """Records a payment of the chain that no order here stands for, when both sides are members."""
        connection, arguments = work.connection, event.arguments
        parties = accounts.parties_by_address(connection, {arguments["from"], arguments["to"]})
        payer, payee = parties.get(arguments["from"]), parties.get(arguments["to"])
        nonce = int(arguments["nonce"])
        if payer is None or payee is None:
            return
        if accounts.used_nonces(connection, [(payer.account_address, nonce)]):
            log.warning(
                "mending.number_has_another_order", ref=arguments["ref"], block_number=event.block_number
            )
            return
        at_unix_ms = event.block_timestamp_unix_s * 1000
        row = {
            "ref": arguments["ref"],
            "sequence": _sequence_before_all(connection),
            "purpose": Purpose.PERSON,
            "state": PaymentState.PAID,
            "payer_member_id": payer.member_id,
            "payee_member_id": payee.member_id,
            "from_address": payer.account_address,
            "to_address": payee.account_address,
            "amount_cents": int(arguments["value"]),
            "nonce": str(nonce),
            "small_nonce": nonce if nonce < SMALL_NONCE_LIMIT else None,
            "valid_before_unix_s": event.block_timestamp_unix_s,
            "signature": NO_SIGNATURE,
            "accepted_at_unix_ms": at_unix_ms,
            "final_at_unix_ms": at_unix_ms,
            "final_block": event.block_number,
        }
        connection.execute(insert(payments).values(**row))
        log.warning("mending.payment_adopted", ref=arguments["ref"], block_number=event.block_number)
        work.after_commit(ADOPTED.inc)

    def forget_adopted(self, work: UnitOfWork, last_block_kept: int) -> None:
        """Adopted payments of blocks that are gone: without a signature they can never be sent again."""
        work.connection.execute(
            delete(payments).where(
                payments.c.final_block > last_block_kept, payments.c.signature == NO_SIGNATURE
            )
        )


def is_adopted(row: RowMapping) -> bool:
    """Whether the recorded payment still waits for its order."""
    return bool(row["signature"] == NO_SIGNATURE)


def claim(connection: Connection, order: PaymentOrder, now_unix_ms: int) -> list[Event]:
    """Gives an adopted payment its order back, and marks what it was for as paid; what is to be pushed."""
    unclaimed = select(payments.c.ref).where(
        payments.c.ref == order.ref, payments.c.signature == NO_SIGNATURE
    )
    if connection.execute(unclaimed.with_for_update()).first() is None:
        return []  # the copy was rewound, or another of this batch claimed it
    values: dict[str, Any] = {
        "signature": order.signature,
        "valid_before_unix_s": order.valid_before_unix_s,
    }
    to_publish: list[Event] = []
    if order.refund_request_id is not None:
        request = sales_repository.refund_request_by_id(connection, order.refund_request_id)
        if (
            request is not None
            and request.amount_cents == order.amount_cents
            and sales_repository.mend_refund_request(connection, request.id, order.ref, now_unix_ms)
        ):
            paid_by = sales_repository.payers_of_sales(connection, [request.sale_id]).get(request.sale_id)
            values |= {
                "purpose": Purpose.REFUND,
                "refund_request_id": request.id,
                "sale_id": request.sale_id,
                "refund_of_ref": None if paid_by is None else paid_by[2],
            }
            to_publish = refund_events(connection, request.id)
    elif order.sale_id is not None:
        sale = sales_repository.sale_by_id(connection, order.sale_id)
        if (
            sale is not None
            and sale.amount_cents == order.amount_cents
            and _is_payee(connection, sale.member_id, order.to_address)
            and sales_repository.mend_sale(connection, sale.id, order.ref, now_unix_ms)
        ):
            values |= {"purpose": Purpose.SALE, "sale_id": sale.id}
            to_publish = sale_events(connection, sale.id)
    elif order.ask_part_id is not None:
        payee = accounts.parties_by_address(connection, {order.to_address}).get(order.to_address)
        if payee is not None and ask_rows.may_be_claimed_by(
            connection, order.ask_part_id, order.amount_cents, payee.member_id
        ):
            values["ask_part_id"] = order.ask_part_id
    connection.execute(update(payments).where(payments.c.ref == order.ref).values(**values))
    return to_publish


def _is_payee(connection: Connection, member_id: str, address: str) -> bool:
    return sales_repository.account_addresses(connection, [member_id]).get(member_id) == address


def _sequence_before_all(connection: Connection) -> int:
    """Below zero, where only the indexer writes: the acceptor counts upwards under a lock of its own."""
    lowest = connection.execute(select(func.coalesce(func.min(payments.c.sequence), 0))).scalar_one()
    return min(int(lowest), 0) - 1


def sale_events(connection: Connection, sale_id: str) -> list[Event]:
    """What is pushed when a sale has changed."""
    sale = sales_repository.sale_by_id(connection, sale_id)
    return [] if sale is None else sales_events.sale_changed(sale)


def refund_events(connection: Connection, request_id: str) -> list[Event]:
    """What is pushed when a refund request has changed."""
    request = sales_repository.refund_request_by_id(connection, request_id)
    if request is None:
        return []
    to_publish = sales_events.refund_changed(request)
    sale = sales_repository.sale_by_id(connection, request.sale_id)
    if sale is not None:
        all_requests = sales_repository.refund_requests_of_sales(connection, [sale.id])
        to_publish += sales_events.sale_changed(sale, all_requests.get(sale.id, []))
    return to_publish
