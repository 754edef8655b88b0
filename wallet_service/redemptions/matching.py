"""Which redemptions a movement of the bank speaks of: by any name of ours that the bank echoes.

A name never decides alone: the amount must be theirs too. What fits only nearly is proposed to an officer
(treasury), never taken. Takes a Connection, opens no transaction, changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from wallet_service.bank.reported import References
from wallet_service.bank.statement import EntryLine
from wallet_service.protocol.text.identifiers import BASE32_ALPHABET, ID_CHARACTERS
from wallet_service.redemptions import repository
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.repository import OPEN_STATES, Redemption

#: What our transfers (EndToEndId) and files (MsgId, PmtInfId) are called: this, and an opaque id.
NAME_PREFIX = "ALBA"
#: More names than this in one movement are noise.
MAX_NAMES = 50
_NAME = re.compile(f"{NAME_PREFIX}[{BASE32_ALPHABET}]{{{ID_CHARACTERS}}}")
_PAYABLE = (*OPEN_STATES, RedemptionState.RETURNING, RedemptionState.RETURNED)
_RETURNABLE = (*OPEN_STATES, RedemptionState.PAID)


@dataclass(frozen=True)
class NetReturn:
    """A transfer that came back less what a bank kept of it (cents)."""

    redemption: Redemption
    fee_cents: int


def named_in(*texts: str | None) -> frozenset[str]:
    """Our names in them, however a bank cut its lines or changed the case; a bounded number."""
    joined = ["".join(text.split()).upper() for text in texts if text]
    found = [name for text in joined for name in _NAME.findall(text)]
    return frozenset(found[:MAX_NAMES])


def names_in_references(references: References) -> frozenset[str]:
    """Our names where a bank echoes them: EndToEndId, InstrId, PmtInfId, MsgId and its own fields."""
    return named_in(
        references.end_to_end,
        references.instruction,
        references.payment_information,
        references.message,
        references.transaction,
        references.entry,
        references.servicer,
    )


def names_in(line: EntryLine) -> frozenset[str]:
    """Our names anywhere in a movement, free texts too."""
    parts = [part for each in line.parts for part in (*each.structured, *each.texts)]
    texts = named_in(*line.structured, *line.texts, "".join(line.texts), *parts)
    of_parts = [names_in_references(each.references) for each in line.parts]
    return names_in_references(line.references).union(texts, *of_parts)


def paid_by(connection: Connection, line: EntryLine) -> list[Redemption]:
    """The redemptions a debit pays: those it names, or what is left in the payout file it names.

    Empty when their sum is not the debit's, when one was paid before, or when the bank undoes a credit.
    """
    names = names_in(line)
    if line.is_reversal or not names:
        return []
    for found in (
        repository.by_end_to_end_ids(connection, names),
        [each for each in repository.of_payout_messages(connection, names) if each.bank_entry_id is None],
    ):
        fits = all(each.bank_entry_id is None and each.state in _PAYABLE for each in found)
        if found and fits and sum(each.net_cents for each in found) == line.amount_cents:
            return list(found)
    return []


def sent_back_by(connection: Connection, line: EntryLine) -> Redemption | None:
    """The redemption whose transfer this credit returns, whole.

    Our own name among a credit's references says so, with a reason, as a reversal or without a word; in a
    free text only beside the bank's word that something came back.
    """
    is_said = line.return_reason is not None or line.is_reversal
    names = names_in(line) if is_said else names_in_references(line.references)
    found = _returnable(connection, names)
    return found if found is not None and found.net_cents == line.amount_cents else None


def sent_back_less_a_fee(
    connection: Connection, names: frozenset[str], amount_cents: int
) -> NetReturn | None:
    """The redemption such a credit returns, when less came back than was sent. For an officer to decide."""
    found = _returnable(connection, names)
    if found is None or not 0 < amount_cents < found.net_cents:
        return None
    return NetReturn(found, found.net_cents - amount_cents)


def _returnable(connection: Connection, names: frozenset[str]) -> Redemption | None:
    found: Sequence[Redemption] = repository.by_end_to_end_ids(connection, names) if names else ()
    if len(found) != 1 or found[0].return_entry_id is not None:
        return None
    return found[0] if found[0].state in _RETURNABLE else None
