"""What is told while no page is open: who wants it, by which way, where to, and what they have not seen.

A notice never says what happened, only of what kind it was; the page asks for the truth, behind its session.
`tell` is the one call for other subjects. What their events tell already (money that came, a file that waits)
is followed by `delivery`, which also sends. Owns the tables of notices.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from wallet_service.database.tables.push import notice_endpoints, notice_mails
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.notices import decisions, errors, messages, repository
from wallet_service.notices.models import Mail, NoticeKind, Recipient, Told, Ways
from wallet_service.notices.ports import MailSender, PushSender, Sent
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.sealing import SealedField, Sealer

CODE_DIGITS = 6
CODE_LIFETIME_MS = 30 * 60_000
CODE_TRIES = 5
#: So often somebody may have a code sent: another address is not to be troubled by it.
CODE_PAUSE_MS = 60_000


def tell(connection: Connection, member_id: str, kind: NoticeKind, now_unix_ms: int) -> None:
    """In the caller's unit of work: the member is told by every way they have chosen, once that commits."""
    repository.add(connection, Recipient("member", member_id), kind, now_unix_ms)


@dataclass(frozen=True)
class NoticeSettings:
    """What somebody has chosen. `mail_address` is shown to its owner alone."""

    ways: dict[NoticeKind, Ways]
    push_key: str
    push_stand_in: str  # as in `PushSender`
    endpoint_count: int
    has_mail: bool  # whether the service sends any
    mail_address: str | None
    is_mail_confirmed: bool


class Notices:
    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        sealer: Sealer,
        push: PushSender,
        mail: MailSender | None,
        *,
        is_local: bool,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._sealer = sealer
        self._push = push
        self._mail = mail
        self._is_local = is_local

    # what happened

    def unseen(self, recipient: Recipient) -> list[Told]:
        with self._engine.connect().execution_options(read_only=True) as connection:
            return repository.unseen(connection, recipient)

    def seen(self, recipient: Recipient, until_unix_ms: int) -> None:
        """What happened until then was in front of them."""
        now_unix_ms = self._clock.now_unix_ms()
        with UnitOfWork(self._engine) as work:
            repository.mark_seen(work.connection, recipient, min(until_unix_ms, now_unix_ms), now_unix_ms)

    # what they want

    def settings(self, recipient: Recipient) -> NoticeSettings:
        with self._engine.connect().execution_options(read_only=True) as connection:
            chosen = repository.choices_of(connection, recipient)
            count = len(repository.endpoints_of(connection, recipient))
            row = repository.mail_of(connection, recipient)
            address = self.opened_mail(connection, row) if row is not None else None
        kinds = decisions.KINDS_OF[recipient.kind]
        return NoticeSettings(
            {kind: decisions.ways_of(kind, chosen.get(kind)) for kind in kinds},
            self._push.public_key,
            self._push.stand_in,
            count,
            self._mail is not None,
            address,
            row is not None and row.confirmed_at_unix_ms is not None,
        )

    def choose(self, recipient: Recipient, kind: NoticeKind, ways: Ways) -> None:
        """Raises AlwaysTold."""
        decisions.check_choice(recipient.kind, kind, ways)
        try:
            with UnitOfWork(self._engine) as work:
                repository.put_choice(work.connection, recipient, kind, ways)
        except IntegrityError:  # chosen twice at once: the last word counts
            self.choose(recipient, kind, ways)

    # where to

    def subscribe(self, recipient: Recipient, endpoint: str) -> None:
        """The browser at that address is this recipient's from now on.

        Raises EndpointRefused, TooManyEndpoints.
        """
        decisions.check_endpoint(endpoint, may_be_local=self._is_local)
        mark, endpoint_id = self._mark(endpoint), new_id()
        field = SealedField(notice_endpoints.name, "sealed_endpoint", endpoint_id)
        with UnitOfWork(self._engine) as work:
            repository.remove_endpoint(work.connection, mark)
            if len(repository.endpoints_of(work.connection, recipient)) >= decisions.MAX_ENDPOINTS:
                raise errors.TooManyEndpoints(limit=decisions.MAX_ENDPOINTS)
            sealed = self._sealed(work.connection, recipient, field, endpoint)
            repository.insert_endpoint(
                work.connection,
                recipient,
                id=endpoint_id,
                mark=mark,
                sealed_endpoint=sealed,
                created_at_unix_ms=self._clock.now_unix_ms(),
            )

    def unsubscribe(self, recipient: Recipient, endpoint: str) -> None:
        with UnitOfWork(self._engine) as work:
            repository.remove_endpoint(work.connection, self._mark(endpoint), recipient)

    def _mark(self, endpoint: str) -> str:
        return self._sealer.mark("notice_endpoint", endpoint)

    # mail

    def ask_mail(self, recipient: Recipient, address: str, language: str) -> None:
        """Sends a code to that address; it counts once the code is typed.

        Raises MailAddressRefused, MailUnavailable. Asked again within a minute, nothing is sent again.
        """
        if self._mail is None:
            raise errors.MailUnavailable
        address, now_unix_ms = decisions.checked_mail_address(address), self._clock.now_unix_ms()
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        with UnitOfWork(self._engine) as work:
            before = repository.mail_of(work.connection, recipient, locked=True)
            if (
                before is not None
                and now_unix_ms < before.code_expires_at_unix_ms - CODE_LIFETIME_MS + CODE_PAUSE_MS
            ):
                return
            repository.put_mail(
                work.connection,
                recipient,
                sealed_address=self._sealed(work.connection, recipient, _mail_field(recipient), address),
                language=language,
                code_hash=self._code_mark(recipient, code),
                tries_left=CODE_TRIES,
                code_expires_at_unix_ms=now_unix_ms + CODE_LIFETIME_MS,
                confirmed_at_unix_ms=None,
            )
        if self._mail.send(messages.code_mail(address, code, language, recipient.kind)) is not Sent.DONE:
            raise errors.MailUnavailable

    def send_once(self, mail: Mail) -> None:
        """A mail to somebody who is told nothing else; without a mail server, or when it fails, none goes."""
        if self._mail is not None:
            self._mail.send(mail)

    def confirm_mail(self, recipient: Recipient, code: str) -> None:
        """Raises MailCodeRefused; after five wrong ones another must be asked for."""
        now_unix_ms = self._clock.now_unix_ms()
        with UnitOfWork(self._engine) as work:
            row = repository.mail_of(work.connection, recipient, locked=True)
            is_open = row is not None and row.code_hash is not None and row.tries_left > 0
            if row is None or not is_open or now_unix_ms >= row.code_expires_at_unix_ms:
                raise errors.MailCodeRefused
            is_right = hmac.compare_digest(row.code_hash, self._code_mark(recipient, code))
            values = (
                {"confirmed_at_unix_ms": now_unix_ms, "code_hash": None}
                if is_right
                else {"tries_left": row.tries_left - 1}
            )
            repository.put_mail(work.connection, recipient, **values)
        if not is_right:
            raise errors.MailCodeRefused

    def _code_mark(self, recipient: Recipient, code: str) -> str:
        return self._sealer.mark("notice_mail_code", f"{recipient.id}:{code}")

    def forget_mail(self, recipient: Recipient) -> None:
        with UnitOfWork(self._engine) as work:
            repository.remove_mail(work.connection, recipient)

    # addresses: a member's go with their key, an officer's are the service's

    def _sealed(self, connection: Connection, recipient: Recipient, field: SealedField, text: str) -> bytes:
        if recipient.kind == "officer":
            return self._sealer.seal_service(field, text.encode())
        return self._sealer.seal_for_member(connection, recipient.id, field, text.encode())

    def _opened(self, connection: Connection, recipient: Recipient, field: SealedField, sealed: bytes) -> str:
        if recipient.kind == "officer":
            return self._sealer.unseal_service(field, sealed).decode()
        return self._sealer.unseal_for_member(connection, recipient.id, field, sealed).decode()

    def opened_mail(self, connection: Connection, row: Row[Any]) -> str:
        """The address of a row of `notice_mails`. Raises PersonErased."""
        recipient = Recipient(row.recipient_kind, row.recipient_id)
        return self._opened(connection, recipient, _mail_field(recipient), row.sealed_address)

    def opened_endpoint(self, connection: Connection, row: Row[Any]) -> str:
        """The address of a row of `notice_endpoints`. Raises PersonErased."""
        field = SealedField(notice_endpoints.name, "sealed_endpoint", row.id)
        recipient = Recipient(row.recipient_kind, row.recipient_id)
        return self._opened(connection, recipient, field, row.sealed_endpoint)


def _mail_field(recipient: Recipient) -> SealedField:
    return SealedField(notice_mails.name, "sealed_address", recipient.id)
