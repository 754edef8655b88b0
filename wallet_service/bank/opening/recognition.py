"""Tells by its first bytes what a file is: a format that is read, or a refusal that names it.

Looks at marks and at the form of the first lines only; whether the file is sound is its reader's to say.
"""

from __future__ import annotations

import re
from typing import Literal

from wallet_service.bank.errors import (
    FileCompressed,
    FileEmpty,
    FileEncrypted,
    FileIsCfonb240,
    FileIsMt942,
    FileIsOfx,
    FileIsPdf,
    FileIsTable,
    FileIsWebPage,
    FormatUnknown,
)
from wallet_service.bank.opening.documents import NOTHING, byte_order

FileFormat = Literal["xml", "zip", "cfonb120", "mt940"]

#: So much is looked at.
HEAD_BYTES = 4_096
#: Lines of a table (CSV) hold the same separator at least so often, in at least so many lines.
MIN_SEPARATORS, MIN_TABLE_LINES = 2, 2
SEPARATORS = ";,\t|"

_MARKS = (
    (b"PK\x05\x06", FileEmpty),  # an archive without members
    (b"%PDF", FileIsPdf),
    (b"\x1f\x8b", FileCompressed), (b"7z\xbc\xaf\x27\x1c", FileCompressed), (b"Rar!", FileCompressed),
    (b"BZh", FileCompressed), (b"\xfd7zXZ", FileCompressed),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileIsTable),  # an old office document
    (b"-----BEGIN PGP", FileEncrypted), (b"-----BEGIN PKCS7", FileEncrypted),
    (b"-----BEGIN CMS", FileEncrypted), (b"Salted__", FileEncrypted), (b"age-encryption.org", FileEncrypted),
)  # fmt: skip
#: An OpenPGP message begins with the packet of a key, or of a password, that it is encrypted for (RFC 9580,
#: 5.1 and 5.3): its tag in the old or in the new form, a length, and the packet's version.
_OPENPGP = re.compile(
    rb"(?:[\x84\x8c].|[\x85\x8d]..|[\xc1\xc3](?:[\x00-\xbf]|[\xc0-\xdf].))[\x03-\x06]", re.DOTALL
)
#: CMS (RFC 5652): a sequence that begins with the object identifier of enveloped or signed data.
_CMS = re.compile(rb"\x30[\x80-\x84].{0,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.DOTALL)
_CFONB_120 = re.compile(r"0[1457]\d{5}.{4}\d{5}(?:[A-Z]{3}| {3})[\d ]")
_CFONB_240 = re.compile(r"3[149]\d{2}.{200}", re.DOTALL)
_MT940 = re.compile(r"^:20:.*?^:(?:25|28C?|60[FM]):", re.DOTALL | re.MULTILINE)
#: The day so far (SWIFT category 9, MT942): a floor for what it lists, or the time it was written at.
_MT942 = re.compile(r"^:20:.*?^:(?:34F|13D?):", re.DOTALL | re.MULTILINE)
_OFX = re.compile(r"OFXHEADER|<\?OFX|<OFX>", re.IGNORECASE)
_WEB_PAGE = re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE\s+html|<html\b)", re.IGNORECASE)
_QIF = re.compile(r"!(?:Type|Account|Option)\b", re.IGNORECASE)


def format_of(content: bytes) -> FileFormat:
    """Which reader the file is for.

    Raises FileEmpty, FileEncrypted, FormatUnknown, or one of the refusals that say what it is instead.
    """
    if content.startswith(b"PK\x03\x04"):
        return "zip"
    for mark, refusal in _MARKS:
        if content.startswith(mark):
            raise refusal()
    if _OPENPGP.match(content) or _CMS.match(content):
        raise FileEncrypted()
    head = _head(content)
    if not head:
        raise FileEmpty()
    if _OFX.match(head):
        raise FileIsOfx()
    if _WEB_PAGE.match(head):
        raise FileIsWebPage()
    if head.startswith("<"):
        return "xml"
    if _MT942.search(head):
        raise FileIsMt942()
    if _MT940.search(head):
        return "mt940"
    if _CFONB_120.match(head):
        return "cfonb120"
    if _CFONB_240.match(head):
        raise FileIsCfonb240()
    if _QIF.match(head) or _is_table(head):
        raise FileIsTable()
    raise FormatUnknown()


def _head(content: bytes) -> str:
    """The first characters, from the first that is seen on."""
    encoding = byte_order(content) or "latin-1"
    return content[:HEAD_BYTES].decode(encoding, errors="ignore").lstrip(NOTHING)


def _is_table(head: str) -> bool:
    lines = [line for line in head.splitlines() if line.strip()]
    return len(lines) >= MIN_TABLE_LINES and any(
        min(line.count(separator) for line in lines[:MIN_TABLE_LINES]) >= MIN_SEPARATORS
        for separator in SEPARATORS
    )
