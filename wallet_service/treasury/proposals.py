"""Whose an unmatched credit may be: members proposed to an officer, each with the grounds for it.

A proposal decides nothing. It comes from an account that has paid for the member before, or from the payer's
name. That the member said this very amount would come strengthens it and is none by itself: anybody with a
wallet can say an amount (decision 0025). Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import reading
from wallet_service.members.directory import Directory
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.protocol.clock import Clock
from wallet_service.security.sealing import Sealer
from wallet_service.topups import standing_repository
from wallet_service.treasury import repository
from wallet_service.treasury.booking.details import payer_key

MAX_PROPOSED = 8
#: A transfer somebody said would come has come by then, or was not made.
ANNOUNCED_DAYS = 30


@dataclass(frozen=True)
class Payer:
    """What is known of who sent the euros."""

    name: str
    iban: str
    amount_cents: int


@dataclass(frozen=True)
class MemberProposal:
    """A member, and why.

    Attributes:
        same_payer_on: ISO date of the last transfer of the same account that was this member's, "" when none
            was.
        has_name: the payer is called like the member.
        announced_at_unix_ms: when the member said that this amount would come, None when they did not.
    """

    member_id: str
    same_payer_on: str = ""
    has_name: bool = False
    announced_at_unix_ms: int | None = None

    @property
    def strength(self) -> tuple[bool, bool, bool, str]:
        has_amount = self.announced_at_unix_ms is not None
        return bool(self.same_payer_on), self.has_name, has_amount, self.same_payer_on


@dataclass(frozen=True)
class Proposed:
    """Strongest first. `names_next`: names were looked at up to there only; None when at all of them."""

    members: tuple[MemberProposal, ...]
    names_next: str | None


#: Where there is nothing to give.
NOBODY_PROPOSED = Proposed((), None)


class Proposals:
    def __init__(self, engine: Engine, clock: Clock, sealer: Sealer, directory: Directory) -> None:
        self._engine = engine
        self._clock = clock
        self._sealer = sealer
        self._directory = directory

    def of(self, payer: Payer, names_after: str = "") -> Proposed:
        """At most MAX_PROPOSED."""
        since_unix_ms = self._clock.now_unix_ms() - ANNOUNCED_DAYS * MS_PER_DAY
        with reading(self._engine) as connection:
            key = payer_key(self._sealer, payer.iban)
            past = repository.past_members(connection, key, MAX_PROPOSED) if key else {}
            named = self._directory.called_like(connection, payer.name, names_after)
            likely = {*past, *named.member_ids}
            said = standing_repository.announced_by(connection, likely, payer.amount_cents, since_unix_ms)
        found = [
            MemberProposal(each, past.get(each, ""), each in named.member_ids, said.get(each))
            for each in likely
        ]
        found.sort(key=lambda each: (each.strength, each.member_id), reverse=True)
        return Proposed(tuple(found[:MAX_PROPOSED]), named.next_id)

    def names_of(self, member_ids: Iterable[str]) -> Mapping[str, str]:
        """Trade names, and short names of identified people."""
        with reading(self._engine) as connection:
            return self._directory.short_names(connection, member_ids)
