"""Draws an uploaded document again: a picture as a picture, each page of a PDF as a picture in a new PDF.

What is kept comes from pixels alone, so nothing else survives: metadata, text behind the picture, scripts,
attachments, forms, whatever their encoding. Runs in a sandbox only (`identity.documents`): decoders of other
people's files fail in their own ways, take memory and time, and may do worse.
"""

from __future__ import annotations

import io
import warnings

import pypdfium2
from PIL import Image, ImageOps

from wallet_service.identity.documents import JPEG, PDF, PNG, media_type_of
from wallet_service.identity.errors import DocumentTooManyPages, DocumentTooManyPixels, DocumentTypeRefused
from wallet_service.protocol.refusal import Refusal

PIXELS_OF_A_MEGAPIXEL = 1_000_000
#: What is decoded. A phone's picture has 12; a JPEG of more is decoded at a half, a quarter or an eighth.
MAX_MEGAPIXELS = 16
#: What a JPEG may hold before that: a phone's largest picture, in one piece, is 50.
MAX_JPEG_MEGAPIXELS = 64
#: Larger pictures are reduced: enough to read a card, and what is kept stays small.
MAX_KEPT_SIDE_PIXELS = 3_000
JPEG_QUALITY = 88
#: An identity document has two sides, a tenancy agreement some pages more.
MAX_PAGES = 10
#: A4 at 200 dots per inch: the small print of a card on a whole page is legible.
PAGE_SIDE_PIXELS = 2_340
DOTS_PER_POINT_MAX = 200 / 72
PAGE_RESOLUTION = 200.0
_DECODERS = {JPEG: "JPEG", PNG: "PNG"}


def redrawn(content: bytes) -> bytes:
    """The same to the eye, of the same type.

    Raises DocumentTypeRefused (not whole, not what it says, a password), DocumentTooManyPixels,
    DocumentTooManyPages.
    """
    media_type = media_type_of(content)
    try:
        return _pdf(content) if media_type == PDF else _picture(content, _DECODERS[media_type])
    except (Refusal, MemoryError):
        raise
    except Exception as error:  # decoders raise nearly anything at what is not theirs
        raise DocumentTypeRefused from error


def _picture(content: bytes, decoder: str) -> bytes:
    """Reduced first, then turned upright: the orientation is metadata, and metadata goes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bounds follow
        try:
            picture: Image.Image = Image.open(io.BytesIO(content), formats=[decoder])
        except Image.DecompressionBombError:
            raise DocumentTooManyPixels(limit_megapixels=MAX_MEGAPIXELS) from None
    with picture:
        if decoder == "JPEG":
            _check_pixels(picture, MAX_JPEG_MEGAPIXELS)
            fraction = _fraction(picture.width, picture.height)
            picture.draft("RGB", (picture.width // fraction or 1, picture.height // fraction or 1))
        _check_pixels(picture, MAX_MEGAPIXELS)
        picture.thumbnail((MAX_KEPT_SIDE_PIXELS, MAX_KEPT_SIDE_PIXELS), reducing_gap=None)
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    kept = io.BytesIO()
    bare.save(kept, decoder, **({"quality": JPEG_QUALITY} if decoder == "JPEG" else {}))
    return kept.getvalue()


def _fraction(width: int, height: int) -> int:
    """A JPEG costs less at a half, a quarter or an eighth: when that is enough, or the whole is too much."""
    for fraction in (1, 2, 4):
        is_within = width * height <= MAX_MEGAPIXELS * PIXELS_OF_A_MEGAPIXEL * fraction**2
        if is_within and max(width, height) < 2 * fraction * MAX_KEPT_SIDE_PIXELS:
            return fraction
    return 8


def _check_pixels(picture: Image.Image, limit_megapixels: int) -> None:
    if picture.width * picture.height > limit_megapixels * PIXELS_OF_A_MEGAPIXEL:
        raise DocumentTooManyPixels(limit_megapixels=limit_megapixels)


def _pdf(content: bytes) -> bytes:
    """Forms are drawn with what is filled in; nothing in the document is ever run."""
    document = pypdfium2.PdfDocument(content)
    try:
        if len(document) > MAX_PAGES:
            raise DocumentTooManyPages(limit=MAX_PAGES)
        if not len(document):
            raise DocumentTypeRefused
        document.init_forms()
        pages = [_page(document, number) for number in range(len(document))]
    finally:
        document.close()
    kept = io.BytesIO()
    first, *others = pages
    first.save(
        kept,
        "PDF",
        save_all=True,
        append_images=others,
        resolution=PAGE_RESOLUTION,
        quality=JPEG_QUALITY,
        creationDate=None,
        modDate=None,
    )
    return kept.getvalue()


def _page(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    page = document[number]
    try:
        width, height = page.get_size()  # points, a 72nd of an inch
        scale = min(DOTS_PER_POINT_MAX, PAGE_SIDE_PIXELS / max(width, height))
        bitmap = page.render(scale=scale)
        try:
            drawn: Image.Image = bitmap.to_pil()
            return drawn.convert("RGB")  # a copy: the bitmap's own memory goes
        finally:
            bitmap.close()
    finally:
        page.close()
