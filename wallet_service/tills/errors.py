"""Refusals about tills, their pairing and their signed requests."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class NotAProfessional(Refusal):
    code = "till.not_a_professional"
    status = 403
    french = "Seul un compte professionnel peut avoir une caisse."
    english = "Only a professional account can have a till."


class TooManyTills(Refusal):
    code = "till.too_many"
    status = 409
    french = "Ce compte a déjà {limit} caisses."
    english = "This account already has {limit} tills."


class PairingCodeRefused(Refusal):
    code = "till.pairing_code_refused"
    status = 401
    french = (
        "Ce code n’est pas valable : il a expiré ou déjà servi. "
        "Demandez-en un autre dans l’application du commerçant."
    )
    english = "This code is not valid: it expired or was used. Ask for another one in the merchant's app."


class CashierUnknown(Refusal):
    code = "cashier.unknown"
    status = 404
    french = "Cette personne n’est pas parmi les caissiers de ce commerce."
    english = "This person is not among the cashiers of this shop."


class CashierNameRefused(Refusal):
    code = "cashier.name_refused"
    status = 422
    french = "Rien n’a changé. Le nom tient en une ligne de 1 à {maximum_characters} caractères."
    english = "Nothing changed. The name is one line of 1 to {maximum_characters} characters."


class CashierNameTaken(Refusal):
    code = "cashier.name_taken"
    status = 409
    french = "Rien n’a changé. Un caissier porte déjà ce nom."
    english = "Nothing changed. A cashier has that name already."


class TooManyCashiers(Refusal):
    code = "cashier.too_many"
    status = 409
    french = "Rien n’a changé. Ce commerce a déjà {limit} caissiers."
    english = "Nothing changed. This shop already has {limit} cashiers."


class CashierPinWrong(Refusal):
    code = "cashier.pin_wrong"
    status = 403
    french = "Ce code n’est pas le bon. Essais restants : {tries_left}."
    english = "That PIN is wrong. Tries left: {tries_left}."


class CashierPaused(Refusal):
    code = "cashier.paused"
    status = 429
    french = "Trop de codes faux. Réessayez dans {retry_after_s} s, ou demandez un autre code au commerçant."
    english = "Too many wrong PINs. Try again in {retry_after_s} s, or ask the merchant for another PIN."


class TillUnknown(Refusal):
    code = "till.unknown"
    status = 401
    french = "Cette tablette n’est associée à aucun commerce. Associez-la à nouveau."
    english = "This till is paired with no shop. Pair it again."


class TillNotFound(Refusal):
    code = "till.not_found"
    status = 404
    french = "Cette caisse n’existe pas."
    english = "There is no such till."


class TillAccessRevoked(Refusal):
    code = "till.revoked"
    status = 401
    french = "Cette tablette a été retirée par le commerçant. Associez-la à nouveau pour vendre."
    english = "This till was removed by the merchant. Pair it again to sell."


class TillSignatureInvalid(Refusal):
    code = "till.signature_invalid"
    status = 401
    french = "Rien n’a été fait : la signature de la tablette n’est pas la bonne."
    english = "Nothing was done: the till's signature is wrong."


class TillClockWrong(Refusal):
    code = "till.clock_wrong"
    status = 401
    french = "L’horloge de la tablette n’est pas à l’heure."
    english = "The till's clock is wrong."


class TillRequestReplayed(Refusal):
    code = "till.replayed"
    status = 401
    french = "Rien n’a été fait : cette demande a déjà été reçue."
    english = "Nothing was done: this request was already received."
