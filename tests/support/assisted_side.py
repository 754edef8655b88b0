"""Somebody without a phone at a desk: the form as an officer fills it, and what is in the database after."""

from __future__ import annotations

from wallet_service.assisted.models import NewAssisted, SeenPapers
from wallet_service.help.documents import terms_version
from wallet_service.identity.states import Declaration
from wallet_service.protocol.text.identifiers import new_id

SEEN = SeenPapers("identity_card", "x4 1z", was_seen=True)
DECLARED = Declaration("Odette", "Essai", "1941-03-09", "2 rue des Galets", "76200", "Dieppe")


def filled(member_id: str = "", **changed: object) -> NewAssisted:
    """The form, whole, with what is changed in it."""
    values: dict[str, object] = {
        "member_id": member_id or new_id(),
        "declaration": DECLARED,
        "papers": SEEN,
        "telephone": "02 35 00 00 00",
        "language": "fr",
        "terms_version": terms_version(),
        "has_signed": True,
    }
    return NewAssisted(**{**values, **changed})  # type: ignore[arg-type]
