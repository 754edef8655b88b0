"""Help, for everybody: what a screen is for, how to reach a person, and the texts people are bound by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.listing_words import phone_text
from wallet_service.faces.shell.numbers import whole_units
from wallet_service.faces.shell.rendering import BY_LANGUAGE_AND_THEME, day_written, moment, page
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.help.accessibility import declaration
from wallet_service.help.documents import help_texts, language_shown
from wallet_service.help.errors import HelpTextUnknown
from wallet_service.help.places import HelpPlace
from wallet_service.languages.catalogues import said
from wallet_service.territory import communes
from wallet_service.territory.currency import REGION

router = APIRouter(include_in_schema=False)

CACHE = {"Cache-Control": "public, max-age=60", **BY_LANGUAGE_AND_THEME}
#: Screens that a topic speaks of under another name, by the first part of their address.
TOPIC_OF = {
    "": "home",
    "sign-in": "welcome",
    "code": "pay",
    "p": "pay",
    "refund": "pay",
    "c": "send",
    "r": "ask",
    "asks": "ask",
    "receive": "ask",
    "movement": "movements",
    "disputes": "contest",
    "recovery-code": "lost",
}
MAX_TOPIC_CHARACTERS = 40


@router.get("/help")
def help_page(
    request: Request,
    services: ServicesOf,
    screen: Annotated[str, Query(alias="from", max_length=MAX_TOPIC_CHARACTERS)] = "",
    commune: Annotated[str, Query(max_length=5)] = "",
) -> HTMLResponse:
    """`from`: the screen somebody comes from; unknown ones show the page without it."""
    texts = help_texts(language_of(request))
    places: Sequence[HelpPlace] = request.app.state.help_places
    asked = texts.topics.get(TOPIC_OF.get(screen.lower(), screen.lower()))
    context = {
        "asked": asked if "from" in request.query_params else None,
        "topics": texts.topics.values(),
        "documents": texts.documents.values(),
        "places": [each for each in places if not commune or each.commune_code == commune],
        "communes": sorted({(each.commune, each.commune_code) for each in places}),
        "commune": commune if commune in communes() else "",
        "phone_text": phone_text,
        "day_written": day_written,
        "filled": _filler(request, services),
        "in_french": _in_french(request),
        "read_at": _read_at(request, services),
        "canonical": f"{request.app.state.origin}/help",
    }
    return page(request, "public/help.html", context, headers=CACHE)


@router.get("/accessibility")
def accessibility_page(request: Request, services: ServicesOf) -> HTMLResponse:
    """The declaration of accessibility. Source: order of 20 September 2019, article 5."""
    language = language_of(request)
    context = {
        "declared": declaration(),
        "read_at": _read_at(request, services),
        "said": partial(said, language),
        "day_written": day_written,
        "phone_text": phone_text,
        "canonical": f"{request.app.state.origin}/accessibility",
    }
    return page(request, "public/accessibility.html", context, headers=CACHE)


@router.get("/help/{name}")
def document_page(request: Request, services: ServicesOf, name: str) -> HTMLResponse:
    """One of the texts, with the day of its version. Raises HelpTextUnknown."""
    documents = help_texts(language_of(request)).documents
    if name not in documents:
        raise HelpTextUnknown()
    context = {
        "document": documents[name],
        "documents": documents.values(),
        "day_written": day_written,
        "filled": _filler(request, services),
        "in_french": _in_french(request),
        "read_at": _read_at(request, services),
        "canonical": f"{request.app.state.origin}/help/{name}",
    }
    return page(request, "public/document.html", context, headers=CACHE)


def _read_at(request: Request, services: Any) -> str:
    """When the page was made: a wallet keeps it, and shows it without network."""
    return moment(services.clock.now_unix_ms(), language_of(request)).striptags()


def _in_french(request: Request) -> Markup:
    """What an element says of texts that its page's language has not."""
    language = language_of(request)
    return Markup("") if language_shown(language) == language else Markup(' lang="fr"')


def _filler(request: Request, services: Any) -> Any:
    """Puts the currency's own names and limits into a text."""
    currency, language = request.app.state.currency, language_of(request)
    visitor = services.accounts.limits().get("visitor")
    values = {
        "currency": currency["name"],
        "unit": currency["unit_many"],
        "issuer": currency["issuer"],
        "region": REGION,
        "held": whole_units(visitor.max_balance_cents, language) if visitor else "…",
        "spent": whole_units(visitor.max_30_days_cents, language) if visitor else "…",
    }
    return lambda text: text.format_map(values)
