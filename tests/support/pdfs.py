"""PDF files for tests, honest and hostile, written by hand so that their structure is exactly what is said.

Two forms: objects in the open, and objects inside a compressed object stream (PDF 1.5), where no search for
words finds anything.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

#: Object 1 is the catalogue, 2 the page tree, 3 the page, 4 what it draws: a green square.
DRAWING = b"0 0.5 0.3 rg 20 20 160 160 re f"
HONEST: dict[int, bytes] = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>>>",
}


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def open_pdf(objects: Mapping[int, bytes] = HONEST, trailer: bytes = b"") -> bytes:
    """Every object in the open, with a table of places."""
    document, offsets = bytearray(b"%PDF-1.7\n"), {}
    for number, body in {4: stream(DRAWING), **objects}.items():
        offsets[number] = len(document)
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(document)
    document += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in sorted(offsets.items()):
        document += b"%d 1\n%010d 00000 n \n" % (number, offset)
    size = max(offsets) + 1
    document += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, table)
    return bytes(document)


def packed_pdf(objects: Mapping[int, bytes]) -> bytes:
    """Every object but the page's drawing inside one compressed object stream."""
    holder, table = max(objects) + 5, max(objects) + 6
    bodies, heads = b"", b""
    for number, body in sorted(objects.items()):
        heads += b"%d %d " % (number, len(bodies))
        bodies += body + b"\n"
    packed = zlib.compress(heads + bodies)
    entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(heads))
    document, rows = bytearray(b"%PDF-1.7\n"), {}
    for number, body in ((4, stream(DRAWING)), (holder, stream(packed, entries))):
        rows[number] = (1, len(document), 0)
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    for index, number in enumerate(sorted(objects)):
        rows[number] = (2, holder, index)
    rows[table] = (1, len(document), 0)
    numbers = sorted(rows)
    index_entry = b" ".join(b"%d 1" % number for number in numbers)
    content = zlib.compress(
        b"".join(
            kind.to_bytes(1, "big") + offset.to_bytes(4, "big") + last.to_bytes(2, "big")
            for kind, offset, last in (rows[number] for number in numbers)
        )
    )
    body = stream(
        content,
        b"/Type/XRef/W[1 4 2]/Size %d/Index[%s]/Root 1 0 R/Filter/FlateDecode" % (table + 1, index_entry),
    )
    document += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, body, rows[table][1])
    return bytes(document)
