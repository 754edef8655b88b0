"""What an identity file looks like from outside: its state, its documents, and what an officer opens."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_service.identity.states import FileState
from wallet_service.members.decisions import PersonIdentity


@dataclass(frozen=True)
class FileSummary:
    """A file without anything personal: for queues and for its owner's state."""

    id: str
    member_id: str
    state: FileState
    document_count: int
    created_at_unix_ms: int
    submitted_at_unix_ms: int | None
    decided_at_unix_ms: int | None
    decision_reason: str | None
    #: The officer who copied its papers at the desk; None for what a phone sent.
    copied_by: str | None = None


@dataclass(frozen=True)
class DocumentSummary:
    """`pages`: how many can be shown, 0 where nobody has counted them."""

    id: str
    media_type: str
    size_bytes: int
    uploaded_at_unix_ms: int
    pages: int = 0


@dataclass(frozen=True)
class OpenedFile:
    """A file as an officer sees it. Reading one is journaled."""

    summary: FileSummary
    identity: PersonIdentity | None
    documents: list[DocumentSummary]
    decided_by: str | None
    #: Another account, not closed, is of the same first name, name and birth date.
    has_namesake: bool = False
