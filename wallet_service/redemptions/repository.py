"""The SQL of redemptions and payee secrets. Takes a Connection, opens no transaction.

Every change of state is a conditional update whose sources come from `decisions.TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from wallet_service.database.tables.bank import payee_secrets, payout_files, redemptions, topups
from wallet_service.database.tables.members import members
from wallet_service.redemptions.decisions import Redeemer, RedemptionState, sources_of

MAX_PAGE_LENGTH = 500
#: States in which the units are out of the member's hands but the euros not yet known to be paid.
OPEN_STATES = (RedemptionState.LOCKED, RedemptionState.EXPORTED)


@dataclass(frozen=True)
class Redemption:
    """A redemption as recorded. `locked_block` None means its units are still reserved in our books (or
    freed, when
    refused); `bank_entry_id` is the debit that paid it, `return_entry_id` the credit that sent it back."""

    ref: str
    member_id: str
    public_name: str | None
    account_address: str
    amount_cents: int
    fee_cents: int
    sealed_iban: bytes
    payee_hash: str
    nonce: int
    valid_before_unix_s: int
    state: RedemptionState
    end_to_end_id: str
    payout_file_id: str | None
    bank_entry_id: str | None
    return_entry_id: str | None
    return_reason: str | None
    refusal_code: str | None
    requested_at_unix_ms: int
    locked_at_unix_ms: int | None
    closed_at_unix_ms: int | None
    locked_block: int | None

    @property
    def net_cents(self) -> int:
        """What the bank pays."""
        return self.amount_cents - self.fee_cents


def redeemer(connection: Connection, member_id: str) -> tuple[Redeemer, str] | None:
    """The member and its account address."""
    row = connection.execute(select(members).where(members.c.id == member_id)).first()
    if row is None:
        return None
    found = Redeemer(row.kind, row.tier, row.state, bool(row.frozen_outgoing), row.identity_expires_on_day)
    return found, row.account_address


def sealed_secret(connection: Connection, member_id: str) -> bytes | None:
    query = select(payee_secrets.c.sealed_secret).where(payee_secrets.c.member_id == member_id)
    return connection.execute(query).scalar_one_or_none()


def insert_secret(connection: Connection, member_id: str, sealed: bytes, now_unix_ms: int) -> None:
    connection.execute(
        insert(payee_secrets).values(
            member_id=member_id, sealed_secret=sealed, created_at_unix_ms=now_unix_ms
        )
    )


def insert_redemption(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(redemptions).values(state=RedemptionState.REQUESTED, **values))


def _joined() -> Select[Any]:
    columns = (redemptions, members.c.account_address, members.c.public_name)
    return select(*columns).join(members, members.c.id == redemptions.c.member_id)


def _all(connection: Connection, query: Select[Any]) -> Sequence[Redemption]:
    return [_redemption(row) for row in connection.execute(query).mappings()]


def by_ref(connection: Connection, ref: str) -> Redemption | None:
    found = _all(connection, _joined().where(redemptions.c.ref == ref))
    return found[0] if found else None


def by_end_to_end_id(connection: Connection, end_to_end_id: str) -> Redemption | None:
    found = _all(connection, _joined().where(redemptions.c.end_to_end_id == end_to_end_id))
    return found[0] if found else None


def of_member(connection: Connection, member_id: str, limit: int) -> Sequence[Redemption]:
    """Newest first."""
    query = _joined().where(redemptions.c.member_id == member_id)
    query = query.order_by(redemptions.c.requested_at_unix_ms.desc(), redemptions.c.ref)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def in_state(connection: Connection, state: str | None, limit: int) -> Sequence[Redemption]:
    """Newest first; every state when None."""
    query = _joined().order_by(redemptions.c.requested_at_unix_ms.desc(), redemptions.c.ref)
    if state is not None:
        query = query.where(redemptions.c.state == state)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def payable(connection: Connection, limit: int) -> Sequence[Redemption]:
    """Locked and in no payout file, oldest first, kept from other transactions until this one ends."""
    query = (
        _joined()
        .where(redemptions.c.state == RedemptionState.LOCKED)
        .where(redemptions.c.payout_file_id.is_(None), redemptions.c.bank_entry_id.is_(None))
        .order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref)
        .limit(min(limit, MAX_PAGE_LENGTH))
        .with_for_update(of=redemptions)
    )
    return _all(connection, query)


def of_payout_file(connection: Connection, payout_file_id: str) -> Sequence[Redemption]:
    query = _joined().where(redemptions.c.payout_file_id == payout_file_id)
    return _all(connection, query.order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref))


def of_payout_message(connection: Connection, message_id: str) -> Sequence[Redemption]:
    """Of the approved payout file with that message id."""
    query = _joined().join(payout_files, payout_files.c.id == redemptions.c.payout_file_id)
    return _all(
        connection, query.where(payout_files.c.message_id == message_id, payout_files.c.state == "approved")
    )


def change_state(connection: Connection, ref: str, state: RedemptionState, **values: Any) -> bool:
    """False when the redemption is not in a state that `state` may follow."""
    changed = connection.execute(
        update(redemptions)
        .where(redemptions.c.ref == ref, redemptions.c.state.in_(sources_of(state)))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def mark_locked(connection: Connection, ref: str, at_unix_ms: int, block_number: int) -> bool:
    """False when it was known to be locked already. A state further on is left as it is."""
    changed = connection.execute(
        update(redemptions)
        .where(redemptions.c.ref == ref, redemptions.c.locked_block.is_(None))
        .values(locked_block=block_number, locked_at_unix_ms=at_unix_ms)
    )
    if changed.rowcount == 1:
        change_state(connection, ref, RedemptionState.LOCKED, refusal_code=None)
    return changed.rowcount == 1


def set_bank_entry(connection: Connection, ref: str, entry_id: str) -> None:
    connection.execute(update(redemptions).where(redemptions.c.ref == ref).values(bank_entry_id=entry_id))


def set_trouble(connection: Connection, ref: str, refusal_code: str) -> None:
    """Something an officer must see, in a redemption that stays as it is."""
    connection.execute(update(redemptions).where(redemptions.c.ref == ref).values(refusal_code=refusal_code))


def put_into_file(connection: Connection, refs: Sequence[str], payout_file_id: str | None) -> None:
    connection.execute(
        update(redemptions).where(redemptions.c.ref.in_(refs)).values(payout_file_id=payout_file_id)
    )


def ref_minted_back(connection: Connection, mint_ref: str) -> str | None:
    """The redemption whose returned euros this mint gives back, if any."""
    query = select(topups.c.redemption_ref).where(topups.c.mint_ref == mint_ref)
    return connection.execute(query).scalar_one_or_none()


def locked_after(connection: Connection, last_block_kept: int) -> Sequence[Redemption]:
    return _all(connection, _joined().where(redemptions.c.locked_block > last_block_kept))


def rewind(connection: Connection, last_block_kept: int) -> None:
    """Takes back what later blocks had said; the same events usually come again."""
    closed = update(redemptions).where(redemptions.c.final_block > last_block_kept)
    reopened = {"final_block": None, "closed_at_unix_ms": None}
    connection.execute(
        closed.where(redemptions.c.state == RedemptionState.RETURNED).values(
            state=RedemptionState.RETURNING, **reopened
        )
    )
    paid = closed.where(redemptions.c.state == RedemptionState.PAID)
    exported = paid.where(redemptions.c.payout_file_id.is_not(None))
    connection.execute(exported.values(state=RedemptionState.EXPORTED, **reopened))
    connection.execute(paid.values(state=RedemptionState.LOCKED, **reopened))
    unlocked = update(redemptions).where(redemptions.c.locked_block > last_block_kept)
    connection.execute(
        unlocked.where(redemptions.c.state == RedemptionState.LOCKED).values(state=RedemptionState.REQUESTED)
    )
    connection.execute(unlocked.values(locked_block=None, locked_at_unix_ms=None))


def count_in_state(connection: Connection, state: RedemptionState) -> int:
    query = select(func.count()).select_from(redemptions).where(redemptions.c.state == state)
    return int(connection.execute(query).scalar_one())


def _redemption(row: Any) -> Redemption:
    return Redemption(
        ref=row["ref"],
        member_id=row["member_id"],
        public_name=row["public_name"],
        account_address=row["account_address"],
        amount_cents=row["amount_cents"],
        fee_cents=row["fee_cents"],
        sealed_iban=row["sealed_iban"],
        payee_hash=row["payee_hash"],
        nonce=int(row["nonce"]),
        valid_before_unix_s=row["valid_before_unix_s"],
        state=RedemptionState(row["state"]),
        end_to_end_id=row["end_to_end_id"],
        payout_file_id=row["payout_file_id"],
        bank_entry_id=row["bank_entry_id"],
        return_entry_id=row["return_entry_id"],
        return_reason=row["return_reason"],
        refusal_code=row["refusal_code"],
        requested_at_unix_ms=row["requested_at_unix_ms"],
        locked_at_unix_ms=row["locked_at_unix_ms"],
        closed_at_unix_ms=row["closed_at_unix_ms"],
        locked_block=row["locked_block"],
    )
