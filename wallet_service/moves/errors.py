"""Refusals about moving a wallet."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class MoveUnknown(Refusal):
    code = "move.unknown"
    status = 404
    french = (
        "Ce code n’est pas, ou n’est plus, celui d’un portefeuille à déplacer. Refaites-en un sur l’ancien."
    )
    english = "This is not, or no longer, the code of a wallet to move. Make another on the old one."


class MoveTaken(Refusal):
    code = "move.taken"
    status = 409
    french = "Un autre téléphone a déjà répondu à ce code. Si ce n’est pas le vôtre, refaites-en un."
    english = "Another phone has answered this code already. If it is not yours, make another."


class MoveNotAnswered(Refusal):
    code = "move.not_answered"
    status = 409
    french = "Aucun téléphone n’a encore répondu à ce code."
    english = "No phone has answered this code yet."
