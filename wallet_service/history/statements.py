"""Statements and receipts, read from the copy of the ledger's final blocks. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, func, select

from wallet_service.accounts import wholeness
from wallet_service.database.tables.bank import topups
from wallet_service.database.tables.chain import chain_events, postings
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments
from wallet_service.history.decisions import (
    AccountStatement,
    LineKind,
    PaymentReceipt,
    StatementLine,
    differences,
    month_of,
)
from wallet_service.history.errors import ReceiptNotFound, StatementTooLong
from wallet_service.members.ports import MemberNames
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
    """`names` gives the names of others as the member's own screens show them."""

    def __init__(
        self, engine: Engine, clock: Clock, names: MemberNames, domain: Callable[[], Domain]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._names = names
        self._domain = domain

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
                )
            )
        return AccountStatement(month, names.get(member_id), account, opening_cents, tuple(lines), now_unix_s)

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
        select(postings, payments.c.purpose)
        .outerjoin(payments, payments.c.ref == postings.c.ref)
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


def _kind_of(row: Row[Any], returned: set[str]) -> LineKind:
    if row.kind == "mint" and row.ref in returned:
        return LineKind.RETURN
    if row.purpose == "refund":
        return LineKind.REFUND
    return _KINDS.get(row.kind, LineKind.TRANSFER)
