"""What stands on an account that is to be closed, and whose keys are still there. Takes a Connection."""

from __future__ import annotations

from sqlalchemy import Connection, Text, cast, or_, select

from wallet_service.accounts.repository import DISPUTED_CENTS, ON_THE_WAY, OWED_CENTS
from wallet_service.database.tables.bank import redemptions, topups
from wallet_service.database.tables.chain import chain_commands
from wallet_service.database.tables.disputes import disputes
from wallet_service.database.tables.identity import identity_files
from wallet_service.database.tables.members import members, person_keys
from wallet_service.database.tables.payments import payments, refund_requests
from wallet_service.database.tables.recoveries import recoveries
from wallet_service.database.tables.supervision import freezes
from wallet_service.disputes.decisions import HOLDING
from wallet_service.recoveries.decisions import OPEN


def open_matters(connection: Connection, member_id: str, account_address: str) -> list[str]:
    """What still waits for an end on this account, in stable words."""
    of_payer_or_payee = or_(payments.c.payer_member_id == member_id, payments.c.payee_member_id == member_id)
    owing = select(members.c.id).where(members.c.id == member_id, OWED_CENTS > 0)
    held = select(members.c.id).where(members.c.id == member_id, DISPUTED_CENTS > 0)
    of_dispute = or_(disputes.c.payer_member_id == member_id, disputes.c.payee_member_id == member_id)
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
        "dispute": select(disputes.c.id).where(of_dispute, disputes.c.state.in_(HOLDING)),
        "hold": held,
        "recovery": select(recoveries.c.id).where(
            recoveries.c.member_id == member_id, recoveries.c.state.in_(OPEN)
        ),
        "freeze": select(freezes.c.id).where(
            freezes.c.member_id == member_id, freezes.c.state.in_(("asked", "active"))
        ),
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
