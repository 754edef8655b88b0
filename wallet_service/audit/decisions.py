"""Which findings are about money, which end by themselves, and how an anchor is written. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from wallet_service.audit.models import AnchoredHead, Code, Finding

#: While one of these stands the service is not ready. What chain.causes finds has its own readiness.
MONEY_CODES = frozenset({Code.BALANCE, Code.SUM, Code.MINTS})
#: What was cut does not grow back: only a person's answer ends it.
LASTING_CODES = frozenset({Code.JOURNAL_CUT})
#: An anchor's calldata: these bytes, the entry's number (8 bytes), its hash (32 bytes).
ANCHOR_TAG = b"alba.journal.1"
_NUMBER_BYTES, _HASH_BYTES = 8, 32

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    new: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    ended: tuple[Key, ...]


def anchor_data(head: AnchoredHead) -> bytes:
    return ANCHOR_TAG + head.entry_id.to_bytes(_NUMBER_BYTES, "big") + bytes.fromhex(head.entry_hash[2:])


def anchored_head(data: bytes) -> AnchoredHead | None:
    """None when these bytes are no anchor."""
    if not data.startswith(ANCHOR_TAG) or len(data) != len(ANCHOR_TAG) + _NUMBER_BYTES + _HASH_BYTES:
        return None
    number = data[len(ANCHOR_TAG) : -_HASH_BYTES]
    return AnchoredHead(int.from_bytes(number, "big"), "0x" + data[-_HASH_BYTES:].hex())


def changes(
    standing: Mapping[Key, Finding],
    found: Iterable[Finding],
    looked_at: Collection[Key],
    all_of: Collection[str],
) -> Changes:
    """What a look changes. It covers the keys `looked_at` and every subject of the codes `all_of`."""
    now = {(finding.code.value, finding.subject): finding for finding in found}
    new = tuple(finding for key, finding in now.items() if key not in standing)
    changed = tuple(
        finding
        for key, finding in now.items()
        if key in standing and standing[key].difference_cents != finding.difference_cents
    )
    ended = tuple(
        key
        for key, finding in standing.items()
        if key not in now and finding.code not in LASTING_CODES and (key in looked_at or key[0] in all_of)
    )
    return Changes(new, changed, ended)
