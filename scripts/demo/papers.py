"""A paper to show at enrolment: drawn, and saying that it is nobody's."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw


def _specimen() -> bytes:
    """A drawn card that says what it is."""
    picture = Image.new("RGB", (640, 400), "#DCEDEA")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((24, 24, 616, 376), outline="#0B5D57", width=4)
    pen.rectangle((48, 90, 208, 300), fill="#0B5D57")
    pen.text((240, 100), "SPECIMEN", fill="#0B5D57", font_size=48)
    pen.text((240, 180), "Carte fictive de demonstration", fill="#16211E", font_size=22)
    pen.text((240, 220), "Sans valeur", fill="#16211E", font_size=22)
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=70)
    return output.getvalue()


SPECIMEN = _specimen()
