"""What a sale costs the service from its opening to paid: signed requests and commits, both programs real."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import Request
from sqlalchemy import Engine, insert

from merchant_pos.settings import PosSettings
from tests.integration.merchant_pos.conftest import RunningPos, Tablet, wait_for
from tests.support.databases import counted_commits
from tests.support.payments_fixture import LIFETIME_S, FakeSettlement, FixedRules
from tests.support.ports import free_port
from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.leases import Lease
from wallet_service.database.tables.chain import balances
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import wallet_app
from wallet_service.members.repository import Member
from wallet_service.payments.accept import Acceptance
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.payments.projections import PaymentProjection
from wallet_service.payments.settle import Settler
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.sales.refunds import Refunds
from wallet_service.sales.service import Sales
from wallet_service.sales.till_views import TillViews


@dataclass
class World:
    """A service that serves tills, a ledger played by hand, and what tills asked for over HTTP."""

    env: HttpFixture
    url: str
    acceptance: Acceptance
    settler: Settler
    ledger: FakeSettlement
    projection: PaymentProjection
    signed: list[str]

    def accept(self, sale_id: str, amount_cents: int, payer: Member, merchant: Member) -> None:
        message = PaymentMessage(
            from_address=payer.account_address,
            to_address=merchant.account_address,
            value=amount_cents,
            ref=new_ref(),
            valid_before=self.env.clock.now_unix_s() + 120,
            nonce=0,
        )
        order = PaymentOrder(message, b"signed", payer.account_address, sale_id=sale_id)
        (answer,) = self.acceptance.accept_batch([order])
        assert isinstance(answer, Payment), answer

    def settle(self) -> None:
        self.settler.run_once()
        self.ledger.mine(self.projection)


@pytest.fixture
def world(sqlite_engine: Engine) -> Iterator[World]:
    env = build_http_fixture(sqlite_engine)
    rules, ledger = FixedRules(), FakeSettlement(sqlite_engine, env.clock)
    sales = Sales(sqlite_engine, env.clock, env.push, rules, sale_lifetime_s=120)
    refunds = Refunds(sqlite_engine, env.clock, env.push)
    views = TillViews(sqlite_engine, env.directory, env.settings.wallet_origin)
    projection = PaymentProjection(env.clock, env.push)
    fields = {one.name: getattr(env, one.name) for one in dataclasses.fields(env)}
    services: Any = SimpleNamespace(**fields, sales=sales, refunds=refunds, till_views=views)
    app, signed = wallet_app(services), []

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Any:
        if "alba-signature" in request.headers:
            signed.append(f"{request.method} {request.url.path}")
        return await call_next(request)

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    env.push.start()
    thread.start()
    wait_for(lambda: server.started, "the service to start")
    lease = Lease(sqlite_engine, "settler")
    yield World(
        env,
        f"http://127.0.0.1:{port}",
        Acceptance(sqlite_engine, env.clock, env.push, rules, LIFETIME_S),
        Settler(sqlite_engine, env.clock, ledger, projection, lease, 100, env.push.quarantine),
        ledger,
        projection,
        signed,
    )
    env.push.stop()
    server.should_exit = True
    server.force_exit = True
    thread.join(10)


@pytest.fixture
def tablet_of(world: World, tmp_path: Path) -> Iterator[Any]:
    """Pairs a tablet, at a point of sale of its own, with a merchant."""
    port = free_port()
    settings = PosSettings(
        service_url=world.url, port=port, origin=f"http://localhost:{port}", data_directory=tmp_path / "pos"
    )
    running = RunningPos(settings)
    running.start()

    def pair(merchant: Member) -> Tablet:
        tablet = Tablet(running.url)
        code = world.env.tills.make_pairing_code(merchant.id, "Caisse 1").code
        assert tablet.pair(code).status_code == 201
        return tablet

    yield pair
    running.stop()


def give(world: World, member: Member, amount_cents: int) -> None:
    with UnitOfWork(world.env.engine) as work:
        row = {"account": member.account_address, "posted_cents": amount_cents, "reserved_cents": 0}
        work.connection.execute(insert(balances).values(**row))
    world.ledger.posted[member.account_address] = amount_cents


def test_one_sale_costs_a_till_one_write_one_read_and_one_commit_for_its_signature(
    world: World, tablet_of: Any
) -> None:
    """It was nine reads and ten commits: a read at each of three events, a list at each, a nonce for each.

    The tablet's one reading, of the payer's name, is made here as its page makes it (pos_till.test.mjs).
    """
    payer, _ = world.env.visitor()
    merchant, _ = world.env.merchant()
    give(world, payer, 5000)
    give(world, merchant, 0)
    tablet = tablet_of(merchant)
    heard = tablet.listen()
    heard.wait_connected()
    tablet.state()
    world.signed.clear()
    with counted_commits(world.env.engine) as commits:
        sale_id = tablet.sell(1250).json()["id"]
        heard.wait_state("open")
        assert len(commits) == 2  # the nonce of the one write, the sale
        world.accept(sale_id, 1250, payer, merchant)
        heard.wait_state("accepted")
        before = len(commits)
        assert tablet.sale(sale_id)["state"] == "accepted"
        assert len(commits) == before
        world.settle()
        before = len(commits)
        heard.wait_state("paid")
        assert len(commits) == before
    assert world.signed == ["POST /v1/till/sales", f"GET /v1/till/sales/{sale_id}"]
