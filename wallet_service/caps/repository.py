"""The SQL of own caps. Takes a Connection, opens no transaction; `accounts` reads them with the party."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, update

from wallet_service.accounts.models import NO_CAPS, KeptCaps
from wallet_service.database.tables.people import own_caps


def put(connection: Connection, member_id: str, kept: KeptCaps) -> None:
    """Raises IntegrityError when two put the first ones at once."""
    values = {
        **asdict(kept.now),
        **{f"next_{name}": value for name, value in asdict(kept.next or NO_CAPS).items()},
        "next_from_unix_ms": kept.next_from_unix_ms,
    }
    ours = own_caps.c.member_id == member_id
    if not connection.execute(update(own_caps).where(ours).values(**values)).rowcount:
        connection.execute(insert(own_caps).values(member_id=member_id, **values))
