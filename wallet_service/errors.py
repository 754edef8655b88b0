"""The root of every business error: a stable code, an HTTP status, a French and an English sentence.

Each subject defines its own subclasses in its `errors.py`; the web shell renders them as RFC 9457 problem
details and `scripts/docs/errors.py` lists them in docs/errors.md. Owns no rule of its own.

Sentences say first what happened to the money, then what to do. `{name}` places are filled from `values`,
which must never hold personal data.
"""

from __future__ import annotations

from typing import ClassVar


class BusinessError(Exception):
    """A refusal a person can understand. Subclasses set the four class attributes.

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
        template = self.english if language == "en" else self.french
        return template.format(**{name: _shown(name, value, language) for name, value in self.values.items()})


def _shown(name: str, value: str | int, language: str) -> str:
    """Cents are shown as people read amounts; everything else as it is."""
    if name.endswith("_cents") and isinstance(value, int):
        mark = "." if language == "en" else ","
        return f"{value // 100}{mark}{value % 100:02d}"
    return str(value)
