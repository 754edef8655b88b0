"""Whatever order payments are confirmed in, and how often, the books end the same (F14).

In between: settling, a second settler, blocks, the same events again, a chain that went back.

Where order rightly matters, these examples leave it out: every payer could pay all of theirs at once, limits
are not reached, each sale gets one payment, every payment has a nonce of its own in the window, nothing
expires, and a refund is asked for once its sale is paid. The refusals themselves are tests/unit/payments'.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.databases import quick_sqlite_engine
from tests.support.payments_fixture import PaymentsFixture, deliver
from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.accounts.wholeness import is_whole
from wallet_service.database.tables.chain import postings
from wallet_service.database.tables.payments import payments, refund_requests, sales
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.models import Payment, PaymentOrder
from wallet_service.protocol.text.identifiers import new_ref

RESIDENTS, SHOPS = 3, 2
OPENING_CENTS = 50_000
MAX_PAYMENTS = 6
MAX_STEPS = 12


@dataclass(frozen=True)
class PaymentIntent:
    """Resident `payer` pays `payee` (residents first, then shops); to a shop, for a sale of its till."""

    payer: int
    payee: int
    cents: int


@dataclass(frozen=True)
class Step:
    """`confirm` sends the orders of `numbers` in one batch, others do what they say; numbers wrap round."""

    what: str
    numbers: tuple[int, ...] = ()


INTENTS = st.lists(
    st.builds(
        PaymentIntent,
        st.integers(0, RESIDENTS - 1),
        st.integers(0, RESIDENTS + SHOPS - 1),
        st.integers(1, 2_000),
    ).filter(lambda intent: intent.payer != intent.payee),
    min_size=1,
    max_size=MAX_PAYMENTS,
)
NUMBERS = st.lists(st.integers(0, MAX_PAYMENTS - 1), min_size=1, max_size=4).map(tuple)
STEPS = st.lists(
    st.one_of(
        st.builds(Step, st.sampled_from(["confirm", "confirm", "replay", "rewind"]), NUMBERS),
        st.builds(Step, st.sampled_from(["settle", "mine", "mine", "settle_elsewhere"])),
    ),
    max_size=MAX_STEPS,
)


@dataclass(frozen=True)
class Books:
    balances: tuple[tuple[int, int], ...]
    payments: tuple[tuple[int, str], ...]
    sales: tuple[tuple[int, str], ...]
    refunds: tuple[tuple[int, str], ...]
    postings: tuple[tuple[int, int, str, int], ...]


class Interleaving:
    """A PaymentsFixture and the payments its members intend to make."""

    def __init__(self, folder: Path, intents: Sequence[PaymentIntent]) -> None:
        self.env = PaymentsFixture(quick_sqlite_engine(folder))
        self.accounts = [self.env.member(balance_cents=OPENING_CENTS) for _ in range(RESIDENTS)]
        self.tills: list[str] = []
        for _ in range(SHOPS):
            address, till_id = self.env.merchant()
            self.accounts.append(address)
            self.tills.append(till_id)
        self.nonces = dict.fromkeys(self.accounts, 0)
        self.orders: list[PaymentOrder] = []
        for intent in intents:
            self.orders.append(self._order(intent))
        self.first_block = 0
        #: Whoever settles first holds the lease; the other does nothing for as long.
        self.elsewhere = self.env.new_settler()

    def _order(self, intent: PaymentIntent) -> PaymentOrder:
        payer, payee = self.accounts[intent.payer], self.accounts[intent.payee]
        sale_id = None
        if intent.payee >= RESIDENTS:
            till_id = self.tills[intent.payee - RESIDENTS]
            sale_id = self.env.sales.open(till_id, payee[-26:], new_ref(), intent.cents, "").id
        return self._signed(payer, payee, intent.cents, sale_id=sale_id)

    def _signed(self, payer: str, payee: str, cents: int, **changes: str | None) -> PaymentOrder:
        self.nonces[payer] += 1
        return self.env.order(payer, payee, cents, self.nonces[payer] - 1, **changes)

    def ask_refunds(self) -> list[PaymentOrder]:
        """Every paid sale is refunded whole; the shops' signed refunds."""
        found = []
        for order in list(self.orders):
            if order.sale_id is None:
                continue
            shop = order.to_address
            till_id = self.tills[self.accounts.index(shop) - RESIDENTS]
            request = self.env.refunds.request(
                till_id, shop[-26:], order.sale_id, new_ref(), order.amount_cents
            )
            found.append(
                self._signed(shop, order.from_address, order.amount_cents, refund_request_id=request.id)
            )
        self.first_block = self.env.ledger.block_number
        self.orders += found
        return found

    def take(self, step: Step, orders: Sequence[PaymentOrder]) -> None:
        env = self.env
        if step.what == "confirm":
            self.confirm([orders[number % len(orders)] for number in step.numbers])
        elif step.what == "settle":
            env.settler.run_once()
        elif step.what == "settle_elsewhere":
            self.elsewhere.run_once()
        elif step.what == "mine":
            env.ledger.mine(env.projection)
        elif step.what == "replay" and env.ledger.emitted:
            with UnitOfWork(env.engine) as work:
                for number in step.numbers:
                    deliver(env.projection, work, env.ledger.emitted[-1 - number % len(env.ledger.emitted)])
        elif step.what == "rewind":
            # A copy that lost a sale's payment may not yet refund it: only blocks of this round go.
            span = env.ledger.block_number - self.first_block + 1
            env.ledger.rewind(env.projection, self.first_block + step.numbers[0] % span)
        env.check_books()

    def confirm(self, orders: Sequence[PaymentOrder]) -> None:
        """Accepted, or asked to come again while the copy of the chain is short after a rewind."""
        is_short = not is_whole(self.env.engine)
        for order, answer in zip(orders, self.env.acceptance.accept_batch(orders), strict=True):
            if is_short and isinstance(answer, CopyCatchingUp):
                continue
            assert isinstance(answer, Payment), answer
            assert answer.ref == order.ref

    def play(self, orders: Sequence[PaymentOrder], steps: Sequence[Step], last: Sequence[int]) -> None:
        """The steps, then whatever is needed for everything to have been confirmed and become final."""
        if not orders:
            return
        for step in steps:
            self.take(step, orders)
        self.confirm([orders[number % len(orders)] for number in last])
        if not is_whole(self.env.engine):
            self.env.settle_and_mine()
        assert is_whole(self.env.engine)
        self.confirm(orders)
        self.elsewhere.run_once()
        self.env.settle_and_mine()
        self.env.check_books()

    def books(self) -> Books:
        numbers = {order.ref: number for number, order in enumerate(self.orders)}
        accounts = {account: number for number, account in enumerate(self.accounts)}
        with self.env.engine.connect().execution_options(read_only=True) as connection:
            paid = [
                (numbers[row.ref], str(row.state))
                for row in connection.execute(select(payments.c.ref, payments.c.state))
            ]
            sold = [
                (numbers[row.payment_ref], str(row.state))
                for row in connection.execute(select(sales.c.payment_ref, sales.c.state))
            ]
            given_back = [
                (numbers[row.payment_ref], str(row.state))
                for row in connection.execute(select(refund_requests.c.payment_ref, refund_requests.c.state))
            ]
            posted = [
                (accounts[row.account], row.amount_cents, row.kind, numbers[row.ref])
                for row in connection.execute(select(postings))
            ]
        balances = tuple(self.env.balance(account) for account in self.accounts)
        return Books(
            balances,
            tuple(sorted(paid)),
            tuple(sorted(sold)),
            tuple(sorted(given_back)),
            tuple(sorted(posted)),
        )


def final_books(
    intents: Sequence[PaymentIntent],
    first: tuple[Sequence[Step], Sequence[int]],
    second: tuple[Sequence[Step], Sequence[int]],
) -> Books:
    """Payments played one way, then refunds of every sale played another way."""
    with tempfile.TemporaryDirectory() as folder:
        interleaving = Interleaving(Path(folder), intents)
        interleaving.play(interleaving.orders[:], *first)
        interleaving.play(interleaving.ask_refunds(), *second)
        found = interleaving.books()
        interleaving.env.engine.dispose()
    return found


@settings(
    max_examples=40,
    deadline=None,
    # Explaining a failure traces every line of every library: minutes, for a list of steps.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(intents=INTENTS, steps=STEPS, last=NUMBERS, refund_steps=STEPS, refund_last=NUMBERS)
def test_the_same_payments_in_every_order_and_multiplicity_make_the_same_books(
    intents: list[PaymentIntent],
    steps: list[Step],
    last: tuple[int, ...],
    refund_steps: list[Step],
    refund_last: tuple[int, ...],
) -> None:
    straight = final_books(intents, ([], ()), ([], ()))
    assert final_books(intents, (steps, last), (refund_steps, refund_last)) == straight
    refunded = sum(1 for intent in intents if intent.payee >= RESIDENTS)
    assert straight.payments == tuple((number, "paid") for number in range(len(intents) + refunded))
    assert straight.sales == tuple(
        (number, "paid") for number, intent in enumerate(intents) if intent.payee >= RESIDENTS
    )
    assert len(straight.postings) == 2 * len(straight.payments)
    assert straight.balances == tuple((cents, 0) for cents in expected_balances(intents))


def expected_balances(intents: Sequence[PaymentIntent]) -> list[int]:
    """Sales are refunded, so only payments between people are left."""
    cents = [OPENING_CENTS] * RESIDENTS + [0] * SHOPS
    for intent in intents:
        if intent.payee < RESIDENTS:
            cents[intent.payer] -= intent.cents
            cents[intent.payee] += intent.cents
    return cents
