"""What the console asks of people's own subjects: contacts, and who else holds a key of an account."""

from __future__ import annotations

from types import SimpleNamespace

from sqlalchemy import Engine

from wallet_service.contacts.service import Contacts
from wallet_service.keyholders.service import Keyholders
from wallet_service.members.directory import Directory
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.security.sealing import Sealer


def people_of(engine: Engine, clock: Clock, sealer: Sealer) -> SimpleNamespace:
    """Named like bootstrap's `people`, as far as the console asks; keys are looked at, none is made."""
    none = SimpleNamespace()
    keyholders = Keyholders(engine, clock, Push(engine, clock), Journal(clock), none)  # type: ignore[arg-type]
    contacts = Contacts(engine, clock, Directory(engine, sealer))
    return SimpleNamespace(contacts=contacts, keyholders=keyholders)
