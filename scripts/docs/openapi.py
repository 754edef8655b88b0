"""Writes docs/openapi.json and docs/openapi-till.json: the two APIs, from the routes and their models.

`python -m scripts.docs.openapi` writes them, `--check` fails when one is out of date. Owns the order of the
documents and what holds for the till's API as a whole; the rest belongs to the routes and the `schemas.py` of
the subjects. The running service answers the first one as `/openapi.json`.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any, cast

from fastapi import FastAPI

from merchant_pos import api as till_api
from merchant_pos import errors as till_errors
from merchant_pos.schemas import TabletProblem
from merchant_pos.web_rules import CSRF_HEADER, SESSION_COOKIE, check_csrf, required_till
from scripts.docs.written import DOCS, bring
from wallet_service.bootstrap import Services
from wallet_service.faces.apps import wallet_app
from wallet_service.faces.shell.api_rules import RULES
from wallet_service.faces.shell.description import ApiRules, Guard, described
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import SystemClock
from wallet_service.protocol.refusal_responses import codes_in, described_codes

PAGE, TILL_PAGE = DOCS / "openapi.json", DOCS / "openapi-till.json"
COMMAND = ".venv/bin/python -m scripts.docs.openapi"

TILL_ABOUT = """What a tablet's page and its point of sale say to each other; for that page only.

Amounts are integer euro cents (`*_cents`), moments milliseconds (`*_unix_ms`). A field that has no value is
null, not left out. A refusal is a problem document (RFC 9457): the point of sale's own have codes that start
with `pos.`, the wallet service's are passed on as they came.
"""
TILL_RULES = ApiRules(
    about=TILL_ABOUT,
    problem=TabletProblem,
    security_schemes={
        "tablet": {
            "type": "apiKey",
            "in": "cookie",
            "name": SESSION_COOKIE,
            "description": "The session that `GET /api/state` sets (HttpOnly, SameSite=Strict); over https "
            "its name begins with `__Host-`.",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": CSRF_HEADER,
            "description": "The `csrf_token` of `GET /api/state`, with unsafe methods.",
        },
    },
    guards={
        required_till: Guard(refusals=(till_errors.NotPaired,), security=("tablet",)),
        check_csrf: Guard(refusals=(till_errors.PageOutOfDate,), security=("tablet", "csrf")),
    },
    anywhere=(till_errors.PosHostUnknown,),
    unsafe=(),
    with_body=(),
    with_input=(till_errors.RequestMalformed,),
)

#: Which requests to the service stand behind a route of the till: their refusals are passed on as they came.
PASSED_ON = {
    "pair": (("post", "/v1/tills/pair"),),
    "open_sale": (("post", "/v1/till/sales"),),
    "sale": (("get", "/v1/till/sales/{sale_id}"),),
    "receipt_link": (("get", "/v1/till/sales/{sale_id}"),),
    "other_sales": (("get", "/v1/till/other-sales"),),
    "day": (("get", "/v1/till/day"),),
    "cashier_enters": (("post", "/v1/till/cashier"),),
    "cashier_leaves": (("delete", "/v1/till/cashier"),),
    "cancel_sale": (("post", "/v1/till/sales/{sale_id}/cancel"),),
    "ask_refund": (("post", "/v1/till/sales/{sale_id}/refunds"), ("get", "/v1/till/sales/{sale_id}")),
}


def wallet_description() -> dict[str, Any]:
    """The wallet's origin. Only settings and the currency's file are needed to say which routes there are."""
    services = SimpleNamespace(settings=Settings.model_construct(), clock=SystemClock())
    return described(wallet_app(cast(Services, services)), RULES)


def till_description() -> dict[str, Any]:
    """The till's origin."""
    app = FastAPI(title="alba till", version="1", openapi_url=None)
    app.include_router(till_api.router)
    description = described(app, TILL_RULES)
    _with_what_is_passed_on(description, wallet_description())
    return description


def _with_what_is_passed_on(description: dict[str, Any], service: dict[str, Any]) -> None:
    """Adds to each route of the till what the service may refuse behind it."""
    for methods in description["paths"].values():
        for operation in methods.values():
            codes = codes_in(operation["responses"])
            for method, path in PASSED_ON.get(operation["operationId"], ()):
                codes |= codes_in(service["paths"][path][method]["responses"])
            answers = {
                status: answer
                for status, answer in operation["responses"].items()
                if not status.isdigit() or int(status) < 400
            }
            refused = {str(status): answer for status, answer in described_codes(codes).items()}
            operation["responses"] = {**answers, **refused}


def written(description: dict[str, Any]) -> str:
    """Routes in the order of the code, everything else as it was put together: the same bytes every time."""
    return json.dumps(description, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """The exit code; both documents are brought up to date, or compared."""
    pages = ((PAGE, wallet_description()), (TILL_PAGE, till_description()))
    return max(bring(page, written(description), arguments, COMMAND) for page, description in pages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
