"""What the pages of those concerned hear when an ask moves: that it did, and nobody's name."""

from __future__ import annotations

from wallet_service.protocol.event_kinds import AskChanged, Event, to_member


def ask_changed(ask_id: str, *member_ids: str | None) -> list[Event]:
    """To each of them that is known, once."""
    return [to_member(one, AskChanged(ask_id)) for one in sorted({one for one in member_ids if one})]
