"""Frames an uploaded picture: drawn again from pixels alone, upright, cut to the card's shape.

Runs in a sandbox only (`directory.pictures`), after the drawing that identity documents go through, which
drops metadata (where it was taken, by which phone) and whatever else came along.
"""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from wallet_service.directory.pictures import HEIGHT_PIXELS, WIDTH_PIXELS
from wallet_service.identity.redrawing import redrawn

JPEG_QUALITY = 80


def framed(content: bytes) -> bytes:
    """A JPEG of the card's size, of the middle of the picture. Raises what `redrawn` does."""
    with Image.open(io.BytesIO(redrawn(content)), formats=["JPEG", "PNG"]) as picture:
        cut = ImageOps.fit(picture.convert("RGB"), (WIDTH_PIXELS, HEIGHT_PIXELS))
    kept = io.BytesIO()
    cut.save(kept, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return kept.getvalue()
