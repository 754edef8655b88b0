"""What officers decide about payouts line by line, and end by hand when the bank's files do not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.payout_words import return_proposal_word
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.oversight.decisions import checked_ground
from wallet_service.protocol.text.money import parse_amount
from wallet_service.treasury.payouts.acts import Then

router = APIRouter(include_in_schema=False)
Treasurer = Annotated[OfficerSession, Depends(officer_with("treasury"))]
Ground = Annotated[str, Form(max_length=400)]
#: A file and one of its redemptions: ``id:0x…``.
Line = Annotated[str, Form(max_length=120)]
Ref = Annotated[str, Form(max_length=66)]
MAX_CHOSEN = 500


@router.post("/payouts/{payout_file_id}/check")
def check_names(request: Request, payout_file_id: str, officer: Treasurer, services: ServicesOf) -> Response:
    """The bank checks the names of an order nobody has signed yet; nothing is paid."""
    services.payouts.ask_check(payout_file_id, officer.officer_id)
    return done(request, "/payouts", "check-asked")


@router.post("/payouts/lines/accept")
def accept_payee(
    request: Request, line: Line, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """The transfer goes though the bank knows its account under another name."""
    payout_file_id, _, ref = line.partition(":")
    services.payouts.accept_payee(payout_file_id, ref, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "payee-accepted")


@router.post("/payouts/lines/take-out")
def take_out(
    request: Request, line: Line, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Out of the order; what becomes of it is decided next."""
    payout_file_id, _, ref = line.partition(":")
    services.payouts.take_out(payout_file_id, ref, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "line-out")


@router.post("/payouts/held/again")
def pay_again(
    request: Request, ref: Ref, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Into the next order."""
    services.payout_acts.pay_again(ref, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "line-again")


@router.post("/payouts/held/give-back")
def give_back(
    request: Request, ref: Ref, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Its units return to the professional, who may ask again."""
    services.payout_acts.give_back(ref, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "given-back")


@router.post("/payouts/refused")
def bank_refused(
    request: Request,
    ref: Ref,
    then: Annotated[Then, Form()],
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
) -> Response:
    """Asks; another officer signs."""
    services.payout_acts.ask_bank_refused(ref, then, officer.officer_id, checked_ground(ground))
    return done(request, "/approvals", "asked")


@router.post("/payouts/{payout_file_id}/withhold")
def withhold(
    request: Request, payout_file_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Keeps a signed order from the bank; another officer cancels it, or it goes after all."""
    services.payout_acts.ask_cancel(payout_file_id, officer.officer_id, checked_ground(ground))
    return done(request, "/approvals", "withheld")


@router.post("/payouts/answers/note")
def note_answer(
    request: Request,
    answer_id: Annotated[str, Form(max_length=32)],
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
) -> Response:
    """Somebody has seen what the bank said."""
    services.payout_acts.settle_unplaced(answer_id, officer.officer_id, checked_ground(ground))
    return done(request, "/payouts", "answer-noted")


@router.get("/payouts/debits/{entry_id}")
def debit(request: Request, entry_id: str, officer: Treasurer, services: ServicesOf) -> HTMLResponse:
    """A debit nothing matched, and the conversions it may pay."""
    entry = services.payout_proposals.movement(entry_id, "DBIT")
    unpaid = services.payout_proposals.unpaid()
    context = {
        "entry": entry,
        "proposals": services.payout_proposals.for_debit(entry),
        "unpaid": unpaid,
        "by_ref": {each.ref: each for each in unpaid},
    }
    return console_page(request, "console/payout_debit.html", officer, context)


@router.post("/payouts/debits/{entry_id}")
def debit_pays(
    request: Request,
    entry_id: str,
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
    refs: Annotated[list[str], Form(max_length=MAX_CHOSEN)],
    difference: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Asks; another officer signs."""
    services.payout_acts.ask_debit_pays(
        entry_id, refs, officer.officer_id, checked_ground(ground), _signed_cents(difference)
    )
    return done(request, "/approvals", "asked")


@router.get("/payouts/returns/{entry_id}")
def credit_back(request: Request, entry_id: str, officer: Treasurer, services: ServicesOf) -> HTMLResponse:
    """A credit nothing matched, and the conversions it may return."""
    messages = catalogue(language_of(request))
    entry = services.payout_proposals.movement(entry_id, "CRDT")
    proposals = services.payout_proposals.for_credit(entry)
    context = {
        "entry": entry,
        "proposals": [(each, services.redemptions.one(each.ref)) for each in proposals],
        "word": lambda proposal: return_proposal_word(proposal, messages),
    }
    return console_page(request, "console/payout_return.html", officer, context)


@router.post("/payouts/returns/{entry_id}")
def credit_returns(
    request: Request,
    entry_id: str,
    ref: Ref,
    ground: Ground,
    officer: Treasurer,
    services: ServicesOf,
    is_whole: Annotated[bool, Form()] = False,
) -> Response:
    """Asks; another officer signs."""
    services.payout_acts.ask_credit_returns(
        entry_id, ref, officer.officer_id, checked_ground(ground), is_whole=is_whole
    )
    return done(request, "/approvals", "asked")


def _signed_cents(text: str) -> int:
    """What an officer writes as a difference, "" for none. Raises AmountInvalid."""
    typed = text.strip().replace("\N{MINUS SIGN}", "-")
    if not typed:
        return 0
    cents = parse_amount(typed.lstrip("-"), 0)
    return -cents if typed.startswith("-") else cents
