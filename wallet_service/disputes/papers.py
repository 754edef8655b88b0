"""What payer and payee show for their side: sealed under the key of who shows it, read by officers alone.

Each reading is in the journal; the papers are deleted some time after the dispute is over. Owns
`dispute_documents`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, Engine

from wallet_service.database.tables.disputes import dispute_documents
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.disputes import decisions, errors, repository
from wallet_service.disputes.holding.book import HoldBook
from wallet_service.disputes.models import Dispute, DisputeRole
from wallet_service.identity.documents import CleanDocument, media_type_of, with_pages
from wallet_service.identity.errors import DocumentUnknown
from wallet_service.identity.models import DocumentSummary
from wallet_service.platform.journal import Actor
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.sealing import SealedField, Sealer

#: Of each side.
MAX_DOCUMENTS = 4
#: A decision may be asked about for so long after it; then nobody needs the papers any more.
KEPT_AFTER_END_MS = 90 * 86_400_000
FORGET_AT_MOST = 200


class DisputePapers:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        sealer: Sealer,
        book: HoldBook,
        clean: Callable[[str, bytes], CleanDocument],
    ) -> None:
        """`clean` makes a member's document safe to keep; it is called with no transaction open."""
        self._engine = engine
        self._clock = clock
        self._sealer = sealer
        self._book = book
        self._clean = clean

    def show(self, member_id: str, dispute_id: str, content: bytes) -> None:
        """Keeps one document of payer or payee, while an officer is to decide.

        Raises what `clean` raises, DisputeUnknown, DisputeClosed, TooManyPapers.
        """
        media_type_of(content)
        with reading(self._engine) as connection:
            self._with_room(connection, member_id, dispute_id)
        cleaned = self._clean(member_id, content)
        with UnitOfWork(self._engine) as work:
            dispute = self._with_room(work.connection, member_id, dispute_id, locked=True)
            document_id = new_id()
            sealed = self._sealer.seal_for_member(
                work.connection, member_id, _field(document_id), cleaned.content
            )
            repository.insert_document(
                work.connection,
                {
                    "id": document_id,
                    "dispute_id": dispute_id,
                    "member_id": member_id,
                    "media_type": cleaned.media_type,
                    "size_bytes": len(cleaned.content),
                    "sealed_content": sealed,
                    "uploaded_at_unix_ms": self._clock.now_unix_ms(),
                },
            )
            self._book.record(work, Actor("member", member_id), "dispute.paper_shown", dispute_id)
            self._book.settle(work, dispute.id)

    def _with_room(
        self, connection: Connection, member_id: str, dispute_id: str, *, locked: bool = False
    ) -> Dispute:
        dispute = repository.dispute(connection, dispute_id, locked=locked)
        if dispute is None or member_id not in (dispute.payer_member_id, dispute.payee_member_id):
            raise errors.DisputeUnknown
        if dispute.state not in decisions.HOLDING:
            raise errors.DisputeClosed
        mine = [row for row in repository.documents_of(connection, dispute_id) if row.member_id == member_id]
        if len(mine) >= MAX_DOCUMENTS:
            raise errors.TooManyPapers(limit=MAX_DOCUMENTS)
        return dispute

    # the officer

    def shown(self, dispute: Dispute) -> list[tuple[DisputeRole, DocumentSummary]]:
        """Whose and which, in the order they came; nothing personal, hence not journaled."""
        with reading(self._engine) as connection:
            rows = repository.documents_of(connection, dispute.id)
            return [
                (
                    decisions.role_of(dispute, row.member_id),
                    with_pages(
                        DocumentSummary(row.id, row.media_type, row.size_bytes, row.uploaded_at_unix_ms),
                        partial(self._opened, connection, dispute.id, row.id),
                    ),
                )
                for row in rows
            ]

    def open_document(self, dispute_id: str, document_id: str, officer_id: str) -> CleanDocument:
        """One document's content; journaled. Raises DocumentUnknown, PersonErased."""
        with UnitOfWork(self._engine) as work:
            opened = self._opened(work.connection, dispute_id, document_id)
            self._book.record(work, Actor("officer", officer_id), "dispute.paper_read", dispute_id)
            return opened

    def _opened(self, connection: Connection, dispute_id: str, document_id: str) -> CleanDocument:
        row = repository.document(connection, dispute_id, document_id)
        if row is None:
            raise DocumentUnknown
        content = self._sealer.unseal_for_member(
            connection, row.member_id, _field(document_id), row.sealed_content
        )
        return CleanDocument(row.media_type, content)

    # a worker's round

    def forget_old(self) -> int:
        """Of disputes that are over for long enough; how many documents."""
        before_unix_ms = self._clock.now_unix_ms() - KEPT_AFTER_END_MS
        with UnitOfWork(self._engine) as work:
            return repository.forget_documents(work.connection, before_unix_ms, FORGET_AT_MOST)


def _field(document_id: str) -> SealedField:
    return SealedField(dispute_documents.name, "sealed_content", document_id)
