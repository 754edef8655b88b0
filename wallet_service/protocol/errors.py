"""Refusals of the pure protocol: what was typed, scanned or signed is not what the protocol says."""

from __future__ import annotations

from typing import ClassVar

from wallet_service.protocol.refusal import Refusal


class ProtocolError(Refusal, ValueError):
    """Something typed, scanned or signed is not what the protocol says."""

    status: ClassVar[int] = 422


class AmountInvalid(ProtocolError):
    code = "amount.invalid"
    french = "Ce montant n’est pas lisible. Écrivez par exemple 12,50."
    english = "This amount cannot be read. Write for example 12.50."


class AmountOutOfRange(ProtocolError):
    code = "amount.out_of_range"
    french = "Ce montant est trop petit ou trop grand."
    english = "This amount is too small or too large."


class AddressInvalid(ProtocolError):
    code = "address.invalid"
    french = "Cette adresse de compte n’est pas valable."
    english = "This account address is not valid."


class WordInvalid(ProtocolError):
    code = "reference.invalid"
    french = "Cette référence n’est pas valable."
    english = "This reference is not valid."


class TopupReferenceInvalid(ProtocolError):
    code = "topup.reference_invalid"
    french = "Cette référence de virement n’est pas valable."
    english = "This transfer reference is not valid."


class BadSignature(ProtocolError):
    """`reason` is for logs and tests: a short English phrase that never quotes the signature."""

    code = "signature.invalid"
    french = "La signature ne correspond pas. Rien n’a été débité ; recommencez."
    english = "The signature does not match. Nothing was taken; try again."

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class QrForeign(ProtocolError):
    code = "qr.foreign"
    french = "Ce code n’est pas un paiement de cette monnaie. Rien n’a été débité."
    english = "This code is not a payment in this currency. Nothing was taken."


class QrTampered(ProtocolError):
    code = "qr.tampered"
    french = "Ce code est abîmé ou a été modifié. Demandez au commerçant de l’afficher de nouveau."
    english = "This code is damaged or was changed. Ask the merchant to show it again."


class QrVersionUnknown(ProtocolError):
    code = "qr.version_unknown"
    french = "Ce code est plus récent que cette application. Mettez l’application à jour."
    english = "This code is newer than this app. Update the app."
