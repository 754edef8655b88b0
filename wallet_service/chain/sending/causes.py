"""Looks for what is on chain without a cause in SQL, and stops issuing while there is any.

Without a cause are: a mint that no bank credit explains to the cent, the cent's owner and the reference; a
transaction of a key held here that is not one of our stored ones; a supply, a reserve or a balance that no
event explains. Owns the alarm (metric, log line, readiness) and the answer to "may anything be minted?";
repairs nothing: a person says what it was, by the journal, or restores.

It cannot see what leaves no such trace: an officer's key held elsewhere that acts as it may, or storage
changed where none of the three looks (members, limits, stops). The offline `rebuild` compares more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from sqlalchemy import Connection, Engine, func, select

from wallet_service.chain import metrics
from wallet_service.chain.ledger import mirror
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import MAX_BATCH_CALLS, NodeError, quantity
from wallet_service.database.tables.bank import topups
from wallet_service.database.tables.chain import balances, chain_events, chain_transactions
from wallet_service.database.tables.members import members
from wallet_service.database.tables.supervision import journal
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS
from wallet_service.security.role_keys import RoleKeys

#: Commands that make money; none is sent while something has no cause.
ISSUING_KINDS = ("mint", "proposeMint", "approveMint")
ACCEPTED_ACT = "chain.unexplained_accepted"
TRANSACTION_SUBJECT = "chain_transaction"
BLOCKS_A_READING = 500
BALANCES_A_LOOK = 200
_OTHER_CALLS = 4  # the block's number before and after, the supply, the reserve
#: Payments move on while we compare; between two of them there is a moment in which nothing does.
COMPARE_ATTEMPTS = 40
COMPARE_PAUSE_S = 0.05
#: A difference counts when so many comparisons in a row show it.
CONFIRMING_LOOKS = 2

Kind = Literal["mint", "transaction", "nonce", "supply", "reserve", "balance"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """`what` is a transaction's hash, a role, or an account's address; "" where there is only one."""

    kind: Kind
    what: str = ""
    #: SQL's cents minus the chain's, where an amount disagrees.
    difference_cents: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """What SQL says at one block."""

    block_number: int
    supply_cents: int
    reserve: tuple[int, str]  # cents and the statement's hash
    balances: dict[str, int]
    next_account: str  # where the next look goes on


class CauseWatch:
    """`run_once` is its worker's round; the rest only reads. One per process."""

    def __init__(self, engine: Engine, access: ChainAccess, keys: RoleKeys) -> None:
        self._engine = engine
        self._access = access
        self._keys = keys
        self._lock = threading.Lock()
        self._read_to: mirror.Cursor | None = None
        self._by_events: set[Unexplained] = set()
        self._by_state: set[Unexplained] = set()
        self._last_account = ""
        self._has_compared = False
        self._found: frozenset[Unexplained] | None = None
        self._is_clear_elsewhere = True

    def is_clear(self) -> bool:
        """Nothing without a cause was found (yet), here or where this process was told from."""
        return self._is_clear_elsewhere and not self._found

    def hear(self, is_clear: bool) -> None:
        """What the watch of the process says that keeps this one, which does not look itself."""
        self._is_clear_elsewhere = is_clear

    def may_issue(self) -> bool:
        """As `is_clear`, but looks first when nobody has looked yet. Raises ChainUnavailable."""
        if self._found is None:
            self.run_once()
        return self.is_clear()

    def has_looked(self) -> bool:
        """This process has looked at least once."""
        return self._found is not None

    def look_at_everything(self) -> None:
        """One look after another until every account was compared. Raises ChainUnavailable."""
        self._last_account = ""
        while True:
            self.run_once()
            if not self._has_compared and not self._access.profile.finality_depth:
                raise ChainUnavailable("SQL's copy is not where the chain is: nothing can be compared")
            if not self._last_account:
                return

    def found(self) -> frozenset[Unexplained]:
        return self._found or frozenset()

    def run_once(self) -> int:
        """Look once; how much has no cause. Raises ChainUnavailable; then what was found stands."""
        with self._lock:
            self._read_events()
            nonces = self._foreign_nonces()
            self._compare_state()
            with self._reading() as connection:
                accepted = _accepted(connection)
            by_events = {one for one in self._by_events if one.what not in accepted}
            now = frozenset(by_events | nonces | self._by_state)
            for one in now - (self._found or frozenset()):
                log.error("chain.unexplained", kind=one.kind, what=one.what)
            for kind in Kind.__args__:  # type: ignore[attr-defined]
                metrics.unexplained.labels(kind).set(sum(one.kind == kind for one in now))
            self._found = now
            return len(now)

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(read_only=True)

    # --- events
    # ------------------------------------------------------------------------------------------------------

    def _read_events(self) -> None:
        """Those copied since the last look; all of them after a rewind."""
        start = self._access.deployment.deployed_at_block
        with self._reading() as connection:
            cursor = mirror.read_cursor(connection, start)
            known = self._read_to
            if known is None or mirror.block_hash(connection, known.block_number) != known.block_hash:
                known, self._by_events = mirror.Cursor(start - 1, None), set()
            while known.block_number < cursor.block_number:
                last = min(known.block_number + BLOCKS_A_READING, cursor.block_number)
                events = connection.execute(
                    select(chain_events.c.transaction_hash, chain_events.c.name, chain_events.c.arguments)
                    .where(chain_events.c.block_number > known.block_number)
                    .where(chain_events.c.block_number <= last)
                ).all()
                self._by_events |= self._mints_without_credit(connection, events)
                self._by_events |= self._foreign_transactions(connection, events)
                known = mirror.Cursor(last, mirror.block_hash(connection, last))
        self._read_to = known

    def _mints_without_credit(self, connection: Connection, events: Sequence[Any]) -> set[Unexplained]:
        mints = [event for event in events if event.name == "Minted"]
        refs = [str(event.arguments["ref"]) for event in mints]
        credited = {
            row.mint_ref: (row.account_address, row.amount_cents)
            for row in connection.execute(
                select(topups.c.mint_ref, topups.c.amount_cents, members.c.account_address)
                .join(members, members.c.id == topups.c.member_id)
                .where(topups.c.mint_ref.in_(refs))
            )
        }
        return {
            Unexplained("mint", event.transaction_hash, -int(event.arguments["value"]))
            for event in mints
            if credited.get(str(event.arguments["ref"]))
            != (str(event.arguments["to"]).lower(), int(event.arguments["value"]))
        }

    def _foreign_transactions(self, connection: Connection, events: Sequence[Any]) -> set[Unexplained]:
        """Transactions by our keys that are not ours. Others' are their own business."""
        hashes = {str(event.transaction_hash) for event in events}
        ours = set(
            connection.execute(
                select(chain_transactions.c.transaction_hash).where(
                    chain_transactions.c.transaction_hash.in_(hashes)
                )
            ).scalars()
        )
        foreign = sorted(hashes - ours)
        if not foreign:
            return set()
        held = {self._keys.address(role) for role in self._keys.roles()}
        try:
            receipts = self._access.client.receipts(foreign)
        except NodeError as error:
            raise ChainUnavailable(f"receipts: {error.message}") from error
        return {
            Unexplained("transaction", one)
            for one, receipt in zip(foreign, receipts, strict=True)
            if receipt is not None and str(receipt.get("from")).lower() in held
        }

    def _foreign_nonces(self) -> set[Unexplained]:
        """Roles whose key has made more transactions than we have ever stored.

        The chain is asked first: what is stored meanwhile only makes SQL's number higher.
        """
        roles = self._keys.roles()
        counts = {role: self._access.client.transaction_count(self._keys.address(role)) for role in roles}
        with self._reading() as connection:
            found = connection.execute(
                select(chain_transactions.c.sender, func.max(chain_transactions.c.nonce)).group_by(
                    chain_transactions.c.sender
                )
            )
            highest = {str(sender): int(nonce) for sender, nonce in found}
        return {
            Unexplained("nonce", role)
            for role, count in counts.items()
            if count > highest.get(self._keys.address(role), -1) + 1
        }

    # --- state
    # -------------------------------------------------------------------------------------------------------

    def _compare_state(self) -> None:
        """Compare until two comparisons in a row say the same, within a bound; else what was found stands.

        Only where the latest block is final: elsewhere a node tells the state of another block than SQL's.
        """
        if self._access.profile.finality_depth:
            return
        looks: list[tuple[set[Unexplained], _Known]] = []
        self._has_compared = False
        for _ in range(COMPARE_ATTEMPTS):
            answer = self._compare_once()
            if answer is None:
                time.sleep(COMPARE_PAUSE_S)
                continue
            looks.append(answer)
            if not answer[0] or looks[-CONFIRMING_LOOKS:] == [answer] * CONFIRMING_LOOKS:
                break
        else:
            metrics.comparisons_missed.inc()
            return
        self._has_compared = True
        differences, known = looks[-1]
        kept = {one for one in self._by_state if one.kind == "balance" and one.what not in known.balances}
        self._by_state = differences | kept
        self._last_account = known.next_account

    def _compare_once(self) -> tuple[set[Unexplained], _Known] | None:
        """(what differs, from what SQL said); None when the chain moved on meanwhile."""
        with self._reading() as connection:
            known = self._known(connection)
        accounts = list(known.balances)
        calls = [self._call("totalSupply"), self._call("reserve")]
        calls += [self._call("balanceOf", account) for account in accounts]
        number = ("eth_blockNumber", ())
        answers = self._access.client.batch([number, *calls, number])
        for answer in answers:
            if isinstance(answer, NodeError):
                raise ChainUnavailable(f"comparison: {answer.message}")
        if {quantity(answers[0]), quantity(answers[-1])} != {known.block_number}:
            return None
        codec = self._access.codec
        supply, reserve, *held = answers[1:-1]
        differences = set()
        if supplied := known.supply_cents - int(codec.result("totalSupply", supply)):
            differences.add(Unexplained("supply", "", supplied))
        last = codec.result("reserve", reserve)
        if (int(last["amount"]), str(last["statementHash"])) != known.reserve:
            differences.add(Unexplained("reserve", "", known.reserve[0] - int(last["amount"])))
        for account, answer in zip(accounts, held, strict=True):
            if difference := known.balances[account] - int(codec.result("balanceOf", answer)):
                differences.add(Unexplained("balance", account, difference))
        return differences, known

    def _call(self, function: str, *arguments: Any) -> tuple[str, tuple[Any, ...]]:
        access = self._access
        data = "0x" + access.codec.call_data(function, arguments).hex()
        return "eth_call", ({"to": access.deployment.ledger, "data": data}, "latest")

    def _known(self, connection: Connection) -> _Known:
        cursor = mirror.read_cursor(connection, self._access.deployment.deployed_at_block)
        issued = connection.execute(
            select(balances.c.posted_cents).where(balances.c.account == ZERO_ADDRESS)
        ).scalar_one_or_none()
        attested = connection.execute(
            select(chain_events.c.arguments)
            .where(chain_events.c.name == "ReserveAttested")
            .order_by(chain_events.c.block_number.desc(), chain_events.c.log_index.desc())
            .limit(1)
        ).scalar_one_or_none()
        reserve = (
            (int(attested["amount"]), str(attested["statementHash"])) if attested else (0, "0x" + "00" * 32)
        )
        standing = [one.what for one in self._by_state if one.kind == "balance"]
        standing = standing[: MAX_BATCH_CALLS - BALANCES_A_LOOK - _OTHER_CALLS]
        not_people = (ZERO_ADDRESS, self._access.deployment.ledger.lower())
        query = (
            select(balances.c.account, balances.c.posted_cents)
            .where(balances.c.account.not_in(not_people))
            .order_by(balances.c.account)
        )
        rows = connection.execute(
            query.where(balances.c.account > self._last_account).limit(BALANCES_A_LOOK)
        ).all()
        again = connection.execute(query.where(balances.c.account.in_(standing))).all()
        return _Known(
            cursor.block_number,
            -int(issued or 0),
            reserve,
            {row.account: int(row.posted_cents) for row in (*rows, *again)},
            rows[-1].account if len(rows) == BALANCES_A_LOOK else "",
        )


def _accepted(connection: Connection) -> set[str]:
    """Hashes of transactions a person has looked at and answers for."""
    return set(
        connection.execute(
            select(journal.c.subject_id).where(
                journal.c.act == ACCEPTED_ACT, journal.c.subject_kind == TRANSACTION_SUBJECT
            )
        ).scalars()
    )
