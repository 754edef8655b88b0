"""What goes to the chain (commands, stored transactions) and what came back (blocks, postings, balances).

`chain_transactions.raw` is the only thing ever broadcast. Postings come only from final blocks and sum to
zero per event.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from wallet_service.database.tables.base import RowNumber, address, cents, metadata, moment, state_check, word

COMMAND_STATES = ("queued", "sent", "done", "failed")
#: displaced: another transaction of the same key took the nonce, so these bytes can never be mined.
TRANSACTION_STATES = ("stored", "mined", "reverted", "displaced")

chain_transactions = Table(
    "chain_transactions",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    address("sender", nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("purpose", String(24), nullable=False),  # settle | a command's kind
    Column("raw", LargeBinary, nullable=False),
    word("transaction_hash", nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    moment("stored_at_unix_ms", nullable=False),
    moment("mined_at_unix_ms", nullable=True),
    # Where it was last seen mined. Kept when the copy is rewound: a replay of lost blocks follows this order.
    Column("block_number", BigInteger, nullable=True),
    Column("block_position", Integer, nullable=True),
    moment("block_timestamp_unix_s", nullable=True),
    Column("gas_used", BigInteger, nullable=True),
    UniqueConstraint("sender", "nonce"),
    state_check("state", TRANSACTION_STATES),
    Index("ix_chain_transactions_state_id", "state", "id"),
)

#: Everything but payments that must happen on chain, in order per role. `ref` makes a command unique for
#: ever.
chain_commands = Table(
    "chain_commands",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("ref", String(120), nullable=False, unique=True),
    Column(
        "kind", String(32), nullable=False
    ),  # the contract function's name: enrol, setMember, mint, attestReserve, freeze ...
    Column(
        "role", String(16), nullable=False
    ),  # whose key signs: ISSUER ATTESTER REGISTRAR COMPLIANCE PAUSER GOVERNOR RELAYER
    Column(
        "arguments", JSON, nullable=False
    ),  # list, as the ABI orders them; integers beyond 2^53 as strings
    Column("state", String(16), nullable=False),
    Column("chain_transaction_id", BigInteger, ForeignKey("chain_transactions.id"), nullable=True),
    Column("failure", String(200), nullable=True),  # the custom error's name and values
    moment("queued_at_unix_ms", nullable=False),
    moment("done_at_unix_ms", nullable=True),
    state_check("state", COMMAND_STATES),
    Index("ix_chain_commands_state_id", "state", "id"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    word("hash", nullable=False),
    word("parent_hash", nullable=False),
    moment("timestamp_unix_s", nullable=False),
    moment("indexed_at_unix_ms", nullable=False),
)

#: Events as they came, decoded, so that any projection can be rebuilt without asking the node twice.
chain_events = Table(
    "chain_events",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    word("transaction_hash", nullable=False),
    Column("name", String(40), nullable=False, index=True),
    Column("arguments", JSON, nullable=False),
)

postings = Table(
    "postings",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("leg", Integer, primary_key=True, autoincrement=False),  # 0 debit, 1 credit
    address("account", nullable=False),  # the zero address stands for the issuer: minus what circulates
    cents("amount_cents", nullable=False),  # signed; the two legs of an event sum to zero
    Column("kind", String(16), nullable=False),  # payment | mint | lock | burn | return | transfer
    word("ref", nullable=True),
    moment("block_timestamp_unix_s", nullable=False),
    Index("ix_postings_account_block_number", "account", "block_number"),
    Index("ix_postings_ref", "ref"),
)

#: posted = sum of postings (checked); available = posted - reserved. reserved = accepted or settling
#: outgoing payments and redemptions not yet locked.
balances = Table(
    "balances",
    metadata,
    address("account", primary_key=True),
    cents("posted_cents", nullable=False),
    cents("reserved_cents", nullable=False),
)

#: The row of `cursors` that says how far SQL's copy of the chain goes.
INDEXER_CURSOR = "indexer"
#: The row with the block up to which the copy must come before it is whole again.
SHORT_UNTIL_CURSOR = "short_until"

cursors = Table(
    "cursors",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("block_number", BigInteger, nullable=False),
    word("block_hash", nullable=True),
)

#: One holder at a time per worker; a second stands by. Compare-and-set on (holder, expires).
leases = Table(
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    moment("expires_at_unix_ms", nullable=False),
)

#: A row here opens an SQL guard for the length of the transaction that inserted it (see database.guards).
open_guards = Table("open_guards", metadata, Column("name", String(32), primary_key=True))
