"""The SQL of the payments' hot path: what a batch needs, what it decided. SQLAlchemy Core only.

Every function takes a Connection and opens no transaction. State changes are conditional updates whose
sources come from `states`, so a lost race changes no row instead of a wrong one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    func,
    insert,
    or_,
    select,
    update,
)

from wallet_service.chain.ports import SignedPayment
from wallet_service.database.tables.chain import blocks, chain_transactions, postings
from wallet_service.database.tables.payments import payments
from wallet_service.payments.decisions import SMALL_NONCE_LIMIT
from wallet_service.payments.models import Payment, Purpose
from wallet_service.payments.states import PAYMENT_TRANSITIONS, PaymentState
from wallet_service.platform.quarantine import RowKind, is_free
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.transitions import sources_of

#: What stands where an adopted payment's signature would be: the phone sends it with the order, if ever.
NO_SIGNATURE = b""
MAX_REFS_PER_STATEMENT = 1_000


def last_sequence(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(payments.c.sequence), 0))).scalar_one())


def payments_by_ref(connection: Connection, refs: Iterable[str]) -> dict[str, Payment]:
    rows = connection.execute(select(payments).where(payments.c.ref.in_(sorted(set(refs))))).mappings()
    return {row["ref"]: payment_of(row) for row in rows}


def insert_payments(connection: Connection, accepted: Sequence[tuple[Payment, bytes]]) -> None:
    """Writes new payments with their signatures, numbered in this order after the last one there is."""
    if not accepted:
        return
    sequence = last_sequence(connection)
    rows = [
        {
            "ref": payment.ref,
            "sequence": sequence + offset,
            "purpose": payment.purpose,
            "state": payment.state,
            "payer_member_id": payment.payer_member_id,
            "payee_member_id": payment.payee_member_id,
            "from_address": payment.from_address,
            "to_address": payment.to_address,
            "amount_cents": payment.amount_cents,
            "nonce": str(payment.nonce),
            "small_nonce": payment.nonce if payment.nonce < SMALL_NONCE_LIMIT else None,
            "valid_before_unix_s": payment.valid_before_unix_s,
            "signature": signature,
            "sale_id": payment.sale_id,
            "refund_of_ref": payment.refund_of_ref,
            "refund_request_id": payment.refund_request_id,
            "ask_part_id": payment.ask_part_id,
            "keyholder_id": payment.keyholder_id,
            "refusal_code": payment.refusal_code,
            "accepted_at_unix_ms": payment.accepted_at_unix_ms,
            "final_at_unix_ms": payment.final_at_unix_ms,
        }
        for offset, (payment, signature) in enumerate(accepted, 1)
    ]
    connection.execute(insert(payments), rows)


def message_of(row: Mapping[str, Any] | RowMapping) -> PaymentMessage:
    """What was signed, as its bytes go to the ledger."""
    return PaymentMessage(
        from_address=row["from_address"],
        to_address=row["to_address"],
        value=row["amount_cents"],
        ref=row["ref"],
        valid_before=row["valid_before_unix_s"],
        nonce=int(row["nonce"]),
    )


def signed_of(row: RowMapping) -> SignedPayment:
    """As it goes into a batch."""
    return SignedPayment(message_of(row), bytes(row["signature"]))


def payment_of(row: Mapping[str, Any] | RowMapping) -> Payment:
    return Payment(
        message=message_of(row),
        purpose=Purpose(row["purpose"]),
        state=PaymentState(row["state"]),
        payer_member_id=row["payer_member_id"],
        payee_member_id=row["payee_member_id"],
        sale_id=row["sale_id"],
        refund_of_ref=row["refund_of_ref"],
        refund_request_id=row["refund_request_id"],
        # Before the end it is the ledger's word only (`keep_word`), and nobody's business.
        refusal_code=row["refusal_code"] if row["state"] == PaymentState.REFUSED else None,
        accepted_at_unix_ms=row["accepted_at_unix_ms"],
        final_at_unix_ms=row["final_at_unix_ms"],
        is_adopted=row["signature"] == NO_SIGNATURE,
        ask_part_id=row["ask_part_id"],
        keyholder_id=row["keyholder_id"],
    )


def rows_by_ref(connection: Connection, refs: Iterable[str]) -> dict[str, RowMapping]:
    """Whole rows, of however many references."""
    found: dict[str, RowMapping] = {}
    for part in _parts(sorted(set(refs))):
        rows = connection.execute(select(payments).where(payments.c.ref.in_(part))).mappings()
        found.update((row["ref"], row) for row in rows)
    return found


def payment_by_ref(connection: Connection, ref: str) -> Payment | None:
    row = connection.execute(select(payments).where(payments.c.ref == ref)).mappings().first()
    return None if row is None else payment_of(row)


# What follows serves the settler and the projections.


def accepted_refs(connection: Connection, limit: int) -> list[str]:
    statement = select(payments.c.ref).where(_is_waiting()).limit(limit)
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
        select(payments).where(_is_waiting()).order_by(payments.c.sequence).limit(limit).with_for_update()
    )
    return list(connection.execute(statement).mappings())


def _is_waiting() -> ColumnElement[bool]:
    return (payments.c.state == PaymentState.ACCEPTED) & is_free(RowKind.PAYMENT_SENDING, payments.c.ref)


def payments_in(connection: Connection, chain_transaction_id: int) -> list[SignedPayment]:
    """What a settle transaction carries, in its order."""
    statement = (
        select(payments)
        .where(payments.c.chain_transaction_id == chain_transaction_id)
        .order_by(payments.c.sequence)
    )
    return [signed_of(row) for row in connection.execute(statement).mappings()]


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


def mark_paid(connection: Connection, final_blocks: Mapping[str, int], now_unix_ms: int) -> set[str]:
    """By reference, in which final block each was paid; those that changed. One statement a block."""
    by_block: dict[int, list[str]] = {}
    for ref, final_block in final_blocks.items():
        by_block.setdefault(final_block, []).append(ref)
    sources = sources_of(PAYMENT_TRANSITIONS, PaymentState.PAID)
    changed: set[str] = set()
    for final_block, refs in by_block.items():
        for part in _parts(refs):
            rows = connection.execute(
                update(payments)
                .where(payments.c.ref.in_(part), payments.c.state.in_(sources))
                .values(
                    state=PaymentState.PAID,
                    refusal_code=None,
                    final_block=final_block,
                    final_at_unix_ms=now_unix_ms,
                )
                .returning(payments.c.ref)
            )
            changed.update(rows.scalars())
    return changed


def _parts(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many in one statement that every database takes it."""
    for start in range(0, len(refs), MAX_REFS_PER_STATEMENT):
        yield refs[start : start + MAX_REFS_PER_STATEMENT]


def keep_word(connection: Connection, ref: str, refusal_code: str) -> None:
    """The ledger skipped a payment that could still be settled: it is refused when its time is over."""
    settling = (payments.c.ref == ref) & (payments.c.state == PaymentState.SETTLING)
    connection.execute(update(payments).where(settling).values(refusal_code=refusal_code))


def mark_refused(
    connection: Connection, ref: str, refusal_code: str, final_block: int | None, now_unix_ms: int
) -> bool:
    changed = connection.execute(
        update(payments)
        .where(
            payments.c.ref == ref,
            payments.c.state.in_(sources_of(PAYMENT_TRANSITIONS, PaymentState.REFUSED)),
        )
        .values(
            state=PaymentState.REFUSED,
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


# What the chain's copy says of a payment's fate, and what can never be executed any more. Reads only.


def executed_in_block(connection: Connection, row: RowMapping) -> int | None:
    """The block in which the ledger moved exactly this payment's money under its reference, or None."""
    legs = connection.execute(
        select(postings.c.block_number, postings.c.account, postings.c.amount_cents)
        .where(postings.c.ref == row["ref"], postings.c.kind == "payment")
        .order_by(postings.c.block_number, postings.c.log_index, postings.c.leg)
    ).all()
    expected_legs = {(row["from_address"], -row["amount_cents"]), (row["to_address"], row["amount_cents"])}
    found = [leg for leg in legs if (leg.account, leg.amount_cents) in expected_legs]
    return (
        found[0].block_number if {(leg.account, leg.amount_cents) for leg in found} == expected_legs else None
    )


def paid_without_posting(connection: Connection) -> list[RowMapping]:
    """Payments that are paid here and of which the copy of the chain knows no movement."""
    is_posted = (
        select(postings.c.ref)
        .where(postings.c.ref == payments.c.ref, postings.c.kind == "payment")
        .correlate(payments)
        .exists()
    )
    statement = select(payments).where(payments.c.state == PaymentState.PAID, ~is_posted)
    return list(connection.execute(statement.order_by(payments.c.sequence)).mappings())


def overdue_transactions(connection: Connection, final_time_unix_s: int | None, limit: int) -> list[int]:
    """Stored transactions with a payment whose time has passed on a final block whose events we hold."""
    statement = (
        select(payments.c.chain_transaction_id)
        .join(chain_transactions, chain_transactions.c.id == payments.c.chain_transaction_id)
        .where(_is_overdue(final_time_unix_s), chain_transactions.c.state == "stored")
        .distinct()
        .order_by(payments.c.chain_transaction_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def mined_without_word(connection: Connection, final_time_unix_s: int | None) -> int:
    """How many overdue payments a mined transaction carries although no event has said their fate."""
    statement = (
        select(func.count())
        .select_from(payments)
        .join(chain_transactions, chain_transactions.c.id == payments.c.chain_transaction_id)
        .where(_is_overdue(final_time_unix_s), chain_transactions.c.state == "mined")
        .where(payments.c.refusal_code.is_(None))
    )
    return int(connection.execute(statement).scalar_one())


def _is_overdue(final_time_unix_s: int | None) -> ColumnElement[bool]:
    past_unix_s = -1 if final_time_unix_s is None else final_time_unix_s
    return (payments.c.state == PaymentState.SETTLING) & (payments.c.valid_before_unix_s <= past_unix_s)


def expired_payments(
    connection: Connection,
    now_unix_s: int,
    final_time_unix_s: int | None,
    unmined: Collection[int],
    limit: int,
    *,
    locked: bool = False,
) -> list[RowMapping]:
    """Payments that can never be executed any more.

    Never sent: their time has passed here. Sent, in one of the transactions `unmined`: their time has passed
    on a final block whose events we hold, so that if they had been executed we would know. The same of those
    the ledger skipped and could still have settled (`keep_word`).
    """
    still_stored = select(chain_transactions.c.id).where(
        chain_transactions.c.id.in_(sorted(unmined)), chain_transactions.c.state == "stored"
    )
    condition = or_(
        (payments.c.state == PaymentState.ACCEPTED) & (payments.c.valid_before_unix_s <= now_unix_s),
        _is_overdue(final_time_unix_s)
        & (payments.c.chain_transaction_id.in_(still_stored) | payments.c.refusal_code.is_not(None)),
    )
    can_be_ended = is_free(RowKind.PAYMENT_ENDING, payments.c.ref)
    statement = select(payments).where(condition, can_be_ended).order_by(payments.c.sequence).limit(limit)
    rows = connection.execute(statement.with_for_update() if locked else statement)
    return list(rows.mappings())
