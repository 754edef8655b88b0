"""The SQL of top-ups. Takes a Connection, opens no transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, insert, select, update

from wallet_service.database.tables.bank import topup_references, topups
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.members import members
from wallet_service.topups.decisions import ROLLING_DAYS, SECONDS_PER_DAY, Receiver

TopupState = Literal["held", "minting", "credited", "returned"]
MAX_PAGE_LENGTH = 500
MS_PER_DAY = SECONDS_PER_DAY * 1000


@dataclass(frozen=True)
class Topup:
    """Euros that came for a member. `held_reason` is a code; `redemption_ref` is set when a paid redemption's
    euros came back."""

    id: str
    bank_entry_id: str
    member_id: str
    account_address: str
    amount_cents: int
    mint_ref: str
    state: TopupState
    held_reason: str | None
    attempts: int
    redemption_ref: str | None
    matched_at_unix_ms: int
    credited_at_unix_ms: int | None


def reference_of(connection: Connection, member_id: str) -> str | None:
    query = select(topup_references.c.reference).where(topup_references.c.member_id == member_id)
    return connection.execute(query).scalar_one_or_none()


def insert_reference(connection: Connection, member_id: str, reference: str, now_unix_ms: int) -> None:
    connection.execute(
        insert(topup_references).values(
            member_id=member_id, reference=reference, created_at_unix_ms=now_unix_ms
        )
    )


def members_by_reference(connection: Connection, references: Iterable[str]) -> dict[str, str]:
    """reference -> member id, for those that exist."""
    rows = connection.execute(
        select(topup_references.c.reference, topup_references.c.member_id).where(
            topup_references.c.reference.in_(sorted(set(references)))
        )
    )
    return {row[0]: row[1] for row in rows}


def member_exists(connection: Connection, member_id: str) -> bool:
    return connection.execute(select(members.c.id).where(members.c.id == member_id)).first() is not None


def insert_topup(connection: Connection, values: dict[str, Any]) -> None:
    """A new top-up waits (held) until a decision queues its mint."""
    connection.execute(insert(topups).values(state="held", attempts=0, **values))


def _joined() -> Select[Any]:
    return select(topups, members.c.account_address).join(members, members.c.id == topups.c.member_id)


def topup_by_id(connection: Connection, topup_id: str) -> Topup | None:
    row = connection.execute(_joined().where(topups.c.id == topup_id)).mappings().first()
    return None if row is None else _topup(row)


def topup_by_mint_ref(connection: Connection, mint_ref: str) -> Topup | None:
    row = connection.execute(_joined().where(topups.c.mint_ref == mint_ref)).mappings().first()
    return None if row is None else _topup(row)


def held(connection: Connection, limit: int) -> Sequence[Topup]:
    """Oldest first."""
    query = _joined().where(topups.c.state == "held").order_by(topups.c.matched_at_unix_ms, topups.c.id)
    rows = connection.execute(query.limit(min(limit, MAX_PAGE_LENGTH)))
    return [_topup(row) for row in rows.mappings()]


def due(connection: Connection, now_unix_ms: int, limit: int) -> Sequence[Topup]:
    """Held ones whose time has come, oldest first."""
    query = (
        _joined()
        .where(topups.c.state == "held", topups.c.retry_at_unix_ms <= now_unix_ms)
        .order_by(topups.c.retry_at_unix_ms, topups.c.id)
        .limit(min(limit, MAX_PAGE_LENGTH))
    )
    return [_topup(row) for row in connection.execute(query).mappings()]


def of_member(connection: Connection, member_id: str, limit: int) -> Sequence[Topup]:
    """Newest first."""
    query = (
        _joined()
        .where(topups.c.member_id == member_id)
        .order_by(topups.c.matched_at_unix_ms.desc(), topups.c.id.desc())
        .limit(min(limit, MAX_PAGE_LENGTH))
    )
    return [_topup(row) for row in connection.execute(query).mappings()]


def receiver(connection: Connection, member_id: str, now_unix_ms: int) -> Receiver | None:
    member = connection.execute(select(members).where(members.c.id == member_id)).mappings().first()
    if member is None:
        return None
    posted = select(balances.c.posted_cents).where(balances.c.account == member["account_address"])
    of_member = select(func.coalesce(func.sum(topups.c.amount_cents), 0)).where(
        topups.c.member_id == member_id
    )
    since_unix_ms = now_unix_ms - ROLLING_DAYS * MS_PER_DAY
    minting = of_member.where(topups.c.state == "minting")
    loaded = of_member.where(
        topups.c.state.in_(("minting", "credited")),
        topups.c.redemption_ref.is_(None),
        topups.c.matched_at_unix_ms > since_unix_ms,
    )
    return Receiver(
        state=member["state"],
        tier=member["tier"],
        frozen_incoming=bool(member["frozen_incoming"]),
        identity_expires_on_day=member["identity_expires_on_day"],
        balance_cents=int(connection.execute(posted).scalar_one_or_none() or 0),
        minting_cents=int(connection.execute(minting).scalar_one()),
        loaded_30_days_cents=int(connection.execute(loaded).scalar_one()),
    )


def mark_minting(connection: Connection, topup_id: str, attempts: int) -> bool:
    """From held only."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state == "held")
        .values(state="minting", attempts=attempts, held_reason=None, retry_at_unix_ms=None)
    )
    return changed.rowcount == 1


def mark_held(connection: Connection, topup_id: str, reason: str, retry_at_unix_ms: int) -> bool:
    """From held (another reason) or minting (the chain refused). True when something changed but the time."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state.in_(("held", "minting")))
        .where((topups.c.state == "minting") | topups.c.held_reason.is_distinct_from(reason))
        .values(state="held", held_reason=reason, retry_at_unix_ms=retry_at_unix_ms)
    )
    if changed.rowcount == 0:
        connection.execute(
            update(topups)
            .where(topups.c.id == topup_id, topups.c.state == "held")
            .values(retry_at_unix_ms=retry_at_unix_ms)
        )
    return changed.rowcount == 1


def mark_credited(connection: Connection, mint_ref: str, at_unix_ms: int, final_block: int) -> bool:
    """From any state but credited: what the chain minted is credited, whatever we thought."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.mint_ref == mint_ref, topups.c.state != "credited")
        .values(
            state="credited",
            credited_at_unix_ms=at_unix_ms,
            final_block=final_block,
            held_reason=None,
            retry_at_unix_ms=None,
        )
    )
    return changed.rowcount == 1


def mark_returned(connection: Connection, topup_id: str) -> bool:
    """From held only: nothing was minted for it."""
    changed = connection.execute(
        update(topups)
        .where(topups.c.id == topup_id, topups.c.state == "held")
        .values(state="returned", retry_at_unix_ms=None)
    )
    return changed.rowcount == 1


def make_all_due(connection: Connection, now_unix_ms: int) -> None:
    """The reserve or a member changed: every held top-up is worth another look at once."""
    connection.execute(
        update(topups)
        .where(topups.c.state == "held", topups.c.retry_at_unix_ms > now_unix_ms)
        .values(retry_at_unix_ms=now_unix_ms)
    )


def rewind(connection: Connection, last_block_kept: int) -> None:
    connection.execute(
        update(topups)
        .where(topups.c.final_block > last_block_kept)
        .values(state="minting", credited_at_unix_ms=None, final_block=None)
    )


def _topup(row: Any) -> Topup:
    return Topup(
        id=row["id"],
        bank_entry_id=row["bank_entry_id"],
        member_id=row["member_id"],
        account_address=row["account_address"],
        amount_cents=row["amount_cents"],
        mint_ref=row["mint_ref"],
        state=row["state"],
        held_reason=row["held_reason"],
        attempts=row["attempts"],
        redemption_ref=row["redemption_ref"],
        matched_at_unix_ms=row["matched_at_unix_ms"],
        credited_at_unix_ms=row["credited_at_unix_ms"],
    )
