"""Refusals about asks and sends. Sentences speak of the money first."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class AskNotFound(Refusal):
    """There is none, or not for the one who asks: the two are not told apart."""

    code = "ask.not_found"
    status = 404
    french = "Rien n’a été débité. Cette demande n’existe pas, ou n’est pas pour vous."
    english = "Nothing was taken. There is no such request, or it is not for you."


class NoShareLeft(Refusal):
    code = "ask.no_share_left"
    status = 409
    french = "Rien n’a été débité. Toutes les parts de cette demande sont déjà prises."
    english = "Nothing was taken. Every share of this request is taken already."


class PartOver(Refusal):
    """`state`: declined, cancelled or expired."""

    code = "ask.over"
    status = 409
    french = "Rien n’a été débité. Cette demande est terminée."
    english = "Nothing was taken. This request is over."


class PartAlreadyPaid(Refusal):
    code = "ask.already_paid"
    status = 409
    french = "Rien de plus n’a été débité. Cette part est déjà payée, ou en train de l’être."
    english = "Nothing more was taken. This share is paid already, or being paid."


class PartNotClaimed(Refusal):
    """Nobody has said yet that it is they who shall receive."""

    code = "ask.not_claimed"
    status = 409
    french = "Rien n’a été débité. La personne n’a pas encore ouvert de portefeuille."
    english = "Nothing was taken. The person has not opened a wallet yet."


class PartAlreadyClaimed(Refusal):
    code = "ask.already_claimed"
    status = 409
    french = "Quelqu’un a déjà répondu à cet envoi. Si ce n’est pas vous, demandez un autre lien."
    english = "Somebody has answered this already. If it was not you, ask for another link."


class PartMismatch(Refusal):
    """The payment is not what the part says. `amount_cents`: what the part is of."""

    code = "ask.mismatch"
    status = 409
    french = (
        "Rien n’a été débité. Cette demande est de {amount_cents} et pour quelqu’un d’autre, ou autrement."
    )
    english = "Nothing was taken. This request is of {amount_cents} and for somebody else, or otherwise."


class OwnAskPart(Refusal):
    code = "ask.your_own"
    status = 409
    french = "Rien n’a été débité. Cette demande est la vôtre : envoyez-la à quelqu’un d’autre."
    english = "Nothing was taken. This request is your own: send it to somebody else."


class VisitorsPayShops(Refusal):
    """Visitors pay professionals only (CMF R561-16-1)."""

    code = "ask.visitor_to_person"
    status = 403
    french = "Rien n’a été débité. Sans identité déclarée, on paie les commerces et associations seulement."
    english = "Nothing was taken. Without a declared identity you can pay shops and associations only."


class IdentityNeeded(Refusal):
    """Who writes to a number or an address signs with a name."""

    code = "ask.identity_needed"
    status = 403
    french = "Rien n’a été envoyé. Pour écrire à un numéro ou à une adresse, déclarez d’abord votre identité."
    english = "Nothing was sent. To write to a number or an address, declare your identity first."


class TooManyParts(Refusal):
    """`limit`: how many people one ask may have."""

    code = "ask.too_many_people"
    status = 422
    french = "Rien n’a été demandé. Une demande va à {limit} personnes au plus."
    english = "Nothing was asked. A request goes to {limit} people at most."


class TooManyOpenParts(Refusal):
    """`limit`: how many may wait at once, for the member's tier."""

    code = "ask.too_many_open"
    status = 409
    french = "Rien n’a été envoyé. Vous avez déjà {limit} demandes en attente : annulez-en, ou attendez."
    english = "Nothing was sent. You have {limit} requests waiting already: cancel some, or wait."


class TooManyToday(Refusal):
    """`limit`: how many a day, for the member's tier."""

    code = "ask.too_many_today"
    status = 429
    french = "Rien n’a été envoyé. Vous avez fait vos {limit} demandes des dernières 24 heures."
    english = "Nothing was sent. You have made your {limit} requests of the last 24 hours."


class TooManyOfOne(Refusal):
    """`limit`: how many asks to one person may wait."""

    code = "ask.too_many_of_one"
    status = 409
    french = "Rien n’a été demandé. Cette personne a déjà {limit} demandes de vous en attente."
    english = "Nothing was asked. This person has {limit} requests of yours waiting already."


class AddressUnreadable(Refusal):
    code = "ask.address_unreadable"
    status = 422
    french = (
        "Rien n’a été envoyé. Écrivez un numéro comme 06 12 34 56 78, ou une adresse comme nom@exemple.fr."
    )
    english = "Nothing was sent. Write a number like 06 12 34 56 78, or an address like name@example.org."


class AskShapeWrong(Refusal):
    """No part at all, twice the same person, or a part that names nobody or two."""

    code = "ask.shape"
    status = 422
    french = "Rien n’a été envoyé. Dites à qui, chacun une fois."
    english = "Nothing was sent. Say to whom, each once."


class AskReferenceReused(Refusal):
    code = "ask.reference_reused"
    status = 409
    french = "Rien n’a été envoyé. Cette référence appartient déjà à une autre demande."
    english = "Nothing was sent. This reference belongs to another request already."
