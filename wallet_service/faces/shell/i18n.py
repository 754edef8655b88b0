"""The language of an answer: the cookie's, else the browser's, else French.

Owns choosing for a request; what languages there are and what they say is wallet_service/languages.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from wallet_service.languages.catalogues import Catalogue, catalogue, languages, preferred

#: ISO 639-1, one of `languages()`.
Language = str
LANGUAGE_COOKIE = "alba_language"

__all__ = ["LANGUAGE_COOKIE", "Catalogue", "Language", "catalogue", "language_of"]


def language_of(request: HTTPConnection) -> Language:
    """The cookie, else Accept-Language, else French."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in languages() else preferred(request.headers.get("accept-language", ""))
