"""The demonstration's own push service: what a browser maker's does, on this machine, for all to see.

Browsers of a demonstration make their address under it (`wallet_service/ui/push_stand_in.js`); the service
knocks there as anywhere else (RFC 8030, VAPID of RFC 8292). A knock that no browser maker would take is
refused with the reason. It wakes no browser: its page lists what came, newest first. Keeps nothing on disk.
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

HOST = "127.0.0.1"
MAX_SHOWN = 100
#: RFC 8292, 2: a token is of one day at most.
MAX_TOKEN_LIFETIME_S = 24 * 3600
MAX_CONTENT_BYTES = 4_096
_SCHEME = re.compile(r"vapid\s+t=(?P<token>[\w.-]+)\s*,\s*k=(?P<key>[\w-]+)")
_WORD_BYTES = 32
_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2"><title>{title}</title>
<style>body{{font:17px/1.5 system-ui;margin:2rem auto;max-width:44rem;padding:0 1rem;color-scheme:light dark}}
li{{margin:.5rem 0}}code{{overflow-wrap:anywhere}}</style></head>
<body><main><h1>{title}</h1><p>{intro}</p>{shown}</main></body></html>
"""
WORDS = {
    "fr": {
        "title": "Notifications parties",
        "intro": "Ce que le service d’un navigateur recevrait : un réveil sans contenu, signé par la "
        "monnaie. L’application demande ensuite elle-même ce qu’il y a de nouveau.",
        "none": "Rien n’est encore parti. Dans l’application : « Moi », « Être prévenu », puis fermez-la.",
        "line": "{at} · navigateur <code>{browser}</code> · {size} octet de contenu · signature vérifiée",
    },
    "en": {
        "title": "Notifications sent",
        "intro": "What a browser’s push service would be given: a knock without content, signed by the "
        "currency. The app then asks by itself what is new.",
        "none": "Nothing has been sent yet. In the app: “Me”, “Being told”, then close it.",
        "line": "{at} · browser <code>{browser}</code> · {size} bytes of content · signature checked",
    },
}


class Refused(Exception):
    """No browser maker's service would take that; the sentence says why."""


@dataclass(frozen=True)
class Knock:
    at_unix_s: float
    browser: str
    size_bytes: int


@dataclass
class Heard:
    """What came, oldest first; `audience` is the origin that tokens must be for."""

    audience: str = ""
    knocks: deque[Knock] = field(default_factory=lambda: deque(maxlen=MAX_SHOWN))

    def hear(
        self, path: str, headers: Callable[[str], str | None], content: bytes, now_unix_s: float
    ) -> None:
        """Raises Refused."""
        check_token(headers("Authorization") or "", self.audience, now_unix_s)
        if not (headers("TTL") or "").isdecimal():
            raise Refused("TTL is missing (RFC 8030, 5.2)")
        self.knocks.append(Knock(now_unix_s, path.strip("/")[:8], len(content)))

    def page(self, language: str) -> str:
        words = WORDS[language]
        lines = "".join(f"<li>{_line(each, words['line'])}</li>" for each in reversed(self.knocks))
        shown = f"<ol reversed>{lines}</ol>" if lines else f"<p>{words['none']}</p>"
        return _PAGE.format(lang=language, title=words["title"], intro=words["intro"], shown=shown)


def _line(knock: Knock, sentence: str) -> str:
    at = time.strftime("%H:%M:%S", time.localtime(knock.at_unix_s))
    return sentence.format(at=at, browser=html.escape(knock.browser), size=knock.size_bytes)


def check_token(authorization: str, audience: str, now_unix_s: float) -> None:
    """The sender holds the key it names, and meant this service, now. Raises Refused."""
    found = _SCHEME.fullmatch(authorization.strip())
    if found is None:
        raise Refused("no VAPID token (RFC 8292, 3)")
    signed, _dot, signature = found["token"].rpartition(".")
    try:
        raw = _decoded(signature)
        words = [int.from_bytes(raw[at : at + _WORD_BYTES], "big") for at in (0, _WORD_BYTES)]
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(found["key"]))
        key.verify(encode_dss_signature(*words), signed.encode(), ec.ECDSA(SHA256()))
        claims = json.loads(_decoded(signed.partition(".")[2]))
        expires_unix_s = float(claims["exp"])
    except (InvalidSignature, ValueError, KeyError, TypeError) as error:
        raise Refused("the token is not signed by the key beside it") from error
    if claims.get("aud") != audience:
        raise Refused(f"the token is for {claims.get('aud')}, not for {audience}")
    if not now_unix_s < expires_unix_s <= now_unix_s + MAX_TOKEN_LIFETIME_S:
        raise Refused("the token is over, or lasts more than a day")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_server(port: int, heard: Heard) -> ThreadingHTTPServer:
    """Not serving yet; port 0 takes a free one. `heard.audience` is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(min(size, MAX_CONTENT_BYTES))
            try:
                heard.hear(urlsplit(self.path).path, self.headers.get, content, time.time())
            except Refused as error:
                self._answer(403, f"{error}\n", "text/plain; charset=utf-8")
                return
            self._answer(201, "", "text/plain; charset=utf-8")

        def do_GET(self) -> None:
            if self.path != "/":
                self._answer(404, "", "text/plain; charset=utf-8")
                return
            is_english = (self.headers.get("Accept-Language") or "").lower().startswith("en")
            self._answer(200, heard.page("en" if is_english else "fr"), "text/html; charset=utf-8")

        def _answer(self, status: int, text: str, media_type: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer((HOST, port), Handler)
    server.daemon_threads = True
    heard.audience = f"http://{HOST}:{server.server_address[1]}"
    return server


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts.demo.push_service", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    make_server(parser.parse_args().port, Heard()).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
