"""A recovery code on paper: shown once, typed back or handed over at a desk. Owns `recovery_codes`.

Only a digest is kept of it. It lets its holder ask for new keys without papers, within a visitor's limits. It
opens nothing by itself: the ledger's delay passes, and any old key may object.
"""

from __future__ import annotations

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.recoveries import errors, repository
from wallet_service.security.tokens import code_digest, new_long_code


class RecoveryCodes:
    def __init__(self, engine: Engine, clock: Clock, journal: Journal) -> None:
        self._engine = engine
        self._clock = clock
        self._journal = journal

    def make(self, member_id: str) -> str:
        """A new one, in place of the one before; good once it was typed back."""
        code = new_long_code()
        with UnitOfWork(self._engine) as work:
            now_unix_ms = self._clock.now_unix_ms()
            repository.put_code(work.connection, member_id, code_digest(code), now_unix_ms)
            actor, subject = Actor("member", member_id), Subject("member", member_id)
            self._journal.append(work.connection, actor, "recovery.code_made", subject)
        return code

    def issue(self, work: UnitOfWork, member_id: str, actor: Actor) -> str:
        """One that is printed and handed over at a desk: good at once, and the one before is dead."""
        code, now_unix_ms = new_long_code(), self._clock.now_unix_ms()
        hashed, subject = code_digest(code), Subject("member", member_id)
        repository.put_code(work.connection, member_id, hashed, now_unix_ms)
        repository.confirm_code(work.connection, member_id, hashed, now_unix_ms)
        self._journal.append(work.connection, actor, "recovery.code_made", subject)
        return code

    def confirm(self, member_id: str, code: str) -> None:
        """Its owner has it on paper, and is told by every way that it is good. Raises RecoveryCodeRefused."""
        with UnitOfWork(self._engine) as work:
            now_unix_ms = self._clock.now_unix_ms()
            if not repository.confirm_code(work.connection, member_id, code_digest(code), now_unix_ms):
                raise errors.RecoveryCodeRefused()
            tell(work.connection, member_id, NoticeKind.SECURITY, now_unix_ms)

    def confirmed_at_unix_ms(self, member_id: str) -> int | None:
        """When the code that is good today was typed back; None without one."""
        with reading(self._engine) as connection:
            found = repository.code_of(connection, member_id)
        return None if found is None or found[1] else found[0]
