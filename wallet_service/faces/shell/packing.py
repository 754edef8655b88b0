"""Pages packed on their way: those that are the same for everybody, and no others.

A page that holds a secret (a form's token, somebody's balance) is never packed: its length would tell of it
(BREACH, CVE-2013-3587). So a page is packed by its path, and a test asks each of them with and without a
session: the answers are the same. What is built is packed already (`ui.packed`).
"""

from __future__ import annotations

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LEAST_BYTES = 1_000
#: Half of zlib's scale: its best costs three times as long for two parts in a hundred.
LEVEL = 5
#: The wallet's shell holds no name and no token; the rest is public to begin with.
SAME_FOR_ALL = re.compile(
    r"/(welcome|sign-in|lost|scan|movements|add|add/monthly|me|send|ask|asks|receive|contacts|caps)?"
    r"|/(identity|redeem|tills|listing|notices|move|family|held|display|data|recovery-code)"
    r"|/(public|directory|open-data|embed|listings|communes|docs|help|accessibility)(/.*)?"
    r"|/v1/directory"
    r"|/(openapi\.json|theme\.css|icon\.svg|robots\.txt|sitemap\.xml|wallet\.webmanifest)"
)


class PackedPages:
    """Packs what `SAME_FOR_ALL` names; everything else passes as it is, streams above all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packing = GZipMiddleware(app, LEAST_BYTES, LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_same = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if is_same and SAME_FOR_ALL.fullmatch(scope["path"]):
            await self._packing(scope, receive, send)
        else:
            await self._app(scope, receive, send)
