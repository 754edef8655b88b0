"""The bank's reports: a picture of their balances, then each with how it joins the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.bank_words import (
    CONTINUITY_WORDS,
    KIND_WORDS,
    STATEMENT_STATE_WORDS,
    reason_word,
)
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.charts import BalanceStep
from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.numbers import Pictures
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.oversight.decisions import checked_ground
from wallet_service.territory.currency import LOCAL_ZONE
from wallet_service.treasury.statements import HELD_LINES_SHOWN, StatementView
from wallet_service.treasury.unmatched import TWO_OFFICERS_FROM_CENTS

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Treasurer = Annotated[OfficerSession, Depends(officer_with("treasury"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_MARK_CHARACTERS = 50
#: How the picture joins a statement to the one before; one that overlaps it is neither tied nor broken off.
JOINS: dict[str, Literal["tie", "gap"]] = {"first": "tie", "follows": "tie", "broken": "gap"}


@router.get("/statements")
def statements(request: Request, officer: Observer, services: ServicesOf, after: str = "") -> HTMLResponse:
    """Newest first; the picture is of the same ones, oldest first."""
    language = language_of(request)
    messages = catalogue(language)
    page = services.statement_finder.page(after[:MAX_MARK_CHARACTERS])
    pictures = Pictures(language, messages, "€")
    balanced = [each for each in reversed(page.statements) if _has_balances(each)]
    steps = _steps(balanced)
    highest_cents = max((max(step.opening, step.closing) for step in steps), default=0)
    return console_page(
        request,
        "console/statements.html",
        officer,
        {
            "statements": page.statements,
            "older": f"/statements?after={page.next}" if page.next else None,
            "is_later_page": bool(after),
            "picture": pictures.balances([_day(each) for each in balanced], steps) if balanced else None,
            "picture_unit": pictures.axis_unit(highest_cents),
            "may_act": "treasury" in officer.rights,
            "asked": services.bank.asked_statements(),
            "held_lines_shown": HELD_LINES_SHOWN,
            "two_officers_from_cents": TWO_OFFICERS_FROM_CENTS,
            "kind_words": KIND_WORDS,
            "continuity_words": CONTINUITY_WORDS,
            "state_words": STATEMENT_STATE_WORDS,
            "code_word": lambda code: reason_word(code, messages),
        },
    )


@router.post("/statements/{statement_row_id}/accept")
def accept(
    request: Request, statement_row_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Its entries are new ones: what names a member is minted, the rest waits; a large one takes two."""
    if services.bank.accept_statement(statement_row_id, officer.officer_id, checked_ground(ground)):
        return done(request, "/statements", "statement-accepted")
    return done(request, "/approvals", "asked")


@router.post("/statements/{statement_row_id}/dismiss")
def dismiss(
    request: Request, statement_row_id: str, ground: Ground, officer: Treasurer, services: ServicesOf
) -> Response:
    """Its entries were read before under other names: none counts."""
    services.bank.dismiss_statement(statement_row_id, officer.officer_id, checked_ground(ground))
    return done(request, "/statements", "statement-dismissed")


def _has_balances(view: StatementView) -> bool:
    """A statement that counts: one that was held or set aside is no step of the account."""
    is_counted = view.kind == "statement" and view.state not in ("held", "dismissed")
    return is_counted and view.opening_cents is not None and view.closing_cents is not None


def _steps(views: Sequence[StatementView]) -> list[BalanceStep]:
    return [
        BalanceStep(view.opening_cents or 0, view.closing_cents or 0, JOINS.get(view.continuity, ""))
        for view in views
    ]


def _day(view: StatementView) -> str:
    return datetime.fromtimestamp(view.as_of_unix_s, LOCAL_ZONE).date().isoformat()
