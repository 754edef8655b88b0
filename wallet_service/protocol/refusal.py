"""The one root of every refusal: a stable code, an HTTP status, a French and an English sentence.

Each subject defines its own subclasses in its `errors.py`; the faces render them as RFC 9457 problem
details and `scripts/docs/errors.py` lists them in docs/errors.md. The service, the protocol and the point of
sale share it. Owns no rule of its own.

Sentences say first what happened to the money, then what to do. `{name}` places are filled from `values`,
which must never hold personal data.
"""

from __future__ import annotations

from typing import ClassVar

from wallet_service.languages.catalogues import said
from wallet_service.protocol.amount_text import format_amount


class Refusal(Exception):
    """A refusal a person can understand; subclasses set the four class attributes.

    Attributes:
        code: stable, dotted, e.g. ``payment.sale_expired``; part of the public API, never renamed.
        status: HTTP status.
        french, english: one or two sentences, with ``{name}`` places.
        values: what explains this refusal (amount_cents, limit_cents, expires_at_unix_s ...).
    """

    code: ClassVar[str]
    status: ClassVar[int]
    french: ClassVar[str]
    english: ClassVar[str]

    def __init__(self, **values: str | int) -> None:
        super().__init__(self.code)
        self.values = values

    def sentence(self, language: str) -> str:
        """The sentence in `language`, its places filled as people read them; French where it has none."""
        template = said(language, self.french, self.english)
        return template.format(**{name: _shown(name, value, language) for name, value in self.values.items()})


def _shown(name: str, value: str | int, language: str) -> str:
    """Cents as people read amounts; everything else as it is."""
    if name.endswith("_cents") and isinstance(value, int):
        return format_amount(value, language)
    return str(value)
