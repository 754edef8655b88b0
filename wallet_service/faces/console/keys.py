"""A member's keys as officers see them: each device, when it last served, and what is suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wallet_service.faces.shell.security import OfficerSession
from wallet_service.keyholders.models import EndedBy, KeyholderKind
from wallet_service.members.decisions import DeviceState
from wallet_service.oversight.keys.decisions import DEFAULT_SUSPENSION_DAYS, MAX_SUSPENSION_DAYS

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: Whose key of the account it is. What the member calls them is sealed and stays so.
KEYHOLDER_LABELS = {
    KeyholderKind.CHILD: _("enfant"),
    KeyholderKind.HELPER: _("aide"),
    KeyholderKind.JOINT: _("co-titulaire"),
}
ENDED_LABELS = {
    EndedBy.HOLDER: _("par le titulaire"),
    EndedBy.SELF: _("rendue par qui l’avait"),
    EndedBy.TIME: _("son temps est passé"),
    EndedBy.RECOVERY: _("avec le téléphone perdu"),
    EndedBy.CLOSING: _("avec le compte"),
    EndedBy.LEDGER: _("dit le registre"),
}


def keyholders_shown(services: Services, member_id: str) -> dict[str, Any]:
    """What `keyholders.html` draws: every key somebody else has or had, its limits and its time."""
    return {
        "keyholders": services.people.keyholders.keys_of(member_id),
        "keyholder_words": KEYHOLDER_LABELS,
        "ended_words": ENDED_LABELS,
    }


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
