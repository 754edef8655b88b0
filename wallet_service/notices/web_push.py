"""Knocks at a browser's push service (RFC 8030, VAPID of RFC 8292). Alone knows pywebpush.

Without content: what a notice is about never passes through a third party, encrypted or not. The address is a
stranger's word, so whom it leads to is looked at after connecting and before anything is sent; nothing is
followed, little is read, and the whole of it ends after a few seconds.
"""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid
from pywebpush import WebPushException, webpush
from requests import RequestException, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.poolmanager import PoolManager

from wallet_service.notices.decisions import may_be_called
from wallet_service.notices.ports import Sent

#: A phone that is off hears it when it is on again, for a day.
TTL_S = 24 * 3600
STEP_TIMEOUT_S = 4.0
WHOLE_TIMEOUT_S = 8.0
#: Of the other side's answer; nobody reads it.
MAX_ANSWER_BYTES = 4_096
GONE_STATUSES = (404, 410)
#: Later knocks that were not heard yet replace each other.
TOPIC = "alba"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_KEY_BYTES = 48

log = structlog.get_logger(__name__)


def vapid_key(master_key: bytes) -> ec.EllipticCurvePrivateKey:
    """The key browsers subscribe with: made of the master key, so that set-up and backups have it already."""
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"alba-vapid-1").derive(master_key)
    return ec.derive_private_key(int.from_bytes(derived, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


class WebPush:
    """`may_be_local`: loopback is called too, for tests and demonstrations; `stand_in` as in `PushSender`."""

    def __init__(self, master_key: bytes, subject: str, *, may_be_local: bool, stand_in: str = "") -> None:
        self._key = vapid_key(master_key)
        self._subject = subject
        self._may_be_local = may_be_local
        self.stand_in = stand_in
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key = base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def send(self, endpoint: str) -> Sent:
        opened: list[socket.socket] = []
        cut = threading.Timer(WHOLE_TIMEOUT_S, _cut_all, (opened,))
        cut.daemon = True
        cut.start()
        try:
            with _session(opened, may_be_local=self._may_be_local) as session:
                webpush(
                    {"endpoint": endpoint},
                    data=None,
                    vapid_private_key=Vapid(self._key),
                    vapid_claims={"sub": self._subject},
                    ttl=TTL_S,
                    headers={"Topic": TOPIC, "Urgency": "normal"},
                    timeout=STEP_TIMEOUT_S,
                    requests_session=session,
                )
        except WebPushException as error:
            answer = error.response
            status = getattr(answer, "status_code", 0)
            # What it refuses for good is as good as gone; what it is too busy for is not.
            is_over = status in GONE_STATUSES or (300 <= status < 500 and status not in (408, 429))
            return Sent.GONE if is_over else Sent.LATER
        except (RequestException, HTTPError, OSError, ValueError) as error:
            log.info("notices.push_failed", error=type(error).__name__)
            return Sent.LATER
        finally:
            cut.cancel()
            for each in opened:
                each.close()
        return Sent.DONE


class _Refused(NewConnectionError):
    """Whoever answered there is none we call."""


def _cut_all(opened: list[socket.socket]) -> None:
    """Whoever reads from them is woken; bytes that keep coming buy no time."""
    for connection in opened:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _session(opened: list[socket.socket], *, may_be_local: bool) -> Session:
    """For one knock: checks whom it has reached, follows nothing, is cut off when its time is over."""

    def checked(connection: HTTPConnection, made: socket.socket) -> socket.socket:
        if not may_be_called(str(made.getpeername()[0]), may_be_local=may_be_local):
            made.close()
            raise _Refused(connection, "no public address")
        opened.append(made.dup())  # encryption takes the first one over
        return made

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return checked(self, super()._new_conn())

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return checked(self, super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            self.poolmanager = PoolManager(num_pools=1, maxsize=1)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    class Once(Session):
        def post(self, url: str | bytes, data: Any = None, json: Any = None, **options: Any) -> Response:
            answer = super().post(url, data=data, json=json, **options, allow_redirects=False, stream=True)
            answer._content = answer.raw.read(MAX_ANSWER_BYTES, decode_content=False)
            return answer

    session = Once()
    session.trust_env = False  # no proxy of the environment: we would look at its address instead
    session.mount("https://", Adapter(max_retries=0))
    session.mount("http://", Adapter(max_retries=0))
    return session
