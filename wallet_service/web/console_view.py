"""What every console page is made with: its menu with what waits, the stops, the officer. Owns no page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from wallet_service.supervision.figures_repository import Waiting
from wallet_service.web.figure_view import Pictures, age, duration, euros, long_now, show_cell
from wallet_service.web.i18n import Catalogue, catalogue, language_of
from wallet_service.web.rendering import icon, moment, page
from wallet_service.web.security import OfficerSession, services_of

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the menu; `queues` are counted beside it."""

    path: str
    icon: str
    label: str
    queues: tuple[str, ...] = ()


# icons: layout-dashboard scale id-card inbox banknote-arrow-up users pen-line network scroll-text
MENU = (
    Place("/", "layout-dashboard", _("Vue d’ensemble")),
    Place("/reserve", "scale", _("Masse et réserve"), ("attestations",)),
    Place("/identities", "id-card", _("Identités"), ("identities",)),
    Place("/unmatched", "inbox", _("À classer"), ("unmatched", "held")),
    Place("/payouts", "banknote-arrow-up", _("Sorties en euros"), ("redemptions",)),
    Place("/approvals", "pen-line", _("Validations"), ("payouts", "approvals")),
    Place("/members", "users", _("Membres")),
    Place("/network", "network", _("Réseau")),
    Place("/journal", "scroll-text", _("Journal")),
)

#: After an act the page it leads to says what was done: ?done=<name>.
DONE = {
    "frozen": _("Le gel est parti vers le registre."),
    "unfrozen": _("La levée du gel est partie vers le registre."),
    "stopped": _("L’arrêt est parti vers le registre."),
    "resume-asked": _("La reprise est demandée : un autre agent doit la signer."),
    "approved": _("C’est signé."),
    "refused": _("C’est refusé, le motif est au journal."),
    "prepared": _("L’ordre de virement est prêt : un autre agent doit le signer."),
    "cancelled": _("L’ordre est annulé ; ses sorties attendent le suivant."),
    "resolved": _("Le virement est attribué."),
    "returned": _("Le virement est marqué à rendre : faites-le à la banque."),
    "identity-approved": _("L’identité est approuvée."),
    "identity-refused": _("L’identité est refusée, le membre est prévenu."),
    "registered": _("L’inscription est partie vers le registre."),
    "signed-in": _("Bienvenue."),
}


TIER_WORDS = {
    "none": _("aucun palier"),
    "visitor": _("visiteur"),
    "declared": _("déclaré"),
    "verified": _("vérifié"),
    "professional": _("professionnel"),
}

#: The journal's codes in words. A code without words is shown as it is.
ACT_WORDS = {
    "approval.asked": _("validation demandée"),
    "approval.approved": _("validation signée"),
    "approval.refused": _("validation refusée"),
    "bank.credit_matched": _("virement attribué"),
    "bank.credit_to_return": _("virement à rendre"),
    "bank.debit_noted": _("débit noté"),
    "bank.file_refused": _("fichier de banque écarté"),
    "bank.statement_read": _("relevé de banque lu"),
    "device.code_made": _("code d’appareil fait"),
    "device.linked": _("appareil relié"),
    "freeze.refused_by_ledger": _("gel refusé par le registre"),
    "identity.approved": _("identité approuvée"),
    "identity.declared": _("identité déclarée"),
    "identity.document_read": _("document d’identité lu"),
    "identity.file_read": _("dossier d’identité lu"),
    "identity.member_read": _("identité d’un membre lue"),
    "identity.refused": _("identité refusée"),
    "identity.submitted": _("dossier d’identité déposé"),
    "issuing.stopped": _("émission arrêtée"),
    "member.command_failed": _("inscription refusée par le registre"),
    "member.freeze_ended": _("gel terminé"),
    "member.frozen": _("membre gelé"),
    "member.professional_created": _("professionnel inscrit"),
    "member.professional_registered": _("membre inscrit comme professionnel"),
    "member.unfrozen": _("gel levé"),
    "officer.code_made": _("code d’agent fait"),
    "officer.created": _("agent créé"),
    "officer.revoked": _("agent révoqué"),
    "officer.rights_set": _("droits d’un agent fixés"),
    "officer.signed_in": _("agent entré"),
    "payments.resume": _("reprise des paiements"),
    "issuing.resume": _("reprise de l’émission"),
    "redeeming.resume": _("reprise des sorties en euros"),
    "payments.stopped": _("paiements arrêtés"),
    "payout.approved": _("ordre de virement signé"),
    "payout.cancelled": _("ordre de virement annulé"),
    "payout.prepared": _("ordre de virement préparé"),
    "redeeming.stopped": _("sorties en euros arrêtées"),
    "resume.refused_by_ledger": _("reprise refusée par le registre"),
    "stop.refused_by_ledger": _("arrêt refusé par le registre"),
    "till.paired": _("caisse appairée"),
    "till.revoked": _("caisse révoquée"),
    "topup.returned": _("chargement à rendre"),
    "unfreeze.refused_by_ledger": _("levée de gel refusée par le registre"),
}

#: Why a top-up waits.
HELD_REASONS = {
    "member_closed": _("le membre est parti"),
    "member_pending": _("le membre n’est pas encore inscrit au registre"),
    "member_frozen": _("le membre est gelé"),
    "identity_expired": _("son identité a expiré"),
    "holding_limit": _("il détiendrait plus que son palier ne permet"),
    "visitor_load_limit": _("un visiteur ne peut charger davantage en 30 jours"),
    "ledger_unavailable": _("le registre ne répond pas"),
    "ledger.ReserveExceeded": _("la réserve attestée ne le couvre pas encore"),
    "ledger.AttestationStale": _("l’attestation de la réserve est trop ancienne"),
    "ledger.MintQuotaExceeded": _("le plafond d’émission du jour est atteint"),
    "ledger.IssuingStopped": _("l’émission est arrêtée"),
    "ledger.HoldingLimit": _("il détiendrait plus que son palier ne permet"),
    "ledger.FrozenIncoming": _("le membre est gelé"),
    "ledger.IdentityExpired": _("son identité a expiré"),
}


def act_words(code: str, words: Catalogue) -> str:
    return words.gettext(ACT_WORDS[code]) if code in ACT_WORDS else code


def held_reason(code: str | None, words: Catalogue) -> str:
    return words.gettext(HELD_REASONS[code]) if code in HELD_REASONS else (code or "–")


def pill(table: Mapping[str, tuple[str, str, str]], state: str, words: Catalogue) -> Markup:
    """A state's pill from a page's own table of (class, icon, word); an unknown state is shown as it is."""
    css, drawn, word = table.get(state, ("", "", state))
    mark = icon(drawn) if drawn else Markup("")
    return Markup('<span class="pill {}">{}{}</span>').format(css, mark, words.gettext(word))


def officer_names(services: Services, officer_ids: Iterable[str]) -> dict[str, str]:
    with services.engine.connect().execution_options(read_only=True) as connection:
        return services.officers.names(connection, officer_ids)


def console_page(
    request: Request, template: str, officer: OfficerSession, context: Mapping[str, Any] | None = None
) -> HTMLResponse:
    """One page of the console, with its menu and the state of the stops."""
    services, language = services_of(request), language_of(request)
    figures = services.supervision.figures
    queues, now_unix_ms, words = figures.queues(), services.clock.now_unix_ms(), catalogue(language)
    shared = {
        "officer": officer,
        "menu": [(place, _count(queues, place.queues)) for place in MENU],
        "queues": queues,
        "stopped": figures.stopped(),
        "now_unix_ms": now_unix_ms,
        "now_shown": long_now(now_unix_ms, language, words),
        "done": DONE.get(request.query_params.get("done", "")),
        "age": lambda unix_s: age(unix_s, now_unix_ms // 1000, words),
        "duration": lambda seconds: duration(seconds, words),
        "euros": lambda cents: euros(cents, language),
        "moment_s": lambda unix_s: moment(unix_s * 1000, language),
        "show_cell": lambda cell, kind: show_cell(cell, kind, language, words),
        "pictures": Pictures(language, words, request.app.state.currency["unit_many"]),
    }
    headers = {"Cache-Control": "no-store"}
    return page(
        request, template, {**shared, **(context or {})}, headers=headers, csrf_token=officer.csrf_token
    )


def done(request: Request, path: str, what: str) -> Response:
    """After an act: the browser goes to `path`, which says what was done (with or without htmx)."""
    target = f"{path}?done={what}"
    services_of(request).supervision.figures.forget()
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def _count(queues: Mapping[str, Waiting], names: tuple[str, ...]) -> int:
    return sum(queues[name].count for name in names)
