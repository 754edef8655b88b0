"""Places where a test may kill the service, to prove that nothing is lost or doubled there.

`ALBA_CRASH_AT=settle.stored` makes the process kill itself with SIGKILL the first time it comes there. A
demonstration may be killed so; in production the variable keeps the service from starting. Between any two
stages of a payment, of a top-up and of a redemption there is a point: see `POINTS`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable

VARIABLE = "ALBA_CRASH_AT"
ENVIRONMENTS = ("demo", "test")

#: A signed payment, from the phone's request to its stored and sent bytes.
PAYMENT = (
    "accept.before_commit",
    "accept.committed",
    "settle.before_commit",
    "settle.stored",
    "settle.sent",
)
#: A signed redemption, from the request to its queued command.
REDEMPTION = ("redemption.before_commit", "redemption.committed")
#: An approved payout file: not yet decided; decided and not written; in the outbox and not noted.
PAYOUT = ("payout.before_commit", "payout.approved", "payout.written")
#: A file of the bank's: read and not booked; booked and still in the inbox; filed away.
BANK = ("bank.before_commit", "bank.booked", "bank.filed")

COMMANDS = (
    "attestReserve",
    "mint",
    "requestRedemption",
    "attestOutcome",
    "completeRedemption",
    "returnRedemption",
)
EVENTS = (
    "PaymentSettled",
    "ReserveAttested",
    "Minted",
    "RedemptionRequested",
    "RedemptionCompleted",
    "RedemptionReturned",
)


def of_command(kind: str) -> tuple[str, ...]:
    """A queued command: its bytes made and not kept; stored and not sent; sent and its fate not known."""
    return tuple(f"command.{kind}.{moment}" for moment in ("before_commit", "stored", "sent"))


def of_event(name: str) -> tuple[str, ...]:
    """An event of a final block: read; projected and not kept; kept and nobody told."""
    return tuple(f"index.{name}.{moment}" for moment in ("read", "before_commit", "committed"))


POINTS = frozenset(
    (
        *PAYMENT,
        *REDEMPTION,
        *PAYOUT,
        *BANK,
        *(point for kind in COMMANDS for point in of_command(kind)),
        *(point for name in EVENTS for point in of_event(name)),
    )
)

_armed: str | None = None


class CrashPointRefused(Exception):
    """The variable is set where it must not be, or to something that is no point; the sentence says which."""


def arm(environment: str) -> None:
    """Reads the variable once. Raises CrashPointRefused."""
    global _armed
    chosen = os.environ.get(VARIABLE, "")
    _armed = None
    if not chosen:
        return
    if environment not in ENVIRONMENTS:
        raise CrashPointRefused(f"{VARIABLE} makes the service kill itself: unset it in {environment}")
    if chosen not in POINTS:
        raise CrashPointRefused(f"{VARIABLE}: there is no point named {chosen}")
    _armed = chosen


def reach(point: str) -> None:
    """Dies by SIGKILL if this is the armed point; otherwise does nothing."""
    if _armed is not None and _armed == point:
        os.kill(os.getpid(), signal.SIGKILL)


def reach_commands(kinds: Iterable[str], moment: str) -> None:
    """`reach` for each of these commands' points."""
    if _armed is not None:
        for kind in kinds:
            reach(f"command.{kind}.{moment}")


def reach_events(names: Iterable[str], moment: str) -> None:
    """`reach` for each of these events' points."""
    if _armed is not None:
        for name in names:
            reach(f"index.{name}.{moment}")
