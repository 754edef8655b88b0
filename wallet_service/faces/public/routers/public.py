"""What anybody may know without an account: supply against the attested reserve, as a page and as JSON."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.public import history
from wallet_service.faces.public.region_map import region_map
from wallet_service.faces.shell.i18n import Language, catalogue, language_of
from wallet_service.faces.shell.numbers import count, whole_units
from wallet_service.faces.shell.rendering import BY_LANGUAGE_AND_THEME, page
from wallet_service.faces.shell.reserve import reserve_context
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.open_data.models import REGION_AREA
from wallet_service.reserve.schemas import ReserveAnswer
from wallet_service.territory import department_of
from wallet_service.territory.currency import DEPARTMENTS
from wallet_service.territory.geography import outline

router = APIRouter(tags=["public"])

SCRIPTS = Path(__file__).resolve().parents[4] / "scripts"
CACHE = {"Cache-Control": "public, max-age=5"}
#: What a town pastes into its own page.
EMBED_CODE = (
    '<iframe src="{origin}/embed" title="{name}" width="360" height="260" loading="lazy"'
    ' style="border:0;max-width:100%"></iframe>'
)


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@router.api_route("/public", methods=["GET", "HEAD"], include_in_schema=False)
def reserve_page(request: Request, services: ServicesOf) -> HTMLResponse:
    """What the currency is, whether it is backed and has been, who is in it and where; commands last."""
    origin = str(request.app.state.origin)
    context = {
        **reserve_context(request, services),
        **_history(request, services),
        **_people(request, services),
        **_commands(services),
        "canonical": f"{origin}/public",
        "embed_code": EMBED_CODE.format(origin=origin, name=request.app.state.currency["name"]),
    }
    return page(request, "public/reserve.html", context, headers={**CACHE, **BY_LANGUAGE_AND_THEME})


def _history(request: Request, services: Any) -> dict[str, Any]:
    language = language_of(request)
    messages, unit = catalogue(language), str(request.app.state.currency["unit_many"])
    days = services.open_data.region_days(history.YEAR_DAYS)
    year = history.points_of(days, services.reports.figures.reserve())
    month = year[-history.MONTH_DAYS :]
    return {
        "month_picture": history.picture(month, language, messages, unit),
        "year_picture": history.picture(history.over_a_year(year), language, messages, unit),
        "month_unit": history.axis_unit(month, language, messages, unit),
        "year_unit": history.axis_unit(year, language, messages, unit),
        "month_rows": history.table_rows(month, language),
        "history_sentence": history.sentence(year, language, messages),
    }


def _people(request: Request, services: Any) -> dict[str, Any]:
    """Counts that may be told: of the last published day, of the published days, of the directory."""
    language = language_of(request)
    listings = services.listings.shown()
    days = services.open_data.days()
    month = [row for row in days if row.day > days[-1].day - timedelta(days=history.MONTH_DAYS)]
    region = [row for row in month if row.area == REGION_AREA]
    shops = Counter(department_of(listing.commune_code) for listing in listings)
    volumes: Counter[str] = Counter()
    for row in month:
        volumes[row.area] += row.volume_cents or 0
    return {
        "members_count": _told(region[-1].members_count if region else None, language),
        "shops_count": count(len(listings), language),
        "communes_count": count(len({listing.commune_code for listing in listings}), language),
        "payments_count": count(sum(row.payments_count or 0 for row in region), language),
        "areas": [
            (name, count(shops[code], language), whole_units(volumes[code], language))
            for code, name in DEPARTMENTS.items()
        ],
        "map": region_map(
            (listing.commune_code for listing in listings),
            catalogue(language).gettext(_("Carte des communes où il y a au moins un professionnel.")),
        ),
        "credit": outline().credited(language),
    }


def _told(number: int | None, language: Language) -> str:
    """Too few to be told is a dash."""
    return "–" if number is None else count(number, language)


def _commands(services: Any) -> dict[str, Any]:
    """With the node's address that strangers can reach, where the operator named one."""
    ledger, settings = services.chain.ledger_address(), services.settings
    where = f"--rpc {settings.public_rpc_url or settings.rpc_url.split(',')[0]} --ledger {ledger}"
    return {
        "ledger": ledger,
        "chain_id": services.chain.domain().chain_id,
        "command": f"python3 verify_reserve.py {where}",
        "receipt_command": f"python3 verify_payment.py receipt.json {where}",
        "node_is_public": bool(settings.public_rpc_url),
    }


class ScriptResponse(Response):
    """A program to keep and run, not a page."""

    media_type = "text/x-python"

    def __init__(self, name: str) -> None:
        headers = {**CACHE, "Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__((SCRIPTS / name).read_bytes(), headers=headers)


@router.get("/scripts/verify_reserve.py", include_in_schema=False)
def reserve_script() -> ScriptResponse:
    """The stranger's own check, so that nobody needs this repository for it."""
    return ScriptResponse("verify_reserve.py")


@router.get("/scripts/verify_payment.py", include_in_schema=False)
def payment_script() -> ScriptResponse:
    """The same for a receipt."""
    return ScriptResponse("verify_payment.py")


@router.get("/v1/public/reserve")
def reserve(services: ServicesOf) -> ReserveAnswer:
    """The last attestation beside the supply, from final blocks."""
    found = services.reports.figures.reserve()
    return ReserveAnswer(
        supply_cents=found.supply_cents,
        reserve_cents=found.reserve_cents,
        as_of_unix_s=found.as_of_unix_s,
        attested_at_unix_s=found.attested_at_unix_s,
        attestation_max_age_s=found.max_age_s,
        fresh_until_unix_s=found.fresh_until_unix_s,
        is_fresh=found.is_fresh,
        is_covered=found.is_covered,
        coverage_basis_points=found.coverage_basis_points,
        statement_hash=found.statement_hash,
        ledger=services.chain.ledger_address(),
        chain_id=services.chain.domain().chain_id,
    )
