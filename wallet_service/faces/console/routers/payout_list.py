"""Every payout in euros by page, by state and day, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.payout_words import bank_reason
from wallet_service.faces.console.routers.figures import csv_answer
from wallet_service.faces.console.view import console_page
from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.rate_limits import EXPORT_OF_OFFICER, check_officer
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.protocol.text.csv_text import Cents, CsvCell, csv_text
from wallet_service.reports.decisions import day_start_unix_s
from wallet_service.reports.payouts import MAX_PAGES, PAGE_LENGTH, ListedPayout, PayoutFilter
from wallet_service.ui.states import state_view, state_views

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]

#: The file holds at most this many payouts, the newest.
MAX_CSV_LINES = 10_000
CSV_HEADER = (
    "reference",
    "member_id",
    "public_name",
    "amount_eur",
    "fee_eur",
    "paid_eur",
    "state",
    "requested_at_unix_ms",
    "closed_at_unix_ms",
    "order",
    "bank_reason",
)
#: Every state a payout may be in, as officers call it.
STEPS = tuple(state_views()["redemption_for_officers"])


@dataclass(frozen=True, slots=True)
class ChosenPayouts:
    """The filters as the form and the address hold them; what cannot be read is none."""

    state: str
    since: str
    until: str

    @classmethod
    def of(cls, request: Request) -> ChosenPayouts:
        asked = request.query_params
        state = asked.get("state", "")
        days = (_iso_day(asked.get(name, "")) for name in ("from", "until"))
        return cls(state if state in STEPS else "", *days)

    def filter(self) -> PayoutFilter:
        return PayoutFilter(self.state, _day_ms(self.since, 0), _day_ms(self.until, 1))

    def query(self, page: int = 1) -> str:
        fields = {"state": self.state, "from": self.since, "until": self.until}
        kept = {name: value for name, value in fields.items() if value}
        if page > 1:
            kept["page"] = str(page)
        return f"?{urlencode(kept)}" if kept else ""

    def link(self, page: int = 1) -> str:
        return "/payouts/all" + self.query(page)


@router.get("/payouts/all")
def all_payouts(
    request: Request,
    officer: Observer,
    services: ServicesOf,
    page: Annotated[int, Query(ge=1, le=MAX_PAGES)] = 1,
) -> HTMLResponse:
    """Newest request first, fifty at a time."""
    messages, chosen = catalogue(language_of(request)), ChosenPayouts.of(request)
    context = {
        "found": services.reports.payouts.page(chosen.filter(), page),
        "chosen": chosen,
        "steps": STEPS,
        "step_word": lambda step: state_view("redemption_for_officers", step).word(messages.language),
        "page_number": page,
        "page_length": PAGE_LENGTH,
        "bank_reason": lambda code: bank_reason(code, messages),
    }
    return console_page(request, "console/payout_list.html", officer, context)


@router.get("/csv/payouts.csv")
def payouts_csv(request: Request, officer: Observer, services: ServicesOf) -> Response:
    """What the same filters let through; no account, no holder's name."""
    check_officer(request, EXPORT_OF_OFFICER, officer)
    found = services.reports.payouts.newest(ChosenPayouts.of(request).filter(), MAX_CSV_LINES)
    return csv_answer("payouts", csv_text(CSV_HEADER, map(_csv_row, found), language_of(request)))


def _csv_row(line: ListedPayout) -> tuple[CsvCell, ...]:
    return (
        line.end_to_end_id,
        line.member_id,
        line.public_name,
        Cents(line.amount_cents),
        Cents(line.fee_cents),
        Cents(line.net_cents),
        line.step,
        line.requested_at_unix_ms,
        line.closed_at_unix_ms,
        line.batch,
        line.return_reason,
    )


def _iso_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _day_ms(day: str, later_days: int) -> int | None:
    """Local midnight of an ISO day, so many days later; None for none."""
    if not day:
        return None
    try:
        return day_start_unix_s(date.fromisoformat(day) + timedelta(days=later_days)) * 1000
    except (ValueError, OverflowError):
        return None
