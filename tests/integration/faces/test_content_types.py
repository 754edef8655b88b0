"""What routes without a model really answer: the content type that is listed."""

from __future__ import annotations

import pytest

from tests.integration.faces.content_types import OTHER_ANSWERS
from tests.support.callers import Callers
from wallet_service.protocol.refusal_responses import PROBLEM_MEDIA_TYPE

pytestmark = pytest.mark.chain

STREAM = "text/event-stream"  # never ends: test_streams.py
#: One asks for a query, the other for more than an observer's right (looked at in console/test_assisted.py).
UNANSWERED = {("console", "GET /communes"), ("console", "GET /assisted")}
CALLERS = ("member", "officer with observe", "nobody")


def _routes(face: str) -> list[tuple[str, str, str]]:
    return [
        (face, route, media_type)
        for media_type, routes in sorted(OTHER_ANSWERS[face].items())
        for route in sorted(routes)
        if media_type not in (STREAM, "*/*") and route.startswith("GET") and "{" not in route
    ]


@pytest.mark.parametrize(("face", "route", "media_type"), [*_routes("wallet"), *_routes("console")])
def test_a_route_without_a_model_answers_its_listed_content_type(
    callers: Callers, face: str, route: str, media_type: str
) -> None:
    found = set()
    for caller in CALLERS:
        answer = callers.call(face, route, caller)
        if answer.status_code == 200:
            found.add(answer.headers["content-type"].split(";")[0])
        else:
            assert answer.headers.get("content-type", PROBLEM_MEDIA_TYPE).startswith(
                (PROBLEM_MEDIA_TYPE, "text/html")
            )
    assert found == (set() if (face, route) in UNANSWERED else {media_type})
