"""Reserve over supply in numbers and as a bar, as the console and the public page both show it."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from wallet_service.faces.shell import charts
from wallet_service.faces.shell.i18n import Language, language_of
from wallet_service.faces.shell.numbers import percent, whole_units


def reserve_context(request: Request, services: Any) -> dict[str, Any]:
    """The last attestation beside the supply, in numbers and as a bar."""
    language = language_of(request)
    reserve = services.reports.figures.reserve()
    has_one = reserve.reserve_cents is not None
    return {
        "reserve": reserve,
        "coverage": percent_or_none(reserve.coverage_basis_points, language),
        "reserve_units": whole_units(reserve.reserve_cents, language) if has_one else "–",
        "supply_units": whole_units(reserve.supply_cents, language),
        "reserve_picture": charts.reserve_bar(reserve.supply_cents, reserve.reserve_cents) if has_one else "",
    }


def percent_or_none(basis_points: int | None, language: Language) -> str | None:
    """``101,8 %``, or None where there is nothing to compare."""
    return None if basis_points is None else percent(basis_points, language)
