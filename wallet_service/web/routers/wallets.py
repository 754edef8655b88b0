"""A visitor's wallet in one request, and what every client must know of this currency first."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.members.service import DEFAULT_DEVICE_LABEL, NewWallet
from wallet_service.web.rate_limits import WALLET_CREATION, limited
from wallet_service.web.routers.views import member_fields
from wallet_service.web.security import ServicesOf, close_session, set_session_cookie

router = APIRouter(tags=["wallets"])


class WalletBody(BaseModel):
    """`proof`: base64url of r ‖ s over ``alba-wallet:`` and `public_key`, by that key."""

    model_config = ConfigDict(extra="forbid")

    public_key: Annotated[str, Field(pattern=r"^0x[0-9a-f]{128}$")]
    key_kind: Literal["p256"] = "p256"
    label: Annotated[str, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    language: Literal["fr", "en"] = "fr"
    proof: Annotated[str, Field(min_length=80, max_length=96)]


@router.get("/v1/config")
def config(request: Request, services: ServicesOf) -> dict[str, Any]:
    """Currency, chain, lifetimes, limits by tier and the server's time. Nothing personal; no session
    needed.
    """
    settings, domain = services.settings, services.chain.domain()
    currency: dict[str, Any] = request.app.state.currency
    names = ("name", "unit_one", "unit_many", "symbol", "region", "sign", "colours")
    return {
        "currency": {name: currency.get(name) for name in names},
        "environment": settings.environment,
        "chain": {
            "chain_id": domain.chain_id,
            "ledger": domain.verifying_contract,
            "domain_name": domain.name,
            "domain_version": domain.version,
        },
        "server_time_unix_ms": services.clock.now_unix_ms(),
        "chain_head_unix_s": _chain_head_unix_s(services),
        "sale_lifetime_s": settings.sale_lifetime_s,
        "payment_lifetime_s": settings.payment_lifetime_s,
        "redemption_lifetime_s": settings.redemption_lifetime_s,
        "wallet_origin": settings.wallet_origin,
        "till_origin": settings.till_origin,
        "tiers": {
            tier: {
                "max_balance_cents": limits.max_balance_cents,
                "max_payment_cents": limits.max_payment_cents,
                "max_day_cents": limits.max_day_cents,
                "max_30_days_cents": limits.max_30_days_cents,
            }
            for tier, limits in services.accounts.limits().items()
        },
    }


def _chain_head_unix_s(services: ServicesOf) -> int | None:
    """When the last final block this service has read was made. From SQL: a node that hangs must not hold up
    clients that only ask what the currency is called.
    """
    block = services.supervision.figures.last_block()
    return block.timestamp_unix_s if block else None


@router.post("/v1/wallets", status_code=201, dependencies=[Depends(limited(WALLET_CREATION))])
def create_wallet(
    body: WalletBody, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Opens a visitor's account for this device's key and signs the device in. 409 wallet.exists: sign in
    instead.
    """
    member = services.members.create_wallet(NewWallet(body.public_key, body.proof, body.label, body.language))
    session = services.sessions.open_now("member", member.id, "creation")
    close_session(request)
    set_session_cookie(response, request, session)
    return {**member_fields(member), "csrf_token": session.csrf_token}
