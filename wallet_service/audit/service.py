"""The auditor's rounds and its full pass: runs the checks, records what stands, raises the alarm.

Repairs nothing. One process at a time looks (lease); what it finds stands in SQL, so that every console shows
it and a restart forgets neither the finding nor since when it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine

from wallet_service.audit import decisions, metrics, repository
from wallet_service.audit.anchors import JournalAnchors
from wallet_service.audit.decisions import MONEY_CODES, Key
from wallet_service.audit.journal_watch import JournalWatch
from wallet_service.audit.models import Code, Finding, OpenFinding
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.sending.causes import CauseWatch
from wallet_service.chain.sending.sender import Sender
from wallet_service.database.leases import Lease
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.security.role_keys import RoleKeys

#: The worker's pace; accounts are looked at ACCOUNTS_A_LOOK at a time, so 6 000 of them within a minute.
AUDIT_INTERVAL_S = 5.0
ACCOUNTS_A_LOOK = 500
#: Totals read whole columns: once in so many rounds.
TOTALS_EVERY_ROUNDS = 6
_CHAIN_CODES = {code.value for code in Code if code.value.startswith("audit.chain.")}

log = structlog.get_logger(__name__)


class AuditFindings:
    """What stands, for readiness and the console. Reads only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standing(self) -> Sequence[OpenFinding]:
        """Oldest first."""
        with reading(self._engine) as connection:
            return repository.open_findings(connection)

    def money_is_right(self) -> bool:
        """For readiness: nothing that stands is about money."""
        return not any(one.finding.code in MONEY_CODES for one in self.standing())


class Auditor:
    """`run_once` is its worker's round; `full_pass` is the auditor's command, which records nothing."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        journal: Journal,
        causes: CauseWatch,
        anchors: JournalAnchors,
        lease: Lease | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._journal = journal
        self._causes = causes
        self._anchors = anchors
        self._lease = lease
        self._journal_watch = JournalWatch(journal)
        self._last_account = ""
        self._rounds = 0

    def run_once(self) -> int:
        """Look once at what is next; how many findings stand. A node that is away hides none of them."""
        if self._lease is not None and not self._lease.hold():
            return 0
        found: list[Finding] = []
        looked_at: set[Key] = set()
        all_of: set[str] = set()
        with reading(self._engine) as connection:
            found += self._balances(connection, looked_at)
            if self._rounds % TOTALS_EVERY_ROUNDS == 0:
                found += self._totals(connection, all_of)
            look = self._journal_watch.look(connection)
            found += look.findings
            all_of |= {Code.JOURNAL_BROKEN.value} if look.has_passed else set()
            found += self._by_anchors(connection, all_of)
            accepted = repository.accepted(connection)
        self._rounds += 1
        found += self._without_cause(all_of)
        standing = self._record(
            [one for one in found if (one.code.value, one.subject) not in accepted], looked_at, all_of
        )
        self._anchor()
        return standing

    def accept(self, code: str, subject: str, ground: str, actor: Actor) -> bool:
        """A person answers for a finding: it ends and does not come back. False when it does not stand."""
        with UnitOfWork(self._engine) as work:
            standing = {
                (one.finding.code.value, one.finding.subject)
                for one in repository.open_findings(work.connection)
            }
            if (code, subject) not in standing:
                return False
            self._journal.append(
                work.connection,
                actor,
                repository.ACCEPTED_ACT,
                Subject(repository.FINDING_SUBJECT, subject or code),
                ground=ground,
                details={"code": code, "subject": subject},
            )
            ended = decisions.Changes((), (), ((code, subject),))
            repository.record(work.connection, ended, self._clock.now_unix_ms())
        return True

    def full_pass(self, anchors: Sequence[str] = (), *, with_chain: bool = True) -> list[Finding]:
        """Everything once, recording nothing. `anchors` are transactions the auditor has noted elsewhere.

        Raises ChainUnavailable.
        """
        found: list[Finding] = []
        with reading(self._engine) as connection:
            self._last_account = ""
            while True:
                found += self._balances(connection, set())
                if not self._last_account:
                    break
            found += self._totals(connection, set())
            watch = JournalWatch(self._journal)
            while True:
                look = watch.look(connection)
                found += look.findings
                if look.has_passed or look.findings:
                    break
            if with_chain:
                found += self._anchors.look(connection) + self._anchors.look(connection)
                for one in anchors:
                    found += self._anchors.held_to(connection, one)
        if with_chain:
            self._causes.look_at_everything()
            found += self._without_cause(set())
        return list(dict.fromkeys(found))

    def _balances(self, connection: Connection, looked_at: set[Key]) -> list[Finding]:
        sums = repository.account_sums(connection, self._last_account, ACCOUNTS_A_LOOK)
        looked_at |= {(Code.BALANCE.value, one.account) for one in sums}
        self._last_account = sums[-1].account if len(sums) == ACCOUNTS_A_LOOK else ""
        if not self._last_account:
            metrics.passes.labels("balances").inc()
        return [
            Finding(Code.BALANCE, one.account, one.posted_cents - one.postings_cents)
            for one in sums
            if one.posted_cents != one.postings_cents
        ]

    def _totals(self, connection: Connection, all_of: set[str]) -> list[Finding]:
        found = []
        if total := repository.sum_of_balances(connection):
            found.append(Finding(Code.SUM, difference_cents=total))
        all_of.add(Code.SUM.value)
        totals = repository.minted_and_credited(connection)
        if totals is None:
            return found
        all_of.add(Code.MINTS.value)
        minted, credited = totals
        if minted != credited:
            found.append(Finding(Code.MINTS, difference_cents=credited - minted))
        return found

    def _by_anchors(self, connection: Connection, all_of: set[str]) -> list[Finding]:
        try:
            found = self._anchors.look(connection)
        except ChainUnavailable as error:
            log.warning("audit.anchors_wait", reason=error.reason)
            return []
        all_of |= {Code.ANCHOR_MISSING.value, Code.ANCHOR_LATE.value}
        return found

    def _without_cause(self, all_of: set[str]) -> list[Finding]:
        """What chain.causes found in this process; another process's findings are that one's to end."""
        if not self._causes.has_looked():
            return []
        all_of |= _CHAIN_CODES
        return [
            Finding(Code(f"audit.chain.{one.kind}"), one.what, one.difference_cents)
            for one in self._causes.found()
        ]

    def _record(self, found: Sequence[Finding], looked_at: set[Key], all_of: set[str]) -> int:
        with reading(self._engine) as connection:
            standing = {
                (one.finding.code.value, one.finding.subject): one.finding
                for one in repository.open_findings(connection)
            }
        changed = decisions.changes(standing, found, looked_at, all_of)
        if changed.new or changed.changed or changed.ended:
            with UnitOfWork(self._engine) as work:
                if self._lease is not None and not self._lease.still_held(work.connection):
                    return 0
                repository.record(work.connection, changed, self._clock.now_unix_ms())
        for one in changed.new:
            log.error(
                one.code.value, subject=one.subject, difference_cents=one.difference_cents, detail=one.detail
            )
        for code, subject in changed.ended:
            log.warning("audit.finding_ended", code=code, subject=subject)
        keys = (standing.keys() | {(one.code.value, one.subject) for one in changed.new}) - set(changed.ended)
        counts = Counter(code for code, _subject in keys)
        for each in Code:
            metrics.findings.labels(each.value).set(counts[each.value])
        return len(keys)

    def _anchor(self) -> None:
        try:
            self._anchors.anchor_if_due()
        except ChainUnavailable as error:
            log.warning("audit.anchor_waits", reason=error.reason)


@dataclass(frozen=True)
class Audit:
    """What bootstrap builds and the faces know as `services.audit`."""

    auditor: Auditor
    findings: AuditFindings


def make_audit(
    engine: Engine,
    clock: Clock,
    journal: Journal,
    causes: CauseWatch,
    chain: tuple[ChainAccess, Sender, RoleKeys],
) -> Audit:
    anchors = JournalAnchors(engine, clock, journal, *chain)
    lease = Lease(engine, "audit")
    return Audit(Auditor(engine, clock, journal, causes, anchors, lease), AuditFindings(engine))
