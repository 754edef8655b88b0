"""Stops, resumptions and what waits for a second officer. Thin: rules are in supervision and bank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.act_words import act_label
from wallet_service.faces.console.payout_words import ASKED_TITLES, asked_words, check_word
from wallet_service.faces.console.routers.disputes import dispute_asked_in_words
from wallet_service.faces.console.routers.recoveries import recovery_asked_in_words
from wallet_service.faces.console.routers.reversals import asked_in_words
from wallet_service.faces.console.signed_lines import SignedLine, lines_of_approval, lines_of_file
from wallet_service.faces.console.view import console_page, done, held_reason
from wallet_service.faces.shell.i18n import Catalogue, Language, catalogue, language_of
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.oversight.decisions import signing_right
from wallet_service.oversight.models import Approval
from wallet_service.oversight.stops import checked_stoppable
from wallet_service.protocol.amount_text import format_amount
from wallet_service.reports.members import MemberSummary
from wallet_service.topups.large_credits import WAITS_FOR_SECOND
from wallet_service.topups.repository import Topup
from wallet_service.treasury.models import HeldLine
from wallet_service.treasury.payouts.models import PayoutFile
from wallet_service.treasury.service import ACCEPT_ACT
from wallet_service.treasury.statements import HELD_LINES_SHOWN
from wallet_service.treasury.unmatched import GIVE_ACT

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Pauser = Annotated[OfficerSession, Depends(officer_with("pause"))]
Ground = Annotated[str, Form(max_length=400)]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


RESUME_TITLES = {
    "payments.resume": _("Reprendre les paiements ?"),
    "issuing.resume": _("Reprendre l’émission ?"),
    "redeeming.resume": _("Reprendre les sorties en euros ?"),
}
RESUME_EFFECTS = {
    "payments.resume": _("Tout le monde pourra de nouveau payer et rembourser, en quelques secondes."),
    "issuing.resume": _("Les chargements en attente seront crédités, dans la limite de la réserve attestée."),
    "redeeming.resume": _("Les professionnels pourront de nouveau demander des euros."),
}
WHERE = {"payments": "/", "issuing": "/reserve", "redeeming": "/reserve"}


@dataclass(frozen=True, slots=True)
class PendingAction:
    """One act to sign, whatever table it waits in."""

    id: str
    title: str
    what_happens: str
    ground: str | None
    asked_by: str
    asked_at_unix_ms: int
    is_mine: bool
    may_sign: bool
    may_refuse: bool
    sign_action: str
    refuse_action: str
    #: Why this officer's word is in it already though another asked; "" when it is not.
    why_not: str = ""
    #: What is signed line by line, where it is more than its title says.
    lines: tuple[SignedLine, ...] = ()
    #: The same of a held report of the bank.
    movements: tuple[HeldLine, ...] = ()

    @property
    def sum_cents(self) -> int:
        return sum(line.net_cents for line in self.lines)


@router.post("/stops/{what}/stop")
def stop(request: Request, what: str, ground: Ground, officer: Pauser, services: ServicesOf) -> Response:
    """One officer suffices."""
    services.oversight.stops.stop(what, ground, officer.officer_id)
    return done(request, WHERE[checked_stoppable(what)], "stopped")


@router.post("/stops/{what}/resume")
def ask_resume(
    request: Request, what: str, ground: Ground, officer: Pauser, services: ServicesOf
) -> Response:
    """Asks; somebody else signs."""
    services.oversight.stops.ask_resume(what, ground, officer.officer_id)
    return done(request, "/approvals", "resume-asked")


@router.get("/approvals")
def approvals(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Resumptions and payout files, oldest first."""
    language = language_of(request)
    messages = catalogue(language)
    requested = services.oversight.approvals.pending()
    proposals = services.topups.large.list_proposed()
    files = [file for file in services.payouts.list_payout_files() if file.state == "prepared"]
    decided = services.oversight.approvals.decided()
    people = [
        *(approval.asked_by for approval in (*requested, *decided)),
        *(approval.decided_by for approval in decided if approval.decided_by),
        *(file.prepared_by for file in files),
        *(topup.given_by for topup in proposals if topup.given_by),
    ]
    names = services.officers.names(people)
    receivers = [str(each.details["member_id"]) for each in requested if "member_id" in each.details]
    receivers += [topup.member_id for topup in proposals]
    lines = services.reports.members.summaries(receivers)
    items = [
        *_approvals(requested, names, lines, officer, messages, language),
        *_payouts(files, names, officer, messages, language),
        *_proposals(proposals, names, lines, officer, messages, language),
    ]
    held = {"with_holders": "treasury" in officer.rights}
    inside = {file.id: lines_of_file(services, file, language, **held) for file in files}
    inside |= {each.id: lines_of_approval(services, each, language, **held) for each in requested}
    reports = {
        each.id: services.statement_finder.held_lines(str(each.details["statement_row_id"]))
        for each in requested
        if each.act == ACCEPT_ACT
    }
    items = [
        replace(item, lines=inside.get(item.id, ()), movements=reports.get(item.id, ())) for item in items
    ]
    return console_page(
        request,
        "console/approvals.html",
        officer,
        {
            "items": sorted(items, key=lambda item: item.asked_at_unix_ms),
            "decided": decided,
            "held_lines_shown": HELD_LINES_SHOWN,
            "names": names,
            "act_label": lambda act: act_label(act, messages),
        },
    )


@router.post("/approvals/{approval_id}/approve")
def approve(request: Request, approval_id: str, officer: Observer, services: ServicesOf) -> Response:
    """The second officer signs; which right that takes depends on the act, and the service decides."""
    services.oversight.approvals.approve(approval_id, officer.officer_id, officer.rights)
    return done(request, "/approvals", "approved")


@router.post("/approvals/{approval_id}/refuse")
def refuse(
    request: Request, approval_id: str, ground: Ground, officer: Observer, services: ServicesOf
) -> Response:
    """Refused by who may sign, or withdrawn by who asked: the service decides."""
    services.oversight.approvals.refuse(approval_id, ground, officer.officer_id, officer.rights)
    return done(request, "/approvals", "refused")


def _approvals(
    requested: Iterable[Approval],
    names: dict[str, str],
    lines: Mapping[str, MemberSummary],
    officer: OfficerSession,
    messages: Catalogue,
    language: Language,
) -> list[PendingAction]:
    actions = []
    for approval in requested:
        is_mine = approval.asked_by == officer.officer_id
        may_sign = signing_right(approval.act) in officer.rights
        title, effect = _said(approval, lines, messages, language)
        actions.append(
            PendingAction(
                id=approval.id,
                title=title,
                what_happens=effect,
                ground=approval.ground,
                asked_by=names.get(approval.asked_by, "–"),
                asked_at_unix_ms=approval.asked_at_unix_ms,
                is_mine=is_mine,
                may_sign=may_sign,
                may_refuse=is_mine or may_sign,
                sign_action=f"/approvals/{approval.id}/approve",
                refuse_action=f"/approvals/{approval.id}/refuse",
            )
        )
    return actions


def _said(
    approval: Approval, lines: Mapping[str, MemberSummary], messages: Catalogue, language: Language
) -> tuple[str, str]:
    """What the act is, as a question, and what it will do."""
    if approval.act in ASKED_TITLES:
        return asked_words(approval.act, approval.details, messages, language)
    who = _who(str(approval.details.get("member_id", "")), lines, messages)
    for in_words in (asked_in_words, recovery_asked_in_words, dispute_asked_in_words):
        if (asked := in_words(approval.act, approval.details, who, messages)) is not None:
            return asked
    if approval.act != GIVE_ACT:
        title = messages.gettext(RESUME_TITLES.get(approval.act, approval.act))
        return title, messages.gettext(RESUME_EFFECTS.get(approval.act, ""))
    amount = format_amount(int(approval.details["amount_cents"]), language)
    title = messages.gettext(_("Attribuer {amount} € à {who} ?"))
    effect = _("Le même montant sera émis et crédité à ce membre. Une émission ne s’annule pas.")
    return title.replace("{amount}", amount).replace("{who}", who), messages.gettext(effect)


def _payouts(
    files: Iterable[PayoutFile],
    names: dict[str, str],
    officer: OfficerSession,
    messages: Catalogue,
    language: Language,
) -> list[PendingAction]:
    title = messages.gettext(_("Signer l’ordre de virement de {amount} € ?"))
    effect = messages.gettext(
        _("{count} virements partent à la banque, vers les professionnels. Un virement ne s’annule pas.")
    )
    accepted = messages.gettext(
        _("Vous y avez accepté un nom que la banque ne reconnaît pas : un autre agent doit signer.")
    )
    return [
        PendingAction(
            id=file.id,
            title=title.replace("{amount}", format_amount(file.total_cents, language)),
            what_happens=effect.replace("{count}", str(len(file.transfers))) + _names_told(file, messages),
            ground=None,
            asked_by=names.get(file.prepared_by, "–"),
            asked_at_unix_ms=file.prepared_at_unix_ms,
            is_mine=file.prepared_by == officer.officer_id,
            may_sign="treasury" in officer.rights,
            may_refuse="treasury" in officer.rights,
            sign_action=f"/payouts/{file.id}/approve",
            refuse_action=f"/payouts/{file.id}/cancel",
            why_not=accepted if officer.officer_id in file.name_acceptors else "",
        )
        for file in files
    ]


def _names_told(file: PayoutFile, messages: Catalogue) -> str:
    word = check_word(file, messages)
    return f" {word[0].upper()}{word[1:]}."


def _proposals(
    proposals: Iterable[Topup],
    names: dict[str, str],
    lines: Mapping[str, MemberSummary],
    officer: OfficerSession,
    messages: Catalogue,
    language: Language,
) -> list[PendingAction]:
    """Credits from the ledger's threshold on: the service proposed, a second issuer decides."""
    title = messages.gettext(_("Approuver l’émission de {amount} € pour {who} ?"))
    effect = messages.gettext(
        _("La banque a reçu ces euros. Le registre veut deux émetteurs pour autant : vous êtes le second.")
    )
    may_act, items = "treasury" in officer.rights, []
    for topup in proposals:
        amount, who = format_amount(topup.amount_cents, language), _who(topup.member_id, lines, messages)
        is_hindered = topup.held_reason not in (None, WAITS_FOR_SECOND)
        items.append(
            PendingAction(
                id=topup.id,
                title=title.replace("{amount}", amount).replace("{who}", who),
                what_happens=effect,
                ground=held_reason(topup.held_reason, messages) if is_hindered else None,
                asked_by=names.get(topup.given_by or "", messages.gettext(_("le service"))),
                asked_at_unix_ms=topup.matched_at_unix_ms,
                is_mine=topup.given_by == officer.officer_id,
                may_sign=may_act,
                may_refuse=may_act,
                sign_action=f"/proposals/{topup.id}/approve",
                refuse_action=f"/proposals/{topup.id}/withdraw",
            )
        )
    return items


def _who(member_id: str, lines: Mapping[str, MemberSummary], messages: Catalogue) -> str:
    """A public name, or none, and the number that tells one member from another."""
    line = lines.get(member_id)
    return f"{(line.public_name if line else None) or messages.gettext(_('Membre'))} ({member_id[:8]})"
