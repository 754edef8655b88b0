"""In a demonstration only: tells the make-believe bank which transfers people say they are about to make.

A real bank learns of a transfer from its customer; in the demo nobody has one, so asking for a top-up's QR
code leaves a note in the bank's folder, which `make bank-day` turns into a credit. Bootstrap gives this to
TopupService in the demo environment alone.
"""

from __future__ import annotations

import json
from pathlib import Path

SUFFIX = ".json"


class ExpectedTransfers:
    """One note per reference: asking again replaces the amount."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, reference: str, amount_cents: int) -> None:
        self._folder.mkdir(0o700, parents=True, exist_ok=True)
        aside = self._folder / f".{reference}{SUFFIX}.part"
        aside.write_text(json.dumps({"reference": reference, "amount_cents": amount_cents}), encoding="utf-8")
        aside.replace(self._folder / f"{reference}{SUFFIX}")
