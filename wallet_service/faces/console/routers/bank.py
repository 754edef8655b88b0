"""Euros in the console: credits that wait for a second issuer, redemptions and their payout files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from wallet_service.faces.console.payout_words import (
    bank_reason,
    check_word,
    held_back_reason,
    match_pill,
    out_reason,
)
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import Catalogue, Language, catalogue, language_of
from wallet_service.faces.shell.rendering import state_pill
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.schema import MAX_EXACT_INTEGER
from wallet_service.treasury.payouts.acts import REFUSED_ACT
from wallet_service.treasury.payouts.models import PayoutFile

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Treasurer = Annotated[OfficerSession, Depends(officer_with("treasury"))]
Ground = Annotated[str, Form(max_length=400)]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: The rest is in the list of all payouts.
NEWEST_SHOWN = 20
#: Why the ledger would not end a redemption.
TROUBLE_REASONS = {
    "ledger.AccessManagedUnauthorized": _("la clé de l’émetteur n’a pas ce droit au registre"),
    "ledger.Panic": _("les soldes du registre ne le permettent pas"),
    "ledger.unknown": _("le registre a refusé sans dire pourquoi"),
}
STEPS = (
    ("locked", _("à préparer")),
    ("held_back", _("à décider")),
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


@router.post("/proposals/{topup_id}/approve")
def approve_mint(request: Request, topup_id: str, officer: Treasurer, services: ServicesOf) -> Response:
    """The second issuer's word on a credit too large for one."""
    services.topups.large.approve(topup_id, officer.officer_id)
    return done(request, "/approvals", "approved")


@router.post("/proposals/{topup_id}/withdraw")
def withdraw_mint(
    request: Request, topup_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Nothing is minted; the euros wait to be sent back."""
    services.topups.large.withdraw(topup_id, officer.officer_id, checked_ground(ground))
    return done(request, "/unmatched", "mint-withdrawn")


@router.get("/payouts")
def payouts(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Redemptions and payout files by state."""
    messages = catalogue(language_of(request))
    redemptions = services.redemptions.list_redemptions(None, NEWEST_SHOWN)
    troubles = services.redemptions.list_in_trouble()
    files = services.payouts.list_payout_files(20)
    steps = _steps(services.redemptions.sums_by_step())
    people = [name for file in files for name in (file.prepared_by, file.approved_by) if name]
    return console_page(
        request,
        "console/payouts.html",
        officer,
        {
            "steps": steps,
            "ready": steps[0] if steps[0].count else None,
            "files": files,
            "undecided": services.payouts.undecided_handovers(),
            "redemptions": redemptions,
            "newest_shown": NEWEST_SHOWN,
            "troubles": troubles,
            "unclaimed": services.redemptions.list_unclaimed(),
            "held_back": services.redemptions.list_held_back(),
            "held_back_reason": lambda code: held_back_reason(code, messages),
            "answers": services.payout_acts.list_unplaced(),
            "refusals_asked": services.payout_acts.waiting(REFUSED_ACT),
            "bank_reason": lambda code: bank_reason(code, messages),
            "out_reason": lambda line: out_reason(line, messages),
            "match_pill": lambda line: match_pill(line, messages.language),
            "trouble_reason": lambda code: trouble_reason(code, messages),
            "names": services.officers.names(people),
            "may_act": "treasury" in officer.rights,
            "payout_pill": lambda file: payout_pill(file, messages.language),
            "check_word": lambda file: check_word(file, messages),
        },
    )


@router.post("/payouts/prepare")
def prepare(request: Request, officer: Treasurer, services: ServicesOf) -> Response:
    """Every locked redemption into one file."""
    services.payouts.prepare_payout(officer.officer_id)
    return done(request, "/payouts", "prepared")


@router.post("/payouts/{payout_file_id}/approve")
def approve(
    request: Request,
    payout_file_id: str,
    officer: Treasurer,
    services: ServicesOf,
    shown_count: Annotated[int | None, Form(ge=0, le=MAX_EXACT_INTEGER)] = None,
) -> Response:
    """The second officer lets it go to the bank; `shown_count` transfers stood in the dialog."""
    services.payouts.approve_payout(payout_file_id, officer.officer_id, shown_count)
    return done(request, "/approvals", "approved")


@router.post("/payouts/{payout_file_id}/cancel")
def cancel(
    request: Request, payout_file_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Its redemptions wait for the next file."""
    services.payouts.cancel_payout(payout_file_id, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "cancelled")


def _steps(sums: Mapping[str, tuple[int, int]]) -> list[Step]:
    """How many redemptions are at each step, and for how much is paid out."""
    return [Step(name, word, *sums.get(name, (0, 0))) for name, word in STEPS]


def payout_pill(file: PayoutFile, language: Language) -> Markup:
    """A signed file is done when the bank has said something about each of its transfers."""
    is_done = file.state == "approved" and all(
        line.state not in ("locked", "exported") for line in file.transfers
    )
    if file.is_withheld:
        return state_pill("payout", "withheld", language)
    return state_pill("payout", "done" if is_done else file.state, language)


def trouble_reason(code: str, messages: Catalogue) -> str:
    """Why the ledger refused, in words; its own name beside them, or alone, for whoever looks into it."""
    name = code.removeprefix("ledger.")
    word = TROUBLE_REASONS.get(code)
    return f"{messages.gettext(word)} ({name})" if word else name
