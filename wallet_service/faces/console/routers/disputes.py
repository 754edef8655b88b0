"""Contested payments: what is held where and until when, what happened, what officers can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.disputes.decisions import HOLDING
from wallet_service.disputes.desk import DISMISS_ACT, UPHOLD_ACT, DisputeCase
from wallet_service.disputes.holding.takings import TAKE_ACT
from wallet_service.disputes.models import DisputeReason, DisputeState
from wallet_service.faces.console.act_words import act_label
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import Catalogue, catalogue, language_of
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.forced_transfers.decisions import UNDER_WAY
from wallet_service.forced_transfers.models import ForcedTransfer
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import Filter, Subject
from wallet_service.protocol.amount_text import format_amount

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Compliance = Annotated[OfficerSession, Depends(officer_with("compliance"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_CLOSED_SHOWN = 50
MAX_ENTRIES_SHOWN = 60


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: Why the payer contests it, as they chose it.
REASONS = {
    DisputeReason.NOT_ME: _("dit ne pas avoir fait ce paiement"),
    DisputeReason.NOT_RECEIVED: _("n’a pas reçu ce qui était payé"),
    DisputeReason.WRONG_AMOUNT: _("le montant n’est pas le bon"),
    DisputeReason.WRONG_PAYEE: _("s’est trompé de destinataire"),
    DisputeReason.PAID_TWICE: _("a payé deux fois"),
    DisputeReason.DECEIVED: _("dit avoir été trompé"),
}
#: What an act that waits for its second officer is, as a question, and what signing it does.
QUESTIONS = {
    UPHOLD_ACT: _("Donner raison à qui conteste {amount} € ?"),
    DISMISS_ACT: _("Rejeter la contestation de {amount} € ?"),
    TAKE_ACT: _("Faire reprendre {amount} au registre par transfert forcé ?"),
}
EFFECTS = {
    UPHOLD_ACT: _("{who} doit rendre la somme ; elle reste retenue jusque-là. Les deux lisent votre motif."),
    DISMISS_ACT: _("{who} garde la somme ; plus rien n’est retenu. Les deux lisent votre motif."),
    TAKE_ACT: _("Le registre l’annonce et attend son délai, puis prend ces unités à {who} et les rend."),
}


@router.get("/disputes")
def disputes(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Those under way, the one due first before others; those that are over."""
    desk = services.disputes.desk
    open_ones = desk.listed(is_open=True)
    closed = desk.listed(is_open=False, limit=MAX_CLOSED_SHOWN)
    members = (each.dispute.payee_member_id for each in (*open_ones, *closed))
    return console_page(
        request,
        "console/disputes.html",
        officer,
        {
            "open_ones": open_ones,
            "closed": closed,
            "late": sum(each.is_late for each in open_ones),
            "lines": services.reports.members.summaries(members),
            "reasons": REASONS,
        },
    )


@router.get("/disputes/{dispute_id}")
def dispute(request: Request, dispute_id: str, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """One dispute: its sum, what is held where, its timeline; nothing the two sides wrote."""
    messages = catalogue(language_of(request))
    case = services.disputes.desk.case(dispute_id)
    each = case.dispute
    about = Filter(subject=Subject("dispute", dispute_id))
    entries = services.reports.journal.entries(about, MAX_ENTRIES_SHOWN)
    people = [
        entry.actor.actor_id for entry in entries if entry.actor.kind == "officer" and entry.actor.actor_id
    ]
    concerned = [each.payer_member_id, each.payee_member_id, *(hold.member_id for hold in case.holds)]
    may_act = "compliance" in officer.rights and not case.is_asked_for
    under_way = {taking.hold_id: taking for taking in case.takings if taking.state in UNDER_WAY}
    return console_page(
        request,
        "console/dispute.html",
        officer,
        {
            "case": case,
            "each": each,
            "lines": services.reports.members.summaries(concerned),
            "entries": entries,
            "names": services.officers.names(people),
            "act_label": lambda act: act_label(act, messages),
            "reasons": REASONS,
            "papers": services.disputes.papers.shown(each),
            "may_read": "compliance" in officer.rights,
            "may_decide": may_act and each.state is DisputeState.OPEN,
            "may_take": may_act and each.state is DisputeState.UPHELD,
            "may_release": may_act and each.state in HOLDING,
            "may_end": may_act and each.state is DisputeState.UPHELD and not under_way,
            "under_way": under_way,
            "is_due": services.disputes.takings.orders.is_due,
            "refused": _refusals(case),
            "last_taking": _last_takings(case),
        },
    )


@router.get("/disputes/{dispute_id}/said")
def said(request: Request, dispute_id: str, officer: Compliance, services: ServicesOf) -> HTMLResponse:
    """What the two sides wrote; the service journals that it was read."""
    case = services.disputes.desk.case(dispute_id)
    return console_page(
        request,
        "console/dispute_said.html",
        officer,
        {
            "each": case.dispute,
            "said": services.disputes.desk.read(dispute_id, officer.officer_id),
            "reasons": REASONS,
        },
    )


@router.post("/disputes/{dispute_id}/uphold")
def uphold(
    request: Request, dispute_id: str, ground: Ground, officer: Compliance, services: ServicesOf
) -> Response:
    """It is to go back; from an amount on a second officer signs."""
    is_done = services.disputes.desk.decide(UPHOLD_ACT, dispute_id, ground, officer.officer_id)
    return done(request, *_where(dispute_id, "dispute-upheld", is_done=is_done))


@router.post("/disputes/{dispute_id}/dismiss")
def dismiss(
    request: Request, dispute_id: str, ground: Ground, officer: Compliance, services: ServicesOf
) -> Response:
    """The payee keeps it; from an amount on a second officer signs."""
    is_done = services.disputes.desk.decide(DISMISS_ACT, dispute_id, ground, officer.officer_id)
    return done(request, *_where(dispute_id, "dispute-dismissed", is_done=is_done))


@router.post("/disputes/{dispute_id}/end")
def end(
    request: Request, dispute_id: str, ground: Ground, officer: Compliance, services: ServicesOf
) -> Response:
    """No more than came back can be had."""
    services.disputes.desk.end(dispute_id, ground, officer.officer_id)
    return done(request, f"/disputes/{dispute_id}", "dispute-ended")


@router.post("/disputes/{dispute_id}/holds/{hold_id}/release")
def release(
    request: Request,
    dispute_id: str,
    hold_id: str,
    ground: Ground,
    officer: Compliance,
    services: ServicesOf,
) -> Response:
    """Whoever holds it has nothing to do with it."""
    services.disputes.desk.let_go(dispute_id, hold_id, ground, officer.officer_id)
    return done(request, f"/disputes/{dispute_id}", "hold-released")


@router.post("/disputes/{dispute_id}/holds/{hold_id}/take")
def take(
    request: Request,
    dispute_id: str,
    hold_id: str,
    ground: Ground,
    officer: Compliance,
    services: ServicesOf,
) -> Response:
    """Asks; a second officer signs, the ledger announces."""
    services.disputes.takings.ask(dispute_id, hold_id, officer.officer_id, checked_ground(ground))
    return done(request, "/approvals", "asked")


@router.post("/disputes/{dispute_id}/holds/{hold_id}/execute")
def execute(
    request: Request, dispute_id: str, hold_id: str, officer: Compliance, services: ServicesOf
) -> Response:
    """The announced transfer's delay has passed."""
    services.disputes.takings.execute(dispute_id, hold_id, officer.officer_id)
    return done(request, f"/disputes/{dispute_id}", "forced-executed")


def dispute_asked_in_words(
    act: str, details: Mapping[str, Any], who: str, messages: Catalogue
) -> tuple[str, str] | None:
    """What an act about a dispute is, as a question, and what signing it does; None for other acts."""
    if act not in QUESTIONS:
        return None
    amount = format_amount(int(details["amount_cents"]), messages.language)
    title = messages.gettext(QUESTIONS[act]).replace("{amount}", amount)
    return title, messages.gettext(EFFECTS[act]).replace("{who}", who)


def _where(dispute_id: str, what: str, *, is_done: bool) -> tuple[str, str]:
    return (f"/disputes/{dispute_id}", what) if is_done else ("/approvals", "asked")


def _refusals(case: DisputeCase) -> list[str]:
    """Why the ledger would not hold what it was told to."""
    return sorted({failure for _, _, failure in case.wanted.values() if failure})


def _last_takings(case: DisputeCase) -> dict[str, ForcedTransfer]:
    """Hold -> the order that was last asked for there."""
    return {taking.hold_id: taking for taking in case.takings if taking.hold_id}
