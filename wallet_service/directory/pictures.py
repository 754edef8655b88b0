"""Which pictures a card takes, and how one becomes what everybody may load.

Type by content and size are judged here, at no cost. Decoding what a stranger sent happens in the sandbox of
the identity documents (`identity.documents`), by the same drawing; decodes nothing itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wallet_service.directory.errors import PictureRefused
from wallet_service.identity.documents import JPEG, MAX_DOCUMENT_BYTES, PDF, media_type_of
from wallet_service.identity.errors import DocumentTooHeavy, DocumentTooManyPixels, DocumentTypeRefused
from wallet_service.platform.sandbox.pool import Sandbox, Task

MEDIA_TYPE = JPEG
#: As drawn: wide enough for a telephone's column, three to four.
WIDTH_PIXELS, HEIGHT_PIXELS = 800, 600
MAX_UPLOAD_BYTES = MAX_DOCUMENT_BYTES
#: A picture of that size and quality has 60 to 120 kB; noise may take thrice as much.
MAX_KEPT_BYTES = 400 * 1024

FRAME = Task(
    "wallet_service.directory.redrawing:framed",
    (DocumentTypeRefused, DocumentTooManyPixels),
    DocumentTooHeavy,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """`digest`: SHA-256 of the content, which is what its address says."""

    digest: str
    content: bytes


class PictureFramer:
    """Has pictures drawn again, one at a time, in a process that holds nobody else's."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def __call__(self, member_id: str, content: bytes) -> Picture:
        """The picture as it will be shown.

        Raises PictureRefused, DocumentTooLarge, DocumentTooManyPixels, DocumentTooHeavy, WorkBusy,
        WorkOneAtATime.
        """
        check_upload(content)
        try:
            drawn = self._sandbox.run(member_id, FRAME, content)
        except DocumentTypeRefused as error:
            raise PictureRefused from error
        if media_type_of(drawn) != MEDIA_TYPE or len(drawn) > MAX_KEPT_BYTES:
            raise PictureRefused  # whatever the runner was made to say
        return Picture(hashlib.sha256(drawn).hexdigest(), drawn)


def check_upload(content: bytes) -> None:
    """Raises DocumentTooLarge, PictureRefused."""
    try:
        media_type = media_type_of(content)
    except DocumentTypeRefused as error:
        raise PictureRefused from error
    if media_type == PDF:
        raise PictureRefused
