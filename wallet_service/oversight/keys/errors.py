"""Refusals about suspending a key and releasing it; of what a suspended key asks, see accounts.errors."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class SuspensionPeriodInvalid(Refusal):
    code = "key.period_invalid"
    status = 422
    french = "Rien n’a été fait. Une clé se suspend pour un jour au moins, {maximum_days} jours au plus."
    english = "Nothing was done. A key is suspended for one day at least, {maximum_days} days at most."


class KeyNotOfMember(Refusal):
    """No device of that member's signs with it, or none does any more."""

    code = "key.not_of_member"
    status = 404
    french = "Rien n’a été fait. Cet appareil ne signe pas, ou plus, pour ce membre."
    english = "Nothing was done. This device does not, or no longer, sign for this member."


class AnotherKeySuspended(Refusal):
    """The ledger suspends one key of an account at a time."""

    code = "key.another_suspended"
    status = 409
    french = "Rien n’a été fait. Une autre clé de ce compte est suspendue : levez d’abord cette suspension."
    english = "Nothing was done. Another key of this account is suspended: release that one first."


class NothingSuspended(Refusal):
    code = "key.none_suspended"
    status = 409
    french = "Rien n’a été fait. Aucune clé de ce membre n’est suspendue, ou la levée est déjà en route."
    english = "Nothing was done. No key of this member is suspended, or its release is already on its way."
