"""Refusals about notices."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class EndpointRefused(Refusal):
    code = "notice.endpoint_refused"
    status = 422
    french = (
        "Les notifications n’ont pas été activées : ce navigateur a donné une adresse que nous "
        "n’appelons pas."
    )
    english = "Notifications were not turned on: this browser gave an address that we do not call."


class TooManyEndpoints(Refusal):
    code = "notice.too_many_endpoints"
    status = 409
    french = (
        "Les notifications sont déjà actives sur {limit} navigateurs. Désactivez-les sur l’un d’eux d’abord."
    )
    english = "Notifications are on in {limit} browsers already. Turn them off in one of them first."


class AlwaysTold(Refusal):
    code = "notice.always_told"
    status = 409
    french = "Ce qui touche à la sécurité de votre compte vous est toujours dit."
    english = "You are always told what concerns your account’s security."


class MailAddressRefused(Refusal):
    code = "notice.mail_address"
    status = 422
    french = "Rien n’a été envoyé : cette adresse ne se lit pas."
    english = "Nothing was sent: this address cannot be read."


class MailUnavailable(Refusal):
    code = "notice.mail_unavailable"
    status = 503
    french = "Le courrier ne part pas pour le moment. Réessayez plus tard."
    english = "Mail cannot be sent right now. Try again later."


class MailCodeRefused(Refusal):
    code = "notice.mail_code"
    status = 422
    french = "Ce code n’est pas celui du courrier, ou il a expiré. Demandez-en un autre."
    english = "This is not the code of the mail, or it has expired. Ask for another."
