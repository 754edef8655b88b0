"""What a dispute tells: one event, for everybody it concerns and for officers.

The one place where it is announced: what reaches a member while away listens for this kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from wallet_service.disputes.models import Dispute, Hold
from wallet_service.protocol.event_kinds import DisputeChanged, Event, to_console, to_member


def dispute_changed(dispute: Dispute, holds: Iterable[Hold]) -> list[Event]:
    """To payer, payee, and whoever something is or was held from."""
    said = DisputeChanged(dispute.id, str(dispute.state))
    concerned = {dispute.payer_member_id, dispute.payee_member_id, *(hold.member_id for hold in holds)}
    return [*(to_member(member_id, said) for member_id in sorted(concerned)), to_console(said)]
