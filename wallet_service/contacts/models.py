"""Whom a member knows, as frozen data. Pure.

Nobody's member id leaves the service: a person is named by what both sides have already (a contact of one's
own, a movement between the two, the code the other shows).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """How a phone says whom it means: exactly one of the three."""

    contact_id: str | None = None
    movement_ref: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Another member as this one may see them. `name` is personal; None for who declared none."""

    member_id: str
    name: str | None
    is_professional: bool


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str | None
    is_professional: bool
    is_favourite: bool


@dataclass(frozen=True, slots=True)
class RecentPerson:
    """`movement_ref`: the newest payment between the two. `contact_id`: when they are a contact too."""

    movement_ref: str
    name: str | None
    is_professional: bool
    at_unix_ms: int
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class BlockedPerson:
    id: str
    name: str | None
    created_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class ContactBook:
    """Contacts favourites first, recent people newest first, blocks newest first."""

    contacts: tuple[Contact, ...]
    recents: tuple[RecentPerson, ...]
    blocks: tuple[BlockedPerson, ...]
