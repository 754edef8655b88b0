"""The console's first pages: overview, supply and reserve, network. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from wallet_service.audit.models import Code
from wallet_service.faces.console.view import MENU, ROW_WORDS, console_page
from wallet_service.faces.shell import charts
from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.numbers import Pictures, percent, weekday
from wallet_service.faces.shell.reserve import percent_or_none, reserve_context
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.reports.models import QUEUE_WORDS
from wallet_service.reports.repository import QueueSummary


def _(text: str) -> str:
    """Marks a sentence for the catalogues."""
    return text


router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]

MAX_SHARES_SHOWN = 5
ALL_OTHERS = _("Tous les autres")
MAX_ALARMS_SHOWN = 20
#: What disagrees, by the auditor's code.
ALARM_WORDS = {
    Code.BALANCE: _("Un solde n’est pas la somme de ses mouvements."),
    Code.SUM: _("Les soldes ne font pas zéro avec ce que l’émetteur a émis."),
    Code.MINTS: _("Ce qui est émis n’est pas ce qui est crédité pour des euros reçus."),
    Code.JOURNAL_BROKEN: _("Une écriture du journal ne suit pas de la précédente."),
    Code.JOURNAL_CUT: _("Une écriture du journal a disparu, ou en est une autre."),
    Code.ANCHOR_MISSING: _("Le registre n’a pas l’empreinte du journal que nous y avions déposée."),
    Code.ANCHOR_LATE: _("L’empreinte du journal n’a pas été déposée au registre depuis deux jours."),
    Code.CHAIN_MINT: _("Une émission au registre n’a pas de virement reçu."),
    Code.CHAIN_TRANSACTION: _("Une de nos clés a signé une transaction qui n’est pas de nous."),
    Code.CHAIN_NONCE: _("Une de nos clés a signé plus de transactions que nous."),
    Code.CHAIN_SUPPLY: _("La masse au registre n’est pas la nôtre."),
    Code.CHAIN_RESERVE: _("La réserve attestée au registre n’est pas la nôtre."),
    Code.CHAIN_BALANCE: _("Un solde n’est pas celui du registre."),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of what waits for a person."""

    name: str
    word: str
    path: str
    waiting: QueueSummary


@router.get("/")
def overview(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """What the Region wants to know first, as pictures."""
    figures, language = services.reports.figures, language_of(request)
    messages = catalogue(language)
    pictures = Pictures(language, messages, request.app.state.currency["unit_many"])
    activity, today, payments = figures.activity(), figures.today(), figures.figure("payments")
    sectors, departments = figures.figure("sectors"), figures.figure("departments")
    head = services.watches.pulse.head()
    return console_page(
        request,
        "console/overview.html",
        officer,
        {
            **reserve_context(request, services),
            "today": today,
            "weekday_name": weekday(today.weekday, messages),
            "activity": activity,
            "respent": percent_or_none(activity.respent_basis_points, language),
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
            "alarms": services.audit.findings.standing()[:MAX_ALARMS_SHOWN],
            "alarm_words": ALARM_WORDS,
            "block": figures.last_block(),
            "chain_profile": services.settings.chain_profile,
            "chain_answers": head is not None,
            "nodes": services.watches.nodes.last(),
            "ends": services.watches.ends.last() if services.watches.ends else None,
        },
    )


@router.get("/reserve")
def reserve(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Is every unit covered, and how it went."""
    figures, language = services.reports.figures, language_of(request)
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
            "shortfall": services.reversals.cases.shortfall(),
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
    head = services.watches.pulse.head()
    return console_page(
        request,
        "console/network.html",
        officer,
        {
            "block": services.reports.figures.last_block(),
            "head": head,
            "chain_answers": head is not None,
            "nodes": services.watches.nodes.last(),
            "ends": services.watches.ends.last() if services.watches.ends else None,
            "chain_profile": services.settings.chain_profile,
            "ledger": services.chain.ledger_address(),
            "chain_id": services.chain.domain().chain_id,
            "outbox": services.reports.figures.outbox(),
            "quarantined": services.reports.figures.quarantined(),
            "row_words": ROW_WORDS,
        },
    )


def _todo(queues: dict[str, QueueSummary]) -> list[Todo]:
    """What waits, the oldest first; each leads to the page that shows it."""
    paths = {queue: item.path for item in MENU for queue in item.queues}
    waiting = [
        Todo(name, QUEUE_WORDS[name], paths[name], found) for name, found in queues.items() if found.count
    ]
    return sorted(waiting, key=lambda line: line.waiting.oldest_unix_ms or 0)


def _with_bars(rows: tuple[tuple[Any, ...], ...], share_column: int) -> list[tuple[Any, Any]]:
    """The largest rows and one for all the others, each with its bar: a full bar is the whole."""
    shown, others = rows[:MAX_SHARES_SHOWN], rows[MAX_SHARES_SHOWN:]
    if others:
        shown = (*shown, tuple(_together(cells) for cells in zip(*others, strict=True)))
    return [(row, charts.bar(row[share_column] or 0, number)) for number, row in enumerate(shown, 1)]


def _together(cells: tuple[Any, ...]) -> Any:
    """Numbers are added up; what they are of is "all others"."""
    if all(isinstance(cell, int) or cell is None for cell in cells):
        return sum(cell or 0 for cell in cells)
    return ALL_OTHERS
