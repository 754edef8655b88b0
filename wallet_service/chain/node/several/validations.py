"""How long each validator still validates, and which bounds have passed. Pure: judges what others asked.

Only engines whose validations end are asked (the profile's `validations`); elsewhere nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SECONDS_A_DAY = 86_400
#: Whole days before a validation ends at which somebody must know.
ALARM_DAYS = (60, 30, 7)
#: Days left of a validation that has ended, or of a validator that was taken off the list.
ENDED = -1


@dataclass(frozen=True, slots=True)
class Account:
    """What one node says: who it is, and when each validator's validation ends (unix seconds).

    Without ends for one that is away and known from before.
    """

    identity: str
    ends_unix_s: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Validation:
    """One validator's. `days_left` is None of one that was never heard: nobody knows which of them it is."""

    name: str
    days_left: int | None = None

    @property
    def bound_days(self) -> int | None:
        """The shortest bound of ALARM_DAYS that has passed; 0 once it has ended; None before all of them."""
        if self.days_left is None:
            return None
        return 0 if self.days_left == ENDED else passed_bound(self.days_left)


@dataclass(frozen=True, slots=True)
class Validations:
    """All of them, in the order of the profile's nodes. `missing`: so many more should be listed."""

    each: tuple[Validation, ...]
    missing: int

    def of(self, name: str) -> Validation | None:
        return next((one for one in self.each if one.name == name), None)

    @property
    def soonest(self) -> Validation | None:
        """The one that ends first, of those whose end is near."""
        near = [one for one in self.each if one.bound_days is not None]
        return min(near, key=lambda one: one.days_left or 0, default=None)


def days_until(end_unix_s: int, now_unix_s: float) -> int:
    """Whole days, ENDED when the moment has passed."""
    return max(ENDED, int((end_unix_s - now_unix_s) // SECONDS_A_DAY))


def passed_bound(days_left: int) -> int | None:
    """The shortest of ALARM_DAYS that `days_left` is below."""
    return min((bound for bound in ALARM_DAYS if days_left < bound), default=None)


def judge(names: Sequence[str], accounts: Sequence[Account | None], now_unix_s: int) -> Validations | None:
    """`accounts` in the order of `names`, None of a node that did not answer. None when nobody did.

    Of two nodes that tell different ends the sooner counts: a false alarm costs a look.
    """
    answered = [one for one in accounts if one is not None and one.ends_unix_s]
    if not answered:
        return None
    ends: dict[str, int] = {}
    for account in answered:
        for identity, end_unix_s in account.ends_unix_s.items():
            ends[identity] = min(end_unix_s, ends.get(identity, end_unix_s))
    each = []
    for name, own in zip(names, accounts, strict=True):
        if own is None:
            each.append(Validation(name))
            continue
        end_unix_s = ends.get(own.identity, 0)
        each.append(Validation(name, days_until(end_unix_s, now_unix_s)))
    running = sum(end_unix_s > now_unix_s for end_unix_s in ends.values())
    return Validations(tuple(each), max(0, len(names) - running))
