"""SQL of the directory's tables, on a connection that is handed in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, or_, select, update

from wallet_service.database.tables.members import listing_changes, listing_pictures, listings, members
from wallet_service.directory.models import Card, ListingChange, WithheldListing
from wallet_service.protocol.kinds import PROFESSIONAL_KINDS

#: More professionals than any regional currency has; the page and the open data hold them all.
MAX_LISTINGS = 5_000
MAX_CHANGES_SHOWN = 100

_PROFESSIONAL = and_(
    members.c.kind.in_(PROFESSIONAL_KINDS),
    members.c.state == "active",
    members.c.public_name.is_not(None),
)


def _selected() -> Select[Any]:
    columns = (
        members.c.id,
        members.c.kind,
        members.c.public_name,
        members.c.public_description,
        members.c.sector,
        members.c.commune_code,
        listings.c.card,
        listings.c.is_shown,
        listings.c.picture_digest,
        listings.c.changed_at_unix_ms,
        listings.c.withheld_at_unix_ms,
        listings.c.withheld_ground,
    )
    return select(*columns).join(listings, listings.c.member_id == members.c.id, isouter=True)


def shown(connection: Connection) -> list[Row[Any]]:
    """Professionals who are in the directory: active, able to be paid, neither hidden nor withheld."""
    query = (
        _selected()
        .where(_PROFESSIONAL, members.c.frozen_incoming.is_(False))
        .where(or_(listings.c.member_id.is_(None), listings.c.is_shown.is_(True)))
        .where(listings.c.withheld_at_unix_ms.is_(None))
        .order_by(members.c.public_name, members.c.id)
        .limit(MAX_LISTINGS)
    )
    return list(connection.execute(query))


def professional(connection: Connection, member_id: str, *, locked: bool = False) -> Row[Any] | None:
    """One professional with what they wrote. `locked`: nobody else writes their card meanwhile."""
    if locked:
        connection.execute(select(members.c.id).where(members.c.id == member_id).with_for_update())
    return connection.execute(_selected().where(members.c.id == member_id, _PROFESSIONAL)).one_or_none()


def write_listing(connection: Connection, member_id: str, **values: Any) -> None:
    """Updates the member's row, or makes it."""
    written = connection.execute(update(listings).where(listings.c.member_id == member_id).values(**values))
    if written.rowcount == 0:
        connection.execute(insert(listings).values(member_id=member_id, **values))


def write_picture(connection: Connection, member_id: str, **values: Any) -> None:
    remove_picture(connection, member_id)
    connection.execute(insert(listing_pictures).values(member_id=member_id, **values))


def remove_picture(connection: Connection, member_id: str) -> None:
    connection.execute(delete(listing_pictures).where(listing_pictures.c.member_id == member_id))


def picture(connection: Connection, digest: str) -> bytes | None:
    """The content of a picture that a listing of the directory shows now."""
    query = (
        select(listing_pictures.c.content)
        .join(listings, listings.c.member_id == listing_pictures.c.member_id)
        .where(listing_pictures.c.digest == digest, listings.c.picture_digest == digest)
        .where(listings.c.withheld_at_unix_ms.is_(None))
        .limit(1)
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


# What officers have yet to see.


def note_change(connection: Connection, member_id: str, before: Card, after: Card, now_unix_ms: int) -> None:
    """Adds to the change that waits, which keeps what was last seen; or begins one."""
    waiting = connection.execute(
        update(listing_changes)
        .where(listing_changes.c.member_id == member_id, listing_changes.c.seen_at_unix_ms.is_(None))
        .values(
            after=after.to_json(),
            changed_at_unix_ms=now_unix_ms,
            revision=listing_changes.c.revision + 1,
        )
    )
    if waiting.rowcount == 0:
        connection.execute(
            insert(listing_changes).values(
                member_id=member_id,
                before=before.to_json(),
                after=after.to_json(),
                changed_at_unix_ms=now_unix_ms,
            )
        )


def has_waiting(connection: Connection, member_id: str) -> bool:
    query = select(func.count()).where(
        listing_changes.c.member_id == member_id, listing_changes.c.seen_at_unix_ms.is_(None)
    )
    return bool(connection.execute(query).scalar_one())


def waiting_changes(connection: Connection) -> list[ListingChange]:
    """Oldest first, a bounded number."""
    query = (
        select(listing_changes)
        .where(listing_changes.c.seen_at_unix_ms.is_(None))
        .order_by(listing_changes.c.changed_at_unix_ms, listing_changes.c.id)
        .limit(MAX_CHANGES_SHOWN)
    )
    return [
        ListingChange(
            row.id,
            row.revision,
            row.member_id,
            Card.from_json(row.before),
            Card.from_json(row.after),
            row.changed_at_unix_ms,
        )
        for row in connection.execute(query)
    ]


def mark_seen(
    connection: Connection, change_id: int, revision: int, officer_id: str, now_unix_ms: int
) -> bool:
    """False when that state of the change is no longer the one that waits."""
    marked = connection.execute(
        update(listing_changes)
        .where(listing_changes.c.id == change_id, listing_changes.c.revision == revision)
        .where(listing_changes.c.seen_at_unix_ms.is_(None))
        .values(seen_at_unix_ms=now_unix_ms, seen_by=officer_id)
    )
    return marked.rowcount == 1


def member_of_change(connection: Connection, change_id: int) -> str | None:
    query = select(listing_changes.c.member_id).where(listing_changes.c.id == change_id)
    return connection.execute(query).scalar_one_or_none()


def withheld(connection: Connection) -> list[WithheldListing]:
    query = (
        select(
            listings.c.member_id,
            members.c.public_name,
            listings.c.withheld_ground,
            listings.c.withheld_by,
            listings.c.withheld_at_unix_ms,
        )
        .join(members, members.c.id == listings.c.member_id)
        .where(listings.c.withheld_at_unix_ms.is_not(None))
        .order_by(listings.c.withheld_at_unix_ms.desc())
        .limit(MAX_CHANGES_SHOWN)
    )
    return [WithheldListing(*row) for row in connection.execute(query)]


def forget(connection: Connection, member_id: str) -> int:
    """Takes away everything that was shown of a member who left; returns how many rows that were."""
    gone = 0
    for table in (listing_changes, listing_pictures, listings):
        gone += connection.execute(delete(table).where(table.c.member_id == member_id)).rowcount
    return gone
