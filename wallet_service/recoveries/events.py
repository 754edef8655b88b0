"""What a recovery tells: one event, for the account's own pages and for officers.

The one place where a recovery is announced: whatever else reaches a member (a push while the app is closed, a
mail) listens for this kind.
"""

from __future__ import annotations

from wallet_service.protocol.event_kinds import (
    Event,
    MemberChanged,
    RecoveryChanged,
    to_console,
    to_member,
)


def recovery_changed(recovery_id: str, member_id: str, state: str) -> list[Event]:
    """`member.changed` too: the account's freezes and devices move with it."""
    said = RecoveryChanged(recovery_id, state)
    return [to_member(member_id, said), to_member(member_id, MemberChanged(member_id)), to_console(said)]
