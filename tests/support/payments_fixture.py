"""Members with money in SQL and a stand-in for the ledger: the payments' code runs for real between them.

The fake ledger keeps its own books by the contract's rules (nonces, balances, expiry) and answers as the
indexer would: one commit per block with posted balances and projections. No node, no signatures.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from wallet_service.accounts.models import Rules, TierLimits
from wallet_service.chain.ledger import mirror as copy
from wallet_service.chain.ledger import packed_batch
from wallet_service.chain.ledger.skip_reasons import CODES_BY_SELECTOR
from wallet_service.chain.ports import ChainEvent, SignedPayment
from wallet_service.chain.registry import Registry
from wallet_service.database.leases import Lease
from wallet_service.database.tables.chain import balances, blocks, chain_transactions
from wallet_service.database.tables.members import devices, members, tills
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments.accept import Acceptance
from wallet_service.payments.models import PaymentOrder
from wallet_service.payments.projections import PaymentProjection
from wallet_service.payments.settle import Settler
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.protocol.text.identifiers import new_id, new_ref
from wallet_service.sales.refunds import Refunds
from wallet_service.sales.service import Sales

START_UNIX_MS = 1_790_000_000_000
LIFETIME_S = 180
UNLIMITED = TierLimits(0, 0, 0, 0)
LIMITS = {
    "visitor": TierLimits(15_000, 15_000, 15_000, 15_000),
    "declared": TierLimits(100_000, 25_000, 50_000, 100_000),
    "verified": TierLimits(300_000, 100_000, 150_000, 500_000),
    "professional": TierLimits(0, 5_000_000, 0, 0),
}
#: What an order calls it -> what the signed message calls it.
SIGNED_NAMES = {
    "from_address": "from_address",
    "to_address": "to_address",
    "amount_cents": "value",
    "ref": "ref",
    "valid_before_unix_s": "valid_before",
    "nonce": "nonce",
}
_addresses = itertools.count(1)
_SELECTORS = {code.rsplit(".", 1)[1]: selector for selector, code in CODES_BY_SELECTOR.items()}


class FixedRules:
    """RulesSource of tests."""

    def __init__(self) -> None:
        self.rules = Rules(limits=dict(LIMITS), payments_stopped=False)

    def current(self) -> Rules:
        return self.rules

    def stop_payments(self) -> None:
        self.rules = Rules(self.rules.limits, payments_stopped=True)

    def resume_payments(self) -> None:
        self.rules = Rules(self.rules.limits, payments_stopped=False)


@dataclass
class FakeSettlement:
    """Settlement port, and the chain behind it. Nothing is mined until `mine`."""

    engine: Engine
    clock: VirtualClock
    posted: dict[str, int] = field(default_factory=dict)
    used: set[tuple[str, int]] = field(default_factory=set)
    batches: dict[int, list[SignedPayment]] = field(default_factory=dict)
    executed: list[SignedPayment] = field(default_factory=list)
    emitted: list[ChainEvent] = field(default_factory=list)
    broadcasts: int = 0
    block_number: int = 0
    reverting: bool = False
    #: References of payments whose signature the ledger does not take.
    unsigned: set[str] = field(default_factory=set)
    #: Transactions the node has mined and our copy has not read.
    mined_elsewhere: set[int] = field(default_factory=set)

    def fitting(self, payments: Sequence[SignedPayment]) -> int:
        return len(payments)

    def require_writable(self, payment: SignedPayment) -> None:
        packed_batch.pack([payment])

    def store_settlement(self, connection: Connection, payments: Sequence[SignedPayment]) -> int:
        packed_batch.pack(payments)
        row = connection.execute(
            insert(chain_transactions)
            .values(
                sender="0x" + "0f" * 20,
                nonce=self._next_nonce(connection),
                purpose="settle",
                raw=b"bytes",
                transaction_hash=new_ref(),
                state="stored",
                stored_at_unix_ms=self.clock.now_unix_ms(),
            )
            .returning(chain_transactions.c.id)
        ).scalar_one()
        self.batches[row] = list(payments)
        return int(row)

    def _next_nonce(self, connection: Connection) -> int:
        return len(list(connection.execute(select(chain_transactions.c.id))))

    def broadcast_stored(self) -> int:
        self.broadcasts += 1
        return 0

    def unmined(self, transaction_ids: Collection[int]) -> set[int]:
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(chain_transactions.c.id).where(
                    chain_transactions.c.id.in_(sorted(transaction_ids)),
                    chain_transactions.c.state == "stored",
                )
            )
            return set(rows.scalars()) - self.mined_elsewhere

    def mine(self, projection: PaymentProjection) -> int:
        """One block with every stored transaction; returns how many events there were."""
        with UnitOfWork(self.engine) as work:
            stored = list(
                work.connection.execute(
                    select(chain_transactions)
                    .where(chain_transactions.c.state == "stored")
                    .order_by(chain_transactions.c.nonce)
                )
            )
            self.block_number += 1
            self._write_block(work.connection)
            events: list[ChainEvent] = []
            for row in stored:
                state = "reverted" if self.reverting else "mined"
                work.connection.execute(
                    update(chain_transactions)
                    .where(chain_transactions.c.id == row.id)
                    .values(state=state, block_number=self.block_number)
                )
                if self.reverting:
                    projection.on_settlement_reverted(work, row.id)
                    continue
                for payment in self.batches[row.id]:
                    events += self._execute(payment, row.transaction_hash, len(events))
            copy.add_events(work.connection, events)
            registry = Registry()  # as the indexer tells it: neighbours together
            projection.register(registry)
            registry.project(work, events)
        self.emitted += events
        return len(events)

    def rewind(self, projection: PaymentProjection, last_block_kept: int) -> None:
        """The node came back older: as the indexer does, posted balances and states in one commit."""
        with UnitOfWork(self.engine) as work:
            copy.rewind(work.connection, last_block_kept)
            projection.on_rewind(work, last_block_kept)
        undone = {
            event.arguments["ref"]
            for event in self.emitted
            if event.block_number > last_block_kept and event.name == "PaymentSettled"
        }
        for payment in self.executed:
            if payment.message.ref in undone:
                self._move(payment.message.from_address, payment.message.value)
                self._move(payment.message.to_address, -payment.message.value)
        self.executed = [payment for payment in self.executed if payment.message.ref not in undone]
        self.used = {(payment.message.from_address, payment.message.nonce) for payment in self.executed}
        self.emitted = [event for event in self.emitted if event.block_number <= last_block_kept]
        self.block_number = last_block_kept

    def _write_block(self, connection: Connection) -> None:
        connection.execute(
            insert(blocks).values(
                number=self.block_number,
                hash=new_ref(),
                parent_hash=new_ref(),
                timestamp_unix_s=self.clock.now_unix_s(),
                indexed_at_unix_ms=self.clock.now_unix_ms(),
            )
        )

    def _execute(self, payment: SignedPayment, transaction_hash: str, log_index: int) -> list[ChainEvent]:
        message = payment.message
        reason = self._reason_against(payment)
        parties = {"from": message.from_address, "to": message.to_address, "value": message.value}
        outcome: list[tuple[str, dict[str, Any]]]
        if reason is not None:
            if reason == "insufficient_balance":
                self.used.add((message.from_address, message.nonce))
            skipped = {"index": log_index, "from": message.from_address, "ref": message.ref}
            outcome = [("PaymentSkipped", {**skipped, "reason": _SELECTORS[reason]})]
        else:
            self.used.add((message.from_address, message.nonce))
            self._move(message.from_address, -message.value)
            self._move(message.to_address, message.value)
            self.executed.append(payment)
            settled = {**parties, "ref": message.ref, "nonce": message.nonce}
            outcome = [("Transfer", parties), ("PaymentSettled", settled)]
        now_unix_s = self.clock.now_unix_s()
        return [
            ChainEvent(name, values, self.block_number, log_index + offset, transaction_hash, now_unix_s)
            for offset, (name, values) in enumerate(outcome)
        ]

    def _reason_against(self, payment: SignedPayment) -> str | None:
        message = payment.message
        if message.ref in self.unsigned:
            return "bad_signature"
        if self.clock.now_unix_s() >= message.valid_before:
            return "expired"
        if (message.from_address, message.nonce) in self.used:
            return "nonce_used"
        if self.posted.get(message.from_address, 0) < message.value:
            return "insufficient_balance"
        return None

    def _move(self, account: str, amount_cents: int) -> None:
        self.posted[account] = self.posted.get(account, 0) + amount_cents


def deliver(projection: PaymentProjection, work: UnitOfWork, event: ChainEvent) -> None:
    if event.name == "PaymentSettled":
        projection.on_settled(work, [event])
    elif event.name == "PaymentSkipped":
        projection.on_skipped(work, event)


def changed(order: PaymentOrder, **changes: Any) -> PaymentOrder:
    """Another order, by the names an order has for what was signed."""
    signed = {ours: changes.pop(ours) for ours in SIGNED_NAMES if ours in changes}
    message = replace(order.message, **{SIGNED_NAMES[ours]: value for ours, value in signed.items()})
    return replace(order, message=message, **changes)


class PaymentsFixture:
    """Members, a till, and every service of the payments' subject over one database."""

    def __init__(self, engine: Engine, *, lease_name: str = "settler") -> None:
        self.engine = engine
        self.clock = VirtualClock(START_UNIX_MS)
        self.push = Push(engine, self.clock)
        self.rules = FixedRules()
        self.ledger = FakeSettlement(engine, self.clock)
        self.acceptance = Acceptance(engine, self.clock, self.push, self.rules, LIFETIME_S)
        self.projection = PaymentProjection(self.clock, self.push)
        self.sales = Sales(engine, self.clock, self.push, self.rules, sale_lifetime_s=120)
        self.refunds = Refunds(engine, self.clock, self.push)
        self.settler = self.new_settler(lease_name)

    def new_settler(self, lease_name: str = "settler") -> Settler:
        lease = Lease(self.engine, lease_name)
        return Settler(
            self.engine, self.clock, self.ledger, self.projection, lease, 100, self.push.quarantine
        )

    def member(
        self, *, kind: str = "resident", tier: str = "declared", balance_cents: int = 0, **changes: Any
    ) -> str:
        """A new member; the account address stands for it."""
        address = f"0x{next(_addresses):040x}"
        with UnitOfWork(self.engine) as work:
            work.connection.execute(
                insert(members).values(
                    **{
                        "id": address[-26:],
                        "kind": kind,
                        "tier": tier,
                        "state": "active",
                        "account_address": address,
                        "language": "fr",
                        "created_at_unix_ms": START_UNIX_MS,
                        **changes,
                    }
                )
            )
            work.connection.execute(
                insert(devices).values(
                    id=new_id(),
                    member_id=address[-26:],
                    signer_address=address,
                    key_kind="p256",
                    public_key="0x",
                    label="essai",
                    state="active",
                    created_at_unix_ms=START_UNIX_MS,
                )
            )
            work.connection.execute(
                insert(balances).values(account=address, posted_cents=balance_cents, reserved_cents=0)
            )
        self.ledger.posted[address] = balance_cents
        return address

    def merchant(self, **changes: Any) -> tuple[str, str]:
        """A merchant's account address and the id of its till."""
        address = self.member(
            kind="merchant", tier="professional", **{"public_name": "Boutique fictive", **changes}
        )
        till_id = new_id()
        with UnitOfWork(self.engine) as work:
            work.connection.execute(
                insert(tills).values(
                    id=till_id,
                    member_id=address[-26:],
                    label="Caisse",
                    public_key="0x",
                    state="active",
                    paired_at_unix_ms=START_UNIX_MS,
                )
            )
        return address, till_id

    def order(self, payer: str, payee: str, amount_cents: int, nonce: int, **changes: Any) -> PaymentOrder:
        message = PaymentMessage(
            from_address=payer,
            to_address=payee,
            value=amount_cents,
            ref="0x" + secrets.token_hex(32),
            valid_before=self.clock.now_unix_s() + 120,
            nonce=nonce,
        )
        return changed(PaymentOrder(message, signature=b"signed", signer_address=payer), **changes)

    def settle_and_mine(self) -> None:
        self.settler.run_once()
        self.ledger.mine(self.projection)

    def _reading(self) -> Connection:
        """Without SQLite's write lock, so that a test may look while a unit of work is open."""
        return self.engine.connect().execution_options(read_only=True)

    def balance(self, account: str) -> tuple[int, int]:
        """posted, reserved."""
        with self._reading() as connection:
            row = connection.execute(select(balances).where(balances.c.account == account)).one()
        return row.posted_cents, row.reserved_cents

    def payment(self, ref: str) -> Any:
        with self._reading() as connection:
            return connection.execute(select(payments).where(payments.c.ref == ref)).one()

    def books(self) -> dict[str, tuple[int, int]]:
        with self._reading() as connection:
            return {
                row.account: (row.posted_cents, row.reserved_cents)
                for row in connection.execute(select(balances))
            }

    def check_books(self) -> None:
        """What must always hold: SQL's copy equals the ledger, and reserved is what is on its way."""
        with self._reading() as connection:
            waiting: dict[str, int] = {}
            for row in connection.execute(
                select(payments).where(payments.c.state.in_(("accepted", "settling")))
            ):
                waiting[row.from_address] = waiting.get(row.from_address, 0) + row.amount_cents
        for account, (posted_cents, reserved_cents) in self.books().items():
            assert posted_cents == self.ledger.posted[account]
            assert reserved_cents == waiting.get(account, 0)
            assert 0 <= reserved_cents <= posted_cents
