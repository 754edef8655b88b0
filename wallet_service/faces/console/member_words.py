"""The words officers read about a member: kind, tier, where, state. Owns no page."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from wallet_service.faces.console.view import TIER_LABELS
from wallet_service.faces.shell.i18n import Catalogue, Language
from wallet_service.faces.shell.rendering import state_pill
from wallet_service.reports.members import MemberSummary
from wallet_service.territory import communes, department_of, sectors
from wallet_service.territory.currency import DEPARTMENTS


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


KIND_LABELS = {
    "resident": _("habitant"),
    "merchant": _("commerce"),
    "association": _("association"),
    "treasury": _("trésorerie publique"),
}


def member_labels(messages: Catalogue) -> dict[str, Any]:
    """What the templates of members' pages are given to say who a member is."""
    return {
        "tier_words": TIER_LABELS,
        "kind_words": KIND_LABELS,
        "where": lambda summary: where(summary, messages),
        "member_pill": lambda summary: member_pill(summary, messages.language),
    }


def where(summary: MemberSummary, messages: Catalogue) -> str:
    """Commune, département and trade of a professional; private persons have none here."""
    parts = []
    if summary.commune_code:
        parts.append(communes().get(summary.commune_code, summary.commune_code))
        parts.append(DEPARTMENTS.get(department_of(summary.commune_code), ""))
    if summary.sector and summary.sector in sectors():
        parts.append(sectors()[summary.sector].label(messages.language))
    return " · ".join(part for part in parts if part) or "–"


def member_pill(summary: MemberSummary, language: Language) -> Markup:
    """Frozen, where something is; else the state."""
    frozen = summary.frozen_incoming or summary.frozen_outgoing
    return state_pill("member", "frozen" if frozen else summary.state, language)
