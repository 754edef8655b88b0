"""The SQL of the payments' hot path: what a batch needs, what it decided. SQLAlchemy Core only.

Every function takes a Connection and opens no transaction. State changes are conditional updates whose
sources come from `states`, so a lost race changes no row instead of a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    RowMapping,
    cast,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from wallet_service.database.tables.bank import redemptions
from wallet_service.database.tables.chain import balances, blocks, chain_transactions
from wallet_service.database.tables.members import devices, members
from wallet_service.database.tables.payments import payments
from wallet_service.payments.decisions import MS_PER_DAY, ROLLING_DAYS
from wallet_service.payments.models import Balance, Party, Payment, Purpose, Spending
from wallet_service.payments.states import PAYMENT_TRANSITIONS, PaymentState, sources_of

#: One acceptor at a time over all processes, for PostgreSQL; SQLite has one writer anyway.
ACCEPTOR_LOCK = 0x616C6261_01
#: 2**40 has 13 digits: shorter texts are small nonces, and the cast cannot overflow.
SMALL_NONCE_DIGITS = 12
UNSETTLED = (PaymentState.ACCEPTED, PaymentState.SETTLING)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: it takes no write lock on SQLite and is never committed."""
    with engine.connect().execution_options(read_only=True) as connection:
        yield connection


class BalanceNotReserved(Exception):
    """Balance changed between reading and reserving: the batch is rolled back and decided again."""


def take_acceptor_lock(connection: Connection) -> None:
    """Holds off other acceptors until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ACCEPTOR_LOCK})


def last_sequence(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(payments.c.sequence), 0))).scalar_one())


def payments_by_ref(connection: Connection, refs: Iterable[str]) -> dict[str, RowMapping]:
    rows = connection.execute(select(payments).where(payments.c.ref.in_(sorted(set(refs))))).mappings()
    return {row["ref"]: row for row in rows}


def used_nonces(connection: Connection, pairs: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of (account, nonce) are taken by a payment or a redemption."""
    wanted = set(pairs)
    accounts = sorted({account for account, _ in wanted})
    numbers = sorted({str(nonce) for _, nonce in wanted})
    of_payments = select(payments.c.from_address, payments.c.nonce).where(
        payments.c.from_address.in_(accounts), payments.c.nonce.in_(numbers)
    )
    of_redemptions = (
        select(members.c.account_address, redemptions.c.nonce)
        .join(members, members.c.id == redemptions.c.member_id)
        .where(members.c.account_address.in_(accounts), redemptions.c.nonce.in_(numbers))
    )
    found = {(row[0], int(row[1])) for row in connection.execute(of_payments.union_all(of_redemptions))}
    return found & wanted


def next_nonces(connection: Connection, accounts: Iterable[str]) -> dict[str, int]:
    """For each account, one above the highest small nonce of its payments and redemptions; 0 if none."""
    wanted = sorted(set(accounts))
    # A descent of one index per account, however long its history.
    highest_payment = (
        select(payments.c.small_nonce)
        .where(payments.c.from_address == members.c.account_address, payments.c.small_nonce.is_not(None))
        .order_by(payments.c.small_nonce.desc())
        .limit(1)
        .scalar_subquery()
    )
    of_payments = select(members.c.account_address, highest_payment).where(
        members.c.account_address.in_(wanted)
    )
    of_redemptions = (
        select(members.c.account_address, func.max(cast(redemptions.c.nonce, BigInteger)))
        .join(members, members.c.id == redemptions.c.member_id)
        .where(members.c.account_address.in_(wanted), func.length(redemptions.c.nonce) <= SMALL_NONCE_DIGITS)
        .group_by(members.c.account_address)
    )
    highest = dict.fromkeys(wanted, -1)
    for statement in (of_payments, of_redemptions):
        for account, nonce in connection.execute(statement):
            highest[account] = max(highest[account], -1 if nonce is None else int(nonce))
    return {account: nonce + 1 for account, nonce in highest.items()}


PARTY_COLUMNS = (
    members.c.id,
    members.c.kind,
    members.c.tier,
    members.c.state,
    members.c.account_address,
    members.c.frozen_incoming,
    members.c.frozen_outgoing,
    members.c.identity_expires_on_day,
)


def party_of(row: RowMapping) -> Party:
    return Party(
        member_id=row["id"],
        kind=row["kind"],
        tier=row["tier"],
        state=row["state"],
        account_address=row["account_address"],
        frozen_incoming=row["frozen_incoming"],
        frozen_outgoing=row["frozen_outgoing"],
        identity_expires_on_day=row["identity_expires_on_day"],
    )


def parties_by_address(connection: Connection, accounts: Iterable[str]) -> dict[str, Party]:
    statement = select(*PARTY_COLUMNS).where(members.c.account_address.in_(sorted(set(accounts))))
    return {row["account_address"]: party_of(row) for row in connection.execute(statement).mappings()}


def party_by_id(connection: Connection, member_id: str) -> Party | None:
    row = connection.execute(select(*PARTY_COLUMNS).where(members.c.id == member_id)).mappings().first()
    return None if row is None else party_of(row)


def device_states(connection: Connection, signers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """signer address -> (member id, device state), for registered devices."""
    statement = select(devices.c.signer_address, devices.c.member_id, devices.c.state)
    rows = connection.execute(statement.where(devices.c.signer_address.in_(sorted(set(signers)))))
    return {row[0]: (row[1], row[2]) for row in rows}


def locked_balances(connection: Connection, accounts: Iterable[str]) -> dict[str, Balance]:
    """Balances, locked until the transaction ends, always in one order so that nobody waits in a ring."""
    statement = (
        select(balances)
        .where(balances.c.account.in_(sorted(set(accounts))))
        .order_by(balances.c.account)
        .with_for_update()
    )
    return {
        row.account: Balance(row.posted_cents, row.reserved_cents) for row in connection.execute(statement)
    }


def balance_of(connection: Connection, account: str) -> Balance:
    row = connection.execute(select(balances).where(balances.c.account == account)).first()
    return Balance(0, 0) if row is None else Balance(row.posted_cents, row.reserved_cents)


def reserve(connection: Connection, amounts_cents: Mapping[str, int]) -> None:
    """Reserves per account, only where it is available. Raises BalanceNotReserved when one is not."""
    for account, amount_cents in sorted(amounts_cents.items()):
        changed = connection.execute(
            update(balances)
            .where(balances.c.account == account)
            .where(balances.c.posted_cents - balances.c.reserved_cents >= amount_cents)
            .values(reserved_cents=balances.c.reserved_cents + amount_cents)
        )
        if changed.rowcount != 1:
            raise BalanceNotReserved(account)


def release(connection: Connection, account: str, amount_cents: int) -> None:
    """Gives reserved money back. The row exists and holds it, or the books are broken and we stop."""
    changed = connection.execute(
        update(balances)
        .where(balances.c.account == account, balances.c.reserved_cents >= amount_cents)
        .values(reserved_cents=balances.c.reserved_cents - amount_cents)
    )
    if changed.rowcount != 1:
        raise AssertionError(f"reserved money is missing for a payment of {amount_cents} cents")


def spending(connection: Connection, member_ids: Iterable[str], now_unix_ms: int) -> dict[str, Spending]:
    """Spent or reserved since midnight UTC (the ledger's day) and over exactly the last 30 days.

    A payment counts where it became final, as on the ledger; one not yet final counts now.
    """
    wanted = sorted(set(member_ids))
    day_start_unix_ms = now_unix_ms // MS_PER_DAY * MS_PER_DAY
    window_start_unix_ms = now_unix_ms - ROLLING_DAYS * MS_PER_DAY
    counted_at = func.coalesce(payments.c.final_at_unix_ms, now_unix_ms)
    today = func.sum(payments.c.amount_cents).filter(counted_at >= day_start_unix_ms)
    window = func.sum(payments.c.amount_cents).filter(counted_at > window_start_unix_ms)
    rows = connection.execute(
        select(payments.c.payer_member_id, func.coalesce(today, 0), func.coalesce(window, 0))
        .where(payments.c.payer_member_id.in_(wanted))
        .where(payments.c.state != PaymentState.REFUSED)
        # A payment is final at most a day after its acceptance; this keeps the index useful.
        .where(payments.c.accepted_at_unix_ms > window_start_unix_ms - MS_PER_DAY)
        .group_by(payments.c.payer_member_id)
    )
    found = {row[0]: Spending(int(row[1]), int(row[2])) for row in rows}
    return {member_id: found.get(member_id, Spending(0, 0)) for member_id in wanted}


def incoming_cents(connection: Connection, member_ids: Iterable[str]) -> dict[str, int]:
    """What is on its way to each member: accepted or settling, not yet posted."""
    statement = (
        select(payments.c.payee_member_id, func.sum(payments.c.amount_cents))
        .where(payments.c.payee_member_id.in_(sorted(set(member_ids))), payments.c.state.in_(UNSETTLED))
        .group_by(payments.c.payee_member_id)
    )
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


def insert_payments(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(payments), list(rows))


def payment_of(row: Mapping[str, Any] | RowMapping) -> Payment:
    return Payment(
        ref=row["ref"],
        purpose=Purpose(row["purpose"]),
        state=PaymentState(row["state"]),
        payer_member_id=row["payer_member_id"],
        payee_member_id=row["payee_member_id"],
        from_address=row["from_address"],
        to_address=row["to_address"],
        amount_cents=row["amount_cents"],
        nonce=int(row["nonce"]),
        valid_before_unix_s=row["valid_before_unix_s"],
        sale_id=row["sale_id"],
        refund_of_ref=row["refund_of_ref"],
        refund_request_id=row["refund_request_id"],
        refusal_code=row["refusal_code"],
        accepted_at_unix_ms=row["accepted_at_unix_ms"],
        final_at_unix_ms=row["final_at_unix_ms"],
    )


def payment_by_ref(connection: Connection, ref: str) -> Payment | None:
    row = connection.execute(select(payments).where(payments.c.ref == ref)).mappings().first()
    return None if row is None else payment_of(row)


# What follows serves the settler and the projections.


def accepted_refs(connection: Connection, limit: int) -> list[str]:
    statement = select(payments.c.ref).where(payments.c.state == PaymentState.ACCEPTED).limit(limit)
    return list(connection.execute(statement).scalars())


def unanswered_settlements(connection: Connection) -> int:
    """Settle transactions that are stored but not seen in a final block."""
    statement = select(func.count()).where(
        chain_transactions.c.state == "stored", chain_transactions.c.purpose == "settle"
    )
    return int(connection.execute(statement).scalar_one())


def accepted_in_order(connection: Connection, limit: int) -> list[RowMapping]:
    """The oldest accepted payments, locked."""
    statement = (
        select(payments)
        .where(payments.c.state == PaymentState.ACCEPTED)
        .order_by(payments.c.sequence)
        .limit(limit)
        .with_for_update()
    )
    return list(connection.execute(statement).mappings())


def mark_settling(
    connection: Connection, refs: Sequence[str], chain_transaction_id: int, now_unix_ms: int
) -> int:
    """Returns how many rows changed; fewer than asked means somebody else holds one of them."""
    sources = sources_of(PAYMENT_TRANSITIONS, PaymentState.SETTLING)
    return connection.execute(
        update(payments)
        .where(payments.c.ref.in_(refs), payments.c.state.in_(sources))
        .values(
            state=PaymentState.SETTLING,
            chain_transaction_id=chain_transaction_id,
            settling_at_unix_ms=now_unix_ms,
        )
    ).rowcount


def mark_paid(connection: Connection, ref: str, final_block: int, now_unix_ms: int) -> bool:
    return _mark_final(connection, ref, PaymentState.PAID, None, final_block, now_unix_ms)


def mark_refused(
    connection: Connection, ref: str, refusal_code: str, final_block: int | None, now_unix_ms: int
) -> bool:
    return _mark_final(connection, ref, PaymentState.REFUSED, refusal_code, final_block, now_unix_ms)


def _mark_final(
    connection: Connection,
    ref: str,
    state: PaymentState,
    refusal_code: str | None,
    final_block: int | None,
    now_unix_ms: int,
) -> bool:
    changed = connection.execute(
        update(payments)
        .where(payments.c.ref == ref, payments.c.state.in_(sources_of(PAYMENT_TRANSITIONS, state)))
        .values(
            state=state,
            refusal_code=refusal_code,
            final_block=final_block,
            final_at_unix_ms=now_unix_ms,
        )
    )
    return changed.rowcount == 1


def transaction_hash_of(connection: Connection, chain_transaction_id: int | None) -> str | None:
    if chain_transaction_id is None:
        return None
    statement = select(chain_transactions.c.transaction_hash)
    return connection.execute(
        statement.where(chain_transactions.c.id == chain_transaction_id)
    ).scalar_one_or_none()


def requeue(connection: Connection, chain_transaction_id: int) -> int:
    """Its transaction was mined but reverted whole, so nothing happened: wait for the next batch."""
    sources = sources_of(PAYMENT_TRANSITIONS, PaymentState.ACCEPTED)
    return connection.execute(
        update(payments)
        .where(payments.c.state.in_(sources), payments.c.chain_transaction_id == chain_transaction_id)
        .values(state=PaymentState.ACCEPTED, chain_transaction_id=None, settling_at_unix_ms=None)
    ).rowcount


def last_indexed_time_unix_s(connection: Connection) -> int | None:
    """The time of the last final block whose events are in our copy."""
    statement = select(blocks.c.timestamp_unix_s).order_by(blocks.c.number.desc()).limit(1)
    return connection.execute(statement).scalar_one_or_none()


def dead_payments(
    connection: Connection,
    now_unix_s: int,
    final_time_unix_s: int | None,
    limit: int,
    *,
    locked: bool = False,
) -> list[RowMapping]:
    """Payments that can never be executed any more.

    Never sent: their time has passed here. Sent: their time has passed on a final block whose events we
    hold, so that if they had been executed we would know.
    """
    past_unix_s = -1 if final_time_unix_s is None else final_time_unix_s
    condition = or_(
        (payments.c.state == PaymentState.ACCEPTED) & (payments.c.valid_before_unix_s <= now_unix_s),
        (payments.c.state == PaymentState.SETTLING) & (payments.c.valid_before_unix_s <= past_unix_s),
    )
    statement = select(payments).where(condition).order_by(payments.c.sequence).limit(limit)
    rows = connection.execute(statement.with_for_update() if locked else statement)
    return list(rows.mappings())
