"""How members are shown to themselves: shared by the routers that answer with a member. No rule here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wallet_service.members.repository import Member
from wallet_service.members.schemas import MemberAnswer, NewSessionMember, OwnAccountAnswer

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


def member_view(member: Member) -> MemberAnswer:
    """What never needs unsealing or the chain."""
    return MemberAnswer.model_validate(member)


def signed_in_member(member: Member, csrf_token: str) -> NewSessionMember:
    """The same for a device that has just been signed in."""
    return NewSessionMember.model_validate({**member_view(member).model_dump(), "csrf_token": csrf_token})


def own_account(services: Services, member_id: str) -> OwnAccountAnswer:
    """The whole of `GET /v1/me`."""
    account = services.accounts.view(member_id)
    member = services.members.get(member_id)
    is_own_freeze = member.frozen_outgoing and services.oversight.freezes.is_own(member_id)
    file = services.identity.latest(member_id)
    return OwnAccountAnswer.model_validate(
        {
            **member_view(member).model_dump(),
            "is_own_freeze": is_own_freeze,
            "open_recoveries": services.recoveries.phones.of_member(member_id),
            "display_name": services.directory.short_name(member_id),
            "identity_state": file.state.value if file else "none",
            "devices": services.members.devices(member_id),
            "passkey_ids": services.passkeys.credential_ids("member", member_id),
            "passkey_floors": account.passkey_floors,
            "limits": account.limits,
            "own_caps": account.caps,
            "spent_today_cents": account.spending.today_cents,
            "left_today_cents": account.spending.left_today_cents,
            "spent_30_days_cents": account.spending.last_30_days_cents,
            "payments_stopped": account.payments_stopped,
            "balance": account.balance,
            "terms_version": member.terms_version,
            "next_nonce": account.next_nonce,
        }
    )
