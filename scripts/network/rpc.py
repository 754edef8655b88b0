"""Asks a validator over HTTP, on this machine. Raises NoAnswer and nothing else."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_S = 5.0


class NoAnswer(Exception):
    """Nobody answered, or with an error; the sentence says which."""


def ask(url: str, method: str, params: Any = (), timeout_s: float = TIMEOUT_S) -> Any:
    """One JSON-RPC call's result; `params` is a list, or a dict for the engine's own services."""
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": method,
        "params": params if isinstance(params, dict) else list(params),
    }
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    answer = _read(request, timeout_s)
    if not isinstance(answer, dict) or "result" not in answer:
        error = answer.get("error") if isinstance(answer, dict) else None
        raise NoAnswer(str(error.get("message") if isinstance(error, dict) else f"{url} talks nonsense"))
    return answer["result"]


def is_healthy(address: str, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether the validator itself says that it is well."""
    try:
        answer = _read(urllib.request.Request(f"{address}/ext/health"), timeout_s)
    except NoAnswer:
        return False
    return isinstance(answer, dict) and answer.get("healthy") is True


def _read(request: urllib.request.Request, timeout_s: float) -> Any:
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # nosec B310: our own machine
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise NoAnswer(f"{request.full_url}: HTTP {error.code}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NoAnswer(f"{request.full_url}: {type(error).__name__}") from error
