"""The console's first pages: overview, supply and reserve, network. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.ports import Head
from wallet_service.supervision.figures import QUEUE_WORDS
from wallet_service.supervision.figures_repository import Waiting
from wallet_service.web import charts
from wallet_service.web.console_view import MENU, console_page
from wallet_service.web.figure_view import Pictures, percent, weekday, whole_units
from wallet_service.web.i18n import catalogue, language_of
from wallet_service.web.security import OfficerSession, ServicesOf, officer_with

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]

MAX_SHARES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of what waits for a person."""

    name: str
    word: str
    path: str
    waiting: Waiting


@router.get("/")
def overview(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """What the Region wants to know first, as pictures."""
    figures, language = services.supervision.figures, language_of(request)
    words = catalogue(language)
    pictures = Pictures(language, words, request.app.state.currency["unit_many"])
    activity, today, payments = figures.activity(), figures.today(), figures.figure("payments")
    sectors, departments = figures.figure("sectors"), figures.figure("departments")
    head = chain_head(services)
    return console_page(
        request,
        "console/overview.html",
        officer,
        {
            **reserve_context(request, services),
            "today": today,
            "weekday_name": weekday(today.weekday, words),
            "activity": activity,
            "respent": _percent_or_none(activity.respent_basis_points, language),
            "payments": payments,
            "volume_picture": pictures.volume(payments),
            "volume_unit": pictures.axis_unit(max(payments.values("volume_cents"))),
            "sectors_figure": sectors,
            "sectors": _with_bars(sectors.rows, 3),
            "departments_figure": departments,
            "departments": _with_bars(departments.rows, 5),
            "members_figure": figures.figure("members"),
            "show_share": lambda share: percent(share or 0, language, 0),
            "todo": _todo(figures.queues()),
            "block": figures.last_block(),
            "chain_profile": services.settings.chain_profile,
            "chain_answers": head is not None,
        },
    )


@router.get("/reserve")
def reserve(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Is every unit covered, and how it went."""
    figures, language = services.supervision.figures, language_of(request)
    pictures = Pictures(language, catalogue(language), request.app.state.currency["unit_many"])
    supply = figures.figure("supply-and-reserve")
    highest = max([*supply.values("supply_cents"), *(v for v in supply.values("reserve_cents") if v)])
    moved = max([*supply.values("minted_cents"), *supply.values("burned_cents")])
    return console_page(
        request,
        "console/reserve.html",
        officer,
        {
            **reserve_context(request, services),
            "supply_figure": supply,
            "supply_picture": pictures.supply_and_reserve(supply),
            "supply_unit": pictures.axis_unit(highest),
            "minted_picture": pictures.minted_and_burned(supply),
            "minted_unit": pictures.axis_unit(moved),
            "attestations": figures.figure("attestations"),
        },
    )


@router.get("/network")
def network(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Whether the ledger answers, and what is on its way to it."""
    head = chain_head(services)
    return console_page(
        request,
        "console/network.html",
        officer,
        {
            "block": services.supervision.figures.last_block(),
            "head": head,
            "chain_answers": head is not None,
            "chain_profile": services.settings.chain_profile,
            "ledger": services.chain.ledger_address(),
            "chain_id": services.chain.domain().chain_id,
            "outbox": services.supervision.figures.outbox(),
        },
    )


def reserve_context(request: Request, services: Any) -> dict[str, Any]:
    """The last attestation beside the supply, in numbers and as a bar. The public page shows the same."""
    language = language_of(request)
    reserve = services.supervision.figures.reserve()
    has_one = reserve.reserve_cents is not None
    return {
        "reserve": reserve,
        "coverage": _percent_or_none(reserve.coverage_basis_points, language),
        "reserve_units": whole_units(reserve.reserve_cents, language) if has_one else "–",
        "supply_units": whole_units(reserve.supply_cents, language),
        "reserve_picture": charts.reserve_bar(reserve.supply_cents, reserve.reserve_cents) if has_one else "",
    }


def chain_head(services: Any) -> Head | None:
    """None when the ledger does not answer."""
    try:
        head: Head = services.chain.head()
    except ChainUnavailable:
        return None
    return head


def _todo(queues: dict[str, Waiting]) -> list[Todo]:
    """What waits, the oldest first; each leads to the page that shows it."""
    paths = {queue: place.path for place in MENU for queue in place.queues}
    waiting = [
        Todo(name, QUEUE_WORDS[name], paths[name], found) for name, found in queues.items() if found.count
    ]
    return sorted(waiting, key=lambda line: line.waiting.oldest_unix_ms or 0)


def _with_bars(rows: tuple[tuple[Any, ...], ...], share_column: int) -> list[tuple[Any, Any]]:
    """The largest rows, each with its bar: as long as the largest share makes the longest one full."""
    shown = rows[:MAX_SHARES_SHOWN]
    largest = max((row[share_column] or 0 for row in shown), default=0)
    return [
        (row, charts.bar((row[share_column] or 0) * 10_000 // max(largest, 1), number))
        for number, row in enumerate(shown, 1)
    ]


def _percent_or_none(basis_points: int | None, language: Any) -> str | None:
    return None if basis_points is None else percent(basis_points, language)
