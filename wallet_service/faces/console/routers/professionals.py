"""Registering a member as a professional, and the communes offered while an officer types one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from wallet_service.faces.console.view import done
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.members.decisions import Kind
from wallet_service.members.professionals import ProfessionalDetails
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import Actor
from wallet_service.territory import commune_code_of, find_communes

router = APIRouter(include_in_schema=False)
IdentityOfficer = Annotated[OfficerSession, Depends(officer_with("identity"))]

MAX_COMMUNES_OFFERED = 12
MAX_FIELD_CHARACTERS = 400


class ProfessionalForm(BaseModel):
    """As typed; what is wrong with it is the service's to say."""

    kind: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    public_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    description: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    siret: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    sector: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    commune: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    given_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    family_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    ground: str = Field("", max_length=MAX_FIELD_CHARACTERS)

    def details(self) -> ProfessionalDetails:
        """A kind or a commune nobody knows becomes one the service refuses."""
        return ProfessionalDetails(
            kind=Kind(self.kind) if self.kind in set(Kind) else Kind.RESIDENT,
            public_name=self.public_name,
            description=self.description,
            siret=self.siret,
            sector=self.sector,
            commune_code=commune_code_of(self.commune) or "",
            representative_given_name=self.given_name,
            representative_family_name=self.family_name,
        )


@router.post("/members/{member_id}/professional")
def register_professional(
    request: Request,
    member_id: str,
    form: Annotated[ProfessionalForm, Form()],
    officer: IdentityOfficer,
    services: ServicesOf,
) -> Response:
    """The papers were seen; the ledger writes it, the member's app shows it."""
    services.members.register_professional(
        member_id, form.details(), checked_ground(form.ground), Actor("officer", officer.officer_id)
    )
    return done(request, f"/members/{member_id}", "registered")


@router.get("/communes")
def offered_communes(
    officer: IdentityOfficer, commune: Annotated[str, Query(max_length=MAX_FIELD_CHARACTERS)] = ""
) -> HTMLResponse:
    """Options of a datalist, for what is typed so far."""
    option = Markup('<option value="{} {}"></option>')
    found = find_communes(commune, MAX_COMMUNES_OFFERED)
    return HTMLResponse(Markup("").join(option.format(code, name) for code, name in found))
