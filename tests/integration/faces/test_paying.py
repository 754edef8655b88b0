"""The way in of signed payments: nobody is asked for one by one, and whoever is shut out is so at once.

A second `SessionService` on the same database stands for another process: what it ends is not told to ours.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, insert, update

from tests.support.databases import counted_commits
from tests.support.payments_fixture import FixedRules
from tests.support.web import Device, HttpFixture, build_http_fixture, client_of
from wallet_service.database.tables.chain import balances
from wallet_service.database.tables.identity import sessions
from wallet_service.database.tables.members import devices, members
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.rate_limits import PAYING_OF_MEMBER
from wallet_service.faces.wallet import paying
from wallet_service.listening.rates import RateCounters
from wallet_service.members.repository import Member
from wallet_service.payments.accept import Acceptance, Answer
from wallet_service.payments.models import PaymentOrder
from wallet_service.payments.service import GroupCommit, Payments
from wallet_service.platform.errors import ServiceBusy
from wallet_service.platform.push import Push
from wallet_service.protocol.signing.envelope import PasskeySite, sign_p256
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.security.sessions import TOUCH_INTERVAL_MS, SessionService

DOMAIN = Domain("l'alba test", "1", 61_451, "0x" + "ab" * 20)
PRICE_CENTS = 100


@dataclass
class Till:
    """A shop, a payer with money, and the app between them."""

    env: HttpFixture
    client: TestClient
    payer: Member
    device: Device
    shop: Member
    nonces: Iterator[int] = field(default_factory=lambda: iter(range(1_000)))
    csrf_token: str = ""
    token: str = ""

    def sign_in(self, member: Member | None = None) -> None:
        session = self.env.sessions.open_now("member", (member or self.payer).id, "device")
        self.token, self.csrf_token = session.token, session.csrf_token
        self.show_token()

    def show_token(self) -> None:
        """Whatever the service has told the browser to forget."""
        self.client.cookies.set("alba_session", self.token)

    def body(self, **changes: Any) -> dict[str, Any]:
        message = PaymentMessage(
            from_address=self.payer.account_address,
            to_address=self.shop.account_address,
            value=PRICE_CENTS,
            ref=new_ref(),
            valid_before=self.env.clock.now_unix_s() + 120,
            nonce=next(self.nonces),
        )
        signature = sign_p256(self.device.key, message.digest(DOMAIN))
        return {
            "from": message.from_address,
            "to": message.to_address,
            "amount_cents": message.value,
            "ref": message.ref,
            "valid_before_unix_s": message.valid_before,
            "nonce": str(message.nonce),
            "signature": "0x" + signature.hex(),
            **changes,
        }

    def pay(self, body: dict[str, Any] | None = None, csrf_token: str | None = None) -> tuple[int, str]:
        """The status, and the payment's state or the refusal's code."""
        sent = {"X-CSRF-Token": csrf_token or self.csrf_token}
        answer = self.client.post("/v1/payments", json=self.body() if body is None else body, headers=sent)
        said = answer.json()
        return answer.status_code, said["state"] if answer.is_success else said["code"]


@pytest.fixture
def till(engine: Engine) -> Iterator[Till]:
    env = build_http_fixture(engine)
    sessions_of = env.sessions.find_all
    acceptance = Acceptance(engine, env.clock, env.push, FixedRules(), 180, sessions_of=sessions_of)
    acceptor = GroupCommit(acceptance.accept_batch)
    acceptor.start()
    env.payments = Payments(  # type: ignore[attr-defined]
        engine, lambda: DOMAIN, acceptor, PasskeySite(env.settings.wallet_origin)
    )
    (payer, device), (shop, _) = env.visitor(), env.merchant()
    with UnitOfWork(engine) as work:
        work.connection.execute(
            insert(balances).values(account=payer.account_address, posted_cents=10_000, reserved_cents=0)
        )
    made = Till(env, client_of(wallet_app(env)), payer, device, shop)  # type: ignore[arg-type]
    made.sign_in()
    yield made
    acceptor.stop()


def elsewhere(till: Till) -> SessionService:
    """Another process's, on the same database."""
    return SessionService(till.env.engine, till.env.clock, Push(till.env.engine, till.env.clock))


def test_a_payment_is_one_commit_and_no_thread_waits_for_it(till: Till) -> None:
    assert till.pay() == (202, "confirming")
    with counted_commits(till.env.engine) as commits, statements_by_thread(till.env.engine) as asked:
        assert till.pay() == (202, "confirming")
    assert commits == ["acceptor"]
    assert set(asked) == {"acceptor"}, "session and payer are read with the batch"


def test_who_signs_out_pays_no_more(till: Till) -> None:
    assert till.pay() == (202, "confirming")
    assert till.client.delete("/v1/session", headers={"X-CSRF-Token": till.csrf_token}).is_success
    till.show_token()
    assert till.pay() == (401, "session.required")


def test_a_session_that_another_process_ended_lets_nobody_in(till: Till) -> None:
    assert till.pay() == (202, "confirming")
    with UnitOfWork(till.env.engine) as work:
        assert elsewhere(till).close_all(work.connection, "member", till.payer.id) == 1
    assert till.pay() == (401, "session.required")
    till.sign_in()
    assert till.pay() == (202, "confirming")


def test_a_session_past_its_end_lets_nobody_in(till: Till) -> None:
    assert till.pay() == (202, "confirming")
    with UnitOfWork(till.env.engine) as work:
        work.connection.execute(update(sessions).values(expires_at_unix_ms=till.env.clock.now_unix_ms()))
    assert till.pay() == (401, "session.required")


def test_a_freeze_counts_for_the_next_payment(till: Till) -> None:
    assert till.pay() == (202, "confirming")
    with UnitOfWork(till.env.engine) as work:
        work.connection.execute(
            update(members).where(members.c.id == till.payer.id).values(frozen_outgoing=True)
        )
    assert till.pay() == (403, "payment.payer_frozen")


def test_a_removed_device_signs_no_further_payment(till: Till) -> None:
    assert till.pay() == (202, "confirming")
    with UnitOfWork(till.env.engine) as work:
        work.connection.execute(
            update(devices).where(devices.c.member_id == till.payer.id).values(state="revoked")
        )
    assert till.pay() == (403, "payment.signer_not_allowed")


def test_what_the_route_asks_first_is_asked_all_the_same(till: Till) -> None:
    assert till.pay(csrf_token="another") == (403, "session.csrf")
    other, _ = till.env.visitor()
    till.sign_in(other)
    assert till.pay() == (403, "payment.not_your_account")
    till.sign_in()
    assert till.pay(till.body(signature="0x02" + "11" * 128)) == (422, "signature.invalid")
    assert till.pay({}) == (422, "request.invalid")
    till.client.cookies.clear()
    assert till.pay() == (401, "session.required")
    assert till.pay({}) == (401, "session.required")


def test_payments_are_counted_by_member(till: Till) -> None:
    rate_limits = till.client.app.state.rate_limits  # type: ignore[attr-defined]
    rate_limits._counters = RateCounters()
    for _ in range(PAYING_OF_MEMBER.times - 1):
        rate_limits.check(PAYING_OF_MEMBER, till.payer.id)
    assert till.pay() == (202, "confirming")
    assert till.pay() == (429, "request.too_many")


def test_a_session_is_noted_as_seen_in_the_payments_own_commit(till: Till) -> None:
    till.env.clock.advance_ms(TOUCH_INTERVAL_MS)
    with counted_commits(till.env.engine) as commits:
        assert till.pay() == (202, "confirming")
    assert commits == ["acceptor"]
    with reading(till.env.engine) as connection:
        seen = connection.execute(sessions.select()).one().last_seen_at_unix_ms
    assert seen == till.env.clock.now_unix_ms()


class Stuck:
    """Takes a batch and keeps it until it is let go."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def accept_batch(self, orders: Sequence[PaymentOrder]) -> list[Answer]:
        self.began.set()
        assert self.may_end.wait(20)
        return [ServiceBusy()] * len(orders)


def test_who_would_wait_too_long_is_told_at_once_and_for_how_long(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = Stuck()
    acceptor = GroupCommit(stuck.accept_batch, max_waiting_orders=3)
    acceptor.start()
    monkeypatch.setattr(till.env.payments, "_acceptor", acceptor)  # type: ignore[attr-defined]
    waiting = [threading.Thread(target=till.pay, args=(till.body(),)) for _ in range(4)]
    waiting[0].start()
    assert stuck.began.wait(10)
    for thread in waiting[1:]:
        thread.start()
    until_s = time.monotonic() + 10
    while acceptor._queue.qsize() < 3 and time.monotonic() < until_s:
        time.sleep(0.001)
    answer = till.client.post("/v1/payments", json=till.body(), headers={"X-CSRF-Token": till.csrf_token})
    assert (answer.status_code, answer.json()["code"]) == (503, "service.busy")
    assert int(answer.headers["Retry-After"]) >= 1
    stuck.may_end.set()
    for thread in waiting:
        thread.join()
    acceptor.stop()


def test_nobody_is_let_in_behind_somebody_who_has_waited_too_long(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What queues before the acceptor (the loop, the signatures) is no place of its queue."""
    stuck = Stuck()
    acceptor = GroupCommit(stuck.accept_batch)
    acceptor.start()
    monkeypatch.setattr(till.env.payments, "_acceptor", acceptor)  # type: ignore[attr-defined]
    monkeypatch.setattr(paying, "MAX_WAIT_S", 0.05)
    first = threading.Thread(target=till.pay, args=(till.body(),))
    first.start()
    assert stuck.began.wait(10)
    time.sleep(0.1)
    answer = till.client.post("/v1/payments", json={}, headers={"X-CSRF-Token": till.csrf_token})
    assert (answer.status_code, answer.json()["code"]) == (503, "service.busy")
    assert int(answer.headers["Retry-After"]) >= 1
    stuck.may_end.set()
    first.join()
    assert till.pay({}) == (422, "request.invalid")
    acceptor.stop()


class statements_by_thread:
    """The names of the threads that asked the database something while it is open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked: list[str] = []

    def _note(self, *_arguments: Any) -> None:
        self.asked.append(threading.current_thread().name)

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self.asked

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)
