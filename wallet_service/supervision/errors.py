"""Refusals of supervision: freezes, stops, approvals, figures."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class GroundMissing(BusinessError):
    code = "supervision.ground_missing"
    status = 422
    french = "Rien n’a été fait. Écrivez le motif, de {minimum} à {maximum} caractères."
    english = "Nothing was done. Write the ground, {minimum} to {maximum} characters."


class SecondOfficerNeeded(BusinessError):
    code = "approval.second_officer_needed"
    status = 403
    french = "Rien n’a été fait. Un autre agent que celui qui l’a demandé doit décider."
    english = "Nothing was done. Another officer than the one who asked must decide."


class RefusalNotAllowed(BusinessError):
    code = "approval.refusal_not_allowed"
    status = 403
    french = "Rien n’a été fait. Seul l’agent qui l’a demandé, ou un agent qui peut signer, peut refuser."
    english = "Nothing was done. Only the officer who asked, or one who may sign, can refuse."


class ApprovalNotFound(BusinessError):
    code = "approval.not_found"
    status = 404
    french = "Cette demande est inconnue."
    english = "This request is unknown."


class ApprovalClosed(BusinessError):
    code = "approval.closed"
    status = 409
    french = "Rien n’a été fait. Cette demande est déjà décidée ou trop ancienne."
    english = "Nothing was done. This request was already decided or is too old."


class MemberUnknown(BusinessError):
    code = "supervision.member_not_found"
    status = 404
    french = "Ce membre est inconnu."
    english = "This member is unknown."


class MemberNotEnrolled(BusinessError):
    code = "freeze.member_not_enrolled"
    status = 409
    french = "Rien n’a été fait. Ce membre n’est pas encore inscrit au registre."
    english = "Nothing was done. This member is not enrolled in the ledger yet."


class FreezeWithoutDirection(BusinessError):
    code = "freeze.without_direction"
    status = 422
    french = "Rien n’a été fait. Choisissez ce qui est gelé : envoyer, recevoir ou les deux."
    english = "Nothing was done. Choose what is frozen: sending, receiving or both."


class FreezePeriodInvalid(BusinessError):
    code = "freeze.period_invalid"
    status = 422
    french = "Rien n’a été fait. La fin du gel doit être à venir, dans {maximum_days} jours au plus."
    english = "Nothing was done. The freeze must end in the future, within {maximum_days} days."


class NothingFrozen(BusinessError):
    code = "freeze.none"
    status = 409
    french = "Rien n’a été fait. Ce membre n’est pas gelé."
    english = "Nothing was done. This member is not frozen."


class StopUnknown(BusinessError):
    code = "stop.unknown"
    status = 422
    french = "Rien n’a été fait. On peut arrêter les paiements, l’émission ou les sorties en euros."
    english = "Nothing was done. Payments, issuing or redemptions can be stopped."


class AlreadyStopped(BusinessError):
    code = "stop.already"
    status = 409
    french = "C’est déjà arrêté, ou l’arrêt est déjà parti vers le registre."
    english = "It is stopped already, or the stop is already on its way to the ledger."


class NotStopped(BusinessError):
    code = "stop.not_stopped"
    status = 409
    french = "Rien n’a été fait. Ce n’est pas arrêté."
    english = "Nothing was done. It is not stopped."


class ResumeAlreadyAsked(BusinessError):
    code = "stop.resume_already_asked"
    status = 409
    french = "La reprise est déjà demandée : un autre agent doit la signer."
    english = "Resuming was already asked for: another officer must sign it."


class FigureUnknown(BusinessError):
    code = "figure.unknown"
    status = 404
    french = "Ce chiffre n’existe pas."
    english = "There is no such figure."
