"""Acts an officer confirms: a fresh gesture with the passkey, good for one act in full, for minutes.

The browser names the act (method, path, every field of its form); the passkey answers a challenge given for
exactly that act, that officer and that session; the answer buys one ticket, which the act itself uses up. A
session alone, stolen or left open, therefore does nothing dangerous, and a ticket for one member's freeze
freezes nobody else. Source: OWASP ASVS 5.0, 7.5.3.

Where codes may confirm (never in production) an officer without a passkey types again the code that let them
in. Owns no table; which acts are to be confirmed is the console's to say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.oversight.errors import ConfirmationRequired
from wallet_service.protocol.clock import Clock
from wallet_service.security import challenges
from wallet_service.security.errors import ChallengeUnknown
from wallet_service.security.officers import OfficerService
from wallet_service.security.passkeys import PasskeyService

#: From the browser's question to the gesture, and again from the gesture to the act.
CONFIRMATION_LIFETIME_MS = 2 * 60 * 1000

Way = Literal["passkey", "code", "none"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Act:
    """What is about to be done: by whom, in which session, with which words.

    `fields` are the form's names and values, without what only carries the confirmation.
    """

    officer_id: str
    session_id: str
    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()

    def hash(self) -> str:
        """SHA-256 in hex. A line's end is the same whoever sent it (RFC 1866, 8.2.1)."""
        fields = sorted((name, value.replace("\r\n", "\n")) for name, value in self.fields)
        said = [self.officer_id, self.session_id, self.method, self.path, fields]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


class ConfirmationService:
    """`options` and `ticket` before the act, `check` in it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        passkeys: PasskeyService,
        officers: OfficerService,
        *,
        codes_confirm: bool,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._passkeys = passkeys
        self._officers = officers
        self._codes_confirm = codes_confirm

    def way(self, officer_id: str) -> Way:
        """How this officer confirms. Who has a passkey never confirms with a code."""
        if self._passkeys.credential_ids("officer", officer_id):
            return "passkey"
        return "code" if self._codes_confirm else "none"

    def options(self, act: Act) -> dict[str, Any]:
        """What `navigator.credentials.get` wants. Raises ConfirmationRequired for who has no passkey."""
        if self.way(act.officer_id) != "passkey":
            raise ConfirmationRequired
        return self._passkeys.confirmation_options(
            "officer", act.officer_id, act.hash(), CONFIRMATION_LIFETIME_MS
        )

    def ticket(self, officer_id: str, credential: dict[str, Any]) -> str:
        """For the passkey's answer: good once, for the act it was asked for.

        Raises ChallengeUnknown, PasskeyRefused.
        """
        act_hash = self._passkeys.confirmed_act("officer", officer_id, credential)
        with UnitOfWork(self._engine) as work:
            return challenges.give(
                work.connection,
                self._clock,
                "confirmed",
                "officer",
                act_hash,
                lifetime_ms=CONFIRMATION_LIFETIME_MS,
            )

    def check(self, act: Act, ticket: str, code: str) -> None:
        """Uses the ticket up. Raises ConfirmationRequired, whatever is wrong with ticket or code."""
        way = self.way(act.officer_id)
        if way == "passkey":
            self._take(act, ticket)
        elif way != "code" or not self._officers.is_code_of(act.officer_id, code):
            raise ConfirmationRequired
        log.info("officer.confirmed", officer_id=act.officer_id, way=way, method=act.method)

    def _take(self, act: Act, ticket: str) -> None:
        try:
            with UnitOfWork(self._engine) as work:
                confirmed = challenges.take(work.connection, self._clock, ticket, "confirmed", "officer")
        except ChallengeUnknown as error:
            raise ConfirmationRequired from error
        if confirmed != act.hash():
            raise ConfirmationRequired


def fields_of(items: Iterable[tuple[str, object]], without: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The words of a form that are confirmed with it; files and what carries the confirmation are not."""
    left_out = set(without)
    return tuple((name, value) for name, value in items if isinstance(value, str) and name not in left_out)
