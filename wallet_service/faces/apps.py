"""Makes the two apps: the wallet's origin (with the API and the public page) and the console's.

Owns what is mounted, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING

from fastapi import FastAPI

from wallet_service.faces.console.routers import (
    access as console_access,
)
from wallet_service.faces.console.routers import (
    assisted,
    bank,
    bank_statements,
    documents,
    figures,
    identities,
    journal,
    listings,
    member_list,
    oversight,
    overview,
    payout_list,
    professionals,
    unmatched,
)
from wallet_service.faces.console.routers import (
    auth as console_auth,
)
from wallet_service.faces.console.routers import (
    disputes as console_disputes,
)
from wallet_service.faces.console.routers import (
    members as console_members,
)
from wallet_service.faces.console.routers import (
    notices as console_notices,
)
from wallet_service.faces.console.routers import (
    payouts as console_payouts,
)
from wallet_service.faces.console.routers import (
    push as console_push,
)
from wallet_service.faces.console.routers import (
    recoveries as console_recoveries,
)
from wallet_service.faces.console.routers import (
    reversals as console_reversals,
)
from wallet_service.faces.public.routers import directory, help, open_data, public, receipts
from wallet_service.faces.shell.headers import Face
from wallet_service.faces.shell.middleware import GuardMiddleware, RequestMiddleware
from wallet_service.faces.shell.packing import PackedPages
from wallet_service.faces.shell.problems import install_problems
from wallet_service.faces.shell.rate_limits import TEST_ALLOWANCE, RateLimits
from wallet_service.faces.shell.routers import docs, shell
from wallet_service.faces.wallet.paying import PaymentDoor
from wallet_service.faces.wallet.routers import (
    access,
    asks,
    auth,
    cashiers,
    contacts,
    devices,
    disputes,
    freezes,
    held,
    identity,
    keyholders,
    listing,
    loading,
    members,
    moves,
    notices,
    pages,
    payments,
    proofs,
    push,
    recoveries,
    redemptions,
    refunds,
    rights,
    sales,
    statements,
    tills,
    topups,
    wallets,
)
from wallet_service.faces.wallet.routers import (
    reversals as wallet_reversals,
)
from wallet_service.help.places import read_places
from wallet_service.listening.addresses import ForwardedClient
from wallet_service.listening.hosts import hosts_of
from wallet_service.territory.currency import read_currency
from wallet_service.ui.look import colours_of

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

WALLET_ROUTERS = (
    shell,
    docs,
    push,
    auth,
    access,
    wallets,
    devices,
    freezes,
    recoveries,
    members,
    moves,
    keyholders,
    held,
    notices,
    identity,
    proofs,
    tills,
    cashiers,
    payments,
    statements,
    sales,
    refunds,
    contacts,
    asks,
    topups,
    loading,
    wallet_reversals,
    disputes,
    redemptions,
    rights,
    listing,
    public,
    directory,
    open_data,
    receipts,
    help,
    pages,
)
CONSOLE_ROUTERS = (
    shell,
    console_push,
    console_auth,
    console_access,
    console_notices,
    bank,
    bank_statements,
    console_reversals,
    console_disputes,
    console_recoveries,
    payout_list,  # before console_payouts and figures, whose addresses have parts that vary
    console_payouts,
    documents,
    figures,
    identities,
    journal,
    listings,
    member_list,
    console_members,
    assisted,
    overview,
    professionals,
    unmatched,
    oversight,
)


def wallet_app(services: Services) -> FastAPI:
    """The wallet's origin: pages, /v1, the public page, /docs."""
    app = _app(services, "wallet", services.settings.wallet_origin)
    file = services.settings.help_places_file
    app.state.help_places = read_places(file) if file else ()  # a wrong list ends the program at its start
    _include(app, WALLET_ROUTERS)
    return app


def console_app(services: Services) -> FastAPI:
    """The console's origin: every page of it and the shell."""
    app = _app(services, "console", services.settings.console_origin)
    _include(app, CONSOLE_ROUTERS)
    return app


def _app(services: Services, face: Face, origin: str) -> FastAPI:
    currency = read_currency(services.settings.currency_file)
    colours_of(currency)  # a wrong one ends the program at its start
    app = FastAPI(
        title=f"{currency['name']} - {face}", version="1", docs_url=None, redoc_url=None, openapi_url=None
    )
    testing = services.settings.environment == "test"
    app.state.services = services
    app.state.face = face
    app.state.origin = origin
    app.state.encrypted = origin.startswith("https://")
    app.state.currency = currency
    app.state.rate_limits = RateLimits(allowance=TEST_ALLOWANCE if testing else 1)
    install_problems(app)
    hosts = hosts_of(origin) | ({"testserver"} if testing else set())
    if face == "wallet":
        app.add_middleware(PackedPages)
        app.add_middleware(PaymentDoor)
    app.add_middleware(GuardMiddleware, origin=origin, hosts=hosts, owner=app)
    app.add_middleware(
        RequestMiddleware,
        face=face,
        encrypted=app.state.encrypted,
        clock=services.clock,
        owner=app,
    )
    app.add_middleware(ForwardedClient, proxies=services.settings.proxies())
    return app


def _include(app: FastAPI, modules: Iterable[ModuleType]) -> None:
    for module in modules:
        app.include_router(module.router)
