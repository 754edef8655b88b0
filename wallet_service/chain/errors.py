"""Refusals that come from the chain's side."""

from __future__ import annotations

from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.refusal import Refusal


class NodeContradictsItself(ChainUnavailable):
    """The node's answers exclude each other: nothing of them was taken."""

    code = "chain.contradicts_itself"
    french = "Le registre se contredit pour l’instant. Rien n’est perdu ; cela reprendra tout seul."
    english = "The ledger contradicts itself at the moment. Nothing is lost; it will resume by itself."


class CommandConflict(Refusal):
    code = "chain.command_conflict"
    status = 409
    french = "Cette référence a déjà servi pour un autre ordre. Rien n’a changé."
    english = "This reference was already used for another order. Nothing changed."


class SettlementTooLarge(Refusal):
    code = "chain.settlement_too_large"
    status = 422
    french = "Trop de paiements dans un même lot."
    english = "Too many payments in one batch."
