"""Signing in with the key a device holds: it signs a challenge, nobody types anything.

Owns the exchange only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from wallet_service.database.tables.members import devices, members
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.security import challenges
from wallet_service.security.errors import DeviceUnknown
from wallet_service.security.public_keys import point_of_text, signature_of_text
from wallet_service.security.sessions import NewSession, OpenedWith, SessionService

#: Before the challenge in the signed message, so that a sign-in can never be read as anything else.
MESSAGE_PREFIX = "alba-sign-in:"


@dataclass(frozen=True)
class SignedIn:
    subject_id: str
    session: NewSession


class DeviceSignIn:
    """Two steps: `challenge`, then `sign_in`."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        sessions: SessionService,
        note_used: Callable[[Connection, str, int], None],
    ) -> None:
        """`note_used` hears the signer's address and the moment (unix ms), in the sign-in's unit of work."""
        self._engine = engine
        self._clock = clock
        self._sessions = sessions
        self._note_used = note_used

    def challenge(self, public_key: str) -> str:
        """Given for any well-formed key: the answer does not tell which keys are known. Raises KeyInvalid."""
        address = address_of_point(point_of_text(public_key))
        with UnitOfWork(self._engine) as work:
            return challenges.give(work.connection, self._clock, "device_sign_in", "member", address)

    def sign_in(self, challenge: str, public_key: str, signature: str, browser: str = "") -> SignedIn:
        """Raises ChallengeUnknown or DeviceUnknown; the challenge is used up either way."""
        point = point_of_text(public_key)
        with UnitOfWork(self._engine) as work:
            given_to = challenges.take(work.connection, self._clock, challenge, "device_sign_in", "member")
        try:
            p256.verify_message(point, signature_of_text(signature), f"{MESSAGE_PREFIX}{challenge}".encode())
        except BadSignature as error:
            raise DeviceUnknown from error
        address = address_of_point(point)
        with UnitOfWork(self._engine) as work:
            member_id = work.connection.execute(
                select(members.c.id)
                .join(devices, devices.c.member_id == members.c.id)
                .where(
                    devices.c.signer_address == address,
                    devices.c.state == "active",
                    members.c.state != "closed",
                )
            ).scalar_one_or_none()
            if member_id is None or given_to != address:
                raise DeviceUnknown
            self._note_used(work.connection, address, self._clock.now_unix_ms())
            opened_with = OpenedWith(address, browser)
            session = self._sessions.open(work.connection, "member", member_id, "device", opened_with)
        return SignedIn(member_id, session)
