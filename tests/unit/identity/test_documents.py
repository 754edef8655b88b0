"""Uploaded documents: what they are is read from their bytes; what is kept holds the picture and nothing
else.
"""

from __future__ import annotations

import io

import pytest
from PIL import Image

from wallet_service.identity import documents
from wallet_service.identity.documents import clean_document
from wallet_service.identity.errors import (
    DocumentTooLarge,
    DocumentTooManyPixels,
    DocumentTypeRefused,
)

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def encoded(kind: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, (10, 120, 90)).save(kept, kind, **options)  # type: ignore[arg-type]
    return kept.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_is_known_by_its_bytes_and_encoded_again(kind: str, media_type: str) -> None:
    cleaned = clean_document(encoded(kind))
    assert cleaned.media_type == media_type
    assert Image.open(io.BytesIO(cleaned.content)).size == (60, 40)


def test_metadata_and_what_follows_the_picture_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # turned: 60x40 is shown 40x60
    cleaned = clean_document(encoded("JPEG", exif=exif, comment=b"note") + b"<script>alert(1)</script>")
    assert b"SecretCamera" not in cleaned.content
    assert b"note" not in cleaned.content
    assert b"script" not in cleaned.content
    picture = Image.open(io.BytesIO(cleaned.content))
    assert not picture.getexif()
    assert picture.size == (40, 60)


def test_a_large_picture_is_reduced() -> None:
    cleaned = clean_document(encoded("JPEG", (4000, 1000)))
    assert Image.open(io.BytesIO(cleaned.content)).size == (3000, 750)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "MAX_PIXELS", 2_399)
    with pytest.raises(DocumentTooManyPixels):
        clean_document(encoded("PNG"))


def test_a_small_file_that_claims_a_huge_picture_is_refused() -> None:
    bomb = bytearray(encoded("PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises((DocumentTooManyPixels, DocumentTypeRefused)):
        clean_document(bytes(bomb))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"GIF89a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ" + bytes(100),
        b"\xff\xd8\xff\xe0truncated",
        b"\x89PNG\r\n\x1a\n" + bytes(30),
        PDF[:40],
    ],
)
def test_anything_else_is_refused_whatever_it_calls_itself(content: bytes) -> None:
    with pytest.raises(DocumentTypeRefused):
        clean_document(content)


def test_a_truncated_picture_is_refused() -> None:
    whole = encoded("JPEG", (600, 400))
    with pytest.raises(DocumentTypeRefused):
        clean_document(whole[: len(whole) // 2])


def test_a_quiet_pdf_is_kept_and_an_active_one_is_refused() -> None:
    assert clean_document(PDF).content == PDF
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/Encrypt", b"/AA"):
        with pytest.raises(DocumentTypeRefused):
            clean_document(PDF.replace(b"/Catalog", b"/Catalog" + word + b" 2 0 R"))


def test_a_document_over_eight_megabytes_is_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        clean_document(b"%PDF-" + bytes(documents.MAX_DOCUMENT_BYTES))
