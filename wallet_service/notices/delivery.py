"""Sends what is due: follows what open pages are told, and knocks at browsers and mailboxes of who is away.

One holder of the lease at a time. Nothing is sent inside a unit of work: a push service may be slow, and the
worst that a death in between does is a second knock without content.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import Engine

from wallet_service.database.leases import Lease
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.notices import decisions, messages, repository
from wallet_service.notices.models import DueNotice, NoticeKind, Recipient, RecipientKind
from wallet_service.notices.ports import MailSender, PushSender, Sent
from wallet_service.notices.service import Notices
from wallet_service.protocol.clock import Clock
from wallet_service.security.sealing import PersonErased

KEPT_FOR_MS = 30 * 24 * 3_600_000
#: Numbers are handed out before commits: a lower one may show after a higher one.
OVERLAP_EVENTS = 200
#: An open page says within a moment that it has shown it; then nobody is disturbed.
LET_PAGES_MS = 3_000

SENT = Counter("alba_notices_total", "Notices by way and what came of them", ["way", "outcome"])
log = structlog.get_logger(__name__)


class NoticeRound:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        notices: Notices,
        push: PushSender,
        mail: MailSender | None,
        lease: Lease,
        origins: Mapping[RecipientKind, str],
    ) -> None:
        """`origins`: where each sort of recipient finds what happened."""
        self._engine = engine
        self._clock = clock
        self._notices = notices
        self._push = push
        self._mail = mail
        self._lease = lease
        self._origins = origins
        self._cursor: int | None = None

    def run_once(self) -> int:
        """Returns how many people were told of something."""
        if not self._lease.hold():
            self._cursor = None
            return 0
        self._follow()
        return self._deliver()

    def forget_old(self) -> int:
        with UnitOfWork(self._engine) as work:
            repository.forget_former_officers(work.connection)
            return repository.forget(work.connection, self._clock.now_unix_ms() - KEPT_FOR_MS)

    # following

    def _follow(self) -> None:
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            if self._cursor is None:
                told = repository.last_told_event(connection)
                self._cursor = repository.last_event(connection) if told is None else told
            after = max(0, self._cursor - OVERLAP_EVENTS)
            events = repository.events_after(connection, after, decisions.FOLLOWED)
            known = repository.told_events(connection, (event.id for event in events))
            officers = repository.officers_to_tell(connection)
            fresh = [event for event in events if event.id not in known]
            noted = [each for event in fresh for each in _told_by(event, officers)]
            repository.add_all(connection, noted, self._clock.now_unix_ms())
            if events:
                self._cursor = max(self._cursor, events[-1].id)

    # sending

    def _deliver(self) -> int:
        now_unix_ms = self._clock.now_unix_ms()
        with self._engine.connect().execution_options(read_only=True) as connection:
            waiting = repository.due(connection, now_unix_ms - LET_PAGES_MS)
        by_recipient: dict[Recipient, list[DueNotice]] = defaultdict(list)
        for each in waiting:
            by_recipient[each.recipient].append(each)
        unsaid: list[int] = []
        told = sum(self._tell(recipient, due, unsaid) for recipient, due in by_recipient.items())
        if unsaid:  # of everybody who is told by no way at all, in one commit
            with UnitOfWork(self._engine) as work:
                repository.put_off(work.connection, unsaid, 1, None)
        return told

    def _tell(self, recipient: Recipient, due: list[DueNotice], unsaid: list[int]) -> bool:
        """By each way once, however much is due. Returns whether anything left."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            is_told = repository.is_told(connection, recipient)
            chosen = repository.choices_of(connection, recipient)
        if not is_told:
            with UnitOfWork(self._engine) as work:
                repository.put_off(work.connection, [each.id for each in due], 0, None)
            return False
        ways = {each.kind: decisions.ways_of(each.kind, chosen.get(each.kind)) for each in due}
        pushed = self._knock(recipient) if any(way.by_push for way in ways.values()) else []
        to_mail = [each for each in due if ways[each.kind].by_mail and not each.is_mailed]
        if not pushed and not to_mail:
            unsaid += [each.id for each in due]
            return False
        mailed = self._write_to(recipient, [each.kind for each in to_mail])
        ids, attempts = [each.id for each in due], max(each.attempts for each in due) + 1
        now_unix_ms = self._clock.now_unix_ms()
        pause_ms = decisions.pause_ms(attempts) if Sent.LATER in (*pushed, mailed) else None
        with UnitOfWork(self._engine) as work:
            if mailed is Sent.DONE:
                repository.mark_mailed(work.connection, [each.id for each in to_mail], now_unix_ms)
            again = None if pause_ms is None else now_unix_ms + pause_ms
            repository.put_off(work.connection, ids, attempts, again)
        return Sent.DONE in (*pushed, mailed)

    def _knock(self, recipient: Recipient) -> list[Sent]:
        with self._engine.connect().execution_options(read_only=True) as connection:
            rows = repository.endpoints_of(connection, recipient)
            addresses = {}
            for row in rows:
                with suppress(PersonErased):
                    addresses[row.mark] = self._notices.opened_endpoint(connection, row)
        outcomes = {mark: self._push.send(endpoint) for mark, endpoint in addresses.items()}
        gone = [row.mark for row in rows if outcomes.get(row.mark, Sent.GONE) is Sent.GONE]
        if gone:
            with UnitOfWork(self._engine) as work:
                for mark in gone:
                    repository.remove_endpoint(work.connection, mark, recipient)
        for outcome in outcomes.values():
            SENT.labels("push", outcome.value).inc()
        return list(outcomes.values())

    def _write_to(self, recipient: Recipient, kinds: list[NoticeKind]) -> Sent | None:
        """None: there is nothing to write, or nowhere to."""
        if self._mail is None or not kinds:
            return None
        with self._engine.connect().execution_options(read_only=True) as connection:
            row = repository.mail_of(connection, recipient)
            if row is None or row.confirmed_at_unix_ms is None:
                return None
            try:
                address = self._notices.opened_mail(connection, row)
            except PersonErased:
                return None
        where = messages.Place(recipient.kind, self._origins[recipient.kind])
        mail = messages.news_mail(address, decisions.in_order(kinds), row.language, where)
        outcome = self._mail.send(mail)
        SENT.labels("mail", outcome.value).inc()
        return outcome


def _told_by(event: Any, officers: Mapping[str, frozenset[str]]) -> list[tuple[Recipient, NoticeKind, int]]:
    """Who is told of an event, of what, and of which."""
    topic, _, member_id = event.topic.partition(":")
    try:
        data = json.loads(event.data)
    except ValueError:  # the quarantine's matter
        return []
    if topic == "member":
        kind = decisions.kind_of_event(event.kind, data)
        return [] if kind is None else [(Recipient("member", member_id), kind, event.id)]
    if topic != "console" or not decisions.waits_for_officers(event.kind, data):
        return []
    return [
        (Recipient("officer", officer_id), NoticeKind.WAITING, event.id)
        for officer_id, rights in officers.items()
        if decisions.concerns(event.kind, rights)
    ]
