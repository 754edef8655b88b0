"""Knocking at a push service, and writing to a mail server: real ones, on loopback."""

from __future__ import annotations

import base64
import email.policy
import json
import time
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.notice_ways import PushService, push_service
from tests.support.ports import free_port
from wallet_service.notices import web_push
from wallet_service.notices.mail import FolderMail, MailServer, SmtpMail
from wallet_service.notices.messages import Place, code_mail, news_mail
from wallet_service.notices.models import Mail, NoticeKind
from wallet_service.notices.ports import Sent
from wallet_service.notices.web_push import WebPush, vapid_key
from wallet_service.protocol.clock import VirtualClock

MASTER_KEY = bytes(range(32))
CLOCK = VirtualClock(1_795_500_000_000)
SENDER = "nouvelles@alba.invalid"


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with push_service() as made:
        yield made


def sender(*, may_be_local: bool = True) -> WebPush:
    return WebPush(MASTER_KEY, f"mailto:{SENDER}", may_be_local=may_be_local)


def test_a_knock_is_empty_and_signed_by_the_key_browsers_subscribed_with(service: PushService) -> None:
    push = sender()
    assert push.send(f"{service.origin}/201/signed") is Sent.DONE
    (headers, body) = next(
        (headers, body) for path, headers, body in service.heard if path.endswith("signed")
    )
    assert body == b""
    assert "content-encoding" not in headers
    assert headers["ttl"] == str(web_push.TTL_S)
    scheme, _, rest = headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    assert given["k"].rstrip("=") == push.public_key
    signed, _, signature = given["t"].rpartition(".")
    claims = json.loads(decoded(signed.split(".")[1]))
    assert claims["aud"] == service.origin
    raw = decoded(signature)
    both = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    vapid_key(MASTER_KEY).public_key().verify(both, signed.encode(), ec.ECDSA(SHA256()))


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize(
    ("status", "sent"),
    [("404", Sent.GONE), ("410", Sent.GONE), ("403", Sent.GONE), ("429", Sent.LATER), ("503", Sent.LATER)],
)
def test_what_the_service_says_is_understood(service: PushService, status: str, sent: Sent) -> None:
    assert sender().send(f"{service.origin}/{status}") is sent


def test_nothing_is_followed(service: PushService) -> None:
    assert sender().send(f"{service.origin}/302") is Sent.GONE
    assert [path for path, *_ in service.heard if path.endswith("elsewhere")] == []


def test_a_name_that_leads_to_this_machine_hears_nothing(service: PushService) -> None:
    before = len(service.heard)
    assert sender(may_be_local=False).send(f"{service.origin}/201") is Sent.LATER
    assert len(service.heard) == before


def test_a_service_that_drips_is_cut_off(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_push, "WHOLE_TIMEOUT_S", 0.4)
    started_s = time.monotonic()
    assert sender().send(f"{service.origin}/slow") is Sent.LATER
    assert time.monotonic() - started_s < web_push.STEP_TIMEOUT_S


def test_nobody_there_is_later() -> None:
    assert sender().send("http://127.0.0.1:9/x") is Sent.LATER


class Letters:
    """What an SMTP server took."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("full"):
            return "452 4.2.2 full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope.content)
        return "250 OK"


@pytest.fixture(scope="module")
def letters() -> Iterator[tuple[Letters, MailServer]]:
    handler = Letters()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, MailServer("127.0.0.1", port, "none", SENDER)
    controller.stop()


def test_a_mail_arrives_whole_and_says_no_amount(letters: tuple[Letters, MailServer]) -> None:
    handler, server = letters
    kinds = [NoticeKind.MONEY, NoticeKind.SECURITY]
    mail = news_mail("anouk@example.org", kinds, "fr", Place("member", "https://alba.example"))
    assert SmtpMail(server, CLOCK).send(mail) is Sent.DONE
    read = message_from_bytes(handler.taken[-1], policy=email.policy.default)
    assert read["To"] == "anouk@example.org"
    assert read["Auto-Submitted"] == "auto-generated"
    text = read.get_content()
    assert "gelez votre compte" in text
    assert "https://alba.example" in text
    assert not any(figure in text for figure in "0123456789")


@pytest.mark.parametrize(("who", "sent"), [("nobody", Sent.GONE), ("full", Sent.LATER)])
def test_what_the_mail_server_refuses_is_understood(
    letters: tuple[Letters, MailServer], who: str, sent: Sent
) -> None:
    _, server = letters
    assert SmtpMail(server, CLOCK).send(Mail(f"{who}@example.org", "x", "y")) is sent


def test_without_the_encryption_that_was_asked_for_nothing_is_sent(
    letters: tuple[Letters, MailServer],
) -> None:
    handler, server = letters
    before = len(handler.taken)
    wary = MailServer(server.host, server.port, "starttls", SENDER)
    assert SmtpMail(wary, CLOCK).send(Mail("a@example.org", "x", "y")) is Sent.LATER
    assert len(handler.taken) == before


def test_no_header_can_be_smuggled_in(letters: tuple[Letters, MailServer]) -> None:
    _, server = letters
    assert SmtpMail(server, CLOCK).send(Mail("a@example.org", "x\r\nBcc: b@example.org", "y")) is Sent.LATER


def test_a_demonstration_keeps_its_mails_in_a_folder(tmp_path: Path) -> None:
    mails = FolderMail(tmp_path / "mail", SENDER, CLOCK)
    assert mails.send(code_mail("anouk@example.org", "123456", "en")) is Sent.DONE
    (file,) = (tmp_path / "mail").iterdir()
    assert "123456" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
