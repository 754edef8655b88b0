"""The SQL of contacts, codes and blocks. Takes a Connection, opens no transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select, update

from wallet_service.accounts.repository import REFUSED
from wallet_service.database.tables.members import members
from wallet_service.database.tables.payments import payments
from wallet_service.database.tables.people import contact_blocks, contacts, payee_codes

#: Words of payments.models, which stands above: a test holds them equal.
BETWEEN_PEOPLE, REFUND = "person", "refund"
ACTIVE, CLOSED = "active", "closed"


def kinds_of(connection: Connection, member_ids: Iterable[str]) -> dict[str, str]:
    """Member id -> kind, without closed accounts."""
    query = select(members.c.id, members.c.kind)
    rows = connection.execute(
        query.where(members.c.id.in_(sorted(set(member_ids))), members.c.state != CLOSED)
    )
    return {row.id: row.kind for row in rows}


# codes


def code_of(connection: Connection, member_id: str) -> str | None:
    query = select(payee_codes.c.code).where(payee_codes.c.member_id == member_id)
    return connection.execute(query).scalar_one_or_none()


def put_code(connection: Connection, member_id: str, code: str, now_unix_ms: int) -> None:
    """The member's one code: an older one is nobody's. Raises IntegrityError when two put one at once."""
    connection.execute(delete(payee_codes).where(payee_codes.c.member_id == member_id))
    connection.execute(
        insert(payee_codes).values(member_id=member_id, code=code, made_at_unix_ms=now_unix_ms)
    )


def member_of_code(connection: Connection, code: str) -> str | None:
    query = select(payee_codes.c.member_id).where(payee_codes.c.code == code)
    return connection.execute(query).scalar_one_or_none()


# contacts


def contacts_of(connection: Connection, owner_id: str) -> Sequence[Row[Any]]:
    query = select(contacts).where(contacts.c.owner_member_id == owner_id)
    return connection.execute(query.order_by(contacts.c.created_at_unix_ms)).all()


def contact(connection: Connection, owner_id: str, contact_id: str) -> Row[Any] | None:
    query = select(contacts).where(contacts.c.owner_member_id == owner_id, contacts.c.id == contact_id)
    return connection.execute(query).one_or_none()


def contact_with(connection: Connection, owner_id: str, member_id: str) -> Row[Any] | None:
    query = select(contacts).where(contacts.c.owner_member_id == owner_id, contacts.c.member_id == member_id)
    return connection.execute(query).one_or_none()


def insert_contact(connection: Connection, **values: Any) -> None:
    """Raises IntegrityError for one that is there already."""
    connection.execute(insert(contacts).values(**values))


def set_favourite(connection: Connection, owner_id: str, contact_id: str, *, is_favourite: bool) -> bool:
    ours = (contacts.c.owner_member_id == owner_id, contacts.c.id == contact_id)
    return connection.execute(update(contacts).where(*ours).values(is_favourite=is_favourite)).rowcount == 1


def remove_contact(connection: Connection, owner_id: str, contact_id: str) -> bool:
    ours = (contacts.c.owner_member_id == owner_id, contacts.c.id == contact_id)
    return connection.execute(delete(contacts).where(*ours)).rowcount == 1


def knows(connection: Connection, owner_id: str, member_id: str) -> bool:
    """Whether the other is a contact, or somebody the owner has paid as a person."""
    is_contact = exists().where(contacts.c.owner_member_id == owner_id, contacts.c.member_id == member_id)
    has_paid = exists().where(
        payments.c.payer_member_id == owner_id,
        payments.c.payee_member_id == member_id,
        payments.c.purpose == BETWEEN_PEOPLE,
        payments.c.state != REFUSED,
    )
    return bool(connection.execute(select(or_(is_contact, has_paid))).scalar_one())


# people of movements


def newest_payments(connection: Connection, member_id: str, limit: int) -> list[tuple[str, str, int]]:
    """(the other's member id, ref, accepted at) of payments made and person to person received."""
    made = (
        select(payments.c.payee_member_id, payments.c.ref, payments.c.accepted_at_unix_ms)
        .where(payments.c.payer_member_id == member_id, payments.c.purpose != REFUND)
        .where(payments.c.state != REFUSED)
        .order_by(payments.c.accepted_at_unix_ms.desc())
        .limit(limit)
    )
    received = (
        select(payments.c.payer_member_id, payments.c.ref, payments.c.accepted_at_unix_ms)
        .where(payments.c.payee_member_id == member_id, payments.c.purpose == BETWEEN_PEOPLE)
        .where(payments.c.state != REFUSED)
        .order_by(payments.c.accepted_at_unix_ms.desc())
        .limit(limit)
    )
    found = [(row[0], row[1], int(row[2])) for query in (made, received) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one[2], one[1]), reverse=True)


def other_of_movement(connection: Connection, member_id: str, ref: str) -> str | None:
    """Who stood at the other end of a payment of the member's. One refused is none of its payee's."""
    query = select(payments.c.payer_member_id, payments.c.payee_member_id, payments.c.state)
    row = connection.execute(query.where(payments.c.ref == ref)).one_or_none()
    if row is None:
        return None
    if row.payer_member_id == member_id:
        return str(row.payee_member_id)
    is_theirs = row.payee_member_id == member_id and row.state != REFUSED
    return str(row.payer_member_id) if is_theirs else None


# blocks


def blocks_of(connection: Connection, owner_id: str) -> Sequence[Row[Any]]:
    query = select(contact_blocks).where(contact_blocks.c.owner_member_id == owner_id)
    return connection.execute(query.order_by(contact_blocks.c.created_at_unix_ms.desc())).all()


def has_blocked(connection: Connection, owner_id: str, member_id: str) -> bool:
    found = exists().where(
        contact_blocks.c.owner_member_id == owner_id, contact_blocks.c.member_id == member_id
    )
    return bool(connection.execute(select(found)).scalar_one())


def insert_block(connection: Connection, **values: Any) -> None:
    """Raises IntegrityError for one that is there already."""
    connection.execute(insert(contact_blocks).values(**values))


def remove_block(connection: Connection, owner_id: str, block_id: str) -> bool:
    ours = (contact_blocks.c.owner_member_id == owner_id, contact_blocks.c.id == block_id)
    return connection.execute(delete(contact_blocks).where(*ours)).rowcount == 1


def count_contacts(connection: Connection, owner_id: str) -> int:
    query = select(func.count()).where(contacts.c.owner_member_id == owner_id)
    return int(connection.execute(query).scalar_one())


def forget(connection: Connection, member_id: str) -> int:
    """Whom the member knew, who knew the member, and their code; how many rows."""
    count = connection.execute(delete(payee_codes).where(payee_codes.c.member_id == member_id)).rowcount
    for table in (contacts, contact_blocks):
        either = or_(table.c.owner_member_id == member_id, table.c.member_id == member_id)
        count += connection.execute(delete(table).where(either)).rowcount
    return count
