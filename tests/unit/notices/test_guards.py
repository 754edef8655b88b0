"""What keeps a stranger's address, and a server that is not who it says, from hearing anything of us.

Each was seen to fail without its guard: the address looked at after connecting (plain and encrypted), no
proxy of the environment, no more than a little of an answer, the certificates of push services and of both
kinds of mail server.
"""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.notice_ways import push_service
from tests.support.ports import free_port
from wallet_service.notices import web_push
from wallet_service.notices.mail import MailServer, Security, SmtpMail
from wallet_service.notices.models import Mail
from wallet_service.notices.ports import Sent
from wallet_service.notices.web_push import WebPush
from wallet_service.protocol.clock import VirtualClock

SENDER = "nouvelles@alba.invalid"
CLOCK = VirtualClock(1_795_500_000_000)
MAIL = Mail("anouk@example.org", "Du nouveau", "Rien d’autre.")


def sender(*, may_be_local: bool = True) -> WebPush:
    return WebPush(bytes(range(32)), f"mailto:{SENDER}", may_be_local=may_be_local)


@dataclass
class Listening:
    """A TCP port and the bytes that came to it."""

    port: int
    heard: bytearray = field(default_factory=bytearray)
    has_answered: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening(answer: bytes = b"", context: ssl.SSLContext | None = None) -> Iterator[Listening]:
    """Hears what one connection sends, answers as long as anybody reads."""
    server = socket.create_server(("127.0.0.1", 0))
    made = Listening(server.getsockname()[1])

    def serve() -> None:
        try:
            connection, _ = server.accept()
            connection.settimeout(5)
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                made.heard += connection.recv(65_536)
                if made.heard and answer:
                    connection.sendall(answer)
                made.has_answered.set()
        except OSError:
            pass  # nobody came, or they left

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield made
        thread.join(timeout=2)
    finally:
        server.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_is_reached_must_be_of_the_public_internet_before_a_byte_is_sent(scheme: str) -> None:
    with listening() as service:
        assert sender(may_be_local=False).send(f"{scheme}://localhost:{service.port}/x") is Sent.LATER
    assert service.heard == b""


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with push_service() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert sender().send("http://push.invalid/201") is Sent.LATER
        assert proxy.heard == []


def test_a_long_answer_is_not_read_to_its_end() -> None:
    body = b"HTTP/1.1 201 Created\r\nContent-Length: 64000000\r\n\r\n" + bytes(64_000_000)
    with listening(body) as service:
        assert sender().send(f"http://127.0.0.1:{service.port}/x") is Sent.DONE
    assert not service.has_answered.is_set(), "hung up on after a few kilobytes"


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The right name and address, signed by nobody anybody knows."""
    folder: Path = tmp_path_factory.mktemp("impostor")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, SHA256())
    )
    (folder / "chain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    return context


def test_a_push_service_that_is_not_who_it_says_hears_no_request(impostor: ssl.SSLContext) -> None:
    with listening(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", impostor) as service:
        assert sender().send(f"https://localhost:{service.port}/x") is Sent.LATER
    assert service.heard == b""


class Letters:
    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope.content)
        return "250 OK"


def _knock(port: int) -> None:
    socket.create_connection(("127.0.0.1", port)).close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_server_that_is_not_who_it_says_gets_no_mail(
    impostor: ssl.SSLContext, security: Security
) -> None:
    letters, port = Letters(), free_port()
    ways: dict[str, Any] = {"tls_context": impostor} if security == "starttls" else {"ssl_context": impostor}
    controller = Controller(letters, hostname="127.0.0.1", port=port, **ways)
    # Its own way of looking whether it answers would want the impostor's certificate to be good.
    controller._trigger_server = lambda: _knock(port)  # type: ignore[method-assign]
    controller.start()
    try:
        server = MailServer("localhost", port, security, SENDER)
        assert SmtpMail(server, CLOCK).send(MAIL) is Sent.LATER
        assert letters.taken == []
        trusting = ssl._create_unverified_context()
        assert SmtpMail(server, CLOCK, trusting).send(MAIL) is Sent.DONE, "it was the certificate alone"
        assert len(letters.taken) == 1
    finally:
        controller.stop()


def test_the_bound_of_an_answer_is_small() -> None:
    assert web_push.MAX_ANSWER_BYTES <= 4_096
