"""The words officers read about payouts: the bank's codes, why one waits, what an asked act will do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from wallet_service.faces.shell.i18n import Catalogue, Language
from wallet_service.faces.shell.rendering import state_pill
from wallet_service.protocol.amount_text import format_amount
from wallet_service.treasury.payouts.acts import DEBIT_ACT, REFUSED_ACT, RETURN_ACT
from wallet_service.treasury.payouts.handover import CANCEL_ACT
from wallet_service.treasury.payouts.models import PayoutFile, PayoutLine
from wallet_service.treasury.payouts.proposals import ReturnProposal
from wallet_service.treasury.service import ACCEPT_ACT


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: ISO 20022 external reasons that a bank gives for a transfer it could not pay, or sends back.
BANK_REASONS = {
    "AC01": _("compte inexact"),
    "AC03": _("compte du bénéficiaire non valable"),
    "AC04": _("compte clos"),
    "AC06": _("compte bloqué"),
    "AG01": _("opération interdite sur ce compte"),
    "AM04": _("provision insuffisante"),
    "AM05": _("déjà reçu : rien n’est rejeté"),
    "BE01": _("le nom ne correspond pas au compte"),
    "BE04": _("adresse du bénéficiaire manquante"),
    "DU01": _("déjà reçu : rien n’est rejeté"),
    "FF01": _("format du fichier refusé"),
    "MD07": _("titulaire décédé"),
    "MS02": _("refusé par le bénéficiaire"),
    "MS03": _("raison non précisée"),
    "RC01": _("banque inconnue"),
    "RR04": _("raison réglementaire"),
}
#: Why a conversion waits for an officer and no order takes it.
HELD_BACK = {
    "payout.holder_missing": _("demandée avant que le nom du titulaire ne le soit : rendez les unités"),
    "payout.holder_unwritable": _("le nom du titulaire ne s’écrit pas dans un virement"),
    "payout.outside_eea": _("le compte est hors de l’Espace économique européen"),
    "payout.taken_out": _("un agent l’a retirée d’un ordre"),
    "payout.bank_rejected": _("la banque a rejeté ce compte"),
    "payout.not_due": _("elle a changé d’état dans l’ordre"),
}
OUT_REASONS = {
    "taken_out": _("retiré par un agent"),
    "unwritable": _("retiré : ne pouvait plus être fait"),
    "rejected": _("rejeté par la banque"),
    "refused": _("refusé par la banque, dit un agent"),
    "cancelled": _("ordre annulé"),
}
ASKED_TITLES = {
    ACCEPT_ACT: _("Accepter le relevé retenu, {amount} € de mouvements ?"),
    DEBIT_ACT: _("Dire que ce débit de {amount} € paie {count} sorties ?"),
    REFUSED_ACT: _("Dire que la banque a refusé ce virement de {amount} € ?"),
    CANCEL_ACT: _("Annuler l’ordre signé de {amount} € ?"),
    RETURN_ACT: _("Dire que ce virement de {amount} € rend une sortie ?"),
}
ASKED_EFFECTS = {
    ACCEPT_ACT: _("Ses mouvements comptent : ceux qui nomment un membre lui sont crédités, sans retour."),
    DEBIT_ACT: _("Leurs unités sont détruites : la banque les a payées. Différence nommée : {difference} €."),
    REFUSED_ACT: _("Rien n’a été payé : la sortie repart à l’ordre suivant, ou ses unités sont rendues."),
    CANCEL_ACT: _("La banque ne l’a pas : il reste hors de sa portée. Ses sorties attendront le suivant."),
    RETURN_ACT: _("Des unités sont émises de nouveau pour ce professionnel. Frais nommés : {fee} €."),
}


def bank_reason(code: str, messages: Catalogue) -> str:
    """What the bank's code says, the code beside it for whoever calls the bank."""
    word = BANK_REASONS.get(code)
    return f"{messages.gettext(word)} ({code})" if word else code


def held_back_reason(code: str, messages: Catalogue) -> str:
    return messages.gettext(HELD_BACK[code]) if code in HELD_BACK else code


def out_reason(line: PayoutLine, messages: Catalogue) -> str:
    """Why a transfer left its order, with the bank's reason when there is one."""
    word = messages.gettext(OUT_REASONS.get(line.out_reason or "", ""))
    return f"{word} : {bank_reason(line.bank_reason, messages)}" if line.bank_reason else word


def match_pill(line: PayoutLine, language: Language) -> Markup:
    """What verification of payee said, "" when it said nothing."""
    return state_pill("payee_match", line.payee_match, language) if line.payee_match else Markup()


def check_word(file: PayoutFile, messages: Catalogue) -> str:
    """What is known of the names in an order before it is signed."""
    word = _("noms vérifiés : {checked} sur {count}")
    if file.checked == 0:
        word = _("noms remis à vérifier, sans réponse") if file.checks_asked else _("noms non vérifiés")
    text = messages.gettext(word)
    undecided = sum(line.waits_for_decision for line in file.lines)
    if undecided:  # nobody can sign
        text += " ; " + messages.gettext(_("à décider avant de signer : {undecided}"))
    values = {
        "{checked}": str(file.checked), "{count}": str(len(file.transfers)), "{undecided}": str(undecided),
    }  # fmt: skip
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def return_proposal_word(proposal: ReturnProposal, messages: Catalogue) -> str:
    """Why a credit may return this conversion."""
    said = _("la banque la nomme") if proposal.is_named else _("même montant, rien de plus")
    return messages.gettext(said)


def asked_words(
    act: str, details: Mapping[str, Any], messages: Catalogue, language: Language
) -> tuple[str, str]:
    """What an act of two officers is, as a question, and what it will do."""
    values = {
        "{amount}": format_amount(int(details.get("amount_cents", 0)), language),
        "{count}": str(len(details.get("refs", ()))),
        "{difference}": format_amount(int(details.get("difference_cents", 0)), language),
        "{fee}": format_amount(int(details.get("fee_cents", 0)), language),
    }
    title, effect = messages.gettext(ASKED_TITLES[act]), messages.gettext(ASKED_EFFECTS[act])
    for name, value in values.items():
        title, effect = title.replace(name, value), effect.replace(name, value)
    return title, effect
