"""Lost phones: who asks for new keys, on what ground they get them, what is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.act_words import act_label
from wallet_service.faces.console.keys import keys_shown
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import Catalogue, catalogue, language_of
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.platform.journal import Filter, Subject
from wallet_service.protocol.amount_text import format_amount
from wallet_service.recoveries.decisions import ON_LEDGER, request_number
from wallet_service.recoveries.desk import PROPOSE_ACT
from wallet_service.recoveries.models import AccountRecovery, RecoveryCase, RecoveryState, RecoveryWay

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Identifier = Annotated[OfficerSession, Depends(officer_with("identity"))]
Pauser = Annotated[OfficerSession, Depends(officer_with("pause"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_ENTRIES_SHOWN = 60


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


WAYS = {
    RecoveryWay.OFFICER: _("pièces à voir au guichet"),
    RecoveryWay.CODE: _("code de secours sur papier"),
    RecoveryWay.LEDGER: _("annoncé au registre sans demande ici"),
}
QUESTION = _("Annoncer un nouveau téléphone pour un compte de {amount} € ?")
EFFECT_UNOPPOSED = _(
    "Le registre l’annonce et attend son délai ; aucun appareil de {who} ne peut s’y opposer."
)
EFFECT = _("Le registre l’annonce et attend son délai ; l’ancien téléphone de {who} peut s’y opposer.")


@router.get("/recoveries")
def recoveries(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Who waits, the oldest first; what two people claim; what is over."""
    desk = services.recoveries.desk
    open_ones, closed = desk.open_cases(), desk.closed_cases()
    disputed = [case for case in closed if _is_disputed(case)]
    cases = (*open_ones, *closed)
    return console_page(
        request,
        "console/recoveries.html",
        officer,
        {
            "open_ones": open_ones,
            "disputed": disputed,
            "closed": [case for case in closed if case not in disputed],
            "lines": services.reports.members.summaries(case.recovery.member_id for case in cases),
            "shown_number": shown_number,
            "ways": WAYS,
        },
    )


@router.get("/recoveries/{recovery_id}")
def recovery(request: Request, recovery_id: str, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """One request: whose account, what it holds, where the papers are, what happened."""
    messages = catalogue(language_of(request))
    case = services.recoveries.desk.case(recovery_id)
    each = case.recovery
    about = Filter(subject=Subject("recovery", recovery_id))
    entries = services.reports.journal.entries(about, MAX_ENTRIES_SHOWN)
    people = [
        entry.actor.actor_id for entry in entries if entry.actor.kind == "officer" and entry.actor.actor_id
    ]
    may_look = "identity" in officer.rights
    is_announced = each.state in ON_LEDGER
    return console_page(
        request,
        "console/recovery.html",
        officer,
        {
            "case": case,
            "each": each,
            "line": services.reports.members.summaries([each.member_id]).get(each.member_id),
            **keys_shown(services, each.member_id, officer, recovery_id),
            "papers": services.recoveries.papers.shown(recovery_id),
            "entries": entries,
            "names": services.officers.names(people),
            "act_label": lambda act: act_label(act, messages),
            "number": shown_number(each),
            "way": WAYS[each.way],
            "is_disputed": _is_disputed(case),
            "may_propose": may_look and each.state is RecoveryState.ASKED and not case.is_asked_for,
            "may_cancel": may_look and (each.state is RecoveryState.ASKED or is_announced),
            "may_halt": "pause" in officer.rights and is_announced,
            "may_read": may_look,
        },
    )


@router.post("/recoveries/{recovery_id}/propose")
def propose(
    request: Request, recovery_id: str, ground: Ground, officer: Identifier, services: ServicesOf
) -> Response:
    """The officer has seen who asks."""
    is_done = services.recoveries.desk.propose(recovery_id, ground, officer.officer_id)
    where = (f"/recoveries/{recovery_id}", "recovery-proposed") if is_done else ("/approvals", "asked")
    return done(request, *where)


@router.post("/recoveries/{recovery_id}/cancel")
def cancel(
    request: Request, recovery_id: str, ground: Ground, officer: Identifier, services: ServicesOf
) -> Response:
    """Refused before the ledger was told, withdrawn after."""
    services.recoveries.desk.cancel(recovery_id, ground, officer.officer_id)
    return done(request, f"/recoveries/{recovery_id}", "recovery-cancelled")


@router.post("/recoveries/{recovery_id}/halt")
def halt(
    request: Request, recovery_id: str, ground: Ground, officer: Pauser, services: ServicesOf
) -> Response:
    """One officer with the pauser's right suffices."""
    services.recoveries.desk.halt(recovery_id, ground, officer.officer_id)
    return done(request, f"/recoveries/{recovery_id}", "recovery-halted")


def shown_number(recovery: AccountRecovery) -> str:
    """As the phone that asked shows it, in two groups; nothing when no phone asked here."""
    if recovery.token_digest is None:
        return "–"
    number = request_number(recovery.token_digest)
    return f"{number[:4]} {number[4:]}"


def recovery_asked_in_words(
    act: str, details: Mapping[str, Any], who: str, messages: Catalogue
) -> tuple[str, str] | None:
    """What the act that waits is, as a question, and what signing it does; None for other acts."""
    if act != PROPOSE_ACT:
        return None
    amount = format_amount(int(details["amount_cents"]), messages.language)
    title = messages.gettext(QUESTION).replace("{amount}", amount)
    effect = EFFECT if details.get("may_object", True) else EFFECT_UNOPPOSED
    return title, messages.gettext(effect).replace("{who}", who)


def _is_disputed(case: RecoveryCase) -> bool:
    """An old key objected to what an officer had announced: somebody must be seen again."""
    each = case.recovery
    return each.state is RecoveryState.VETOED and each.number is not None and case.frozen_outgoing
