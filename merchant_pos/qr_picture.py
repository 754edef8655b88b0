"""Draws a sale's QR as an SVG picture: black on white with its white border, whatever the theme.

Draws what it is given.
"""

from __future__ import annotations

import re

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

BORDER_MODULES = 4  # ISO/IEC 18004: the quiet zone
MAX_TEXT_CHARACTERS = 120
#: QR alphanumeric mode: short, upper case, the densest the standard has for a URL.
ALPHANUMERIC_FORM = re.compile(r"[0-9A-Z $%*+\-./:]+")


def qr_svg(text: str) -> str:
    """An SVG of the QR code of `text`. Level Q survives a quarter of the picture hidden.

    Raises ValueError when the text is not a short alphanumeric one: a till never draws what it does not
    expect.
    """
    if len(text) > MAX_TEXT_CHARACTERS or not ALPHANUMERIC_FORM.fullmatch(text):
        raise ValueError("not the text of a sale's QR")
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=BORDER_MODULES)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    size = len(rows)
    path = "".join(_row_path(row, y) for y, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def _row_path(row: list[bool], y: int) -> str:
    """Runs of dark modules of one row as rectangles one module high."""
    path, x = "", 0
    while x < len(row):
        start = x
        while x < len(row) and row[x]:
            x += 1
        if x > start:
            path += f"M{start} {y}h{x - start}v1H{start}z"
        x += 1
    return path
