"""How a statement comes: encodings, envelopes, several documents, archives; and what stops hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from tests.support.bank_cases import VECTORS
from tests.support.camt_files import IBAN, OTHER_IBAN, CamtBuilder, balance, tag
from wallet_service.bank import errors, files
from wallet_service.bank.opening import documents, unpacking
from wallet_service.bank.reported import BankFile

MADE = CamtBuilder()
NAME = "Élodie Œuf"
DETAIL = MADE.detail("20.00", name=NAME)
DECLARED = '<?xml version="1.0" encoding="{}"?>\n'
BODY = MADE.document(MADE.report(MADE.entry("20.00", DETAIL), moved="20.00"))
NEXT = MADE.document(
    MADE.report(
        MADE.entry("25.00", reference="BQ2"), report_id="S2", opening="1020.00", moved="25.00",
        created="2026-05-29T23:30:00+02:00",
    )
)  # fmt: skip
WRONG = MADE.document(MADE.report(MADE.entry("25.00"), moved="25.01"))
SOUND = (DECLARED.format("UTF-8") + BODY).encode()


def read(content: bytes) -> BankFile:
    return files.read(content, IBAN)


def amounts(content: bytes) -> list[int]:
    return [entry.amount_cents for report in read(content).reports for entry in report.entries]


def zipped(*named: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in named:
            archive.writestr(name, content)
    return packed.getvalue()


def declared(encoding: str, name: str) -> bytes:
    return (DECLARED.format(name) + BODY).encode(encoding)


ENCODED = {
    "utf-8": (SOUND, NAME),
    "utf-8 with its mark": (b"\xef\xbb\xbf" + SOUND, NAME),
    "utf-8 with its mark, undeclared": (b"\xef\xbb\xbf" + BODY.encode(), NAME),
    "undeclared": (BODY.encode(), NAME),
    "utf-16": (declared("utf-16", "UTF-16"), NAME),
    "utf-16 big end first": (b"\xfe\xff" + declared("utf-16-be", "UTF-16"), NAME),
    "utf-16 without a mark": (declared("utf-16-le", "UTF-16LE"), NAME),
    "utf-16 that says utf-8": (declared("utf-16", "UTF-8"), NAME),
    "latin 9": (declared("iso-8859-15", "ISO-8859-15"), NAME),
    "windows": (declared("cp1252", "windows-1252"), NAME),
    "windows that says latin 1": (declared("cp1252", "ISO-8859-1"), NAME),
    "lower case": (declared("iso-8859-15", "iso-8859-15"), NAME),
    "single quotes": (SOUND.replace(b'"UTF-8"', b"'UTF-8'"), NAME),
}


@pytest.mark.parametrize("name", ENCODED)
def test_every_encoding_a_bank_uses_is_read(name: str) -> None:
    content, person = ENCODED[name]
    (report,) = read(content).reports
    assert report.entries[0].transfers[0].counterparty_name == person
    assert report.warnings == ()


def test_western_bytes_that_say_they_are_utf_8_are_read_with_a_warning() -> None:
    content = SOUND.replace(NAME.encode(), "Élodie".encode("latin-1"))
    (report,) = read(content).reports
    assert report.entries[0].transfers[0].counterparty_name == "Élodie"
    assert report.warnings == (documents.ENCODING_WRONG,)


NO_XML = (
    "\x00",
    "\x01",
    "\x0b",
    "\x1f",
    "\ufffe",
    "&#0;",
    "&#x1;",
    "&#X1F;",
    "&#x000b;",
    "&#31;",
    "&#014;",
)


@pytest.mark.parametrize("written", NO_XML)
def test_a_character_that_no_xml_holds_is_a_blank_and_a_warning(written: str) -> None:
    (report,) = read((DECLARED.format("UTF-8") + BODY).replace("Élodie", f"Élo{written}die").encode()).reports
    assert report.entries[0].transfers[0].counterparty_name == "Élo die Œuf"
    assert report.warnings == (documents.CONTROL_CHARACTERS,)


@pytest.mark.parametrize("written", ["&#9;", "&#x0A;", "&#10;", "&#13;", "&#xD;"])
def test_blanks_written_as_numbers_are_no_trouble(written: str) -> None:
    (report,) = read(
        (DECLARED.format("UTF-8") + BODY).replace("Élodie ", f"Élodie{written}").encode()
    ).reports
    assert report.entries[0].transfers[0].counterparty_name == NAME
    assert report.warnings == ()


def test_no_dtd_hides_behind_a_character_that_no_xml_holds() -> None:
    for hidden in ("<!DOCTYPE\x00 Document>", "\x01<!DOCTYPE Document>", "<!DOC\x00TYPE Document>"):
        with pytest.raises((errors.ForbiddenXml, errors.NotXml)):
            read((DECLARED.format("UTF-8") + hidden + BODY).encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_formats_of_lines_are_read_in_the_encodings_xml_is(encoding: str) -> None:
    content = (VECTORS / "78-mt940.sta").read_text("utf-8")
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    assert amounts((mark + content).encode(encoding)) == [2000]


@pytest.mark.parametrize("encoding", ["nope", "utf-7", "rot13", "zlib_codec", "unicode_escape", "idna"])
def test_an_encoding_no_bank_uses_is_not_tried(encoding: str) -> None:
    with pytest.raises(errors.NotXml):
        read((DECLARED.format(encoding) + BODY).encode())


WRAPPED = {
    "crlf": SOUND.replace(b"\n", b"\r\n").replace(b"><", b">\r\n<"),
    "blank lines first": b"\r\n\n  " + SOUND,
    "^Z last": SOUND + b"\x1a",
    "^Z last in utf-16": SOUND.decode().encode("utf-16") + b"\x1a",
    "zeros last": SOUND + b"\r\n" + b"\x00" * 500,
    "comments": SOUND.replace(b"<Stmt>", b"<!-- <Stmt> --><Stmt>"),
    "a stylesheet": SOUND.replace(b"?>\n", b'?>\n<?xml-stylesheet type="text/xsl" href="a.xsl"?>\n'),
    "a prefix": SOUND.replace(b"<", b"<b:").replace(b"<b:/", b"</b:").replace(b"<b:?", b"<?").replace(
        b"xmlns=", b"xmlns:b="
    ),
    "an envelope": (
        '<?xml version="1.0"?><BizMsgEnvlp xmlns="urn:swift:xsd:envelope"><AppHdr '
        f'xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr/></AppHdr>{BODY}</BizMsgEnvlp>'
    ).encode(),
    "an envelope without a namespace": f"<RequestPayload><AppHdr/><x>{BODY}</x></RequestPayload>".encode(),
    "a community's namespace": SOUND.replace(b"urn:iso:std:iso:20022:tech:xsd:", b"urn:swift:xsd:"),
    "zip": zipped(("C53.xml", SOUND)),
    "zip, stored": zipped(("C53.xml", SOUND), method=zipfile.ZIP_STORED),
    "zip of a Mac": zipped(("C53.xml", SOUND), ("__MACOSX/._C53.xml", b"\x00\x05\x16\x07"), ("a/", b"")),
    "zip in zip": zipped(("day.zip", zipped(("C53.xml", SOUND)))),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPED)
def test_what_stands_around_a_statement_does_not_matter(name: str) -> None:
    assert amounts(WRAPPED[name]) == [2000]


def test_other_words_behind_the_last_tag_are_a_warning() -> None:
    (report,) = read(SOUND + b"\nFIN DE TRANSMISSION").reports
    assert report.warnings == (documents.TRAILING_BYTES,)


TOGETHER = {
    "one behind the other": SOUND + (DECLARED.format("UTF-8") + NEXT).encode(),
    "with blank lines between": SOUND + b"\r\n\r\n" + (DECLARED.format("UTF-8") + NEXT).encode() + b"\n",
    "without declarations": (BODY + NEXT).encode(),
    "in one envelope": f"<All>{BODY}{NEXT}</All>".encode(),
    "in an archive": zipped(("2.xml", NEXT.encode()), ("1.xml", BODY.encode())),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_several_documents_of_one_file_are_all_read_in_the_order_of_their_days(name: str) -> None:
    assert amounts(TOGETHER[name]) == [2000, 2500]


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (zipped(("a.xml", SOUND), ("b.xml", WRONG.encode())), (("b.xml", "bank.sum_mismatch"),)),
        (zipped(("b.xml", SOUND[:-9]), ("a.xml", SOUND)), (("b.xml", "bank.not_xml"),)),
        (zipped(("a.xml", SOUND), ("notice.pdf", b"%PDF-1.7")), (("notice.pdf", "bank.file_is_pdf"),)),
        (
            zipped(("in.zip", zipped(("b.xml", b""))), ("a.xml", SOUND)),
            (("in.zip/b.xml", "bank.file_empty"),),
        ),
        ((WRONG + BODY).encode(), (("#1", "bank.sum_mismatch"),)),
        (SOUND + SOUND[:-9].replace(b"S1", b"S2"), (("#2", "bank.not_xml"),)),
    ],
)
def test_a_part_that_cannot_be_trusted_is_named_and_the_others_are_read(
    content: bytes, refused: tuple[tuple[str, str], ...]
) -> None:
    assert amounts(content) == [2000]
    assert read(content).refused == refused


def test_a_file_all_of_whose_parts_are_refused_is_refused_for_the_first() -> None:
    with pytest.raises(errors.SumMismatch):
        read(zipped(("a.xml", WRONG.encode()), ("b.xml", b"")))


def test_other_accounts_are_counted_over_all_parts() -> None:
    other = MADE.document(MADE.report(account=tag("IBAN", OTHER_IBAN))).encode()
    assert read(zipped(("a.xml", other), ("b.xml", SOUND), ("c.xml", other))).other_accounts == 2


def test_pages_of_one_report_may_come_in_two_files_of_an_archive() -> None:
    both = balance("OPBD", "1000.00") + balance("CLBD", "1040.00")
    pages = []
    for number in (1, 2):
        pagination = tag("StmtPgntn", tag("PgNb", str(number)), tag("LastPgInd", str(number == 2).lower()))
        pages.append(MADE.file(MADE.report(MADE.entry("20.00"), balances=both, before=pagination)))
    (report,) = read(zipped(("p2.xml", pages[1]), ("p1.xml", pages[0]))).reports
    assert len(report.entries) == 2
    torn = pages[1].replace(b"1040.00", b"1041.00")
    with pytest.raises(errors.SumMismatch):
        read(zipped(("p1.xml", pages[0]), ("p2.xml", torn)))


DTD = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
HIDDEN = BODY.replace("<Stmt>", "<!DOCTYPE a><Stmt>")
FORBIDDEN = {
    "external entity": DTD.encode(),
    "entity bomb": BOMB.encode(),
    "in utf-16": BOMB.encode("utf-16"),
    "in utf-16 without a mark": BOMB.encode("utf-16-be"),
    "second of two documents": SOUND + DTD.encode(),
    "a doctype alone": SOUND.replace(b"?>\n", b"?>\n<!DOCTYPE Document>\n"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_dtds_and_entities_are_refused(name: str) -> None:
    content = FORBIDDEN[name]
    if name == "second of two documents":
        assert read(content).refused == (("#2", "bank.xml_forbidden"),)
    else:
        with pytest.raises(errors.ForbiddenXml):
            read(content)


def test_an_entity_that_nobody_declared_is_no_xml() -> None:
    for content in (SOUND.replace(NAME.encode(), b"&nom;"), HIDDEN.encode()):
        with pytest.raises(errors.NotXml):
            read(content)


def test_letters_written_as_numbers_are_letters() -> None:
    (report,) = read(SOUND.replace(NAME.encode(), b"&#201;lodie &amp; Denis")).reports
    assert report.entries[0].transfers[0].counterparty_name == "Élodie & Denis"


def test_a_file_too_large_is_not_opened() -> None:
    with pytest.raises(errors.FileTooLarge):
        read(b" " * (files.MAX_FILE_BYTES + 1))


def test_more_documents_than_a_bank_writes_are_refused() -> None:
    with pytest.raises(errors.NotXml):
        read(BODY.encode() * (documents.MAX_DOCUMENTS + 1))


def test_more_elements_than_a_statement_has_are_not_made_into_a_tree() -> None:
    with pytest.raises(errors.NotXml):
        read(SOUND.replace(b"<Stmt>", b"<Stmt>" + b"<a/>" * documents.MAX_ELEMENTS))


def deep(levels: int) -> bytes:
    content = SOUND
    for _ in range(levels):
        content = zipped(("in.zip", content))
    return content


BEYOND_BOUNDS = {
    "count": zipped(*((f"{number}.xml", b"<a/>") for number in range(unpacking.MAX_MEMBERS + 1))),
    "ratio": zipped(("a.xml", b" " * 5_000_000)),
    "depth": deep(unpacking.MAX_DEPTH + 1),
    "count over two depths": zipped(
        *((f"{number}.zip", zipped(*((f"{each}.xml", b"<a/>") for each in range(60)))) for number in range(2))
    ),
}


@pytest.mark.parametrize("name", BEYOND_BOUNDS)
def test_an_archive_out_of_bounds_is_refused_whole(name: str) -> None:
    with pytest.raises(errors.ArchiveOverBounds):
        read(BEYOND_BOUNDS[name])


def test_an_archive_of_too_many_members_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = BEYOND_BOUNDS["count"]
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(errors.ArchiveOverBounds):
        read(packed)


def test_what_comes_out_of_an_archive_is_bounded_in_all() -> None:
    budget = unpacking.Budget(bytes_left=len(SOUND) + 10)
    packed = zipped(("a.xml", SOUND), ("b.xml", SOUND))
    found = unpacking.members(packed, budget, files.MAX_FILE_BYTES)
    assert next(found).content == SOUND
    with pytest.raises(errors.ArchiveOverBounds):
        next(found)


def test_a_member_larger_than_a_file_may_be_is_refused_alone() -> None:
    member = next(unpacking.members(zipped(("a.xml", SOUND)), unpacking.Budget(), len(SOUND) - 1))
    assert (member.content, type(member.refusal)) == (b"", errors.FileTooLarge)


def test_the_size_an_archive_announces_is_not_believed() -> None:
    """A member of five million bytes that says it has ten is refused: sizes are counted as bytes come out."""
    packed = bytearray(zipped(("a.xml", zlib.compress(b"") + b" " * 5_000_000)))
    directory = packed.rindex(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    with pytest.raises(errors.BankFileRefusal):
        read(bytes(packed))


def test_an_encrypted_member_is_refused_alone() -> None:
    packed = bytearray(zipped(("a.xml", SOUND), ("b.xml", NEXT.encode())))
    local, directory = packed.index(b"PK\x03\x04"), packed.index(b"PK\x01\x02")
    packed[local + 6] |= 1
    packed[directory + 8] |= 1
    found = read(bytes(packed))
    assert (found.refused, len(found.reports)) == ((("a.xml", "bank.file_encrypted"),), 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_with_a_memory_of_its_own_is_not_unpacked(method: int) -> None:
    with pytest.raises(errors.FileUnreadable):
        read(zipped(("a.xml", SOUND), method=method))


def test_a_broken_archive_is_refused() -> None:
    packed = zipped(("a.xml", SOUND))
    for content in (packed[:-10], packed[:40], packed.replace(packed[60:70], b"0123456789")):
        with pytest.raises(errors.BankFileRefusal):
            read(content)
