"""What every console page is made with: its menu with what waits, the stops, the officer. Owns no page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from wallet_service.faces.shell.acts import asks_confirmation
from wallet_service.faces.shell.i18n import Catalogue, catalogue, language_of
from wallet_service.faces.shell.numbers import Pictures, age, duration, euros, long_now, show_cell
from wallet_service.faces.shell.rendering import moment, page
from wallet_service.faces.shell.security import OfficerSession, services_of
from wallet_service.reports.repository import QueueSummary

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the menu; `queues` are counted beside it."""

    path: str
    icon: str
    label: str
    queues: tuple[str, ...] = ()


# icons: log-out layout-dashboard scale id-card smartphone inbox landmark undo-2
# icons: message-square-warning banknote-arrow-up users map-pin pen-line network scroll-text
MENU = (
    MenuItem("/", "layout-dashboard", _("Vue d’ensemble")),
    MenuItem("/reserve", "scale", _("Masse et réserve"), ("attestations",)),
    MenuItem("/identities", "id-card", _("Identités"), ("identities",)),
    MenuItem("/recoveries", "smartphone", _("Téléphones perdus"), ("recoveries",)),
    MenuItem("/unmatched", "inbox", _("À classer"), ("unmatched", "held")),
    MenuItem("/statements", "landmark", _("Relevés de la banque"), ("statements",)),
    MenuItem("/reversals", "undo-2", _("Contre-passations"), ("reversals",)),
    MenuItem("/disputes", "message-square-warning", _("Contestations"), ("disputes_late", "disputes")),
    MenuItem(
        "/payouts",
        "banknote-arrow-up",
        _("Sorties en euros"),
        ("troubles", "unclaimed", "held_back", "answers", "redemptions"),
    ),
    MenuItem("/approvals", "pen-line", _("Validations"), ("payouts", "approvals", "proposals")),
    MenuItem("/members", "users", _("Membres")),
    MenuItem("/listings", "map-pin", _("Annuaire"), ("listings",)),
    MenuItem("/network", "network", _("Réseau"), ("quarantined",)),
    MenuItem("/journal", "scroll-text", _("Journal")),
)

#: After an act the page it leads to says what was done: ?done=<name>.
DONE = {
    "frozen": _("Le gel est parti vers le registre."),
    "member_signed_out": _("Le membre est déconnecté partout."),
    "unfrozen": _("La levée du gel est partie vers le registre."),
    "key-suspended": _("La suspension est partie vers le registre ; le membre est prévenu."),
    "key-released": _("La levée de la suspension est partie vers le registre."),
    "stopped": _("L’arrêt est parti vers le registre."),
    "resume-asked": _("La reprise est demandée : un autre agent doit la signer."),
    "approved": _("C’est signé."),
    "refused": _("C’est refusé, le motif est au journal."),
    "prepared": _("L’ordre de virement est prêt : un autre agent doit le signer."),
    "check-asked": _("L’ordre est remis pour vérifier les noms ; rien n’est payé."),
    "payee-accepted": _("C’est noté : ce virement part malgré le nom."),
    "line-out": _("Le virement a quitté l’ordre : décidez de la suite."),
    "line-again": _("La sortie attend l’ordre suivant."),
    "given-back": _("Les unités sont en route vers le professionnel."),
    "asked": _("C’est demandé : un autre agent doit le signer."),
    "withheld": _("L’ordre est hors de portée de la banque : un autre agent doit signer son annulation."),
    "answer-noted": _("C’est noté."),
    "cancelled": _("L’ordre est annulé ; ses sorties attendent le suivant."),
    "resolved": _("Le virement est attribué."),
    "give-asked": _("L’attribution est demandée : un autre agent doit la signer."),
    "returned": _("Le virement est marqué à rendre : faites-le à la banque."),
    "statement-accepted": _("Le relevé est accepté : ses mouvements comptent."),
    "statement-dismissed": _("Le relevé est écarté : aucun de ses mouvements ne compte."),
    "mint-withdrawn": _("La proposition est retirée : le chargement est retenu, à rendre à la banque."),
    "reversal-asked": _("C’est demandé : un autre agent doit signer."),
    "reversal-settled": _("La contre-passation est réglée."),
    "pay-back-allowed": _("Le membre peut rendre, à la caisse de l’association."),
    "forced-executed": _("L’ordre est parti vers le registre."),
    "dispute-upheld": _("C’est décidé : la somme est à rendre, les deux parties sont prévenues."),
    "dispute-dismissed": _("C’est rejeté : plus rien n’est retenu, les deux parties sont prévenues."),
    "dispute-ended": _("La contestation est close ; plus rien n’est retenu."),
    "hold-released": _("Plus rien n’est retenu sur ce compte pour cette contestation."),
    "identity-approved": _("L’identité est approuvée."),
    "identity-refused": _("L’identité est refusée, le membre est prévenu."),
    "recovery-proposed": _("L’annonce est partie vers le registre ; les anciens appareils sont prévenus."),
    "recovery-cancelled": _("C’est refusé, le motif est au journal."),
    "recovery-halted": _("L’arrêt de l’annonce est parti vers le registre."),
    "listing-seen": _("C’est noté."),
    "listing-withheld": _("La fiche est retirée de l’annuaire, le professionnel lit pourquoi."),
    "listing-restored": _("La fiche est de nouveau dans l’annuaire."),
    "assisted-corrected": _("C’est corrigé. Si le nom a changé, refaites la carte."),
    "assisted-copied": _("La copie est au dossier : un autre agent l’examine dans « Identités »."),
    "assisted-closed": _("Le compte est fermé. Ce que la loi fait garder l’est encore, scellé."),
    "registered": _("L’inscription est partie vers le registre."),
    "session-ended": _("La connexion est terminée."),
    "sessions-ended": _("Toutes les autres connexions sont terminées."),
    "passkey-removed": _("La clé d’accès est retirée."),
    "passkey-added": _("La clé d’accès est enregistrée."),
    "officer-signed-out": _("Cet agent est déconnecté partout."),
    "signed-in": _("Bienvenue."),
    "notice-chosen": _("C’est noté."),
    "notice-code-sent": _("Un code est parti à cette adresse : tapez-le ici."),
    "notice-mail-confirmed": _("L’adresse est confirmée."),
    "notice-mail-forgotten": _("L’adresse est oubliée."),
}


TIER_LABELS = {
    "none": _("aucun palier"),
    "visitor": _("visiteur"),
    "declared": _("déclaré"),
    "verified": _("vérifié"),
    "professional": _("professionnel"),
}

#: How an identity was proved, and how surely; papers have no level of their own.
PROOF_LABELS = {
    "papers": _("par des papiers"),
    "france_connect": _("par FranceConnect"),
    "european_wallet": _("par un portefeuille européen"),
}
LEVEL_LABELS = {"substantial": _("niveau substantiel"), "high": _("niveau élevé")}

#: What cannot be done with a row that was set aside (platform.quarantine.RowKind).
ROW_WORDS = {
    "payment.sending": _("paiement qui ne peut être écrit"),
    "payment.ending": _("paiement qui ne peut être clos"),
    "command": _("acte qui ne peut être envoyé"),
    "transaction": _("transaction dont les octets ont changé : sa clé attend"),
    "push_event": _("annonce aux pages"),
    "payout_file": _("ordre de virement signé qui ne s’ouvre pas"),
    "topup": _("chargement qui ne peut être repris"),
    "redemption": _("sortie en euros dont le compte ne s’ouvre pas"),
    "bank_entry": _("virement dont le détail ne s’ouvre pas"),
}

#: Why a top-up waits.
HELD_REASONS = {
    "member_closed": _("le membre est parti"),
    "member_pending": _("le membre n’est pas encore inscrit au registre"),
    "member_frozen": _("le membre est gelé"),
    "identity_expired": _("son identité a expiré"),
    "holding_limit": _("il détiendrait plus que son palier ne permet"),
    "visitor_loaded_once": _("un portefeuille sans identité ne se charge qu’une fois"),
    "visitor_load_limit": _("un visiteur ne peut charger davantage en 30 jours"),
    "ledger_unavailable": _("le registre ne répond pas"),
    "ledger_unexplained": _("le registre contient un fait sans cause connue : l’émission attend"),
    "mint_withdrawn": _("un agent a retiré la proposition d’émission : à rendre"),
    "awaiting_statement": _("annoncé par la banque, pas encore sur un relevé"),
    "second_issuer": _("une telle somme demande un second émetteur"),
    "ledger.ReserveExceeded": _("la réserve attestée ne le couvre pas encore"),
    "ledger.AttestationStale": _("l’attestation de la réserve est trop ancienne"),
    "ledger.MintQuotaExceeded": _("le plafond d’émission du jour est atteint"),
    "ledger.IssuingStopped": _("l’émission est arrêtée"),
    "ledger.HoldingLimit": _("il détiendrait plus que son palier ne permet"),
    "ledger.FrozenIncoming": _("le membre est gelé"),
    "ledger.IdentityExpired": _("son identité a expiré"),
}


def held_reason(code: str | None, messages: Catalogue) -> str:
    return messages.gettext(HELD_REASONS[code]) if code in HELD_REASONS else (code or "–")


def console_page(
    request: Request, template: str, officer: OfficerSession, context: Mapping[str, Any] | None = None
) -> HTMLResponse:
    """One page of the console, with its menu and the state of the stops."""
    services, language = services_of(request), language_of(request)
    figures = services.reports.figures
    queues, now_unix_ms, messages = figures.queues(), services.clock.now_unix_ms(), catalogue(language)
    shared = {
        "officer": officer,
        "menu": [(item, _count(queues, item.queues)) for item in MENU],
        "queues": queues,
        "stopped": figures.stopped(),
        "confirmation": _confirmation(services, officer),
        "now_unix_ms": now_unix_ms,
        "now_shown": long_now(now_unix_ms, language, messages),
        "done": DONE.get(request.query_params.get("done", "")),
        "age": lambda unix_s: age(unix_s, now_unix_ms // 1000, messages),
        "duration": lambda seconds: duration(seconds, messages),
        "euros": lambda cents: euros(cents, language),
        "moment_s": lambda unix_s: moment(unix_s * 1000, language),
        "show_cell": lambda cell, kind: show_cell(cell, kind, language, messages),
        "pictures": Pictures(language, messages, request.app.state.currency["unit_many"]),
    }
    headers = {"Cache-Control": "no-store"}
    return page(
        request, template, {**shared, **(context or {})}, headers=headers, csrf_token=officer.csrf_token
    )


def done(request: Request, path: str, what: str) -> Response:
    """After an act: the browser goes to `path`, which says what was done (with or without htmx)."""
    target = f"{path}?done={what}"
    services_of(request).reports.figures.forget()
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def _confirmation(services: Services, officer: OfficerSession) -> Callable[[str], str]:
    """For a form's address: how its act will be confirmed, "" when it is not."""
    way = services.oversight.confirmations.way(officer.officer_id)
    return lambda action: way if asks_confirmation("POST", action) else ""


def _count(queues: Mapping[str, QueueSummary], names: tuple[str, ...]) -> int:
    return sum(queues[name].count for name in names)
