"""The bank's side with two members whose references the tests' reports carry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, insert, select

from tests.support.bank_reports import file_of
from tests.support.bank_side import RESERVE_IBAN, BankSide
from wallet_service.bank import files
from wallet_service.bank.reported import AccountReport, BankFile
from wallet_service.database.tables.bank import bank_entries, bank_statements, topup_references, topups
from wallet_service.database.unit_of_work import UnitOfWork

A, B = "RF66A1B2C3D4E5", "RF25F6G7H8J9K0"


@dataclass
class Books:
    """The bank's side with two members whose references are A and B."""

    side: BankSide
    members: tuple[str, str]

    def receive(self, *reports: AccountReport) -> None:
        """One file after another, the ledger executing after each and what is held tried again."""
        for each in reports:
            self.side.bank.receive(file_of(each), "00" * 32, f"{each.report_id}.xml")
            self.settle()

    def settle(self) -> None:
        self.side.ledger.run()
        self.side.clock.advance_ms(3_600_000)
        self.side.topups.retry_due()
        self.side.ledger.run()

    @property
    def balances(self) -> tuple[int, int]:
        first, second = (self.side.balance(member)[0] for member in self.members)
        return first, second

    @property
    def waiting(self) -> list[tuple[int, str | None]]:
        """(cents, why) of what an officer has to decide."""
        query = select(bank_entries.c.amount_cents, bank_entries.c.reason)
        with self.side.engine.connect() as connection:
            rows = connection.execute(query.where(bank_entries.c.state == "unmatched"))
            return sorted(((row.amount_cents, row.reason) for row in rows), key=str)

    @property
    def held(self) -> list[tuple[int, str | None]]:
        """(cents, why) of what is known whose it is and cannot be minted yet."""
        query = select(topups.c.amount_cents, topups.c.held_reason).where(topups.c.state == "held")
        with self.side.engine.connect() as connection:
            return sorted(((row.amount_cents, row.held_reason) for row in connection.execute(query)), key=str)

    def hand_in(self, content: bytes, name: str = "releve.xml") -> BankFile:
        """A file as it comes, and what `receive` does after it. Raises what its reading and booking raise."""
        read = files.read(content, RESERVE_IBAN)
        self.side.bank.receive(read, "00" * 32, name)
        self.settle()
        return read

    @property
    def statements(self) -> list[tuple[str, str]]:
        """(continuity, state), as they were read."""
        query = select(bank_statements.c.continuity, bank_statements.c.state)
        with self.side.engine.connect() as connection:
            rows = connection.execute(query.order_by(bank_statements.c.received_at_unix_ms))
            return [(row.continuity, row.state) for row in rows]


def books_on(engine: Engine, folder: Path) -> Books:
    side = BankSide(engine, folder)
    members = side.member(), side.member()
    with UnitOfWork(engine) as work:
        for member_id, reference in zip(members, (A, B), strict=True):
            row = {"member_id": member_id, "reference": reference, "created_at_unix_ms": 1}
            work.connection.execute(insert(topup_references).values(row))
    return Books(side, members)
