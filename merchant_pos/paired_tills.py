"""Which tablet is which till.

One small file per paired till in the data directory, and the browser sessions they belong to.

A file holds the till's id, the names shown in the header, the sealed key and the SHA-256 of the browser
session; never the session itself. Files are written whole (temporary file, fsync, rename) with mode 0600.
Must not talk to the network.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from merchant_pos.till_keys import load_or_make_local_key, open_key, seal_key

TILL_ID_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")
SESSION_BYTES = 32
FILE_VERSION = 1


@dataclass(frozen=True)
class PairedTill:
    """A till this machine holds the key of.

    `merchant_name` and `label` are what the header shows while offline.
    """

    till_id: str
    label: str
    merchant_name: str
    key: ec.EllipticCurvePrivateKey


class PairedTills:
    """The tills paired with this machine, found by browser session."""

    def __init__(self, data_directory: Path) -> None:
        self._directory = data_directory / "tills"
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(data_directory, 0o700)
        self._local_key = load_or_make_local_key(data_directory / "local.key")
        self._by_session: dict[str, PairedTill] = {}
        for path in sorted(self._directory.glob("*.json")):
            self._load(path)

    def new_session(self) -> str:
        return secrets.token_urlsafe(SESSION_BYTES)

    def csrf_token(self, session: str) -> str:
        """Bound to the session and this machine: a foreign page cannot know it."""
        return hmac.new(self._local_key, b"csrf:" + session.encode(), hashlib.sha256).hexdigest()

    def find(self, session: str | None) -> PairedTill | None:
        return self._by_session.get(_session_hash(session)) if session else None

    def add(self, session: str, till: PairedTill) -> None:
        """Keeps a newly paired till for `session`, durable before it returns.

        Raises ValueError on an id unfit for a file.
        """
        if not TILL_ID_FORM.fullmatch(till.till_id):
            raise ValueError("the till id is not one this program can keep")
        content = {
            "version": FILE_VERSION,
            "till_id": till.till_id,
            "label": till.label,
            "merchant_name": till.merchant_name,
            "session_sha256": _session_hash(session),
            "sealed_key": seal_key(till.key, self._local_key, till.till_id),
        }
        _write_whole(
            self._directory / f"{till.till_id}.json", json.dumps(content, ensure_ascii=False).encode()
        )
        self._by_session[_session_hash(session)] = till

    def remove(self, session: str) -> None:
        """Forgets the till of `session` and destroys its key."""
        till = self._by_session.pop(_session_hash(session), None)
        if till is not None:
            (self._directory / f"{till.till_id}.json").unlink(missing_ok=True)

    def count(self) -> int:
        return len(self._by_session)

    def _load(self, path: Path) -> None:
        content = json.loads(path.read_bytes())
        if content.get("version") != FILE_VERSION:
            raise ValueError(f"{path} was written by another version of this program")
        till_id = content["till_id"]
        self._by_session[content["session_sha256"]] = PairedTill(
            till_id=till_id,
            label=content["label"],
            merchant_name=content["merchant_name"],
            key=open_key(content["sealed_key"], self._local_key, till_id),
        )


def _session_hash(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
