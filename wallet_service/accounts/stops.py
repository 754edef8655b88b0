"""What is stopped for this service: what the ledger says, and from its commit on what an officer has asked.

Reads inside the caller's unit of work only, so that no answer is older than the stop itself. A stop that the
ledger refuses in the end is in force no longer.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from wallet_service.accounts.models import Stops
from wallet_service.database.tables.chain import chain_commands, chain_events

STOP_KIND = "stop"
STOP_EVENTS = ("Stopped", "Resumed")
#: The contract's bits (`stop(uint8 what)`).
PAYMENTS_BIT, ISSUING_BIT, REDEEMING_BIT = 1, 2, 4


def stops_in_force(connection: Connection) -> Stops:
    """By the copied ledger, or on their way to it."""
    return _stops(stopped_on_ledger(connection) | stops_on_their_way(connection))


def stopped_on_ledger(connection: Connection) -> int:
    """The bits, as the last block copied says."""
    said = connection.execute(
        select(chain_events.c.arguments)
        .where(chain_events.c.name.in_(STOP_EVENTS))
        .order_by(chain_events.c.block_number.desc(), chain_events.c.log_index.desc())
        .limit(1)
    ).scalar_one_or_none()
    return int(said["stops"]) if said else 0


def stops_on_their_way(connection: Connection) -> int:
    """The bits of stops that are committed here and not mined yet."""
    bits = 0
    query = select(chain_commands.c.arguments).where(
        chain_commands.c.state.in_(("queued", "sent")), chain_commands.c.kind == STOP_KIND
    )
    for arguments in connection.execute(query).scalars():
        bits |= int(arguments[0])
    return bits


def _stops(bits: int) -> Stops:
    return Stops(bool(bits & PAYMENTS_BIT), bool(bits & ISSUING_BIT), bool(bits & REDEEMING_BIT))
