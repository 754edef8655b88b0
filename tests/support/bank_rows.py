"""Movements written straight into the table: for tests of how they are found, where no file matters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update

from tests.support.bank_side import RESERVE_IBAN, BankSide
from tests.support.console_services import ConsoleServices
from wallet_service.bootstrap import Services
from wallet_service.database.tables.bank import bank_entries, bank_statements
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.treasury.booking.details import details_field, payer_key


class BankRows:
    """Movements of one made-up statement."""

    def __init__(self, services: BankSide | ConsoleServices | Services) -> None:
        self._engine, self._sealer, self._clock = services.engine, services.sealer, services.clock
        self.statement_row_id = self.add_statement()

    def add_statement(self, statement_id: str = "RELEVE-1", **values: Any) -> str:
        """A report; its row's id."""
        row_id, clock = new_id(), self._clock
        row: dict[str, Any] = {
            "id": row_id,
            "file_sha256": "00" * 32,
            "file_name": "releve.xml",
            "message_id": "M1",
            "statement_id": statement_id,
            "iban": RESERVE_IBAN,
            "opening_cents": 0,
            "closing_cents": 0,
            "entries_count": 0,
            "content_hash": f"0x{row_id}",
            "as_of_unix_s": clock.now_unix_s(),
            "received_at_unix_ms": clock.now_unix_ms(),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(bank_statements).values({**row, **values}))
        return row_id

    def add(self, details: dict[str, Any] | None = None, payer: str = "", **values: Any) -> str:
        """A waiting credit of ten euros, unless `values` (columns) say otherwise; its id.

        `payer`: the account it came from.
        """
        key = payer_key(self._sealer, payer)
        row = self._row({**values, "payer_key": key, "details": {"iban": payer, **(details or {})}})
        with self._engine.begin() as connection:
            connection.execute(insert(bank_entries).values(row))
        return str(row["id"])

    def add_many(self, count: int, days: int) -> list[str]:
        """Spread over that many days of June, by turns."""
        rows = [
            self._row(
                {"booked_on": f"2026-06-{number % days + 1:02d}", "details": {"name": f"Payeur {number}"}}
            )
            for number in range(count)
        ]
        with self._engine.begin() as connection:
            connection.execute(insert(bank_entries), rows)
        return [str(row["id"]) for row in rows]

    def set_state(self, entry_ids: Sequence[str], state: str) -> None:
        with self._engine.begin() as connection:
            chosen = update(bank_entries).where(bank_entries.c.id.in_(entry_ids))
            connection.execute(chosen.values(state=state))

    @staticmethod
    def part(amount_cents: int | None, **told: Any) -> dict[str, Any]:
        """A transfer of a batch as it is sealed."""
        return {
            "amount_cents": amount_cents,
            "direction": None,
            "charges_cents": None,
            "name": "",
            "iban": "",
            "references": {},
            "structured": [],
            "texts": [],
            **told,
        }

    def _row(self, values: dict[str, Any]) -> dict[str, Any]:
        entry_id, told = new_id(), values.pop("details")
        details = {
            "name": "",
            "iban": "",
            "texts": [],
            "references": {},
            "structured": [],
            "parts": [],
            **told,
        }
        sealed = self._sealer.seal_service(details_field(entry_id), json.dumps(details).encode())
        return {
            "id": entry_id,
            "bank_statement_id": self.statement_row_id,
            "confirmed_statement_id": self.statement_row_id,
            "entry_key": f"key {entry_id}",
            "direction": "CRDT",
            "amount_cents": 10_00,
            "booked_on": "2026-06-01",
            "sealed_details": sealed,
            "state": "unmatched",
            **values,
        }
