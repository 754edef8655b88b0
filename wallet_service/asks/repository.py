"""The SQL of asks and their parts. Takes a Connection, opens no transaction.

What is being paid or paid is read from `payments`: a part is living while a payment of it is not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, insert, or_, select, update

from wallet_service.accounts.repository import REFUSED
from wallet_service.asks.models import AskKind, PartPayment, PayablePart
from wallet_service.asks.states import PART_TRANSITIONS, PartState
from wallet_service.contacts.repository import CLOSED
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments
from wallet_service.database.tables.people import ask_parts, asks, contact_blocks
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.transitions import sources_of

EXPIRE_AT_ONCE = 500
#: The sweep looks back so far: what it missed is over by its time all the same (`PayablePart.state_at`).
SWEEP_BACK_MS = 7 * MS_PER_DAY
#: A word of payments.states, which stands above: a test holds them equal.
PAID = "paid"
_COLUMNS = (
    ask_parts.c.id,
    ask_parts.c.ask_id,
    ask_parts.c.way,
    ask_parts.c.payer_member_id,
    ask_parts.c.payee_member_id,
    ask_parts.c.amount_cents,
    ask_parts.c.state,
    ask_parts.c.sealed_address,
    ask_parts.c.sealed_word,
    asks.c.kind,
    asks.c.creator_member_id,
    asks.c.sealed_message,
    asks.c.created_at_unix_ms,
    asks.c.expires_at_unix_ms,
)
IS_LIVING = exists().where(payments.c.ask_part_id == ask_parts.c.id, payments.c.state != REFUSED)
_UNDECIDED = ask_parts.c.state.in_((PartState.WAITING.value, PartState.OPEN.value))


def _parts() -> Select[Any]:
    return select(*_COLUMNS).join(asks, asks.c.id == ask_parts.c.ask_id)


def payable_of(row: Row[Any], payment: PartPayment | None = None) -> PayablePart:
    return PayablePart(
        id=row.id,
        ask_id=row.ask_id,
        kind=AskKind(row.kind),
        creator_member_id=row.creator_member_id,
        payer_member_id=row.payer_member_id,
        payee_member_id=row.payee_member_id,
        amount_cents=row.amount_cents,
        state=PartState(row.state),
        expires_at_unix_ms=row.expires_at_unix_ms,
        living_payment_ref=None if payment is None else payment.ref,
    )


def locked_parts(connection: Connection, part_ids: Iterable[str]) -> dict[str, PayablePart]:
    """What payments are about to pay, locked so that nobody declines or cancels them meanwhile."""
    wanted = sorted(set(part_ids))
    query = _parts().where(ask_parts.c.id.in_(wanted)).order_by(ask_parts.c.id).with_for_update(of=ask_parts)
    rows = connection.execute(query).all()
    living = living_payments(connection, [row.id for row in rows])
    return {row.id: payable_of(row, living.get(row.id)) for row in rows}


def living_payments(connection: Connection, part_ids: Sequence[str]) -> dict[str, PartPayment]:
    """Part id -> its payment that is not refused."""
    query = select(
        payments.c.ask_part_id,
        payments.c.ref,
        payments.c.payer_member_id,
        payments.c.state,
        payments.c.accepted_at_unix_ms,
    )
    found = query.where(payments.c.ask_part_id.in_(part_ids), payments.c.state != REFUSED)
    return {
        row.ask_part_id: PartPayment(row.ref, row.payer_member_id, row.state, row.accepted_at_unix_ms)
        for row in connection.execute(found)
    }


def is_paid_otherwise(connection: Connection, part_id: str, ref: str) -> bool:
    """Whether another payment than this one is of that part, and not refused."""
    payment = living_payments(connection, [part_id]).get(part_id)
    return payment is not None and payment.ref != ref


def may_be_claimed_by(connection: Connection, part_id: str, amount_cents: int, payee_member_id: str) -> bool:
    """Whether an order the chain has paid already may be said to be of that part."""
    part = locked_parts(connection, [part_id]).get(part_id)
    return (
        part is not None
        and part.living_payment_ref is None
        and part.amount_cents == amount_cents
        and part.payee_member_id == payee_member_id
    )


def part(connection: Connection, part_id: str, *, locked: bool = False) -> Row[Any] | None:
    query = _parts().where(ask_parts.c.id == part_id)
    return connection.execute(query.with_for_update(of=ask_parts) if locked else query).one_or_none()


def parts_of(connection: Connection, ask_ids: Sequence[str], *, locked: bool = False) -> Sequence[Row[Any]]:
    query = _parts().where(ask_parts.c.ask_id.in_(ask_ids)).order_by(ask_parts.c.ask_id, ask_parts.c.id)
    return connection.execute(query.with_for_update(of=ask_parts) if locked else query).all()


def ask(connection: Connection, ask_id: str) -> Row[Any] | None:
    return connection.execute(select(asks).where(asks.c.id == ask_id)).one_or_none()


def ask_by_reference(connection: Connection, client_reference: str) -> Row[Any] | None:
    return connection.execute(select(asks).where(asks.c.client_reference == client_reference)).one_or_none()


def asks_made_by(connection: Connection, member_id: str, limit: int) -> Sequence[Row[Any]]:
    """Newest first. Sends to somebody known are movements, and left out; those to an address wait here."""
    waits_for_somebody = exists().where(ask_parts.c.ask_id == asks.c.id, ask_parts.c.way == "address")
    query = select(asks).where(asks.c.creator_member_id == member_id)
    query = query.where(or_(asks.c.kind == AskKind.ASK.value, waits_for_somebody))
    return connection.execute(query.order_by(asks.c.created_at_unix_ms.desc(), asks.c.id).limit(limit)).all()


def parts_to_pay(connection: Connection, member_id: str, now_unix_ms: int, limit: int) -> Sequence[Row[Any]]:
    """What waits for the member's signature, newest first; nothing of whom they have blocked.

    Their own sends too, once somebody has said that it is they who receive.
    """
    is_blocked = exists().where(
        contact_blocks.c.owner_member_id == member_id, contact_blocks.c.member_id == asks.c.creator_member_id
    )
    is_asked = or_(asks.c.kind == AskKind.ASK.value, ask_parts.c.way == "address")
    query = (
        _parts()
        .join(members, members.c.id == ask_parts.c.payee_member_id)
        .where(ask_parts.c.payer_member_id == member_id, ask_parts.c.state == PartState.OPEN.value)
        .where(asks.c.expires_at_unix_ms > now_unix_ms, members.c.state != CLOSED)
        .where(is_asked, ~is_blocked, ~IS_LIVING)
        .order_by(asks.c.created_at_unix_ms.desc(), ask_parts.c.id)
        .limit(limit)
    )
    return connection.execute(query).all()


# limits


def open_parts_of(connection: Connection, member_id: str, now_unix_ms: int) -> int:
    """How many parts the member has made that wait for somebody."""
    query = select(func.count()).select_from(ask_parts.join(asks, asks.c.id == ask_parts.c.ask_id))
    query = query.where(asks.c.creator_member_id == member_id, asks.c.expires_at_unix_ms > now_unix_ms)
    return int(connection.execute(query.where(_UNDECIDED, ~IS_LIVING)).scalar_one())


def parts_made_since(connection: Connection, member_id: str, since_unix_ms: int) -> tuple[int, int]:
    """How many parts the member has made since then, and how many of them to addresses."""
    to_addresses = func.count().filter(ask_parts.c.way == "address")
    query = select(func.count(), to_addresses).select_from(
        ask_parts.join(asks, asks.c.id == ask_parts.c.ask_id)
    )
    query = query.where(asks.c.creator_member_id == member_id, asks.c.created_at_unix_ms > since_unix_ms)
    row = connection.execute(query).one()
    return int(row[0]), int(row[1])


def open_between(connection: Connection, creator_id: str, payer_id: str, now_unix_ms: int) -> int:
    """How many asks of one wait for the other."""
    query = select(func.count()).select_from(ask_parts.join(asks, asks.c.id == ask_parts.c.ask_id))
    query = query.where(asks.c.creator_member_id == creator_id, asks.c.kind == AskKind.ASK.value)
    query = query.where(ask_parts.c.payer_member_id == payer_id, asks.c.expires_at_unix_ms > now_unix_ms)
    return int(connection.execute(query.where(_UNDECIDED, ~IS_LIVING)).scalar_one())


def mails_to(connection: Connection, address_mark: str, since_unix_ms: int) -> int:
    query = select(func.count()).where(
        ask_parts.c.address_mark == address_mark, ask_parts.c.mailed_at_unix_ms > since_unix_ms
    )
    return int(connection.execute(query).scalar_one())


# writing


def insert_ask(connection: Connection, **values: Any) -> None:
    """Raises IntegrityError for a reference that is there already."""
    connection.execute(insert(asks).values(**values))


def insert_parts(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(insert(ask_parts), rows)


def mark_mailed(connection: Connection, part_id: str, now_unix_ms: int) -> None:
    connection.execute(
        update(ask_parts).where(ask_parts.c.id == part_id).values(mailed_at_unix_ms=now_unix_ms)
    )


def move_part(connection: Connection, part_id: str, target: PartState, **values: Any) -> bool:
    """Only along the table, never while a payment of it lives; the address has served, and is forgotten."""
    sources = sources_of(PART_TRANSITIONS, target)
    query = update(ask_parts).where(ask_parts.c.id == part_id, ask_parts.c.state.in_(sources), ~IS_LIVING)
    gone = {"sealed_address": None, "address_mark": None}
    return connection.execute(query.values(state=target.value, **gone, **values)).rowcount == 1


def expire(connection: Connection, now_unix_ms: int) -> int:
    """Parts whose time was over lately, some at a time; one that is being paid stays as it is."""
    due = (
        select(ask_parts.c.id)
        .join(asks, asks.c.id == ask_parts.c.ask_id)
        .where(asks.c.expires_at_unix_ms.between(now_unix_ms - SWEEP_BACK_MS, now_unix_ms))
        .where(_UNDECIDED, ~IS_LIVING)
        .limit(EXPIRE_AT_ONCE)
    )
    query = update(ask_parts).where(ask_parts.c.id.in_(due)).values(state=PartState.EXPIRED.value)
    return connection.execute(query).rowcount


def forget_served_addresses(connection: Connection, now_unix_ms: int) -> int:
    """Addresses of parts that are paid, or whose time is over however long: they have served."""
    is_paid = exists().where(payments.c.ask_part_id == ask_parts.c.id, payments.c.state == PAID)
    served = (
        select(ask_parts.c.id)
        .join(asks, asks.c.id == ask_parts.c.ask_id)
        .where(ask_parts.c.address_mark.is_not(None))
        .where(or_(is_paid, asks.c.expires_at_unix_ms <= now_unix_ms))
        .limit(EXPIRE_AT_ONCE)
    )
    values = {"sealed_address": None, "address_mark": None}
    return connection.execute(update(ask_parts).where(ask_parts.c.id.in_(served)).values(**values)).rowcount


def forget(connection: Connection, member_id: str, now_unix_ms: int) -> int:
    """What somebody whose account ends has asked, was asked, or would have received; how many parts."""
    theirs = or_(
        ask_parts.c.payer_member_id == member_id,
        ask_parts.c.payee_member_id == member_id,
        ask_parts.c.ask_id.in_(select(asks.c.id).where(asks.c.creator_member_id == member_id)),
    )
    values = {
        "state": PartState.CANCELLED.value,
        "sealed_address": None,
        "address_mark": None,
        "decided_at_unix_ms": now_unix_ms,
    }
    ended = update(ask_parts).where(and_(theirs, _UNDECIDED, ~IS_LIVING))
    return connection.execute(ended.values(**values)).rowcount
