"""Refusals about keys, sign-in, passkeys and officers' entry."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class SigningKeyMissing(Refusal):
    """No key is held here for that role; `role` names it."""

    code = "chain.signing_key_missing"
    status = 503
    french = "La clé de signature de ce rôle n’est pas disponible. L’ordre attend."
    english = "The signing key of this role is not available. The order waits."


class ChallengeUnknown(Refusal):
    code = "session.challenge_unknown"
    status = 401
    french = "La connexion a pris trop de temps. Recommencez."
    english = "Signing in took too long. Start again."


class DeviceUnknown(Refusal):
    code = "session.device_unknown"
    status = 401
    french = "Cet appareil n’est lié à aucun compte, ou sa signature n’est pas la bonne."
    english = "This device belongs to no account, or its signature is wrong."


class PasskeyRefused(Refusal):
    code = "session.passkey_refused"
    status = 401
    french = "Cette clé d’accès n’est pas reconnue. Essayez-en une autre, ou l’appareil habituel."
    english = "This passkey is not recognised. Try another one, or your usual device."


class PasskeyInvalid(Refusal):
    code = "passkey.invalid"
    status = 422
    french = "La clé d’accès n’a pas pu être enregistrée. Recommencez."
    english = "The passkey could not be registered. Start again."


class TooManyPasskeys(Refusal):
    code = "passkey.too_many"
    status = 409
    french = "Ce compte a déjà {limit} clés d’accès."
    english = "This account already has {limit} passkeys."


class PasskeyUnknown(Refusal):
    code = "passkey.unknown"
    status = 404
    french = "Cette clé d’accès n’est pas celle de ce compte."
    english = "This passkey is not one of this account’s."


class PasskeyCannotSign(Refusal):
    """The ledger checks ES256 (ECDSA on P-256, RFC 9053) and nothing else."""

    code = "passkey.cannot_sign"
    status = 422
    french = "Cette clé d’accès ouvre le compte, mais ne peut pas signer de paiements."
    english = "This passkey opens the account, but cannot sign payments."


class SessionUnknown(Refusal):
    code = "session.unknown"
    status = 404
    french = "Cette connexion n’existe plus."
    english = "This session does not exist any more."


class PasskeyNeeded(Refusal):
    """Whoever holds a member's unlocked phone must not do that; `passkeys.check_shown` decides.

    Each subject has a code and sentences of its own. What opens the account is said here.
    """

    code = "access.passkey_wanted"
    status = 403
    french = "Rien n’a changé. Ce qui ouvre ce compte se change avec sa clé d’accès : montrez-la."
    english = "Nothing changed. What opens this account is changed with its passkey: show it."


class LastWayIn(Refusal):
    """What would be removed is the only thing that still lets its owner in."""

    code = "access.last_way_in"
    status = 409
    french = (
        "Rien n’a changé. C’est votre seul moyen d’entrer : "
        "ajoutez d’abord une clé d’accès ou un autre appareil."
    )
    english = "Nothing changed. This is your only way in: add a passkey or another device first."


class OfficerCodeRefused(Refusal):
    code = "officer.code_refused"
    status = 401
    french = "Ce code n’est pas valable, ou il a déjà servi."
    english = "This code is not valid, or was already used."


class OfficerUnknown(Refusal):
    code = "officer.unknown"
    status = 404
    french = "Cet agent n’existe pas."
    english = "There is no such officer."


class OfficerPasskeyRequired(Refusal):
    code = "officer.passkey_required"
    status = 403
    french = "Enregistrez d’abord une clé d’accès : le code ne sert qu’à cela."
    english = "Register a passkey first: the code is only good for that."


class KeyInvalid(Refusal):
    code = "wallet.key_invalid"
    status = 422
    french = "La clé de cet appareil n’est pas lisible."
    english = "This device's key cannot be read."
