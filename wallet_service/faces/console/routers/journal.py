"""The journal of who did what, filtered, with the proof that nobody rewrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from wallet_service.faces.console.act_words import ACT_LABELS, act_label
from wallet_service.faces.console.view import console_page
from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.platform.journal import Filter
from wallet_service.platform.schema import MAX_EXACT_INTEGER
from wallet_service.reports.decisions import day_start_unix_s

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]

PAGE_LENGTH = 50
MAX_FIELD_CHARACTERS = 60


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


ACTOR_WORDS = {
    "officer": _("agent"),
    "member": _("membre"),
    "till": _("caisse"),
    "service": _("le service"),
}
SUBJECT_WORDS = {
    "identity_file": _("dossier"),
    "identity_document": _("document"),
    "approval": _("validation"),
    "ledger": _("registre"),
    "payout_file": _("ordre de virement"),
    "topup": _("chargement"),
    "bank_entry": _("virement"),
    "bank_file": _("fichier de banque"),
    "bank_statement": _("relevé de banque"),
    "officer": _("agent"),
    "till": _("caisse"),
    "device": _("appareil"),
    "sale": _("vente"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as the form shows them."""

    act: str
    actor: str
    since: str
    until: str


@router.get("/journal")
def journal(
    request: Request,
    officer: Observer,
    services: ServicesOf,
    act: str = "",
    actor: str = "",
    until: str = "",
    before: Annotated[int | None, Query(ge=0, le=MAX_EXACT_INTEGER)] = None,
) -> HTMLResponse:
    """Newest first, fifty at a time."""
    messages = catalogue(language_of(request))
    since = request.query_params.get("from", "")
    chosen = Chosen(*(text[:MAX_FIELD_CHARACTERS] for text in (act, actor, since, until)))
    entry_filter = Filter(
        act=chosen.act or None,
        actor_id=chosen.actor or None,
        from_unix_ms=_day_ms(chosen.since, 0),
        until_unix_ms=_day_ms(chosen.until, 1),
        before_id=before,
    )
    entries = services.reports.journal.entries(entry_filter, PAGE_LENGTH + 1)
    verification = services.reports.journal.verification()
    shown = entries[:PAGE_LENGTH]
    return console_page(
        request,
        "console/journal.html",
        officer,
        {
            "entries": shown,
            "older": _older(chosen, shown[-1].id) if len(entries) > PAGE_LENGTH else None,
            "verification": verification,
            "chosen": chosen,
            "acts": sorted(ACT_LABELS, key=lambda code: act_label(code, messages)),
            "officers": [(each.id, each.display_name) for each in services.officers.list_officers()],
            "names": services.officers.names([e.actor.actor_id for e in shown if e.actor.actor_id]),
            "act_label": lambda code: act_label(code, messages),
            "actor_words": ACTOR_WORDS,
            "subject_words": SUBJECT_WORDS,
        },
    )


def _day_ms(day: str, later_days: int) -> int | None:
    """Local midnight of an ISO day; an unreadable one filters nothing."""
    try:
        return day_start_unix_s(date.fromisoformat(day) + timedelta(days=later_days)) * 1000
    except (ValueError, OverflowError):
        return None


def _older(chosen: Chosen, last_id: int) -> str:
    fields = {"act": chosen.act, "actor": chosen.actor, "from": chosen.since, "until": chosen.until}
    kept = {name: value for name, value in fields.items() if value}
    return "/journal?" + urlencode({**kept, "before": last_id})
