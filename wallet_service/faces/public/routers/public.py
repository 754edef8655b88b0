"""What anybody may know without an account: supply against the attested reserve, as a page and as JSON."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.shell.rendering import page
from wallet_service.faces.shell.reserve import reserve_context
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.reserve.schemas import ReserveAnswer

router = APIRouter(tags=["public"])

SCRIPTS = Path(__file__).resolve().parents[4] / "scripts"
CACHE = {"Cache-Control": "public, max-age=5"}


@router.api_route("/public", methods=["GET", "HEAD"], include_in_schema=False)
def reserve_page(request: Request, services: ServicesOf) -> HTMLResponse:
    """One number, one bar, two dates, one command."""
    ledger = services.chain.ledger_address()
    where = f"--rpc {services.settings.rpc_url} --ledger {ledger}"
    context = {
        **reserve_context(request, services),
        "ledger": ledger,
        "chain_id": services.chain.domain().chain_id,
        "command": f"python3 verify_reserve.py {where}",
        "receipt_command": f"python3 verify_payment.py receipt.json {where}",
    }
    return page(request, "public/reserve.html", context, headers=CACHE)


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
