"""The only door to the wallet service.

Its HTTP API, with time-outs, bounded retries and the till's signature.

Retries repeat the same body, so the same `client_reference`: the service executes it once. Each try is
signed anew. This module must not decide what an answer means for the till; it checks its shape and passes
refusals on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from merchant_pos.errors import ServiceAnswerUnknown, ServiceRefusal, ServiceUnreachable
from merchant_pos.paired_tills import PairedTill
from merchant_pos.settings import PosSettings
from merchant_pos.till_keys import signed_headers
from merchant_pos.views import (
    ServiceCashiers,
    ServiceConfig,
    ServiceDay,
    ServiceRefund,
    ServiceSale,
    TillSelf,
)
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.refusal_responses import PROBLEM_MEDIA_TYPE

RETRY_PAUSES_S = (0.15, 0.6)  # so three tries at most
RETRIED_STATUSES = frozenset({502, 503, 504})
MAX_CONNECTIONS = 64
MAX_ANSWER_BYTES = 2_000_000
#: The service speaks every 5 s on an open stream; silence beyond this is a dead stream.
STREAM_SILENCE_S = 15.0
SERVER_TIME_HEADER = "Alba-Server-Time"
FORWARDED_FOR = "X-Forwarded-For"
CLOCK_JUMP_MS = 60_000
PULSE_TIMEOUT_S = 2.5

View = TypeVar("View", bound=BaseModel)
Item = TypeVar("Item")

_SALES: TypeAdapter[tuple[ServiceSale, ...]] = TypeAdapter(tuple[ServiceSale, ...])
_REFUNDS: TypeAdapter[tuple[ServiceRefund, ...]] = TypeAdapter(tuple[ServiceRefund, ...])


class ServiceClient:
    """One per program.

    `server_offset_ms` is server time minus this machine's: signatures and countdowns use server time.
    """

    def __init__(
        self, settings: PosSettings, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._clock = clock
        self.server_offset_ms = 0
        timeout = httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s)
        self._http = httpx.AsyncClient(
            base_url=settings.service_url,
            timeout=timeout,
            transport=transport or _transport(settings.source_address),
            trust_env=False,
        )
        self._connect_timeout_s = settings.connect_timeout_s
        self._total_timeout_s = settings.total_timeout_s

    async def close(self) -> None:
        await self._http.aclose()

    def server_now_unix_ms(self) -> int:
        return self._clock.now_unix_ms() + self.server_offset_ms

    async def config(self) -> ServiceConfig:
        """Asks once, without retry: `ServiceHealth` asks again by itself.

        Moves the clock offset to the middle of the exchange.
        """
        started_unix_ms = self._clock.now_unix_ms()
        try:
            async with asyncio.timeout(PULSE_TIMEOUT_S):
                answer = await self._try("GET", "/v1/config", b"", {}, retry=False)
        except TimeoutError as error:
            raise ServiceUnreachable() from error
        config = _checked(ServiceConfig, answer)
        middle_unix_ms = (started_unix_ms + self._clock.now_unix_ms()) // 2
        self.server_offset_ms = config.server_time_unix_ms - middle_unix_ms
        return config

    async def pair(
        self, code: str, public_key: str, label: str | None, language: str, browser_address: str
    ) -> TillSelf:
        """Not signed: the service does not know the key yet.

        The same code with the same key pairs once, however often tried. The browser's address counts there
        when the service's settings name this program as a proxy.
        """
        body = _body({"code": code, "public_key": public_key, "label": label})
        headers = {"Accept-Language": language, FORWARDED_FOR: browser_address}
        answer = await self._try("POST", "/v1/tills/pair", body, headers)
        return _checked(TillSelf, answer)

    async def till_self(self, till: PairedTill, language: str) -> TillSelf:
        return _checked(TillSelf, await self._signed(till, "GET", "/v1/till/me", language))

    async def open_sale(self, till: PairedTill, body: dict[str, Any], language: str) -> ServiceSale:
        """`body` is `SaleBody` of docs/openapi.json."""
        return _checked(ServiceSale, await self._signed(till, "POST", "/v1/till/sales", language, body))

    async def sale(self, till: PairedTill, sale_id: str, language: str) -> ServiceSale:
        return _checked(ServiceSale, await self._signed(till, "GET", f"/v1/till/sales/{sale_id}", language))

    async def sales(self, till: PairedTill, limit: int, language: str) -> tuple[ServiceSale, ...]:
        path = "/v1/till/sales?" + urlencode({"limit": limit})
        return _checked_list(_SALES, await self._signed(till, "GET", path, language))

    async def other_sales(self, till: PairedTill, limit: int, language: str) -> tuple[ServiceSale, ...]:
        path = "/v1/till/other-sales?" + urlencode({"limit": limit})
        return _checked_list(_SALES, await self._signed(till, "GET", path, language))

    async def day(self, till: PairedTill, day: date, language: str) -> ServiceDay:
        path = "/v1/till/day?" + urlencode({"day": day.isoformat()})
        return _checked(ServiceDay, await self._signed(till, "GET", path, language))

    async def cashiers(self, till: PairedTill, language: str) -> ServiceCashiers:
        return _checked(ServiceCashiers, await self._signed(till, "GET", "/v1/till/cashiers", language))

    async def cashier_enters(
        self, till: PairedTill, cashier_id: str, pin: str, language: str
    ) -> ServiceCashiers:
        body = {"cashier_id": cashier_id, "pin": pin}
        return _checked(ServiceCashiers, await self._signed(till, "POST", "/v1/till/cashier", language, body))

    async def cashier_leaves(self, till: PairedTill, language: str) -> ServiceCashiers:
        return _checked(ServiceCashiers, await self._signed(till, "DELETE", "/v1/till/cashier", language))

    async def refunds(self, till: PairedTill, limit: int, language: str) -> tuple[ServiceRefund, ...]:
        path = "/v1/till/refunds?" + urlencode({"limit": limit})
        return _checked_list(_REFUNDS, await self._signed(till, "GET", path, language))

    async def cancel_sale(self, till: PairedTill, sale_id: str, language: str) -> ServiceSale:
        return _checked(
            ServiceSale, await self._signed(till, "POST", f"/v1/till/sales/{sale_id}/cancel", language, {})
        )

    async def ask_refund(
        self, till: PairedTill, sale_id: str, client_reference: str, amount_cents: int, language: str
    ) -> None:
        body = {"client_reference": client_reference, "amount_cents": amount_cents}
        await self._signed(till, "POST", f"/v1/till/sales/{sale_id}/refunds", language, body)

    @asynccontextmanager
    async def events(self, till: PairedTill, last_event_id: str | None) -> AsyncIterator[AsyncIterator[str]]:
        """The till's event stream, line by line. Raises ServiceRefusal or ServiceUnreachable."""
        path = "/v1/till/events"
        headers = {**self._signature(till, "GET", path, b""), "Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        timeout = httpx.Timeout(STREAM_SILENCE_S, connect=self._connect_timeout_s)
        try:
            async with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    self._raise_refusal(response)
                yield response.aiter_lines()
        except httpx.HTTPError as error:
            raise ServiceUnreachable() from error

    async def _signed(
        self, till: PairedTill, method: str, path: str, language: str, body: dict[str, Any] | None = None
    ) -> Any:
        raw = b"" if body is None else _body(body)
        signed_offset_ms = self.server_offset_ms
        try:
            return await self._try(method, path, raw, {"Accept-Language": language}, till=till)
        except ServiceRefusal as refusal:
            # This machine's clock may be wrong by minutes; the service says its own time with every answer.
            if refusal.status != httpx.codes.UNAUTHORIZED or not self._was_off(
                signed_offset_ms, refusal.server_time_unix_ms
            ):
                raise
            return await self._try(method, path, raw, {"Accept-Language": language}, till=till)

    def _was_off(self, signed_offset_ms: int, server_time_unix_ms: int | None) -> bool:
        """Whether a request signed with this offset was refused for its time; then takes the service's.

        The pulse may have taken it while the refusal was on its way, so the offset of now says nothing.
        """
        if server_time_unix_ms is None:
            return False
        offset_ms = server_time_unix_ms - self._clock.now_unix_ms()
        if abs(offset_ms - signed_offset_ms) < CLOCK_JUMP_MS:
            return False
        self.server_offset_ms = offset_ms
        return True

    def _signature(self, till: PairedTill, method: str, path: str, body: bytes) -> dict[str, str]:
        return signed_headers(till.key, till.till_id, method, path, body, self.server_now_unix_ms())

    async def _try(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
        *,
        till: PairedTill | None = None,
        retry: bool = True,
    ) -> Any:
        """One request, its bounded retries in a bounded time.

        The parsed JSON, or ServiceRefusal, ServiceUnreachable, ServiceAnswerUnknown.
        """
        if body:
            headers = {**headers, "Content-Type": "application/json"}
        try:
            async with asyncio.timeout(self._total_timeout_s):
                return await self._tries(method, path, body, headers, till, retry)
        except TimeoutError as error:
            raise ServiceUnreachable() from error

    async def _tries(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
        till: PairedTill | None,
        retry: bool,
    ) -> Any:
        pauses_s = (*RETRY_PAUSES_S, None) if retry else (None,)
        for pause_s in pauses_s:
            signature = self._signature(till, method, path, body) if till else {}
            try:
                response = await self._http.request(
                    method, path, content=body, headers={**headers, **signature}
                )
            except httpx.HTTPError as error:
                if pause_s is None:
                    raise ServiceUnreachable() from error
            else:
                if response.status_code not in RETRIED_STATUSES or (
                    pause_s is None and _is_problem(response)
                ):
                    return self._parsed(response)
                if pause_s is None:
                    raise ServiceUnreachable()
            await asyncio.sleep(pause_s)
        raise AssertionError("the last pause is None, so the loop has returned or raised")

    def _parsed(self, response: httpx.Response) -> Any:
        if not response.is_success:
            self._raise_refusal(response)
        return _json(response)

    def _raise_refusal(self, response: httpx.Response) -> None:
        """A refusal in the service's words; anything else than a problem document is not understood."""
        if not _is_problem(response):
            raise ServiceAnswerUnknown()
        problem = _json(response)
        if not isinstance(problem, dict):
            raise ServiceAnswerUnknown()
        header = response.headers.get(SERVER_TIME_HEADER, "")
        raise ServiceRefusal(response.status_code, problem, int(header) if header.isdecimal() else None)


def _transport(source_address: str) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(max_connections=MAX_CONNECTIONS)
    return httpx.AsyncHTTPTransport(limits=limits, local_address=source_address or None, trust_env=False)


def _body(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _is_problem(response: httpx.Response) -> bool:
    content_type: str = response.headers.get("Content-Type", "")
    return content_type.startswith(PROBLEM_MEDIA_TYPE)


def _json(response: httpx.Response) -> Any:
    if len(response.content) > MAX_ANSWER_BYTES:
        raise ServiceAnswerUnknown()
    try:
        return response.json()
    except ValueError as error:
        raise ServiceAnswerUnknown() from error


def _checked(kind: type[View], answer: Any) -> View:
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        raise ServiceAnswerUnknown() from error


def _checked_list(adapter: TypeAdapter[tuple[Item, ...]], answer: Any) -> tuple[Item, ...]:
    try:
        return adapter.validate_python(answer)
    except ValidationError as error:
        raise ServiceAnswerUnknown() from error
