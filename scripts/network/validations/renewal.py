"""Until when a validator is staked again after its validation has ended. Pure: no process, no chain.

The engine does not prolong a validation that runs, so there is a gap of seconds to minutes in which a
validator is missing: two must never be missing in one week.
"""

from __future__ import annotations

from collections.abc import Iterable

from wallet_service.chain.node.several.validations import SECONDS_A_DAY

#: The engine's own bound: no validation is longer.
LONGEST_S = 365 * SECONDS_A_DAY
APART_S = 7 * SECONDS_A_DAY
#: The engine counts from the block that takes the validation, whose clock may be behind ours.
SLACK_S = 3_600


def new_end_unix_s(now_unix_s: int, other_ends_unix_s: Iterable[int]) -> int:
    """The latest end that is a week away from every other one's."""
    end_unix_s = now_unix_s + LONGEST_S - SLACK_S
    for other in sorted(other_ends_unix_s, reverse=True):
        if abs(other - end_unix_s) < APART_S:
            end_unix_s = other - APART_S
    return end_unix_s
