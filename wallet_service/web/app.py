"""Makes the two apps: the wallet's origin (with the API and the public page) and the console's. Owns what
is mounted.

A router module that does not exist is skipped only while it is named in no import; an import error inside
one is fatal.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from wallet_service.web import routers
from wallet_service.web.headers import Face, security_headers
from wallet_service.web.middleware import GuardMiddleware, RequestMiddleware
from wallet_service.web.problems import install_problems
from wallet_service.web.rate_limits import TEST_ALLOWANCE, RateLimits

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

WALLET_ROUTERS = (
    "shell",
    "docs",
    "push",
    "auth",
    "wallets",
    "devices",
    "members",
    "identity",
    "tills",
    "payments",
    "statements",
    "sales",
    "refunds",
    "topups",
    "redemptions",
    "public",
    "wallet_pages",
)
CONSOLE_ROUTERS = ("shell", "console_push", "console_auth")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def wallet_app(services: Services) -> FastAPI:
    """The wallet's origin: pages, /v1, the public page, /docs."""
    app = _app(services, "wallet", services.settings.wallet_origin)
    _include(app, WALLET_ROUTERS)
    return app


def console_app(services: Services) -> FastAPI:
    """The console's origin: every module console_* and the shell."""
    app = _app(services, "console", services.settings.console_origin)
    found = sorted(
        module.name for module in pkgutil.iter_modules(routers.__path__) if module.name.startswith("console_")
    )
    _include(app, (*CONSOLE_ROUTERS, *(name for name in found if name not in CONSOLE_ROUTERS)))
    return app


def _app(services: Services, face: Face, origin: str) -> FastAPI:
    currency = json.loads(services.settings.currency_file.read_text("utf-8"))
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
    hosts = [urlsplit(origin).hostname or "localhost", *LOCAL_HOSTS, *(["testserver"] if testing else [])]
    app.add_middleware(GuardMiddleware, origin=origin, owner=app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    app.add_middleware(
        RequestMiddleware,
        face=face,
        headers=security_headers(face, encrypted=app.state.encrypted),
        clock=services.clock,
        owner=app,
    )
    return app


def _include(app: FastAPI, names: tuple[str, ...]) -> None:
    for name in names:
        module = f"{routers.__name__}.{name}"
        if importlib.util.find_spec(module) is not None:
            app.include_router(importlib.import_module(module).router)
