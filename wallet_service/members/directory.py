"""How members are called on other people's screens. Reads sealed identities; never stores, pushes or logs
a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine, select

from wallet_service.database.tables.members import members
from wallet_service.identity.sealing import PersonErased, Sealer
from wallet_service.members.decisions import Kind, PersonIdentity, Tier
from wallet_service.members.service import identity_place

IDENTIFIED_TIERS = frozenset({Tier.DECLARED.value, Tier.VERIFIED.value})


class Directory:
    """Trade names of professionals; first name and initial of identified people; nothing of visitors."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def short_names(self, connection: Connection, member_ids: Iterable[str]) -> Mapping[str, str]:
        """Member id -> ``Fournil des Deux Rives`` or ``Camille R.``; visitors and erased people are left
        out.
        """
        wanted = sorted(set(member_ids))
        if not wanted:
            return {}
        columns = (
            members.c.id,
            members.c.kind,
            members.c.tier,
            members.c.public_name,
            members.c.sealed_identity,
        )
        names: dict[str, str] = {}
        for row in connection.execute(select(*columns).where(members.c.id.in_(wanted))):
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

    def _identity(self, connection: Connection, member_id: str, sealed: bytes) -> PersonIdentity | None:
        try:
            opened = self._sealer.unseal_for_member(connection, member_id, identity_place(member_id), sealed)
        except PersonErased:
            return None
        return PersonIdentity.from_bytes(opened)
