"""The words of statements in both languages. The papers stand alone: they are read outside the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wallet_service.history.decisions import LineKind


@dataclass(frozen=True, slots=True)
class StatementMessages:
    """`kinds`: what a line is called when money comes in, and when it leaves."""

    title: str
    account: str
    holder: str
    opening: str
    closing: str
    so_far: str
    money_in: str
    money_out: str
    columns: tuple[str, ...]
    csv_columns: tuple[str, ...]
    empty: str
    foot: str
    demo: str
    page: str
    kinds: Mapping[LineKind, tuple[str, str]]
    months: tuple[str, ...]


FRENCH = StatementMessages(
    title="Relevé de {month}",
    account="Compte",
    holder="Titulaire",
    opening="Solde au début",
    closing="Solde à la fin",
    so_far="Solde à ce jour",
    money_in="Entré",
    money_out="Sorti",
    columns=("Date", "Nature", "Avec", "Montant", "Solde", "Preuve"),
    csv_columns=(
        *("date", "heure", "nature", "avec", "montant", "solde", "unité"),
        *("code de preuve", "référence", "bloc"),
    ),
    empty="Aucun mouvement définitif ce mois-ci.",
    foot="Écrit le {day} d’après les blocs définitifs du registre. Un paiement se vérifie avec son reçu.",
    demo="Démonstration : monnaie, personnes et commerces fictifs.",
    page="page {number} sur {{nb}}",
    kinds={
        LineKind.PAYMENT: ("Paiement reçu", "Paiement"),
        LineKind.REFUND: ("Remboursement reçu", "Remboursement"),
        LineKind.TOPUP: ("Virement crédité", "Virement"),
        LineKind.REDEMPTION: ("Retrait", "Retrait en euros"),
        LineKind.RETURN: ("Retrait rendu", "Retrait"),
        LineKind.TRANSFER: ("Transfert reçu", "Transfert"),
    },
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre"),
        *("octobre", "novembre", "décembre"),
    ),
)

ENGLISH = StatementMessages(
    title="Statement for {month}",
    account="Account",
    holder="Holder",
    opening="Opening balance",
    closing="Closing balance",
    so_far="Balance so far",
    money_in="In",
    money_out="Out",
    columns=("Date", "Kind", "With", "Amount", "Balance", "Proof"),
    csv_columns=(
        *("date", "time", "kind", "with", "amount", "balance", "unit"),
        *("proof code", "reference", "block"),
    ),
    empty="No final movement this month.",
    foot="Written on {day} from the ledger’s final blocks. A payment is checked with its receipt.",
    demo="Demonstration: the currency, people and shops are fictional.",
    page="page {number} of {{nb}}",
    kinds={
        LineKind.PAYMENT: ("Payment received", "Payment"),
        LineKind.REFUND: ("Refund received", "Refund"),
        LineKind.TOPUP: ("Transfer credited", "Transfer"),
        LineKind.REDEMPTION: ("Withdrawal", "Withdrawal in euros"),
        LineKind.RETURN: ("Withdrawal returned", "Withdrawal"),
        LineKind.TRANSFER: ("Transfer received", "Transfer"),
    },
    months=(
        *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
        *("October", "November", "December"),
    ),
)


def messages_in(language: str) -> StatementMessages:
    return ENGLISH if language == "en" else FRENCH
