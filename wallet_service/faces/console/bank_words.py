"""What the bank's movements and statements are called in the console: codes in words, one table a kind."""

from __future__ import annotations

from wallet_service.faces.shell.i18n import Catalogue


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: Why a movement waits for an officer: bank.statement.Reason, and the two that have no code of their own.
REASON_WORDS = {
    "no_reference": _("il ne porte la référence d’aucun membre"),
    "unknown_debit": _("rien ici n’explique ce débit : des frais, ou un virement fait à la main"),
    "batch_incomplete": _("plusieurs virements en une somme, que la banque ne détaille pas tous"),
    "batch_mixed": _("une somme qui mêle des entrées et des sorties"),
    "batch_net_of_fees": _("une somme dont la banque a retenu des frais : aucun virement n’y est entier"),
    "reversal": _("la banque annule un mouvement d’avant"),
    "odd": _("une partie du mouvement ne se lit pas"),
    "repeated": _("son relevé ressemble à un relevé déjà lu : il y était peut-être"),
    "corrected": _("son relevé remplace un relevé déjà lu"),
    "lookalike": _("un mouvement tout pareil est déjà là sous un autre nom : c’est peut-être lui"),
    "several_members": _("il porte les références de plusieurs membres"),
}
#: What became of a movement: database.tables.bank.ENTRY_STATES.
ENTRY_STATE_WORDS = {
    "arriving": _("en train d’être lu"),
    "topup": _("attribué à un membre"),
    "unmatched": _("à classer"),
    "payout": _("a payé des sorties en euros"),
    "payout_return": _("sortie en euros revenue de la banque"),
    "resolved": _("à rendre à son expéditeur"),
    "ignored": _("un agent en a pris note"),
    "reversal": _("une contre-passation de la banque, réglée"),
    "refined": _("une somme, remplacée par les virements qui la composent"),
}
#: What could not be read of a movement, or was wrong with a file and did not matter: codes of bank/.
BANK_CODE_WORDS = {
    "bank.encoding_wrong": _("le fichier n’est pas dans le codage qu’il annonce"),
    "bank.entry_account": _("un mouvement nomme un autre compte"),
    "bank.entry_amount": _("le montant ne se lit pas"),
    "bank.entry_batch": _("le nombre de virements annoncés ne se lit pas"),
    "bank.entry_currency": _("le mouvement est dans une autre monnaie"),
    "bank.entry_date": _("la date ne se lit pas"),
    "bank.entry_direction": _("le sens ne se lit pas"),
    "bank.entry_left_out": _("un mouvement sans montant en euros n’est pas repris"),
    "bank.entry_reversal": _("l’annulation ne se lit pas"),
    "bank.entry_status": _("l’état du mouvement ne se lit pas"),
    "bank.interim_balance": _("un solde n’est que provisoire"),
    "bank.pages_missing": _("il manque des pages au relevé"),
    "bank.period_unreadable": _("la période ne se lit pas"),
    "bank.record_unknown": _("des lignes d’un genre inconnu ne sont pas lues"),
    "bank.reversal_direction": _("une annulation dont le sens n’est pas sûr"),
    "bank.schema_invalid": _("le fichier ne suit pas tout à fait le schéma"),
    "bank.statement_repeated": _("le même relevé est deux fois dans le fichier"),
    "bank.trailing_bytes": _("des octets sans sens suivent le relevé"),
    "bank.control_characters": _("des caractères illisibles ont été remplacés par des blancs"),
}
KIND_WORDS = {
    "statement": _("relevé"),
    "report": _("situation en cours de journée"),
    "notification": _("avis de mouvement"),
}
#: How a report's balances join what was read before: database.tables.bank.CONTINUITIES.
CONTINUITY_WORDS = {
    "first": _("le premier de ce compte"),
    "follows": _("suit le précédent"),
    "explained": _("recouvre le précédent : ses nouveaux mouvements l’expliquent"),
    "broken": _("ne suit pas : il manque un relevé, ou l’un des deux se trompe"),
    "unknown": _("sans solde à comparer"),
}
#: database.tables.bank.STATEMENT_STATES; what is simply booked needs no word.
STATEMENT_STATE_WORDS = {
    "recording": _("en train d’être lu"),
    "booking": _("en train d’être lu"),
    "booked": "",
    "held": _("retenu : rien n’en est crédité avant qu’un agent décide"),
    "accepted": _("accepté par un agent"),
    "dismissed": _("écarté par un agent : déjà lu sous un autre nom"),
}
#: The bank's names for a movement: bank.reported.References.
REFERENCE_WORDS = {
    "servicer": _("Référence de la banque"),
    "entry": _("Numéro dans le relevé"),
    "transaction": _("Numéro de l’opération"),
    "end_to_end": _("Référence de l’expéditeur (EndToEndId)"),
    "instruction": _("Instruction (InstrId)"),
    "payment_information": _("Lot (PmtInfId)"),
    "message": _("Fichier (MsgId)"),
    "mandate": _("Mandat"),
    "cheque": _("Chèque"),
}


def reason_word(code: str, messages: Catalogue) -> str:
    """A code without words is shown as it is. What stands behind a colon names an element of the file."""
    words = REASON_WORDS | BANK_CODE_WORDS
    known, _colon, element = code.partition(":")
    if known not in words:
        return code
    said = messages.gettext(words[known])
    return f"{said} ({element})" if element else said


def entry_state_word(code: str, messages: Catalogue) -> str:
    return messages.gettext(ENTRY_STATE_WORDS[code]) if code in ENTRY_STATE_WORDS else code


def reference_word(kind: str, messages: Catalogue) -> str:
    return messages.gettext(REFERENCE_WORDS[kind]) if kind in REFERENCE_WORDS else kind
