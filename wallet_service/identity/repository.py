"""The SQL of identity files and their documents. Takes a connection; unseals nothing, decides nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from wallet_service.database.tables.identity import identity_documents, identity_files
from wallet_service.identity import errors
from wallet_service.identity.models import DocumentSummary, FileSummary
from wallet_service.identity.proofs import repository as proofs
from wallet_service.identity.states import FileState


def latest_file(connection: Connection, member_id: str, *, locked: bool = False) -> Row[Any] | None:
    query = (
        select(identity_files)
        .where(identity_files.c.member_id == member_id)
        .order_by(identity_files.c.created_at_unix_ms.desc(), identity_files.c.id.desc())
        .limit(1)
    )
    return connection.execute(query.with_for_update() if locked else query).one_or_none()


def file_by_id(connection: Connection, file_id: str, *, locked: bool = False) -> Row[Any]:
    query = select(identity_files).where(identity_files.c.id == file_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise errors.IdentityFileUnknown
    return row


def insert_file(connection: Connection, file_id: str, member_id: str, at_unix_ms: int) -> None:
    """A draft with nothing in it."""
    connection.execute(
        insert(identity_files).values(
            id=file_id, member_id=member_id, state=FileState.DRAFT.value, created_at_unix_ms=at_unix_ms
        )
    )


def set_file(connection: Connection, file_id: str, **values: Any) -> None:
    connection.execute(update(identity_files).where(identity_files.c.id == file_id).values(**values))


def document_count(connection: Connection, file_id: str) -> int:
    query = select(func.count()).where(identity_documents.c.identity_file_id == file_id)
    return int(connection.execute(query).scalar_one())


def summary_of(connection: Connection, row: Row[Any]) -> FileSummary:
    return FileSummary(
        id=row.id,
        member_id=row.member_id,
        state=FileState(row.state),
        document_count=document_count(connection, row.id),
        created_at_unix_ms=row.created_at_unix_ms,
        submitted_at_unix_ms=row.submitted_at_unix_ms,
        decided_at_unix_ms=row.decided_at_unix_ms,
        decision_reason=row.decision_reason,
        copied_by=row.copied_by,
    )


def documents_of(connection: Connection, file_id: str) -> list[DocumentSummary]:
    """In the order they came, without their sealed content."""
    query = (
        select(identity_documents)
        .where(identity_documents.c.identity_file_id == file_id)
        .order_by(identity_documents.c.uploaded_at_unix_ms)
    )
    return [document_of(row) for row in connection.execute(query)]


def sealed_document(connection: Connection, file_id: str, document_id: str) -> Row[Any]:
    """Its type and sealed content. Raises DocumentUnknown."""
    query = select(identity_documents).where(
        identity_documents.c.id == document_id, identity_documents.c.identity_file_id == file_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise errors.DocumentUnknown
    return row


def next_submitted(connection: Connection, after: Row[Any] | None) -> Row[Any] | None:
    """The file that waits longest of those handed in after that one, else of all others."""
    at, name = identity_files.c.submitted_at_unix_ms, identity_files.c.id
    others = select(identity_files).where(identity_files.c.state == FileState.SUBMITTED.value)
    others = others.order_by(at, name).limit(1)
    if after is None or after.submitted_at_unix_ms is None:
        return connection.execute(others).one_or_none()
    others = others.where(name != after.id)
    same = and_(at == after.submitted_at_unix_ms, name > after.id)
    later = others.where(or_(at > after.submitted_at_unix_ms, same))
    return connection.execute(later).one_or_none() or connection.execute(others).one_or_none()


def remove(connection: Connection, file_id: str, document_id: str) -> bool:
    """One document of that file; whether there was one."""
    query = delete(identity_documents).where(
        identity_documents.c.identity_file_id == file_id, identity_documents.c.id == document_id
    )
    return connection.execute(query).rowcount == 1


def document_of(row: Row[Any]) -> DocumentSummary:
    return DocumentSummary(row.id, row.media_type, row.size_bytes, row.uploaded_at_unix_ms)


def forget(connection: Connection, member_id: str) -> tuple[int, int]:
    """What the member handed in, and what was said of it; (files, documents). Their states stay."""
    proofs.forget_proof(connection, member_id)
    of_member = select(identity_files.c.id).where(identity_files.c.member_id == member_id)
    documents = connection.execute(
        delete(identity_documents).where(identity_documents.c.identity_file_id.in_(of_member))
    )
    files = connection.execute(
        update(identity_files)
        .where(identity_files.c.member_id == member_id)
        .values(sealed_declaration=None, decision_reason=None)
    )
    return files.rowcount, documents.rowcount
