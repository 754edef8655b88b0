"""Rebuilds SQL's copy of the chain from block one and says where the old copy differed.

The old rows are read first, then dropped, the chain is read again through the same indexer code, and the
two are compared: an honest copy gives no difference. Run it with the service stopped.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from wallet_service.accounts import repository as accounts
from wallet_service.chain.ledger import mirror
from wallet_service.chain.reading.indexer import Indexer
from wallet_service.database.guards import postings_may_be_deleted
from wallet_service.database.tables.chain import (
    INDEXER_CURSOR,
    balances,
    blocks,
    chain_events,
    chain_transactions,
    cursors,
    postings,
)
from wallet_service.database.unit_of_work import UnitOfWork

MAX_DIFFERENCES_SHOWN = 100
PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Copy:
    """What is compared. Balances of zero count as absent; block hashes are the blocks' business."""

    events: frozenset[tuple[Any, ...]]
    postings: frozenset[tuple[Any, ...]]
    balances: frozenset[tuple[str, int]]
    suspended_keys: frozenset[tuple[str, str, int]] = frozenset()


def read_copy(connection: Connection) -> Copy:
    """The copy as it stands. Events without their place: a replayed chain may number its blocks anew."""
    event_rows = connection.execute(
        select(
            chain_events.c.transaction_hash,
            chain_events.c.name,
            chain_events.c.arguments,
        ).order_by(chain_events.c.block_number, chain_events.c.log_index)
    )
    posting_rows = connection.execute(
        select(
            postings.c.account,
            postings.c.amount_cents,
            postings.c.kind,
            postings.c.ref,
        ).order_by(postings.c.block_number, postings.c.log_index, postings.c.leg)
    )
    balance_rows = connection.execute(
        select(balances.c.account, balances.c.posted_cents).where(balances.c.posted_cents != 0)
    )
    return Copy(
        frozenset(
            _numbered(
                (row.transaction_hash, row.name, repr(sorted(row.arguments.items()))) for row in event_rows
            )
        ),
        frozenset(_numbered(tuple(row) for row in posting_rows)),
        frozenset((row.account, row.posted_cents) for row in balance_rows),
        frozenset(accounts.keys_suspended_on_ledger(connection)),
    )


def _numbered(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    """Equal rows told apart by their turn, so that a doubled one is a difference."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        seen[row] += 1
        yield (*row, seen[row])


def differences(old: Copy, new: Copy) -> list[str]:
    """One sentence each; empty when the copies are the same."""
    found = []
    for what in ("events", "postings", "balances", "suspended_keys"):
        before, after = getattr(old, what), getattr(new, what)
        found += [f"{what}: SQL had {row}, the chain has not" for row in sorted(before - after, key=repr)]
        found += [f"{what}: the chain has {row}, SQL had not" for row in sorted(after - before, key=repr)]
    return found[:MAX_DIFFERENCES_SHOWN]


def rebuild(engine: Engine, indexer: Indexer, progress: Callable[[int], None] | None = None) -> list[str]:
    """Drop the copy, index the chain again from its start, return the differences.

    Projections run again too. States that contradict the chain are mended, and named among them.

    Killed in the middle, the copy is merely short: the indexer goes on from its cursor. Raises
    ChainUnavailable.
    """
    with UnitOfWork(engine) as work:
        old = read_copy(work.connection)
        _drop(work.connection)
    while True:
        done = indexer.catch_up()
        if progress is not None:
            progress(done)
        if indexer.is_undecided:
            time.sleep(PAUSE_S)
        elif done == 0:
            break
    with UnitOfWork(engine) as work:
        mended = indexer.registry.rebuilt(work)
        return [*mended, *differences(old, read_copy(work.connection))]


def _drop(connection: Connection) -> None:
    """Only the copy: reserved amounts, commands, states and stored bytes stay. Mined marks are made again."""
    with postings_may_be_deleted(connection):
        connection.execute(delete(postings))
    connection.execute(delete(chain_events))
    connection.execute(delete(blocks))
    connection.execute(delete(cursors).where(cursors.c.name == INDEXER_CURSOR))
    accounts.forget_posted(connection)
    connection.execute(
        update(chain_transactions)
        .where(chain_transactions.c.state.in_(mirror.MINED_STATES))
        .values(state="stored", mined_at_unix_ms=None, gas_used=None)
    )
