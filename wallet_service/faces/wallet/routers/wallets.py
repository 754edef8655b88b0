"""A visitor's wallet in one request, and what every client must know of this currency first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from wallet_service.accounts.schemas import AccountLimits
from wallet_service.faces.shell.browsers import browser_of
from wallet_service.faces.shell.rate_limits import WALLET_CREATION, limited
from wallet_service.faces.shell.security import ServicesOf, close_session, set_session_cookie
from wallet_service.faces.wallet.routers.views import signed_in_member
from wallet_service.faces.wallet.schemas import ChainAnswer, ConfigAnswer, CurrencyAnswer
from wallet_service.help.documents import terms_version
from wallet_service.members import errors
from wallet_service.members.schemas import NewSessionMember, WalletBody
from wallet_service.members.service import NewWallet
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.security.errors import KeyInvalid
from wallet_service.security.sessions import OpenedWith
from wallet_service.topups.decisions import starts_unix_ms

router = APIRouter(tags=["wallets"])


@router.get("/v1/config")
async def config(request: Request, services: ServicesOf) -> ConfigAnswer:
    """Currency, chain, lifetimes, limits by tier, the server's time. Nothing personal; no session needed.

    From memory, on the event loop: a database or a node that hangs keeps no client waiting.
    """
    settings, domain = services.settings, services.chain.domain()
    currency: dict[str, Any] = request.app.state.currency
    return ConfigAnswer(
        currency=CurrencyAnswer.model_validate(currency),
        environment=settings.environment,
        chain=ChainAnswer(
            chain_id=domain.chain_id,
            ledger=domain.verifying_contract,
            domain_name=domain.name,
            domain_version=domain.version,
        ),
        server_time_unix_ms=services.clock.now_unix_ms(),
        chain_head_unix_s=services.watches.progress.last_block_unix_s,
        parts_away=services.readiness.away(),
        payments_stopped=services.accounts.payments_stopped(),
        sale_lifetime_s=settings.sale_lifetime_s,
        payment_lifetime_s=settings.payment_lifetime_s,
        redemption_lifetime_s=settings.redemption_lifetime_s,
        wallet_origin=settings.wallet_origin,
        till_origin=settings.till_origin,
        visitors_once_from_unix_ms=starts_unix_ms(settings.visitor_loads_once_from),
        terms_version=terms_version(),
        tiers={
            tier: AccountLimits.model_validate(limits) for tier, limits in services.accounts.limits().items()
        },
    )


@router.post(
    "/v1/wallets",
    status_code=201,
    dependencies=[Depends(limited(WALLET_CREATION))],
    responses=refuses(KeyInvalid, errors.ProofInvalid, errors.WalletExists, errors.EnrolmentsFull),
)
def create_wallet(
    body: WalletBody, request: Request, response: Response, services: ServicesOf
) -> NewSessionMember:
    """Opens a visitor's account for this device's key and signs it in; after `wallet.exists` it signs in."""
    member = services.members.create_wallet(
        NewWallet(body.public_key, body.proof, body.label, body.language, body.terms_version)
    )
    session = services.sessions.open_now(
        "member", member.id, "creation", OpenedWith(member.account_address, browser_of(request))
    )
    close_session(request)
    set_session_cookie(response, request, session)
    return signed_in_member(member, session.csrf_token)
