"""Credits the bank took back: which are open, and the ways out of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from wallet_service.faces.console.act_words import act_label
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell import charts
from wallet_service.faces.shell.i18n import Catalogue, catalogue, language_of
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.forced_transfers.decisions import UNDER_WAY
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import Filter, Subject
from wallet_service.protocol.amount_text import format_amount
from wallet_service.reversals.decisions import (
    MAX_ACCOUNT_CHARACTERS,
    MIN_ACCOUNT_CHARACTERS,
    mistake_takes_two,
)
from wallet_service.reversals.models import Reversal
from wallet_service.reversals.service import ACTS, FORCE_ACT, LOSS_ACT, MISTAKE_ACT

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Treasurer = Annotated[OfficerSession, Depends(officer_with("treasury"))]
Compliance = Annotated[OfficerSession, Depends(officer_with("compliance"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_SETTLED_SHOWN = 50
MAX_ENTRIES_SHOWN = 60


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: ISO 20022 external return reasons with which a bank takes a credit back (EPC125-05, R-transactions).
REVERSAL_REASONS = {
    "AC03": _("compte inexact"),
    "AM05": _("virement fait deux fois"),
    "AM09": _("montant inexact"),
    "CUST": _("rappelé à la demande du payeur"),
    "DUPL": _("virement fait deux fois"),
    "FOCR": _("suite à un rappel de la banque du payeur"),
    "FRAD": _("virement frauduleux"),
    "MS03": _("raison non précisée"),
    "TECH": _("erreur technique de la banque"),
}
#: What the member cannot do while it is open, by how much is owed (accounts.models).
STOPPED = _("Jusqu’au règlement, ce membre ne peut payer que l’association.")
HELD_BACK = _(
    "Cette somme est retenue ; il peut payer avec le reste. Un gel complet se demande depuis sa fiche."
)
#: What an act that waits for its second officer is, as a question, and what signing it does.
QUESTIONS = {
    LOSS_ACT: _("Porter {amount} € en perte ?"),
    MISTAKE_ACT: _("Clore la contre-passation de {amount} € : la banque a recrédité ?"),
    FORCE_ACT: _("Faire prendre {amount} au registre par transfert forcé ?"),
}
EFFECTS = {
    LOSS_ACT: _("La réserve « {account} » doit verser ce qui manque. Le membre peut de nouveau payer."),
    MISTAKE_ACT: _("Rien n’est émis pour ce nouveau crédit : les unités existent déjà. Le gel est levé."),
    FORCE_ACT: _(
        "Le registre l’annonce, attend son délai, où on peut l’arrêter, puis prend ces unités à {who}."
    ),
}


@router.get("/reversals")
def reversals(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """What stands without euros, and what was done about the rest."""
    messages = catalogue(language_of(request))
    cases = services.reversals.cases
    open_ones = cases.listed(is_open=True)
    settled = cases.listed(is_open=False, limit=MAX_SETTLED_SHOWN)
    return console_page(
        request,
        "console/reversals.html",
        officer,
        {
            "open_ones": open_ones,
            "settled": settled,
            "shortfall": cases.shortfall(),
            "lines": services.reports.members.summaries(each.member_id for each in (*open_ones, *settled)),
            "reason": lambda code: reversal_reason(code, messages),
            "picture": lambda each: _picture(each, None),
        },
    )


@router.get("/reversals/{reversal_id}")
def reversal(request: Request, reversal_id: str, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """One reversal: how much is missing, what happened, what can be done."""
    messages = catalogue(language_of(request))
    case = services.reversals.cases.case(reversal_id)
    about = Filter(subject=Subject("reversal", reversal_id))
    entries = services.reports.journal.entries(about, MAX_ENTRIES_SHOWN)
    people = [entry.actor.actor_id for entry in entries if entry.actor.actor_id]
    found = services.reports.members.summaries([case.reversal.member_id])
    under_way = next((each for each in case.forced if each.state in UNDER_WAY), None)
    return console_page(
        request,
        "console/reversal.html",
        officer,
        {
            "case": case,
            "each": case.reversal,
            "line": found.get(case.reversal.member_id),
            "entries": entries,
            "names": services.officers.names(people),
            "act_label": lambda act: act_label(act, messages),
            "reason": lambda code: reversal_reason(code, messages),
            "picture": _picture(case.reversal, case.holds_cents),
            "held_cents": min(case.holds_cents, case.reversal.missing_cents),
            "may_act": "treasury" in officer.rights and not case.asked,
            "may_execute": "compliance" in officer.rights,
            "under_way": under_way,
            "what_stays": messages.gettext(STOPPED if case.is_sending_stopped else HELD_BACK),
            "is_due": any(services.reversals.forced.orders.is_due(each) for each in case.forced),
            "takes_two": mistake_takes_two(case.reversal.amount_cents),
            "account_characters": (MIN_ACCOUNT_CHARACTERS, MAX_ACCOUNT_CHARACTERS),
        },
    )


@router.post("/reversals/{reversal_id}/pay-back")
def let_pay_back(
    request: Request, reversal_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """The member agreed: sending is free again, to the association only."""
    services.reversals.settling.let_pay_back(reversal_id, officer.officer_id, checked_ground(ground))
    return done(request, f"/reversals/{reversal_id}", "pay-back-allowed")


@router.post("/reversals/{reversal_id}/force")
def force(
    request: Request, reversal_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Asks; a second officer signs, the ledger announces."""
    services.reversals.forced.ask(reversal_id, officer.officer_id, checked_ground(ground))
    return done(request, "/approvals", "reversal-asked")


@router.post("/reversals/{reversal_id}/execute")
def execute(request: Request, reversal_id: str, officer: Compliance, services: ServicesOf) -> Response:
    """The announced transfer's delay has passed."""
    services.reversals.forced.execute(reversal_id, officer.officer_id)
    return done(request, f"/reversals/{reversal_id}", "forced-executed")


@router.post("/reversals/{reversal_id}/loss")
def loss(
    request: Request,
    reversal_id: str,
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
    account: Annotated[str, Form(max_length=200)],
) -> Response:
    """Asks; a second officer signs."""
    checked = checked_ground(ground)
    services.reversals.settling.ask_loss(reversal_id, account, officer.officer_id, checked)
    return done(request, "/approvals", "reversal-asked")


@router.post("/reversals/{reversal_id}/mistaken")
def mistaken(
    request: Request,
    reversal_id: str,
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
    entry_id: Annotated[str, Form(max_length=32)],
) -> Response:
    """The bank credited the euros again."""
    checked = checked_ground(ground)
    is_done = services.reversals.settling.mistaken(reversal_id, entry_id, officer.officer_id, checked)
    where = (f"/reversals/{reversal_id}", "reversal-settled") if is_done else ("/approvals", "reversal-asked")
    return done(request, *where)


def reversal_reason(code: str | None, messages: Catalogue) -> str:
    """The bank's code in words, the code beside it for whoever calls the bank."""
    if not code:
        return messages.gettext(_("la banque n’a pas dit pourquoi"))
    word = REVERSAL_REASONS.get(code)
    return f"{messages.gettext(word)} ({code})" if word else code


def asked_in_words(
    act: str, details: Mapping[str, Any], who: str, messages: Catalogue
) -> tuple[str, str] | None:
    """What an act about a reversal is, as a question, and what signing it does; None for other acts."""
    if act not in ACTS:
        return None
    cents = int(details["taken_cents" if act == FORCE_ACT else "amount_cents"])
    title = messages.gettext(QUESTIONS[act]).replace("{amount}", format_amount(cents, messages.language))
    effect = messages.gettext(EFFECTS[act]).replace("{account}", str(details.get("account", "")))
    return title, effect.replace("{who}", who)


def _picture(reversal: Reversal, holds_cents: int | None) -> Markup:
    """What came back, what the member still holds of the rest, what is gone: one bar."""
    missing_cents = reversal.missing_cents
    known_cents = missing_cents - reversal.gap_cents if holds_cents is None else holds_cents
    held_cents = max(min(known_cents, missing_cents), 0)
    parts = (("back", reversal.recovered_cents), ("held", held_cents), ("gone", missing_cents - held_cents))
    return charts.parts_bar(parts)
