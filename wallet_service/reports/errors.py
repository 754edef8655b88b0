"""Refusals about figures and members that are looked at."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class FigureUnknown(Refusal):
    code = "figure.unknown"
    status = 404
    french = "Ce chiffre n’existe pas."
    english = "There is no such figure."
