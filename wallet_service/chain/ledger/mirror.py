"""SQL's copy of the chain: blocks, events, postings, and the cursor that says how far it goes.

Only statements inside the caller's unit of work; no network, no decision. Every write here is undone by
`rewind`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ledger.postings import Posting, changes_by_account, postings_of
from wallet_service.chain.ports import ChainEvent
from wallet_service.database.guards import postings_may_be_deleted
from wallet_service.database.tables.chain import (
    INDEXER_CURSOR,
    SHORT_UNTIL_CURSOR,
    blocks,
    chain_commands,
    chain_events,
    chain_transactions,
    cursors,
    postings,
)

MINED_STATES = ("mined", "reverted")
MAX_HASHES_PER_QUESTION = 400


class CopyRaced(Exception):
    """Another process moved the cursor meanwhile: nothing was written, start again from the cursor."""


@dataclass(frozen=True, slots=True)
class Block:
    number: int
    hash: str
    parent_hash: str
    timestamp_unix_s: int
    transaction_hashes: tuple[str, ...] = ()
    logs_bloom: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last indexed block; `block_hash` is None before the first."""

    block_number: int
    block_hash: str | None


@dataclass(frozen=True, slots=True)
class MinedTransaction:
    """One of our stored transactions, found in a block. `failure` explains a reverted one."""

    id: int
    purpose: str
    block: Block
    position: int
    succeeded: bool
    gas_used: int
    failure_name: str = ""
    failure_values: Mapping[str, Any] | None = None


def read_cursor(connection: Connection, start_block: int) -> Cursor:
    """The cursor; just before `start_block` when nothing was indexed yet."""
    row = connection.execute(
        select(cursors.c.block_number, cursors.c.block_hash).where(cursors.c.name == INDEXER_CURSOR)
    ).first()
    return Cursor(row.block_number, row.block_hash) if row else Cursor(start_block - 1, None)


def move_cursor(connection: Connection, old: Cursor, new: Cursor) -> None:
    """Compare-and-set. Raises CopyRaced when the cursor is not `old` any more."""
    changed = connection.execute(
        update(cursors)
        .where(cursors.c.name == INDEXER_CURSOR, cursors.c.block_number == old.block_number)
        .where(cursors.c.block_hash.is_not_distinct_from(old.block_hash))
        .values(block_number=new.block_number, block_hash=new.block_hash)
    ).rowcount
    if changed:
        return
    if (
        connection.execute(select(cursors.c.name).where(cursors.c.name == INDEXER_CURSOR)).first()
        or old.block_hash
    ):
        raise CopyRaced()
    connection.execute(
        insert(cursors).values(name=INDEXER_CURSOR, block_number=new.block_number, block_hash=new.block_hash)
    )


def mark_short(connection: Connection, until_block: int) -> None:
    """From this commit on the copy is short until its cursor reaches `until_block` (accounts.wholeness)."""
    connection.execute(delete(cursors).where(cursors.c.name == SHORT_UNTIL_CURSOR))
    connection.execute(
        insert(cursors).values(name=SHORT_UNTIL_CURSOR, block_number=until_block, block_hash=None)
    )


def block_hash(connection: Connection, number: int) -> str | None:
    found = connection.execute(select(blocks.c.hash).where(blocks.c.number == number)).scalar_one_or_none()
    return str(found) if found is not None else None


def add_blocks(connection: Connection, found: Sequence[Block], indexed_at_unix_ms: int) -> None:
    connection.execute(
        insert(blocks),
        [
            {
                "number": block.number,
                "hash": block.hash,
                "parent_hash": block.parent_hash,
                "timestamp_unix_s": block.timestamp_unix_s,
                "indexed_at_unix_ms": indexed_at_unix_ms,
            }
            for block in found
        ],
    )


def add_events(connection: Connection, events: Sequence[ChainEvent]) -> None:
    """Events, their postings and the posted balances. `events` must be whole blocks, in order."""
    if not events:
        return
    connection.execute(
        insert(chain_events),
        [
            {
                "block_number": event.block_number,
                "log_index": event.log_index,
                "transaction_hash": event.transaction_hash,
                "name": event.name,
                "arguments": json_arguments(event.arguments),
            }
            for event in events
        ],
    )
    found = postings_of(events)
    if found:
        add_postings(connection, found)
        accounts.post(connection, changes_by_account(found))


def add_postings(connection: Connection, found: Sequence[Posting]) -> None:
    connection.execute(
        insert(postings),
        [
            {
                "block_number": posting.block_number,
                "log_index": posting.log_index,
                "leg": posting.leg,
                "account": posting.account,
                "amount_cents": posting.amount_cents,
                "kind": posting.kind,
                "ref": posting.ref,
                "block_timestamp_unix_s": posting.block_timestamp_unix_s,
            }
            for posting in found
        ],
    )


def json_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """As kept in SQL: integers beyond 2^53 as strings."""
    return {
        name: str(value) if isinstance(value, int) and abs(value) >= 2**53 else value
        for name, value in arguments.items()
    }


def own_transactions(connection: Connection, hashes: Sequence[str]) -> dict[str, Any]:
    """Rows (id, purpose, state, stored_at_unix_ms, transaction_hash) of ours among these hashes, by hash."""
    found: dict[str, Any] = {}
    for start in range(0, len(hashes), MAX_HASHES_PER_QUESTION):
        part = hashes[start : start + MAX_HASHES_PER_QUESTION]
        rows = connection.execute(
            select(
                chain_transactions.c.id,
                chain_transactions.c.purpose,
                chain_transactions.c.state,
                chain_transactions.c.stored_at_unix_ms,
                chain_transactions.c.transaction_hash,
            ).where(chain_transactions.c.transaction_hash.in_(part))
        )
        found.update({row.transaction_hash: row for row in rows})
    return found


def mark_mined(connection: Connection, mined: MinedTransaction, now_unix_ms: int) -> None:
    connection.execute(
        update(chain_transactions)
        .where(chain_transactions.c.id == mined.id)
        .values(
            state="mined" if mined.succeeded else "reverted",
            mined_at_unix_ms=now_unix_ms,
            block_number=mined.block.number,
            block_position=mined.position,
            block_timestamp_unix_s=mined.block.timestamp_unix_s,
            gas_used=mined.gas_used,
        )
    )


def close_commands(
    connection: Connection, mined: MinedTransaction, failure: str, now_unix_ms: int
) -> list[Any]:
    """Mark the transaction's commands done or failed; the rows that this call changed.

    Several that shared a transaction which was refused whole are queued again instead, each to travel alone.
    """
    is_carried = (chain_commands.c.chain_transaction_id == mined.id) & (chain_commands.c.state == "sent")
    rows = connection.execute(select(chain_commands).where(is_carried).order_by(chain_commands.c.id)).all()
    if not mined.succeeded and len(rows) > 1:
        connection.execute(
            update(chain_commands)
            .where(is_carried)
            .values(state="queued", chain_transaction_id=None, failure=failure)
        )
        return []
    connection.execute(
        update(chain_commands)
        .where(is_carried)
        .values(
            state="done" if mined.succeeded else "failed",
            failure=None if mined.succeeded else failure,
            done_at_unix_ms=now_unix_ms,
        )
    )
    return list(rows)


def rewind(connection: Connection, last_block_kept: int) -> None:
    """Undo everything above `last_block_kept`.

    Transactions mined there count as stored again; their block timestamps stay, because the embedded node
    replays lost transactions at their first time.
    """
    sums = connection.execute(
        select(postings.c.account, func.sum(postings.c.amount_cents))
        .where(postings.c.block_number > last_block_kept)
        .group_by(postings.c.account)
        .order_by(postings.c.account)
    ).all()
    accounts.post(connection, {account: -int(total) for account, total in sums if total})
    with postings_may_be_deleted(connection):
        connection.execute(delete(postings).where(postings.c.block_number > last_block_kept))
    connection.execute(delete(chain_events).where(chain_events.c.block_number > last_block_kept))
    connection.execute(delete(blocks).where(blocks.c.number > last_block_kept))
    is_undone = (chain_transactions.c.state.in_(MINED_STATES)) & (
        chain_transactions.c.block_number > last_block_kept
    )
    undone = select(chain_transactions.c.id).where(is_undone)
    connection.execute(
        update(chain_commands)
        .where(chain_commands.c.chain_transaction_id.in_(undone))
        .values(state="sent", done_at_unix_ms=None, failure=None)
    )
    connection.execute(
        update(chain_transactions)
        .where(is_undone)
        .values(state="stored", mined_at_unix_ms=None, gas_used=None)
    )


def last_event(connection: Connection, *names: str) -> Mapping[str, Any] | None:
    """The arguments of the newest event of these names."""
    query = (
        select(chain_events.c.arguments)
        .where(chain_events.c.name.in_(names))
        .order_by(chain_events.c.block_number.desc(), chain_events.c.log_index.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()
