"""Figures as files: CSV for spreadsheets, JSON for programs. The same rows as the pages' tables."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import EXPORT_OF_OFFICER, check_officer
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.protocol.text.csv_text import Cell, csv_text
from wallet_service.reports.schemas import FigureAnswer

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
#: The journal's file holds at most this many entries, the newest.
MAX_JOURNAL_LINES = 10_000
JOURNAL_HEADER = (
    "id",
    "at_unix_ms",
    "actor_kind",
    "actor_id",
    "act",
    "subject_kind",
    "subject_id",
    "ground",
    "details",
    "previous_hash",
    "hash",
)


@router.get("/csv/journal.csv")
def journal_csv(request: Request, officer: Observer, services: ServicesOf) -> Response:
    """Newest first, with the hashes that chain them."""
    check_officer(request, EXPORT_OF_OFFICER, officer)
    rows = [_journal_row(entry) for entry in services.reports.journal.newest(MAX_JOURNAL_LINES)]
    return csv_answer("journal", csv_text(JOURNAL_HEADER, rows, language_of(request)))


@router.get("/csv/{name}.csv")
def figure_csv(request: Request, name: str, officer: Observer, services: ServicesOf) -> Response:
    """One figure; cells that a spreadsheet would take for a formula are disarmed."""
    check_officer(request, EXPORT_OF_OFFICER, officer)
    return csv_answer(name, services.reports.figures.figure(name).to_csv(language_of(request)))


@router.get("/figures/{name}.json")
def figure_json(name: str, officer: Observer, services: ServicesOf) -> FigureAnswer:
    """One figure as the pictures are drawn from it."""
    return FigureAnswer.model_validate(services.reports.figures.figure(name).to_json())


def _journal_row(entry: Any) -> tuple[Cell, ...]:
    subject = (entry.subject.kind, entry.subject.subject_id) if entry.subject else (None, None)
    details = json.dumps(dict(entry.details), sort_keys=True, ensure_ascii=False)
    return (
        entry.id,
        entry.at_unix_ms,
        entry.actor.kind,
        entry.actor.actor_id,
        entry.act,
        *subject,
        entry.ground,
        details,
        entry.previous_hash,
        entry.hash,
    )


def csv_answer(name: str, text: str) -> Response:
    """A file a spreadsheet opens."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
