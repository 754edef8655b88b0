"""The chain side of a service, wired by hand, for tests.

Members with device keys, commands, settlements, the copy.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, func, select

from tests.support.node import ChainUnderTest
from wallet_service.chain.ledger import mirror as copy
from wallet_service.chain.ports import KINDS, TIERS, ChainEvent, FailedCommand, SignedPayment
from wallet_service.chain.reading.indexer import Indexer
from wallet_service.chain.registry import Registry
from wallet_service.chain.sending.command_runner import CommandRunner
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.chain.sending.sender import Sender
from wallet_service.database.tables.chain import (
    balances,
    chain_commands,
    chain_events,
    chain_transactions,
    postings,
)
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock, SystemClock
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import p256_address, sign_p256
from wallet_service.protocol.signing.typed_data import PaymentMessage, RedemptionMessage
from wallet_service.protocol.text.identifiers import new_own_ref, new_ref
from wallet_service.security.roles import Role

#: A busy machine may be slow; it is only stuck when nothing at all has moved for so long.
STUCK_AFTER_S = 20.0
PAUSE_S = 0.005
PAYMENT_LIFETIME_S = 180


@dataclass
class Person:
    """A member with a device key; nonces counted here as a wallet does."""

    key: ec.EllipticCurvePrivateKey
    address: str
    nonces: itertools.count[int]


class World:
    """One process's view.

    Make a second one on the same engine and chain to play another process or a restart.
    """

    def __init__(self, engine: Engine, chain: ChainUnderTest, clock: Clock | None = None) -> None:
        self.engine = engine
        self.chain = chain
        self.clock = clock or SystemClock()
        self.registry = Registry()
        self.quarantine = Push(engine, self.clock).quarantine
        self.sender = Sender(engine, chain.access, chain.keys, self.registry, self.clock, self.quarantine)
        self.commands = SqlCommandQueue(self.clock)
        self.runner = CommandRunner(
            engine,
            chain.access,
            chain.keys,
            self.sender,
            self.registry,
            self.clock,
            quarantine=self.quarantine,
        )
        self.indexer = Indexer(engine, chain.access, self.registry, self.clock, self.sender)
        self.seen: list[ChainEvent] = []
        self.failed: list[FailedCommand] = []
        self.reverted_settlements: list[int] = []
        self.rewound_to: list[int] = []
        self.registry.on_settlement_reverted(lambda work, one: self.reverted_settlements.append(one))
        self.registry.on_rewind(lambda work, block: self.rewound_to.append(block))
        for name in ("PaymentSettled", "PaymentSkipped", "Minted", "MemberEnrolled"):
            self.registry.on_event(name, lambda work, event: self.seen.append(event))
        for kind in ("enrol", "mint", "setMember", "attestReserve"):
            self.registry.on_command_failed(kind, lambda work, command: self.failed.append(command))
        self.sender.prepare()

    # --- moving on ---

    def pump(self) -> None:
        """One round of every worker."""
        self.runner.run_once()
        self.sender.run_once()
        self.indexer.run_once()

    def until(self, reached: Callable[[], bool], pump: Callable[[], object] | None = None) -> None:
        """Pump until `reached`; fail when nothing moves any more."""
        moved_at_s, before = time.monotonic(), ""
        while not reached():
            now = self.describe()
            if now != before:
                moved_at_s, before = time.monotonic(), now
            assert time.monotonic() - moved_at_s < STUCK_AFTER_S, f"not reached; {now}"
            with contextlib.suppress(ChainUnavailable):
                (pump or self.pump)()
            time.sleep(PAUSE_S)

    def run_until_idle(self) -> None:
        """Pump until nothing is queued or in flight and the copy is at the head."""
        self.until(lambda: self.waiting() == 0)
        self.indexer.catch_up()

    def waiting(self) -> int:
        with self.engine.connect() as connection:
            commands = connection.execute(
                select(func.count())
                .select_from(chain_commands)
                .where(chain_commands.c.state.in_(("queued", "sent")))
            ).scalar_one()
            stored = connection.execute(
                select(func.count())
                .select_from(chain_transactions)
                .where(chain_transactions.c.state == "stored")
            ).scalar_one()
        return int(commands + stored)

    def describe(self) -> str:
        with self.engine.connect() as connection:
            commands = connection.execute(
                select(chain_commands.c.kind, chain_commands.c.state, chain_commands.c.failure)
            ).all()
            transactions = connection.execute(
                select(chain_transactions.c.nonce, chain_transactions.c.purpose, chain_transactions.c.state)
            ).all()
            cursor = copy.read_cursor(connection, self.chain.deployment.deployed_at_block)
        return f"commands {commands}, transactions {transactions}, {cursor}"

    # --- doing ---

    def queue(self, kind: str, arguments: list[Any], role: Role, ref: str | None = None) -> int:
        with UnitOfWork(self.engine) as work:
            return self.commands.queue_command(work.connection, kind, arguments, role, ref or new_ref())

    def person(self, kind: str = "resident", tier: str = "verified") -> Person:
        """Enrolment is queued, not awaited."""
        key = p256.new_private_key()
        address = p256_address(key)
        self.queue("enrol", [address, KINDS.index(kind), TIERS.index(tier), 0, 0], "REGISTRAR")
        return Person(key, address, itertools.count())

    def merchant(self) -> Person:
        return self.person("merchant", "professional")

    def attest(self, amount_cents: int) -> None:
        head = self.chain.access.client.request("eth_getBlockByNumber", "latest", False)
        self.queue("attestReserve", [amount_cents, int(head["timestamp"], 16), new_ref(), 0], "ATTESTER")

    def fund(self, person: Person, amount_cents: int) -> str:
        """A mint is queued; its ref."""
        ref = new_ref()
        self.queue("mint", [person.address, amount_cents, ref], "ISSUER", ref)
        return ref

    def payment(
        self, payer: Person, payee: Person, amount_cents: int, *, valid_before: int | None = None
    ) -> SignedPayment:
        head = self.chain.access.client.request("eth_getBlockByNumber", "latest", False)
        message = PaymentMessage(
            payer.address,
            payee.address,
            amount_cents,
            new_ref(),
            valid_before if valid_before is not None else int(head["timestamp"], 16) + PAYMENT_LIFETIME_S,
            next(payer.nonces),
        )
        return SignedPayment(message, sign_p256(payer.key, message.digest(self.chain.deployment.domain)))

    def redemption(self, merchant: Person, amount_cents: int) -> str:
        """The relay of a signed redemption is queued; its ref."""
        head = self.chain.access.client.request("eth_getBlockByNumber", "latest", False)
        message = RedemptionMessage(
            merchant.address,
            amount_cents,
            new_ref(),
            new_own_ref(merchant.address),
            int(head["timestamp"], 16) + PAYMENT_LIFETIME_S,
            next(merchant.nonces),
        )
        signature = sign_p256(merchant.key, message.digest(self.chain.deployment.domain))
        fields = [
            message.from_address,
            message.value,
            message.payee_hash,
            message.ref,
            message.valid_before,
            message.nonce,
        ]
        self.queue("requestRedemption", [fields, signature], "RELAYER", message.ref)
        return message.ref

    def store(self, *payments: SignedPayment) -> int:
        """One settle transaction in one commit, not broadcast."""
        with UnitOfWork(self.engine) as work:
            return self.sender.store_settlement(work.connection, list(payments))

    def funded_pair(self, amount_cents: int = 50_000) -> tuple[Person, Person]:
        """A funded resident and a merchant, all on chain and in the copy."""
        payer, payee = self.person(), self.merchant()
        self.attest(10_000_000)
        self.fund(payer, amount_cents)
        self.run_until_idle()
        return payer, payee

    # --- looking ---

    def posted(self, address: str) -> int:
        with self.engine.connect() as connection:
            found = connection.execute(
                select(balances.c.posted_cents).where(balances.c.account == address)
            ).scalar_one_or_none()
        return int(found or 0)

    def on_chain(self, address: str) -> int:
        return self.chain.reader().account(address).balance_cents

    def transaction_state(self, transaction_id: int) -> str:
        with self.engine.connect() as connection:
            return str(
                connection.execute(
                    select(chain_transactions.c.state).where(chain_transactions.c.id == transaction_id)
                ).scalar_one()
            )

    def check_books(self, *people: Person) -> None:
        """Postings sum to zero per event and make the balances, and the balances are the chain's."""
        with self.engine.connect() as connection:
            per_event = connection.execute(
                select(func.sum(postings.c.amount_cents)).group_by(
                    postings.c.block_number, postings.c.log_index
                )
            ).scalars()
            assert all(int(total) == 0 for total in per_event)
            summed = {
                account: int(total)
                for account, total in connection.execute(
                    select(postings.c.account, func.sum(postings.c.amount_cents)).group_by(postings.c.account)
                )
            }
            kept = {
                account: int(posted)
                for account, posted in connection.execute(select(balances.c.account, balances.c.posted_cents))
            }
        assert {account: total for account, total in summed.items() if total} == {
            account: total for account, total in kept.items() if total
        }
        for person in people:
            assert kept.get(person.address, 0) == self.on_chain(person.address)

    def event_names(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(
                connection.execute(
                    select(chain_events.c.name).order_by(
                        chain_events.c.block_number, chain_events.c.log_index
                    )
                ).scalars()
            )
