"""Documents drawn again in the test's own process: the sandbox's function without the sandbox."""

from __future__ import annotations

from wallet_service.identity.documents import CleanDocument, media_type_of
from wallet_service.identity.redrawing import redrawn


def clean_here(member_id: str, content: bytes) -> CleanDocument:
    """What `DocumentCleaner` does, for tests of what comes before and after."""
    return CleanDocument(media_type_of(content), redrawn(content))
