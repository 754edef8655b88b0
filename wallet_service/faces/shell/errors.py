"""Refusals of the shell itself: sessions, CSRF, till signatures, sizes, rates. Each with a stable code."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class RequestInvalid(Refusal):
    code = "request.invalid"
    status = 422
    french = "Rien n’a été fait : la demande est incomplète ou mal écrite. Vérifiez les champs signalés."
    english = "Nothing was done: the request is incomplete or malformed. Check the fields named."


class ResourceNotFound(Refusal):
    code = "request.not_found"
    status = 404
    french = "Cette page ou cet objet n’existe pas."
    english = "This page or object does not exist."


class MethodNotAllowed(Refusal):
    code = "request.method_not_allowed"
    status = 405
    french = "Cette action n’est pas possible ici."
    english = "This action is not possible here."


class BodyTooLarge(Refusal):
    code = "request.too_large"
    status = 413
    french = "Rien n’a été fait : l’envoi dépasse {limit_bytes} octets."
    english = "Nothing was done: the upload exceeds {limit_bytes} bytes."


class HostUnknown(Refusal):
    code = "request.host_unknown"
    status = 400
    french = "Rien n’a été fait : cette adresse n’est pas celle du service."
    english = "Nothing was done: this is not the service's address."


class RequestRefused(Refusal):
    code = "request.refused"
    status = 400
    french = "Rien n’a été fait : la demande n’est pas lisible."
    english = "Nothing was done: the request cannot be read."


class Internal(Refusal):
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


class ForeignOrigin(Refusal):
    code = "request.foreign_origin"
    status = 403
    french = "Rien n’a été fait : la demande vient d’un autre site."
    english = "Nothing was done: the request comes from another site."


class CsrfMissing(Refusal):
    code = "session.csrf"
    status = 403
    french = "Rien n’a été fait : la page est trop ancienne. Rechargez-la et recommencez."
    english = "Nothing was done: the page is too old. Reload it and try again."


class SessionRequired(Refusal):
    code = "session.required"
    status = 401
    french = "Rien n’a été fait : reconnectez-vous d’abord."
    english = "Nothing was done: sign in again first."


class SessionTooOld(Refusal):
    code = "session.too_old"
    status = 401
    french = "Rien n’a été fait : montrez d’abord que c’est bien vous."
    english = "Nothing was done: first show that it is you."


class RightMissing(Refusal):
    code = "officer.right_missing"
    status = 403
    french = "Rien n’a été fait : ce droit vous manque ({right})."
    english = "Nothing was done: you lack this right ({right})."


class TillSignatureMissing(Refusal):
    code = "till.signature_missing"
    status = 401
    french = "Rien n’a été fait : la tablette n’a pas signé sa demande."
    english = "Nothing was done: the till did not sign its request."


class TooManyRequests(Refusal):
    code = "request.too_many"
    status = 429
    french = "Rien n’a été fait : trop de demandes. Réessayez dans {retry_after_s} s."
    english = "Nothing was done: too many requests. Try again in {retry_after_s} s."


class TooManyOpenStreams(Refusal):
    code = "push.too_many_streams"
    status = 503
    french = "Le service est très occupé. Réessayez dans un instant."
    english = "The service is very busy. Try again in a moment."
