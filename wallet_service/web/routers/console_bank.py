"""Euros in the console: credits nobody claimed, top-ups that wait, redemptions and their payout files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from wallet_service.bank.errors import EntryUnknown
from wallet_service.bank.payouts import PayoutFile
from wallet_service.supervision.decisions import checked_ground
from wallet_service.supervision.members_view import MAX_QUERY_CHARACTERS
from wallet_service.web.console_view import (
    TIER_WORDS,
    console_page,
    done,
    held_reason,
    officer_names,
    pill,
)
from wallet_service.web.i18n import Catalogue, catalogue, language_of
from wallet_service.web.security import OfficerSession, ServicesOf, officer_with

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Treasurer = Annotated[OfficerSession, Depends(officer_with("treasury"))]
Ground = Annotated[str, Form(max_length=400)]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: state -> (pill's class, icon, word). icons: clock lock send check undo-2 x ban pen-line
REDEMPTION_PILLS = {
    "requested": ("wait", "clock", _("demandée")),
    "locked": ("wait", "lock", _("à préparer")),
    "in_file": ("wait", "pen-line", _("à signer")),
    "exported": ("wait", "send", _("à la banque")),
    "paid": ("paid", "check", _("payée")),
    "returning": ("wait", "undo-2", _("retour en cours")),
    "returned": ("refunded", "undo-2", _("rendue")),
    "refused": ("refused", "x", _("refusée")),
}
PAYOUT_PILLS = {
    "prepared": ("wait", "pen-line", _("à signer")),
    "approved": ("wait", "send", _("à la banque")),
    "done": ("paid", "check", _("exécuté")),
    "cancelled": ("cancelled", "ban", _("annulé")),
}
#: ISO 20022 external return reasons that a bank gives for a transfer it could not pay.
RETURN_REASONS = {
    "AC01": _("compte inexact"),
    "AC04": _("compte clos"),
    "AC06": _("compte bloqué"),
    "AG01": _("opération interdite sur ce compte"),
    "BE04": _("adresse du bénéficiaire manquante"),
    "MD07": _("titulaire décédé"),
    "MS02": _("refusé par le bénéficiaire"),
    "MS03": _("raison non précisée"),
    "RC01": _("banque inconnue"),
    "RR04": _("raison réglementaire"),
}
STEPS = (
    ("locked", _("à préparer")),
    ("in_file", _("à signer")),
    ("exported", _("à la banque")),
    ("paid", _("payées")),
    ("returned", _("rendues")),
)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    word: str
    count: int
    cents: int


@router.get("/unmatched")
def unmatched(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Both queues of euros that are not units yet. Who sent them is shown to the treasury only."""
    words, may_act = catalogue(language_of(request)), "treasury" in officer.rights
    movements = services.bank.list_unmatched() if may_act else []
    held = services.topups.list_held()
    return console_page(
        request,
        "console/unmatched.html",
        officer,
        {
            "movements": movements,
            "held": held,
            "lines": services.supervision.members.lines(topup.member_id for topup in held),
            "may_act": may_act,
            "reason": lambda code: held_reason(code, words),
        },
    )


@router.get("/unmatched/{entry_id}")
def unmatched_entry(
    request: Request, entry_id: str, officer: Treasurer, services: ServicesOf, q: str = ""
) -> HTMLResponse:
    """One credit, and the search for whose it is."""
    found = [entry for entry in services.bank.list_unmatched() if entry.id == entry_id]
    if not found:
        raise EntryUnknown()
    asked = q[:MAX_QUERY_CHARACTERS]
    return console_page(
        request,
        "console/unmatched_entry.html",
        officer,
        {
            "entry": found[0],
            "q": asked,
            "found": services.supervision.members.search(asked, 20) if asked.strip() else [],
            "tier_words": TIER_WORDS,
        },
    )


@router.post("/unmatched/{entry_id}/resolve")
def resolve(
    request: Request,
    entry_id: str,
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
    member_id: Annotated[str, Form(max_length=32)],
) -> Response:
    """The credit is that member's: its mint is queued."""
    services.bank.resolve_unmatched(entry_id, member_id, officer.officer_id, checked_ground(ground))
    return done(request, "/unmatched", "resolved")


@router.post("/unmatched/{entry_id}/return")
def return_entry(
    request: Request, entry_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Nothing is minted."""
    services.bank.return_unmatched(entry_id, officer.officer_id, checked_ground(ground))
    return done(request, "/unmatched", "returned")


@router.post("/held/{topup_id}/return")
def return_held(
    request: Request, topup_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """A held top-up goes back to its sender."""
    services.topups.return_held(topup_id, officer.officer_id, checked_ground(ground))
    return done(request, "/unmatched", "returned")


@router.get("/payouts")
def payouts(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Redemptions and payout files by state."""
    words = catalogue(language_of(request))
    redemptions = services.redemptions.list_redemptions()
    files = services.payouts.list_payout_files(20)
    steps = _steps(redemptions)
    people = [name for file in files for name in (file.prepared_by, file.approved_by) if name]
    return console_page(
        request,
        "console/payouts.html",
        officer,
        {
            "steps": steps,
            "ready": steps[0] if steps[0].count else None,
            "files": files,
            "redemptions": redemptions,
            "names": officer_names(services, people),
            "may_act": "treasury" in officer.rights,
            "payout_pill": lambda file: payout_pill(file, words),
            "return_reason": lambda code: return_reason(code, words),
            "redemption_pill": lambda state: pill(REDEMPTION_PILLS, str(state), words),
        },
    )


@router.post("/payouts/prepare")
def prepare(request: Request, officer: Treasurer, services: ServicesOf) -> Response:
    """Every locked redemption into one file."""
    services.payouts.prepare_payout(officer.officer_id)
    return done(request, "/payouts", "prepared")


@router.post("/payouts/{payout_file_id}/approve")
def approve(request: Request, payout_file_id: str, officer: Treasurer, services: ServicesOf) -> Response:
    """The second officer lets it go to the bank."""
    services.payouts.approve_payout(payout_file_id, officer.officer_id)
    return done(request, "/approvals", "approved")


@router.post("/payouts/{payout_file_id}/cancel")
def cancel(
    request: Request, payout_file_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Its redemptions wait for the next file."""
    services.payouts.cancel_payout(payout_file_id, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "cancelled")


def _steps(redemptions: Any) -> list[Step]:
    """How many redemptions are at each step, and for how much is paid out."""
    groups: dict[str, list[int]] = {name: [] for name, _word in STEPS}
    for each in redemptions:
        in_file = each.state.value == "locked" and each.payout_file_id is not None
        groups.get("in_file" if in_file else each.state.value, []).append(each.net_cents)
    return [Step(name, word, len(groups[name]), sum(groups[name])) for name, word in STEPS]


def payout_pill(file: PayoutFile, words: Catalogue) -> Markup:
    """A signed file is done when the bank has said something about each of its transfers."""
    is_done = file.state == "approved" and all(
        line.state not in ("locked", "exported") for line in file.lines
    )
    return pill(PAYOUT_PILLS, "done" if is_done else file.state, words)


def return_reason(code: str, words: Catalogue) -> str:
    """What the bank's code says, the code beside it for whoever calls the bank."""
    word = RETURN_REASONS.get(code)
    return f"{words.gettext(word)} ({code})" if word else code
