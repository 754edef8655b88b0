"""What supervision computes and decides without a database: days, ratios, freezes, four eyes. Pure.

Amounts are integer cents; ratios are basis points (1 % = 100) or hundredths: no float is ever printed.
"""

from __future__ import annotations

from collections.abc import Collection

from wallet_service.oversight.errors import (
    FreezePeriodInvalid,
    FreezeWithoutDirection,
    GroundMissing,
    RefusalNotAllowed,
    SecondOfficerNeeded,
    SigningRightMissing,
)
from wallet_service.oversight.models import Approval
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.text.lines import one_line

MIN_GROUND_CHARACTERS = 5
MAX_GROUND_CHARACTERS = 300
MAX_FREEZE_DAYS = 366
MS_PER_DAY = 86_400_000
APPROVAL_LIFETIME_MS = 72 * 3_600 * 1_000
#: Whoever holds it signs what waits in `approvals`, but for the acts that are named below.
SIGNING_RIGHT = "govern"
SIGNING_RIGHTS = {
    "credit.give": "treasury",
    "statement.accept": "treasury",
    "payout.bank_refused": "treasury",
    "payout.cancel": "treasury",
    "payout.credit_returns": "treasury",
    "payout.debit_pays": "treasury",
    "reversal.mistaken": "treasury",
    "dispute.uphold": "compliance",
    "dispute.dismiss": "compliance",
}


def ground_hash(ground: str, salt: str) -> str:
    """What goes on chain instead of the ground; `salt` is 32 random bytes as 0x hex, kept with the ground."""
    return "0x" + keccak256(bytes.fromhex(salt[2:]) + ground.encode()).hex()


def checked_ground(ground: str) -> str:
    """Raises GroundMissing when too short or too long to be one."""
    text = one_line(ground) or ""
    if not MIN_GROUND_CHARACTERS <= len(text) <= MAX_GROUND_CHARACTERS:
        raise GroundMissing(minimum=MIN_GROUND_CHARACTERS, maximum=MAX_GROUND_CHARACTERS)
    return text


def check_freeze(incoming: bool, outgoing: bool, until_unix_s: int, now_unix_s: int) -> None:
    """Raises FreezeWithoutDirection, FreezePeriodInvalid. Every freeze ends."""
    if not (incoming or outgoing):
        raise FreezeWithoutDirection()
    if not now_unix_s < until_unix_s <= now_unix_s + MAX_FREEZE_DAYS * 86_400:
        raise FreezePeriodInvalid(maximum_days=MAX_FREEZE_DAYS)


def check_second_officer(asked_by: str, decided_by: str) -> None:
    """Four eyes: raises SecondOfficerNeeded when one person is both."""
    if asked_by == decided_by:
        raise SecondOfficerNeeded()


def signing_right(act: str) -> str:
    """The right an officer needs to sign this act as the second one."""
    return SIGNING_RIGHTS.get(act, SIGNING_RIGHT)


def check_may_sign(act: str, rights: Collection[str]) -> None:
    """Raises SigningRightMissing."""
    if signing_right(act) not in rights:
        raise SigningRightMissing(right=signing_right(act))


def check_may_refuse(approval: Approval, officer_id: str, rights: Collection[str]) -> None:
    """Who asked may withdraw, who may sign may refuse: raises RefusalNotAllowed for anybody else."""
    if officer_id != approval.asked_by and signing_right(approval.act) not in rights:
        raise RefusalNotAllowed()
