"""How an API's description says which refusals a route can answer: OpenAPI response objects. Pure.

Owns the media type of a refusal (RFC 9457) and the form of the documented list. Shared by the service and the
point of sale; must not know FastAPI, nor which route refuses what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from wallet_service.protocol.refusal import Refusal

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}

Responses = dict[int | str, dict[str, Any]]


def refuses(*refusals: type[Refusal]) -> Responses:
    """What ``responses=`` says of a route's refusals: by status, a problem with one of these codes."""
    return described_codes((refusal.status, refusal.code) for refusal in refusals)


def described_codes(codes: Iterable[tuple[int, str]]) -> Responses:
    """The same, from (HTTP status, code) pairs; sorted, each once."""
    by_status: dict[int, set[str]] = defaultdict(set)
    for status, code in codes:
        by_status[status].add(code)
    return {status: _problem(sorted(by_status[status])) for status in sorted(by_status)}


def codes_in(responses: Mapping[Any, Mapping[str, Any]]) -> set[tuple[int, str]]:
    """The (status, code) pairs that `described_codes` wrote into `responses`."""
    return {
        (int(status), code)
        for status, response in responses.items()
        if str(status).isdigit() and PROBLEM_MEDIA_TYPE in response.get("content", {})
        for code in response["content"][PROBLEM_MEDIA_TYPE]["schema"]["allOf"][1]["properties"]["code"][
            "enum"
        ]
    }


def _problem(codes: list[str]) -> dict[str, Any]:
    narrowed = {"properties": {"code": {"enum": codes}}}
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"allOf": [PROBLEM_SCHEMA, narrowed]}}},
    }
