"""The SQL of sales and refund requests. Opens no transaction; transitions come from `states`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, insert, or_, select, update

from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments, refund_requests, sales
from wallet_service.protocol.transitions import sources_of
from wallet_service.sales.models import OwnPayment, RefundRequest, Sale
from wallet_service.sales.states import (
    REFUND_REQUEST_TRANSITIONS,
    SALE_TRANSITIONS,
    RefundRequestState,
    SaleState,
)

LIVING = (SaleState.OPEN, SaleState.ACCEPTED)
MAX_SALES_PER_STATEMENT = 1_000


def sale_of(row: Mapping[str, Any] | RowMapping) -> Sale:
    return Sale(
        id=row["id"],
        till_id=row["till_id"],
        member_id=row["member_id"],
        client_reference=row["client_reference"],
        short_code=row["short_code"],
        amount_cents=row["amount_cents"],
        label=row["label"],
        tip_cents=row["tip_cents"],
        cashier_id=row["cashier_id"],
        state=SaleState(row["state"]),
        payment_ref=row["payment_ref"],
        created_at_unix_ms=row["created_at_unix_ms"],
        expires_at_unix_ms=row["expires_at_unix_ms"],
        accepted_at_unix_ms=row["accepted_at_unix_ms"],
        paid_at_unix_ms=row["paid_at_unix_ms"],
    )


def refund_request_of(row: Mapping[str, Any] | RowMapping) -> RefundRequest:
    return RefundRequest(
        id=row["id"],
        client_reference=row["client_reference"],
        sale_id=row["sale_id"],
        till_id=row["till_id"],
        member_id=row["member_id"],
        amount_cents=row["amount_cents"],
        state=RefundRequestState(row["state"]),
        payment_ref=row["payment_ref"],
        refusal_code=row["refusal_code"],
        requested_at_unix_ms=row["requested_at_unix_ms"],
        decided_at_unix_ms=row["decided_at_unix_ms"],
    )


def _one_sale(connection: Connection, statement: Select[Any]) -> Sale | None:
    row = connection.execute(statement).mappings().first()
    return None if row is None else sale_of(row)


def sale_by_id(connection: Connection, sale_id: str, *, locked: bool = False) -> Sale | None:
    statement = select(sales).where(sales.c.id == sale_id)
    return _one_sale(connection, statement.with_for_update() if locked else statement)


def sale_by_client_reference(connection: Connection, client_reference: str) -> Sale | None:
    return _one_sale(connection, select(sales).where(sales.c.client_reference == client_reference))


def active_sale_by_code(connection: Connection, short_code: str) -> Sale | None:
    statement = select(sales).where(sales.c.short_code == short_code, sales.c.state.in_(LIVING))
    return _one_sale(connection, statement)


def paid_sale_by_code(
    connection: Connection, short_code: str, payer_member_id: str, since_unix_ms: int
) -> Sale | None:
    """The newest sale with that code that this member paid since then. Codes are used again."""
    statement = (
        select(sales)
        .join(payments, payments.c.ref == sales.c.payment_ref)
        .where(
            sales.c.short_code == short_code,
            sales.c.state == SaleState.PAID,
            payments.c.payer_member_id == payer_member_id,
            payments.c.accepted_at_unix_ms >= since_unix_ms,
        )
        .order_by(sales.c.paid_at_unix_ms.desc())
        .limit(1)
    )
    return _one_sale(connection, statement)


def own_payment(connection: Connection, sale_id: str, payer_member_id: str) -> OwnPayment | None:
    """The living payment of the sale when this member made it."""
    statement = (
        select(payments.c.ref, payments.c.accepted_at_unix_ms)
        .join(sales, sales.c.payment_ref == payments.c.ref)
        .where(sales.c.id == sale_id, payments.c.payer_member_id == payer_member_id)
    )
    row = connection.execute(statement).first()
    return None if row is None else OwnPayment(row[0], row[1])


def code_is_free(connection: Connection, short_code: str) -> bool:
    return active_sale_by_code(connection, short_code) is None


def insert_sale(connection: Connection, sale: Sale) -> None:
    connection.execute(
        insert(sales).values(
            id=sale.id,
            till_id=sale.till_id,
            member_id=sale.member_id,
            client_reference=sale.client_reference,
            short_code=sale.short_code,
            amount_cents=sale.amount_cents,
            label=sale.label,
            tip_cents=sale.tip_cents,
            cashier_id=sale.cashier_id,
            state=sale.state,
            created_at_unix_ms=sale.created_at_unix_ms,
            expires_at_unix_ms=sale.expires_at_unix_ms,
        )
    )


def sales_of_till(connection: Connection, till_id: str, limit: int) -> list[Sale]:
    statement = select(sales).where(sales.c.till_id == till_id).order_by(sales.c.created_at_unix_ms.desc())
    return [sale_of(row) for row in connection.execute(statement.limit(limit)).mappings()]


def open_sale_count(connection: Connection, till_id: str, now_unix_ms: int) -> int:
    statement = select(func.count()).where(
        sales.c.till_id == till_id,
        sales.c.state == SaleState.OPEN,
        sales.c.expires_at_unix_ms > now_unix_ms,
    )
    return int(connection.execute(statement).scalar_one())


def due_sales(connection: Connection, now_unix_ms: int, limit: int) -> list[Sale]:
    statement = (
        select(sales)
        .where(sales.c.state == SaleState.OPEN, sales.c.expires_at_unix_ms <= now_unix_ms)
        .order_by(sales.c.expires_at_unix_ms)
        .limit(limit)
    )
    return [sale_of(row) for row in connection.execute(statement).mappings()]


def locked_sales(connection: Connection, sale_ids: Iterable[str]) -> dict[str, Sale]:
    """Locked until the transaction ends, in one order."""
    statement = (
        select(sales).where(sales.c.id.in_(sorted(set(sale_ids)))).order_by(sales.c.id).with_for_update()
    )
    return {row["id"]: sale_of(row) for row in connection.execute(statement).mappings()}


def account_addresses(connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
    statement = select(members.c.id, members.c.account_address).where(
        members.c.id.in_(sorted(set(member_ids)))
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def move_sale(connection: Connection, sale_id: str, target: SaleState, **values: Any) -> bool:
    """True when the sale was in a state that may become `target` and now is."""
    changed = connection.execute(
        update(sales)
        .where(sales.c.id == sale_id, sales.c.state.in_(sources_of(SALE_TRANSITIONS, target)))
        .values(state=target, **values)
    )
    return changed.rowcount == 1


def move_sales(connection: Connection, sale_ids: Sequence[str], target: SaleState, **values: Any) -> None:
    """As `move_sale`, for many that become the same; those in other states stay as they are."""
    is_movable = sales.c.state.in_(sources_of(SALE_TRANSITIONS, target))
    for part in _parts(sale_ids):
        connection.execute(
            update(sales).where(sales.c.id.in_(part), is_movable).values(state=target, **values)
        )


def accept_sales(connection: Connection, accepted: Sequence[Sale]) -> bool:
    """Each with its payment's reference; False when one of them was in no state to be accepted."""
    rows = [
        {"of_sale": sale.id, "ref": sale.payment_ref, "at_unix_ms": sale.accepted_at_unix_ms}
        for sale in accepted
    ]
    return not rows or connection.execute(_ACCEPT_SALE, rows).rowcount == len(rows)


_ACCEPT_SALE = (
    update(sales)
    .where(sales.c.id == bindparam("of_sale"))
    .where(or_(*(sales.c.state == source for source in sources_of(SALE_TRANSITIONS, SaleState.ACCEPTED))))
    .values(
        state=SaleState.ACCEPTED,
        payment_ref=bindparam("ref"),
        accepted_at_unix_ms=bindparam("at_unix_ms"),
    )
)


def sales_by_id(connection: Connection, sale_ids: Sequence[str]) -> dict[str, Sale]:
    """However many."""
    found: dict[str, Sale] = {}
    for part in _parts(sale_ids):
        rows = connection.execute(select(sales).where(sales.c.id.in_(part))).mappings()
        found.update((row["id"], sale_of(row)) for row in rows)
    return found


def _parts(sale_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(sale_ids), MAX_SALES_PER_STATEMENT):
        yield sale_ids[start : start + MAX_SALES_PER_STATEMENT]


def rewind_sale(connection: Connection, sale_id: str, payment_ref: str) -> bool:
    """The chain's copy was rewound: the sale of a payment that is confirming again is accepted again.

    False when the sale has another payment by now or was cancelled.
    """
    still_its_own = (sales.c.payment_ref == payment_ref) | (
        sales.c.payment_ref.is_(None) & sales.c.state.in_((SaleState.OPEN, SaleState.EXPIRED))
    )
    changed = connection.execute(
        update(sales)
        .where(sales.c.id == sale_id, still_its_own)
        .values(state=SaleState.ACCEPTED, payment_ref=payment_ref, paid_at_unix_ms=None)
    )
    return changed.rowcount == 1


def mend_sale(connection: Connection, sale_id: str, payment_ref: str, paid_at_unix_ms: int) -> bool:
    """The chain holds this payment of the sale, whatever was believed: the sale is paid.

    False when the sale has another payment by now.
    """
    changed = connection.execute(
        update(sales)
        .where(sales.c.id == sale_id)
        .where((sales.c.payment_ref == payment_ref) | sales.c.payment_ref.is_(None))
        .values(
            state=SaleState.PAID,
            payment_ref=payment_ref,
            accepted_at_unix_ms=func.coalesce(sales.c.accepted_at_unix_ms, paid_at_unix_ms),
            paid_at_unix_ms=paid_at_unix_ms,
        )
    )
    return changed.rowcount == 1


def insert_refund_request(connection: Connection, request: RefundRequest) -> None:
    connection.execute(
        insert(refund_requests).values(
            id=request.id,
            client_reference=request.client_reference,
            sale_id=request.sale_id,
            till_id=request.till_id,
            member_id=request.member_id,
            amount_cents=request.amount_cents,
            state=request.state,
            requested_at_unix_ms=request.requested_at_unix_ms,
        )
    )


def _one_request(connection: Connection, statement: Select[Any]) -> RefundRequest | None:
    row = connection.execute(statement).mappings().first()
    return None if row is None else refund_request_of(row)


def refund_request_by_id(connection: Connection, request_id: str) -> RefundRequest | None:
    return _one_request(connection, select(refund_requests).where(refund_requests.c.id == request_id))


def refund_request_by_client_reference(connection: Connection, client_reference: str) -> RefundRequest | None:
    statement = select(refund_requests).where(refund_requests.c.client_reference == client_reference)
    return _one_request(connection, statement)


def locked_refund_requests(connection: Connection, request_ids: Iterable[str]) -> dict[str, RefundRequest]:
    statement = (
        select(refund_requests)
        .where(refund_requests.c.id.in_(sorted(set(request_ids))))
        .order_by(refund_requests.c.id)
        .with_for_update()
    )
    return {row["id"]: refund_request_of(row) for row in connection.execute(statement).mappings()}


def refund_requests_of_till(connection: Connection, till_id: str, limit: int) -> list[RefundRequest]:
    statement = (
        select(refund_requests)
        .where(refund_requests.c.till_id == till_id)
        .order_by(refund_requests.c.requested_at_unix_ms.desc())
        .limit(limit)
    )
    return [refund_request_of(row) for row in connection.execute(statement).mappings()]


def refund_requests_of_member(connection: Connection, member_id: str, limit: int) -> list[RefundRequest]:
    """What waits for the merchant's signature, oldest first."""
    statement = (
        select(refund_requests)
        .where(
            refund_requests.c.member_id == member_id,
            refund_requests.c.state == RefundRequestState.REQUESTED,
        )
        .order_by(refund_requests.c.requested_at_unix_ms)
        .limit(limit)
    )
    return [refund_request_of(row) for row in connection.execute(statement).mappings()]


def refund_requests_of_sales(
    connection: Connection, sale_ids: Iterable[str]
) -> dict[str, list[RefundRequest]]:
    statement = (
        select(refund_requests)
        .where(refund_requests.c.sale_id.in_(sorted(set(sale_ids))))
        .order_by(refund_requests.c.requested_at_unix_ms)
    )
    found: dict[str, list[RefundRequest]] = {}
    for row in connection.execute(statement).mappings():
        found.setdefault(row["sale_id"], []).append(refund_request_of(row))
    return found


def move_refund_request(
    connection: Connection, request_id: str, target: RefundRequestState, **values: Any
) -> bool:
    sources = sources_of(REFUND_REQUEST_TRANSITIONS, target)
    changed = connection.execute(
        update(refund_requests)
        .where(refund_requests.c.id == request_id, refund_requests.c.state.in_(sources))
        .values(state=target, **values)
    )
    return changed.rowcount == 1


def rewind_refund_request(connection: Connection, request_id: str, payment_ref: str) -> bool:
    """As rewind_sale; False when the merchant has answered the request otherwise by now."""
    still_its_own = (refund_requests.c.payment_ref == payment_ref) | (
        refund_requests.c.payment_ref.is_(None) & (refund_requests.c.state == RefundRequestState.REQUESTED)
    )
    changed = connection.execute(
        update(refund_requests)
        .where(refund_requests.c.id == request_id, still_its_own)
        .values(state=RefundRequestState.ACCEPTED, payment_ref=payment_ref, refusal_code=None)
    )
    return changed.rowcount == 1


def mend_refund_request(
    connection: Connection, request_id: str, payment_ref: str, decided_at_unix_ms: int
) -> bool:
    """As mend_sale."""
    changed = connection.execute(
        update(refund_requests)
        .where(refund_requests.c.id == request_id)
        .where((refund_requests.c.payment_ref == payment_ref) | refund_requests.c.payment_ref.is_(None))
        .values(
            state=RefundRequestState.PAID,
            payment_ref=payment_ref,
            refusal_code=None,
            decided_at_unix_ms=func.coalesce(refund_requests.c.decided_at_unix_ms, decided_at_unix_ms),
        )
    )
    return changed.rowcount == 1


def payers_of_sales(connection: Connection, sale_ids: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """sale id -> (payer's member id, account address, payment ref) of its living payment."""
    statement = (
        select(payments.c.sale_id, payments.c.payer_member_id, payments.c.from_address, payments.c.ref)
        .join(sales, sales.c.payment_ref == payments.c.ref)
        .where(sales.c.id.in_(sorted(set(sale_ids))))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(statement)}
