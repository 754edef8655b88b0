"""Sends mail: to the operator's server (SMTP), or, in a demonstration, into a folder where it can be read."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Literal

import structlog

from wallet_service.notices.models import Mail
from wallet_service.notices.ports import Sent
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id

TIMEOUT_S = 10.0
#: Refused for good: the mailbox is none. Everything else may pass.
PERMANENT = range(500, 600)
FOLDER_MODE = 0o700
FILE_MODE = 0o600
Security = Literal["starttls", "tls", "none"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = ""


def message_of(mail: Mail, sender: str, clock: Clock) -> EmailMessage:
    """Raises ValueError for what would end a header."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, mail.to, mail.subject
    made["Date"] = format_datetime(datetime.fromtimestamp(clock.now_unix_s(), UTC))
    made["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or "localhost")
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note answers it
    made.set_content(mail.text)
    return made


class SmtpMail:
    """One server. With `starttls` or `tls` its certificate must be its name's; no mail goes without."""

    def __init__(self, server: MailServer, clock: Clock, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._clock = clock
        self._context = context or ssl.create_default_context()

    def send(self, mail: Mail) -> Sent:
        try:
            message = message_of(mail, self._server.sender, self._clock)
            with self._connected() as connection:
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return Sent.GONE if all(code in PERMANENT for code in codes) else Sent.LATER
        except (smtplib.SMTPException, OSError, ValueError) as error:
            log.warning("notices.mail_failed", error=type(error).__name__)
            return Sent.LATER
        return Sent.DONE

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=self._context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        try:
            if server.security == "starttls":
                connection.starttls(context=self._context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


class FolderMail:
    """For demonstrations: each mail is a file, and nothing leaves the machine."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, mail: Mail) -> Sent:
        try:
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            path = self._folder / f"{self._clock.now_unix_ms()}-{new_id()[:6]}.eml"
            path.touch(mode=FILE_MODE)
            path.write_bytes(message_of(mail, self._sender, self._clock).as_bytes())
        except (OSError, ValueError) as error:
            log.warning("notices.mail_failed", error=type(error).__name__)
            return Sent.LATER
        log.info("notices.mail_written", folder=str(self._folder))
        return Sent.DONE
