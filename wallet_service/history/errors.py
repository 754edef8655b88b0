"""Why there is no statement or receipt."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class MonthInvalid(Refusal):
    code = "statement.month_invalid"
    status = 422
    french = "Ce mois n’existe pas ou n’a pas encore commencé. Écrivez-le comme 2026-11."
    english = "There is no such month, or it has not begun. Write it as 2026-11."


class YearInvalid(Refusal):
    code = "statement.year_invalid"
    status = 422
    french = "Cette année n’existe pas ou n’a pas encore commencé. Écrivez-la comme 2026."
    english = "There is no such year, or it has not begun. Write it as 2026."


class StatementTooLong(Refusal):
    code = "statement.too_long"
    status = 422
    french = "Ce mois a trop de mouvements pour un seul relevé. Demandez-le à l’association."
    english = "This month has too many movements for one statement. Ask the association for it."


class ReceiptNotFound(Refusal):
    code = "receipt.not_found"
    status = 404
    french = "Il n’y a pas de reçu : ce paiement n’est pas le vôtre, ou n’est pas encore payé."
    english = "There is no receipt: this payment is not yours, or is not paid yet."
