"""The SQL of disputes and of what the two sides show. Takes a Connection, opens none.

State changes are conditional updates whose sources come from `decisions`: a lost race changes no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, delete, func, insert, or_, select, update

from wallet_service.accounts.repository import REFUSED
from wallet_service.database.tables.chain import postings
from wallet_service.database.tables.disputes import (
    dispute_documents,
    dispute_holds,
    dispute_returns,
    disputes,
)
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments
from wallet_service.disputes.decisions import DISPUTE_TRANSITIONS, HOLDING, MAX_PASSED_LOOKED_AT
from wallet_service.disputes.models import (
    ContestedPayment,
    Dispute,
    DisputeReason,
    DisputeState,
    Holder,
    OwnDisputes,
    Passed,
)
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.transitions import sources_of

MAX_PAGE_LENGTH = 200
DAYS_OF_DISMISSALS = 365
_RETURNED = (
    select(func.coalesce(func.sum(dispute_returns.c.amount_cents), 0))
    .where(dispute_returns.c.dispute_id == disputes.c.id)
    .scalar_subquery()
)
_HOLDING = tuple(str(state) for state in HOLDING)


# the payment that is contested


def contested_payment(connection: Connection, ref: str) -> ContestedPayment | None:
    """What the rules ask of it; None for a reference of nothing."""
    row = connection.execute(select(payments).where(payments.c.ref == ref)).one_or_none()
    if row is None:
        return None
    given_back = select(func.coalesce(func.sum(payments.c.amount_cents), 0)).where(
        payments.c.refund_of_ref == ref, payments.c.state != REFUSED
    )
    both = (row.payer_member_id, row.payee_member_id)
    active = select(func.count()).where(members.c.id.in_(both), members.c.state == "active")
    return ContestedPayment(
        ref=ref,
        payer_member_id=row.payer_member_id,
        payee_member_id=row.payee_member_id,
        amount_cents=row.amount_cents,
        given_back_cents=int(connection.execute(given_back).scalar_one()),
        is_paid=row.state == PaymentState.PAID,
        is_refund=row.purpose == "refund",
        paid_at_unix_ms=row.final_at_unix_ms or row.accepted_at_unix_ms,
        is_settlable=int(connection.execute(active).scalar_one()) == len(set(both)),
    )


def accounts_of(connection: Connection, member_ids: Sequence[str]) -> dict[str, str]:
    query = select(members.c.id, members.c.account_address).where(members.c.id.in_(sorted(set(member_ids))))
    return {row.id: row.account_address for row in connection.execute(query)}


def position_of(connection: Connection, ref: str) -> tuple[int, int]:
    """Where in the ledger the payment is: block, and index in it."""
    query = select(postings.c.block_number, postings.c.log_index).where(postings.c.ref == ref)
    row = connection.execute(query.order_by(postings.c.block_number, postings.c.log_index).limit(1)).first()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def passed_on(connection: Connection, account: str, after: tuple[int, int]) -> list[Passed]:
    """What left the account for other members after that place, the earliest first; a bounded number.

    Only accounts that are open are named: nothing is held on others.
    """
    block, log_index = after
    credit = postings.alias("credit")
    query = (
        select(
            members.c.id,
            members.c.account_address,
            credit.c.amount_cents,
            postings.c.block_number,
            postings.c.log_index,
        )
        .join(
            credit,
            (credit.c.block_number == postings.c.block_number)
            & (credit.c.log_index == postings.c.log_index)
            & (credit.c.leg == 1),
        )
        .join(members, members.c.account_address == credit.c.account)
        .where(postings.c.account == account, postings.c.leg == 0)
        .where(postings.c.kind.in_(("payment", "transfer")), members.c.state == "active")
        .where(
            or_(
                postings.c.block_number > block,
                (postings.c.block_number == block) & (postings.c.log_index > log_index),
            )
        )
        .order_by(postings.c.block_number, postings.c.log_index)
        .limit(MAX_PASSED_LOOKED_AT)
    )
    return [
        Passed(Holder(row[0], row[1]), int(row[2]), (int(row[3]), int(row[4])))
        for row in connection.execute(query)
    ]


# disputes


def own_disputes(connection: Connection, member_id: str, now_unix_ms: int) -> OwnDisputes:
    """How many the member has made: what bounds them."""
    mine = disputes.c.payer_member_id == member_id
    year_ago = now_unix_ms - DAYS_OF_DISMISSALS * MS_PER_DAY
    query = select(
        func.count().filter(disputes.c.state.in_(_HOLDING)),
        func.count().filter(disputes.c.opened_at_unix_ms > now_unix_ms - MS_PER_DAY),
        func.count().filter(
            (disputes.c.state == DisputeState.DISMISSED) & (disputes.c.opened_at_unix_ms > year_ago)
        ),
    ).where(mine)
    row = connection.execute(query).one()
    return OwnDisputes(int(row[0]), int(row[1]), int(row[2]))


def insert_dispute(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(disputes).values(state=DisputeState.OPEN, **values))


def _joined() -> Select[Any]:
    columns = [column for column in disputes.c if not column.name.startswith("sealed_")]
    return select(*columns, _RETURNED.label("returned_cents"))


def dispute(connection: Connection, dispute_id: str, *, locked: bool = False) -> Dispute | None:
    if locked:
        held = select(disputes.c.id).where(disputes.c.id == dispute_id).with_for_update()
        connection.execute(held).first()
    return _one(connection, disputes.c.id == dispute_id)


def of_payment(connection: Connection, ref: str) -> Dispute | None:
    return _one(connection, disputes.c.payment_ref == ref)


def between(connection: Connection, payer_member_id: str, payee_member_id: str) -> list[Dispute]:
    """Those that hold something, of this payer against this payee; oldest first."""
    query = _joined().where(
        disputes.c.payer_member_id == payer_member_id,
        disputes.c.payee_member_id == payee_member_id,
        disputes.c.state.in_(_HOLDING),
    )
    return _all(connection, query.order_by(disputes.c.opened_at_unix_ms, disputes.c.id))


def of_member(connection: Connection, member_id: str, limit: int) -> list[Dispute]:
    """Those the member is payer, payee or holder of, newest first."""
    holds = select(dispute_holds.c.dispute_id).where(dispute_holds.c.member_id == member_id)
    query = _joined().where(
        or_(
            disputes.c.payer_member_id == member_id,
            disputes.c.payee_member_id == member_id,
            disputes.c.id.in_(holds),
        )
    )
    order = (disputes.c.opened_at_unix_ms.desc(), disputes.c.id)
    return _all(connection, query.order_by(*order).limit(min(limit, MAX_PAGE_LENGTH)))


def listed(connection: Connection, *, is_open: bool, limit: int) -> list[Dispute]:
    """Those under way, the one due first before others; or those that are over, the last first."""
    state = disputes.c.state
    query = _joined().where(state.in_(_HOLDING) if is_open else state.not_in(_HOLDING))
    order = disputes.c.decide_by_unix_ms if is_open else disputes.c.closed_at_unix_ms.desc()
    return _all(connection, query.order_by(order, disputes.c.id).limit(min(limit, MAX_PAGE_LENGTH)))


def undecided(connection: Connection, now_unix_ms: int) -> tuple[int, int]:
    """(how many wait for an officer, how many of them for longer than they may)."""
    is_late = case((disputes.c.decide_by_unix_ms <= now_unix_ms, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(is_late), 0))
    row = connection.execute(query.where(disputes.c.state == DisputeState.OPEN)).one()
    return int(row[0]), int(row[1])


def change_state(connection: Connection, dispute_id: str, state: DisputeState, **values: object) -> bool:
    """From where `decisions` allows it only."""
    sources = sources_of(DISPUTE_TRANSITIONS, state)
    changed = connection.execute(
        update(disputes)
        .where(disputes.c.id == dispute_id, disputes.c.state.in_(sources))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def answer(connection: Connection, dispute_id: str, values: dict[str, Any]) -> bool:
    """Once, and while nobody has decided."""
    changed = connection.execute(
        update(disputes)
        .where(disputes.c.id == dispute_id, disputes.c.state == DisputeState.OPEN)
        .where(disputes.c.answered_at_unix_ms.is_(None))
        .values(**values)
    )
    return changed.rowcount == 1


def some_hold(connection: Connection) -> bool:
    """Whether any dispute is under way at all."""
    found = select(disputes.c.id).where(disputes.c.state.in_(_HOLDING)).limit(1)
    return connection.execute(found).first() is not None


def sealed_texts(connection: Connection, dispute_id: str) -> tuple[bytes | None, bytes | None]:
    """What the payer wrote, and what the payee answered."""
    query = select(disputes.c.sealed_words, disputes.c.sealed_answer).where(disputes.c.id == dispute_id)
    row = connection.execute(query).one()
    return row[0], row[1]


def _one(connection: Connection, condition: ColumnElement[bool]) -> Dispute | None:
    row = connection.execute(_joined().where(condition)).mappings().first()
    return None if row is None else _dispute(row)


def _all(connection: Connection, query: Select[Any]) -> list[Dispute]:
    return [_dispute(row) for row in connection.execute(query).mappings()]


def _dispute(row: Any) -> Dispute:
    values = {name: row[name] for name in Dispute.__dataclass_fields__}
    said = {"state": DisputeState(row["state"]), "reason": DisputeReason(row["reason"])}
    return Dispute(**{**values, **said, "returned_cents": int(row["returned_cents"])})


# papers


def insert_document(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(dispute_documents).values(**values))


def documents_of(connection: Connection, dispute_id: str) -> Sequence[Row[Any]]:
    """Without their content, in the order they came."""
    columns = [column for column in dispute_documents.c if column.name != "sealed_content"]
    query = select(*columns).where(dispute_documents.c.dispute_id == dispute_id)
    order = (dispute_documents.c.uploaded_at_unix_ms, dispute_documents.c.id)
    return connection.execute(query.order_by(*order)).all()


def document(connection: Connection, dispute_id: str, document_id: str) -> Row[Any] | None:
    query = select(dispute_documents).where(
        dispute_documents.c.dispute_id == dispute_id, dispute_documents.c.id == document_id
    )
    return connection.execute(query).one_or_none()


def forget_documents(connection: Connection, closed_before_unix_ms: int, limit: int) -> int:
    """Papers of disputes that are over for that long; how many."""
    old = (
        select(dispute_documents.c.id)
        .join(disputes, disputes.c.id == dispute_documents.c.dispute_id)
        .where(disputes.c.closed_at_unix_ms < closed_before_unix_ms)
        .limit(limit)
    )
    found = list(connection.execute(old).scalars())
    connection.execute(delete(dispute_documents).where(dispute_documents.c.id.in_(found)))
    return len(found)
