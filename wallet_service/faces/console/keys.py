"""A member's keys as officers see them: each device, when it last served, and what is suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wallet_service.faces.shell.security import OfficerSession
from wallet_service.members.decisions import DeviceState
from wallet_service.oversight.keys.decisions import DEFAULT_SUSPENSION_DAYS, MAX_SUSPENSION_DAYS

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


def keys_shown(
    services: Services, member_id: str, officer: OfficerSession, recovery_id: str = ""
) -> dict[str, Any]:
    """What `keys` of macros.html draws; `recovery_id` is the lost-phone request whose page it is."""
    keys, now_unix_s = services.oversight.keys, services.clock.now_unix_s()
    in_force, past = keys.in_force(member_id), keys.of_member(member_id)
    shown = services.access.of_member(member_id).devices
    return {
        "devices": shown,
        "suspension": in_force,
        "suspensions": past,
        "suspension_state": lambda each: each.shown_state(now_unix_s),
        "label_of_key": {each.signer_address: each.label for each in shown},
        "keys_of": member_id,
        "recovery_of_keys": recovery_id,
        "suspender_names": services.officers.names([each.asked_by for each in past if each.asked_by]),
        "may_suspend": "compliance" in officer.rights,
        "suspendable": [
            each
            for each in shown
            if each.state is DeviceState.ACTIVE
            and (in_force is None or in_force.signer_address == each.signer_address)
        ],
        "default_days": DEFAULT_SUSPENSION_DAYS,
        "max_days": MAX_SUSPENSION_DAYS,
    }
