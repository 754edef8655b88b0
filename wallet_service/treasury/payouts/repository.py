"""The SQL of payout files, their lines, and answers nothing fits. Takes a Connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, RowMapping, and_, func, insert, select, update

from wallet_service.database.tables.bank import payout_files, payout_lines, redemptions, unplaced_answers
from wallet_service.database.tables.members import members
from wallet_service.database.tables.supervision import journal
from wallet_service.platform.quarantine import RowKind, is_free
from wallet_service.treasury.payouts.models import UnplacedAnswer

MAX_PAGE_LENGTH = 500
#: The journal's act: an officer had the names in a prepared file checked.
CHECK_ACT = "payout.check_asked"


def insert_file(connection: Connection, values: dict[str, Any], lines: Sequence[tuple[str, int]]) -> None:
    """A prepared file; `lines`: redemption and cents of each."""
    connection.execute(insert(payout_files).values(state="prepared", **values))
    rows = [
        {"payout_file_id": values["id"], "redemption_ref": ref, "net_cents": net_cents}
        for ref, net_cents in lines
    ]
    connection.execute(insert(payout_lines), rows)


def file_by_id(connection: Connection, payout_file_id: str) -> RowMapping | None:
    found = select(payout_files).where(payout_files.c.id == payout_file_id)
    return connection.execute(found).mappings().first()


def lock_file(connection: Connection, payout_file_id: str) -> str | None:
    """Its state, kept from other transactions until this one ends; None when there is no such file."""
    found = select(payout_files.c.state).where(payout_files.c.id == payout_file_id).with_for_update()
    return connection.execute(found).scalar_one_or_none()


def file_by_message_id(connection: Connection, message_id: str) -> RowMapping | None:
    found = select(payout_files).where(payout_files.c.message_id == message_id)
    return connection.execute(found).mappings().first()


def newest_ids(connection: Connection, limit: int) -> Sequence[str]:
    query = select(payout_files.c.id).order_by(payout_files.c.prepared_at_unix_ms.desc(), payout_files.c.id)
    return connection.execute(query.limit(min(limit, MAX_PAGE_LENGTH))).scalars().all()


def change_file(connection: Connection, payout_file_id: str, before: str, **values: Any) -> bool:
    """False, and nothing changes, when the file is not in the state `before` any more."""
    changed = connection.execute(
        update(payout_files)
        .where(payout_files.c.id == payout_file_id, payout_files.c.state == before)
        .values(**values)
    )
    return changed.rowcount == 1


def _is_to_write() -> ColumnElement[bool]:
    """Approved, not in the outbox yet, and nothing in it waits for a person."""
    columns = payout_files.c
    return and_(
        columns.state == "approved",
        columns.written_at_unix_ms.is_(None),
        is_free(RowKind.PAYOUT_FILE, columns.id),
    )


def to_write(connection: Connection) -> Sequence[str]:
    return connection.execute(select(payout_files.c.id).where(_is_to_write())).scalars().all()


def lock_to_write(connection: Connection, payout_file_id: str) -> Row[Any] | None:
    """One of them, kept from other transactions; None when somebody else has written it."""
    found = select(payout_files).where(payout_files.c.id == payout_file_id, _is_to_write())
    return connection.execute(found.with_for_update()).first()


def unwritten_names(connection: Connection) -> Sequence[str]:
    """The names of approved files that are not in the outbox yet, whatever keeps them from it."""
    query = select(payout_files.c.file_name).where(
        payout_files.c.state == "approved", payout_files.c.written_at_unix_ms.is_(None)
    )
    return connection.execute(query).scalars().all()


def files_named(connection: Connection, names: Iterable[str]) -> Sequence[RowMapping]:
    """Id, name and state of the files of these names."""
    columns = (payout_files.c.id, payout_files.c.file_name, payout_files.c.state)
    found = select(*columns).where(payout_files.c.file_name.in_(list(names)))
    return connection.execute(found).mappings().all()


def checks_asked(connection: Connection, payout_file_id: str) -> Sequence[int]:
    """When officers had the names in this file checked, as the journal says."""
    query = select(journal.c.at_unix_ms).where(
        journal.c.subject_kind == "payout_file",
        journal.c.subject_id == payout_file_id,
        journal.c.act == CHECK_ACT,
    )
    return connection.execute(query).scalars().all()


def forget_words(connection: Connection, payout_file_id: str) -> None:
    """What the bank has said so far of the file and of what is in it; results about names stay."""
    said = {"bank_status": None, "bank_reason": None}
    connection.execute(update(payout_files).where(payout_files.c.id == payout_file_id).values(said))
    lines = update(payout_lines).where(payout_lines.c.payout_file_id == payout_file_id)
    connection.execute(lines.where(payout_lines.c.out_reason.is_(None)).values(said))


def lines_of(connection: Connection, payout_file_id: str) -> Sequence[RowMapping]:
    """Every line it holds or held, with what is needed of its redemption; oldest request first."""
    columns = (
        payout_lines,
        redemptions.c.member_id,
        redemptions.c.state,
        redemptions.c.end_to_end_id,
        members.c.public_name,
    )
    query = (
        select(*columns)
        .join(redemptions, redemptions.c.ref == payout_lines.c.redemption_ref)
        .join(members, members.c.id == redemptions.c.member_id)
        .where(payout_lines.c.payout_file_id == payout_file_id)
        .order_by(redemptions.c.requested_at_unix_ms, redemptions.c.ref)
    )
    return connection.execute(query).mappings().all()


def change_line(connection: Connection, payout_file_id: str, ref: str, **values: Any) -> bool:
    """False when that transfer is in the file no more."""
    changed = connection.execute(
        update(payout_lines)
        .where(payout_lines.c.payout_file_id == payout_file_id, payout_lines.c.redemption_ref == ref)
        .where(payout_lines.c.out_reason.is_(None))
        .values(**values)
    )
    return changed.rowcount == 1


def set_total(connection: Connection, payout_file_id: str) -> int:
    """Counts again what is in the file; how many transfers are left."""
    inside = select(func.count(), func.coalesce(func.sum(payout_lines.c.net_cents), 0)).where(
        payout_lines.c.payout_file_id == payout_file_id, payout_lines.c.out_reason.is_(None)
    )
    count, total_cents = connection.execute(inside).one()
    if count:
        connection.execute(
            update(payout_files)
            .where(payout_files.c.id == payout_file_id)
            .values(total_cents=int(total_cents))
        )
    return int(count)


def insert_unplaced(connection: Connection, values: dict[str, Any]) -> bool:
    """False when the same was said before."""
    names = ("message_id", "named", "status", "reason")
    same = select(unplaced_answers.c.id).where(*(unplaced_answers.c[name] == values[name] for name in names))
    if connection.execute(same).first() is not None:
        return False
    connection.execute(insert(unplaced_answers).values(**values))
    return True


def waiting_unplaced(connection: Connection, limit: int) -> Sequence[UnplacedAnswer]:
    """Oldest first."""
    query = (
        select(unplaced_answers)
        .where(unplaced_answers.c.settled_by.is_(None))
        .order_by(unplaced_answers.c.received_at_unix_ms, unplaced_answers.c.id)
        .limit(min(limit, MAX_PAGE_LENGTH))
    )
    return [
        UnplacedAnswer(
            row["id"],
            row["message_id"],
            row["named"],
            row["status"],
            row["reason"],
            row["received_at_unix_ms"],
        )
        for row in connection.execute(query).mappings()
    ]


def settle_unplaced(connection: Connection, answer_id: str, officer: str) -> bool:
    changed = connection.execute(
        update(unplaced_answers)
        .where(unplaced_answers.c.id == answer_id, unplaced_answers.c.settled_by.is_(None))
        .values(settled_by=officer)
    )
    return changed.rowcount == 1


def last_file_of(connection: Connection, ref: str) -> str | None:
    """The file that transfer is in, or was in last."""
    query = (
        select(payout_lines.c.payout_file_id)
        .join(payout_files, payout_files.c.id == payout_lines.c.payout_file_id)
        .where(payout_lines.c.redemption_ref == ref)
        .order_by(payout_files.c.prepared_at_unix_ms.desc(), payout_files.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def last_match(connection: Connection, member_id: str, payee_hash: str) -> RowMapping | None:
    """The newest line of that member to that account about whose name the bank said something."""
    query = (
        select(payout_lines, redemptions.c.member_id)
        .join(redemptions, redemptions.c.ref == payout_lines.c.redemption_ref)
        .join(payout_files, payout_files.c.id == payout_lines.c.payout_file_id)
        .where(redemptions.c.member_id == member_id, redemptions.c.payee_hash == payee_hash)
        .where(payout_lines.c.payee_match.is_not(None))
        .order_by(payout_files.c.prepared_at_unix_ms.desc(), payout_files.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().first()
