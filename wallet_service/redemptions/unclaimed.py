"""Redemptions the ledger has locked that no request here stands for, until their order is sent again.

They come from a stretch that was lost with a restored database, or were relayed by somebody else. Of such a
redemption we know no bank account, and the ledger's event does not say which number it used. The order sent
again brings both, and takes the row's place. Owns `unclaimed_redemptions`; takes a Connection, opens no
transaction. Must not touch balances: the units left the account with the event's postings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection, RowMapping, and_, delete, insert, select, update

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.tables.bank import unclaimed_redemptions as table
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.redemptions import repository
from wallet_service.redemptions.decisions import RedemptionState

MAX_SHOWN = 200
#: The ledger still holds their units: somebody must bring the order.
STILL_LOCKED = table.c.ended_as.is_(None)

log = structlog.get_logger(__name__)
FOUND = Counter("alba_redemptions_unclaimed_total", "Redemptions locked by the ledger without a request here")
CLAIMED = Counter("alba_redemptions_claimed_total", "Unclaimed redemptions whose order was sent again")


@dataclass(frozen=True)
class UnclaimedRedemption:
    """What the ledger's events say. `ended_as`: burned (paid) or given back (returned) meanwhile.

    The member is None when the account is nobody's here.
    """

    ref: str
    account_address: str
    amount_cents: int
    payee_hash: str
    locked_block: int
    locked_at_unix_ms: int
    ended_as: RedemptionState | None
    final_block: int | None
    closed_at_unix_ms: int | None
    member_id: str | None
    public_name: str | None

    def stands_for(self, member_id: str, amount_cents: int, payee_hash: str) -> bool:
        """Whether an order with its reference says what the ledger has locked."""
        return (member_id, amount_cents, payee_hash) == (self.member_id, self.amount_cents, self.payee_hash)


_JOINED = select(table, members.c.id.label("member_id"), members.c.public_name).join(
    members, members.c.account_address == table.c.account_address, isouter=True
)


def remember(work: UnitOfWork, event: ChainEvent) -> bool:
    """Keeps a locked redemption that has no request; False when it is known already.

    The number is presumed: one above the highest known, other unclaimed ones included. A wallet takes its
    numbers one after the other, and the events come in the ledger's order, so that is the very number unless
    orders in between never reached the ledger; then it is too low, and the ledger refuses one order. Kept
    with the row, not counted anew, so that it is passed over once and not at each order.
    """
    connection, arguments = work.connection, event.arguments
    if by_ref(connection, arguments["ref"]) is not None:
        return False
    account = arguments["account"]
    connection.execute(
        insert(table).values(
            ref=arguments["ref"],
            account_address=account,
            amount_cents=int(arguments["value"]),
            payee_hash=arguments["payeeHash"],
            presumed_nonce=accounts.next_nonces(connection, [account])[account],
            locked_block=event.block_number,
            locked_at_unix_ms=event.block_timestamp_unix_s * 1000,
        )
    )
    log.warning("redemption.locked_without_request", ref=arguments["ref"], block_number=event.block_number)
    work.after_commit(FOUND.inc)
    return True


def by_ref(connection: Connection, ref: str) -> UnclaimedRedemption | None:
    row = connection.execute(_JOINED.where(table.c.ref == ref)).mappings().first()
    return None if row is None else _unclaimed(row)


def still_locked(connection: Connection, limit: int = MAX_SHOWN) -> Sequence[UnclaimedRedemption]:
    """Oldest first; a bounded number."""
    query = _JOINED.where(STILL_LOCKED).order_by(table.c.locked_at_unix_ms, table.c.ref)
    rows = connection.execute(query.limit(min(limit, MAX_SHOWN))).mappings()
    return [_unclaimed(row) for row in rows]


def end(connection: Connection, event: ChainEvent, ended_as: RedemptionState) -> bool:
    """The ledger burned its units or gave them back. The row stays: its number is used for ever."""
    changed = connection.execute(
        update(table)
        .where(and_(table.c.ref == event.arguments["ref"], STILL_LOCKED))
        .values(
            ended_as=ended_as,
            final_block=event.block_number,
            closed_at_unix_ms=event.block_timestamp_unix_s * 1000,
        )
    )
    return changed.rowcount == 1


def hand_over(work: UnitOfWork, said: UnclaimedRedemption) -> None:
    """To the request with its reference, which goes as far as the ledger has come and stands for it now."""
    connection = work.connection
    repository.mark_locked(connection, said.ref, said.locked_at_unix_ms, said.locked_block)
    if said.ended_as is not None:
        ended = {"closed_at_unix_ms": said.closed_at_unix_ms, "final_block": said.final_block}
        repository.change_state(connection, said.ref, said.ended_as, **ended)
    connection.execute(delete(table).where(table.c.ref == said.ref))
    log.info("redemption.claimed", ref=said.ref)
    work.after_commit(CLAIMED.inc)


def rewind(connection: Connection, last_block_kept: int) -> None:
    """Forgets what blocks that are gone had said."""
    connection.execute(delete(table).where(table.c.locked_block > last_block_kept))
    connection.execute(
        update(table)
        .where(table.c.final_block > last_block_kept)
        .values(ended_as=None, final_block=None, closed_at_unix_ms=None)
    )


def _unclaimed(row: RowMapping) -> UnclaimedRedemption:
    return UnclaimedRedemption(
        ref=row["ref"],
        account_address=row["account_address"],
        amount_cents=row["amount_cents"],
        payee_hash=row["payee_hash"],
        locked_block=row["locked_block"],
        locked_at_unix_ms=row["locked_at_unix_ms"],
        ended_as=None if row["ended_as"] is None else RedemptionState(row["ended_as"]),
        final_block=row["final_block"],
        closed_at_unix_ms=row["closed_at_unix_ms"],
        member_id=row["member_id"],
        public_name=row["public_name"],
    )
