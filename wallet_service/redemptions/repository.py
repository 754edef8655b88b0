"""The SQL of redemptions and payee secrets. Takes a Connection, opens no transaction.

Every change of state is a conditional update whose sources come from `decisions.TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, insert, select, update

from wallet_service.accounts.models import stops_sending
from wallet_service.accounts.repository import DISPUTED_CENTS, OWED_CENTS
from wallet_service.database.tables.bank import payee_secrets, payout_files, redemptions, topups
from wallet_service.database.tables.members import members
from wallet_service.platform.quarantine import RowKind, is_free
from wallet_service.redemptions.decisions import Redeemer, RedemptionState, sources_of

MAX_PAGE_LENGTH = 500
#: States in which the units are out of the member's hands but the euros not yet known to be paid.
OPEN_STATES = (RedemptionState.LOCKED, RedemptionState.EXPORTED)
#: Not a state: locked, and in a payout file that is not signed yet.
IN_FILE = "in_file"
#: Nor this one: locked, and kept from files until an officer decides.
HELD_BACK = "held_back"
#: The ledger refused to end it; `refusal_code` says how, until it is ended all the same.
IN_TROUBLE = and_(
    redemptions.c.state.in_((*OPEN_STATES, RedemptionState.RETURNING)),
    redemptions.c.refusal_code.is_not(None),
)


@dataclass(frozen=True)
class Redemption:
    """A redemption as recorded.

    `locked_block` None means its units are still reserved in our books (or freed, when refused);
    `bank_entry_id` is the debit that paid it, `return_entry_id` the credit that sent it back.
    """

    ref: str
    member_id: str
    public_name: str | None
    account_address: str
    amount_cents: int
    fee_cents: int
    sealed_iban: bytes
    sealed_holder: bytes | None
    payee_hash: str
    nonce: int
    valid_before_unix_s: int
    signature: bytes
    state: RedemptionState
    end_to_end_id: str
    payout_file_id: str | None
    bank_entry_id: str | None
    return_entry_id: str | None
    return_reason: str | None
    held_reason: str | None
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
    held = (OWED_CENTS.label("owed_cents"), DISPUTED_CENTS.label("disputed_cents"))
    query = select(members, *held).where(members.c.id == member_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    owed_cents = int(row.owed_cents)
    is_stopped = bool(row.frozen_outgoing or stops_sending(owed_cents))
    held_cents = owed_cents + int(row.disputed_cents)
    found = Redeemer(row.kind, row.tier, row.state, is_stopped, row.identity_expires_on_day, held_cents)
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


def by_end_to_end_ids(connection: Connection, names: Iterable[str]) -> Sequence[Redemption]:
    """Those that one of these names stands for; a bounded number of names."""
    return _all(connection, _joined().where(redemptions.c.end_to_end_id.in_(sorted(names))))


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


def in_trouble(connection: Connection, limit: int) -> Sequence[Redemption]:
    """Those the ledger would not end, oldest first: what `set_trouble` marked and nothing has ended since."""
    query = _joined().where(IN_TROUBLE).order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def sums_by_step(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many redemptions are in each state, and what the bank pays for them in cents.

    Locked ones that are in a payout file already stand under `IN_FILE`, those kept from files under
    `HELD_BACK`.
    """
    is_in_file = and_(
        redemptions.c.state == RedemptionState.LOCKED, redemptions.c.payout_file_id.is_not(None)
    )
    is_held_back = and_(redemptions.c.state == RedemptionState.LOCKED, redemptions.c.held_reason.is_not(None))
    step = case((is_in_file, IN_FILE), (is_held_back, HELD_BACK), else_=redemptions.c.state)
    net_cents = func.sum(redemptions.c.amount_cents - redemptions.c.fee_cents)
    rows = connection.execute(select(step, func.count(), net_cents).group_by(step))
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def payable(connection: Connection, limit: int) -> Sequence[Redemption]:
    """Locked, not held back and in no payout file, oldest first.

    Kept from other transactions until this one ends.
    """
    query = (
        _joined()
        .where(redemptions.c.state == RedemptionState.LOCKED)
        .where(redemptions.c.payout_file_id.is_(None), redemptions.c.bank_entry_id.is_(None))
        .where(redemptions.c.held_reason.is_(None))
        .where(is_free(RowKind.REDEMPTION, redemptions.c.ref))
        .order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref)
        .limit(min(limit, MAX_PAGE_LENGTH))
        .with_for_update(of=redemptions)
    )
    return _all(connection, query)


def of_payout_file(connection: Connection, payout_file_id: str) -> Sequence[Redemption]:
    query = _joined().where(redemptions.c.payout_file_id == payout_file_id)
    return _all(connection, query.order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref))


def of_payout_messages(connection: Connection, names: Iterable[str]) -> Sequence[Redemption]:
    """What is left in the approved payout files with one of these message ids; a bounded number of names."""
    query = _joined().join(payout_files, payout_files.c.id == redemptions.c.payout_file_id)
    named = payout_files.c.message_id.in_(sorted(names))
    return _all(connection, query.where(named, payout_files.c.state == "approved"))


def unpaid_at_the_bank(connection: Connection, limit: int) -> Sequence[Redemption]:
    """In approved files, without a debit that paid them, oldest first: what a debit may be for."""
    query = _joined().where(
        redemptions.c.state == RedemptionState.EXPORTED, redemptions.c.bank_entry_id.is_(None)
    )
    query = query.order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def returnable(connection: Connection, net_cents: int, limit: int) -> Sequence[Redemption]:
    """Paid by a known debit of that amount and not returned, newest first: what a credit may send back."""
    query = _joined().where(
        redemptions.c.state == RedemptionState.PAID,
        redemptions.c.return_entry_id.is_(None),
        redemptions.c.amount_cents - redemptions.c.fee_cents == net_cents,
    )
    query = query.order_by(redemptions.c.requested_at_unix_ms.desc(), redemptions.c.ref)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def held_back(connection: Connection, limit: int) -> Sequence[Redemption]:
    """Locked ones that no file takes until an officer decides, oldest first."""
    query = _joined().where(
        redemptions.c.state == RedemptionState.LOCKED, redemptions.c.held_reason.is_not(None)
    )
    query = query.order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref)
    return _all(connection, query.limit(min(limit, MAX_PAGE_LENGTH)))


def change_state(connection: Connection, ref: str, state: RedemptionState, **values: Any) -> bool:
    """False when the redemption is not in a state that `state` may follow."""
    changed = connection.execute(
        update(redemptions)
        .where(redemptions.c.ref == ref, redemptions.c.state.in_(sources_of(state)))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def mark_locked(connection: Connection, ref: str, at_unix_ms: int, block_number: int) -> bool:
    """False when it was known to be locked already. A state further on is left as it is.

    Exported too: after a rewind its lock is said again, and the file it is in may be at the bank.
    """
    changed = connection.execute(
        update(redemptions)
        .where(redemptions.c.ref == ref, redemptions.c.locked_block.is_(None))
        .values(locked_block=block_number, locked_at_unix_ms=at_unix_ms)
    )
    if changed.rowcount == 1:
        before = redemptions.c.state.in_((RedemptionState.REQUESTED, RedemptionState.REFUSED))
        connection.execute(
            update(redemptions)
            .where(redemptions.c.ref == ref, before)
            .values(state=RedemptionState.LOCKED, refusal_code=None)
        )
    return changed.rowcount == 1


def set_bank_entry(connection: Connection, ref: str, entry_id: str) -> None:
    connection.execute(update(redemptions).where(redemptions.c.ref == ref).values(bank_entry_id=entry_id))


def set_trouble(connection: Connection, ref: str, refusal_code: str) -> None:
    """Something an officer must see, in a redemption that stays as it is."""
    connection.execute(update(redemptions).where(redemptions.c.ref == ref).values(refusal_code=refusal_code))


def free(connection: Connection, ref: str, held_reason: str | None = None) -> bool:
    """Takes it out of the file it is in, for the next one unless it is held back.

    False, and nothing changes, when the bank has debited it or its units are on their way.
    """
    changed = connection.execute(
        update(redemptions)
        .where(redemptions.c.ref == ref, redemptions.c.state.in_(OPEN_STATES))
        .where(redemptions.c.bank_entry_id.is_(None), redemptions.c.payout_file_id.is_not(None))
        .values(state=RedemptionState.LOCKED, payout_file_id=None, held_reason=held_reason)
    )
    return changed.rowcount == 1


def leave_file(connection: Connection, ref: str) -> None:
    """Out of a file that is not signed, whatever the ledger has done with it meanwhile."""
    connection.execute(update(redemptions).where(redemptions.c.ref == ref).values(payout_file_id=None))


def set_held(connection: Connection, ref: str, held_reason: str | None) -> bool:
    """Keeps it from files, or no more. False unless it is locked and in none."""
    changed = connection.execute(
        update(redemptions)
        .where(redemptions.c.ref == ref, redemptions.c.state == RedemptionState.LOCKED)
        .where(redemptions.c.payout_file_id.is_(None), redemptions.c.bank_entry_id.is_(None))
        .values(held_reason=held_reason)
    )
    return changed.rowcount == 1


def put_into_file(connection: Connection, refs: Sequence[str], payout_file_id: str) -> None:
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


def _redemption(row: Any) -> Redemption:
    return Redemption(
        ref=row["ref"],
        member_id=row["member_id"],
        public_name=row["public_name"],
        account_address=row["account_address"],
        amount_cents=row["amount_cents"],
        fee_cents=row["fee_cents"],
        sealed_iban=row["sealed_iban"],
        sealed_holder=row["sealed_holder"],
        payee_hash=row["payee_hash"],
        nonce=int(row["nonce"]),
        valid_before_unix_s=row["valid_before_unix_s"],
        signature=row["signature"],
        state=RedemptionState(row["state"]),
        end_to_end_id=row["end_to_end_id"],
        payout_file_id=row["payout_file_id"],
        bank_entry_id=row["bank_entry_id"],
        return_entry_id=row["return_entry_id"],
        return_reason=row["return_reason"],
        held_reason=row["held_reason"],
        refusal_code=row["refusal_code"],
        requested_at_unix_ms=row["requested_at_unix_ms"],
        locked_at_unix_ms=row["locked_at_unix_ms"],
        closed_at_unix_ms=row["closed_at_unix_ms"],
        locked_block=row["locked_block"],
    )
