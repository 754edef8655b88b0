"""The desk for people without a smartphone: an account opened, a card printed, movements and data given."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from wallet_service.asks.service import code_link
from wallet_service.assisted.models import Correction, HandedCard, NewAssisted, PaperKind, SeenPapers
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import Language, language_of
from wallet_service.faces.shell.listing_words import phone_text
from wallet_service.faces.shell.papers import PdfFile, issuing_of, qr_picture
from wallet_service.faces.shell.rate_limits import DOCUMENT_UPLOAD_OF_OFFICER, check_officer
from wallet_service.faces.shell.rendering import day_written
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with, services_of
from wallet_service.help.documents import terms_version
from wallet_service.history.printing import About, PaperOrder
from wallet_service.identity.documents import MAX_DOCUMENT_BYTES
from wallet_service.identity.states import Declaration
from wallet_service.languages.standards import month_text
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.journal import Actor
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.reports.decisions import local_day
from wallet_service.rights.service import HandedOver

router = APIRouter(include_in_schema=False)
IdentityOfficer = Annotated[OfficerSession, Depends(officer_with("identity"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_FIELD_CHARACTERS = 400
YEAR_CHARACTERS = 4
MONTHS_OFFERED = 13


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


PAPER_WORDS = {
    PaperKind.IDENTITY_CARD: _("Carte d’identité"),
    PaperKind.PASSPORT: _("Passeport"),
    PaperKind.RESIDENCE_PERMIT: _("Titre de séjour"),
    PaperKind.DRIVING_LICENCE: _("Permis de conduire"),
}


class PapersForm(BaseModel):
    """As typed; what is wrong with it is the service's to say."""

    paper: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    ending: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    seen: str = Field("", max_length=3)

    def papers(self) -> SeenPapers:
        return SeenPapers(self.paper, self.ending, was_seen=self.seen == "yes")


def papers_of(
    paper: Annotated[str, Form(max_length=MAX_FIELD_CHARACTERS)] = "",
    ending: Annotated[str, Form(max_length=MAX_FIELD_CHARACTERS)] = "",
    seen: Annotated[str, Form(max_length=3)] = "",
) -> PapersForm:
    """The same beside files, which a form's model does not take."""
    return PapersForm(paper=paper, ending=ending, seen=seen)


class OpeningForm(PapersForm):
    """Somebody in front of an officer."""

    form: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    given_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    family_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    birth_date: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    address: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    postal_code: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    city: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    telephone: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    terms: str = Field("", max_length=10)
    signed: str = Field("", max_length=3)
    another: str = Field("", max_length=3)

    def opening(self, language: str) -> NewAssisted:
        """`language`: the one the card is printed in, which is the officer's at that moment."""
        declared = Declaration(
            self.given_name,
            self.family_name,
            self.birth_date,
            self.address,
            self.postal_code,
            self.city,
        )
        return NewAssisted(
            self.form,
            declared,
            self.papers(),
            self.telephone,
            language,
            self.terms,
            self.signed == "yes",
            self.another == "yes",
        )


class CardForm(PapersForm):
    """A card made again."""

    ground: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    new_code: str = Field("", max_length=3)


class CorrectionForm(PapersForm):
    """A name or an address; what stays empty stays as it is."""

    ground: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    given_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    family_name: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    address: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    postal_code: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    city: str = Field("", max_length=MAX_FIELD_CHARACTERS)
    another: str = Field("", max_length=3)

    def correction(self) -> Correction:
        return Correction(
            self.given_name,
            self.family_name,
            self.address,
            self.postal_code,
            self.city,
            self.another == "yes",
        )


@router.get("/assisted")
def opening_form(request: Request, officer: IdentityOfficer) -> HTMLResponse:
    """Empty, with the number the account will have."""
    version = terms_version()
    context = {
        "form_id": new_id(),
        "terms_version": version,
        "terms_day": day_written(version, language_of(request)),
        "papers": PAPER_WORDS,
    }
    return console_page(request, "console/assisted_opening.html", officer, context)


@router.post("/assisted")
def open_account(
    request: Request,
    form: Annotated[OpeningForm, Form()],
    officer: IdentityOfficer,
    services: ServicesOf,
) -> Response:
    """The papers were seen; the answer is the paper to print, with a code that is shown this once."""
    card = services.assisted.open(form.opening(language_of(request)), officer.officer_id)
    services.reports.figures.forget()
    return _printed(request, officer, card)


@router.get("/assisted/{member_id}")
def desk(request: Request, member_id: str, officer: IdentityOfficer, services: ServicesOf) -> HTMLResponse:
    """What is done for the person in front of the officer; opens nothing that is sealed."""
    account = services.assisted.required(member_id)
    today = local_day(services.clock.now_unix_s())
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS_OFFERED)]
    return console_page(
        request,
        "console/assisted_desk.html",
        officer,
        {
            "account": account,
            "detail": services.reports.members.detail(member_id),
            "names": services.officers.names([account.opened_by, account.card_made_by]),
            "periods": [*(f"{year}-{month + 1:02d}" for year, month in months), str(today.year)],
            "papers": PAPER_WORDS,
            "period_word": lambda period: _period_word(period, language_of(request)),
            **_loading(request, member_id),
        },
    )


@router.post("/assisted/{member_id}/card")
def new_card(
    request: Request,
    member_id: str,
    form: Annotated[CardForm, Form()],
    officer: IdentityOfficer,
    services: ServicesOf,
) -> Response:
    """On papers seen again; the old code is dead. The QR that receives stays unless another is asked for."""
    card = services.assisted.new_card(member_id, form.papers(), form.ground, officer.officer_id)
    if form.new_code == "yes":
        services.people.contacts.new_code(member_id)
    return _printed(request, officer, card)


@router.post("/assisted/{member_id}/correct")
def correct(
    request: Request,
    member_id: str,
    form: Annotated[CorrectionForm, Form()],
    officer: IdentityOfficer,
    services: ServicesOf,
) -> Response:
    """On papers seen again; nothing of what was known is shown."""
    services.assisted.correct(member_id, form.correction(), form.papers(), form.ground, officer.officer_id)
    return done(request, f"/assisted/{member_id}", "assisted-corrected")


@router.post("/assisted/{member_id}/copies")
def copy_papers(
    request: Request,
    member_id: str,
    papers: Annotated[PapersForm, Depends(papers_of)],
    ground: Ground,
    officer: IdentityOfficer,
    services: ServicesOf,
    front: UploadFile,
    back: UploadFile | None = None,
) -> Response:
    """The original is in the officer's hand; another one decides on the copy."""
    check_officer(request, DOCUMENT_UPLOAD_OF_OFFICER, officer)
    sides = [side for side in (front, back) if side is not None and side.filename]
    copies = [side.file.read(MAX_DOCUMENT_BYTES + 1) for side in sides]
    services.assisted.copy_papers(member_id, copies, papers.papers(), ground, officer.officer_id)
    return done(request, f"/assisted/{member_id}", "assisted-copied")


@router.post("/assisted/{member_id}/statement")
def statement(
    request: Request,
    member_id: str,
    ground: Ground,
    officer: IdentityOfficer,
    services: ServicesOf,
    period: Annotated[str, Form(max_length=7, pattern=r"^\d{4}(-\d{2})?$")],
) -> Response:
    """A month's or year's movements as the person's own paper; who looked and why is in the journal."""

    def order() -> PaperOrder:
        return PaperOrder(_about(request, member_id, period), issuing_of(request), language_of(request))

    services.assisted.note_statement(member_id, period, ground, officer.officer_id)
    paper = services.papers.make(member_id, "pdf", order)
    return PdfFile(paper.content, paper.name, disposition="inline")


@router.post("/assisted/{member_id}/data")
def held_data(
    request: Request, member_id: str, ground: Ground, officer: IdentityOfficer, services: ServicesOf
) -> Response:
    """What is held of the person, on paper, for them (GDPR, article 15)."""
    services.assisted.required(member_id)
    given = HandedOver(Actor("officer", officer.officer_id), checked_ground(ground))
    paper = services.rights.as_pdf(member_id, issuing_of(request), language_of(request), given)
    return PdfFile(paper.content, paper.name, disposition="inline")


@router.post("/assisted/{member_id}/close")
def close(
    request: Request, member_id: str, ground: Ground, officer: IdentityOfficer, services: ServicesOf
) -> Response:
    """Ends an empty account at its owner's wish (GDPR, article 17)."""
    services.assisted.required(member_id)
    services.erasure.close(member_id, ground, Actor("officer", officer.officer_id))
    return done(request, f"/members/{member_id}", "assisted-closed")


def _about(request: Request, member_id: str, period: str) -> About:
    statements = services_of(request).statements
    if len(period) == YEAR_CHARACTERS:
        return statements.of_year(member_id, period)
    return statements.of_month(member_id, period)


def _printed(request: Request, officer: OfficerSession, card: HandedCard) -> HTMLResponse:
    """The page to print, in the place of the form that asked for it: its address says nothing."""
    services = services_of(request)
    receiving = services.people.contacts.own_code(card.member_id)
    context: dict[str, Any] = {
        "card": card,
        "receiving_qr": _drawn(code_link(services.settings.wallet_origin, receiving)),
        "phone_text": phone_text,
        **_loading(request, card.member_id),
    }
    answer = console_page(request, "console/assisted_card.html", officer, context)
    answer.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML show:top"})
    return answer


def _loading(request: Request, member_id: str) -> dict[str, Any]:
    """How euros are sent to the account: no secret, and nobody's name."""
    told = services_of(request).topups.instructions(member_id)
    return {"loading": told, "loading_qr": _drawn(told.epc_payload), "iban_shown": _in_fours}


def _in_fours(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _period_word(period: str, language: Language) -> str:
    """``nov. 2026`` or ``2026``."""
    if len(period) == YEAR_CHARACTERS:
        return period
    year, month = map(int, period.split("-"))
    return month_text(date(year, month, 1), language)


def _drawn(text: str) -> Markup:
    drawn = qr_picture(text).decode()
    return Markup(drawn[drawn.index("<svg") :])  # drawn here, from a text of ours  # nosec B704
