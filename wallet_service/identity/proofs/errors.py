"""Refusals of proofs of identity: nothing changed, what to do, and papers as the way that always is there."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class ProviderOff(Refusal):
    code = "identity.provider_off"
    status = 404
    french = "Rien n’a changé. Ce moyen n’est pas proposé ici : envoyez vos papiers."
    english = "Nothing changed. This way is not offered here: send your papers."


class ProofUnknown(Refusal):
    """No attempt of this member waits for its answer; or another browser began it."""

    code = "identity.proof_unknown"
    status = 404
    french = (
        "Rien n’a changé. Cette réponse ne correspond à aucune demande de ce téléphone : recommencez ici."
    )
    english = "Nothing changed. This answer belongs to no request of this phone: begin again here."


class ProofUsed(Refusal):
    code = "identity.proof_used"
    status = 409
    french = "Rien n’a changé. Cette réponse a déjà servi : recommencez si besoin."
    english = "Nothing changed. This answer was already used: begin again if you need to."


class ProofAttemptExpired(Refusal):
    code = "identity.proof_expired"
    status = 410
    french = "Rien n’a changé. Trop de temps a passé : recommencez."
    english = "Nothing changed. Too much time has passed: begin again."


class ProofDeclined(Refusal):
    code = "identity.proof_declined"
    status = 409
    french = "Rien n’a changé et rien n’a été transmis : vous avez refusé. Vous pouvez envoyer vos papiers."
    english = "Nothing changed and nothing was handed over: you declined. You can send your papers."


class ProviderUnreachable(Refusal):
    code = "identity.provider_unreachable"
    status = 503
    french = (
        "Rien n’a changé. Le service d’identité ne répond pas : réessayez plus tard, ou envoyez vos papiers."
    )
    english = "Nothing changed. The identity service does not answer: try later, or send your papers."


class ProviderRefused(Refusal):
    code = "identity.provider_refused"
    status = 502
    french = "Rien n’a changé. Le service d’identité n’a pas terminé : recommencez, ou envoyez vos papiers."
    english = "Nothing changed. The identity service did not finish: begin again, or send your papers."


class ProofSignatureInvalid(Refusal):
    """Not signed, not by a key of whom we trust, or by an algorithm that is not taken."""

    code = "identity.proof_signature"
    status = 422
    french = (
        "Rien n’a changé. La signature de la réponse n’est pas valable : recommencez, ou envoyez vos papiers."
    )
    english = "Nothing changed. The answer's signature is not valid: begin again, or send your papers."


class ProofNotForUs(Refusal):
    code = "identity.proof_not_for_us"
    status = 422
    french = "Rien n’a changé. La réponse ne nous est pas destinée : recommencez, ou envoyez vos papiers."
    english = "Nothing changed. The answer is not meant for us: begin again, or send your papers."


class ProofNonceInvalid(Refusal):
    code = "identity.proof_nonce"
    status = 422
    french = "Rien n’a changé. La réponse n’est pas celle de cette demande : recommencez."
    english = "Nothing changed. The answer is not this request's: begin again."


class ProofOutOfDate(Refusal):
    code = "identity.proof_out_of_date"
    status = 422
    french = (
        "Rien n’a changé. La preuve n’est pas, ou n’est plus, valable : recommencez, ou envoyez vos papiers."
    )
    english = "Nothing changed. The proof is not, or no longer, valid: begin again, or send your papers."


class ProofLevelTooLow(Refusal):
    """Below substantial nothing is proved (Code monétaire et financier, R561-5-1, 1°)."""

    code = "identity.proof_level"
    status = 422
    french = (
        "Rien n’a changé. Ce compte d’identité n’est pas assez sûr pour la loi : choisissez-en un de niveau "
        "substantiel ou élevé, ou envoyez vos papiers."
    )
    english = (
        "Nothing changed. This identity account is not sure enough for the law: choose one of level "
        "substantial or high, or send your papers."
    )


class ProofIncomplete(Refusal):
    code = "identity.proof_incomplete"
    status = 422
    french = (
        "Rien n’a changé. Il manque le nom, un prénom ou une date de naissance entière : envoyez vos papiers."
    )
    english = "Nothing changed. The name, a first name or a whole birth date is missing: send your papers."


class BirthDateDiffers(Refusal):
    code = "identity.birth_date_differs"
    status = 409
    french = (
        "Rien n’a changé. La date de naissance n’est pas celle de ce compte : corrigez votre déclaration, ou "
        "demandez à l’association."
    )
    english = (
        "Nothing changed. The birth date is not this account's: correct your declaration, or ask the "
        "association."
    )


class IdentityInUse(Refusal):
    code = "identity.in_use"
    status = 409
    french = (
        "Rien n’a changé. Cette identité a déjà un compte ici. Retrouvez-le par « Téléphone perdu », ou "
        "envoyez vos papiers si ce n’est pas vous."
    )
    english = (
        "Nothing changed. This identity already has an account here. Find it by “Lost phone”, or send your "
        "papers if it is not you."
    )


class ProofStatusUnchecked(Refusal):
    """The credential says where its withdrawal is told, and nobody here can ask."""

    code = "identity.proof_status"
    status = 422
    french = (
        "Rien n’a changé. Nous ne pouvons pas vérifier que cette pièce numérique est encore valable : "
        "envoyez vos papiers."
    )
    english = "Nothing changed. We cannot check that this digital document still holds: send your papers."


class ProofTooMuch(Refusal):
    """The wallet handed over claims that were not asked for."""

    code = "identity.proof_too_much"
    status = 422
    french = (
        "Rien n’a changé et rien n’a été gardé : votre portefeuille a transmis plus que demandé. "
        "Recommencez, ou envoyez vos papiers."
    )
    english = (
        "Nothing changed and nothing was kept: your wallet handed over more than was asked for. "
        "Begin again, or send your papers."
    )
