"""A backup older than the chain is put back: by the documented steps every order has its true fate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import Engine, func, insert, select

from tests.support.backups import BackedUp
from tests.support.bank_side import RESERVE_IBAN, SHOP_PAYEE, SITE, TERMS
from tests.support.chain_world import Person, World
from tests.support.node import ChainUnderTest
from tests.support.payments_fixture import LIFETIME_S, FixedRules
from wallet_service.accounts.service import Accounts
from wallet_service.bank.pain001 import Debtor, FileTerms
from wallet_service.chain.ports import SignedPayment
from wallet_service.chain.reading.rebuild import rebuild
from wallet_service.database.engine import make_engine
from wallet_service.database.leases import Lease
from wallet_service.database.tables.members import devices, members, tills
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight.approvals import ApprovalService
from wallet_service.payments.accept import Acceptance
from wallet_service.payments.errors import ValidityTooShort
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.payments.projections import PaymentProjection
from wallet_service.payments.settle import Settler
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock, SystemClock
from wallet_service.protocol.signing.envelope import sign_p256
from wallet_service.protocol.signing.typed_data import RedemptionMessage
from wallet_service.protocol.text.identifiers import new_id, new_own_ref, new_ref
from wallet_service.redemptions.decisions import RedemptionOrder
from wallet_service.redemptions.models import RedemptionView
from wallet_service.redemptions.projections import RedemptionFollower
from wallet_service.redemptions.service import RedemptionService
from wallet_service.sales.service import Sales
from wallet_service.security.sealing import Sealer
from wallet_service.treasury.payouts.models import PayoutTerms
from wallet_service.treasury.payouts.service import PayoutService

pytestmark = pytest.mark.chain

ORDERS_PER_PAYER = 6
PHONES = 4
HOUR_S = 3_600


class LaterClock(SystemClock):
    """The machine's, and what the test has let pass besides."""

    passed_s = 0

    def now_unix_ms(self) -> int:
        return super().now_unix_ms() + self.passed_s * 1_000

    def now_unix_s(self) -> int:
        return super().now_unix_s() + self.passed_s


class PayingService:
    """One process: the chain's side and the payments, over one database. A second one plays a restart."""

    def __init__(self, engine: Engine, chain: ChainUnderTest, clock: Clock | None = None) -> None:
        self.engine = engine
        self.world = World(engine, chain, clock)
        clock, rules = self.world.clock, FixedRules()
        push = Push(engine, clock)
        projection = PaymentProjection(clock, push)
        projection.register(self.world.registry)
        self.acceptance = Acceptance(engine, clock, push, rules, LIFETIME_S)
        self.accounts = Accounts(engine, clock, rules)
        self.sales = Sales(engine, clock, push, rules, sale_lifetime_s=LIFETIME_S)
        lease = Lease(engine, "settler")
        self.settler = Settler(engine, clock, self.world.sender, projection, lease, 100, push.quarantine)

    def enrol(self, person: Person, kind: str, tier: str) -> str:
        """The member's id."""
        member_id = person.address[-26:]
        with UnitOfWork(self.engine) as work:
            work.connection.execute(
                insert(members).values(
                    id=member_id,
                    kind=kind,
                    tier=tier,
                    state="active",
                    account_address=person.address,
                    language="fr",
                    created_at_unix_ms=self.world.clock.now_unix_ms(),
                )
            )
            work.connection.execute(
                insert(devices).values(
                    id=new_id(),
                    member_id=member_id,
                    signer_address=person.address,
                    key_kind="p256",
                    public_key="0x",
                    label="essai",
                    state="active",
                    created_at_unix_ms=self.world.clock.now_unix_ms(),
                )
            )
        return member_id

    def till(self, member_id: str) -> str:
        till_id = new_id()
        with UnitOfWork(self.engine) as work:
            work.connection.execute(
                insert(tills).values(
                    id=till_id,
                    member_id=member_id,
                    label="Caisse",
                    public_key="0x",
                    state="active",
                    paired_at_unix_ms=self.world.clock.now_unix_ms(),
                )
            )
        return till_id

    def send(self, order: PaymentOrder) -> Payment:
        """What the phone hears."""
        (answer,) = self.acceptance.accept_batch([order])
        assert isinstance(answer, Payment), answer
        return answer

    def settle(self) -> None:
        """Until every order has its fate."""
        self.world.until(lambda: self.count("accepted", "settling") == 0, self.round)
        self.world.run_until_idle()

    def round(self) -> None:
        self.settler.run_once()
        self.world.pump()

    def count(self, *states: str) -> int:
        with self.engine.connect() as connection:
            statement = select(func.count()).where(payments.c.state.in_(states))
            return int(connection.execute(statement).scalar_one())

    def state(self, ref: str) -> str:
        with self.engine.connect() as connection:
            return str(connection.execute(select(payments.c.state).where(payments.c.ref == ref)).scalar_one())


class RedeemingService(PayingService):
    """And the redemptions. `folder` takes the bank's files."""

    def __init__(self, engine: Engine, chain: ChainUnderTest, folder: Path) -> None:
        super().__init__(engine, chain)
        world, clock, push = self.world, self.world.clock, Push(engine, self.world.clock)
        self.sealer = Sealer(bytes(32), clock)
        follower = RedemptionFollower(clock, world.commands, push, NoCredits())
        follower.register(world.registry)
        self.redemptions = RedemptionService(
            engine,
            clock,
            world.commands,
            lambda: chain.deployment.domain,
            FixedRules(),
            push,
            self.sealer,
            TERMS,
            SITE,
        )
        debtor, journal = Debtor("Association L'alba", RESERVE_IBAN, "ALBAFR2XXXX"), Journal(clock)
        terms = PayoutTerms(debtor, FileTerms(), folder / "outbox", folder / "payee-checks")
        payees, two = self.redemptions.payees, ApprovalService(engine, clock, push, journal)
        self.payouts = PayoutService(engine, clock, push, journal, self.sealer, payees, follower, two, terms)

    def enrol(self, person: Person, kind: str, tier: str) -> str:
        member_id = super().enrol(person, kind, tier)
        with UnitOfWork(self.engine) as work:
            self.sealer.create_member_key(work.connection, member_id)
        return member_id

    def payee_hash(self, member_id: str) -> str:
        return self.redemptions.quote(member_id, 100, SHOP_PAYEE).payee_hash

    def signed(self, shop: Person, member_id: str, amount_cents: int) -> tuple[RedemptionOrder, bytes]:
        valid_before, nonce = self.world.clock.now_unix_s() + LIFETIME_S, next(shop.nonces)
        order = RedemptionOrder(amount_cents, new_own_ref(shop.address), nonce, valid_before)
        message = RedemptionMessage(
            shop.address, amount_cents, self.payee_hash(member_id), order.ref, valid_before, nonce
        )
        return order, sign_p256(shop.key, message.digest(self.world.chain.deployment.domain))

    def redeem(self, member_id: str, order: RedemptionOrder, signature: bytes) -> RedemptionView:
        """What the phone hears."""
        return self.redemptions.request(member_id, order, SHOP_PAYEE, signature)


class NoCredits:
    """Nothing comes back from the bank here."""

    def credit(self, *arguments: object, **more: object) -> NoReturn:
        raise AssertionError("the bank sends nothing back")


def order_of(signed: SignedPayment, sale_id: str | None = None) -> PaymentOrder:
    return PaymentOrder(signed.message, signed.signature, signed.message.from_address, sale_id=sale_id)


def next_nonce_on_chain(world: World, person: Person) -> int:
    """The lowest number the ledger never saw, asked past the service."""
    access = world.chain.access
    data = "0x" + access.codec.call_data("nextNonce", [person.address]).hex()
    answer = access.client.request("eth_call", {"to": access.deployment.ledger, "data": data}, "latest")
    return int(access.codec.result("nextNonce", answer))


@pytest.mark.parametrize(
    ("backed_up", "age_s"),
    [("sqlite", 0), pytest.param("postgresql", HOUR_S, marks=pytest.mark.postgres)],
    indirect=["backed_up"],
)
def test_after_a_restore_behind_the_chain_every_order_has_its_true_fate(
    chain: ChainUnderTest, backed_up: BackedUp, age_s: int
) -> None:
    engine, clock = make_engine(backed_up.url), LaterClock()
    service = PayingService(engine, chain, clock)
    world = service.world
    shop = world.merchant()
    payers = [world.person() for _ in range(3)]
    world.attest(10_000_000)
    for payer in payers:
        world.fund(payer, 50_000)
    world.run_until_idle()
    shop_id = service.enrol(shop, "merchant", "professional")
    ids = [service.enrol(payer, "resident", "verified") for payer in payers]
    till_id = service.till(shop_id)
    sale = service.sales.open(till_id, shop_id, new_ref(), 777, "")

    def signed(payer: Person, amount_cents: int, sale_id: str | None = None) -> PaymentOrder:
        valid_before = clock.now_unix_s() + LIFETIME_S
        return order_of(world.payment(payer, shop, amount_cents, valid_before=valid_before), sale_id)

    for payer in payers:
        service.send(signed(payer, 100))
    service.settle()
    waiting, sent = signed(payers[0], 11), signed(payers[1], 12)
    service.send(sent)
    service.settler.run_once()
    service.send(waiting)
    backed_up.back_up()

    lost = [signed(payer, 200 + turn) for turn in range(ORDERS_PER_PAYER) for payer in payers]
    lost.append(signed(payers[2], 777, sale.id))
    with ThreadPoolExecutor(PHONES) as phones:
        answers = [phones.submit(service.send, order) for order in lost]
        while not all(answer.done() for answer in answers):
            service.round()
    assert [answer.result().state for answer in answers] == ["accepted"] * len(lost)
    service.settle()
    assert service.sales.find(sale.id).state == "paid"
    unsent = signed(payers[0], 13)
    service.send(unsent)  # accepted, and nowhere but in the database that is lost now
    engine.dispose()
    clock.passed_s += age_s
    chain.node.set_time(clock.now_unix_s())

    backed_up.put_back()
    restored = PayingService(make_engine(backed_up.url), chain, clock)
    assert rebuild(restored.engine, restored.world.indexer) != []
    assert rebuild(restored.engine, restored.world.indexer) == []
    assert [restored.state(order.ref) for order in (waiting, sent)] == ["paid", "paid"]
    assert restored.sales.find(sale.id).state == ("expired" if age_s else "open")
    for payer, member_id in zip(payers, ids, strict=True):
        view = restored.accounts.view(member_id)
        assert view.balance.posted_cents == restored.world.on_chain(payer.address)
        assert view.next_nonce == next_nonce_on_chain(restored.world, payer)
    for order in (*lost, waiting, sent):
        assert restored.send(order).state == "paid"
    if age_s:  # nothing was debited, and it is said
        assert isinstance(restored.acceptance.accept_batch([unsent])[0], ValidityTooShort)
    else:
        assert restored.send(unsent).state == "accepted"
    assert restored.sales.find(sale.id).state == "paid"
    fresh = [signed(payer, 300) for payer in payers]
    for order in fresh:
        restored.send(order)
    restored.settle()
    once_more = [] if age_s else [unsent]
    assert {restored.state(order.ref) for order in (*fresh, *once_more)} == {"paid"}
    assert restored.count("refused") == 0
    assert restored.count("paid") == 3 + 2 + len(lost) + len(once_more) + len(fresh)
    restored.world.check_books(shop, *payers)
    with restored.engine.connect() as connection:
        reserved = connection.execute(select(func.count()).where(payments.c.state != "paid")).scalar_one()
    assert reserved == 0
    restored.engine.dispose()


def test_redemptions_of_the_lost_stretch_are_claimed_by_their_orders_and_stand_in_no_payments_way(
    chain: ChainUnderTest, backed_up: BackedUp, tmp_path: Path
) -> None:
    engine = make_engine(backed_up.url)
    before = RedeemingService(engine, chain, tmp_path)
    world = before.world
    sender_again, silent = (world.merchant() for _ in range(2))
    world.attest(10_000_000)
    for shop in (sender_again, silent):
        world.fund(shop, 50_000)
    world.run_until_idle()
    ids = {shop.address: before.enrol(shop, "merchant", "professional") for shop in (sender_again, silent)}
    for shop in (sender_again, silent):
        before.payee_hash(ids[shop.address])
        before.send(order_of(world.payment(shop, sender_again if shop is silent else silent, 100)))
    before.settle()
    backed_up.back_up()

    orders = {}
    for shop in (sender_again, silent):
        orders[shop.address] = before.signed(shop, ids[shop.address], 20_000)
        assert before.redeem(ids[shop.address], *orders[shop.address]).state == "requested"
    world.run_until_idle()
    engine.dispose()

    backed_up.put_back()
    restored = RedeemingService(make_engine(backed_up.url), chain, tmp_path)
    assert rebuild(restored.engine, restored.world.indexer) != []
    assert rebuild(restored.engine, restored.world.indexer) == []
    assert {each.member_id for each in restored.redemptions.list_unclaimed()} == set(ids.values())
    for shop in (sender_again, silent):
        view = restored.accounts.view(ids[shop.address])
        assert view.next_nonce == next_nonce_on_chain(restored.world, shop)
        assert (view.balance.posted_cents, view.balance.reserved_cents) == (30_000, 0)

    order, signature = orders[sender_again.address]
    claimed = restored.redeem(ids[sender_again.address], order, signature)
    assert claimed.state == "locked"
    assert [each.member_id for each in restored.redemptions.list_unclaimed()] == [ids[silent.address]]
    assert restored.world.waiting() == 0
    file = restored.payouts.prepare_payout("officer-1")
    assert [line.net_cents for line in file.lines] == [20_000]
    restored.payouts.approve_payout(file.id, "officer-2")
    restored.world.queue("attestOutcome", [order.ref, True], "ATTESTER")
    restored.world.queue("completeRedemption", [order.ref], "ISSUER")
    fresh = restored.world.payment(silent, sender_again, 300)
    assert fresh.message.nonce == restored.accounts.view(ids[silent.address]).next_nonce
    assert restored.send(order_of(fresh)).state == "accepted"
    restored.settle()
    assert restored.state(fresh.message.ref) == "paid"
    assert restored.redemptions.find(ids[sender_again.address], order.ref).state == "paid"
    assert restored.accounts.view(ids[sender_again.address]).balance.reserved_cents == 0
    restored.world.check_books(sender_again, silent)
    restored.engine.dispose()
