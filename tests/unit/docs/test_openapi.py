"""The two descriptions say types, units and refusals, and no route answers without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from jsonschema import Draft202012Validator

from merchant_pos import api, pages
from scripts.docs import openapi
from tests.integration.faces.content_types import OTHER_ANSWERS
from tests.support.described_api import TILL, WALLET, DescribedApi, NotDescribed, described_api
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.faces.shell.routers.docs import known_refusals
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.refusal_responses import codes_in

DOCUMENTS = {WALLET: openapi.wallet_description(), TILL: openapi.till_description()}
#: Open by their nature: what a browser adds to a credential, values of sentences, limits by tier.
OPEN_OBJECTS = {
    "AssertionResponse",
    "AttestationResponse",
    "ConfigAnswer.tiers",
    "Problem.values",
    "ReceiptBody",
    "RegistrationCredential.clientExtensionResults",
    "SignInCredential.clientExtensionResults",
}


def apps() -> dict[str, FastAPI]:
    services: Any = SimpleNamespace(settings=Settings.model_construct(), clock=SystemClock())
    till = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    till.include_router(api.router)
    till.include_router(pages.router)
    return {"wallet": wallet_app(services), "console": console_app(services), "till": till}


def operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for document in DOCUMENTS.values():
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                yield f"{method.upper()} {path}", operation


@pytest.mark.parametrize("face", ["wallet", "console", "till"])
def test_a_route_answers_with_a_model_or_with_a_listed_content_type(face: str) -> None:
    without = set()
    for route in iter_route_contexts(apps()[face].routes):
        assert isinstance(route.original_route, APIRoute), route
        if route.response_field is None and route.status_code != 204:
            without |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
        assert "Any" not in str(route.response_model), f"{route.path} answers with anything"
    listed = {route for routes in OTHER_ANSWERS[face].values() for route in routes}
    assert without - listed == set(), "give these a model, or list their content type"
    assert listed - without == set(), "these have a model, or are no route any more"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_one_and_leaves_nothing_open(name: str) -> None:
    found = set()
    for title, schema in DOCUMENTS[name]["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        for field, described in schema.get("properties", {}).items():
            if described.get("additionalProperties"):
                found.add(f"{title}.{field}")
    assert found <= OPEN_OBJECTS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_money_is_whole_cents_and_moments_say_their_unit(name: str) -> None:
    seen = 0
    for title, schema in DOCUMENTS[name]["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            types = {one.get("type") for one in (described, *described.get("anyOf", ()))}
            assert "number" not in types, f"{title}.{field} is no whole number"
            if field.endswith(("_cents", "_unix_ms", "_unix_s", "_s", "_basis_points")):
                seen += 1
                assert "integer" in types, f"{title}.{field}"
                text = described.get("description", "") + str(described.get("anyOf", ""))
                assert re.search("cents|seconds|unix ms|percent", text, re.IGNORECASE), f"{title}.{field}"
    assert seen > 10


@pytest.mark.parametrize(("route", "operation"), list(operations()), ids=lambda one: str(one)[:60])
def test_an_operation_says_what_it_does_answers_and_refuses(route: str, operation: Mapping[str, Any]) -> None:
    assert operation["description"].endswith((".", "in."))
    assert "default" in operation["responses"]
    answers = [status for status in operation["responses"] if status.startswith("2")]
    assert len(answers) == 1
    assert answers == ["204"] or operation["responses"][answers[0]]["content"]
    if route.startswith(("POST /v1/me", "GET /v1/me", "GET /v1/till", "POST /v1/till/")):
        assert operation["security"]


def test_a_documented_code_is_one_that_exists() -> None:
    known = {(refusal.status, refusal.code) for refusal in known_refusals()}
    for route, operation in operations():
        for status, code in codes_in(operation["responses"]):
            assert (status, code) in known, f"{route}: {status} {code}"


def test_only_the_forms_of_the_document_pass() -> None:
    described = described_api(TILL)
    good = b'{"paired":true}'
    described.check_answer("POST", "/api/pair", 201, "application/json", good)
    for status, media_type, body in (
        (200, "application/json", good),
        (201, "text/html", good),
        (201, "application/json", b'{"paired":false}'),
        (201, "application/json", b'{"paired":true,"more":1}'),
        (201, "application/json", b"{}"),
    ):
        with pytest.raises(NotDescribed):
            described.check_answer("POST", "/api/pair", status, media_type, body)
    with pytest.raises(NotDescribed):
        described.check_request("POST", "/api/pair", b'{"label":"Caisse 1"}')
    with pytest.raises(NotDescribed):
        described.check_request("GET", "/api/unknown", b"")


def test_a_literal_path_goes_before_one_with_a_place() -> None:
    found = DescribedApi(DOCUMENTS[WALLET]).find("GET", "/v1/sales/by-code/123456")
    assert found is not None
    assert found[0] == "/v1/sales/by-code/{code}"
