"""The operators' journal: one line for each act on the network's lists, chained by hashes.

Written and on disk before the act is carried out; holds no key. Owns appending, reading and verifying.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from scripts.network.layout import OWNER_ONLY, NetworkFailed

FILE = "journal.jsonl"
FIRST_HASH = "00" * 32
MAX_GROUND_CHARACTERS = 300


def append(folder: Path, act: str, subject: str, ground: str, details: dict[str, Any]) -> dict[str, Any]:
    """The new entry. Raises NetworkFailed without a ground, or when the journal was changed by hand."""
    if not 0 < len(ground.strip()) <= MAX_GROUND_CHARACTERS:
        raise NetworkFailed(f"say why, in at most {MAX_GROUND_CHARACTERS} characters: --because '...'")
    before = entries(folder)
    require_whole(before)
    entry: dict[str, Any] = {
        "at_unix_s": int(time.time()),
        "act": act,
        "subject": subject,
        "ground": ground.strip(),
        "details": details,
        "previous": before[-1]["hash"] if before else FIRST_HASH,
    }
    entry["hash"] = _hash(entry)
    descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return entry


def entries(folder: Path) -> list[dict[str, Any]]:
    """Oldest first."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    try:
        return [json.loads(line) for line in text.splitlines() if line]
    except ValueError as error:
        raise NetworkFailed(f"{folder / FILE} was changed by hand: {error}") from error


def require_whole(found: list[dict[str, Any]]) -> None:
    """Raises NetworkFailed for the first entry that does not follow from the one before."""
    previous = FIRST_HASH
    for number, entry in enumerate(found, start=1):
        if entry.get("previous") != previous or entry.get("hash") != _hash(entry):
            raise NetworkFailed(f"entry {number} of the journal does not follow from the one before")
        previous = entry["hash"]


def _hash(entry: dict[str, Any]) -> str:
    content = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
