"""Every refusal the point of sale itself makes, and the passing on of the service's own.

Each has a stable code, an HTTP status, a French and an English sentence that say first what happened to the
money. The wallet service keeps its own list; this module must not repeat its refusals.
"""

from __future__ import annotations

from typing import Any

from wallet_service.protocol.refusal import Refusal


class PosError(Refusal):
    """Root of the point of sale's own refusals; their codes start with ``pos.``."""

    def problem(self, language: str) -> dict[str, Any]:
        """The RFC 9457 body of this refusal."""
        return {
            "type": f"urn:alba:error:{self.code}",
            "title": self.code,
            "status": self.status,
            "code": self.code,
            "detail": self.sentence(language),
            "values": self.values,
        }


class NotPaired(PosError):
    code = "pos.not_paired"
    status = 401
    french = "Rien n’a été encaissé. Cette tablette n’a pas de commerce : entrez un code d’association."
    english = "Nothing was taken. This tablet is not paired with any shop: enter a pairing code."


class PageOutOfDate(PosError):
    code = "pos.page_out_of_date"
    status = 403
    french = "Rien n’a été encaissé. Cette page n’est plus à jour : rechargez-la."
    english = "Nothing was taken. This page is out of date: reload it."


class ServiceUnreachable(PosError):
    code = "pos.service_unreachable"
    status = 503
    french = (
        "Le service ne répond pas : impossible de savoir si la demande est arrivée. "
        "Ne considérez rien comme payé tant que « Payé » n’est pas affiché."
    )
    english = (
        "The service does not answer, so it is not known whether the request arrived. "
        "Treat nothing as paid until “Paid” is shown."
    )


class ServiceAnswerUnknown(PosError):
    code = "pos.service_answer_unknown"
    status = 502
    french = (
        "Le service a donné une réponse illisible. "
        "Ne considérez rien comme payé tant que « Payé » n’est pas affiché."
    )
    english = "The service gave an answer that cannot be read. Treat nothing as paid until “Paid” is shown."


class AmountOutOfBounds(PosError):
    code = "pos.amount_out_of_bounds"
    status = 422
    french = "Rien n’a été encaissé. Le montant doit aller de {minimum_cents} à {maximum_cents}."
    english = "Nothing was taken. The amount must be between {minimum_cents} and {maximum_cents}."


class SaleLabelMalformed(PosError):
    code = "pos.sale_label_malformed"
    status = 422
    french = (
        "Rien n’a été encaissé. Le libellé tient en une ligne de {maximum_characters} caractères au plus : "
        "raccourcissez-le."
    )
    english = (
        "Nothing was taken. The label is one line of at most {maximum_characters} characters: shorten it."
    )


class RequestMalformed(PosError):
    code = "pos.request_malformed"
    status = 422
    french = "Rien n’a été encaissé. La demande de la tablette est incomplète ou mal formée."
    english = "Nothing was taken. The tablet's request is incomplete or malformed."


class PairingCodeMalformed(PosError):
    code = "pos.pairing_code_malformed"
    status = 422
    french = "La tablette n’est pas associée. Ce code est mal formé : recopiez-le depuis le portefeuille."
    english = "The tablet is not paired. That is not a pairing code: copy it again from the wallet."


class TillNameMalformed(PosError):
    code = "pos.till_name_malformed"
    status = 422
    french = (
        "La tablette n’est pas associée. Donnez à la caisse un nom de 1 à {maximum_characters} caractères."
    )
    english = "The tablet is not paired. Give the till a name of 1 to {maximum_characters} characters."


class TooManyPairings(PosError):
    code = "pos.too_many_pairings"
    status = 429
    french = "La tablette n’est pas associée : trop d’essais. Réessayez dans {retry_after_s} s."
    english = "The tablet is not paired: too many tries. Try again in {retry_after_s} s."


class TooManyScreens(PosError):
    code = "pos.too_many_screens"
    status = 503
    french = "Cette caisse est déjà ouverte sur {maximum_screens} écrans : fermez-en un."
    english = "This till is already open on {maximum_screens} screens: close one."


class PosRouteNotFound(PosError):
    code = "pos.not_found"
    status = 404
    french = "Cette page n’existe pas."
    english = "This page does not exist."


class PosMethodNotAllowed(PosError):
    code = "pos.method_not_allowed"
    status = 405
    french = "Cette action n’est pas possible ici."
    english = "This action is not possible here."


class PosHostUnknown(PosError):
    code = "pos.host_unknown"
    status = 400
    french = "Cette adresse n’est pas celle de la caisse."
    english = "This is not the till's address."


class ServiceRefusal(Exception):
    """What the service refused, in its own words (already in the person's language), passed on unchanged."""

    def __init__(self, status: int, problem: dict[str, Any], server_time_unix_ms: int | None = None) -> None:
        super().__init__(str(problem.get("code", "")))
        self.status = status
        self.body = problem
        self.server_time_unix_ms = server_time_unix_ms

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))

    def problem(self, language: str) -> dict[str, Any]:
        del language  # the service has already chosen it from Accept-Language
        kept = ("type", "title", "code", "detail", "values", "instance")
        return {"status": self.status, **{name: self.body[name] for name in kept if name in self.body}}
