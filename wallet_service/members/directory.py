"""How members are called on other people's screens, and who is called like somebody.

Reads sealed identities; never stores, pushes or logs a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, or_, select

from wallet_service.database.tables.members import members, person_keys
from wallet_service.members import names
from wallet_service.members.decisions import Kind, MemberState, PersonIdentity, Tier
from wallet_service.members.service import identity_field
from wallet_service.security.sealing import PersonErased, SealBroken, Sealer

IDENTIFIED_TIERS = frozenset({Tier.DECLARED.value, Tier.VERIFIED.value})
#: Identities opened in one look for a name: some tenths of a second.
NAMES_PER_LOOK = 2_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NamedAlike:
    """`next_id`: the look ended there, and goes on after it; None when everybody was looked at."""

    member_ids: frozenset[str]
    next_id: str | None


class Directory:
    """Trade names of professionals; first name and initial of identified people; nothing of visitors."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def short_names(self, connection: Connection, member_ids: Iterable[str]) -> Mapping[str, str]:
        """Member id -> ``Fournil des Deux Rives`` or ``Camille R.``.

        Visitors and erased people are left out; so is a name that does not open, which hides no other.
        """
        requested_ids = sorted(set(member_ids))
        if not requested_ids:
            return {}
        columns = (
            members.c.id,
            members.c.kind,
            members.c.tier,
            members.c.public_name,
            members.c.sealed_identity,
        )
        names: dict[str, str] = {}
        for row in connection.execute(select(*columns).where(members.c.id.in_(requested_ids))):
            if row.public_name:
                names[row.id] = row.public_name
            elif row.kind == Kind.RESIDENT and row.tier in IDENTIFIED_TIERS and row.sealed_identity:
                identity = self._identity(connection, row.id, row.sealed_identity)
                if identity is not None:
                    names[row.id] = identity.short_name()
        return names

    def short_name(self, member_id: str) -> str | None:
        """`short_names` for one member on a connection of its own."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return self.short_names(connection, [member_id]).get(member_id)

    def called_like(
        self, connection: Connection, name: str, after_id: str = "", at_most: int = NAMES_PER_LOOK
    ) -> NamedAlike:
        """Members whose name a bank may have written so, among the next `at_most` after that id.

        By trade names, and by the sealed names of identified people: nobody but the caller learns of them.
        """
        asked = names.words_of(name)
        if not asked:
            return NamedAlike(frozenset(), None)
        columns = (members.c.id, members.c.kind, members.c.public_name, members.c.sealed_identity)
        query = (
            select(*columns, person_keys.c.wrapped_key)
            .join(person_keys, person_keys.c.member_id == members.c.id, isouter=True)
            .where(members.c.id > after_id, members.c.state != MemberState.CLOSED)
            .where(or_(members.c.public_name.is_not(None), members.c.sealed_identity.is_not(None)))
            .order_by(members.c.id)
            .limit(at_most)
        )
        rows = connection.execute(query).all()
        found = frozenset(row.id for row in rows if self._is_called(row, asked))
        return NamedAlike(found, rows[-1].id if len(rows) == at_most else None)

    def _is_called(self, row: Any, asked: frozenset[str]) -> bool:
        if row.public_name and names.may_be_trade_name(row.public_name, asked):
            return True
        if row.kind != Kind.RESIDENT or row.sealed_identity is None:
            return False
        try:
            opened = self._sealer.unseal_for_member_with(
                row.wrapped_key, row.id, identity_field(row.id), row.sealed_identity
            )
        except (PersonErased, SealBroken):
            return False
        identity = PersonIdentity.from_bytes(opened)
        return names.may_be_person(identity.given_name, identity.family_name, asked)

    def _identity(self, connection: Connection, member_id: str, sealed: bytes) -> PersonIdentity | None:
        try:
            opened = self._sealer.unseal_for_member(connection, member_id, identity_field(member_id), sealed)
            return PersonIdentity.from_bytes(opened)
        except PersonErased:
            return None
        except (SealBroken, ValueError, KeyError, TypeError) as error:
            log.error("member.name_unreadable", member_id=member_id, error=type(error).__name__)
            return None
