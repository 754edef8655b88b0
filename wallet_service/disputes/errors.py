"""Refusals about contested payments. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class DisputeUnknown(Refusal):
    code = "dispute.unknown"
    status = 404
    french = "Cette contestation est inconnue."
    english = "This dispute is unknown."


class PaymentNotYours(Refusal):
    code = "dispute.payment_not_yours"
    status = 404
    french = "Rien n’a été retenu. Ce paiement n’est pas de ceux que vous avez faits."
    english = "Nothing was held. This payment is not one you made."


class NotContestable(Refusal):
    code = "dispute.not_contestable"
    status = 409
    french = "Rien n’a été retenu. Seul un paiement payé, à un compte encore ouvert, peut être contesté."
    english = "Nothing was held. Only a paid payment to an account that is still open can be contested."


class ContestTooLate(Refusal):
    code = "dispute.too_late"
    status = 409
    french = "Rien n’a été retenu. Un paiement peut être contesté pendant {days} jours ; ce délai est passé."
    english = "Nothing was held. A payment can be contested for {days} days; that time has passed."


class NothingToContest(Refusal):
    code = "dispute.nothing_left"
    status = 409
    french = "Rien n’a été retenu. Il reste moins de {least_cents} € de ce paiement à contester."
    english = "Nothing was held. Less than {least_cents} € of this payment is left to contest."


class TooManyDisputes(Refusal):
    code = "dispute.too_many"
    status = 429
    french = (
        "Rien n’a été retenu. Vous pouvez avoir {open} contestations en cours, et en ouvrir {a_day} par "
        "jour. Pour davantage, appelez l’association."
    )
    english = (
        "Nothing was held. You can have {open} disputes under way, and open {a_day} a day. "
        "For more, call the association."
    )


class TooManyDismissed(Refusal):
    code = "dispute.too_many_dismissed"
    status = 429
    french = (
        "Rien n’a été retenu. Plusieurs de vos contestations ont été rejetées cette année : "
        "pour en faire une autre, appelez l’association."
    )
    english = (
        "Nothing was held. Several of your disputes were dismissed this year: "
        "to make another, call the association."
    )


class WordsTooLong(Refusal):
    code = "dispute.words_too_long"
    status = 422
    french = "Rien n’a été fait. Dites-le en {limit} caractères au plus."
    english = "Nothing was done. Say it in at most {limit} characters."


class DisputeClosed(Refusal):
    code = "dispute.closed"
    status = 409
    french = "Rien n’a été fait. Cette contestation est déjà décidée. Rechargez la page."
    english = "Nothing was done. This dispute is decided already. Reload the page."


class AnsweredAlready(Refusal):
    code = "dispute.answered"
    status = 409
    french = "Rien n’a été fait. Vous avez déjà répondu à cette contestation."
    english = "Nothing was done. You have answered this dispute already."


class DisputeAskedFor(Refusal):
    code = "dispute.asked_for"
    status = 409
    french = "Rien n’a été fait. Un agent l’a déjà demandé : un autre doit signer, ou refuser."
    english = "Nothing was done. An officer has asked for it already: another must sign, or refuse."


class DisputeMoved(Refusal):
    code = "dispute.moved"
    status = 409
    french = "Rien n’a été fait. Ce qui est retenu a changé depuis la demande : refaites-la."
    english = "Nothing was done. What is held has changed since this was asked: ask again."


class NothingHeld(Refusal):
    code = "dispute.nothing_held"
    status = 409
    french = "Rien n’a été fait. Rien n’est retenu sur ce compte pour cette contestation."
    english = "Nothing was done. Nothing is held on this account for this dispute."


class TakingUnderWay(Refusal):
    code = "dispute.taking_under_way"
    status = 409
    french = "Rien n’a été fait. Un transfert forcé est en cours : il doit d’abord finir."
    english = "Nothing was done. A forced transfer is under way: it must end first."


class TakingNotDue(Refusal):
    code = "dispute.taking_not_due"
    status = 409
    french = "Rien n’a été fait. Le délai du registre pour ce transfert forcé n’est pas encore passé."
    english = "Nothing was done. The ledger’s delay for this forced transfer has not passed yet."


class TooManyPapers(Refusal):
    code = "dispute.too_many_papers"
    status = 409
    french = "Rien n’a été ajouté. {limit} documents au plus pour une contestation."
    english = "Nothing was added. At most {limit} documents for one dispute."
