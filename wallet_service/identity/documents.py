"""Makes an uploaded identity document safe to keep and show: type by content, size, pixels, no metadata.

Pure: bytes in, bytes out. Pictures are decoded and encoded again, so what is kept holds the picture and
nothing else.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from wallet_service.identity.errors import DocumentTooLarge, DocumentTooManyPixels, DocumentTypeRefused

MEGABYTE_BYTES = 1024 * 1024
MAX_DOCUMENT_MEGABYTES = 8
MAX_DOCUMENT_BYTES = MAX_DOCUMENT_MEGABYTES * MEGABYTE_BYTES
MAX_MEGAPIXELS = 40
MAX_PIXELS = MAX_MEGAPIXELS * 1_000_000
#: Larger pictures are reduced: enough to read a card, and what is kept stays small.
MAX_KEPT_SIDE_PIXELS = 3_000
JPEG_QUALITY = 88
PDF_TRAILER_WINDOW_BYTES = 1024

#: Anything a PDF reader would run, open or hide. A scanner's PDF has none of it.
_ACTIVE_PDF = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|OpenAction|AA|RichMedia|XFA|Encrypt|SubmitForm)\b"
)


@dataclass(frozen=True)
class CleanDocument:
    """`media_type` is what the content is, whatever the sender said."""

    media_type: str
    content: bytes


def clean_document(content: bytes) -> CleanDocument:
    """Raises DocumentTooLarge, DocumentTypeRefused, DocumentTooManyPixels."""
    if len(content) > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(limit_megabytes=MAX_DOCUMENT_MEGABYTES)
    if content.startswith(b"\xff\xd8\xff"):
        return CleanDocument("image/jpeg", _clean_picture(content, "JPEG"))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return CleanDocument("image/png", _clean_picture(content, "PNG"))
    if content.startswith(b"%PDF-"):
        return CleanDocument("application/pdf", _checked_pdf(content))
    raise DocumentTypeRefused


def _clean_picture(content: bytes, kind: str) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound follows
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise DocumentTooManyPixels(limit_megapixels=MAX_MEGAPIXELS)
                return _encode_again(picture, kind)
    except Image.DecompressionBombError as error:
        raise DocumentTooManyPixels(limit_megapixels=MAX_MEGAPIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError) as error:
        raise DocumentTypeRefused from error


def _encode_again(picture: Image.Image, kind: str) -> bytes:
    """Turned upright first, because the orientation is metadata and metadata goes."""
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((MAX_KEPT_SIDE_PIXELS, MAX_KEPT_SIDE_PIXELS))
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    kept = io.BytesIO()
    if kind == "JPEG":
        bare.save(kept, "JPEG", quality=JPEG_QUALITY)
    else:
        bare.save(kept, "PNG")
    return kept.getvalue()


def _checked_pdf(content: bytes) -> bytes:
    """A PDF cannot be re-encoded here: it must look whole and passive, and is only ever offered as a
    download.
    """
    if b"%%EOF" not in content[-PDF_TRAILER_WINDOW_BYTES:] or _ACTIVE_PDF.search(content):
        raise DocumentTypeRefused
    return content
