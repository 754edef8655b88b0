"""Refusals about credits the bank took back."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class ReversalUnknown(Refusal):
    code = "reversal.unknown"
    status = 404
    french = "Cette contre-passation est inconnue."
    english = "This reversal is unknown."


class ReversalClosed(Refusal):
    code = "reversal.closed"
    status = 409
    french = "Rien n’a été fait. Cette contre-passation est déjà réglée. Rechargez la page."
    english = "Nothing was done. This reversal is settled already. Reload the page."


class ReversalMoved(Refusal):
    code = "reversal.moved"
    status = 409
    french = (
        "Rien n’a été fait. Ce qui manque a changé depuis la demande : refaites-la avec le montant du jour."
    )
    english = (
        "Nothing was done. What is missing has changed since this was asked: ask again with today’s amount."
    )


class ReversalAskedFor(Refusal):
    code = "reversal.asked_for"
    status = 409
    french = "Rien n’a été fait. Un agent l’a déjà demandé : un autre doit signer, ou refuser."
    english = "Nothing was done. An officer has asked for it already: another must sign, or refuse."


class ForcedTransferUnderWay(Refusal):
    code = "reversal.forced_under_way"
    status = 409
    french = "Rien n’a été fait. Un transfert forcé est en cours : il doit d’abord finir."
    english = "Nothing was done. A forced transfer is under way: it must end first."


class ForcedTransferNotDue(Refusal):
    code = "reversal.forced_not_due"
    status = 409
    french = "Rien n’a été fait. Le délai du registre pour ce transfert forcé n’est pas encore passé."
    english = "Nothing was done. The ledger’s delay for this forced transfer has not passed yet."


class NothingToTake(Refusal):
    code = "reversal.nothing_to_take"
    status = 409
    french = "Rien n’a été fait. Ce membre ne détient plus rien : il reste la perte, ou ce qu’il rendra."
    english = (
        "Nothing was done. This member holds nothing any more: there remains a loss, or what they give back."
    )


class ReturnsAccountMissing(Refusal):
    code = "reversal.no_returns_account"
    status = 409
    french = (
        "Rien n’a été fait. Aucun compte de l’association n’est nommé pour recevoir ce qui est rendu : "
        "l’exploitant doit régler ALBA_RETURNS_ACCOUNT."
    )
    english = (
        "Nothing was done. No account of the association is named to take what is given back: "
        "the operator must set ALBA_RETURNS_ACCOUNT."
    )


class LossAccountInvalid(Refusal):
    code = "reversal.loss_account_invalid"
    status = 422
    french = "Rien n’a été fait. Nommez la réserve qui porte la perte, en {minimum} à {maximum} caractères."
    english = "Nothing was done. Name the reserve that bears the loss, in {minimum} to {maximum} characters."


class RecreditDoesNotFit(Refusal):
    code = "reversal.recredit_does_not_fit"
    status = 409
    french = "Rien n’a été fait. Ce virement n’est pas un crédit à classer du même montant."
    english = "Nothing was done. This transfer is not an unmatched credit of the same amount."


class FrozenForAnotherReason(Refusal):
    code = "reversal.frozen_otherwise"
    status = 409
    french = "Rien n’a été fait. Ce membre est gelé pour un autre motif : la conformité doit lever ce gel."
    english = "Nothing was done. This member is frozen for another reason: compliance must lift that freeze."
