"""Statements, a year's sums and receipts, read from the copy of the ledger's final blocks. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, select

from wallet_service.accounts import wholeness
from wallet_service.asks.reading import AskReader
from wallet_service.database.tables.bank import topups
from wallet_service.database.tables.chain import chain_events, postings
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments, sales
from wallet_service.history.decisions import (
    MONTHS_A_YEAR,
    AccountStatement,
    GivenBack,
    KindSums,
    LineKind,
    Month,
    MonthSums,
    PaymentReceipt,
    ReceiptSheet,
    StatementLine,
    YearSummary,
    differences,
    month_of,
    months_of_year,
)
from wallet_service.history.errors import ReceiptNotFound, StatementTooLong
from wallet_service.members.ports import MemberNames
from wallet_service.payments.models import Purpose
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing.typed_data import Domain
from wallet_service.protocol.text.identifiers import normal_word

MAX_LINES = 50_000
_KINDS = {
    "payment": LineKind.PAYMENT,
    "mint": LineKind.TOPUP,
    "lock": LineKind.REDEMPTION,
    "return": LineKind.RETURN,
}


class Statements:
    """`names` gives the names of others as the member's own screens show them, `asks` the messages."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        names: MemberNames,
        domain: Callable[[], Domain],
        asks: AskReader | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._names = names
        self._domain = domain
        self._asks = asks

    def of_month(self, member_id: str, month_name: str) -> AccountStatement:
        """Raises MonthInvalid, StatementTooLong, CopyCatchingUp."""
        now_unix_s = self._clock.now_unix_s()
        month = month_of(month_name, now_unix_s)
        with self._engine.connect().execution_options(read_only=True) as connection:
            wholeness.require_whole(connection)
            account = _account_of(connection, member_id)
            opening_cents = _sum_before(connection, account, month.first_unix_s)
            rows = connection.execute(_month_postings(account, month.first_unix_s, month.end_unix_s)).all()
            if len(rows) > MAX_LINES:  # a statement that stops in the middle would be a false one
                raise StatementTooLong()
            others = _others(connection, account, rows)
            names = dict(self._names.short_names(connection, {*others.values(), member_id}))
            returned = _returned_mints(connection, [row.ref for row in rows if row.kind == "mint"])
            messages = self._messages(connection, member_id, [row.ask_part_id for row in rows])
        lines, balance_cents = [], opening_cents
        for row in rows:
            balance_cents += row.amount_cents
            lines.append(
                StatementLine(
                    at_unix_s=row.block_timestamp_unix_s,
                    kind=_kind_of(row, returned),
                    amount_cents=row.amount_cents,
                    balance_cents=balance_cents,
                    counterparty=names.get(others.get((row.block_number, row.log_index), "")),
                    ref=row.ref,
                    block_number=row.block_number,
                    message=messages.get(row.ask_part_id or ""),
                    label=row.label,
                    tip_cents=row.tip_cents or 0,
                )
            )
        return AccountStatement(month, names.get(member_id), account, opening_cents, tuple(lines), now_unix_s)

    def of_year(self, member_id: str, year_name: str) -> YearSummary:
        """Raises YearInvalid, CopyCatchingUp."""
        now_unix_s = self._clock.now_unix_s()
        months = months_of_year(year_name, now_unix_s)
        with self._engine.connect().execution_options(read_only=True) as connection:
            wholeness.require_whole(connection)
            account = _account_of(connection, member_id)
            opening_cents = _sum_before(connection, account, months[0].first_unix_s)
            by_month = [(month, _sums_of(connection, account, month)) for month in months]
            holder = self._names.short_names(connection, {member_id}).get(member_id)
        shown, balance_cents = [], opening_cents
        for month, sums in by_month:
            in_cents = sum(each.cents for each in sums if each.is_in)
            out_cents = sum(each.cents for each in sums if not each.is_in)
            balance_cents += in_cents - out_cents
            shown.append(MonthSums(month.name, in_cents, out_cents, balance_cents))
        kinds = _added([each for _, sums in by_month for each in sums])
        is_over = len(months) == MONTHS_A_YEAR and now_unix_s >= months[-1].end_unix_s
        return YearSummary(
            year_name, holder, account, opening_cents, tuple(shown), kinds, now_unix_s, is_over
        )

    def receipt_sheet(self, member_id: str, ref: str) -> ReceiptSheet:
        """The receipt with its names, message and refunds, for one of its two people.

        Raises ReceiptNotFound, WordInvalid.
        """
        proof = self.receipt(member_id, ref)
        with self._engine.connect().execution_options(read_only=True) as connection:
            account = _account_of(connection, member_id)
            paid = connection.execute(
                _month_postings(account, 0, self._clock.now_unix_s() + 1).where(postings.c.ref == proof.ref)
            ).first()
            if paid is None:
                raise ReceiptNotFound()
            is_in = account == proof.to_address
            other_id = _others(connection, account, [paid]).get((paid.block_number, paid.log_index), "")
            names = self._names.short_names(connection, {member_id, other_id} - {""})
            messages = self._messages(connection, member_id, [paid.ask_part_id])
            refunds = _given_back(connection, payments.c.refund_of_ref == proof.ref)
            refund_of = _given_back(connection, payments.c.ref == paid.refund_of_ref)
        return ReceiptSheet(
            kind=LineKind.REFUND if paid.purpose == "refund" else LineKind.PAYMENT,
            is_in=is_in,
            holder=names.get(member_id),
            other=names.get(other_id),
            at_unix_s=paid.block_timestamp_unix_s,
            message=messages.get(paid.ask_part_id or ""),
            refunds=refunds,
            refund_of=refund_of[0] if refund_of else None,
            proof=proof,
            label=paid.label,
            tip_cents=paid.tip_cents or 0,
            as_of_unix_s=self._clock.now_unix_s(),
        )

    def _messages(
        self, connection: Connection, member_id: str, part_ids: Sequence[str | None]
    ) -> dict[str, str]:
        wanted = [part_id for part_id in part_ids if part_id is not None]
        return self._asks.messages(connection, member_id, wanted) if self._asks and wanted else {}

    def receipt(self, member_id: str, ref: str) -> PaymentReceipt:
        """Of a payment this member made or received. Raises ReceiptNotFound, WordInvalid."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            account = _account_of(connection, member_id)
            found = self._found(connection, normal_word(ref))
        if found is None or account not in (found.from_address, found.to_address):
            raise ReceiptNotFound()
        return found

    def check(self, claimed: PaymentReceipt) -> list[str]:
        """What the receipt says otherwise than the ledger; [] when it is true. Discloses nothing else.

        Raises WordInvalid, CopyCatchingUp.
        """
        with self._engine.connect().execution_options(read_only=True) as connection:
            wholeness.require_whole(connection)
            found = self._found(connection, normal_word(claimed.ref))
        return list(differences(claimed, found))

    def _found(self, connection: Connection, ref: str) -> PaymentReceipt | None:
        legs = connection.execute(
            select(postings)
            .where(postings.c.ref == ref, postings.c.kind == "payment")
            .order_by(postings.c.leg)
        ).all()
        if len(legs) != 2:
            return None
        transaction_hash = connection.execute(
            select(chain_events.c.transaction_hash).where(
                chain_events.c.block_number == legs[0].block_number,
                chain_events.c.log_index == legs[0].log_index,
            )
        ).scalar_one()
        domain = self._domain()
        return PaymentReceipt(
            chain_id=domain.chain_id,
            ledger=domain.verifying_contract.lower(),
            ref=ref,
            from_address=legs[0].account,
            to_address=legs[1].account,
            amount_cents=legs[1].amount_cents,
            block_number=legs[0].block_number,
            transaction_hash=transaction_hash,
        )


def _account_of(connection: Connection, member_id: str) -> str:
    return str(
        connection.execute(select(members.c.account_address).where(members.c.id == member_id)).scalar_one()
    )


def _sum_before(connection: Connection, account: str, before_unix_s: int) -> int:
    total = func.coalesce(func.sum(postings.c.amount_cents), 0)
    query = select(total).where(
        postings.c.account == account, postings.c.block_timestamp_unix_s < before_unix_s
    )
    return int(connection.execute(query).scalar_one())


def _month_postings(account: str, first_unix_s: int, end_unix_s: int) -> Select[Any]:
    """The account's own legs, oldest first, each with what the order says it was for."""
    return (
        select(
            postings,
            payments.c.purpose,
            payments.c.ask_part_id,
            payments.c.refund_of_ref,
            sales.c.label,
            sales.c.tip_cents,
        )
        .outerjoin(payments, payments.c.ref == postings.c.ref)
        # A refund carries the sale's id too, but gives back no label and no tip.
        .outerjoin(sales, and_(sales.c.id == payments.c.sale_id, payments.c.purpose == Purpose.SALE))
        .where(
            postings.c.account == account,
            postings.c.block_timestamp_unix_s >= first_unix_s,
            postings.c.block_timestamp_unix_s < end_unix_s,
        )
        .order_by(postings.c.block_number, postings.c.log_index, postings.c.leg)
        .limit(MAX_LINES + 1)
    )


def _others(connection: Connection, account: str, rows: Sequence[Row[Any]]) -> dict[tuple[int, int], str]:
    """Who stands on the other side of each posting, as (block, log) -> member id."""
    if not rows:
        return {}
    query = (
        select(postings.c.block_number, postings.c.log_index, members.c.id)
        .join(members, members.c.account_address == postings.c.account)
        .where(
            postings.c.account != account,
            postings.c.block_number.between(rows[0].block_number, rows[-1].block_number),
            postings.c.ref.in_(
                select(postings.c.ref).where(
                    and_(
                        postings.c.account == account,
                        postings.c.block_number.between(rows[0].block_number, rows[-1].block_number),
                    )
                )
            ),
        )
    )
    return {(row.block_number, row.log_index): row.id for row in connection.execute(query)}


def _returned_mints(connection: Connection, refs: list[str]) -> set[str]:
    """Mints of euros that came back from the bank after a redemption."""
    if not refs:
        return set()
    query = select(topups.c.mint_ref).where(topups.c.mint_ref.in_(refs), topups.c.redemption_ref.is_not(None))
    return {row.mint_ref for row in connection.execute(query)}


def _given_back(connection: Connection, which: ColumnElement[bool]) -> tuple[GivenBack, ...]:
    query = select(payments).where(which, func.coalesce(payments.c.state, "") == "paid")
    rows = connection.execute(query.order_by(payments.c.accepted_at_unix_ms)).all()
    return tuple(GivenBack(row.ref, row.amount_cents, row.accepted_at_unix_ms // 1000) for row in rows)


def _sums_of(connection: Connection, account: str, month: Month) -> list[KindSums]:
    """A month added up in SQL: a shop's year has more lines than anybody reads."""
    is_in = (postings.c.amount_cents > 0).label("is_in")
    is_returned = topups.c.redemption_ref.is_not(None).label("is_returned")
    wanted = (postings.c.kind, payments.c.purpose, is_returned, is_in)
    query = (
        select(*wanted, func.count().label("count"), func.sum(postings.c.amount_cents).label("cents"))
        .outerjoin(payments, payments.c.ref == postings.c.ref)
        .outerjoin(topups, topups.c.mint_ref == postings.c.ref)
        .where(
            postings.c.account == account,
            postings.c.block_timestamp_unix_s >= month.first_unix_s,
            postings.c.block_timestamp_unix_s < month.end_unix_s,
        )
        .group_by(*wanted)
    )
    return [
        KindSums(
            LineKind.RETURN
            if row.kind == "mint" and row.is_returned
            else LineKind.REFUND
            if row.purpose == "refund"
            else _KINDS.get(row.kind, LineKind.TRANSFER),
            bool(row.is_in),
            row._mapping["count"],
            abs(int(row.cents)),
        )
        for row in connection.execute(query)
    ]


def _added(parts: Sequence[KindSums]) -> tuple[KindSums, ...]:
    """Over all months, in the order of the kinds, what came in first."""
    found = []
    for kind in LineKind:
        for is_in in (True, False):
            same = [part for part in parts if part.kind is kind and part.is_in is is_in]
            if same:
                count, cents = sum(part.count for part in same), sum(part.cents for part in same)
                found.append(KindSums(kind, is_in, count, cents))
    return tuple(found)


def _kind_of(row: Row[Any], returned: set[str]) -> LineKind:
    if row.kind == "mint" and row.ref in returned:
        return LineKind.RETURN
    if row.purpose == "refund":
        return LineKind.REFUND
    return _KINDS.get(row.kind, LineKind.TRANSFER)
