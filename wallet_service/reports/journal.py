"""The journal as officers read it: pages of entries, an export of many, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import reading
from wallet_service.platform.journal import MAX_PAGE_LENGTH, Filter, Journal, JournalEntry, Verification
from wallet_service.reports.members import subjects_of


class JournalView:
    """Reads only; `platform.journal` owns the entries."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self._engine = engine
        self._journal = journal

    def entries(self, found: Filter, limit: int) -> list[JournalEntry]:
        """The newest entries that `found` lets through, newest first."""
        with reading(self._engine) as connection:
            return self._journal.entries(connection, found, limit)

    def about_member(self, member_id: str, limit: int) -> list[JournalEntry]:
        """What was done about the member, and about what is theirs: file, devices, tills, transfers."""
        with reading(self._engine) as connection:
            subjects = tuple(subjects_of(connection, member_id))
            return self._journal.entries(connection, Filter(subjects=subjects), limit)

    def newest(self, limit: int) -> Iterator[JournalEntry]:
        """At most `limit` entries, newest first, read page by page."""
        before_id: int | None = None
        left = limit
        with reading(self._engine) as connection:
            while left > 0:
                page = self._journal.entries(
                    connection, Filter(before_id=before_id), min(left, MAX_PAGE_LENGTH)
                )
                if not page:
                    return
                yield from page
                before_id, left = page[-1].id, left - len(page)

    def verification(self) -> Verification:
        """Recomputes every hash."""
        with reading(self._engine) as connection:
            return self._journal.verify(connection)
