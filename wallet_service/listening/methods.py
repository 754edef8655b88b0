"""Which methods an address answers: what `Allow` says beside 405 (RFC 9110, 15.5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

METHOD_NOT_ALLOWED = 405


def allowed_methods(app: FastAPI, scope: Mapping[str, Any]) -> list[str]:
    """The methods of every route of `app` that has the request's path, sorted."""
    found: set[str] = set()
    for context in iter_route_contexts(app.routes):
        if context.path_regex.fullmatch(scope["path"]):
            found |= set(context.methods or ())
    return sorted(found)
