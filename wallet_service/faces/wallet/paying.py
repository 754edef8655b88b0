"""The way in of signed payments, which is the hot path: no thread, no question to the database for each.

Stands in front of the app's routes for one of them. A request that is whole (JSON, a session's cookie, a CSRF
token, an order whose signature is right) is handed to the acceptor, which reads its session and its payer in
the transaction that decides on it, a batch of them at once; a session that was ended, in whatever process,
lets nobody in from its commit on. Everything else goes on to the route itself, which answers in its own order
who may ask, how often, and what is wrong. Owns no rule about money.
"""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallet_service.database.failures import AWAY
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.problems import DATABASE_RETRY_S, render
from wallet_service.faces.shell.rate_limits import PAYING_OF_MEMBER, RateLimits
from wallet_service.faces.shell.security import CSRF_HEADER, admitted_member, member_session_id
from wallet_service.faces.wallet.routers.payments import PAYMENTS_PATH, payment_view
from wallet_service.payments.models import PaymentOrder
from wallet_service.payments.schemas import PaymentBody
from wallet_service.payments.service import MAX_RETRY_AFTER_S, MAX_WAIT_S
from wallet_service.platform.errors import DatabaseUnavailable, ServiceBusy
from wallet_service.protocol.refusal import Refusal

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services
    from wallet_service.security.sessions import Session

JSON_MEDIA_TYPE = "application/json"
#: What the log and the metrics call such a request by: the route that it would have come to.
NAMED = SimpleNamespace(path=PAYMENTS_PATH)


class PaymentDoor:
    """ASGI; inside the guards that every request passes, outside the app's routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        #: Whole requests under way, oldest first: who has not sent all of theirs keeps nobody else waiting.
        self._came_at_s: dict[int, float] = {}
        self._turn = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PAYMENTS_PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        now_s = time.monotonic()
        waited_s = now_s - next(iter(self._came_at_s.values()), now_s)
        if waited_s > MAX_WAIT_S:  # whoever comes now would wait as long: told before anything is read
            busy = ServiceBusy(retry_after_s=min(MAX_RETRY_AFTER_S, 1 + int(waited_s)))
            await render(request, busy)(scope, receive, send)
            return
        try:
            body = await request.body()
        except Refusal as refusal:
            await render(request, refusal)(scope, receive, send)
            return
        self._turn = turn = self._turn + 1
        self._came_at_s[turn] = time.monotonic()
        try:
            await self._answer(request, body, receive, send)
        finally:
            del self._came_at_s[turn]

    async def _answer(self, request: Request, body: bytes, receive: Receive, send: Send) -> None:
        scope = request.scope
        found = self._whole(request, body)
        if found is None:
            await self._app(scope, _again(body, receive), send)
            return
        scope["route"] = NAMED
        response = await self._pay(request, *found)
        await response(scope, receive, send)

    def _whole(self, request: Request, body: bytes) -> tuple[_Browser, PaymentOrder] | None:
        """None for whatever the route itself must answer."""
        session_id, csrf_token = member_session_id(request), request.headers.get(CSRF_HEADER)
        if session_id is None or csrf_token is None:
            return None
        if request.headers.get("content-type", "").partition(";")[0] != JSON_MEDIA_TYPE:
            return None
        try:
            sent = PaymentBody.model_validate(json.loads(body))
            services: Services = request.app.state.services
            order = services.payments.read(sent)
        except (ValidationError, ValueError, RecursionError, Refusal):
            return None
        return _Browser(session_id, csrf_token, request.app.state.rate_limits), order

    async def _pay(self, request: Request, browser: _Browser, order: PaymentOrder) -> Response:
        services: Services = request.app.state.services
        try:
            payment = await services.payments.pay_asked(browser, order)
        except Refusal as refusal:
            return render(request, refusal)
        except AWAY:
            return render(request, DatabaseUnavailable(retry_after_s=DATABASE_RETRY_S))
        shown = payment_view(payment, language_of(request))
        return Response(shown.model_dump_json(), status_code=202, media_type=JSON_MEDIA_TYPE)


class _Browser:
    """Implements payments.accept.Asker: what the route's own guards ask, once its session is known."""

    def __init__(self, session_id: str, csrf_token: str, rate_limits: RateLimits) -> None:
        self.session_id = session_id
        self._csrf_token = csrf_token
        self._rate_limits = rate_limits
        self._is_counted = False

    def admit(self, session: Session | None) -> str:
        """Raises SessionRequired, CsrfMissing, TooManyRequests; a batch decided again counts once."""
        member_id = admitted_member(session, self._csrf_token)
        if not self._is_counted:
            self._is_counted = True
            self._rate_limits.check(PAYING_OF_MEMBER, member_id)
        return member_id


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, for whoever reads it now; then what else comes."""
    is_told = False

    async def receive_again() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
