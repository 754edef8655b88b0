"""By what notices leave, in tests: noted and not sent; and a push service of our own on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wallet_service.notices.models import Mail
from wallet_service.notices.ports import Sent


@dataclass
class Knocks:
    """`answers` by address; else DONE."""

    public_key: str = "BKey"
    stand_in: str = ""
    at: list[str] = field(default_factory=list)
    answers: dict[str, Sent] = field(default_factory=dict)

    def send(self, endpoint: str) -> Sent:
        self.at.append(endpoint)
        return self.answers.get(endpoint, Sent.DONE)


@dataclass
class Mailbox:
    mails: list[Mail] = field(default_factory=list)
    answer: Sent = Sent.DONE

    def send(self, mail: Mail) -> Sent:
        if self.answer is Sent.DONE:
            self.mails.append(mail)
        return self.answer


@dataclass
class PushService:
    """What browsers' push services are to us: addresses under `origin`, each answering as its path says.

    `/201` takes it, `/410` is gone, `/302` leads elsewhere, `/slow` sends a header's letter now and then.
    """

    origin: str
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def push_service() -> Iterator[PushService]:
    made = PushService("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.heard.append((self.path, headers, self.rfile.read(length)))
            word = self.path.strip("/").split("/")[0]
            if word == "slow":
                self._drip()
                return
            self.send_response(int(word))
            if word == "302":
                self.send_header("Location", f"{made.origin}/201/elsewhere")
            if word == "201":
                self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            try:
                for letter in b"HTTP/1.1 201 Created\r\nX-Long: " + b"a" * 2_000:
                    self.wfile.write(bytes([letter]))
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass  # cut off, as it should be

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
