"""The list of members: filters that an address may hold, and a search that it may not."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from wallet_service.faces.console.member_words import KIND_LABELS, member_labels
from wallet_service.faces.console.view import TIER_LABELS, console_page
from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.rate_limits import SEARCH_OF_OFFICER, check_officer
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.languages.catalogues import said
from wallet_service.reports.members import FROZEN, MAX_FOUND, MAX_PAGES, MAX_QUERY_CHARACTERS, MemberFilter
from wallet_service.territory import SECTOR_GROUPS, communes, department_of, sectors
from wallet_service.territory.currency import DEPARTMENTS

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]

MAX_FIELD_CHARACTERS = 20


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


STATE_WORDS = {
    "active": _("actif"),
    "pending": _("inscription en cours"),
    FROZEN: _("gelé"),
    "closed": _("clos"),
}


@dataclass(frozen=True, slots=True)
class ChosenMembers:
    """The filters as the form and the address hold them, "" for none; what does not exist is none."""

    kind: str = ""
    tier: str = ""
    state: str = ""
    place: str = ""
    sector: str = ""
    near: str = ""

    def link(self, page: int = 1) -> str:
        fields = {name: value for name, value in asdict(self).items() if value}
        if page > 1:
            fields["page"] = str(page)
        return "/members" + (f"?{urlencode(fields)}" if fields else "")


class SearchForm(BaseModel):
    """Words are somebody's name or number: they stay out of addresses, histories and links."""

    q: str = Field("", max_length=MAX_QUERY_CHARACTERS)
    kind: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    tier: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    state: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    place: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    sector: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    near: str = Field("", max_length=MAX_FIELD_CHARACTERS)


@router.get("/members")
def members(
    request: Request,
    officer: Observer,
    services: ServicesOf,
    page: Annotated[int, Query(ge=1, le=MAX_PAGES)] = 1,
) -> HTMLResponse:
    """Newest first, fifty at a time; words in an address are not looked for."""
    return _listed(request, officer, services, _chosen(request.query_params), page=page)


@router.post("/members/search")
def search(
    request: Request, form: Annotated[SearchForm, Form()], officer: Observer, services: ServicesOf
) -> HTMLResponse:
    """The same list of what these words find; the address shows the filters alone."""
    check_officer(request, SEARCH_OF_OFFICER, officer)
    chosen = _chosen(form.model_dump())
    answer = _listed(request, officer, services, chosen, text=form.q)
    answer.headers["HX-Replace-Url"] = chosen.link()
    return answer


def _chosen(fields: Mapping[str, str]) -> ChosenMembers:
    known: dict[str, Container[str]] = {
        "kind": KIND_LABELS,
        "tier": TIER_LABELS,
        "state": STATE_WORDS,
        "place": {**DEPARTMENTS, **communes()},
        "sector": SECTOR_GROUPS,
        "near": {"yes"},
    }
    asked = {name: fields.get(name, "") for name in known}
    return ChosenMembers(**{name: value for name, value in asked.items() if value in known[name]})


def _listed(
    request: Request,
    officer: OfficerSession,
    services: Services,
    chosen: ChosenMembers,
    *,
    text: str = "",
    page: int = 1,
) -> HTMLResponse:
    language = language_of(request)
    limits = {tier: each.max_balance_cents for tier, each in services.accounts.limits().items()}
    divisions = tuple(each.division for each in sectors().values() if each.group == chosen.sector)
    wanted = MemberFilter(
        chosen.kind,
        chosen.tier,
        chosen.state,
        chosen.place,
        divisions if chosen.sector else None,
        chosen.near == "yes",
        limits,
    )
    found = services.reports.members.page(wanted, text, page)
    context = {
        "q": text,
        "found": found,
        "page_number": page,
        "page_length": MAX_FOUND,
        "chosen": chosen,
        "assisted": services.assisted.among(each.id for each in found.lines),
        "may_open": "identity" in officer.rights,
        "state_choices": STATE_WORDS,
        "places": _places(services.reports.members.communes()),
        "sector_groups": {name: said(language, *words) for name, words in SECTOR_GROUPS.items()},
        **member_labels(catalogue(language)),
    }
    return console_page(request, "console/members.html", officer, context)


def _places(codes: list[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(number, name, communes by name) of each département where somebody is."""
    found: dict[str, list[tuple[str, str]]] = {}
    for code in codes:
        found.setdefault(department_of(code), []).append((communes().get(code, code), code))
    return [
        (number, name, [(code, commune) for commune, code in sorted(found[number])])
        for number, name in sorted(DEPARTMENTS.items())
        if number in found
    ]
