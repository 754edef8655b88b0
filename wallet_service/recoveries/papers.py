"""What a phone without an account shows of its owner: papers for the officer who decides about its request.

Sealed under the account's key, read by officers alone, each reading in the journal, and deleted some days
after the request is over. A token of nothing is answered alike, and nothing is kept of it. Owns
`recovery_documents`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, Engine

from wallet_service.database.tables.recoveries import recovery_documents
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.identity.documents import CleanDocument, media_type_of, with_pages
from wallet_service.identity.errors import DocumentUnknown
from wallet_service.identity.models import DocumentSummary
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import RecoveryChanged, to_console
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.recoveries import repository
from wallet_service.recoveries.errors import RecoveryMoved, RecoveryUnknown
from wallet_service.recoveries.models import RecoveryState
from wallet_service.security.sealing import SealedField, Sealer
from wallet_service.security.tokens import digest

#: Both sides of a card, and each once more. The oldest makes room: nobody is told how many there are.
MAX_DOCUMENTS = 4
#: A decision may be asked about for so long after it; then nobody needs the picture any more.
KEPT_AFTER_END_MS = 30 * 86_400_000
FORGET_AT_MOST = 200


class RecoveryPapers:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        sealer: Sealer,
        journal: Journal,
        clean: Callable[[str, bytes], CleanDocument],
    ) -> None:
        """`clean` makes a stranger's document safe to keep; it is called with no transaction open."""
        self._engine = engine
        self._clock = clock
        self._push = push
        self._sealer = sealer
        self._journal = journal
        self._clean = clean

    # the new phone

    def show(self, token: str, content: bytes) -> None:
        """Keeps one document for the officer, while one is to look.

        Raises what `clean` raises and RecoveryMoved; neither hangs on whether there is such an account.
        """
        media_type_of(content)
        token_digest = digest(token)
        cleaned = self._clean(token_digest, content)
        with UnitOfWork(self._engine) as work:
            found = repository.by_token(work.connection, token_digest)
            if found is None:
                return
            if found.state is not RecoveryState.ASKED:
                raise RecoveryMoved()
            self._keep(work.connection, found.id, found.member_id, cleaned)
            self._push.publish(work, to_console(RecoveryChanged(found.id, str(found.state))))

    def _keep(self, connection: Connection, recovery_id: str, member_id: str, cleaned: CleanDocument) -> None:
        document_id = new_id()
        sealed = self._sealer.seal_for_member(connection, member_id, _field(document_id), cleaned.content)
        repository.insert_document(
            connection,
            id=document_id,
            recovery_id=recovery_id,
            media_type=cleaned.media_type,
            size_bytes=len(cleaned.content),
            sealed_content=sealed,
            uploaded_at_unix_ms=self._clock.now_unix_ms(),
        )
        kept = repository.documents_of(connection, recovery_id)
        repository.delete_documents(connection, [row.id for row in kept[:-MAX_DOCUMENTS]])

    # the officer

    def shown(self, recovery_id: str) -> list[DocumentSummary]:
        """In the order they came; nothing personal, hence not journaled."""
        with reading(self._engine) as connection:
            rows = repository.documents_of(connection, recovery_id)
            return [
                with_pages(
                    DocumentSummary(row.id, row.media_type, row.size_bytes, row.uploaded_at_unix_ms),
                    partial(self._opened, connection, recovery_id, row.id),
                )
                for row in rows
            ]

    def open_document(self, recovery_id: str, document_id: str, officer_id: str) -> CleanDocument:
        """One document's content; journaled. Raises RecoveryUnknown, DocumentUnknown, PersonErased."""
        with UnitOfWork(self._engine) as work:
            opened = self._opened(work.connection, recovery_id, document_id)
            actor, subject = Actor("officer", officer_id), Subject("recovery", recovery_id)
            self._journal.append(work.connection, actor, "recovery.document_read", subject)
            return opened

    def _opened(self, connection: Connection, recovery_id: str, document_id: str) -> CleanDocument:
        recovery = repository.by_id(connection, recovery_id)
        if recovery is None:
            raise RecoveryUnknown()
        row = repository.document(connection, recovery_id, document_id)
        if row is None:
            raise DocumentUnknown
        content = self._sealer.unseal_for_member(
            connection, recovery.member_id, _field(document_id), row.sealed_content
        )
        return CleanDocument(row.media_type, content)

    # a worker's round

    def forget_old(self) -> int:
        """Of requests that are over for long enough; how many documents."""
        before_unix_ms = self._clock.now_unix_ms() - KEPT_AFTER_END_MS
        with UnitOfWork(self._engine) as work:
            old = repository.documents_of_closed(work.connection, before_unix_ms, FORGET_AT_MOST)
            return repository.delete_documents(work.connection, old)


def _field(document_id: str) -> SealedField:
    return SealedField(recovery_documents.name, "sealed_content", document_id)
