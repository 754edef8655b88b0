"""Make webauthn.json: passkey assertions from a real authenticator in Chromium, and the verdict on each.

Owns the recording. Chromium's own WebAuthn code serves `navigator.credentials` with virtual authenticators
(DevTools protocol, domain WebAuthn): clientDataJSON, authenticatorData and signature are what a browser hands
to a page, byte for byte. The envelope is put together here, without our protocol code.

The authenticators make their keys by chance, so every run records other bytes: nothing can compare a new run
with the committed file. `python tests/vectors/make_webauthn.py` records; `--check` verifies what is committed
with a library's P-256.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from playwright.sync_api import Frame, Page, sync_playwright

HERE = Path(__file__).resolve().parent
FILE = HERE / "webauthn.json"
CHROMIUM = "/usr/bin/chromium-headless-shell"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KIND = b"\x03"
ORDINARY_COUNT = 8

# A page that may ask for passkeys, and one that holds it in a frame of another origin.
PAGES = {
    "/": b"<!doctype html><meta charset=utf-8><title>wallet</title>",
    "/holder": b"<!doctype html><meta charset=utf-8><title>another site</title>"
    b'<iframe allow="publickey-credentials-get" src="http://localhost:%d/"></iframe>',
}

CREATE = """async ({ userVerification, extensions }) => {
  const made = await navigator.credentials.create({ publicKey: {
    rp: { id: "localhost", name: "wallet" },
    user: { id: crypto.getRandomValues(new Uint8Array(16)), name: "vector", displayName: "vector" },
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { userVerification },
    extensions,
  } });
  const bytes = (buffer) => Array.from(new Uint8Array(buffer));
  return { id: bytes(made.rawId), key: bytes(made.response.getPublicKey()) };
}"""
GET = """async ({ id, challenge, userVerification, extensions }) => {
  const { response } = await navigator.credentials.get({ publicKey: {
    rpId: "localhost",
    challenge: new Uint8Array(challenge),
    allowCredentials: [{ type: "public-key", id: new Uint8Array(id) }],
    userVerification,
    extensions,
  } });
  const bytes = (buffer) => Array.from(new Uint8Array(buffer));
  return {
    clientDataJSON: bytes(response.clientDataJSON),
    authenticatorData: bytes(response.authenticatorData),
    signature: bytes(response.signature),
  };
}"""


@dataclass(frozen=True)
class Case:
    """One ceremony: the virtual authenticator's traits, what the page asks for, and the verdict."""

    name: str
    authenticator: dict[str, Any]
    valid: bool
    user_verification: str = "required"
    in_frame: bool = False
    another_challenge: bool = False
    extensions: dict[str, Any] | None = None


PLATFORM = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
CASES = (
    *(Case(f"platform authenticator {number}", PLATFORM, True) for number in range(ORDINARY_COUNT)),
    Case(
        "synced passkey",
        PLATFORM | {"defaultBackupEligibility": True, "defaultBackupState": True},
        True,
    ),
    Case("synced passkey, not backed up yet", PLATFORM | {"defaultBackupEligibility": True}, True),
    Case("security key with a PIN", PLATFORM | {"transport": "usb", "hasResidentKey": False}, True),
    Case(
        "secrets derived from the key",
        PLATFORM | {"hasPrf": True},
        True,
        extensions={"prf": {}},
    ),
    Case("page in another site's frame", PLATFORM, True, in_frame=True),
    Case(
        "nobody verified",
        PLATFORM | {"hasUserVerification": False, "isUserVerified": False},
        False,
        user_verification="discouraged",
    ),
    Case(
        "a key that cannot verify",
        PLATFORM | {"transport": "usb", "hasResidentKey": False, "hasUserVerification": False},
        False,
        user_verification="discouraged",
    ),
    Case(
        "a U2F key",
        {"protocol": "u2f", "transport": "usb", "automaticPresenceSimulation": True},
        False,
        user_verification="discouraged",
    ),
    Case("another challenge", PLATFORM, False, another_challenge=True),
)


def record() -> dict[str, Any]:
    """Run every ceremony in one browser."""
    with _site() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        vectors = [_ceremony(browser.new_page(), port, case) for case in CASES]
        version = browser.version
        browser.close()
    about = (
        "Passkey assertions recorded by tests/vectors/make_webauthn.py from Chromium's virtual"
        " authenticators. `valid`: whether the envelope is `signer`'s over `digest` with the user verified."
        " `raw_signature` is the authenticator's; the envelope holds it with s in the lower half. Nobody has"
        " the private keys."
    )
    return {"about": about, "browser": f"Chromium {version}", "vectors": vectors}


def _ceremony(page: Page, port: int, case: Case) -> dict[str, Any]:
    """Register a passkey at the wallet's page and sign one digest with it."""
    page.goto(f"http://localhost:{port}/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": case.authenticator})
    asked = {"userVerification": case.user_verification, "extensions": case.extensions}
    made = page.evaluate(CREATE, asked)
    digest = keccak(text=f"alba webauthn vectors/{case.name}")
    challenge = keccak(digest) if case.another_challenge else digest
    place: Page | Frame = page
    if case.in_frame:
        # 127.0.0.1 is another origin than localhost, and a framed page may ask when its holder allows it.
        page.goto(f"http://127.0.0.1:{port}/holder")
        place = next(frame for frame in page.frames if frame.parent_frame is not None)
    given = place.evaluate(GET, asked | {"id": made["id"], "challenge": list(challenge)})
    page.close()
    return _vector(case, digest, bytes(made["key"]), {name: bytes(value) for name, value in given.items()})


def _vector(case: Case, digest: bytes, key_der: bytes, given: dict[str, bytes]) -> dict[str, Any]:
    key = load_der_public_key(key_der)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = _word(key.public_numbers().x) + _word(key.public_numbers().y)
    r, s = decode_dss_signature(given["signature"])
    client, authenticator = given["clientDataJSON"], given["authenticatorData"]
    tail = encode(
        ["bytes", "bytes", "uint256", "uint256"],
        [authenticator, client, client.index(b'"challenge"'), client.index(b'"type"')],
    )
    envelope = KIND + point + _word(r) + _word(min(s, ORDER - s)) + tail
    return {
        "name": case.name,
        "digest": "0x" + digest.hex(),
        "signer": to_checksum_address(keccak(point)[-20:]),
        "public_key": {"x": "0x" + point[:32].hex(), "y": "0x" + point[32:].hex()},
        "client_data_json": client.decode(),
        "authenticator_data": "0x" + authenticator.hex(),
        "raw_signature": {"r": "0x" + _word(r).hex(), "s": "0x" + _word(s).hex()},
        "envelope": "0x" + envelope.hex(),
        "valid": case.valid,
    }


def faults(content: dict[str, Any]) -> list[str]:
    """What is wrong with the recording: each must be a true signature of its key, whatever the verdict."""
    found = []
    for vector in content["vectors"]:
        client, authenticator = vector["client_data_json"].encode(), _bytes(vector["authenticator_data"])
        numbers = [int(vector["public_key"][name], 16) for name in ("x", "y")]
        key = ec.EllipticCurvePublicNumbers(numbers[0], numbers[1], ec.SECP256R1()).public_key()
        raw = vector["raw_signature"]
        signature = encode_dss_signature(int(raw["r"], 16), int(raw["s"], 16))
        try:
            signed = authenticator + hashlib.sha256(client).digest()
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            found.append(f"{vector['name']}: the signature is not the key's")
        given = json.loads(client)
        challenge = base64.urlsafe_b64decode(given["challenge"] + "=")
        is_right = (
            given["type"] == "webauthn.get"
            and challenge == _bytes(vector["digest"])
            and authenticator[:32] == hashlib.sha256(b"localhost").digest()
            and authenticator[32] & 0x05 == 0x05
        )
        if is_right is not vector["valid"]:
            found.append(f"{vector['name']}: the verdict should be {is_right}")
    if not any(int(v["raw_signature"]["s"], 16) > ORDER // 2 for v in content["vectors"] if v["valid"]):
        found.append("no authenticator gave a high s; record again")
    return found


@contextmanager
def _site() -> Iterator[int]:
    """The two pages, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PAGES.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((body or b"").replace(b"%d", str(port).encode()))

        def log_message(self, *_: Any) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        server.shutdown()
        thread.join()


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def main() -> None:
    """Record, or with --check judge what is committed."""
    is_check = sys.argv[1:] == ["--check"]
    content = json.loads(FILE.read_text(encoding="utf-8")) if is_check else record()
    wrong = faults(content)
    if wrong:
        sys.exit("\n".join(wrong))
    if not is_check:
        FILE.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
