"""A movement as a row: what stands in columns, what is sealed beside them, and the line it was again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from wallet_service.bank.identity import Marked, Recorded, content_of
from wallet_service.bank.reported import References, TransferDetail
from wallet_service.bank.statement import EntryLine
from wallet_service.database.tables.bank import NAME_LENGTH
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.sealing import SealedField, Sealer

MAX_REASON_CHARACTERS = 40


def details_field(entry_id: str) -> SealedField:
    """Where a movement's personal details are sealed."""
    return SealedField("bank_entries", "sealed_details", entry_id)


def marked(sealer: Sealer, line: EntryLine) -> Marked:
    """With the keyed hash of what it says, and the id it will have where it is recorded."""
    content = content_of(line)
    return Marked(line, sealer.mark("movement", content) if content else "", tag=new_id())


def sealed_details(sealer: Sealer, movement: Marked) -> bytes:
    """What is personal of it."""
    return sealer.seal_service(details_field(movement.tag), _details(movement.line))


def row_of(sealer: Sealer, iban: str, movement: Marked, sealed: bytes) -> dict[str, Any]:
    """The columns that are the movement's own."""
    line = movement.line
    references = line.references
    structured = line.structured[0] if line.structured else None
    return {
        "id": movement.tag,
        "entry_key": line.key(iban),
        "direction": line.direction,
        "amount_cents": line.amount_cents,
        "entry_cents": line.entry_cents,
        "booked_on": line.booked_on,
        "servicer_reference": _cut(references.servicer),
        "transaction_reference": _cut(references.transaction),
        "end_to_end_id": _cut(references.end_to_end),
        "content_mark": movement.mark or None,
        "payer_key": payer_key(sealer, line.counterparty_iban),
        "return_reason": _cut(line.return_reason, MAX_REASON_CHARACTERS),
        "is_reversal": line.is_reversal,
        "structured_reference": _cut(structured),
        "sealed_details": sealed,
        "reason": line.reason,
    }


def line_of(sealer: Sealer, row: RowMapping) -> EntryLine:
    """The line as it was read. Raises SealBroken, ValueError, KeyError or TypeError when it does not open."""
    told = json.loads(sealer.unseal_service(details_field(row["id"]), row["sealed_details"]))
    return EntryLine(
        direction=row["direction"],
        amount_cents=row["amount_cents"],
        booked_on=row["booked_on"],
        references=References(**told["references"]),
        return_reason=row["return_reason"],
        is_reversal=bool(row["is_reversal"]),
        structured=tuple(told["structured"]),
        texts=tuple(told["texts"]),
        charges_cents=told["charges_cents"],
        counterparty_name=told["name"],
        counterparty_iban=told["iban"],
        reason=row["reason"],
        entry_cents=row["entry_cents"] or row["amount_cents"],
    )


def recorded_of(row: RowMapping) -> Recorded:
    """For identity: without its details."""
    return Recorded(
        id=row["id"],
        direction=row["direction"],
        amount_cents=row["amount_cents"],
        entry_cents=row["entry_cents"] or row["amount_cents"],
        booked_on=row["booked_on"],
        servicer=row["servicer_reference"],
        transaction=row["transaction_reference"],
        end_to_end=row["end_to_end_id"],
        mark=row["content_mark"] or "",
        is_told_only=row["confirmed_statement_id"] is None,
        is_undecided=row["state"] == "unmatched" and not row["given_cents"],
        reason=row["reason"],
        is_reversal=bool(row["is_reversal"]),
    )


def payer_key(sealer: Sealer, account: str) -> str | None:
    """The same for every transfer of one account; says nothing of the account."""
    compact = "".join(account.split()).upper()
    return sealer.mark("payer", compact) if compact else None


def _details(line: EntryLine) -> bytes:
    told = {
        "name": line.counterparty_name,
        "iban": line.counterparty_iban,
        "references": _names(line.references),
        "structured": line.structured,
        "texts": line.texts,
        "charges_cents": line.charges_cents,
        "parts": [_part(part) for part in line.parts],
    }
    return json.dumps(told).encode()


def _part(part: TransferDetail) -> Mapping[str, Any]:
    return {
        "amount_cents": part.amount_cents,
        "direction": part.direction,
        "name": part.counterparty_name,
        "iban": part.counterparty_account,
        "references": _names(part.references),
        "structured": part.structured,
        "texts": part.texts,
        "charges_cents": part.charges_cents,
    }


def _names(references: References) -> dict[str, str]:
    return {kind: name for kind, name in vars(references).items() if name}


def _cut(name: str | None, length: int = NAME_LENGTH) -> str | None:
    return None if name is None else name[:length]
