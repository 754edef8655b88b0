"""Refusals of the help."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class TermsChanged(Refusal):
    code = "help.terms_changed"
    status = 409
    french = "Les conditions ont changé entre-temps : relisez-les, puis acceptez."
    english = "The terms have changed meanwhile: read them again, then accept."


class HelpTextUnknown(Refusal):
    code = "help.text_unknown"
    status = 404
    french = "Il n’y a pas de texte à cette adresse."
    english = "There is no text at this address."
