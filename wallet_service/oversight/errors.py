"""Refusals of supervision: freezes, stops, approvals, figures."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal
from wallet_service.security.errors import PasskeyNeeded


class GroundMissing(Refusal):
    code = "supervision.ground_missing"
    status = 422
    french = "Rien n’a été fait. Écrivez le motif, de {minimum} à {maximum} caractères."
    english = "Nothing was done. Write the ground, {minimum} to {maximum} characters."


class SecondOfficerNeeded(Refusal):
    code = "approval.second_officer_needed"
    status = 403
    french = "Rien n’a été fait. Un autre agent que celui qui l’a demandé doit décider."
    english = "Nothing was done. Another officer than the one who asked must decide."


class SigningRightMissing(Refusal):
    code = "approval.signing_right_missing"
    status = 403
    french = "Rien n’a été fait. Signer ceci demande un droit qui vous manque ({right})."
    english = "Nothing was done. Signing this takes a right you lack ({right})."


class RefusalNotAllowed(Refusal):
    code = "approval.refusal_not_allowed"
    status = 403
    french = "Rien n’a été fait. Seul l’agent qui l’a demandé, ou un agent qui peut signer, peut refuser."
    english = "Nothing was done. Only the officer who asked, or one who may sign, can refuse."


class FrozenByOthers(Refusal):
    code = "freeze.not_yours"
    status = 403
    french = "Rien n’a changé. Ce gel n’est pas de vous : contactez l’association."
    english = "Nothing has changed. This freeze is not yours: contact the association."


class FreezePasskeyNeeded(PasskeyNeeded):
    code = "freeze.passkey_needed"
    french = "Rien n’a changé. Reconnectez-vous avec votre clé d’accès pour lever ce gel."
    english = "Nothing has changed. Sign in again with your passkey to lift this freeze."


class ConfirmationRequired(Refusal):
    """The act was not confirmed by its officer, for itself, a moment ago."""

    code = "officer.confirmation_required"
    status = 403
    french = (
        "Rien n’a été fait. Cet acte se confirme à l’instant, avec votre clé d’accès ; "
        "dans la démonstration, sans clé, avec votre code d’agent."
    )
    english = (
        "Nothing was done. This act is confirmed at the moment, with your passkey; "
        "in the demonstration, without one, with your officer’s code."
    )


class OwnSessions(Refusal):
    code = "officer.own_sessions"
    status = 422
    french = (
        "Rien n’a été fait. Vos propres connexions se terminent plus haut, une par une ou toutes les autres."
    )
    english = "Nothing was done. Your own sessions end further up, one by one or all others."


class ApprovalNotFound(Refusal):
    code = "approval.not_found"
    status = 404
    french = "Cette demande est inconnue."
    english = "This request is unknown."


class ApprovalClosed(Refusal):
    code = "approval.closed"
    status = 409
    french = "Rien n’a été fait. Cette demande est déjà décidée ou trop ancienne."
    english = "Nothing was done. This request was already decided or is too old."


class MemberNotFound(Refusal):
    code = "supervision.member_not_found"
    status = 404
    french = "Ce membre est inconnu."
    english = "This member is unknown."


class MemberNotEnrolled(Refusal):
    code = "freeze.member_not_enrolled"
    status = 409
    french = "Rien n’a été fait. Ce membre n’est pas encore inscrit au registre."
    english = "Nothing was done. This member is not enrolled in the ledger yet."


class FreezeWithoutDirection(Refusal):
    code = "freeze.without_direction"
    status = 422
    french = "Rien n’a été fait. Choisissez ce qui est gelé : envoyer, recevoir ou les deux."
    english = "Nothing was done. Choose what is frozen: sending, receiving or both."


class FreezePeriodInvalid(Refusal):
    code = "freeze.period_invalid"
    status = 422
    french = "Rien n’a été fait. La fin du gel doit être à venir, dans {maximum_days} jours au plus."
    english = "Nothing was done. The freeze must end in the future, within {maximum_days} days."


class NothingFrozen(Refusal):
    code = "freeze.none"
    status = 409
    french = "Rien n’a été fait. Ce membre n’est pas gelé."
    english = "Nothing was done. This member is not frozen."


class StopUnknown(Refusal):
    code = "stop.unknown"
    status = 422
    french = "Rien n’a été fait. On peut arrêter les paiements, l’émission ou les sorties en euros."
    english = "Nothing was done. Payments, issuing or redemptions can be stopped."


class AlreadyStopped(Refusal):
    code = "stop.already"
    status = 409
    french = "C’est déjà arrêté, ou l’arrêt est déjà parti vers le registre."
    english = "It is stopped already, or the stop is already on its way to the ledger."


class NotStopped(Refusal):
    code = "stop.not_stopped"
    status = 409
    french = "Rien n’a été fait. Ce n’est pas arrêté."
    english = "Nothing was done. It is not stopped."


class ResumeAlreadyAsked(Refusal):
    code = "stop.resume_already_asked"
    status = 409
    french = "La reprise est déjà demandée : un autre agent doit la signer."
    english = "Resuming was already asked for: another officer must sign it."
