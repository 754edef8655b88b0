"""What may follow what, whom a typed number means, when two officers must sign. Pure; amounts in cents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wallet_service.protocol.errors import TopupReferenceInvalid
from wallet_service.protocol.text.identifiers import BASE32_ALPHABET, base32
from wallet_service.protocol.text.references import normal_topup_reference
from wallet_service.recoveries.models import RecoveryState

S = RecoveryState
#: The ledger's word wins over ours: its events may come in any state that it has not ended itself.
TRANSITIONS: Mapping[RecoveryState, frozenset[RecoveryState]] = {
    S.ASKED: frozenset({S.PROPOSING, S.PROPOSED, S.VETOED, S.CANCELLED, S.LAPSED}),
    S.PROPOSING: frozenset({S.ASKED, S.PROPOSED}),
    S.PROPOSED: frozenset({S.EXECUTING, S.VETOING, S.VETOED, S.CANCELLED, S.EXECUTED, S.LAPSED, S.PROPOSING}),
    S.EXECUTING: frozenset({S.PROPOSED, S.VETOING, S.VETOED, S.CANCELLED, S.EXECUTED, S.LAPSED, S.PROPOSING}),
    S.VETOING: frozenset({S.PROPOSED, S.VETOED, S.CANCELLED, S.EXECUTED, S.LAPSED, S.PROPOSING}),
    # Back only when the chain takes back the block that ended it.
    S.VETOED: frozenset({S.VETOING}),
    S.CANCELLED: frozenset({S.PROPOSED}),
    S.EXECUTED: frozenset({S.EXECUTING}),
    S.LAPSED: frozenset(),
}
OPEN = (S.ASKED, S.PROPOSING, S.PROPOSED, S.EXECUTING, S.VETOING)
ON_LEDGER = (S.PROPOSED, S.EXECUTING, S.VETOING)
#: What the phone that asked is told: what the ledger is being told is no news to it.
TOLD_AS = {S.EXECUTING: S.PROPOSED, S.VETOING: S.PROPOSED}

#: From this balance on a second officer signs.
TWO_OFFICERS_FROM_CENTS = 500_00
#: Longer than any recovery lasts: asked, its delay, its life. The ledger wants every freeze to end.
FREEZE_DAYS = 90
ASKED_LIFE_MS = 30 * 86_400_000
#: The ledger's RECOVERY_LIFE.
EXECUTABLE_FOR_S = 30 * 86_400
#: After an old device has said "I have my phone", a stranger's request freezes nothing for so long.
QUIET_MS = 7 * 86_400_000
#: Open requests for one account: strangers must not fill an officer's page.
MAX_OPEN = 10
#: The ledger was asked too early, by its own clock, or could not just now.
TRY_AGAIN_S = 30

NUMBER_CHARACTERS = 8
#: What people misread: Crockford's base32 gives these letters a digit.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_NUMBER = re.compile(f"[{BASE32_ALPHABET}]{{{NUMBER_CHARACTERS}}}")


def typed_reference(text: str) -> str | None:
    """A transfer reference (ISO 11649) in its normal form, None when it is none."""
    try:
        return normal_topup_reference(text)
    except TopupReferenceInvalid:
        return None


def typed_number(text: str) -> str | None:
    """The start of a member's id as people say it ("7K3M 9QXZ"), None when it is none."""
    plain = re.sub(r"[\s-]", "", text.upper()).translate(_MISREAD)
    return plain if _NUMBER.fullmatch(plain) else None


def request_number(token_digest: str) -> str:
    """``7K3M9QXZ``: what the phone that asked shows, and an officer finds it by. Known for any token."""
    return base32(bytes.fromhex(token_digest)[:5], NUMBER_CHARACTERS)


def takes_two(balance_cents: int, *, may_object: bool) -> bool:
    """Whether a second officer must sign before the ledger is told.

    From an amount on; and always where no key of the account is left that could object (decision 0041).
    """
    return balance_cents >= TWO_OFFICERS_FROM_CENTS or not may_object
