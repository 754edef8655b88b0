"""A file that is no statement is refused by what it is, in a sentence a person can act on."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.support.camt_files import IBAN, CamtBuilder, tag
from wallet_service.bank import errors, files
from wallet_service.bank.opening.recognition import format_of


def office_document() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return packed.getvalue()


def message(name: str) -> bytes:
    return f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}"/>'.encode()


KNOWN = {
    "empty": (b"", errors.FileEmpty),
    "blank": (b"\r\n \x00\x1a", errors.FileEmpty),
    "empty zip": (b"PK\x05\x06" + bytes(18), errors.FileEmpty),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", errors.FileIsPdf),
    "gzip": (b"\x1f\x8b\x08\x00", errors.FileCompressed),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", errors.FileCompressed),
    "rar": (b"Rar!\x1a\x07", errors.FileCompressed),
    "armoured pgp": (b"-----BEGIN PGP MESSAGE-----\n\nhQ", errors.FileEncrypted),
    "pgp for a key": (b"\x85\x01\x0c\x03" + bytes(range(200)), errors.FileEncrypted),
    "pgp for a password": (b"\x8c\x0d\x04\x09\x03\x02", errors.FileEncrypted),
    "pgp of today": (b"\xc1\xc0\x4c\x03" + bytes(200), errors.FileEncrypted),
    "cms": (b"\x30\x82\x05\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", errors.FileEncrypted),
    "ofx": (b"OFXHEADER:100\r\nDATA:OFXSGML\r\n", errors.FileIsOfx),
    "ofx 2": (b'<?OFX OFXHEADER="200"?><OFX>', errors.FileIsOfx),
    "csv": ("Date;Libellé;Montant\r\n28/05/2026;VIR;20,00\r\n".encode("cp1252"), errors.FileIsTable),
    "tabs": (b"Date\tLabel\tAmount\n2026-05-28\tVIR\t20.00\n", errors.FileIsTable),
    "qif": (b"!Type:Bank\nD28/05'26\nT20.00\n^\n", errors.FileIsTable),
    "xlsx": (office_document(), errors.FileIsTable),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), errors.FileIsTable),
    "web page": (b"\n<!doctype html><html><body>Session", errors.FileIsWebPage),
    "web page as xml": (b'<?xml version="1.0"?>\n<html xmlns="a"/>', errors.FileIsWebPage),
    "cfonb 240": (b"3102990528" + b"0" * 230 + b"\r\n", errors.FileIsCfonb240),
    "mt942": (b":20:REL1\r\n:25:FR7699999\r\n:28C:1/1\r\n:34F:EUR0,\r\n", errors.FileIsMt942),
    "words": (b"Bonjour, voici le releve.", errors.FormatUnknown),
    "noise": (bytes(range(1, 200)), errors.FormatUnknown),
    "payment order": (message("pain.001.001.09"), errors.FileIsPaymentOrder),
    "another message": (message("camt.029.001.09"), errors.OtherMessage),
    "a version to come": (message("camt.053.001.99"), errors.VersionUnknown),
    "other xml": (b"<facture><montant>20</montant></facture>", errors.NotIso20022),
    "no namespace": (b"<Document/>", errors.NotIso20022),
    "torn": (CamtBuilder().file(CamtBuilder().report())[:-40], errors.NotXml),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_a_file_that_is_no_statement_is_refused_by_what_it_is(name: str) -> None:
    content, expected = KNOWN[name]
    with pytest.raises(expected) as refusal:
        files.read(content, IBAN)
    assert type(refusal.value) is expected
    for language in ("fr", "en"):
        assert refusal.value.sentence(language)


@pytest.mark.parametrize("name", ["pain.001.001.09", "camt.029.001.09", "camt.053.001.99"])
def test_a_message_is_called_by_its_name(name: str) -> None:
    with pytest.raises(errors.BankFileRefusal) as refusal:
        files.read(message(name), IBAN)
    assert name in refusal.value.sentence("fr")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "xml"),
        ("\ufeff<Document/>".encode("utf-16-le"), "xml"),
        (b"PK\x03\x04", "zip"),
        (b"0199999    00001EUR2 00000000154  270526", "cfonb120"),
        (b"\r\n0199999    00001EUR2 00000000154  270526", "cfonb120"),
        (b"0199999    00001   2 00000000154  270526", "cfonb120"),
        (b":20:REL1\r\n:25:FR7699999\r\n:28C:1/1\r\n", "mt940"),
        (b"{1:F01BANKFRPP}{2:O940}{4:\r\n:20:REL1\r\n:25:FR7699999\r\n", "mt940"),
    ],
)
def test_a_format_is_known_by_its_first_lines(content: bytes, expected: str) -> None:
    assert format_of(content) == expected


def test_no_refusal_quotes_a_person() -> None:
    made = CamtBuilder()
    odd = made.file(made.report(made.entry(direction="Camille R."), moved="0.05"))
    for content in (odd, tag("Camille", "Camille R.").encode(), b"Camille R.;20,00\n"):
        with pytest.raises(errors.BankFileRefusal) as refusal:
            files.read(content, IBAN)
        assert "Camille R." not in refusal.value.sentence("fr")
