"""An account without a phone, what an officer saw of its owner, and the card that is printed. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wallet_service.identity.states import Declaration


class PaperKind(StrEnum):
    """Official papers with a picture."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence_permit"
    DRIVING_LICENCE = "driving_licence"


@dataclass(frozen=True, slots=True)
class SeenPapers:
    """As typed at the desk. `ending`: the last characters of its number, never the whole of it. Personal."""

    kind: str
    ending: str
    was_seen: bool


@dataclass(frozen=True, slots=True)
class SeenAtDesk:
    """What is kept of it, sealed. `telephone`: "" for none. Personal."""

    paper: PaperKind
    ending: str
    telephone: str


@dataclass(frozen=True, slots=True)
class NewAssisted:
    """What an officer types with the person in front of them. Personal.

    `member_id` is made with the empty form, so the same form sent twice opens one account. `terms_version`:
    of the paper the person signed. `telephone`: empty where they have none. `is_another`: the officer was
    told that somebody of this name and birth date has an account, and the papers say it is another person.
    """

    member_id: str
    declaration: Declaration
    papers: SeenPapers
    telephone: str
    language: str
    terms_version: str
    has_signed: bool
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What an officer types anew with the person in front of them; "" leaves what was. Personal."""

    given_name: str = ""
    family_name: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class HandedCard:
    """What is printed once. `code` is kept nowhere; `short_name` is personal."""

    member_id: str
    short_name: str
    code: str


@dataclass(frozen=True, slots=True)
class AssistedAccount:
    """`is_assisted`: no phone has taken it yet. `opened_by`, `card_made_by`: officers."""

    member_id: str
    account_address: str
    origin: str | None
    is_assisted: bool
    opened_at_unix_ms: int
    opened_by: str
    card_made_at_unix_ms: int
    card_made_by: str
    cards_count: int
