"""A ledger in memory that runs queued commands in order.

It holds to the contract's rules for issuing and redeeming.

For tests of the bank's side without a node. Commands are rows of `chain_commands`, as in production, so that
they roll back with the unit of work that queued them. Refusals carry the contract's own error names.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from wallet_service.accounts.models import Rules, Stops, TierLimits
from wallet_service.chain.errors import CommandConflict
from wallet_service.chain.ports import ChainEvent, FailedCommand, NewCommand, Reserve
from wallet_service.chain.sending.commands import SqlCommandQueue
from wallet_service.database.tables.chain import balances, chain_commands
from wallet_service.database.tables.members import members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.protocol.signing.floors import PasskeyFloors
from wallet_service.protocol.signing.typed_data import Domain
from wallet_service.protocol.text.identifiers import is_own_ref
from wallet_service.security.roles import Role

LIMITS = {
    "visitor": TierLimits(150_00, 150_00, 150_00, 150_00),
    "declared": TierLimits(1_000_00, 250_00, 500_00, 1_000_00),
    "verified": TierLimits(3_000_00, 1_000_00, 1_500_00, 5_000_00),
    "professional": TierLimits(0, 50_000_00, 0, 0),
}
DOMAIN = Domain("Alba, essais", "1", 61_451, "0x" + "1e" * 20)


class Refused(Exception):
    """The contract's custom error, by name."""


@dataclass
class Redemption:
    account: str
    value: int
    state: str
    attested_paid: bool | None = None


@dataclass
class Order:
    """A forced transfer as the ledger announced it."""

    payer: str
    payee: str
    value: int
    ground_hash: str
    executable_at: int
    state: str = "proposed"


@dataclass
class FakeLedger:
    """Implements CommandQueue, ProjectionRegistry and the parts of ChainReader the bank's side asks."""

    engine: Engine
    clock: Clock
    block: int = 0
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    attested: Reserve = field(default_factory=lambda: Reserve(0, 0, 0, "0x" + "00" * 32, ""))
    paid_out_cents: int = 0
    mint_refs: set[str] = field(default_factory=set)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    daily_quota: int = 10**9
    frozen: set[str] = field(default_factory=set)
    held_back: dict[str, int] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    orders: dict[int, Order] = field(default_factory=dict)
    forced_transfer_delay_s: int = 172_800
    floors: PasskeyFloors = field(default_factory=lambda: PasskeyFloors(0, 0))
    stopped: Stops = field(default_factory=lambda: Stops(False, False, False))
    events: list[ChainEvent] = field(default_factory=list)
    projections: dict[str, list[Callable[..., None]]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[str, list[Callable[..., None]]] = field(default_factory=lambda: defaultdict(list))
    rewinds: list[Callable[..., None]] = field(default_factory=list)

    # CommandQueue

    def queue_command(
        self, connection: Connection, kind: str, arguments: Sequence[Any], role: Role, ref: str
    ) -> int:
        known = connection.execute(select(chain_commands).where(chain_commands.c.ref == ref)).first()
        if known is not None:
            if (known.kind, known.arguments, known.role) != (kind, json.loads(json.dumps(arguments)), role):
                raise CommandConflict()
            return int(known.id)
        inserted = connection.execute(
            insert(chain_commands).values(
                ref=ref,
                kind=kind,
                role=role,
                arguments=list(arguments),
                state="queued",
                queued_at_unix_ms=self.clock.now_unix_ms(),
            )
        )
        assert inserted.inserted_primary_key is not None
        return int(inserted.inserted_primary_key[0])

    def queue_commands(self, connection: Connection, commands: Sequence[NewCommand]) -> None:
        SqlCommandQueue(self.clock).queue_commands(connection, commands)

    # ProjectionRegistry

    def on_event(self, name: str, projection: Callable[..., None]) -> None:
        self.projections[name].append(projection)

    def on_events(self, name: str, projection: Callable[..., None]) -> None:
        self.projections[name].append(lambda work, event: projection(work, [event]))

    def on_command_failed(self, kind: str, handler: Callable[..., None]) -> None:
        self.failures[kind].append(handler)

    def on_settlement_reverted(self, handler: Callable[..., None]) -> None:
        raise AssertionError("the bank's side settles nothing")

    def on_rewind(self, handler: Callable[..., None]) -> None:
        self.rewinds.append(handler)

    def on_rebuilt(self, handler: Callable[..., list[str]]) -> None:
        raise AssertionError("the bank's side mends nothing after a rebuild")

    # ChainReader

    def domain(self) -> Domain:
        return DOMAIN

    def tier_limits(self) -> Mapping[str, TierLimits]:
        return LIMITS

    def passkey_floors(self) -> Mapping[str, PasskeyFloors]:
        return dict.fromkeys(LIMITS, self.floors)

    def stops(self) -> Stops:
        return self.stopped

    # RulesSource, always fresh

    def current(self) -> Rules:
        stops, floors = self.stops(), dict(self.passkey_floors())
        return Rules(self.tier_limits(), stops.payments, floors, redeeming_stopped=stops.redeeming)

    def supply_cents(self) -> int:
        return sum(self.held.values()) + sum(
            r.value for r in self.redemptions.values() if r.state == "locked"
        )

    # running

    def run(self) -> int:
        """Executes queued commands, oldest first, until none is left; returns how many."""
        count = 0
        while True:
            with UnitOfWork(self.engine) as work:
                queued = select(chain_commands).where(chain_commands.c.state == "queued")
                command = work.connection.execute(queued.order_by(chain_commands.c.id).limit(1)).first()
                if command is None:
                    return count
                self._run_one(work, command)
            count += 1

    def _run_one(self, work: UnitOfWork, command: Any) -> None:
        try:
            events = getattr(self, f"_{command.kind}")(command.role, *command.arguments)
        except Refused as refusal:
            self._mark(work, command.id, "failed")
            failed = FailedCommand(
                command.id, command.ref, command.kind, command.role, command.arguments, str(refusal), {}
            )
            for handler in self.failures[command.kind]:
                handler(work, failed)
            return
        self._mark(work, command.id, "done")
        self.block += 1
        for log_index, (name, arguments) in enumerate(events):
            event = ChainEvent(
                name, arguments, self.block, log_index, "0x" + "00" * 32, self.clock.now_unix_s()
            )
            self.events.append(event)
            self.project(work, event)

    def project(self, work: UnitOfWork, event: ChainEvent) -> None:
        for projection in self.projections[event.name]:
            projection(work, event)

    def _mark(self, work: UnitOfWork, command_id: int, state: str) -> None:
        work.connection.execute(
            update(chain_commands).where(chain_commands.c.id == command_id).values(state=state)
        )
        for account, value in self.held.items():
            self._post(work.connection, account, value)
        self._post(work.connection, ZERO_ADDRESS, -self.supply_cents())

    def _post(self, connection: Connection, account: str, value: int) -> None:
        changed = connection.execute(
            update(balances).where(balances.c.account == account).values(posted_cents=value)
        )
        if changed.rowcount == 0:
            connection.execute(insert(balances).values(account=account, posted_cents=value, reserved_cents=0))

    # the contract

    def _attestReserve(
        self, role: str, amount: int, as_of: int, statement_hash: str, paid_out: int
    ) -> list[Any]:
        assert role == "ATTESTER"
        if as_of < self.attested.as_of_unix_s:
            raise Refused("AttestationOutOfOrder")
        self.attested = Reserve(amount, as_of, self.clock.now_unix_s(), statement_hash, "0xattester")
        self.paid_out_cents = paid_out
        return [("ReserveAttested", {"amount": amount, "asOf": as_of, "statementHash": statement_hash})]

    def burned_unshown_cents(self) -> int:
        burned = sum(each.value for each in self.redemptions.values() if each.state == "burned")
        return max(burned - self.paid_out_cents, 0)

    def _mint(self, role: str, to: str, value: int, ref: str) -> list[Any]:
        assert role == "ISSUER"
        if self.stopped.issuing:
            raise Refused("IssuingStopped")
        if ref in self.mint_refs:
            raise Refused("ReferenceUsed")
        if self.supply_cents() + self.burned_unshown_cents() + value > self.attested.amount_cents:
            raise Refused("ReserveExceeded")
        if value > self.daily_quota:
            raise Refused("MintQuotaExceeded")
        self.mint_refs.add(ref)
        self.held[to] += value
        return [("Minted", {"to": to, "ref": ref, "value": value})]

    def _requestRedemption(self, role: str, redemption: Sequence[Any], signature: str) -> list[Any]:
        assert role == "RELAYER"
        account, value, payee_hash, ref, valid_before, _nonce = redemption
        if self.stopped.redeeming:
            raise Refused("RedeemingStopped")
        if self.clock.now_unix_s() >= valid_before:
            raise Refused("Expired")
        if not is_own_ref(ref, account):
            raise Refused("ReferenceNotOwn")
        if ref in self.redemptions:
            raise Refused("ReferenceUsed")
        if value > self.held[account]:
            raise Refused("ERC20InsufficientBalance")
        self.held[account] -= value
        self.redemptions[ref] = Redemption(account, value, "locked")
        arguments = {"account": account, "ref": ref, "value": value, "payeeHash": payee_hash}
        return [("RedemptionRequested", arguments)]

    def _attestOutcome(self, role: str, ref: str, paid: bool) -> list[Any]:
        assert role == "ATTESTER"
        self._locked(ref).attested_paid = paid
        return []

    def _completeRedemption(self, role: str, ref: str) -> list[Any]:
        return self._end(role, ref, "burned", "RedemptionCompleted")

    def _returnRedemption(self, role: str, ref: str, reason: str) -> list[Any]:
        assert len(reason) == 66
        events = self._end(role, ref, "returned", "RedemptionReturned")
        redemption = self.redemptions[ref]
        self.held[redemption.account] += redemption.value
        return events

    def _end(self, role: str, ref: str, state: str, name: str) -> list[Any]:
        assert role == "ISSUER"
        redemption = self._locked(ref)
        if redemption.attested_paid is not (state == "burned"):
            raise Refused("OutcomeNotAttested")
        redemption.state = state
        return [(name, {"ref": ref, "account": redemption.account, "value": redemption.value})]

    def _locked(self, ref: str) -> Redemption:
        redemption = self.redemptions.get(ref)
        if redemption is None or redemption.state != "locked":
            raise Refused("RedemptionNotLocked")
        return redemption

    def _freeze(
        self, role: str, account: str, incoming: bool, outgoing: bool, ground_hash: str, until: int
    ) -> list[Any]:
        assert role == "COMPLIANCE"
        (self.frozen.add if outgoing else self.frozen.discard)(account)
        directions = {"incoming": incoming, "outgoing": outgoing}
        return [("Frozen", {"account": account, **directions, "groundHash": ground_hash, "until": until})]

    def _unfreeze(self, role: str, account: str, ground_hash: str) -> list[Any]:
        assert role == "COMPLIANCE"
        self.frozen.discard(account)
        return [("Unfrozen", {"account": account, "groundHash": ground_hash})]

    def _setFrozenTokens(self, role: str, account: str, amount: int) -> list[Any]:
        assert role == "COMPLIANCE"
        if account in self.strangers:
            raise Refused("NotMember")
        self.held_back[account] = amount
        return [("AmountHeld", {"account": account, "amount": amount})]

    def _proposeForcedTransfer(
        self, role: str, payer: str, payee: str, value: int, ground_hash: str
    ) -> list[Any]:
        assert role == "COMPLIANCE"
        number, due = len(self.orders) + 1, self.clock.now_unix_s() + self.forced_transfer_delay_s
        self.orders[number] = Order(payer, payee, value, ground_hash, due)
        said = {"number": number, "from": payer, "to": payee, "value": value, "groundHash": ground_hash}
        return [("ForcedTransferProposed", {**said, "executableAt": due})]

    def _executeForcedTransfer(self, role: str, number: int) -> list[Any]:
        assert role == "COMPLIANCE"
        order = self.orders[number]
        if order.state != "proposed":
            raise Refused("ForcedTransferNotPending")
        if self.clock.now_unix_s() < order.executable_at:
            raise Refused("ForcedTransferNotDue")
        if order.value > self.held[order.payer]:
            raise Refused("ERC20InsufficientBalance")
        order.state = "executed"
        self.held[order.payer] -= order.value
        self.held[order.payee] += order.value
        said = {"number": number, "from": order.payer, "to": order.payee, "value": order.value}
        return [("ForcedTransferExecuted", {**said, "groundHash": order.ground_hash})]

    def halt(self, number: int) -> None:
        """The pauser stops an announced transfer."""
        self.orders[number].state = "cancelled"
        said = {"number": number, "officer": "0xpauser", "groundHash": "0x" + "00" * 32}
        self.tell("ForcedTransferCanceled", said)

    def pay(self, payer: str, payee: str, value: int, ref: str) -> None:
        """A settled payment, if the payer may."""
        if payer in self.frozen:
            raise Refused("FrozenOutgoing")
        if value > self.held[payer] - self.held_back.get(payer, 0):
            raise Refused("ERC7943InsufficientUnfrozenBalance")
        self.held[payer] -= value
        self.held[payee] += value
        self.tell("PaymentSettled", {"ref": ref, "nonce": 0})

    def tell(self, name: str, arguments: dict[str, Any]) -> None:
        """An event in a block of its own."""
        self.block += 1
        event = ChainEvent(name, arguments, self.block, 0, "0x" + "00" * 32, self.clock.now_unix_s())
        self.events.append(event)
        with UnitOfWork(self.engine) as work:
            for account, held in self.held.items():
                self._post(work.connection, account, held)
            self.project(work, event)


def account_of(connection: Connection, member_id: str) -> str:
    query = select(members.c.account_address).where(members.c.id == member_id)
    return str(connection.execute(query).scalar_one())
