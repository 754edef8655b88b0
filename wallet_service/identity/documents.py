"""Which uploaded documents are taken, and how one becomes safe to keep and show.

Type by content and size are judged here, at no cost. Everything else reads what a stranger wrote, so it
happens in a sandbox (`identity.redrawing`): what is kept is drawn again there and holds the picture and
nothing else. Decodes nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from wallet_service.identity.errors import (
    DocumentTooHeavy,
    DocumentTooLarge,
    DocumentTooManyPages,
    DocumentTooManyPixels,
    DocumentTypeRefused,
)
from wallet_service.identity.models import DocumentSummary
from wallet_service.platform.sandbox.child import Bounds
from wallet_service.platform.sandbox.pool import Sandbox, Task
from wallet_service.security.sealing import PersonErased

MEGABYTE_BYTES = 1024 * 1024
MAX_DOCUMENT_MEGABYTES = 8
MAX_DOCUMENT_BYTES = MAX_DOCUMENT_MEGABYTES * MEGABYTE_BYTES
#: A drawing of what was taken may be longer than what was taken, but not by much.
MAX_KEPT_BYTES = 16 * MEGABYTE_BYTES
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
_BEGINNINGS = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}

#: In the PDFs that redrawing writes, each page is one JPEG.
_STREAM = re.compile(rb"/Length (\d+)\s*>>\s*stream\r?\n")
#: Measured: 320 MB of address space suffice for the largest documents, 16 megapixels or ten noisy pages.
BOUNDS = Bounds(
    memory_bytes=384 * MEGABYTE_BYTES,
    cpu_s=10,
    wall_s=20,
    answer_bytes=MAX_KEPT_BYTES,
    modules=("wallet_service.identity.redrawing",),
)
REDRAW = Task(
    "wallet_service.identity.redrawing:redrawn",
    (DocumentTypeRefused, DocumentTooManyPixels, DocumentTooManyPages),
    DocumentTooHeavy,
)


@dataclass(frozen=True)
class CleanDocument:
    """`media_type` is what the content is, whatever the sender said."""

    media_type: str
    content: bytes


def pages_of(document: CleanDocument) -> list[CleanDocument]:
    """The pages of what `redrawn` has drawn, as pictures; nothing is decoded. A picture is one page."""
    if document.media_type != PDF:
        return [document]
    pages, after = [], 0
    for found in _STREAM.finditer(document.content):
        start, end = found.end(), found.end() + int(found[1])
        if start < after:
            continue  # inside the page before
        after = end
        if document.content.startswith(b"\xff\xd8\xff", start):
            pages.append(CleanDocument(JPEG, document.content[start:end]))
    return pages


def with_pages(one: DocumentSummary, opened: Callable[[], CleanDocument]) -> DocumentSummary:
    """How many pages of it can be shown; only a PDF is opened for that. 0 where its key is destroyed."""
    if one.media_type != PDF:
        return replace(one, pages=1)
    try:
        return replace(one, pages=len(pages_of(opened())))
    except PersonErased:
        return one


def media_type_of(content: bytes) -> str:
    """What the content says it is by its first bytes. Raises DocumentTooLarge, DocumentTypeRefused."""
    if len(content) > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(limit_megabytes=MAX_DOCUMENT_MEGABYTES)
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    raise DocumentTypeRefused


class DocumentCleaner:
    """Has documents drawn again, one at a time, in a process that holds nobody else's."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def __call__(self, member_id: str, content: bytes) -> CleanDocument:
        """Raises what `media_type_of` and `redrawn` raise, DocumentTooHeavy, WorkBusy, WorkOneAtATime."""
        media_type = media_type_of(content)
        drawn = self._sandbox.run(member_id, REDRAW, content)
        if not drawn.startswith(content[:3]):
            raise DocumentTypeRefused  # whatever the runner was made to say, a type keeps its beginning
        return CleanDocument(media_type, drawn)
