"""The currency's one file, for what Python needs of it everywhere: the region's name and time zone.

Another region edits `currency.json`, or names a file of its own in ALBA_CURRENCY_FILE. Decides nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CURRENCY_FILE = Path(os.environ.get("ALBA_CURRENCY_FILE") or Path(__file__).parents[1] / "currency.json")


def read_currency(path: Path) -> dict[str, Any]:
    """Name, unit, sign, colours, region and time zone, as the file has them; raises OSError, ValueError."""
    currency: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return currency


_CURRENCY = read_currency(CURRENCY_FILE)
#: Number -> name of each département that belongs to the region.
DEPARTMENTS: dict[str, str] = {str(number): str(name) for number, name in _CURRENCY["departments"].items()}
REGION = str(_CURRENCY["region"])
#: The days people and the bank speak of.
LOCAL_ZONE = ZoneInfo(str(_CURRENCY["time_zone"]))
