"""From bytes to XML that may be looked into: decoded, split into its documents, free of DTDs and entities.

Safe against hostile files: a document that could hold a DTD, or more elements than its bound, is read first
by a parser that raises on either; the second parser loads nothing and resolves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException
from lxml import etree

from wallet_service.bank.camt.nodes import local_name
from wallet_service.bank.errors import ForbiddenXml, NotIso20022, NotXml

#: Several documents may stand one behind the other in one file.
MAX_DOCUMENTS = 200
#: A statement of the largest size has half as many.
MAX_ELEMENTS = 500_000
#: An element named Document stands this deep in an envelope at most.
MAX_ENVELOPE_DEPTH = 6
ENCODING_WRONG = "bank.encoding_wrong"
TRAILING_BYTES = "bank.trailing_bytes"
CONTROL_CHARACTERS = "bank.control_characters"

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"),
)  # fmt: skip
#: Encodings banks declare; no other name reaches Python's own table, which holds more than encodings.
_ENCODINGS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252",
    "latin1": "cp1252", "iso-8859-15": "iso-8859-15", "windows-1252": "cp1252", "cp1252": "cp1252",
    "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16be": "utf-8",
}  # fmt: skip
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: What is not seen at the ends of a file: blanks, and the marks of its end that old systems leave (^Z, NUL).
NOTHING = " \t\r\n\x00\x1a\ufeff"
#: The standard's own namespace, or a community's that ends with the message's name ("urn:swift:xsd:...").
_NAMESPACE = re.compile(r"[^\s]{0,100}[:/]([a-z]{4}\.\d{3}\.\d{3}\.\d\d)(?:[.\w]{0,20})")
#: What XML 1.0 knows no way to write (2.2, Char), as a character or by its number. Old systems leave them in
#: names and texts, where each would otherwise keep a whole statement unread.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_DECLARATION_AHEAD = re.compile(r"(?=<\?xml\s)")
_FIRST_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)")


@dataclass(frozen=True)
class IsoDocument:
    """One Document of ISO 20022; `name` is its format, "camt.053.001.08" or any other message's."""

    element: etree._Element
    name: str


def byte_order(content: bytes) -> str | None:
    """The encoding that the first bytes show by themselves, None when they show none."""
    return next((encoding for mark, encoding in _BYTE_ORDER_MARKS if content.startswith(mark)), None)


def decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The file's text, and a warning when its bytes are not what it declares. Raises NotXml."""
    shown = byte_order(content)
    declared = _DECLARED.match(content)
    encoding = shown or _ENCODINGS.get(declared.group(1).decode("ascii").lower() if declared else "utf-8")
    if encoding is None:
        raise NotXml()
    if encoding.startswith("utf-16"):
        content = content[: len(content) // 2 * 2]  # one byte too many is a mark of the end (^Z)
    try:
        return content.decode(encoding), ()
    except UnicodeDecodeError:
        if shown is not None and shown != "utf-8":
            raise NotXml() from None
        # Western bytes under a wrong name: only letters with accents differ, and every byte is one of them.
        return content.decode("latin-1"), (ENCODING_WRONG,)


def pieces(text: str) -> tuple[list[str], tuple[str, ...]]:
    """The XML documents that stand one behind the other.

    With warnings: when something else stands behind, and when characters that no XML holds were made blanks.
    """
    end = text.rfind(">") + 1
    behind = text[end:].strip(NOTHING)
    body, forbidden = _FORBIDDEN.subn(" ", text[:end].lstrip(NOTHING))
    is_one = body.count("<?xml") <= 1 and body.startswith("<?xml")
    parts = [body] if is_one else _DECLARATION_AHEAD.split(body)
    starts = [piece for piece in parts if piece.strip(NOTHING)]
    found = [part for piece in starts for part in _without_declaration(piece)]
    if not found or len(found) > MAX_DOCUMENTS:
        raise NotXml()
    warnings = ((TRAILING_BYTES, behind), (CONTROL_CHARACTERS, forbidden))
    return found, tuple(code for code, is_so in warnings if is_so)


def iso_documents(piece: str) -> list[IsoDocument]:
    """The Documents of one XML text: itself, or what its envelope holds.

    Raises ForbiddenXml, NotXml, NotIso20022.
    """
    root = _trusted_root(piece)
    found = list(_documents_in(root, 0))
    if not found:
        raise NotIso20022(element=local_name(root)[:40])
    return found


def _without_declaration(piece: str) -> list[str]:
    """The piece, split behind its root where another root follows without a declaration."""
    text = _DECLARATION.sub("", piece.strip(NOTHING), count=1)
    root = _FIRST_TAG.search(text)
    if root is None:
        return [text]
    if text.count(f"</{root.group(1)}>") <= 1:
        return [text]  # as nearly every file is: long ones are not looked through letter by letter
    name = re.escape(root.group(1))
    return [part for part in re.split(rf"(?<=</{name}>)\s*(?=<{name}[\s>])", text) if part]


class _Counting:
    """Hears of every element and keeps none."""

    def __init__(self) -> None:
        self._left = MAX_ELEMENTS

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise NotXml()


def _trusted_root(piece: str) -> etree._Element:
    content = piece.encode("utf-8", "strict")
    if "<!DOCTYPE" in piece or piece.count("<") - piece.count("</") > MAX_ELEMENTS:
        _read_to_refuse(content)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotXml() from None


def _read_to_refuse(content: bytes) -> None:
    """Raises ForbiddenXml for any DTD or entity, NotXml for more elements than the bound."""
    try:
        watching = defusedxml.ElementTree.DefusedXMLParser(
            target=_Counting(), forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
        watching.feed(content)
        watching.close()
    except DefusedXmlException:
        raise ForbiddenXml() from None
    except (defusedxml.ElementTree.ParseError, ValueError, LookupError):
        raise NotXml() from None


def _documents_in(element: etree._Element, depth: int) -> Iterator[IsoDocument]:
    namespace = _NAMESPACE.fullmatch(str(etree.QName(element).namespace))
    if namespace is not None and local_name(element) == "Document":
        yield IsoDocument(element, namespace.group(1))
    elif depth < MAX_ENVELOPE_DEPTH:
        for child in element:
            yield from _documents_in(child, depth + 1)
