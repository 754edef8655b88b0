"""What members and officers are shown of a dispute: names from the directory, words opened. Reads only.

The two sides read each other's words; whoever the money was passed on to reads how much is held and until
when, and nothing of whom it is between. A text that does not open is left out, and hides nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine

from wallet_service.database.unit_of_work import reading
from wallet_service.disputes import decisions, errors, repository
from wallet_service.disputes.holding import repository as holds_repository
from wallet_service.disputes.models import Dispute, DisputeRole
from wallet_service.disputes.service import answer_field, words_field
from wallet_service.members.ports import MemberNames
from wallet_service.security.sealing import PersonErased, SealBroken, SealedField, Sealer

MAX_SHOWN = 50

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What the two sides wrote; None for nothing, or for what does not open any more."""

    words: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """A dispute as one member sees it. `held_cents`: of all accounts for the payer, else of one's own."""

    dispute: Dispute
    role: DisputeRole
    held_cents: int
    other_name: str | None
    said: Said
    own_papers: int


class DisputeReader:
    def __init__(self, engine: Engine, sealer: Sealer, names: MemberNames) -> None:
        self._engine = engine
        self._sealer = sealer
        self._names = names

    def of_member(self, member_id: str) -> list[SeenDispute]:
        """Newest first."""
        with reading(self._engine) as connection:
            found = repository.of_member(connection, member_id, MAX_SHOWN)
            return [self._seen(connection, each, member_id) for each in found]

    def one(self, member_id: str, dispute_id: str) -> SeenDispute:
        """Raises DisputeUnknown, also for one that is nothing of the member's."""
        with reading(self._engine) as connection:
            dispute = repository.dispute(connection, dispute_id)
            if dispute is None:
                raise errors.DisputeUnknown
            sides = (dispute.payer_member_id, dispute.payee_member_id)
            holds = holds_repository.holds_of(connection, dispute_id)
            if member_id not in (*sides, *(hold.member_id for hold in holds)):
                raise errors.DisputeUnknown
            return self._seen(connection, dispute, member_id)

    def _seen(self, connection: Connection, dispute: Dispute, member_id: str) -> SeenDispute:
        role = decisions.role_of(dispute, member_id)
        holds = holds_repository.holds_of(connection, dispute.id)
        held_cents = sum(
            hold.left_cents for hold in holds if role is DisputeRole.PAYER or hold.member_id == member_id
        )
        if role is DisputeRole.HOLDER:
            return SeenDispute(dispute, role, held_cents, None, Said(None, None), 0)
        other_id = dispute.payee_member_id if role is DisputeRole.PAYER else dispute.payer_member_id
        name = self._names.short_names(connection, [other_id]).get(other_id)
        papers = sum(row.member_id == member_id for row in repository.documents_of(connection, dispute.id))
        return SeenDispute(dispute, role, held_cents, name, self.said(connection, dispute), papers)

    def said(self, connection: Connection, dispute: Dispute) -> Said:
        """Both sides' words, opened."""
        words, answer = repository.sealed_texts(connection, dispute.id)
        return Said(
            self._opened(connection, dispute.payer_member_id, words_field(dispute.id), words),
            self._opened(connection, dispute.payee_member_id, answer_field(dispute.id), answer),
        )

    def _opened(
        self, connection: Connection, member_id: str, field: SealedField, sealed: bytes | None
    ) -> str | None:
        if sealed is None:
            return None
        try:
            return self._sealer.unseal_for_member(connection, member_id, field, sealed).decode()
        except (PersonErased, SealBroken, UnicodeDecodeError) as error:
            log.warning("dispute.text_left_out", column=field.column, reason=type(error).__name__)
            return None
