"""Refusals of the shell itself: sessions, CSRF, till signatures, sizes, rates. Each with a stable code."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class RequestInvalid(BusinessError):
    code = "request.invalid"
    status = 422
    french = "Rien n’a été fait : la demande est incomplète ou mal écrite. Vérifiez les champs signalés."
    english = "Nothing was done: the request is incomplete or malformed. Check the fields named."


class NotFound(BusinessError):
    code = "request.not_found"
    status = 404
    french = "Cette page ou cet objet n’existe pas."
    english = "This page or object does not exist."


class MethodNotAllowed(BusinessError):
    code = "request.method_not_allowed"
    status = 405
    french = "Cette action n’est pas possible ici."
    english = "This action is not possible here."


class BodyTooLarge(BusinessError):
    code = "request.too_large"
    status = 413
    french = "Rien n’a été fait : l’envoi dépasse {limit_bytes} octets."
    english = "Nothing was done: the upload exceeds {limit_bytes} bytes."


class RequestRefused(BusinessError):
    code = "request.refused"
    status = 400
    french = "Rien n’a été fait : la demande n’est pas lisible."
    english = "Nothing was done: the request cannot be read."


class Internal(BusinessError):
    code = "request.internal"
    status = 500
    french = (
        "Une erreur est survenue chez nous. Votre solde affiché fait foi : vérifiez-le, puis réessayez. "
        "Référence : {correlation_id}"
    )
    english = (
        "Something failed on our side. The balance shown is the truth: check it, then try again. "
        "Reference: {correlation_id}"
    )


class ForeignOrigin(BusinessError):
    code = "request.foreign_origin"
    status = 403
    french = "Rien n’a été fait : la demande vient d’un autre site."
    english = "Nothing was done: the request comes from another site."


class CsrfMissing(BusinessError):
    code = "session.csrf"
    status = 403
    french = "Rien n’a été fait : la page est trop ancienne. Rechargez-la et recommencez."
    english = "Nothing was done: the page is too old. Reload it and try again."


class SessionRequired(BusinessError):
    code = "session.required"
    status = 401
    french = "Rien n’a été fait : reconnectez-vous d’abord."
    english = "Nothing was done: sign in again first."


class SessionTooOld(BusinessError):
    code = "session.too_old"
    status = 401
    french = "Rien n’a été fait : montrez d’abord que c’est bien vous."
    english = "Nothing was done: first show that it is you."


class RightMissing(BusinessError):
    code = "officer.right_missing"
    status = 403
    french = "Rien n’a été fait : ce droit vous manque ({right})."
    english = "Nothing was done: you lack this right ({right})."


class TillSignatureMissing(BusinessError):
    code = "till.signature_missing"
    status = 401
    french = "Rien n’a été fait : la tablette n’a pas signé sa demande."
    english = "Nothing was done: the till did not sign its request."


class TooManyRequests(BusinessError):
    code = "request.too_many"
    status = 429
    french = "Rien n’a été fait : trop de demandes. Réessayez dans {retry_after_s} s."
    english = "Nothing was done: too many requests. Try again in {retry_after_s} s."


class TooManyOpenStreams(BusinessError):
    code = "push.too_many_streams"
    status = 503
    french = "Le service est très occupé. Réessayez dans un instant."
    english = "The service is very busy. Try again in a moment."
