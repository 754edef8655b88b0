"""Holds what really goes over HTTP against docs/openapi.json: requests, answers, refusals and their codes.

An answer may not say more than its model: what the document leaves open for clients of tomorrow is closed
here, so that neither a route nor a fake of it can drift.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCS = Path(__file__).resolve().parents[2] / "docs"
WALLET, TILL = "openapi.json", "openapi-till.json"
JSON, PROBLEM, STREAM = "application/json", "application/problem+json", "text/event-stream"
#: Anything may fail inside; no route lists it.
UNEXPECTED = "request.internal"


class NotDescribed(AssertionError):
    """What went over HTTP is not what the document says."""


class DescribedApi:
    """One document. `asked` collects "GET /v1/me" of everything that was checked."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._open, self._closed = _registry(document), _registry(_closed(document))
        self._paths = sorted(
            ((template, _pattern(template)) for template in document["paths"]),
            key=lambda found: found[0].count("{"),
        )
        self.asked: set[str] = set()

    def operations(self) -> set[str]:
        """Every operation as ``GET /v1/me``."""
        return {
            f"{method.upper()} {path}" for path, item in self._document["paths"].items() for method in item
        }

    def find(self, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
        """The template and the operation of a request; None when the document has no such route."""
        for template, pattern in self._paths:
            operation = self._document["paths"][template].get(method.lower())
            if operation is not None and pattern.fullmatch(path):
                return template, operation
        return None

    def check_request(self, method: str, path: str, body: bytes) -> None:
        """Raises NotDescribed unless the route exists and takes this JSON body, or none."""
        template, operation = self._found(method, path)
        body_schema = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if body_schema is None:
            if body not in (b"", b"{}"):
                raise NotDescribed(f"{method} {template} takes no body")
            return
        self._validate(
            self._open, body_schema["schema"], json.loads(body), f"{method} {template}: the request"
        )

    def check_answer(self, method: str, path: str, status: int, media_type: str, body: bytes) -> None:
        """Raises NotDescribed unless the route may answer this."""
        template, operation = self._found(method, path)
        self.asked.add(f"{method} {template}")
        where, media_type = f"{method} {template}: the answer {status}", media_type.split(";")[0]
        described = operation["responses"].get(str(status))
        if described is None and media_type == PROBLEM and json.loads(body)["code"] == UNEXPECTED:
            described = operation["responses"]["default"]
        if described is None:
            raise NotDescribed(f"{where} is not in the document: {body[:200]!r}")
        if "content" not in described:
            if body:
                raise NotDescribed(f"{where} has a body")
            return
        content = described["content"].get(media_type)
        if content is None:
            raise NotDescribed(f"{where} is {media_type}, not {sorted(described['content'])}")
        if media_type in (JSON, PROBLEM):
            self._validate(self._closed, content["schema"], json.loads(body), where)

    def _found(self, method: str, path: str) -> tuple[str, Mapping[str, Any]]:
        found = self.find(method, path)
        if found is None:
            raise NotDescribed(f"{method} {path} is not in the document")
        return found

    def _validate(self, registry: Registry[Any], schema: Mapping[str, Any], value: Any, where: str) -> None:
        errors: Iterable[ValidationError] = Draft202012Validator(
            _rooted(schema), registry=registry
        ).iter_errors(value)
        mismatches = [f"{error.json_path}: {error.message}" for error in errors]
        if mismatches:
            raise NotDescribed(f"{where} is not what the document says: {'; '.join(mismatches)}")


@functools.cache
def described_api(name: str = WALLET) -> DescribedApi:
    """The document of docs/ with that name; tests/unit/docs holds it against the code."""
    return DescribedApi(json.loads((DOCS / name).read_text(encoding="utf-8")))


def checked_against(api: DescribedApi) -> dict[str, list[Any]]:
    """``event_hooks`` of an httpx client: each answer of a described route is checked as it comes."""

    def check(response: httpx.Response) -> None:
        request = response.request
        media_type = response.headers.get("content-type", "")
        if media_type.startswith(STREAM) or api.find(request.method, request.url.path) is None:
            return
        response.read()
        api.check_answer(request.method, request.url.path, response.status_code, media_type, response.content)

    return {"request": [], "response": [check]}


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _registry(document: Mapping[str, Any]) -> Registry[Any]:
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:api", resource)
    return registry


def _rooted(schema: Any) -> Any:
    """The same schema, its references pointing into the document."""
    if isinstance(schema, Mapping):
        return {
            name: f"urn:api{value}" if name == "$ref" else _rooted(value) for name, value in schema.items()
        }
    return [_rooted(item) for item in schema] if isinstance(schema, list) else schema


def _closed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    closed = copy.deepcopy(dict(document))
    for schema in closed["components"]["schemas"].values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return closed
