"""The API's documentation, from the app's own description: no script, nothing from another origin."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from wallet_service.faces.shell.api_rules import RULES
from wallet_service.faces.shell.description import described
from wallet_service.faces.shell.rendering import page
from wallet_service.protocol.refusal import Refusal

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def description(request: Request) -> JSONResponse:
    """OpenAPI, for programs: the document that docs/openapi.json is written from."""
    return JSONResponse(_described(request.app))


@router.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """OpenAPI, for people."""
    return page(request, "plain/api.html", {"groups": _groups(_described(request.app))})


@router.get("/docs/errors")
def refusals(request: Request) -> HTMLResponse:
    """Every refusal the service can answer with; problem details point here."""
    found = {refusal.code: refusal for refusal in known_refusals()}
    return page(request, "plain/errors.html", {"refusals": [found[code] for code in sorted(found)]})


def known_refusals() -> list[type[Refusal]]:
    """All refusals with a code of the modules that are loaded."""
    return _below(Refusal)


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = described(app, RULES)
    return app.openapi_schema


def _below(root: type[Refusal]) -> list[type[Refusal]]:
    children = [deeper for child in root.__subclasses__() for deeper in (child, *_below(child))]
    return [child for child in children if hasattr(child, "code")]


def _groups(openapi: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            groups[(operation.get("tags") or ["other"])[0]].append(
                {
                    "method": method.upper(),
                    "path": path,
                    "description": operation.get("description") or operation.get("summary", ""),
                    "parameters": [
                        f"{parameter['in']}: {parameter['name']}"
                        for parameter in operation.get("parameters", [])
                    ],
                    "body": _body(operation, openapi),
                }
            )
    return sorted(groups.items())


def _body(operation: dict[str, Any], openapi: dict[str, Any]) -> str | None:
    content = operation.get("requestBody", {}).get("content", {})
    schemas = [described["schema"] for described in content.values() if "schema" in described]
    if not schemas:
        return None
    schema = schemas[0]
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    shown = openapi.get("components", {}).get("schemas", {}).get(name, schema)
    return json.dumps(shown, indent=2, ensure_ascii=False)
