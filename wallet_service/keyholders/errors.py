"""Refusals about keys of further people. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class KeyholderUnknown(Refusal):
    code = "keyholder.unknown"
    status = 404
    french = "Cette personne n’est pas, ou n’est plus, dans votre liste."
    english = "This person is not, or no longer, on your list."


class InvitationUnknown(Refusal):
    code = "keyholder.invitation_unknown"
    status = 404
    french = "Ce code n’est pas, ou n’est plus, celui d’une invitation. Demandez-en une autre."
    english = "This is not, or no longer, the code of an invitation. Ask for another."


class InvitationTaken(Refusal):
    code = "keyholder.invitation_taken"
    status = 409
    french = "Un autre téléphone a déjà répondu à cette invitation. Ce n’est pas le vôtre ? Refaites-en une."
    english = "Another phone has answered this invitation already. If it is not yours, make another."


class InvitationNotAnswered(Refusal):
    code = "keyholder.not_answered"
    status = 409
    french = "Aucun téléphone n’a encore répondu à cette invitation."
    english = "No phone has answered this invitation yet."


class KeyLimitsRefused(Refusal):
    """Limits the ledger would not take, or a helper's without an end within a year."""

    code = "keyholder.limits_refused"
    status = 422
    french = (
        "Ces limites ne sont pas possibles. Un proche a au moins une limite ; une aide a une fin, "
        "d’ici un an au plus ; une fin est à plus d’une heure."
    )
    english = (
        "These limits are not possible. A close person has one limit at least; a helper has an end within "
        "a year; an end is more than an hour away."
    )


class NameMissing(Refusal):
    code = "keyholder.name_missing"
    status = 422
    french = "Donnez un nom à cette personne : vous seul le verrez."
    english = "Give this person a name: you alone will see it."


class TooManyKeyholders(Refusal):
    code = "keyholder.too_many"
    status = 409
    french = "{limit} personnes peuvent déjà payer avec votre compte, ou sont invitées. Retirez-en une."
    english = "{limit} people can pay with your account already, or are invited to. Remove one first."


class KeyEnded(Refusal):
    """The key was taken back, or the ledger does not know it yet."""

    code = "keyholder.ended"
    status = 403
    french = "Rien n’a été débité. Ce téléphone ne peut plus payer avec ce compte : voyez son titulaire."
    english = "Nothing was taken. This phone can no longer pay with this account: ask its holder."


class KeyExpired(Refusal):
    code = "keyholder.expired"
    status = 403
    french = "Rien n’a été débité. Le temps convenu pour payer avec ce compte est fini : voyez le titulaire."
    english = "Nothing was taken. The time agreed for paying with this account is over: ask its holder."


class KeyPaymentLimit(Refusal):
    """`limit_cents`: what one payment by this key may be of."""

    code = "keyholder.payment_limit"
    status = 403
    french = "Rien n’a été débité. Avec ce compte, vous pouvez payer {limit_cents} à la fois au plus."
    english = "Nothing was taken. With this account you can pay {limit_cents} at a time at most."


class KeyDayLimit(Refusal):
    """`left_cents`: what is left of the key's day."""

    code = "keyholder.day_limit"
    status = 403
    french = "Rien n’a été débité. Des {limit_cents} par jour convenus, il reste {left_cents} aujourd’hui."
    english = "Nothing was taken. Of the {limit_cents} a day agreed on, {left_cents} are left today."


class KeyNeedsHolder(Refusal):
    """The account's passkey floor is reached: only its holder's passkey signs such an amount."""

    code = "keyholder.needs_holder"
    status = 403
    french = "Rien n’a été débité. Un montant comme celui-ci, seul le titulaire du compte peut le payer."
    english = "Nothing was taken. An amount like this only the account’s holder can pay."


class KeyBalanceTooLow(Refusal):
    """What is on the account is its holder's business: no amount is said."""

    code = "keyholder.balance_too_low"
    status = 409
    french = "Rien n’a été débité. Il n’y a pas assez sur le compte pour ce paiement : voyez son titulaire."
    english = "Nothing was taken. The account does not hold enough for this payment: ask its holder."


class KeyOnlyPays(Refusal):
    """Refunds and what others ask of the holder are the holder's to answer."""

    code = "keyholder.only_pays"
    status = 403
    french = "Rien n’a été débité. Ce téléphone peut payer, et rien d’autre : le reste revient au titulaire."
    english = "Nothing was taken. This phone can pay and nothing else: the rest is for the holder."
