"""SQL of the published days and of the flows they are made from. Never writes the copy of the chain."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import Connection, and_, func, insert, or_, select

from wallet_service.database.tables.chain import blocks, postings
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments
from wallet_service.database.tables.supervision import published_days
from wallet_service.open_data.models import Flow, PublishedDay, Received
from wallet_service.protocol.kinds import PROFESSIONAL_KINDS

#: Two years of the region and its départements.
MAX_ROWS = 6_000


def last_block_unix_s(connection: Connection) -> int | None:
    """When the last block we have was made: what came before it is whole."""
    query = select(blocks.c.timestamp_unix_s).order_by(blocks.c.number.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def first_block_since(connection: Connection, unix_s: int) -> int | None:
    """The first block made at that moment or later; None when there is none yet.

    Blocks are numbered in the order of their time, which has no index: found by halving.
    """
    lowest, highest = connection.execute(select(func.min(blocks.c.number), func.max(blocks.c.number))).one()
    if lowest is None:
        return None
    found = None
    while lowest <= highest:
        middle = (lowest + highest) // 2
        query = select(blocks.c.number, blocks.c.timestamp_unix_s).where(blocks.c.number >= middle)
        number, made_at_unix_s = connection.execute(query.order_by(blocks.c.number).limit(1)).one()
        if made_at_unix_s >= unix_s:
            found, highest = number, middle - 1
        else:
            lowest = number + 1
    return found


def flows_by_area(connection: Connection, from_block: int, before_block: int) -> dict[str, Flow]:
    """Département -> the payments to its professionals in those blocks; refunds and gifts left out."""
    paid, given = postings.alias("paid"), postings.alias("given")
    area = func.substr(members.c.commune_code, 1, 2)
    both = (
        paid.join(members, members.c.account_address == paid.c.account)
        .join(
            given,
            and_(
                given.c.block_number == paid.c.block_number,
                given.c.log_index == paid.c.log_index,
                given.c.leg != paid.c.leg,
            ),
        )
        .outerjoin(payments, payments.c.ref == paid.c.ref)
    )
    is_trade = and_(
        paid.c.block_number >= from_block,
        paid.c.block_number < before_block,
        paid.c.kind == "payment",
        paid.c.amount_cents > 0,
        members.c.kind.in_(PROFESSIONAL_KINDS),
        or_(payments.c.purpose.is_(None), payments.c.purpose != "refund"),
    )
    received: dict[str, dict[str, Received]] = defaultdict(dict)
    sums = (
        select(area, paid.c.account, func.count(), func.sum(paid.c.amount_cents))
        .select_from(both)
        .where(is_trade)
        .group_by(area, paid.c.account)
    )
    for code, account, count, cents in connection.execute(sums):
        received[code or ""][account] = Received(int(count), int(cents))
    payers: dict[str, set[str]] = defaultdict(set)
    who = select(given.c.account, area).select_from(both).where(is_trade).distinct()
    for account, code in connection.execute(who):
        payers[code or ""].add(account)
    return {code: Flow(frozenset(payers[code]), found) for code, found in received.items()}


def enrolled_before(connection: Connection, unix_s: int) -> tuple[int, int]:
    """(members, professionals among them) who were enrolled before that moment and are active now."""
    query = (
        select(members.c.kind, func.count())
        .where(members.c.state == "active", members.c.enrolled_at_unix_ms < unix_s * 1000)
        .group_by(members.c.kind)
    )
    counts = {kind: int(count) for kind, count in connection.execute(query)}
    professionals = sum(count for kind, count in counts.items() if kind in PROFESSIONAL_KINDS)
    return sum(counts.values()), professionals


def first_posting_unix_s(connection: Connection) -> int | None:
    query = select(postings.c.block_timestamp_unix_s).order_by(postings.c.block_number).limit(1)
    return connection.execute(query).scalar_one_or_none()


def last_published(connection: Connection) -> date | None:
    found = connection.execute(select(func.max(published_days.c.day))).scalar_one()
    return date.fromisoformat(found) if found else None


def publish(connection: Connection, rows: list[PublishedDay], now_unix_ms: int) -> None:
    """Raises IntegrityError when that day is published already."""
    connection.execute(
        insert(published_days),
        [
            {
                "day": row.day.isoformat(),
                "area": row.area,
                "supply_cents": row.supply_cents,
                "reserve_cents": row.reserve_cents,
                "members_count": row.members_count,
                "professionals_count": row.professionals_count,
                "payers_count": row.payers_count,
                "payees_count": row.payees_count,
                "payments_count": row.payments_count,
                "volume_cents": row.volume_cents,
                "published_at_unix_ms": now_unix_ms,
            }
            for row in rows
        ],
    )


def published(
    connection: Connection, since: date | None = None, area: str | None = None
) -> list[PublishedDay]:
    """By day, then area; all of them, or those from a day on, or of one area."""
    columns = [column for column in published_days.c if column.name not in ("day", "published_at_unix_ms")]
    query = select(published_days.c.day, *columns).order_by(
        published_days.c.day.desc(), published_days.c.area
    )
    if since is not None:
        query = query.where(published_days.c.day >= since.isoformat())
    if area is not None:
        query = query.where(published_days.c.area == area)
    rows = connection.execute(query.limit(MAX_ROWS)).mappings().all()
    days = [PublishedDay(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows]
    return sorted(days, key=lambda row: (row.day, row.area))
