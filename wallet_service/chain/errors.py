"""Refusals that come from the chain's side."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class ChainUnavailable(BusinessError):
    """The node does not answer in time, answers nonsense, or is another chain. `reason` is for logs."""

    code = "chain.unavailable"
    status = 503
    french = "Le registre ne répond pas pour l’instant. Rien n’est perdu ; cela reprendra tout seul."
    english = "The ledger does not answer at the moment. Nothing is lost; it will resume by itself."

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


class CommandConflict(BusinessError):
    code = "chain.command_conflict"
    status = 409
    french = "Cette référence a déjà servi pour un autre ordre. Rien n’a changé."
    english = "This reference was already used for another order. Nothing changed."


class SigningKeyMissing(BusinessError):
    """No key is held here for that role; `role` names it."""

    code = "chain.signing_key_missing"
    status = 503
    french = "La clé de signature de ce rôle n’est pas disponible. L’ordre attend."
    english = "The signing key of this role is not available. The order waits."


class SettlementTooLarge(BusinessError):
    code = "chain.settlement_too_large"
    status = 422
    french = "Trop de paiements dans un même lot."
    english = "Too many payments in one batch."
