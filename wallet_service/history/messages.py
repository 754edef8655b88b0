"""The words of statements. The papers stand alone: they are read outside the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wallet_service.history.decisions import LineKind
from wallet_service.languages.catalogues import all_said


@dataclass(frozen=True, slots=True)
class StatementMessages:
    """`kinds`: what a line is called when money comes in, and when it leaves."""

    title: str
    account: str
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
    moment: str
    said: str
    amounts_in: str
    year_title: str
    year_columns: tuple[str, ...]
    kind_columns: tuple[str, ...]
    total: str
    receipt: str
    refund_receipt: str
    receipt_foot: str
    paid: str
    paid_by: str
    paid_to: str
    when: str
    proof_code: str
    message: str
    tip: str
    tips: str
    label: str
    gives_back: str
    refunded: str
    given_back: str
    to_check: str
    how_to_check: str
    reference: str
    transaction: str
    block: str
    ledger: str

    def kind_word(self, kind: LineKind, *, is_in: bool) -> str:
        """What a line is called when its money comes in, or leaves."""
        return self.kinds[kind][0 if is_in else 1]


FRENCH = StatementMessages(
    title="Relevé de {month}",
    account="Compte",
    opening="Solde au début",
    closing="Solde à la fin",
    so_far="Solde à ce jour",
    money_in="Entré",
    money_out="Sorti",
    columns=("Date", "Nature", "Avec", "Montant", "Solde", "Preuve"),
    csv_columns=(
        *("date", "heure", "nature", "avec", "montant", "solde", "unité"),
        *("code de preuve", "référence", "bloc", "message", "libellé", "dont pourboire"),
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
    moment="{day} à {hour} h {minute}",
    said="« {message} »",
    amounts_in="Montants en {unit}",
    year_title="Résumé de l’année {year}",
    year_columns=("Mois", "Entré", "Sorti", "Solde à la fin"),
    kind_columns=("Nature", "Nombre", "Total"),
    total="Toute l’année",
    receipt="Reçu de paiement",
    refund_receipt="Reçu de remboursement",
    receipt_foot="Écrit le {day} d’après les blocs définitifs du registre.",
    paid="payé",
    paid_by="Payé par",
    paid_to="Payé à",
    when="Date",
    proof_code="Code de preuve",
    message="Message",
    tip="dont pourboire",
    tips="Dont pourboires reçus : {amount}",
    label="Libellé",
    gives_back="Rembourse",
    refunded="Remboursé depuis",
    given_back="{amount}, le {moment} (code {code})",
    to_check="Pour vérifier",
    how_to_check=(
        "N’importe qui peut vérifier ce paiement, sans compte et sans nous croire, sur {where}, avec le "
        "fichier de preuve qui se télécharge à côté de ce reçu. Ce fichier ne contient aucun nom."
    ),
    reference="Référence",
    transaction="Transaction",
    block="Bloc",
    ledger="Registre (réseau)",
)

ENGLISH = StatementMessages(
    title="Statement for {month}",
    account="Account",
    opening="Opening balance",
    closing="Closing balance",
    so_far="Balance so far",
    money_in="In",
    money_out="Out",
    columns=("Date", "Kind", "With", "Amount", "Balance", "Proof"),
    csv_columns=(
        *("date", "time", "kind", "with", "amount", "balance", "unit"),
        *("proof code", "reference", "block", "message", "label", "of which tip"),
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
    moment="{day} at {hour}:{minute}",
    said="“{message}”",
    amounts_in="Amounts in {unit}",
    year_title="Summary of {year}",
    year_columns=("Month", "In", "Out", "Closing balance"),
    kind_columns=("Kind", "How many", "Total"),
    total="The whole year",
    receipt="Payment receipt",
    refund_receipt="Refund receipt",
    receipt_foot="Written on {day} from the ledger’s final blocks.",
    paid="paid",
    paid_by="Paid by",
    paid_to="Paid to",
    when="Date",
    proof_code="Proof code",
    message="Message",
    tip="of which tip",
    tips="Of which tips received: {amount}",
    label="Label",
    gives_back="Refunds",
    refunded="Refunded since",
    given_back="{amount}, on {moment} (code {code})",
    to_check="To check it",
    how_to_check=(
        "Anybody can check this payment, without an account and without trusting us, at {where}, with the "
        "proof file that is downloaded beside this receipt. That file holds no name."
    ),
    reference="Reference",
    transaction="Transaction",
    block="Block",
    ledger="Ledger (network)",
)


def messages_in(language: str) -> StatementMessages:
    return all_said(language, FRENCH, ENGLISH)
