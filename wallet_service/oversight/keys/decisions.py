"""For how long a key is suspended, and which may be. Pure; times in unix seconds."""

from __future__ import annotations

from wallet_service.oversight.keys.errors import AnotherKeySuspended, SuspensionPeriodInvalid
from wallet_service.oversight.keys.models import KeySuspension

SECONDS_PER_DAY = 86_400
#: The ledger's MAX_KEY_SUSPENSION (contracts/Suspensions.sol), in days.
MAX_SUSPENSION_DAYS = 90
DEFAULT_SUSPENSION_DAYS = 30
#: The ledger counts from its block's time, which may be behind ours: the longest ends so much sooner.
CLOCK_SLACK_S = 300


def end_of(days: int, now_unix_s: int) -> int:
    """When a suspension of so many days ends, as the ledger will take it. Raises SuspensionPeriodInvalid."""
    if not 1 <= days <= MAX_SUSPENSION_DAYS:
        raise SuspensionPeriodInvalid(maximum_days=MAX_SUSPENSION_DAYS)
    latest_unix_s = now_unix_s + MAX_SUSPENSION_DAYS * SECONDS_PER_DAY - CLOCK_SLACK_S
    return min(now_unix_s + days * SECONDS_PER_DAY, latest_unix_s)


def check_only_one(standing: KeySuspension | None, signer_address: str, now_unix_s: int) -> None:
    """The ledger suspends one key of an account at a time. Raises AnotherKeySuspended."""
    if standing is None or not standing.is_in_force(now_unix_s):
        return
    if standing.signer_address != signer_address:
        raise AnotherKeySuspended()
