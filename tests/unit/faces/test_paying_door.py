"""A request that is never finished keeps no payment waiting: strangers could send many of those."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from starlette.types import Message, Receive, Scope, Send

from wallet_service.faces.wallet import paying
from wallet_service.faces.wallet.routers.payments import PAYMENTS_PATH

WAIT_S = 0.05


def scope_of() -> Scope:
    state = SimpleNamespace(face="wallet", encrypted=False)
    return {
        "type": "http",
        "method": "POST",
        "path": PAYMENTS_PATH,
        "headers": [],
        "app": SimpleNamespace(state=state),
    }


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nobody sends it")


async def whole() -> Message:
    return {"type": "http.request", "body": b"{}", "more_body": False}


def test_who_sends_no_body_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paying, "MAX_WAIT_S", WAIT_S)
    reached: list[str] = []

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])

    async def send(message: Message) -> None:
        raise AssertionError(f"refused: {message}")

    async def both() -> None:
        door = paying.PaymentDoor(route)
        slow = asyncio.create_task(door(scope_of(), never, send))
        await asyncio.sleep(2 * WAIT_S)
        await door(scope_of(), whole, send)
        slow.cancel()

    asyncio.run(both())
    assert reached == [PAYMENTS_PATH]
