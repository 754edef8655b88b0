"""Which host a request asks for: another's is not for us, whatever name was bound to our address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


def hosts_of(origin: str) -> frozenset[str]:
    """The names a program answers to: its origin's and this machine's own."""
    named = urlsplit(origin).hostname or ""
    return LOCAL_HOSTS | {f"[{named}]" if ":" in named else named}


def requested_host(scope: Mapping[str, Any]) -> str:
    """The Host header without its port, in lower case; an IPv6 address keeps its brackets (RFC 9110, 7.2)."""
    host = Headers(scope=dict(scope)).get("host", "").lower()
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.split(":")[0]
