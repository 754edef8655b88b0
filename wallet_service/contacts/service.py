"""Contacts, recent people, a member's own code, blocks: who is meant, and how they are called.

There is no looking for people by name, number or address: who is not named by something the two share is
unknown, whether or not they are a member. Owns `payee_codes`, `contacts`, `contact_blocks`.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.contacts import decisions, errors, repository
from wallet_service.contacts.models import (
    BlockedPerson,
    Contact,
    ContactBook,
    Known,
    NamedPerson,
    RecentPerson,
)
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members.ports import MemberNames
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.kinds import PROFESSIONAL_KINDS
from wallet_service.protocol.text.identifiers import is_sale_id, new_id, new_sale_id


class Contacts:
    def __init__(self, engine: Engine, clock: Clock, names: MemberNames) -> None:
        self._engine = engine
        self._clock = clock
        self._names = names

    # who is meant

    def found(self, connection: Connection, owner_id: str, person: NamedPerson) -> Known:
        """Raises PersonUnknown, PersonIsYourself. A closed account is nobody's."""
        decisions.check_one_name(person)
        member_id = self._member_id(connection, owner_id, person)
        if member_id == owner_id:
            raise errors.PersonIsYourself
        known = self.seen(connection, [member_id] if member_id is not None else [])
        if member_id not in known:
            raise errors.PersonUnknown
        return known[member_id]

    def seen(self, connection: Connection, member_ids: list[str]) -> dict[str, Known]:
        """Member id -> how others see them; closed accounts are left out."""
        kinds = repository.kinds_of(connection, member_ids)
        names = self._names.short_names(connection, kinds)
        return {
            member_id: Known(member_id, names.get(member_id), kind in PROFESSIONAL_KINDS)
            for member_id, kind in kinds.items()
        }

    def look(self, owner_id: str, person: NamedPerson) -> tuple[Known, Contact | None]:
        """Whom that names, and as which contact. Raises PersonUnknown, PersonIsYourself."""
        with reading(self._engine) as connection:
            known = self.found(connection, owner_id, person)
            row = repository.contact_with(connection, owner_id, known.member_id)
        return known, None if row is None else _contact(row, known)

    def _member_id(self, connection: Connection, owner_id: str, person: NamedPerson) -> str | None:
        if person.code is not None:
            code = person.code.upper()
            return repository.member_of_code(connection, code) if is_sale_id(code) else None
        if person.movement_ref is not None:
            return repository.other_of_movement(connection, owner_id, person.movement_ref)
        row = repository.contact(connection, owner_id, person.contact_id or "")
        return None if row is None else str(row.member_id)

    # one's own code

    def own_code(self, member_id: str) -> str:
        """The member's code, made when it is first asked for."""
        with reading(self._engine) as connection:
            code = repository.code_of(connection, member_id)
        return code or self._made(member_id, only_first=True)

    def new_code(self, member_id: str) -> str:
        """Another code; whoever has the old one finds nobody."""
        return self._made(member_id, only_first=False)

    def _made(self, member_id: str, *, only_first: bool) -> str:
        try:
            with UnitOfWork(self._engine) as work:
                known = repository.code_of(work.connection, member_id) if only_first else None
                if known is not None:
                    return known
                code = new_sale_id()
                repository.put_code(work.connection, member_id, code, self._clock.now_unix_ms())
                return code
        except IntegrityError:  # two phones at once: the other's stands
            return self._made(member_id, only_first=True)

    # the book

    def book(self, owner_id: str) -> ContactBook:
        with reading(self._engine) as connection:
            rows = repository.contacts_of(connection, owner_id)
            blocked = repository.blocks_of(connection, owner_id)
            newest = repository.newest_payments(connection, owner_id, decisions.MAX_PAYMENTS_LOOKED_AT)
            recents = decisions.newest_of_each(
                (member_id, RecentPerson(ref, None, False, at)) for member_id, ref, at in newest
            )
            ids = [row.member_id for row in (*rows, *blocked)] + [member_id for member_id, _ in recents]
            known = self.seen(connection, ids)
        hidden = {row.member_id for row in blocked}
        contact_ids = {row.member_id: row.id for row in rows}
        return ContactBook(
            decisions.in_order(_contact(row, known[row.member_id]) for row in rows if row.member_id in known),
            tuple(
                RecentPerson(
                    one.movement_ref,
                    known[key].name,
                    known[key].is_professional,
                    one.at_unix_ms,
                    contact_ids.get(key),
                )
                for key, one in recents
                if key in known and key not in hidden
            ),
            tuple(
                BlockedPerson(
                    row.id,
                    known[row.member_id].name if row.member_id in known else None,
                    row.created_at_unix_ms,
                )
                for row in blocked
            ),
        )

    def add(self, owner_id: str, person: NamedPerson) -> Contact:
        """Somebody who is there already stays. Raises PersonUnknown, PersonIsYourself, TooManyContacts."""
        try:
            with UnitOfWork(self._engine) as work:
                connection = work.connection
                known = self.found(connection, owner_id, person)
                row = repository.contact_with(connection, owner_id, known.member_id)
                if row is None:
                    decisions.check_room(repository.count_contacts(connection, owner_id))
                    repository.insert_contact(
                        connection,
                        id=new_id(),
                        owner_member_id=owner_id,
                        member_id=known.member_id,
                        created_at_unix_ms=self._clock.now_unix_ms(),
                    )
                    row = repository.contact_with(connection, owner_id, known.member_id)
                assert row is not None
                return _contact(row, known)
        except IntegrityError:  # added twice at once
            return self.add(owner_id, person)

    def set_favourite(self, owner_id: str, contact_id: str, *, is_favourite: bool) -> None:
        """Raises ContactUnknown."""
        with UnitOfWork(self._engine) as work:
            if not repository.set_favourite(work.connection, owner_id, contact_id, is_favourite=is_favourite):
                raise errors.ContactUnknown

    def remove(self, owner_id: str, contact_id: str) -> None:
        """Raises ContactUnknown."""
        with UnitOfWork(self._engine) as work:
            if not repository.remove_contact(work.connection, owner_id, contact_id):
                raise errors.ContactUnknown

    # blocks

    def block(self, connection: Connection, owner_id: str, member_id: str) -> None:
        """Nothing of theirs is shown any more, and they are not told; nor are they a contact."""
        row = repository.contact_with(connection, owner_id, member_id)
        if row is not None:
            repository.remove_contact(connection, owner_id, row.id)
        if not repository.has_blocked(connection, owner_id, member_id):
            repository.insert_block(
                connection,
                id=new_id(),
                owner_member_id=owner_id,
                member_id=member_id,
                created_at_unix_ms=self._clock.now_unix_ms(),
            )

    def unblock(self, owner_id: str, block_id: str) -> None:
        """Raises ContactUnknown."""
        with UnitOfWork(self._engine) as work:
            if not repository.remove_block(work.connection, owner_id, block_id):
                raise errors.ContactUnknown


def _contact(row: object, known: Known) -> Contact:
    return Contact(row.id, known.name, known.is_professional, bool(row.is_favourite))  # type: ignore[attr-defined]
