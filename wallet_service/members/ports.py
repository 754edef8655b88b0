"""What this subject asks of others: names of people, and the ledger's rules. Protocols only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from sqlalchemy import Connection


class MemberNames(Protocol):
    """How people are called on screens. Personal: never stored, pushed or logged here."""

    def short_names(self, connection: Connection, member_ids: Iterable[str]) -> Mapping[str, str]:
        """Trade name, or first name and initial of an identified person; a visitor is left out."""
        ...
