"""A member's movements, newest first: payments, refunds, top-ups and redemptions in one list. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, select
from sqlalchemy.sql.schema import Column

from wallet_service.asks.reading import AskReader
from wallet_service.database.tables.bank import redemptions, topups
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import reading
from wallet_service.history.decisions import day_starts_unix_ms
from wallet_service.history.search import MAX_MOVEMENTS_PER_PAGE, MovementFilter, matches
from wallet_service.keyholders.service import Keyholders
from wallet_service.members.ports import MemberNames
from wallet_service.payments import repository
from wallet_service.payments.events import CONFIRMING, state_word
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.states import PaymentState
from wallet_service.sales import repository as sales_repository
from wallet_service.sales.models import Sale

#: A search looks at so many movements of one member; what is older is asked for from there.
MAX_SEARCHED_MOVEMENTS = 2_000
#: More movements of one member than this in one millisecond are not to be expected.
SAME_MILLISECOND_MARGIN = 10
PAID, REFUSED, RETURNED = "paid", "refused", "returned"
_TOPUP_STATES = {"credited": PAID, "returned": RETURNED}
_REDEMPTION_STATES = {"paid": PAID, "refused": REFUSED, "returned": RETURNED}


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Movements that were looked for. `next_before_unix_ms`: where to go on, None at the end."""

    movements: tuple[Movement, ...]
    next_before_unix_ms: int | None


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount_cents` is signed: negative when money leaves the member.

    `counterparty_name` and `message`, which came with a payment between people, are personal; so is
    `paid_by_name`, whom the payer let pay with the account.
    `held_reason`: the code of what a top-up waits for. `label` and `tip_cents`: of the sale it pays.
    """

    ref: str
    kind: str
    amount_cents: int
    state: str
    at_unix_ms: int
    counterparty_name: str | None = None
    sale_id: str | None = None
    refund_of_ref: str | None = None
    refunded_cents: int = 0
    refusal_code: str | None = None
    fee_cents: int = 0
    held_reason: str | None = None
    message: str | None = None
    paid_by_name: str | None = None
    label: str | None = None
    tip_cents: int = 0
    refund_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Takings:
    """Of one day, in cents; `payments` counts what was taken."""

    taken_cents: int
    payments: int
    given_back_cents: int


class History:
    def __init__(
        self,
        engine: Engine,
        names: MemberNames,
        asks: AskReader | None = None,
        keyholders: Keyholders | None = None,
    ) -> None:
        self._engine = engine
        self._names = names
        self._asks = asks
        self._keyholders = keyholders

    def movements(self, member_id: str, before_unix_ms: int | None, limit: int) -> list[Movement]:
        """At most `limit` movements older than `before_unix_ms`, newest first.

        The last millisecond of a page is never cut in two: a page may then be longer than asked.
        """
        limit = max(1, min(limit, MAX_MOVEMENTS_PER_PAGE))
        with reading(self._engine) as connection:
            found = [
                *self._payments(connection, member_id, before_unix_ms, limit),
                *_topups(connection, member_id, before_unix_ms, limit),
                *_redemptions(connection, member_id, before_unix_ms, limit),
            ]
        found.sort(key=lambda movement: (movement.at_unix_ms, movement.ref), reverse=True)
        if len(found) <= limit:
            return found
        last_unix_ms = found[limit - 1].at_unix_ms
        return [movement for movement in found if movement.at_unix_ms >= last_unix_ms]

    def takings(self, member_id: str, now_unix_ms: int) -> Takings:
        """What a professional was paid since midnight, local time, and gave back; only what is paid."""
        since_unix_ms = day_starts_unix_ms(now_unix_ms)
        today = (payments.c.accepted_at_unix_ms >= since_unix_ms) & (payments.c.state == PaymentState.PAID)
        total = func.coalesce(func.sum(payments.c.amount_cents), 0)
        taken = select(total, func.count()).where(
            payments.c.payee_member_id == member_id, payments.c.purpose != Purpose.REFUND, today
        )
        back = select(total).where(
            payments.c.payer_member_id == member_id, payments.c.purpose == Purpose.REFUND, today
        )
        with reading(self._engine) as connection:
            row = connection.execute(taken).one()
            back_cents = int(connection.execute(back).scalar_one())
        return Takings(int(row[0]), int(row[1]), back_cents)

    def search(
        self, member_id: str, movement_filter: MovementFilter, before_unix_ms: int | None, limit: int
    ) -> SearchResult:
        """The newest `limit` movements that match; the last millisecond is never cut in two.

        Names are sealed in SQL, so the movements are read and looked at here, a bounded number at a time.
        """
        found: list[Movement] = []
        next_unix_ms = movement_filter.until_unix_ms if before_unix_ms is None else before_unix_ms
        seen, is_end = 0, False
        while len(found) < limit and seen < MAX_SEARCHED_MOVEMENTS and not is_end:
            page = self.movements(member_id, next_unix_ms, MAX_MOVEMENTS_PER_PAGE)
            seen += len(page)
            found += [movement for movement in page if matches(movement, movement_filter)]
            is_end = len(page) < MAX_MOVEMENTS_PER_PAGE or _is_before(page[-1], movement_filter.since_unix_ms)
            next_unix_ms = page[-1].at_unix_ms if page else None
        if len(found) > limit:
            next_unix_ms = found[limit - 1].at_unix_ms
            kept = [movement for movement in found if movement.at_unix_ms >= next_unix_ms]
            is_end, found = is_end and len(kept) == len(found), kept
        return SearchResult(tuple(found), None if is_end else next_unix_ms)

    def _payments(
        self, connection: Connection, member_id: str, before_unix_ms: int | None, limit: int
    ) -> list[Movement]:
        sent = select(payments).where(payments.c.payer_member_id == member_id)
        # What never reached the payee is none of the payee's business.
        received = select(payments).where(
            payments.c.payee_member_id == member_id, payments.c.state != PaymentState.REFUSED
        )
        rows = [
            repository.payment_of(row)
            for statement in (sent, received)
            for row in connection.execute(
                _page(statement, payments.c.accepted_at_unix_ms, before_unix_ms, limit)
            ).mappings()
        ]
        others = {payment.payer_member_id for payment in rows} | {payment.payee_member_id for payment in rows}
        names = self._names.short_names(connection, others - {member_id})
        refunded = _refunds(connection, [payment.ref for payment in rows])
        part_ids = [payment.ask_part_id for payment in rows if payment.ask_part_id is not None]
        messages = self._asks.messages(connection, member_id, part_ids) if self._asks and part_ids else {}
        movements = [_movement(payment, member_id, dict(names), refunded, messages) for payment in rows]
        paid_sales = [one.sale_id for one in rows if one.sale_id and one.purpose is Purpose.SALE]
        if paid_sales:
            sold = sales_repository.sales_by_id(connection, paid_sales)
            movements = [_with_sale(one, sold) for one in movements]
        by_key = {
            payment.ref: payment.keyholder_id
            for payment in rows
            if payment.keyholder_id is not None and payment.payer_member_id == member_id
        }
        if not by_key or self._keyholders is None:
            return movements
        who = self._keyholders.names_of(connection, member_id, set(by_key.values()))
        return [replace(one, paid_by_name=who.get(by_key.get(one.ref, ""))) for one in movements]


def _with_sale(movement: Movement, sold: dict[str, Sale]) -> Movement:
    """A refund carries the sale's id too, but gives back no label and no tip."""
    sale = sold.get(movement.sale_id or "")
    if sale is None or movement.kind.startswith("refund"):
        return movement
    return replace(movement, label=sale.label, tip_cents=sale.tip_cents)


def _is_before(movement: Movement, since_unix_ms: int | None) -> bool:
    return since_unix_ms is not None and movement.at_unix_ms < since_unix_ms


def _page(
    statement: Select[tuple[object, ...]], at: Column[int], before_unix_ms: int | None, limit: int
) -> Select[tuple[object, ...]]:
    if before_unix_ms is not None:
        statement = statement.where(at < before_unix_ms)
    return statement.order_by(at.desc()).limit(limit + SAME_MILLISECOND_MARGIN)


def _movement(
    payment: Payment,
    member_id: str,
    names: dict[str, str],
    refunded: dict[str, dict[str, int]],
    messages: dict[str, str],
) -> Movement:
    leaves = payment.payer_member_id == member_id
    prefix = "refund" if payment.purpose is Purpose.REFUND else "payment"
    other = payment.payee_member_id if leaves else payment.payer_member_id
    given_back = refunded.get(payment.ref, {})
    return Movement(
        ref=payment.ref,
        kind=f"{prefix}_{'out' if leaves else 'in'}",
        amount_cents=-payment.amount_cents if leaves else payment.amount_cents,
        state=state_word(payment.state),
        at_unix_ms=payment.accepted_at_unix_ms,
        counterparty_name=names.get(other),
        sale_id=payment.sale_id,
        refund_of_ref=payment.refund_of_ref,
        refunded_cents=sum(given_back.values()),
        refund_refs=tuple(given_back),
        refusal_code=payment.refusal_code,
        message=messages.get(payment.ask_part_id or ""),
    )


def _refunds(connection: Connection, refs: list[str]) -> dict[str, dict[str, int]]:
    """Payment -> each refund of it and its cents, oldest first."""
    found: dict[str, dict[str, int]] = {}
    for refunded, ref, cents in connection.execute(refunds_statement(refs)):
        found.setdefault(refunded, {})[ref] = int(cents)
    return found


def refunds_statement(refs: list[str]) -> Select[Any]:
    """What went back of each of these payments.

    Over the index of what refunds which payment: without statistics SQLite takes the one of states and walks
    every payment there ever was, so what it says of the state is not to be chosen by.
    """
    is_paid = func.coalesce(payments.c.state, "") == PaymentState.PAID
    return (
        select(payments.c.refund_of_ref, payments.c.ref, payments.c.amount_cents)
        .where(payments.c.refund_of_ref.in_(refs), is_paid)
        .order_by(payments.c.accepted_at_unix_ms)
    )


def _topups(connection: Connection, member_id: str, before_unix_ms: int | None, limit: int) -> list[Movement]:
    # Units minted again for euros the bank sent back are told by their redemption.
    statement = select(topups).where(topups.c.member_id == member_id, topups.c.redemption_ref.is_(None))
    rows = connection.execute(_page(statement, topups.c.matched_at_unix_ms, before_unix_ms, limit))
    return [
        Movement(
            ref=row["mint_ref"],
            kind="topup",
            amount_cents=row["amount_cents"],
            state=_TOPUP_STATES.get(row["state"], CONFIRMING),
            at_unix_ms=row["matched_at_unix_ms"],
            held_reason=row["held_reason"] if row["state"] == "held" else None,
        )
        for row in rows.mappings()
    ]


def _redemptions(
    connection: Connection, member_id: str, before_unix_ms: int | None, limit: int
) -> list[Movement]:
    statement = select(redemptions).where(redemptions.c.member_id == member_id)
    rows = connection.execute(_page(statement, redemptions.c.requested_at_unix_ms, before_unix_ms, limit))
    return [
        Movement(
            ref=row["ref"],
            kind="redemption",
            amount_cents=-row["amount_cents"],
            state=_REDEMPTION_STATES.get(row["state"], CONFIRMING),
            at_unix_ms=row["requested_at_unix_ms"],
            refusal_code=row["refusal_code"],
            fee_cents=row["fee_cents"],
        )
        for row in rows.mappings()
    ]
