"""What the ledger is asked when a redemption ends: the bank's side says what it did, the issuer ends it so.

Two keys of two roles, as the ledger wants it (docs/decisions/0033). Owns that the one word is never queued
without the other; `chain.sending.lanes` keeps their order.
"""

from __future__ import annotations

from sqlalchemy import Connection

from wallet_service.chain.ports import CommandQueue

ATTEST, BURN, RETURN = "attestOutcome", "completeRedemption", "returnRedemption"


def queue_burn(commands: CommandQueue, connection: Connection, ref: str) -> None:
    """The euros have left the bank: the units are burned. Once, however often it is asked."""
    commands.queue_command(connection, ATTEST, [ref, True], "ATTESTER", f"paid:{ref}")
    commands.queue_command(connection, BURN, [ref], "ISSUER", f"complete:{ref}")


def queue_return(commands: CommandQueue, connection: Connection, ref: str, reason_word: str) -> None:
    """They have not, and will not: the units go back to their account. `reason_word`: 32 bytes as 0x hex."""
    commands.queue_command(connection, ATTEST, [ref, False], "ATTESTER", f"unpaid:{ref}")
    commands.queue_command(connection, RETURN, [ref, reason_word], "ISSUER", f"return:{ref}")
