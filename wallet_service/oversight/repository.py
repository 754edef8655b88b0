"""The SQL of freezes and approvals. Takes a Connection, opens no transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, insert, or_, select, update

from wallet_service.accounts.repository import ON_THE_WAY, OWED_CENTS
from wallet_service.database.tables.bank import redemptions, topups
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.identity import identity_files
from wallet_service.database.tables.members import members, person_keys
from wallet_service.database.tables.payments import payments, refund_requests
from wallet_service.database.tables.supervision import approvals, freezes
from wallet_service.oversight.models import Approval, ApprovalState, Freeze, FreezeState, FrozenMember

MAX_PAGE_LENGTH = 200
MAX_EXPIRED_AT_ONCE = 500
_OPEN = (FreezeState.ASKED.value, FreezeState.ACTIVE.value)


def member(connection: Connection, member_id: str) -> FrozenMember | None:
    return _member(connection, members.c.id == member_id)


def member_of_account(connection: Connection, account_address: str) -> FrozenMember | None:
    return _member(connection, members.c.account_address == account_address)


def _member(connection: Connection, condition: Any) -> FrozenMember | None:
    columns = (
        members.c.id,
        members.c.account_address,
        members.c.state,
        members.c.frozen_incoming,
        members.c.frozen_outgoing,
    )
    row = connection.execute(select(*columns).where(condition)).one_or_none()
    return FrozenMember(*row) if row else None


def insert_freeze(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(freezes).values(state=FreezeState.ASKED.value, **values))


def freezes_of(connection: Connection, member_id: str, limit: int) -> list[Freeze]:
    """Newest first."""
    query = select(freezes).where(freezes.c.member_id == member_id)
    query = query.order_by(freezes.c.asked_at_unix_ms.desc(), freezes.c.id).limit(min(limit, MAX_PAGE_LENGTH))
    return [_freeze(row) for row in connection.execute(query)]


def open_freeze(connection: Connection, member_id: str) -> Freeze | None:
    """The newest asked or active one."""
    query = select(freezes).where(freezes.c.member_id == member_id, freezes.c.state.in_(_OPEN))
    row = connection.execute(query.order_by(freezes.c.asked_at_unix_ms.desc()).limit(1)).one_or_none()
    return _freeze(row) if row else None


def freeze_by_id(connection: Connection, freeze_id: str) -> Freeze | None:
    row = connection.execute(select(freezes).where(freezes.c.id == freeze_id)).one_or_none()
    return _freeze(row) if row else None


def ask_to_lift(connection: Connection, member_id: str, officer_id: str) -> bool:
    """False when there is nothing to lift, or lifting is asked for already."""
    changed = connection.execute(
        update(freezes)
        .where(freezes.c.member_id == member_id, freezes.c.state.in_(_OPEN), freezes.c.lifted_by.is_(None))
        .values(lifted_by=officer_id)
    )
    return changed.rowcount > 0


def forget_lifting(connection: Connection, account_address: str, failure: str) -> None:
    """The chain refused to lift: the freeze stands, and may be lifted again."""
    connection.execute(
        update(freezes)
        .where(
            freezes.c.member_id.in_(select(members.c.id).where(members.c.account_address == account_address)),
            freezes.c.state == FreezeState.ACTIVE.value,
        )
        .values(lifted_by=None, failure=failure)
    )


def mark_active(connection: Connection, ground_hash: str, block_number: int) -> None:
    connection.execute(
        update(freezes)
        .where(
            freezes.c.ground_hash == ground_hash,
            freezes.c.state.in_((*_OPEN, FreezeState.FAILED.value)),
        )
        .values(state=FreezeState.ACTIVE.value, frozen_block=block_number, failure=None)
    )


def mark_failed(connection: Connection, ground_hash: str, failure: str) -> None:
    connection.execute(
        update(freezes)
        .where(freezes.c.ground_hash == ground_hash, freezes.c.state == FreezeState.ASKED.value)
        .values(state=FreezeState.FAILED.value, failure=failure)
    )


def mark_lifted(
    connection: Connection,
    member_id: str,
    at_unix_ms: int,
    block_number: int,
    but_ground_hash: str | None = None,
) -> None:
    """Every active freeze of the member, but the one that has just replaced them."""
    query = update(freezes).where(
        freezes.c.member_id == member_id, freezes.c.state == FreezeState.ACTIVE.value
    )
    if but_ground_hash is not None:
        query = query.where(freezes.c.ground_hash != but_ground_hash)
    connection.execute(
        query.values(state=FreezeState.LIFTED.value, lifted_at_unix_ms=at_unix_ms, lifted_block=block_number)
    )


def some_frozen(connection: Connection) -> bool:
    query = select(members.c.id).where(or_(members.c.frozen_incoming, members.c.frozen_outgoing))
    active = select(freezes.c.id).where(freezes.c.state.in_(_OPEN))
    return any(connection.execute(each.limit(1)).first() for each in (active, query))


def expire(connection: Connection, now_unix_s: int) -> list[str]:
    """Closes freezes whose end has passed, as the contract does by itself; the members concerned.

    A member still marked frozen whose freezes all ended is concerned too: a rebuild reads old events anew.
    """
    due = and_(freezes.c.state.in_(_OPEN), freezes.c.until_unix_s <= now_unix_s)
    rows = connection.execute(
        select(freezes.c.id, freezes.c.member_id).where(due).limit(MAX_EXPIRED_AT_ONCE)
    ).all()
    if rows:
        connection.execute(
            update(freezes)
            .where(freezes.c.id.in_([row.id for row in rows]))
            .values(state=FreezeState.EXPIRED.value)
        )
    marked = (
        select(members.c.id)
        .where(or_(members.c.frozen_incoming, members.c.frozen_outgoing))
        .where(members.c.id.in_(_members_with(FreezeState.EXPIRED.value)))
        .where(members.c.id.not_in(_members_with(*_OPEN)))
    )
    still_marked = connection.execute(marked.limit(MAX_EXPIRED_AT_ONCE)).scalars()
    return sorted({row.member_id for row in rows} | set(still_marked))


def _members_with(*states: str) -> Any:
    return select(freezes.c.member_id).where(freezes.c.state.in_(states))


def rewind(connection: Connection, last_block_kept: int) -> list[str]:
    """Undoes what later blocks did to freezes; the members concerned."""
    later = or_(freezes.c.frozen_block > last_block_kept, freezes.c.lifted_block > last_block_kept)
    concerned = connection.execute(select(freezes.c.member_id).where(later).distinct()).scalars().all()
    connection.execute(
        update(freezes)
        .where(freezes.c.lifted_block > last_block_kept)
        .values(state=FreezeState.ACTIVE.value, lifted_block=None, lifted_at_unix_ms=None)
    )
    connection.execute(
        update(freezes)
        .where(freezes.c.frozen_block > last_block_kept)
        .values(state=FreezeState.ASKED.value, frozen_block=None)
    )
    return list(concerned)


def active_directions(connection: Connection, member_id: str) -> tuple[bool, bool]:
    """(incoming, outgoing) as the member's active freeze says."""
    query = select(freezes.c.incoming, freezes.c.outgoing)
    query = query.where(freezes.c.member_id == member_id, freezes.c.state == FreezeState.ACTIVE.value)
    row = connection.execute(query.order_by(freezes.c.asked_at_unix_ms.desc()).limit(1)).one_or_none()
    return (bool(row.incoming), bool(row.outgoing)) if row else (False, False)


def last_word_on_its_way(connection: Connection, bits: int) -> str | None:
    """``stop`` or ``resume``: the newest of these bits that is on its way to the ledger, if any is."""
    query = (
        select(chain_commands.c.kind, chain_commands.c.arguments)
        .where(chain_commands.c.state.in_(("queued", "sent")), chain_commands.c.kind.in_(("stop", "resume")))
        .order_by(chain_commands.c.id.desc())
    )
    return next((kind for kind, arguments in connection.execute(query) if int(arguments[0]) & bits), None)


def asked_directions(connection: Connection, member_id: str, now_unix_s: int) -> tuple[bool, bool]:
    """(incoming, outgoing) of the member's freezes that are on their way to the ledger and have not ended."""
    query = select(freezes.c.incoming, freezes.c.outgoing).where(
        freezes.c.member_id == member_id,
        freezes.c.state == FreezeState.ASKED.value,
        freezes.c.until_unix_s > now_unix_s,
    )
    rows = connection.execute(query).all()
    return any(row.incoming for row in rows), any(row.outgoing for row in rows)


def insert_approval(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(approvals).values(state=ApprovalState.ASKED.value, **values))


def approval(connection: Connection, approval_id: str) -> Approval | None:
    row = connection.execute(select(approvals).where(approvals.c.id == approval_id)).one_or_none()
    return _approval(row) if row else None


def asked_approval(connection: Connection, act: str, since_unix_ms: int) -> Approval | None:
    """The one that waits for this act, if any is young enough."""
    query = select(approvals).where(
        approvals.c.act == act,
        approvals.c.state == ApprovalState.ASKED.value,
        approvals.c.asked_at_unix_ms > since_unix_ms,
    )
    row = connection.execute(query.limit(1)).one_or_none()
    return _approval(row) if row else None


def asked_subjects(connection: Connection, act: str, since_unix_ms: int) -> set[str]:
    """What this act is asked for, as far as it is young enough."""
    query = select(approvals.c.subject_id).where(
        approvals.c.act == act,
        approvals.c.state == ApprovalState.ASKED.value,
        approvals.c.asked_at_unix_ms > since_unix_ms,
    )
    return {subject for subject in connection.execute(query).scalars() if subject is not None}


def approvals_by_state(connection: Connection, waiting: bool, limit: int) -> list[Approval]:
    """Those that wait, oldest first; or the decided ones, newest first."""
    state = approvals.c.state == ApprovalState.ASKED.value
    query = select(approvals).where(state if waiting else ~state)
    order = approvals.c.asked_at_unix_ms.asc() if waiting else approvals.c.decided_at_unix_ms.desc()
    query = query.order_by(order, approvals.c.id).limit(min(limit, MAX_PAGE_LENGTH))
    return [_approval(row) for row in connection.execute(query)]


def decide(
    connection: Connection, approval_id: str, state: ApprovalState, officer_id: str, at_unix_ms: int
) -> bool:
    """From asked only: two officers who decide at once decide once."""
    changed = connection.execute(
        update(approvals)
        .where(approvals.c.id == approval_id, approvals.c.state == ApprovalState.ASKED.value)
        .values(state=state.value, decided_by=officer_id, decided_at_unix_ms=at_unix_ms)
    )
    return changed.rowcount == 1


def expire_approvals(connection: Connection, asked_before_unix_ms: int, at_unix_ms: int) -> int:
    changed = connection.execute(
        update(approvals)
        .where(
            approvals.c.state == ApprovalState.ASKED.value,
            approvals.c.asked_at_unix_ms <= asked_before_unix_ms,
        )
        .values(state=ApprovalState.EXPIRED.value, decided_at_unix_ms=at_unix_ms)
    )
    return changed.rowcount


def _freeze(row: Any) -> Freeze:
    return Freeze(
        id=row.id,
        member_id=row.member_id,
        incoming=row.incoming,
        outgoing=row.outgoing,
        ground=row.ground,
        ground_hash=row.ground_hash,
        until_unix_s=row.until_unix_s,
        state=FreezeState(row.state),
        asked_by=row.asked_by,
        asked_at_unix_ms=row.asked_at_unix_ms,
        lifted_by=row.lifted_by,
        lifted_at_unix_ms=row.lifted_at_unix_ms,
        failure=row.failure,
    )


def _approval(row: Any) -> Approval:
    return Approval(
        id=row.id,
        act=row.act,
        subject_id=row.subject_id,
        details=row.details,
        ground=row.ground,
        state=ApprovalState(row.state),
        asked_by=row.asked_by,
        asked_at_unix_ms=row.asked_at_unix_ms,
        decided_by=row.decided_by,
        decided_at_unix_ms=row.decided_at_unix_ms,
    )


# --- closing an account


def open_matters(connection: Connection, member_id: str, account_address: str) -> list[str]:
    """What still waits for an end on this account, in stable words."""
    of_payer_or_payee = or_(payments.c.payer_member_id == member_id, payments.c.payee_member_id == member_id)
    owing = select(members.c.id).where(members.c.id == member_id, OWED_CENTS > 0)
    conditions = {
        "payment": select(payments.c.ref).where(of_payer_or_payee, payments.c.state.in_(ON_THE_WAY)),
        "top-up": select(topups.c.id).where(
            topups.c.member_id == member_id, topups.c.state.in_(("held", "minting", "proposed"))
        ),
        "redemption": select(redemptions.c.ref).where(
            redemptions.c.member_id == member_id,
            redemptions.c.state.in_(("requested", "locked", "exported", "returning")),
        ),
        "refund": select(refund_requests.c.id).where(
            refund_requests.c.member_id == member_id, refund_requests.c.state.in_(("requested", "accepted"))
        ),
        "reversal": owing,
        "freeze": select(freezes.c.id).where(freezes.c.member_id == member_id, freezes.c.state.in_(_OPEN)),
        "ledger": select(chain_commands.c.id).where(
            chain_commands.c.state.in_(("queued", "sent")),
            cast(chain_commands.c.arguments, Text).contains(account_address),
        ),
    }
    return [word for word, query in conditions.items() if connection.execute(query.limit(1)).first()]


def has_proved_identity(connection: Connection, member_id: str) -> bool:
    """Whether the person, or their trade, was ever declared to us, or euros were ever paid out to them."""
    known = or_(members.c.sealed_identity.is_not(None), members.c.sector.is_not(None))
    queries = (
        select(members.c.id).where(members.c.id == member_id, known),
        select(identity_files.c.id).where(identity_files.c.member_id == member_id),
        select(redemptions.c.ref).where(redemptions.c.member_id == member_id),
    )
    return any(connection.execute(query.limit(1)).first() for query in queries)


def closed_with_key(connection: Connection) -> list[str]:
    """Members whose account is closed and whose key is still there."""
    query = (
        select(members.c.id)
        .join(person_keys, person_keys.c.member_id == members.c.id)
        .where(members.c.state == "closed", person_keys.c.wrapped_key.is_not(None))
    )
    return list(connection.execute(query.order_by(members.c.id)).scalars())


def lock_key(connection: Connection, member_id: str) -> bool:
    """False when the person's key is gone already."""
    query = select(person_keys.c.member_id).where(
        person_keys.c.member_id == member_id, person_keys.c.wrapped_key.is_not(None)
    )
    return connection.execute(query.with_for_update()).first() is not None
