"""Whether the journal's entries still follow from each other, and whether its end is still there.

Reads a bounded slice at each look, from the first entry to the last and then again. Remembers the last entry
it saw: an end that is cut between two looks is noticed at the next, whatever was anchored.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from wallet_service.audit import metrics, repository
from wallet_service.audit.models import AnchoredHead, Code, Finding
from wallet_service.platform.journal import GENESIS_HASH, Journal

ENTRIES_A_LOOK = 1_000


@dataclass(frozen=True, slots=True)
class JournalLook:
    """`has_passed`: the last entry was reached, and nothing before it is broken."""

    findings: tuple[Finding, ...]
    has_passed: bool


class JournalWatch:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._read_to = AnchoredHead(0, GENESIS_HASH)
        self._head: AnchoredHead | None = None

    def look(self, connection: Connection) -> JournalLook:
        found = [*self._cut(connection)]
        slice_ = self._journal.verify_some(
            connection, self._read_to.entry_id, self._read_to.entry_hash, ENTRIES_A_LOOK
        )
        self._read_to = AnchoredHead(slice_.last_id, slice_.last_hash)
        if slice_.broken_at is not None:
            found.append(
                Finding(Code.JOURNAL_BROKEN, str(slice_.broken_at), detail=f"entry {slice_.broken_at}")
            )
        if slice_.broken_at is not None or slice_.is_end:
            self._read_to = AnchoredHead(0, GENESIS_HASH)
        has_passed = slice_.is_end and slice_.broken_at is None
        if has_passed:
            metrics.passes.labels("journal").inc()
        return JournalLook(tuple(found), has_passed)

    def _cut(self, connection: Connection) -> list[Finding]:
        """The last entry seen before must still be there; then remember today's last."""
        before, self._head = self._head, journal_head(self._journal, connection)
        if before is None:
            return []
        return disappeared(connection, {before: f"seen {before.entry_id}"})


def journal_head(journal: Journal, connection: Connection) -> AnchoredHead | None:
    last = journal.head(connection)
    return None if last is None else AnchoredHead(*last)


def disappeared(connection: Connection, heads: dict[AnchoredHead, str]) -> list[Finding]:
    """Of these heads, by what to call each, the entries that are gone or another."""
    hashes = repository.journal_hashes(connection, (head.entry_id for head in heads))
    return [
        Finding(
            Code.JOURNAL_CUT,
            subject,
            detail=f"entry {head.entry_id} {'is another' if head.entry_id in hashes else 'is gone'}",
        )
        for head, subject in heads.items()
        if hashes.get(head.entry_id) != head.entry_hash
    ]
