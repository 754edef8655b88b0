"""Refusals of the help."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class DocumentUnknown(Refusal):
    code = "help.document_unknown"
    status = 404
    french = "Il n’y a pas de texte à cette adresse."
    english = "There is no text at this address."
