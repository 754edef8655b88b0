"""Forgetting a person: what must be settled before, what goes at once, what the law keeps and for how long.

*Closing* an account takes away everything that opens it and everything we only wanted for service. What the
person proved who they are with is kept, sealed, for five years more (Code monétaire et financier, L561-12);
then, or at once where there is none, their key is destroyed and nothing sealed under it opens ever again
(decision 0004). Movements stay: they are others' too, and name an address. The journal's entries are the
certificate; they say how much of what went, never what it said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Engine

from wallet_service.accounts import repository as accounts
from wallet_service.asks import repository as asks
from wallet_service.assisted import repository as assisted
from wallet_service.contacts import repository as contacts
from wallet_service.database.engine import forget_written_pages
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.directory import repository as listings
from wallet_service.identity import repository as identity_files
from wallet_service.keyholders import repository as keyholders
from wallet_service.members import repository as members
from wallet_service.members.decisions import MemberState, check_member_transition
from wallet_service.members.errors import MemberUnknown
from wallet_service.notices import repository as notices
from wallet_service.notices.models import Recipient
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import SERVICE, Actor, Filter, Journal, JournalEntry, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_console
from wallet_service.recoveries import repository as recoveries
from wallet_service.rights import errors, repository
from wallet_service.rights.decisions import erased_from_unix_ms
from wallet_service.rights.models import Closing
from wallet_service.security.passkeys import PasskeyService
from wallet_service.security.sealing import Sealer
from wallet_service.security.sessions import SessionService
from wallet_service.tills import cashiers_repository as cashiers
from wallet_service.tills.service import TillService
from wallet_service.topups import repository as topups
from wallet_service.topups import standing_repository

CLOSED_ACT, ERASED_ACT = "member.closed", "member.erased"
DUE = "key_destroyed_from_unix_ms"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Holders:
    """The services that hold something of a person. Nothing is destroyed while the clock is wrong."""

    sealer: Sealer
    sessions: SessionService
    passkeys: PasskeyService
    tills: TillService
    clock_is_right: Callable[[], bool]


class ErasureService:
    """`run_once` destroys the keys whose time has come; a second process finds nothing left to do."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        holders: Holders,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._holders = holders
        self._is_unwiped = False

    def close(self, member_id: str, ground: str, actor: Actor) -> None:
        """Ends the account; the person's key goes at once where nothing must be kept.

        Raises GroundMissing, MemberUnknown, MemberStateRefused, MoneyLeft, SomethingOpen.
        """
        ground = checked_ground(ground)
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            accounts.take_acceptor_lock(connection)  # no payment is accepted between the look and the end
            member = members.find(connection, member_id, locked=True)
            if member is None:
                raise MemberUnknown
            check_member_transition(member.state, MemberState.CLOSED)
            balance = accounts.balance_of(connection, member.account_address)
            if balance.posted_cents or balance.reserved_cents:
                raise errors.MoneyLeft(posted_cents=balance.posted_cents)
            if what := repository.open_matters(connection, member_id, member.account_address):
                raise errors.SomethingOpen(what=", ".join(what))
            now_unix_ms = self._clock.now_unix_ms()
            due_unix_ms = erased_from_unix_ms(
                now_unix_ms, must_keep=repository.has_proved_identity(connection, member_id)
            )
            removed = self._take_away(work, member_id, actor)
            self._record(work, actor, CLOSED_ACT, member_id, ground, {DUE: due_unix_ms, "removed": removed})
            if due_unix_ms <= now_unix_ms:
                self._destroy(work, member_id)
        self._wipe()

    def standing(self, member_id: str) -> Closing:
        """What keeps the account open, and when the last of it would go. Raises MemberUnknown."""
        with reading(self._engine) as connection:
            member = members.find(connection, member_id)
            if member is None:
                raise MemberUnknown
            balance = accounts.balance_of(connection, member.account_address)
            now_unix_ms = self._clock.now_unix_ms()
            due_unix_ms = erased_from_unix_ms(
                now_unix_ms, must_keep=repository.has_proved_identity(connection, member_id)
            )
            return Closing(
                balance.posted_cents,
                tuple(repository.open_matters(connection, member_id, member.account_address)),
                due_unix_ms if due_unix_ms > now_unix_ms else None,
            )

    def run_once(self) -> int:
        """How many keys were destroyed. None while the clock is wrong: nobody brings one back."""
        if not self._holders.clock_is_right():
            return 0
        with reading(self._engine) as connection:
            closed = repository.closed_with_key(connection)
            due = [one for one in closed if self._is_due(self._entry(connection, CLOSED_ACT, one))]
        for member_id in due:
            with UnitOfWork(self._engine) as work:
                self._destroy(work, member_id)
        if due or self._is_unwiped:
            self._wipe()
        return len(due)

    def _wipe(self) -> None:
        """What was taken away is to lie nowhere in the database's files; asked again while somebody reads."""
        self._is_unwiped = not forget_written_pages(self._engine)

    def certificate(self, member_id: str) -> dict[str, Any]:
        """When what was taken away and destroyed, with the journal's hashes. Raises MemberUnknown."""
        with reading(self._engine) as connection:
            if members.find(connection, member_id) is None:
                raise MemberUnknown
            entries = [self._entry(connection, act, member_id) for act in (CLOSED_ACT, ERASED_ACT)]
        return {
            "member_id": member_id,
            **{
                entry.act: {
                    "at_unix_ms": entry.at_unix_ms,
                    **entry.details,
                    "journal_entry": entry.id,
                    "journal_hash": entry.hash,
                }
                for entry in entries
                if entry is not None
            },
        }

    def _take_away(self, work: UnitOfWork, member_id: str, actor: Actor) -> dict[str, int]:
        connection, holders = work.connection, self._holders
        passkeys = holders.passkeys.list_ids(connection, "member", member_id)
        for credential_id in passkeys:
            holders.passkeys.remove(connection, "member", member_id, credential_id)
        topups.forget_reference(connection, member_id)
        listings.forget(connection, member_id)
        members.update_member(connection, member_id, state=MemberState.CLOSED.value, public_description=None)
        for keyholder_id in keyholders.ids_of(connection, member_id):
            holders.sessions.close_all(connection, "keyholder", keyholder_id)
        return {
            "sessions": holders.sessions.close_all(connection, "member", member_id),
            "passkeys": len(passkeys),
            "devices": members.forget_devices(connection, member_id),
            "tills": holders.tills.revoke_all(work, member_id, actor),
            "cashiers": cashiers.forget(connection, member_id, self._clock.now_unix_ms()),
            "expectations": standing_repository.forget(connection, member_id),
            "notices": notices.forget_recipient(connection, Recipient("member", member_id)),
            "recovery_codes": recoveries.forget_code(connection, member_id),
            "asks": asks.forget(connection, member_id, self._clock.now_unix_ms()),
            "contacts": contacts.forget(connection, member_id),
            "keyholders": keyholders.forget_member(connection, member_id, self._clock.now_unix_ms()),
        }

    def _destroy(self, work: UnitOfWork, member_id: str) -> None:
        """The key, and what only it opened."""
        if not repository.lock_key(work.connection, member_id):
            return
        self._holders.sealer.destroy_member_key(work.connection, member_id)
        files, documents = identity_files.forget(work.connection, member_id)
        assisted.forget(work.connection, member_id)
        members.update_member(work.connection, member_id, sealed_identity=None, public_name=None)
        details = {"keys": 1, "identity_files": files, "identity_documents": documents}
        self._record(work, SERVICE, ERASED_ACT, member_id, None, details)
        log.info("member.erased", member_id=member_id)

    def _is_due(self, closing: JournalEntry | None) -> bool:
        return closing is not None and int(closing.details[DUE]) <= self._clock.now_unix_ms()

    def _entry(self, connection: Any, act: str, member_id: str) -> JournalEntry | None:
        found = self._journal.entries(connection, Filter(act=act, subject=Subject("member", member_id)), 1)
        return found[0] if found else None

    def _record(
        self,
        work: UnitOfWork,
        actor: Actor,
        act: str,
        member_id: str,
        ground: str | None,
        details: dict[str, Any],
    ) -> None:
        subject = Subject("member", member_id)
        self._journal.append(work.connection, actor, act, subject, ground=ground, details=details)
        self._push.publish(work, to_console(MemberChanged(member_id)))
