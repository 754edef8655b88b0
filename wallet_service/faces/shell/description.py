"""Completes what FastAPI knows of an app's API: refusals, signatures and sessions, stable names.

Owns how docs/openapi.json is put together. What a guard (a dependency that lets in or refuses) asks of a
client and may answer is said once, in a table of guards, and added to every route that uses it; what a route
itself refuses stands in its own ``responses=``. Must not know a route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel

from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.refusal_responses import PROBLEM_SCHEMA, codes_in, described_codes, refuses

#: What FastAPI says of a malformed request; ours are problems instead.
FOREIGN_SCHEMAS = ("HTTPValidationError", "ValidationError")
SAFE = frozenset({"get", "head", "options"})


@dataclass(frozen=True)
class Guard:
    """What a dependency asks of a client (names of security schemes) and may refuse.

    The second pair holds for unsafe methods only. `is_optional`: the route also answers without it.
    """

    refusals: tuple[type[Refusal], ...] = ()
    security: tuple[str, ...] = ()
    unsafe_refusals: tuple[type[Refusal], ...] = ()
    unsafe_security: tuple[str, ...] = ()
    is_optional: bool = False


@dataclass(frozen=True)
class ApiRules:
    """What holds for a whole app. `guards` by dependency (a function, or the class of a callable object)."""

    about: str
    problem: type[BaseModel]
    security_schemes: Mapping[str, Mapping[str, Any]]
    guards: Mapping[Callable[..., Any], Guard]
    anywhere: tuple[type[Refusal], ...]
    unsafe: tuple[type[Refusal], ...]
    with_body: tuple[type[Refusal], ...]
    with_input: tuple[type[Refusal], ...]


def described(app: FastAPI, rules: ApiRules) -> dict[str, Any]:
    """The OpenAPI description of `app`, in the order of its routes."""
    document = get_openapi(title=app.title, version=app.version, description=rules.about, routes=app.routes)
    for route in api_routes(app):
        for method in sorted(route.methods or ()):
            operation = document["paths"][route.path_format][method.lower()]
            _complete(operation, route, method.lower(), rules)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in FOREIGN_SCHEMAS:
        schemas.pop(name, None)
    _add_problem(schemas, rules.problem)
    document["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": dict(sorted(rules.security_schemes.items())),
    }
    _check_operation_ids(document)
    return document


def api_routes(app: FastAPI) -> Iterator[RouteContext]:
    """The routes of `app` that its description holds."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            yield context


def _complete(operation: dict[str, Any], route: RouteContext, method: str, rules: ApiRules) -> None:
    guards = [rules.guards[call] for call in _guard_calls(route.dependant, rules.guards)]
    refusals = [*rules.anywhere, *(refusal for guard in guards for refusal in guard.refusals)]
    if method not in SAFE:
        refusals += [*rules.unsafe, *(refusal for guard in guards for refusal in guard.unsafe_refusals)]
    if "requestBody" in operation:
        refusals += rules.with_body
    if "requestBody" in operation or _has_checked_parameters(operation):
        refusals += rules.with_input
    codes = codes_in(operation["responses"]) | codes_in(refuses(*refusals))
    answers = {status: answer for status, answer in operation["responses"].items() if int(status) < 400}
    refused = {str(status): answer for status, answer in described_codes(codes).items()}
    unexpected = {"description": "Any other refusal, `request.internal` (500) among them."}
    problem = {"content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}}}
    operation["responses"] = {**answers, **refused, "default": unexpected | problem}
    operation["operationId"] = str(route.name)
    operation.pop("summary", None)
    if security := _security(guards, method):
        operation["security"] = security


def _guard_calls(dependant: Dependant, guards: Mapping[Callable[..., Any], Guard]) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield from (call for call in (one.call, type(one.call)) if call in guards)
        yield from _guard_calls(one, guards)


def _has_checked_parameters(operation: Mapping[str, Any]) -> bool:
    """A path's plain text is always well-formed; anything else may not be."""
    plain = {"type", "title", "description"}
    return any(
        parameter["in"] != "path"
        or set(parameter["schema"]) - plain
        or parameter["schema"]["type"] != "string"
        for parameter in operation.get("parameters", [])
    )


def _security(guards: Sequence[Guard], method: str) -> list[dict[str, list[str]]]:
    asking = [guard for guard in guards if guard.security]
    if not asking:
        return []
    names = {name: [] for guard in asking for name in guard.security}  # type: dict[str, list[str]]
    if method not in SAFE:
        names |= {name: [] for guard in asking for name in guard.unsafe_security}
    return [names, {}] if all(guard.is_optional for guard in asking) else [names]


def _add_problem(schemas: dict[str, Any], problem: type[BaseModel]) -> None:
    described_problem = problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= described_problem.pop("$defs", {})
    schemas["Problem"] = described_problem


def _check_operation_ids(document: Mapping[str, Any]) -> None:
    """Programs make their function names of these. Raises ValueError when one stands twice."""
    seen: set[str] = set()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if operation["operationId"] in seen:
                raise ValueError(f"{path}: the name {operation['operationId']} is used twice")
            seen.add(operation["operationId"])
