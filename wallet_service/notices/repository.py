"""The SQL of notices. Takes a Connection, opens no transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from wallet_service.database.tables.identity import officers
from wallet_service.database.tables.push import (
    notice_choices,
    notice_endpoints,
    notice_mails,
    notices,
    push_events,
)
from wallet_service.notices.models import SENT_ANYWAY, DueNotice, NoticeKind, Recipient, Told, Ways

MAX_EVENTS = 500
MAX_DUE = 200
FORGET_AT_MOST = 2_000


def add(
    connection: Connection,
    recipient: Recipient,
    kind: NoticeKind,
    now_unix_ms: int,
    event_id: int | None = None,
) -> None:
    connection.execute(insert(notices), [_row(recipient, kind, now_unix_ms, event_id)])


def add_all(
    connection: Connection, told: Iterable[tuple[Recipient, NoticeKind, int]], now_unix_ms: int
) -> None:
    """(who, of what, of which event) each, in one statement."""
    rows = [_row(recipient, kind, now_unix_ms, event_id) for recipient, kind, event_id in told]
    if rows:
        connection.execute(insert(notices), rows)


def _row(recipient: Recipient, kind: NoticeKind, now_unix_ms: int, event_id: int | None) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "recipient_kind": recipient.kind,
        "recipient_id": recipient.id,
        "kind": kind.value,
        "created_at_unix_ms": now_unix_ms,
        "due_at_unix_ms": now_unix_ms,
        "attempts": 0,
    }


# what happened


def last_event(connection: Connection) -> int:
    """Of the events that are there now."""
    return int(connection.execute(select(func.coalesce(func.max(push_events.c.id), 0))).scalar_one())


def last_told_event(connection: Connection) -> int | None:
    found: int | None = connection.execute(select(func.max(notices.c.event_id))).scalar_one()
    return found


def events_after(connection: Connection, event_id: int, kinds: Sequence[str]) -> Sequence[Row[Any]]:
    """In order; the data as text, for one that cannot be read must spoil no other."""
    columns = (push_events.c.id, push_events.c.topic, push_events.c.kind)
    query = select(*columns, cast(push_events.c.data, Text).label("data"))
    query = query.where(push_events.c.id > event_id, push_events.c.kind.in_(kinds))
    return connection.execute(query.order_by(push_events.c.id).limit(MAX_EVENTS)).all()


def told_events(connection: Connection, event_ids: Iterable[int]) -> set[int]:
    """Those of them that are notices already."""
    query = select(notices.c.event_id).where(notices.c.event_id.in_(list(event_ids)))
    return set(connection.execute(query).scalars())


def officers_to_tell(connection: Connection) -> dict[str, frozenset[str]]:
    """Id -> rights of those who work here and can be told: by a browser, or at an address of their own."""
    by_push = select(notice_endpoints.c.recipient_id).where(notice_endpoints.c.recipient_kind == "officer")
    by_mail = select(notice_mails.c.recipient_id).where(
        notice_mails.c.recipient_kind == "officer", notice_mails.c.confirmed_at_unix_ms.is_not(None)
    )
    reached = or_(officers.c.id.in_(by_push), officers.c.id.in_(by_mail))
    rows = connection.execute(select(officers.c.id, officers.c.rights).where(_works_here(), reached)).all()
    return {row.id: frozenset(row.rights.split()) for row in rows}


def is_told(connection: Connection, recipient: Recipient) -> bool:
    """An officer who was let go is told nothing more."""
    if recipient.kind == "member":
        return True
    query = select(officers.c.id).where(officers.c.id == recipient.id, _works_here())
    return connection.execute(query).first() is not None


def forget_former_officers(connection: Connection) -> int:
    """Where they were told goes with them."""
    former = select(officers.c.id).where(~_works_here())
    forgotten = 0
    for table in (notice_endpoints, notice_mails):
        theirs = and_(table.c.recipient_kind == "officer", table.c.recipient_id.in_(former))
        forgotten += connection.execute(delete(table).where(theirs)).rowcount
    return forgotten


def _works_here() -> ColumnElement[bool]:
    return officers.c.state == "active"


# what is still to be sent


def due(connection: Connection, now_unix_ms: int) -> list[DueNotice]:
    query = select(notices).where(notices.c.due_at_unix_ms <= now_unix_ms)
    rows = connection.execute(query.order_by(notices.c.due_at_unix_ms, notices.c.id).limit(MAX_DUE)).all()
    return [
        DueNotice(
            row.id,
            Recipient(row.recipient_kind, row.recipient_id),
            NoticeKind(row.kind),
            row.attempts,
            row.mailed_at_unix_ms is not None,
        )
        for row in rows
    ]


def put_off(connection: Connection, ids: Iterable[int], attempts: int, due_at_unix_ms: int | None) -> None:
    """`due_at_unix_ms` None: nothing of them is left to send."""
    query = update(notices).where(notices.c.id.in_(list(ids)))
    connection.execute(query.values(attempts=attempts, due_at_unix_ms=due_at_unix_ms))


def mark_mailed(connection: Connection, ids: Iterable[int], now_unix_ms: int) -> None:
    connection.execute(
        update(notices).where(notices.c.id.in_(list(ids))).values(mailed_at_unix_ms=now_unix_ms)
    )


# what its recipient knows


def unseen(connection: Connection, recipient: Recipient) -> list[Told]:
    query = (
        select(
            notices.c.kind, func.count().label("count"), func.max(notices.c.created_at_unix_ms).label("last")
        )
        .where(_of(notices, recipient), notices.c.seen_at_unix_ms.is_(None))
        .group_by(notices.c.kind)
    )
    rows = connection.execute(query).all()
    return [Told(NoticeKind(row.kind), int(row._mapping["count"]), int(row.last)) for row in rows]


def mark_seen(connection: Connection, recipient: Recipient, until_unix_ms: int, now_unix_ms: int) -> int:
    """What was there until then; it is not sent any more either, but for what is told by every way."""
    query = update(notices).where(
        _of(notices, recipient),
        notices.c.seen_at_unix_ms.is_(None),
        notices.c.created_at_unix_ms <= until_unix_ms,
    )
    is_sent_anyway = notices.c.kind.in_([kind.value for kind in SENT_ANYWAY])
    due = case((is_sent_anyway, notices.c.due_at_unix_ms), else_=None)
    return connection.execute(query.values(seen_at_unix_ms=now_unix_ms, due_at_unix_ms=due)).rowcount


def forget(connection: Connection, before_unix_ms: int) -> int:
    old = select(notices.c.id).where(notices.c.created_at_unix_ms < before_unix_ms)
    chosen = old.order_by(notices.c.created_at_unix_ms).limit(FORGET_AT_MOST)
    return connection.execute(delete(notices).where(notices.c.id.in_(chosen))).rowcount


# where to


def endpoints_of(connection: Connection, recipient: Recipient) -> Sequence[Row[Any]]:
    query = select(notice_endpoints).where(_of(notice_endpoints, recipient))
    return connection.execute(query.order_by(notice_endpoints.c.created_at_unix_ms)).all()


def insert_endpoint(connection: Connection, recipient: Recipient, **values: Any) -> None:
    names = {"recipient_kind": recipient.kind, "recipient_id": recipient.id}
    connection.execute(insert(notice_endpoints).values(**names, **values))


def remove_endpoint(connection: Connection, mark: str, recipient: Recipient | None = None) -> None:
    """Whosever it is, when no recipient is named: a browser is one person's at a time."""
    query = delete(notice_endpoints).where(notice_endpoints.c.mark == mark)
    connection.execute(query if recipient is None else query.where(_of(notice_endpoints, recipient)))


# what they want


def choices_of(connection: Connection, recipient: Recipient) -> dict[NoticeKind, Ways]:
    rows = connection.execute(select(notice_choices).where(_of(notice_choices, recipient))).all()
    return {NoticeKind(row.kind): Ways(row.by_push, row.by_mail) for row in rows}


def put_choice(connection: Connection, recipient: Recipient, kind: NoticeKind, ways: Ways) -> None:
    """Raises IntegrityError when two put the first one at once."""
    ours = and_(_of(notice_choices, recipient), notice_choices.c.kind == kind.value)
    values = {"by_push": ways.by_push, "by_mail": ways.by_mail}
    if connection.execute(update(notice_choices).where(ours).values(values)).rowcount:
        return
    names = {"recipient_kind": recipient.kind, "recipient_id": recipient.id, "kind": kind.value}
    connection.execute(insert(notice_choices).values(**names, **values))


# mail


def mail_of(connection: Connection, recipient: Recipient, *, locked: bool = False) -> Row[Any] | None:
    query = select(notice_mails).where(_of(notice_mails, recipient))
    return connection.execute(query.with_for_update() if locked else query).one_or_none()


def put_mail(connection: Connection, recipient: Recipient, **values: Any) -> None:
    """Raises IntegrityError when two put the first one at once."""
    ours = _of(notice_mails, recipient)
    if not connection.execute(update(notice_mails).where(ours).values(**values)).rowcount:
        names = {"recipient_kind": recipient.kind, "recipient_id": recipient.id}
        connection.execute(insert(notice_mails).values(**names, **values))


def remove_mail(connection: Connection, recipient: Recipient) -> None:
    connection.execute(delete(notice_mails).where(_of(notice_mails, recipient)))


def _of(table: Any, recipient: Recipient) -> Any:
    return and_(table.c.recipient_kind == recipient.kind, table.c.recipient_id == recipient.id)


def forget_recipient(connection: Connection, recipient: Recipient) -> int:
    """Everything that is kept of them here: what they were told, what they chose, where to; how many rows."""
    tables = (notices, notice_endpoints, notice_choices, notice_mails)
    return sum(connection.execute(delete(table).where(_of(table, recipient))).rowcount for table in tables)
