"""Why something is held of a person and for how long, in both languages: said by the page and on paper.

GDPR, articles 13(2)(a) and 15(1). How long: docs/operations.md, "How long what is kept".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wallet_service.languages.catalogues import all_said, said


@dataclass(frozen=True, slots=True)
class SectionMessages:
    """One section of what is held: its name, what for, until when."""

    title: str
    purpose: str
    kept: str


@dataclass(frozen=True, slots=True)
class PaperMessages:
    """What stands around the sections."""

    title: str
    holder: str
    account: str
    written: str
    purpose: str
    kept: str
    count_one: str
    count_many: str
    more: str
    left_out: str
    yes: str
    no: str


FRENCH: Mapping[str, SectionMessages] = {
    "identity": SectionMessages(
        "Identité",
        "Savoir à qui est le compte, comme la loi le demande à qui émet de la monnaie.",
        "Cinq ans après la fermeture du compte, scellé ; puis la clé est détruite.",
    ),
    "documents": SectionMessages(
        "Pièces et justificatifs",
        "Vérifier l’identité déclarée.",
        "Cinq ans après la fermeture du compte, scellés ; puis la clé est détruite.",
    ),
    "access": SectionMessages(
        "Ce qui ouvre le compte",
        "Vous reconnaître, et ne laisser payer que vos appareils.",
        "Jusqu’à la fermeture du compte ; une connexion, trente jours au plus.",
    ),
    "tills": SectionMessages(
        "Caisses",
        "Encaisser dans votre commerce, et savoir qui était à la caisse si vous nommez vos caissiers.",
        "Tant que leurs encaissements ; elles sont révoquées à la fermeture du compte. Le nom et le code "
        "d’un caissier sont détruits dès que vous le retirez, et au plus tard à la fermeture du compte.",
    ),
    "movements": SectionMessages(
        "Paiements et écritures",
        "Tenir les comptes de chacun.",
        "Toujours : ce sont aussi ceux des autres, et le registre les porte. Sans votre nom ensuite.",
    ),
    "euros": SectionMessages(
        "Virements et retraits",
        "Faire entrer et sortir les euros.",
        "Dix ans, avec les livres de comptes ; vos coordonnées bancaires se ferment avec votre clé.",
    ),
    "listing": SectionMessages(
        "Fiche de l’annuaire",
        "Vous faire trouver par qui veut payer chez vous.",
        "Jusqu’à la fermeture du compte, ou tant que vous la montrez.",
    ),
    "people": SectionMessages(
        "Demandes et contacts",
        "Vous laisser demander, envoyer, et borner ce que vous dépensez.",
        "Jusqu’à la fermeture du compte ; ce qui fut demandé et payé, avec le paiement, sans vos mots.",
    ),
    "notices": SectionMessages(
        "Avertissements",
        "Vous prévenir quand l’application est fermée.",
        "Jusqu’à la fermeture du compte ; ce qui est lu, quelques semaines.",
    ),
    "disputes": SectionMessages(
        "Contestations",
        "Décider d’un paiement contesté, et rendre ce qui doit l’être.",
        "Toujours, avec le paiement, sans vos mots ; les documents montrés, trois mois après la fin.",
    ),
    "acts": SectionMessages(
        "Actes sur le compte",
        "Pouvoir rendre compte de ce qui a été fait, et par qui.",
        "Toujours, sans votre nom : le journal prouve qu’il n’a pas été changé.",
    ),
}

ENGLISH: Mapping[str, SectionMessages] = {
    "identity": SectionMessages(
        "Identity",
        "Knowing whose the account is, as the law asks of whoever issues money.",
        "Five years after the account is closed, sealed; then the key is destroyed.",
    ),
    "documents": SectionMessages(
        "Papers",
        "Verifying the identity that was declared.",
        "Five years after the account is closed, sealed; then the key is destroyed.",
    ),
    "access": SectionMessages(
        "What opens the account",
        "Recognising you, and letting nothing pay but your devices.",
        "Until the account is closed; a session, thirty days at most.",
    ),
    "tills": SectionMessages(
        "Tills",
        "Taking payments in your shop, and knowing who was at the till where you name your cashiers.",
        "As long as the sales they made; they are revoked when the account is closed. A cashier’s name and "
        "PIN are destroyed as soon as you remove them, and when the account is closed at the latest.",
    ),
    "movements": SectionMessages(
        "Payments and postings",
        "Keeping everybody’s accounts.",
        "For ever: they are others’ too, and the ledger has them. Without your name after erasure.",
    ),
    "euros": SectionMessages(
        "Transfers and withdrawals",
        "Bringing euros in and out.",
        "Ten years, with the books; your bank details close with your key.",
    ),
    "listing": SectionMessages(
        "Card in the directory",
        "Letting those find you who want to pay at your place.",
        "Until the account is closed, or as long as you show it.",
    ),
    "people": SectionMessages(
        "Asks and contacts",
        "Letting you ask, send, and bound what you spend.",
        "Until the account is closed; what was asked and paid, with the payment, without your words.",
    ),
    "notices": SectionMessages(
        "Notices",
        "Telling you when the app is closed.",
        "Until the account is closed; what was read, some weeks.",
    ),
    "disputes": SectionMessages(
        "Disputes",
        "Deciding about a payment that is contested, and giving back what must be.",
        "For ever, with the payment, without your words; what was shown, three months after its end.",
    ),
    "acts": SectionMessages(
        "Acts on the account",
        "Being able to account for what was done, and by whom.",
        "For ever, without your name: the journal proves that it was not changed.",
    ),
}

_PAPER_FRENCH = PaperMessages(
    title="Mes données",
    holder="Titulaire",
    account="Compte",
    written="Écrit le {day}",
    purpose="Pourquoi",
    kept="Jusqu’à quand",
    count_one="1 ligne",
    count_many="{count} lignes",
    more="… et {count} autres lignes, dans le fichier JSON.",
    left_out=(
        "Ne figurent ici ni les secrets (clés, codes), ni les noms des agents, ni ce qu’ils ont écrit de "
        "votre dossier ; pour les contrôles que la loi impose, l’accès passe par la CNIL (Code monétaire et "
        "financier, L561-45)."
    ),
    yes="oui",
    no="non",
)
_PAPER_ENGLISH = PaperMessages(
    title="My data",
    holder="Holder",
    account="Account",
    written="Written on {day}",
    purpose="Why",
    kept="Until when",
    count_one="1 row",
    count_many="{count} rows",
    more="… and {count} more rows, in the JSON file.",
    left_out=(
        "Neither secrets (keys, codes) nor officers’ names nor what they wrote of your case are given here; "
        "for the checks that the law imposes, access goes through the CNIL (Code monétaire et financier, "
        "L561-45)."
    ),
    yes="yes",
    no="no",
)

#: Columns a person may want to read, as (French, English); all others are in the JSON file alone.
LABELS: Mapping[str, tuple[str, str]] = {
    "account_address": ("compte", "account"),
    "act": ("acte", "act"),
    "amount_cents": ("montant", "amount"),
    "at_unix_ms": ("le", "on"),
    "accepted_at_unix_ms": ("accepté", "accepted"),
    "asked_at_unix_ms": ("demandé", "asked"),
    "booked_on": ("comptabilisé", "booked"),
    "browser": ("navigateur", "browser"),
    "by_mail": ("par courriel", "by mail"),
    "by_push": ("par notification", "by push"),
    "commune_code": ("commune", "commune"),
    "created_at_unix_ms": ("créé", "made"),
    "credited_at_unix_ms": ("crédité", "credited"),
    "day_of_month": ("jour du mois", "day of the month"),
    "decided_at_unix_ms": ("décidé", "decided"),
    "expires_at_unix_ms": ("jusqu’au", "until"),
    "fee_cents": ("frais", "fee"),
    "final_at_unix_ms": ("définitif", "final"),
    "incoming": ("entrées gelées", "incoming frozen"),
    "kind": ("nature", "kind"),
    "label": ("nom", "name"),
    "language": ("langue", "language"),
    "last_used_at_unix_ms": ("servi", "last used"),
    "last_seen_at_unix_ms": ("vu", "last seen"),
    "media_type": ("forme", "form"),
    "left_cents": ("retenu", "held"),
    "opened_at_unix_ms": ("ouvert", "opened"),
    "outgoing": ("sorties gelées", "outgoing frozen"),
    "paired_at_unix_ms": ("appairé", "paired"),
    "posted_cents": ("solde", "balance"),
    "public_description": ("description", "description"),
    "public_name": ("nom public", "public name"),
    "purpose": ("pour", "for"),
    "reason": ("raison", "reason"),
    "ref": ("référence", "reference"),
    "reference": ("référence", "reference"),
    "requested_at_unix_ms": ("demandé", "asked"),
    "sealed_address": ("adresse", "address"),
    "sealed_answer": ("réponse", "answer"),
    "sealed_papers": ("pièce vue au guichet", "paper seen at the desk"),
    "cards_count": ("cartes imprimées", "cards printed"),
    "card_made_at_unix_ms": ("dernière carte", "last card"),
    "sealed_declaration": ("déclaration", "declaration"),
    "sealed_details": ("détails de la banque", "the bank’s details"),
    "sealed_endpoint": ("adresse du navigateur", "the browser’s address"),
    "sealed_holder": ("titulaire", "holder"),
    "sealed_iban": ("IBAN", "IBAN"),
    "sealed_identity": ("identité", "identity"),
    "sealed_payee_name": ("nom à la banque", "name at the bank"),
    "sealed_words": ("vos mots", "your words"),
    "sector": ("secteur", "sector"),
    "size_bytes": ("taille (octets)", "size (bytes)"),
    "state": ("état", "state"),
    "submitted_at_unix_ms": ("envoyé", "sent"),
    "tier": ("palier", "tier"),
    "until_unix_s": ("jusqu’au", "until"),
    "uploaded_at_unix_ms": ("reçu", "received"),
}


def label_of(column: str, language: str) -> str | None:
    """None of what only machines read."""
    words = LABELS.get(column)
    return None if words is None else said(language, *words)


def sections_in(language: str) -> Mapping[str, SectionMessages]:
    return all_said(language, FRENCH, ENGLISH)


def paper_in(language: str) -> PaperMessages:
    return all_said(language, _PAPER_FRENCH, _PAPER_ENGLISH)
