"""Signs what Schemathesis sends as the people of `tests.support.callers` would. Loaded by its command line.

The members' routes get a member's session, the till's routes a signature made as the point of sale makes it,
the console's an officer's session and, in its forms, the code that confirms an act. Every second identifier
in a path is one that exists, or nothing behind the first look would ever be asked. Whose they are stands in
the file that `CALLERS_VARIABLE` names.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from pathlib import Path
from typing import Any

import requests
import schemathesis
from requests.auth import AuthBase
from schemathesis.auths import GLOBAL_AUTH_STORAGE

from merchant_pos.till_keys import signed_headers
from wallet_service.protocol.signing import p256

CALLERS_VARIABLE = "ALBA_FUZZ_CALLERS"
TILL_ROUTES = "/v1/till/"
SAFE = ("GET", "HEAD", "OPTIONS")
FORM = "application/x-www-form-urlencoded"

_CALLERS: dict[str, Any] = json.loads(Path(os.environ[CALLERS_VARIABLE]).read_text(encoding="utf-8"))
_CODE_FIELD = f"officer_code={_CALLERS['officer_code']}".encode()


_ENDING = {
    ("DELETE", "/v1/session"): "leaving",
    ("POST", "/sign-out"): "leaving",
    ("POST", "/v1/me/closing"): "closing",
}


class Signed(AuthBase):
    """Works on the request as it will go out: a till signs its very bytes."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        method, target = str(request.method), request.path_url
        if target.startswith(TILL_ROUTES):
            body = request.body.encode() if isinstance(request.body, str) else request.body or b""
            key = p256.private_key_of(int(_CALLERS["till_secret"], 16))
            now_unix_ms = int(time.time() * 1000)
            request.headers.update(
                signed_headers(key, _CALLERS["till_id"], method, target, bytes(body), now_unix_ms)
            )
            return request
        # Signing out ends the session that asks, closing its account: others, so that the rest goes on.
        session = _CALLERS[_ENDING.get((method, target), "session")]
        request.headers["Cookie"] = f"{_CALLERS['cookie']}={session['token']}"
        if method not in SAFE:
            request.headers["X-CSRF-Token"] = session["csrf_token"]
            if _CALLERS["officer_code"]:
                _confirm(request)
        return request


def _confirm(request: requests.PreparedRequest) -> None:
    """Types the officer's code into the form that goes out; what is no form carries none."""
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    if body and not str(request.headers.get("Content-Type")).startswith(FORM):
        return
    request.body = b"&".join([*([bytes(body)] if body else []), _CODE_FIELD])
    request.headers["Content-Type"] = FORM
    request.headers["Content-Length"] = str(len(request.body))


GLOBAL_AUTH_STORAGE.set_from_requests(Signed())


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any]) -> dict[str, Any]:
    for name, value in (path_parameters or {}).items():
        if name in _CALLERS["identifiers"] and zlib.crc32(repr(value).encode()) % 2:
            path_parameters[name] = _CALLERS["identifiers"][name]
    return path_parameters
