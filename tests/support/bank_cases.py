"""Files as banks write them, each named by its fault (tests/vectors/bank), and those best made from another.

Members A and B of tests.support.bank_books have a reference each; both stand in the files.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

VECTORS = Path(__file__).parents[1] / "vectors" / "bank"
_PART = re.compile(r"(?:\.[a-z])?\.[a-z]+$")


def _plain() -> str:
    """A statement with one credit of 20.00 for A, without a fault; its payer's name has an accent."""
    text = (VECTORS / "62-stylesheet-instruction.xml").read_text("utf-8")
    return re.sub(r"<\?xml-stylesheet[^>]*\?>\s*", "", text).replace("Œ", "OE")


def _declared(encoding: str, name: str, mark: bytes = b"") -> bytes:
    return mark + _plain().replace("UTF-8", name).encode(encoding)


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("a", "b"):
            name = f"21-statement-id-starts-again-each-year.{part}.xml"
            archive.writestr(f"C53/{name}", (VECTORS / name).read_bytes())
    return packed.getvalue()


MADE: dict[str, Callable[[], bytes]] = {
    "48-utf8-bom": lambda: _declared("utf-8", "UTF-8", b"\xef\xbb\xbf"),
    "49-utf16-le-bom": lambda: _declared("utf-16-le", "UTF-16", b"\xff\xfe"),
    "50-utf16-be-bom": lambda: _declared("utf-16-be", "UTF-16", b"\xfe\xff"),
    "51-iso-8859-1": lambda: _declared("iso-8859-1", "ISO-8859-1"),
    "52-iso-8859-15": lambda: _declared("iso-8859-15", "ISO-8859-15"),
    "53-windows-1252": lambda: _declared("cp1252", "windows-1252"),
    "54-latin1-bytes-declared-utf8": lambda: _declared("iso-8859-1", "UTF-8"),
    "55-crlf": lambda: _plain().replace("\n", "\r\n").replace("><", ">\r\n<").encode(),
    "56-blank-line-first": lambda: b"\r\n" + _plain().encode(),
    "57-trailing-control-z": lambda: _plain().encode() + b"\x1a",
    "61-zip-of-two-statements": _zipped,
}  # fmt: skip


def names() -> list[str]:
    """Every case, by its number."""
    return sorted({_PART.sub("", file.name) for file in VECTORS.iterdir() if file.is_file()} | set(MADE))


def contents(name: str) -> list[bytes]:
    """The files of a case, in the order in which they are handed in."""
    if name in MADE:
        return [MADE[name]()]
    files = sorted(file for file in VECTORS.iterdir() if file.is_file() and _PART.sub("", file.name) == name)
    return [file.read_bytes() for file in files]


def about_payouts(name: str, payout_file: str = "", transfer: str = "") -> list[bytes]:
    """The same for our own transfers, under the names we gave that file and its first transfer."""
    files = sorted(file for file in (VECTORS / "payouts").iterdir() if _PART.sub("", file.name) == name)
    texts = (file.read_text("utf-8") for file in files)
    return [text.replace("@FILE@", payout_file).replace("@TRANSFER@", transfer).encode() for text in texts]


def payout_names() -> list[str]:
    """Every case of `about_payouts`."""
    return sorted({_PART.sub("", file.name) for file in (VECTORS / "payouts").iterdir()})
