"""The SQL of proofs and attempts. Takes a connection; unseals nothing, decides nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, case, delete, insert, select, update

from wallet_service.database.tables.identity import identity_attempts, identity_proofs
from wallet_service.database.tables.members import members
from wallet_service.identity.proofs.models import (
    ATTEMPT_TRANSITIONS,
    AssuranceLevel,
    AttemptState,
    ProofSummary,
    ProviderName,
)
from wallet_service.protocol.transitions import sources_of


def insert_attempt(connection: Connection, **values: Any) -> None:
    connection.execute(insert(identity_attempts).values(state=AttemptState.BEGUN.value, **values))


def attempt_by_handle(connection: Connection, handle_hash: str) -> Row[Any] | None:
    query = select(identity_attempts).where(identity_attempts.c.handle_hash == handle_hash)
    return connection.execute(query).one_or_none()


def newest_attempt(connection: Connection, member_id: str) -> Row[Any] | None:
    """The one that has not ended, if there is one: beginning another ends what was begun before."""
    has_ended = case((identity_attempts.c.state == AttemptState.ENDED.value, 1), else_=0)
    query = (
        select(identity_attempts)
        .where(identity_attempts.c.member_id == member_id)
        .order_by(has_ended, identity_attempts.c.begun_at_unix_ms.desc(), identity_attempts.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def take_attempt(connection: Connection, attempt_id: str, target: AttemptState, **values: Any) -> bool:
    """Moves it on; whether it was where that may follow. Of two at once one does."""
    changed = connection.execute(
        update(identity_attempts)
        .where(
            identity_attempts.c.id == attempt_id,
            identity_attempts.c.state.in_(sources_of(ATTEMPT_TRANSITIONS, target)),
        )
        .values(state=target.value, **values)
    )
    return changed.rowcount == 1


def rename_attempt(
    connection: Connection, attempt_id: str, old_hash: str, new_hash: str, sealed_answer: bytes
) -> bool:
    """Keeps an answer and gives the attempt another handle; whether it still had the old one."""
    changed = connection.execute(
        update(identity_attempts)
        .where(identity_attempts.c.id == attempt_id, identity_attempts.c.handle_hash == old_hash)
        .values(handle_hash=new_hash, sealed_answer=sealed_answer)
    )
    return changed.rowcount == 1


def end_attempts(connection: Connection, member_id: str) -> None:
    """What the member began before waits for no answer any more."""
    connection.execute(
        update(identity_attempts)
        .where(
            identity_attempts.c.member_id == member_id,
            identity_attempts.c.state.in_(sources_of(ATTEMPT_TRANSITIONS, AttemptState.ENDED)),
        )
        .values(state=AttemptState.ENDED.value, sealed_secrets=None, sealed_answer=None)
    )


def forget_attempts(connection: Connection, before_unix_ms: int) -> int:
    """Attempts that expired before then are gone, whatever became of them; how many."""
    query = delete(identity_attempts).where(identity_attempts.c.expires_at_unix_ms < before_unix_ms)
    return connection.execute(query).rowcount


def proof_of(connection: Connection, member_id: str) -> ProofSummary | None:
    query = select(identity_proofs).where(identity_proofs.c.member_id == member_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return ProofSummary(ProviderName(row.provider), AssuranceLevel(row.level), row.proved_at_unix_ms)


def others_with(connection: Connection, member_id: str, marks: list[str]) -> list[str]:
    """Other members, not closed ones, with one of these marks."""
    query = (
        select(identity_proofs.c.member_id)
        .join(members, members.c.id == identity_proofs.c.member_id)
        .where(_has_one_of(marks), identity_proofs.c.member_id != member_id, members.c.state != "closed")
    )
    return list(connection.execute(query).scalars())


def release_closed(connection: Connection, marks: list[str]) -> None:
    """A closed account keeps nobody from opening another one."""
    closed = select(members.c.id).where(members.c.state == "closed")
    connection.execute(
        update(identity_proofs)
        .where(_has_one_of(marks), identity_proofs.c.member_id.in_(closed))
        .values(subject_mark=None, person_mark=None)
    )


def keep_proof(connection: Connection, member_id: str, **values: Any) -> None:
    """The newest takes the place of the one before. A mark that another holds: IntegrityError."""
    connection.execute(delete(identity_proofs).where(identity_proofs.c.member_id == member_id))
    connection.execute(insert(identity_proofs).values(member_id=member_id, **values))


def forget_proof(connection: Connection, member_id: str) -> None:
    """What was proved of the member, and how, is forgotten with the person."""
    connection.execute(delete(identity_attempts).where(identity_attempts.c.member_id == member_id))
    connection.execute(delete(identity_proofs).where(identity_proofs.c.member_id == member_id))


def _has_one_of(marks: list[str]) -> Any:
    return identity_proofs.c.subject_mark.in_(marks) | identity_proofs.c.person_mark.in_(marks)
