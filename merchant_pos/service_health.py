"""Asks the service every few seconds whether it is there, what time it has and how old its last block is.

One task for the whole program, however many tablets. What it knows is only for the connection pill, the
countdown and the signatures; it never says anything about a sale.
"""

from __future__ import annotations

import asyncio

import structlog

from merchant_pos.errors import ServiceAnswerUnknown, ServiceRefusal, ServiceUnreachable
from merchant_pos.schemas import ConnectionAnswer
from merchant_pos.service_client import ServiceClient
from merchant_pos.views import ServiceConfig

log = structlog.get_logger(__name__)


class ServiceHealth:
    def __init__(self, client: ServiceClient, interval_s: float) -> None:
        self._client = client
        self._interval_s = interval_s
        self._task: asyncio.Task[None] | None = None
        self.config: ServiceConfig | None = None
        self.reachable = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def check(self) -> None:
        """Asks once. Never raises for what the service does or does not say."""
        before = self.reachable
        try:
            self.config = await self._client.config()
            self.reachable = True
        except (ServiceUnreachable, ServiceAnswerUnknown, ServiceRefusal):
            self.reachable = False
        if self.reachable != before:
            log.info("service_reachable" if self.reachable else "service_unreachable")

    def shown(self) -> ConnectionAnswer:
        """The connection as the tablet gets it. Times are the server's."""
        head_unix_s = self.config.chain_head_unix_s if self.config else None
        now_unix_ms = self._client.server_now_unix_ms()
        return ConnectionAnswer(
            online=self.reachable,
            server_time_unix_ms=now_unix_ms,
            block_age_s=None if head_unix_s is None else max(0, now_unix_ms // 1000 - head_unix_s),
            payments_stopped=self.config is not None and self.config.payments_stopped,
        )

    async def sale_was_opened(self) -> None:
        """Nothing is stopped, then: who still believes it asks, before a tablet shows both."""
        if self.config is not None and self.config.payments_stopped:
            await self.check()

    async def _run(self) -> None:
        while True:
            await self.check()
            await asyncio.sleep(self._interval_s)
