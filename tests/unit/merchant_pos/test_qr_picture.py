"""The QR a customer scans, read back by an independent reader, also when a hand or a smear is on it."""

from __future__ import annotations

import hashlib
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from merchant_pos.qr_picture import BORDER_MODULES, qr_svg
from wallet_service.protocol.text.identifiers import SALE_ID_CHARACTERS, base32, new_sale_id
from wallet_service.protocol.text.qr import parse_sale_qr, sale_url

ORIGIN = "https://portefeuille.alba.example"
MODULE_PIXELS = 8
SMEARED_CODES, LEAST_READ = 20, 18


def drawn(svg: str) -> Image.Image:
    """The SVG's two paths as pixels."""
    match = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert match
    size = int(match[1]) * MODULE_PIXELS
    picture = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1H", svg):
        left, top = int(x) * MODULE_PIXELS, int(y) * MODULE_PIXELS
        draw.rectangle((left, top, left + int(width) * MODULE_PIXELS - 1, top + MODULE_PIXELS - 1), fill=0)
    return picture


def read(picture: Image.Image) -> str:
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else ""


def test_a_sale_reads_back_as_itself() -> None:
    for _ in range(20):
        sale_id = new_sale_id()
        assert parse_sale_qr(read(drawn(qr_svg(sale_url(ORIGIN, sale_id)))), ORIGIN) == sale_id


def fixed_sale_id(number: int) -> str:
    return base32(hashlib.sha256(bytes([number])).digest()[:10], SALE_ID_CHARACTERS)


def smeared(picture: Image.Image) -> Image.Image:
    """Blurred, grey, and with a tenth of it hidden."""
    picture = picture.filter(ImageFilter.GaussianBlur(MODULE_PIXELS * 0.3))
    picture = picture.point(lambda value: 90 + value // 3)
    side = int(picture.width * 0.3)
    start = int(picture.width * 0.42)
    ImageDraw.Draw(picture).rectangle((start, start, start + side, start + side), fill=160)
    return picture


def test_nearly_all_still_read_blurred_grey_and_with_a_tenth_of_it_hidden() -> None:
    """The same codes in every run: of all there are, this reader misses about one in forty so."""
    texts = [sale_url(ORIGIN, fixed_sale_id(number)) for number in range(SMEARED_CODES)]
    readings = [read(smeared(drawn(qr_svg(text)))) for text in texts]
    assert sum(reading == text for reading, text in zip(readings, texts, strict=True)) >= LEAST_READ
    assert set(readings) <= {*texts, ""}, "a code is not read, never read as another"


def test_the_border_is_white_and_four_modules_wide() -> None:
    picture = drawn(qr_svg(sale_url(ORIGIN, new_sale_id())))
    edge = BORDER_MODULES * MODULE_PIXELS
    inner = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
    assert picture.getpixel((0, 0)) == 255
    assert inner.getpixel((0, 0)) == 0
    framed = Image.new("L", picture.size, 255)
    framed.paste(inner, (edge, edge))
    assert framed.tobytes() == picture.tobytes()


@pytest.mark.parametrize("text", ["", "https://lower.case", 'A"/><script>', "A" * 121, "É"])
def test_what_is_not_a_sale_text_is_not_drawn(text: str) -> None:
    with pytest.raises(ValueError, match="sale's QR"):
        qr_svg(text)
