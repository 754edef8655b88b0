"""Wires the point of sale together: settings, kept tills, the client, the stream bridge, the routes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.types import Scope

from merchant_pos import api, pages
from merchant_pos.paired_tills import PairedTills
from merchant_pos.sales import TillSales
from merchant_pos.service_client import ServiceClient
from merchant_pos.service_health import ServiceHealth
from merchant_pos.settings import PosSettings
from merchant_pos.stream_bridge import StreamBridge
from merchant_pos.web_rules import HostCheck, OuterRules, add_problem_handlers
from wallet_service.listening.addresses import ForwardedClient
from wallet_service.listening.rates import RateCounters
from wallet_service.protocol.clock import Clock, SystemClock
from wallet_service.territory.currency import read_currency
from wallet_service.ui.look import colours_of
from wallet_service.ui.packed import packed_file


class BuiltFiles(StaticFiles):
    """Built names carry their content's hash: they never change. Packed as the browser takes them."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        asked = Headers(scope=scope).get("accept-encoding", "")
        sent, said = packed_file(Path(full_path), asked)
        media_type, _ = guess_type(full_path)
        return FileResponse(
            sent,
            status_code,
            {"Cache-Control": "public, max-age=31536000, immutable", **said},
            media_type,
            stat_result=sent.stat(),
        )


def create_app(settings: PosSettings, clock: Clock | None = None) -> FastAPI:
    """The point of sale's server.

    Raises RuntimeError when the pages are not built, OSError or ValueError when the currency's file cannot be
    used, ValueError or InvalidTag when the kept tills cannot be read.
    """
    currency = read_currency(settings.currency_file)
    colours_of(currency)  # a wrong one ends the program at its start
    settings.data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    client = ServiceClient(settings, clock or SystemClock())
    service_health = ServiceHealth(client, settings.pulse_interval_s)
    sales = TillSales(client, settings.largest_sale_cents)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service_health.start()
        try:
            yield
        finally:
            await service_health.stop()
            await client.close()

    app = FastAPI(title="till", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.currency = currency
    app.state.client = client
    app.state.service_health = service_health
    app.state.sales = sales
    app.state.tills = PairedTills(settings.data_directory)
    app.state.stream_bridge = StreamBridge(client, sales, service_health, settings.pulse_interval_s)
    app.state.rates = RateCounters()
    app.state.built_files = pages.built_files()
    add_problem_handlers(app)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", BuiltFiles(directory=pages.BUILT), name="static")
    app.add_middleware(HostCheck, origin=settings.origin)
    app.add_middleware(OuterRules, encrypted=settings.secure_cookies())
    app.add_middleware(ForwardedClient, proxies=settings.proxies())
    return app
