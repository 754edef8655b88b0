"""A town for the payments' bench: members with money, shops with tills and sales, made beforehand.

Everything went the real way (enrolled, topped up, paid on the chain); only sessions, tills and open sales are
written straight into SQL, because nothing of what is measured made them. Keys live in this process only.
"""

from __future__ import annotations

import itertools
import json
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, insert

from scripts.demo import stack
from scripts.demo.people import invented_siret
from scripts.demo.preparation import end_services
from scripts.demo.simulation import PaymentIntent, SimulatedWallet, Simulation
from scripts.demo_bank import DemoBank
from scripts.demo_book import Credit
from tests.support.deployed import deployed_stack
from wallet_service.bootstrap import Services, build_services
from wallet_service.database.tables.identity import sessions
from wallet_service.database.tables.members import tills
from wallet_service.database.tables.payments import sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.decisions import Kind
from wallet_service.members.service import PROOF_PREFIX, NewProfessional, NewWallet
from wallet_service.platform.journal import SERVICE
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import new_id, new_ref, new_sale_id
from wallet_service.security.sessions import ABSOLUTE_LIFETIME_MS
from wallet_service.security.tokens import digest, encode, new_token

#: Longer than any run: what is signed before the clock starts is still good at its end.
LIFETIME_S = 3_600
MEMBER_CENTS = 5_000
#: Of one statement; what a professional may hold has no bound.
BANKERS = 10
INTENTS_AT_ONCE = 1_000
ENROLMENTS_AT_ONCE = 400
SALE_CENTS = 2
ROW_BATCH = 1_000
#: Of eight digits, so that none is met that a till has given.
_codes = itertools.count(10_000_000)


@dataclass
class Payer:
    """A member of the town, signed in; signs as a phone does."""

    wallet: SimulatedWallet
    cookie: str = ""
    csrf_token: str = ""

    def sign(self, digest: bytes) -> bytes:
        return sign_p256(self.wallet.key, digest, self.wallet.point)


@dataclass
class Town:
    """`directory` holds its service; nothing runs."""

    made: stack.Stack
    payers: list[Payer]
    shops: list[SimulatedWallet]
    domain: Domain

    def settings(self) -> Settings:
        return self.made.settings().model_copy(
            update={"embedded_node": False, "payment_lifetime_s": LIFETIME_S}
        )

    def environment(self) -> dict[str, str]:
        return {**self.made.service_environment(), "ALBA_PAYMENT_LIFETIME_S": str(LIFETIME_S)}


def make_town(folder: Path, database_url: str, members: int, shops: int) -> Town:
    """A deployed system whose node is saved and ended again."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    made = deployed_stack(folder, database_url)
    node = stack.make_node(made)
    node.start()
    try:
        node.set_time(int(time.time()))
        settings = made.settings().model_copy(update={"embedded_node": False})
        services = build_services(settings, SystemClock(), node=node)
        services.acceptor.start()
        try:
            simulation = Simulation(services, node, SystemClock(), random.Random(1))
            town = TownBuilder(made, services, simulation).build(members, shops)
        finally:
            end_services(services)
        node.stop()
        return town
    finally:
        node.kill_process()


class TownBuilder:
    """Makes members, shops and their money by the service's own doors."""

    def __init__(self, made: stack.Stack, services: Services, simulation: Simulation) -> None:
        self._made, self._services, self._simulation = made, services, simulation
        self.next_key: tuple[ec.EllipticCurvePrivateKey, bytes] | None = None

    def build(self, members: int, shops: int) -> Town:
        bankers = [self.professional(number, Kind.ASSOCIATION) for number in range(BANKERS)]
        sellers = [self.professional(BANKERS + number, Kind.MERCHANT) for number in range(shops)]
        self._simulation.run_workers()
        payers = self.payers(members)
        self._give_money(bankers, [payer.wallet for payer in payers])
        sign_in(self._services.engine, payers)
        _make_tills(self._services.engine, sellers)
        return Town(self._made, payers, sellers, self._services.chain.domain())

    def payers(self, count: int) -> list[Payer]:
        """So many residents."""
        found = []
        for number in range(count):
            found.append(Payer(self._member()))
            if number % ENROLMENTS_AT_ONCE == ENROLMENTS_AT_ONCE - 1:
                self.run_workers()
        self.run_workers()
        return found

    def run_workers(self) -> None:
        self._simulation.run_workers()

    def professional(self, number: int, kind: Kind) -> SimulatedWallet:
        """With the key that stands ready, or a new one."""
        key, point = self.next_key or self._simulation.new_key()
        self.next_key = None
        member = self._services.members.create_professional(
            NewProfessional(
                public_key="0x" + point.hex(),
                kind=kind,
                public_name=f"Commerce d’essai {number}",
                description="Essai",
                siret=invented_siret(number),
                sector="10",
                commune_code="76540",
                representative_given_name="Dominique",
                representative_family_name="Essai",
            ),
            SERVICE,
        )
        return SimulatedWallet(member.id, member.account_address, key, point)

    def _member(self) -> SimulatedWallet:
        key, point = self._simulation.new_key()
        public_key = "0x" + point.hex()
        proof = encode(p256.sign_message(key, f"{PROOF_PREFIX}{public_key}".encode()))
        member = self._services.members.create_wallet(NewWallet(public_key, proof))
        return SimulatedWallet(member.id, member.account_address, key, point)

    def _give_money(self, bankers: Sequence[SimulatedWallet], members: Sequence[SimulatedWallet]) -> None:
        """One bank day for the bankers, who then pay everybody."""
        settings = self._made.settings()
        bank = DemoBank(
            settings.bank_inbox.parent, settings.bank_inbox, settings.bank_outbox, settings.reserve_iban
        )
        share_cents = -(-len(members) // len(bankers)) * MEMBER_CENTS
        credits = [
            Credit(self._services.topups.reference_for(banker.member_id), share_cents) for banker in bankers
        ]
        bank.make_statement(credits)
        self._services.inbox.take_all()
        self._simulation.run_workers()
        for start in range(0, len(members), INTENTS_AT_ONCE):
            self._simulation.pay_all(
                [
                    PaymentIntent(bankers[number % len(bankers)], member, MEMBER_CENTS)
                    for number, member in enumerate(members[start : start + INTENTS_AT_ONCE], start)
                ]
            )


def sign_in(engine: Engine, payers: Sequence[Payer]) -> None:
    """A session for each, as if they had signed in with their device a moment ago."""
    now_unix_ms = int(time.time() * 1000)
    rows = []
    for payer in payers:
        token, payer.csrf_token = new_token(), new_token()
        payer.cookie = f"alba_session={token}"
        rows.append(
            {
                "token_hash": digest(token),
                "subject_kind": "member",
                "subject_id": payer.wallet.member_id,
                "method": "device",
                "authenticator": payer.wallet.address,
                "csrf_token": payer.csrf_token,
                "created_at_unix_ms": now_unix_ms,
                "expires_at_unix_ms": now_unix_ms + ABSOLUTE_LIFETIME_MS["member"],
                "last_seen_at_unix_ms": now_unix_ms,
            }
        )
    with UnitOfWork(engine) as work:
        for start in range(0, len(rows), ROW_BATCH):
            work.connection.execute(insert(sessions), rows[start : start + ROW_BATCH])


def _make_tills(engine: Engine, shops: Sequence[SimulatedWallet]) -> None:
    with UnitOfWork(engine) as work:
        for shop in shops:
            shop.till_id = new_id()
            work.connection.execute(
                insert(tills).values(
                    id=shop.till_id,
                    member_id=shop.member_id,
                    label="Caisse",
                    public_key="0x" + shop.point.hex(),
                    state="active",
                    paired_at_unix_ms=int(time.time() * 1000),
                )
            )


def open_sales(engine: Engine, shops: Sequence[SimulatedWallet]) -> list[str]:
    """One open sale for each of these, in order; their ids."""
    now_unix_ms = int(time.time() * 1000)
    rows = [
        {
            "id": new_sale_id(),
            "till_id": shop.till_id,
            "member_id": shop.member_id,
            "client_reference": new_ref(),
            "short_code": str(next(_codes)),
            "amount_cents": SALE_CENTS,
            "state": "open",
            "created_at_unix_ms": now_unix_ms,
            "expires_at_unix_ms": now_unix_ms + LIFETIME_S * 1000,
        }
        for shop in shops
    ]
    with UnitOfWork(engine) as work:
        for start in range(0, len(rows), ROW_BATCH):
            work.connection.execute(insert(sales), rows[start : start + ROW_BATCH])
    return [str(row["id"]) for row in rows]


@dataclass(frozen=True)
class Order:
    """One signed payment as bytes on the wire; `ref` names it."""

    ref: str
    request: str


@dataclass(frozen=True)
class Mix:
    """How payments spread: every `sale_every`-th pays a sale, `hot_share` of all go to the first shop."""

    sale_every: int = 10
    hot_share: float = 0.0


def sign_orders(town: Town, engine: Engine, count: int, mix: Mix, seed: int) -> list[Order]:
    """`count` orders, payers in turn, so that none signs two at a time."""
    rng = random.Random(seed)
    payees = [town.shops[0] if rng.random() < mix.hot_share else rng.choice(town.shops) for _ in range(count)]
    with_sale = [number for number in range(count) if mix.sale_every and number % mix.sale_every == 0]
    sale_ids = dict(zip(with_sale, open_sales(engine, [payees[n] for n in with_sale]), strict=True))
    host = f"localhost:{town.made.wallet_port}"
    valid_before_unix_s = int(time.time()) + LIFETIME_S - 60
    orders = []
    for number, payee in enumerate(payees):
        payer = town.payers[number % len(town.payers)]
        sale_id = sale_ids.get(number)
        message = PaymentMessage(
            from_address=payer.wallet.address,
            to_address=payee.address,
            value=SALE_CENTS if sale_id else 1,
            ref=new_ref(),
            valid_before=valid_before_unix_s,
            nonce=payer.wallet.take_nonce(),
        )
        signature = payer.sign(message.digest(town.domain))
        orders.append(Order(message.ref, _request(host, payer, message, signature, sale_id)))
    return orders


def _request(host: str, payer: Payer, message: PaymentMessage, signature: bytes, sale_id: str | None) -> str:
    body = json.dumps(
        {
            "from": message.from_address,
            "to": message.to_address,
            "amount_cents": message.value,
            "ref": message.ref,
            "valid_before_unix_s": message.valid_before,
            "nonce": str(message.nonce),
            "signature": "0x" + signature.hex(),
            **({"sale_id": sale_id} if sale_id else {}),
        }
    )
    head = (
        f"POST /v1/payments HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Accept-Language: fr\r\nCookie: {payer.cookie}\r\nX-CSRF-Token: {payer.csrf_token}\r\n"
        f"Origin: http://{host}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head + body
