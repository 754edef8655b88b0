"""Server-rendered pages: the Jinja environment of each language and what every template may use.

Owns no page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from wallet_service.faces.shell.assets import Assets
from wallet_service.faces.shell.i18n import Language, catalogue, language_of
from wallet_service.languages.catalogues import languages, own_name, shown_share
from wallet_service.languages.standards import NARROW_SPACE, clock_text, day_text, locale_of, whole
from wallet_service.protocol.amount_text import format_amount
from wallet_service.territory.currency import LOCAL_ZONE
from wallet_service.ui.look import chosen_look
from wallet_service.ui.states import state_view

FACES = Path(__file__).parents[1]
#: The first part of a template's name says whose folder it lies in.
TEMPLATES = {
    "console": FACES / "console" / "templates",
    "plain": FACES / "shell" / "templates" / "plain",
    "public": FACES / "public" / "templates",
    "shared": FACES / "shell" / "templates" / "shared",
    "wallet": FACES / "wallet" / "templates",
}
MINUS = "\u2212"
#: Of a page that may be kept: it is drawn in the language and the theme of who asked.
BY_LANGUAGE_AND_THEME = {"Vary": "Accept-Language, Cookie"}
_BEFORE_MARKS = re.compile(" ([?!:;»€%])")
assets = Assets()


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    csrf_token: str = "",
) -> HTMLResponse:
    """Renders one template. Pass the session's `csrf_token` when the page holds a form."""
    language = language_of(request)
    base = {
        "language": language,
        "locale": locale_of(language),
        "languages": [(each, own_name(each), shown_share(each)) for each in languages()],
        "look": chosen_look(request.cookies),
        "currency": request.app.state.currency,
        "settings": request.app.state.services.settings,
        "face": request.app.state.face,
        "csrf_token": csrf_token,
        "path": request.url.path,
    }
    rendered = environment(language).get_template(template).render({**base, **(context or {})})
    return HTMLResponse(rendered, status_code=status, headers=dict(headers or {}))


@lru_cache(maxsize=64)
def environment(language: Language) -> Environment:
    """Escapes everything; an undefined name is an error, not an empty string."""
    made = Environment(
        loader=PrefixLoader({name: FileSystemLoader(folder) for name, folder in TEMPLATES.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    messages = catalogue(language)
    made.globals.update(
        {
            "_": lambda text, **values: _fill(messages.gettext(text), values),
            "ngettext": lambda one, many, count, **values: _fill(
                messages.ngettext(one, many, count), {"count": count, **values}
            ),
            "icon": icon,
            "static": assets.url,
            "has_static": assets.has,
            "state_pill": lambda subject, state: state_pill(subject, state, language),
            "amount_html": lambda cents, unit="": amount_html(cents, language, unit),
        }
    )
    made.filters.update(
        {
            "amount": lambda cents: format_amount(cents, language).replace("-", MINUS),
            "signed_amount": lambda cents: signed_amount(cents, language),
            "moment": lambda unix_ms: moment(unix_ms, language),
            "day": lambda unix_ms: day(unix_ms, language),
            "thousands": lambda number: whole(number, language),
        }
    )
    return made


def unbroken(text: str) -> str:
    """French sets a space before double marks and inside guillemets; no line may break there."""
    return _BEFORE_MARKS.sub("\u00a0\\1", text).replace("« ", "«\u00a0")


def _fill(text: str, values: Mapping[str, Any]) -> str:
    """{name} places, as in the pages' JavaScript. Values are escaped with the rest by the template."""
    text = unbroken(text)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def icon(name: str, label: str | None = None) -> Markup:
    """An inlined icon; decorative unless it has a label."""
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    # The body comes from the build, never from data.
    body = Markup(assets.icon_body(name))  # nosec B704
    return Markup('<svg class="icon" viewBox="0 0 24 24" {}>{}</svg>').format(meaning, body)


def state_pill(subject: str, state: str, language: Language) -> Markup:
    """One state, one colour, one word: those of ui/states.json. An unknown state is shown as it is."""
    shown = state_view(subject, state)
    drawn = icon(shown.icon) if shown.icon else Markup("")
    return Markup('<span class="pill {}">{}{}</span>').format(shown.tone, drawn, shown.word(language))


def amount_html(amount_cents: int, language: Language, unit: str = "") -> Markup:
    """Units large, cents smaller: the caller puts it inside an element of class ``amount``."""
    text = format_amount(amount_cents, language)
    units, cents = text[:-3], text[-3:]
    shown_unit = Markup('<span class="unit"> {}</span>').format(unit) if unit else ""
    return Markup('{}<span class="cents">{}</span>{}').format(units, cents, shown_unit)


def signed_amount(amount_cents: int, language: Language) -> str:
    sign = "" if amount_cents == 0 else (MINUS if amount_cents < 0 else "+") + NARROW_SPACE
    return sign + format_amount(abs(amount_cents), language)


def moment(unix_ms: int, language: Language) -> Markup:
    """A <time> with the local date and hour."""
    local = datetime.fromtimestamp(unix_ms / 1000, LOCAL_ZONE)
    shown = f"{day_text(local, language)}, {clock_text(local.hour, local.minute, language)}"
    exact = datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(exact, shown)


def day(unix_ms: int, language: Language) -> str:
    return day_text(datetime.fromtimestamp(unix_ms / 1000, LOCAL_ZONE), language)


def day_written(iso_day: str, language: Language) -> str:
    """``1988-04-12`` as people write it; anything else as it is."""
    try:
        return day_text(datetime.fromisoformat(iso_day), language)
    except ValueError:
        return iso_day
