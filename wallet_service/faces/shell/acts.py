"""Which acts of the console an officer confirms: the whole list, as data. Owns no rule of what an act does.

An act is a route that changes something. One that is not listed is confirmed: forgetting it is safe, and a
test fails until somebody says which it is.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from starlette.routing import compile_path


class Confirmed(Enum):
    """When an act is confirmed."""

    ALWAYS = "always"
    #: Once the officer has a passkey: the first one cannot be confirmed by another.
    ONCE_ENROLLED = "once_enrolled"
    #: Nothing leaves, or somebody else confirms what comes of it.
    NEVER = "never"


ACTS: dict[str, Confirmed] = {
    # Everybody's money stops, or moves again.
    "POST /stops/{what}/stop": Confirmed.ALWAYS,
    "POST /stops/{what}/resume": Confirmed.ALWAYS,
    "POST /approvals/{approval_id}/approve": Confirmed.ALWAYS,
    # One person's money stops, or moves again.
    "POST /members/{member_id}/freeze": Confirmed.ALWAYS,
    "POST /members/{member_id}/unfreeze": Confirmed.ALWAYS,
    "POST /members/{member_id}/keys/{device_id}/suspend": Confirmed.ALWAYS,
    "POST /members/{member_id}/keys/release": Confirmed.ALWAYS,
    "POST /members/{member_id}/end-sessions": Confirmed.ALWAYS,
    # Units are made, or euros leave.
    "POST /unmatched/{entry_id}/resolve": Confirmed.ALWAYS,
    "POST /unmatched/{entry_id}/return": Confirmed.ALWAYS,
    "POST /held/{topup_id}/return": Confirmed.ALWAYS,
    "POST /statements/{statement_row_id}/accept": Confirmed.ALWAYS,
    "POST /statements/{statement_row_id}/dismiss": Confirmed.ALWAYS,
    "POST /proposals/{topup_id}/approve": Confirmed.ALWAYS,
    "POST /proposals/{topup_id}/withdraw": Confirmed.ALWAYS,
    "POST /payouts/{payout_file_id}/approve": Confirmed.ALWAYS,
    # Units without euros: what is done about them.
    "POST /reversals/{reversal_id}/pay-back": Confirmed.ALWAYS,
    "POST /reversals/{reversal_id}/force": Confirmed.ALWAYS,
    "POST /reversals/{reversal_id}/execute": Confirmed.ALWAYS,
    "POST /reversals/{reversal_id}/loss": Confirmed.ALWAYS,
    "POST /reversals/{reversal_id}/mistaken": Confirmed.ALWAYS,
    "POST /payouts/held/give-back": Confirmed.ALWAYS,
    # Contested payments: one person's money goes to another, or is held no more.
    "POST /disputes/{dispute_id}/uphold": Confirmed.ALWAYS,
    "POST /disputes/{dispute_id}/dismiss": Confirmed.ALWAYS,
    "POST /disputes/{dispute_id}/end": Confirmed.ALWAYS,
    "POST /disputes/{dispute_id}/holds/{hold_id}/release": Confirmed.ALWAYS,
    "POST /disputes/{dispute_id}/holds/{hold_id}/take": Confirmed.ALWAYS,
    "POST /disputes/{dispute_id}/holds/{hold_id}/execute": Confirmed.ALWAYS,
    # A new phone's key for somebody's account, and taking that back.
    "POST /recoveries/{recovery_id}/propose": Confirmed.ALWAYS,
    "POST /recoveries/{recovery_id}/cancel": Confirmed.ALWAYS,
    "POST /recoveries/{recovery_id}/halt": Confirmed.ALWAYS,
    "POST /members/{member_id}/device-code": Confirmed.ALWAYS,
    # Accounts without a phone: opened, their code made anew, their owner's name, ended.
    "POST /assisted": Confirmed.ALWAYS,
    "POST /assisted/{member_id}/card": Confirmed.ALWAYS,
    "POST /assisted/{member_id}/correct": Confirmed.ALWAYS,
    "POST /assisted/{member_id}/close": Confirmed.ALWAYS,
    # Limits: a professional's are the widest.
    "POST /members/{member_id}/professional": Confirmed.ALWAYS,
    # What lets officers in.
    "POST /access/sessions/{session_id}/end": Confirmed.ALWAYS,
    "POST /access/sessions/end-others": Confirmed.ALWAYS,
    "POST /access/passkeys/{credential_id}/remove": Confirmed.ALWAYS,
    "POST /access/officers/{officer_id}/end-sessions": Confirmed.ALWAYS,
    "POST /passkey/options": Confirmed.ONCE_ENROLLED,
    # Good only with the challenge that was given for the line above.
    "POST /passkey/verify": Confirmed.NEVER,
    # The way in and out, and confirming itself.
    "POST /sign-in/code": Confirmed.NEVER,
    "POST /sign-in/passkey/options": Confirmed.NEVER,
    "POST /sign-in/passkey/verify": Confirmed.NEVER,
    "POST /sign-out": Confirmed.NEVER,
    "POST /confirmations/options": Confirmed.NEVER,
    "POST /confirmations/verify": Confirmed.NEVER,
    # How the officer is told that something waits, never what.
    "POST /notices/seen": Confirmed.NEVER,
    "POST /notices/choices": Confirmed.NEVER,
    "POST /notices/endpoints": Confirmed.NEVER,
    "POST /notices/endpoints/remove": Confirmed.NEVER,
    "POST /notices/mail": Confirmed.NEVER,
    "POST /notices/mail/confirm": Confirmed.NEVER,
    "POST /notices/mail/forget": Confirmed.NEVER,
    # Printed for the person in front of the officer, on a ground that stays in the journal.
    "POST /assisted/{member_id}/statement": Confirmed.NEVER,
    "POST /assisted/{member_id}/data": Confirmed.NEVER,
    # Only looked for.
    "POST /unmatched/search": Confirmed.NEVER,
    "POST /members/search": Confirmed.NEVER,
    # Nothing is done, or a second officer confirms it.
    "POST /approvals/{approval_id}/refuse": Confirmed.NEVER,
    "POST /payouts/prepare": Confirmed.NEVER,
    "POST /payouts/{payout_file_id}/check": Confirmed.NEVER,
    "POST /payouts/{payout_file_id}/cancel": Confirmed.NEVER,
    "POST /payouts/{payout_file_id}/withhold": Confirmed.NEVER,
    "POST /payouts/lines/accept": Confirmed.NEVER,
    "POST /payouts/lines/take-out": Confirmed.NEVER,
    "POST /payouts/held/again": Confirmed.NEVER,
    "POST /payouts/refused": Confirmed.NEVER,
    "POST /payouts/answers/note": Confirmed.NEVER,
    "POST /payouts/debits/{entry_id}": Confirmed.NEVER,
    "POST /payouts/returns/{entry_id}": Confirmed.NEVER,
    # Many a day, each on papers that were read, each in the journal; a freeze undoes what it allows.
    "POST /listings/changes/{change_id}/seen": Confirmed.NEVER,
    "POST /listings/{member_id}/withhold": Confirmed.NEVER,
    "POST /listings/{member_id}/restore": Confirmed.NEVER,
    "POST /identities/{file_id}/approve": Confirmed.NEVER,
    # Another officer decides on it.
    "POST /assisted/{member_id}/copies": Confirmed.NEVER,
    "POST /identities/{file_id}/refuse": Confirmed.NEVER,
}


def confirmed(method: str, template: str) -> Confirmed:
    """By the route's own path, with its parameters' names."""
    return ACTS.get(f"{method} {template}", Confirmed.ALWAYS)


def asks_confirmation(method: str, path: str) -> bool:
    """Whether the act at this address is always confirmed: what a form must say before it is sent."""
    for route, when in ACTS.items():
        listed_method, template = route.split(" ")
        if listed_method == method and _pattern(template).match(path):
            return when is Confirmed.ALWAYS
    return True


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]
