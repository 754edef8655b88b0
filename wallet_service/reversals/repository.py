"""The SQL of reversals and of what came back for them. Takes a Connection, opens none.

State changes are conditional updates whose sources come from `decisions`: a lost race changes no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from wallet_service.bank.reported import References
from wallet_service.database.tables.bank import bank_entries, redemptions, topups
from wallet_service.database.tables.members import members
from wallet_service.database.tables.reversals import bank_reversals, reversal_recoveries
from wallet_service.platform.quarantine import RowKind, is_free
from wallet_service.protocol.transitions import sources_of
from wallet_service.reversals.decisions import REVERSAL_TRANSITIONS
from wallet_service.reversals.models import (
    Recovery,
    RecoveryKind,
    Recredit,
    Reversal,
    ReversalState,
    ReversedTopup,
    Shortfall,
)

MAX_PAGE_LENGTH = 200
#: How many top-ups that fit a debit are looked at: enough to see that they are of several members.
MAX_CANDIDATES = 50
_RECOVERED = (
    select(func.coalesce(func.sum(reversal_recoveries.c.amount_cents), 0))
    .where(reversal_recoveries.c.reversal_id == bank_reversals.c.id)
    .scalar_subquery()
)


# which top-up a debit takes back


def named_alike(connection: Connection, references: References, amount_cents: int) -> list[ReversedTopup]:
    """Top-ups of at least that amount whose credit carries one of these references; newest first."""
    alike: list[ColumnElement[bool]] = []
    if references.transaction is not None:
        alike.append(bank_entries.c.transaction_reference == references.transaction)
    if references.end_to_end is not None:
        alike.append(bank_entries.c.end_to_end_id == references.end_to_end)
    if references.servicer is not None:
        alike.append(bank_entries.c.servicer_reference == references.servicer)
    if not alike:
        return []
    return _topups(connection, _unreversed().where(or_(*alike), topups.c.amount_cents >= amount_cents))


def of_member_and_amount(connection: Connection, member_id: str, amount_cents: int) -> list[ReversedTopup]:
    """The member's top-ups of exactly that amount; newest first."""
    query = _unreversed().where(topups.c.member_id == member_id, topups.c.amount_cents == amount_cents)
    return _topups(connection, query)


def untied_debits(connection: Connection) -> Sequence[RowMapping]:
    """Movements that undo a credit and wait for an officer, the newest first; a bounded number."""
    undoes = or_(bank_entries.c.is_reversal, bank_entries.c.return_reason.is_not(None))
    query = select(bank_entries).where(
        bank_entries.c.direction == "DBIT", bank_entries.c.state == "unmatched"
    )
    query = query.where(undoes, is_free(RowKind.BANK_ENTRY, bank_entries.c.id))
    newest_first = query.order_by(bank_entries.c.booked_on.desc(), bank_entries.c.id)
    return connection.execute(newest_first.limit(MAX_CANDIDATES)).mappings().all()


def _unreversed() -> Select[Any]:
    """Top-ups of credits that no debit has taken back yet; euros of a returned payout are not members'."""
    taken_back = select(bank_reversals.c.topup_id)
    return (
        select(
            topups.c.id,
            topups.c.member_id,
            members.c.account_address,
            topups.c.amount_cents,
            bank_entries.c.booked_on,
        )
        .join(bank_entries, bank_entries.c.id == topups.c.bank_entry_id)
        .join(members, members.c.id == topups.c.member_id)
        .where(topups.c.redemption_ref.is_(None), topups.c.id.not_in(taken_back))
    )


def _topups(connection: Connection, query: Select[Any]) -> list[ReversedTopup]:
    newest_first = query.order_by(topups.c.matched_at_unix_ms.desc(), topups.c.id.desc())
    return [ReversedTopup(*row) for row in connection.execute(newest_first.limit(MAX_CANDIDATES))]


# reversals


def insert_reversal(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(bank_reversals).values(**values))


def _joined() -> Select[Any]:
    return select(bank_reversals, members.c.account_address, _RECOVERED.label("recovered_cents")).join(
        members, members.c.id == bank_reversals.c.member_id
    )


def reversal(connection: Connection, reversal_id: str) -> Reversal | None:
    return _one(connection, bank_reversals.c.id == reversal_id)


def of_entry(connection: Connection, entry_id: str) -> Reversal | None:
    return _one(connection, bank_reversals.c.bank_entry_id == entry_id)


def of_topup(connection: Connection, topup_id: str) -> Reversal | None:
    """The open one, if there is one."""
    return _one(
        connection, (bank_reversals.c.topup_id == topup_id) & (bank_reversals.c.state == ReversalState.OPEN)
    )


def _one(connection: Connection, condition: ColumnElement[bool]) -> Reversal | None:
    row = connection.execute(_joined().where(condition)).mappings().first()
    return None if row is None else _reversal(row)


def open_of_member(connection: Connection, member_id: str) -> list[Reversal]:
    """Oldest first."""
    query = _joined().where(bank_reversals.c.member_id == member_id)
    query = query.where(bank_reversals.c.state == ReversalState.OPEN)
    return _all(connection, query.order_by(bank_reversals.c.noted_at_unix_ms, bank_reversals.c.id))


def owed_cents(connection: Connection, member_id: str) -> int:
    """What is missing over all of the member's open ones."""
    return sum(each.missing_cents for each in open_of_member(connection, member_id))


def of_member(connection: Connection, member_id: str, limit: int) -> list[Reversal]:
    """Newest first, whatever became of them."""
    query = _joined().where(bank_reversals.c.member_id == member_id)
    query = query.order_by(bank_reversals.c.noted_at_unix_ms.desc(), bank_reversals.c.id)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def listed(connection: Connection, *, is_open: bool, limit: int) -> list[Reversal]:
    """Open ones, the oldest first; or settled ones, the last settled first."""
    state = bank_reversals.c.state
    query = _joined().where(state == ReversalState.OPEN if is_open else state != ReversalState.OPEN)
    order = bank_reversals.c.noted_at_unix_ms if is_open else bank_reversals.c.decided_at_unix_ms.desc()
    return _all(connection, query.order_by(order, bank_reversals.c.id).limit(min(limit, MAX_PAGE_LENGTH)))


def change_state(connection: Connection, reversal_id: str, state: ReversalState, **values: object) -> bool:
    """From where `decisions` allows it only."""
    sources = sources_of(REVERSAL_TRANSITIONS, state)
    changed = connection.execute(
        update(bank_reversals)
        .where(bank_reversals.c.id == reversal_id, bank_reversals.c.state.in_(sources))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def set_freeze(connection: Connection, reversal_id: str, freeze_id: str) -> None:
    connection.execute(
        update(bank_reversals).where(bank_reversals.c.id == reversal_id).values(freeze_id=freeze_id)
    )


def allow_pay_back(connection: Connection, reversal_id: str, officer_id: str, at_unix_ms: int) -> bool:
    """Once, and while it is open."""
    changed = connection.execute(
        update(bank_reversals)
        .where(bank_reversals.c.id == reversal_id, bank_reversals.c.state == ReversalState.OPEN)
        .where(bank_reversals.c.pay_back_allowed_at_unix_ms.is_(None))
        .values(pay_back_allowed_by=officer_id, pay_back_allowed_at_unix_ms=at_unix_ms)
    )
    return changed.rowcount == 1


def recredits(connection: Connection, amount_cents: int) -> list[Recredit]:
    """Credits of that amount that nothing matched, newest first."""
    query = select(bank_entries.c.id, bank_entries.c.amount_cents, bank_entries.c.booked_on)
    query = query.where(
        bank_entries.c.state == "unmatched",
        bank_entries.c.direction == "CRDT",
        bank_entries.c.amount_cents == amount_cents,
    )
    rows = connection.execute(query.order_by(bank_entries.c.booked_on.desc()).limit(MAX_CANDIDATES))
    return [Recredit(*row) for row in rows]


# what came back


def insert_recovery(connection: Connection, values: dict[str, Any]) -> bool:
    """False when that very event was counted before."""
    known = select(reversal_recoveries.c.id).where(
        reversal_recoveries.c.reversal_id == values["reversal_id"], reversal_recoveries.c.ref == values["ref"]
    )
    if connection.execute(known).first() is not None:
        return False
    connection.execute(insert(reversal_recoveries).values(**values))
    return True


def is_counted(connection: Connection, ref: str) -> bool:
    query = select(reversal_recoveries.c.id).where(reversal_recoveries.c.ref == ref)
    return connection.execute(query).first() is not None


def recoveries(connection: Connection, reversal_id: str) -> list[Recovery]:
    """Oldest first."""
    query = select(reversal_recoveries).where(reversal_recoveries.c.reversal_id == reversal_id)
    rows = connection.execute(query.order_by(reversal_recoveries.c.final_block, reversal_recoveries.c.id))
    return [Recovery(RecoveryKind(row.kind), row.ref, row.amount_cents, row.at_unix_ms) for row in rows]


def forget_recoveries(connection: Connection, last_block_kept: int) -> Sequence[str]:
    """Of later blocks, which are undone; the reversals concerned."""
    later = reversal_recoveries.c.final_block > last_block_kept
    concerned = connection.execute(select(reversal_recoveries.c.reversal_id).where(later).distinct())
    found = list(concerned.scalars())
    connection.execute(delete(reversal_recoveries).where(later))
    return found


# what was given back and still counts as supply


def last_debit(connection: Connection) -> str | None:
    """The bank's debit of the reversal for which units came back last."""
    query = select(bank_reversals.c.bank_entry_id).join(
        reversal_recoveries, reversal_recoveries.c.reversal_id == bank_reversals.c.id
    )
    newest_first = query.order_by(reversal_recoveries.c.final_block.desc(), reversal_recoveries.c.id.desc())
    return connection.execute(newest_first.limit(1)).scalar_one_or_none()


def to_burn_cents(connection: Connection, returns_account: str) -> int:
    """What came back, less what the returns account has had burned against reversals."""
    came_back = select(func.coalesce(func.sum(reversal_recoveries.c.amount_cents), 0))
    burned = (
        select(func.coalesce(func.sum(redemptions.c.amount_cents), 0))
        .join(members, members.c.id == redemptions.c.member_id)
        .where(members.c.account_address == returns_account)
        .where(redemptions.c.bank_entry_id.in_(select(bank_reversals.c.bank_entry_id)))
    )
    came_back_cents = int(connection.execute(came_back).scalar_one())
    return came_back_cents - int(connection.execute(burned).scalar_one())


# figures


def shortfall(connection: Connection, returns_account: str) -> Shortfall:
    is_open = bank_reversals.c.state == ReversalState.OPEN
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(bank_reversals.c.amount_cents - _RECOVERED), 0)).where(
            is_open
        )
    ).one()
    losses = connection.execute(
        select(bank_reversals.c.loss_account, func.sum(bank_reversals.c.lost_cents))
        .where(bank_reversals.c.state == ReversalState.LOSS)
        .group_by(bank_reversals.c.loss_account)
        .order_by(bank_reversals.c.loss_account)
    )
    return Shortfall(
        open_count=int(row[0]),
        open_cents=int(row[1]),
        losses=tuple((str(name), int(amount)) for name, amount in losses),
        given_back_cents=to_burn_cents(connection, returns_account),
    )


def _all(connection: Connection, query: Select[Any]) -> list[Reversal]:
    return [_reversal(row) for row in connection.execute(query).mappings()]


def _reversal(row: Any) -> Reversal:
    values = {name: row[name] for name in Reversal.__dataclass_fields__}
    return Reversal(
        **{**values, "state": ReversalState(row["state"]), "recovered_cents": int(row["recovered_cents"])}
    )
