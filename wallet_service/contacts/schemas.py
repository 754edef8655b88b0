"""What the API takes and says of the people a member knows. Never another's member id, number or address."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.contacts.models import NamedPerson
from wallet_service.platform.schema import Answer, Body, UnixMs, Word

PersonName = Annotated[
    str,
    Field(description="Personal: trade name, or first name and initial; null without a declared identity."),
]
ContactId = Annotated[str, Field(max_length=32, description="Of one of the member's own contacts.")]


class PersonBody(Body):
    """Whom the member means: exactly one of the three."""

    contact_id: ContactId | None = None
    movement_ref: Annotated[str, Field(max_length=66)] | None = Field(
        default=None, description="A payment between the two."
    )
    code: Annotated[str, Field(max_length=16)] | None = Field(
        default=None, description="What the other shows to be paid."
    )

    def named(self) -> NamedPerson:
        """As the service asks for it."""
        return NamedPerson(self.contact_id, self.movement_ref and self.movement_ref.lower(), self.code)


class PersonAnswer(Answer):
    """Whom that names, as far as another member may see."""

    name: PersonName | None
    is_professional: bool = Field(description="A visitor may pay these alone.")
    contact_id: str | None = Field(description="When they are a contact already.")


class ContactAnswer(Answer):
    id: str
    name: PersonName | None
    is_professional: bool
    is_favourite: bool


class RecentPersonAnswer(Answer):
    """Somebody the member paid, or who paid them as a person."""

    movement_ref: Word = Field(description="The newest payment between the two.")
    name: PersonName | None
    is_professional: bool
    at_unix_ms: UnixMs
    contact_id: str | None = Field(description="When they are a contact too.")


class BlockedPersonAnswer(Answer):
    id: str
    name: PersonName | None
    created_at_unix_ms: UnixMs


class ContactBookAnswer(Answer):
    """Contacts, favourites first; recent people, newest first; whom the member hears nothing of."""

    contacts: list[ContactAnswer]
    recents: list[RecentPersonAnswer]
    blocks: list[BlockedPersonAnswer]


class FavouriteBody(Body):
    is_favourite: bool


class PayeeCodeAnswer(Answer):
    """What the member shows to be paid. Opaque: whoever is signed in and has it reads a short name."""

    code: str
    link: str = Field(description="The same as an address, which the QR code says.")
