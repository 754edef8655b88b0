"""Choosing one's own caps. What they allow is decided with every payment (`payments.decisions`).

Owns `own_caps`.
"""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.errors import PayerUnknown
from wallet_service.accounts.models import KeptCaps, OwnCaps
from wallet_service.caps import decisions, repository
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.notices.models import NoticeKind
from wallet_service.notices.service import tell
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_member


class Caps:
    def __init__(self, engine: Engine, clock: Clock, push: Push) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push

    def choose(self, member_id: str, wanted: OwnCaps) -> KeptCaps:
        """Lower counts at once; higher in a day, of which the member is told by every way.

        Raises PayerUnknown.
        """
        now_unix_ms = self._clock.now_unix_ms()
        try:
            with UnitOfWork(self._engine) as work:
                party = accounts.party_by_id(work.connection, member_id)
                if party is None:
                    raise PayerUnknown
                kept = decisions.after_choice(party.caps, wanted, now_unix_ms)
                repository.put(work.connection, member_id, kept)
                if kept.next is not None:
                    tell(work.connection, member_id, NoticeKind.SECURITY, now_unix_ms)
                self._push.publish(work, to_member(member_id, MemberChanged(member_id)))
        except IntegrityError:  # chosen twice at once: the last word counts
            return self.choose(member_id, wanted)
        return kept
