"""Bounds the tablet's page knows, for what it says while somebody types, are the service's own."""

from __future__ import annotations

import re
from pathlib import Path

import merchant_pos
from wallet_service.protocol.text.lines import MAX_SALE_LABEL_CHARACTERS
from wallet_service.protocol.text.money import SMALL_TIP_CENTS

SOURCES = Path(merchant_pos.__file__).parent / "static" / "src"


def constant(file: str, name: str) -> int:
    """The whole number that file exports under that name."""
    found = re.search(rf"export const {name} = ([\d_]+);", (SOURCES / file).read_text("utf-8"))
    assert found is not None
    return int(found[1])


def test_a_label_is_as_long_for_the_page_as_for_the_service() -> None:
    assert constant("label_sheet.js", "MAX_LABEL_CHARACTERS") == MAX_SALE_LABEL_CHARACTERS


def test_a_small_tip_is_as_large_for_the_page_as_for_the_service() -> None:
    assert constant("tip_rules.js", "SMALL_TIP_CENTS") == SMALL_TIP_CENTS
