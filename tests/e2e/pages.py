"""Which pages the three apps have, as the accessibility tests know them: one that is not here fails there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

#: Looked at in test_finding.py.
FOUND_ELSEWHERE = {"/listing", "/directory/{name}", "/listings"}
#: Looked at in test_disputes.py, the wallet's and the console's.
CONTESTED = {"/contest/{ref}", "/disputes/{dispute_id}"}
CONTESTED_IN_CONSOLE = {"/disputes", "/disputes/{dispute_id}", "/disputes/{dispute_id}/said"}
#: Looked at in test_family.py, by who lets pay and by who pays.
FAMILY = {"/family", "/held"}
#: Looked at in test_assisted.py.
AT_THE_DESK = {"/assisted", "/assisted/{member_id}"}
FOUND_ELSEWHERE |= CONTESTED | CONTESTED_IN_CONSOLE | FAMILY | AT_THE_DESK
#: Looked at in test_identity_providers.py.
FOUND_ELSEWHERE |= {"/identity/return"}
WALLET_ROUTES = {
    *("/", "/welcome", "/sign-in", "/scan", "/P/{token}", "/p/{token}", "/code/{code}", "/order/{ref}"),
    *("/refund/{request_id}", "/movements", "/movement/{ref}", "/add", "/add/monthly", "/identity"),
    *(
        "/redeem",
        "/tills",
        "/me",
        "/lost",
        "/recovery-code",
        "/move",
        "/notices",
        "/data",
        "/display",
        "/listing",
        "/directory/{name}",
        "/identity/return",
    ),
    *CONTESTED,
    *FAMILY,
}
OPEN_ROUTES = {
    "/public",
    "/docs",
    "/docs/errors",
    "/directory",
    "/open-data",
    "/embed",
    "/help",
    "/help/{name}",
    "/accessibility",
}
#: A sale's receipt for who has its address: looked at once one is paid.
RECEIPTS = {"/T/{token}", "/t/{token}"}
#: One page of many, where the address has a part that varies.
EXAMPLES = {"/help/{name}": "/help/terms"}
TILL_ROUTES = {"/"}
CONSOLE_ROUTES = {
    *("/sign-in", "/passkey", "/", "/reserve", "/network", "/identities", "/identities/{file_id}"),
    *(
        "/unmatched",
        "/unmatched/{entry_id}",
        "/payouts",
        "/payouts/all",
        "/approvals",
        "/members",
        "/members/{member_id}",
    ),
    *("/payouts/debits/{entry_id}", "/payouts/returns/{entry_id}", "/journal", "/access", "/notices"),
    *(
        "/statements",
        "/reversals",
        "/reversals/{reversal_id}",
        "/listings",
        "/recoveries",
        "/recoveries/{recovery_id}",
    ),
    *CONTESTED_IN_CONSOLE,
    *AT_THE_DESK,
}
#: What is shown for an address that does not exist: made without a route.
NOWHERE = "/nowhere"
#: Answers for people's browsers that are no pages: what pages load, and what people download.
NOT_PAGES = {
    *("/metrics", "/icon.svg", "/icon-192.png", "/theme.css", "/v1/me/topup/qr.svg", "/service-worker.js"),
    *("/identities/{file_id}/documents/{document_id}", "/csv/journal.csv", "/csv/{name}.csv"),
    "/csv/payouts.csv",
    *("/directory/pictures/{name}", "/open-data/{name}", "/robots.txt", "/sitemap.xml", "/communes"),
    "/recoveries/{recovery_id}/documents/{document_id}",
    "/disputes/{dispute_id}/documents/{document_id}",
    "/v1/identity/wallet/requests/{handle}",
}
PAGE_ANSWERS = {"HTMLResponse", "Response"}


def pages_of(routers: Iterable[APIRouter | FastAPI]) -> set[str]:
    """The paths whose answer may be a page for people."""
    routes = [route for router in routers for route in router.routes]
    routes += [
        inner for one in routes for inner in getattr(getattr(one, "original_router", None), "routes", ())
    ]
    return {
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and _returned(route) in PAGE_ANSWERS
    } - NOT_PAGES


def _returned(route: APIRoute) -> str:
    output_text: Any = route.endpoint.__annotations__.get("return", "")
    return output_text if isinstance(output_text, str) else output_text.__name__
