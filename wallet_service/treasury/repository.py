"""The SQL of statements and their entries. Takes a Connection, opens no transaction, seals nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, case, select, update

from wallet_service.bank.reported import Direction
from wallet_service.database.tables.bank import bank_entries

EntryState = Literal[
    "arriving", "topup", "unmatched", "payout", "payout_return", "resolved", "ignored", "refined", "reversal"
]

#: To send back to its sender, or noted: nothing is made of it.
SET_ASIDE = frozenset({"resolved", "ignored"})


@dataclass(frozen=True)
class EntryRow:
    """A movement as recorded; `sealed_details` opens with the service's key."""

    id: str
    entry_key: str
    direction: Direction
    amount_cents: int
    booked_on: str
    given_cents: int
    sealed_details: bytes | None
    state: EntryState

    @property
    def rest_cents(self) -> int:
        """What of a credit officers have given to nobody yet."""
        return self.amount_cents - self.given_cents


def resolve_entry(
    connection: Connection, entry_id: str, state: EntryState, officer: str, resolution: str
) -> bool:
    """What an officer decided about all of it; False when somebody else decided first.

    Of one that is given in part, the rest can only be set aside.
    """
    chosen = update(bank_entries).where(bank_entries.c.id == entry_id, bank_entries.c.state == "unmatched")
    if state not in SET_ASIDE:
        chosen = chosen.where(bank_entries.c.given_cents == 0)
    changed = connection.execute(chosen.values(state=state, resolved_by=officer, resolution=resolution))
    return changed.rowcount == 1


def give_of_entry(
    connection: Connection, entry_id: str, amount_cents: int, officer: str, resolution: str
) -> bool:
    """What an officer gave to a member; with the last cent the entry is dealt with.

    False when so much is not left, or somebody else decided first.
    """
    given_cents = bank_entries.c.given_cents + amount_cents
    changed = connection.execute(
        update(bank_entries)
        .where(bank_entries.c.id == entry_id, bank_entries.c.state == "unmatched")
        .where(given_cents <= bank_entries.c.amount_cents)
        .values(
            given_cents=given_cents,
            state=case((given_cents == bank_entries.c.amount_cents, "topup"), else_="unmatched"),
            resolved_by=officer,
            resolution=resolution,
        )
    )
    return changed.rowcount == 1


def entry_by_id(connection: Connection, entry_id: str) -> EntryRow | None:
    row = connection.execute(select(bank_entries).where(bank_entries.c.id == entry_id)).mappings().first()
    if row is None:
        return None
    return EntryRow(
        id=row["id"],
        entry_key=row["entry_key"],
        direction=row["direction"],
        amount_cents=row["amount_cents"],
        booked_on=row["booked_on"],
        given_cents=row["given_cents"],
        sealed_details=row["sealed_details"],
        state=row["state"],
    )
