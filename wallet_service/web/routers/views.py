"""How members are shown to themselves: shared by the routers that answer with a member. No rule here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wallet_service.members.repository import Member

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


def member_fields(member: Member) -> dict[str, Any]:
    """What never needs unsealing or the chain."""
    return {
        "id": member.id,
        "kind": member.kind.value,
        "tier": member.tier.value,
        "state": member.state.value,
        "account_address": member.account_address,
        "public_name": member.public_name,
        "public_description": member.public_description,
        "sector": member.sector,
        "commune_code": member.commune_code,
        "language": member.language,
        "identity_expires_on_day": member.identity_expires_on_day,
        "frozen_incoming": member.frozen_incoming,
        "frozen_outgoing": member.frozen_outgoing,
        "created_at_unix_ms": member.created_at_unix_ms,
    }


def own_view(services: Services, member_id: str) -> dict[str, Any]:
    """The whole of `GET /v1/me`."""
    member = services.members.get(member_id)
    account = services.accounts.view(member_id)
    file = services.identity.latest(member_id)
    limits = account.limits
    return {
        **member_fields(member),
        "display_name": services.directory.short_name(member_id),
        "identity_state": file.state.value if file else "none",
        "devices": services.members.devices(member_id),
        "passkey_ids": services.passkeys.credential_ids("member", member_id),
        "passkey_floors": {
            "per_payment_cents": account.passkey_floors.per_payment_cents,
            "per_day_cents": account.passkey_floors.per_day_cents,
        },
        "limits": {
            "max_balance_cents": limits.max_balance_cents,
            "max_payment_cents": limits.max_payment_cents,
            "max_day_cents": limits.max_day_cents,
            "max_30_days_cents": limits.max_30_days_cents,
        }
        if limits
        else None,
        "spent_today_cents": account.spending.today_cents,
        "spent_30_days_cents": account.spending.last_30_days_cents,
        "balance": {
            "posted_cents": account.balance.posted_cents,
            "reserved_cents": account.balance.reserved_cents,
            "available_cents": account.balance.available_cents,
        },
        "next_nonce": account.next_nonce,
    }
