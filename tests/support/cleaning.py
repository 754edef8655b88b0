"""Documents drawn again in the test's own process: the sandbox's function without the sandbox."""

from __future__ import annotations

import hashlib

from wallet_service.directory.pictures import Picture, check_upload
from wallet_service.directory.redrawing import framed
from wallet_service.identity.documents import CleanDocument, media_type_of
from wallet_service.identity.redrawing import redrawn


def clean_here(member_id: str, content: bytes) -> CleanDocument:
    """What `DocumentCleaner` does, for tests of what comes before and after."""
    return CleanDocument(media_type_of(content), redrawn(content))


def frame_here(member_id: str, content: bytes) -> Picture:
    """What `PictureFramer` does, likewise."""
    check_upload(content)
    drawn = framed(content)
    return Picture(hashlib.sha256(drawn).hexdigest(), drawn)
