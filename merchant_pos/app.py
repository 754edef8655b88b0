"""Wires the point of sale together: settings, kept tills, the client, the relay, the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from merchant_pos import api, pages
from merchant_pos.paired_tills import PairedTills
from merchant_pos.pulse import ServicePulse
from merchant_pos.relay import Relay
from merchant_pos.sales import Sales
from merchant_pos.service_client import ServiceClient
from merchant_pos.settings import PosSettings
from merchant_pos.web_rules import OuterRules, add_problem_handlers
from wallet_service.protocol.clock import Clock, SystemClock


class BuiltFiles(StaticFiles):
    """Built names carry their content's hash: they never change."""

    def file_response(self, *arguments, **options):  # type: ignore[no-untyped-def]
        response = super().file_response(*arguments, **options)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(settings: PosSettings, clock: Clock | None = None) -> FastAPI:
    """Raises RuntimeError when the pages are not built, ValueError or InvalidTag when the kept tills cannot
    be read.
    """
    settings.data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    client = ServiceClient(settings, clock or SystemClock())
    pulse = ServicePulse(client, settings.pulse_interval_s)
    sales = Sales(client, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pulse.start()
        try:
            yield
        finally:
            await pulse.stop()
            await client.close()

    app = FastAPI(title="alba till", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.client = client
    app.state.pulse = pulse
    app.state.sales = sales
    app.state.tills = PairedTills(settings.data_directory)
    app.state.relay = Relay(client, sales, pulse, settings.pulse_interval_s)
    app.state.built_files = pages.built_files()
    add_problem_handlers(app)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", BuiltFiles(directory=pages.BUILT), name="static")
    app.add_middleware(OuterRules)
    return app
