"""Which member a credit is for, and whether it may be minted now. Pure: no clock, no database, no chain.

The chain checks the same limits again; deciding first keeps a refusal from costing a transaction and names
the reason in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from wallet_service.bank.statement import EntryLine
from wallet_service.protocol.calendar import has_expired
from wallet_service.protocol.errors import TopupReferenceInvalid
from wallet_service.protocol.text.references import normal_topup_reference
from wallet_service.territory.currency import LOCAL_ZONE

#: ``RF``, two check digits and ten characters: short enough to copy by hand, 50 random bits so nobody guesses
#: one.
SERIAL_CHARACTERS = 10
REFERENCE_CHARACTERS = 4 + SERIAL_CHARACTERS
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")
_AS_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})

NO_LIMIT_CENTS = 0
#: First wait before a held top-up is tried again; it doubles up to the last.
FIRST_RETRY_S = 30
LONGEST_RETRY_S = 3_600


@dataclass(frozen=True)
class Receiver:
    """The member a credit is for, and what is already on the way there.

    Attributes:
        balance_cents: what the account holds, as last seen on chain.
        minting_cents: top-ups queued and not yet in the balance.
        loaded_30_days_cents: all top-ups of the last 30 days that are credited or queued.
        was_loaded: whether there ever was one that is credited or queued.
    """

    state: str
    tier: str
    frozen_incoming: bool
    identity_expires_on_day: int | None
    balance_cents: int
    minting_cents: int
    loaded_30_days_cents: int
    was_loaded: bool = False


@dataclass(frozen=True)
class LoadLimits:
    """Of one tier, in cents, 0 for none. `load_30_days_cents` binds visitors only (CMF R561-16-1).

    `is_once`: visitors are loaded once (decision 0042: what Regulation (EU) 2024/1624 may ask for).
    """

    max_balance_cents: int
    load_30_days_cents: int
    is_once: bool = False


def references_in(line: EntryLine) -> list[str]:
    """Every well-formed reference of ours that came with a transfer, structured ones first, each once.

    Looked for wherever banks and people put it: creditor references and document numbers, the end-to-end id,
    each text alone and all of them joined (a reference may be cut over two lines). Any sign may stand between
    its characters, so all but letters and digits is dropped before looking; the length is fixed and the check
    digits must hold. Our alphabet (Crockford's base 32) has neither O nor I nor L: where they are typed, 0
    and 1 were meant.
    """
    found: list[str] = []
    texts = (*line.structured, line.references.end_to_end or "", *line.texts, " ".join(line.texts))
    for text in texts:
        compact = _NOT_ALPHANUMERIC.sub("", text.upper())
        start = compact.find("RF")
        while start >= 0:
            candidate = compact[start : start + REFERENCE_CHARACTERS]
            meant = "RF" + candidate[2:].translate(_AS_MEANT)
            for each in (candidate, meant):
                if len(each) == REFERENCE_CHARACTERS and each not in found and _is_reference(each):
                    found.append(each)
            start = compact.find("RF", start + 1)
    return found


@lru_cache(maxsize=4_096)
def _is_reference(candidate: str) -> bool:
    try:
        return normal_topup_reference(candidate) == candidate
    except TopupReferenceInvalid:
        return False


def hold_reason(receiver: Receiver, limits: LoadLimits | None, amount_cents: int, today: int) -> str | None:
    """Why this credit must wait, or None.

    `today` in days since 1970-01-01; `limits` None: the tier has none yet.
    """
    if receiver.state == "closed":
        return "member_closed"
    if receiver.state != "active" or limits is None:
        return "member_pending"
    if receiver.frozen_incoming:
        return "member_frozen"
    if has_expired(receiver.identity_expires_on_day, today):
        return "identity_expired"
    held_cents = receiver.balance_cents + receiver.minting_cents + amount_cents
    if limits.max_balance_cents != NO_LIMIT_CENTS and held_cents > limits.max_balance_cents:
        return "holding_limit"
    if is_loaded_for_good(receiver, limits):
        return "visitor_loaded_once"
    loaded_cents = receiver.loaded_30_days_cents + amount_cents
    if (
        receiver.tier == "visitor"
        and limits.load_30_days_cents != NO_LIMIT_CENTS
        and loaded_cents > limits.load_30_days_cents
    ):
        return "visitor_load_limit"
    return None


def is_loaded_for_good(receiver: Receiver, limits: LoadLimits) -> bool:
    """Whether this wallet is a visitor's that had its one load."""
    return receiver.tier == "visitor" and limits.is_once and receiver.was_loaded


def starts_unix_ms(day: date | None) -> int | None:
    """Midnight in the region, Unix ms; None for no day."""
    return None if day is None else int(datetime.combine(day, time(), LOCAL_ZONE).timestamp()) * 1000


def retry_delay_s(attempts: int) -> int:
    """Seconds to wait after the `attempts`-th refusal by the chain."""
    return int(min(FIRST_RETRY_S * 2 ** min(attempts, 20), LONGEST_RETRY_S))
