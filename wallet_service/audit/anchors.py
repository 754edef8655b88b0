"""Keeps the journal's head on chain once a day, and holds the journal to every head kept.

An anchor is a transaction of the RELAYER's key to its own address whose data is the head (decision 0013),
stored and sent by the sender's rule. Who shortens or rewrites the journal in SQL cannot change what blocks
hold; who deletes the anchor's row as well does not deceive an auditor who has noted its hash from the logs.
"""

from __future__ import annotations

import structlog
from sqlalchemy import Connection, Engine

from wallet_service.audit import metrics, repository
from wallet_service.audit.decisions import anchor_data, anchored_head
from wallet_service.audit.journal_watch import disappeared, journal_head
from wallet_service.audit.models import AnchoredHead, Code, Finding
from wallet_service.audit.repository import ANCHOR_PURPOSE
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import NodeError
from wallet_service.chain.sending.sender import RELAYER, Call, Sender
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.journal import Journal
from wallet_service.protocol.clock import Clock
from wallet_service.security.role_keys import RoleKeys

ANCHOR_INTERVAL_MS = 24 * 3_600 * 1_000
#: Nothing anchored for so long although the journal grew: said, because a cut would not be seen.
LATE_AFTER_MS = 2 * ANCHOR_INTERVAL_MS
ANCHOR_GAS = 60_000
#: More than a year of days; older ones are held to by a full pass from the command line.
ANCHORS_A_LOOK = 400
QUESTIONS_A_LOOK = 50

log = structlog.get_logger(__name__)


class JournalAnchors:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        journal: Journal,
        access: ChainAccess,
        sender: Sender,
        keys: RoleKeys,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._journal = journal
        self._access = access
        self._sender = sender
        self._keys = keys
        self._kept: dict[str, AnchoredHead] = {}
        self._missed: set[str] = set()

    def anchor_if_due(self) -> bool:
        """Stores and sends an anchor of the head when the last one is a day old and entries came since."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            if not self._is_due(connection, ANCHOR_INTERVAL_MS):
                return False
        self._sender.prepare()
        with UnitOfWork(self._engine) as work:
            head = journal_head(self._journal, work.connection)
            if head is None or not self._is_due(work.connection, ANCHOR_INTERVAL_MS):
                return False
            own = bytes.fromhex(self._keys.address(RELAYER)[2:])
            call = Call(anchor_data(head), ANCHOR_GAS, own)
            self._sender.store(work.connection, RELAYER, call, ANCHOR_PURPOSE)
        log.info("audit.journal_anchored", entry=head.entry_id, hash=head.entry_hash)
        metrics.anchored_at_unix_s.set(self._clock.now_unix_s())
        self._sender.broadcast_stored()
        return True

    def _is_due(self, connection: Connection, after_ms: int) -> bool:
        """Entries wait that are newer than the newest anchor, and that is older than `after_ms`."""
        last_entry_unix_ms = self._journal.last_at_unix_ms(connection)
        if last_entry_unix_ms is None:
            return False
        newest = repository.anchors(connection, 1)
        if not newest:
            return True
        stored_at_unix_ms = newest[0].stored_at_unix_ms
        is_old = self._clock.now_unix_ms() - stored_at_unix_ms >= after_ms
        return is_old and last_entry_unix_ms >= stored_at_unix_ms

    def look(self, connection: Connection) -> list[Finding]:
        """What the anchors say of the journal. Raises ChainUnavailable."""
        mined = [one for one in repository.anchors(connection, ANCHORS_A_LOOK) if one.is_mined]
        missing = self._read(
            [one.transaction_hash for one in mined if one.transaction_hash not in self._kept]
        )
        found = disappeared(
            connection,
            {
                self._kept[one.transaction_hash]: one.transaction_hash
                for one in mined
                if one.transaction_hash in self._kept
            },
        )
        found += [
            Finding(Code.ANCHOR_MISSING, one, detail="no node has it") for one in missing & self._missed
        ]
        self._missed = missing
        if self._is_due(connection, LATE_AFTER_MS) and repository.anchors(connection, 1):
            found.append(Finding(Code.ANCHOR_LATE, detail="no anchor for two days"))
        return found

    def held_to(self, connection: Connection, transaction_hash: str) -> list[Finding]:
        """The journal against an anchor that somebody else has noted. Raises ChainUnavailable."""
        missing = self._read([transaction_hash])
        if missing:
            return [
                Finding(Code.ANCHOR_MISSING, transaction_hash, detail="no node has it, or it is no anchor")
            ]
        return disappeared(connection, {self._kept[transaction_hash]: transaction_hash})

    def _read(self, hashes: list[str]) -> set[str]:
        """Asks the node for what these transactions keep; those it does not have, or that keep nothing."""
        asked = hashes[:QUESTIONS_A_LOOK]
        if not asked:
            return set()
        answers = self._access.client.batch([("eth_getTransactionByHash", (one,)) for one in asked])
        missing = set()
        for transaction_hash, answer in zip(asked, answers, strict=True):
            if isinstance(answer, NodeError):
                raise ChainUnavailable(f"anchors: {answer.message}")
            data = answer.get("input") if isinstance(answer, dict) else None
            head = anchored_head(bytes.fromhex(data[2:])) if isinstance(data, str) else None
            if head is None:
                missing.add(transaction_hash)
            else:
                self._kept[transaction_hash] = head
        return missing
