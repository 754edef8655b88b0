"""What other subjects may know of the chain: plain data and protocols. Imports no web3.

Amounts are integer cents, addresses lower-case 0x hex, 32-byte values lower-case 0x hex, times unix seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from wallet_service.accounts.models import Stops, TierLimits
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.signing.floors import PasskeyFloors
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage
from wallet_service.security.roles import Role

#: Names by the contract's numbers (blueprint of the ledger): the position is the uint8.
TIERS = ("none", "visitor", "declared", "verified", "professional")
KINDS = ("none", "resident", "merchant", "association", "treasury")
STOP_PAYMENTS, STOP_ISSUING, STOP_REDEEMING = 1, 2, 4


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One decoded event of the ledger in a final block. Arguments by their ABI names; integers are int.

    `chain_transaction_id` is set when one of our stored transactions caused it: anybody else may call
    `settle` too, and a stranger's PaymentSkipped says nothing about our payment.
    """

    name: str
    arguments: Mapping[str, Any]
    block_number: int
    log_index: int
    transaction_hash: str
    block_timestamp_unix_s: int
    chain_transaction_id: int | None = None


@dataclass(frozen=True, slots=True)
class FailedCommand:
    """A command the contract refuses (found by simulation, or reverted in a block).

    `error_values` by their ABI names; `error_name` is the custom error, or "Error" / "Panic" / "unknown".
    """

    id: int
    ref: str
    kind: str
    role: str
    arguments: Sequence[Any]
    error_name: str
    error_values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignedPayment:
    """A payment with its envelope, as it goes into `settle`."""

    message: PaymentMessage
    signature: bytes


#: Called inside the indexer's commit, once per event and again after a rewind: idempotent, SQL only.
Projection = Callable[[UnitOfWork, ChainEvent], None]
#: The same for neighbours of one name at once, in the chain's order, before any Projection of that name.
SetProjection = Callable[[UnitOfWork, Sequence[ChainEvent]], None]
#: Called inside the commit that marks the command failed.
CommandFailedHandler = Callable[[UnitOfWork, FailedCommand], None]
#: Called inside the indexer's commit for a `settle` transaction that was mined but reverted whole (out of
#: gas): none of its payments happened. The argument is chain_transactions.id.
SettlementRevertedHandler = Callable[[UnitOfWork, int], None]
#: Called inside the commit that rewinds the copy; the argument is the last block number kept. Put back to
#: "settling" / "queued" whatever was projected from later blocks: the same events usually come again.
RewindHandler = Callable[[UnitOfWork, int], None]
#: Called in one commit after the whole chain was read again: puts right what the events' projections could
#: not, and says in one sentence each what was wrong.
RebuiltHandler = Callable[[UnitOfWork], list[str]]


class ProjectionRegistry(Protocol):
    """Where subjects say what they want to hear. Implemented by chain.registry.Registry."""

    def on_event(self, name: str, projection: Projection) -> None: ...

    def on_events(self, name: str, projection: SetProjection) -> None: ...

    def on_command_failed(self, kind: str, handler: CommandFailedHandler) -> None: ...

    def on_settlement_reverted(self, handler: SettlementRevertedHandler) -> None: ...

    def on_rewind(self, handler: RewindHandler) -> None: ...

    def on_rebuilt(self, handler: RebuiltHandler) -> None: ...


@dataclass(frozen=True)
class NewCommand:
    """What `queue_command` takes, for many at once."""

    kind: str
    arguments: Sequence[Any]
    role: Role
    ref: str


class CommandQueue(Protocol):
    """Everything but payments that must happen on chain. See chain.sending.commands.SqlCommandQueue."""

    def queue_command(
        self, connection: Connection, kind: str, arguments: Sequence[Any], role: Role, ref: str
    ) -> int:
        """Insert once per `ref`, inside the caller's unit of work; returns chain_commands.id.

        `kind` is the contract function's name, `arguments` follow its ABI order (structs as lists, bytes
        as 0x hex, integers as int). Same ref and same content returns the existing id; other content
        raises CommandConflict.
        """
        ...

    def queue_commands(self, connection: Connection, commands: Sequence[NewCommand]) -> None:
        """As many at once, in this order; those whose ref is known already are left as they are."""
        ...


class Settlement(Protocol):
    """How the settler puts accepted payments on chain. Implemented by chain.sending.sender.Sender."""

    def fitting(self, payments: Sequence[SignedPayment]) -> int:
        """How many of these, from the first, fit into one `settle` transaction.

        At most 200, and within the profile's gas.
        """
        ...

    def require_writable(self, payment: SignedPayment) -> None:
        """Raises whatever keeps this payment alone from being written into a transaction. Asks nobody."""
        ...

    def store_settlement(self, connection: Connection, payments: Sequence[SignedPayment]) -> int:
        """Take the next nonce, sign, store the bytes inside the caller's unit of work; chain_transactions.id.

        No network. Raises SettlementTooLarge, SigningKeyMissing, ChainUnavailable (nonce not yet known:
        nothing taken).
        """
        ...

    def broadcast_stored(self) -> int:
        """Send every stored transaction the chain lacks, after the commit; returns how many were taken.

        Never raises for a node that is away: what is stored is sent again by the sender's loop.
        """
        ...

    def unmined(self, transaction_ids: Collection[int]) -> set[int]:
        """Those of these transactions that are stored and that every node that answers has not mined.

        Asks the nodes, so not inside a unit of work. Raises ChainUnavailable.
        """
        ...


class Head(NamedTuple):
    number: int
    timestamp_unix_s: int


@dataclass(frozen=True, slots=True)
class Reserve:
    amount_cents: int
    as_of_unix_s: int
    attested_at_unix_s: int
    statement_hash: str
    attester: str


@dataclass(frozen=True, slots=True)
class ChainAccount:
    """An account as the ledger holds it. `kind` and `tier` are words of KINDS and TIERS."""

    balance_cents: int
    kind: str
    tier: str
    sector: int
    expires_on_day: int
    frozen_incoming: bool
    frozen_outgoing: bool
    spent_today_cents: int
    spent_in_window_cents: int
    locked_cents: int


@dataclass(frozen=True, slots=True)
class Issuance:
    attestation_max_age_s: int
    daily_mint_quota_cents: int
    minted_today_cents: int


class ChainReader(Protocol):
    """Questions to the node, answered from memory for a few seconds. All raise ChainUnavailable."""

    def domain(self) -> Domain:
        """From the deployment file: never asks the node."""
        ...

    def ledger_address(self) -> str: ...

    def head(self) -> Head:
        """The last final block."""
        ...

    def supply_cents(self) -> int: ...

    def reserve(self) -> Reserve: ...

    def account(self, address: str) -> ChainAccount: ...

    def stops(self) -> Stops: ...

    def tier_limits(self) -> Mapping[str, TierLimits]:
        """By tier word: visitor, declared, verified, professional."""
        ...

    def passkey_floors(self) -> Mapping[str, PasskeyFloors]:
        """By tier word, as `tier_limits`."""
        ...

    def issuance(self) -> Issuance: ...
