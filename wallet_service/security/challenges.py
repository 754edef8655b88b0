"""Challenges: random values given once, answered once, soon. Owns the `challenges` table."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from wallet_service.database.tables.identity import challenges
from wallet_service.protocol.clock import Clock
from wallet_service.security.errors import ChallengeUnknown
from wallet_service.security.tokens import decode, encode, new_token

Purpose = Literal["register", "sign_in", "device_sign_in", "confirm", "confirmed"]
CHALLENGE_LIFETIME_MS = 5 * 60 * 1000
#: Begins what a passkey signs to sign in, or to vouch. The wallet answers nothing else there
#: (access_challenge.js), and the ledger takes no challenge longer than a payment's digest: who asks for
#: access cannot be handed a payment.
ACCESS_PREFIX = b"alba access:"


def give(
    connection: Connection,
    clock: Clock,
    purpose: Purpose,
    subject_kind: str,
    subject_id: str | None,
    lifetime_ms: int = CHALLENGE_LIFETIME_MS,
) -> str:
    """A new challenge (base64url). Forgets expired ones on the way, so the table stays small."""
    now = clock.now_unix_ms()
    connection.execute(delete(challenges).where(challenges.c.expires_at_unix_ms <= now))
    challenge = new_token()
    if purpose in ("sign_in", "confirm"):
        challenge = encode(ACCESS_PREFIX + decode(challenge))
    connection.execute(
        insert(challenges).values(
            challenge=challenge,
            purpose=purpose,
            subject_kind=subject_kind,
            subject_id=subject_id,
            expires_at_unix_ms=now + lifetime_ms,
        )
    )
    return challenge


def take(
    connection: Connection, clock: Clock, challenge: str, purpose: Purpose, subject_kind: str
) -> str | None:
    """Uses the challenge up and returns the subject it was given to. Raises ChallengeUnknown."""
    known = (
        (challenges.c.challenge == challenge)
        & (challenges.c.purpose == purpose)
        & (challenges.c.subject_kind == subject_kind)
        & (challenges.c.expires_at_unix_ms > clock.now_unix_ms())
    )
    row = connection.execute(select(challenges.c.subject_id).where(known)).one_or_none()
    # The delete decides between two answers at once: only one of them removes a row.
    if row is None or connection.execute(delete(challenges).where(known)).rowcount != 1:
        raise ChallengeUnknown
    subject_id: str | None = row.subject_id
    return subject_id
