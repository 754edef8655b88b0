"""Books as the service writes them, an auditor over them, and ways to spoil them behind its back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, delete, select, text

from tests.support.bank_side import BankSide
from tests.support.chain_world import World
from tests.support.node import ChainUnderTest, chain, chain_session
from wallet_service.accounts import repository as accounts
from wallet_service.audit.anchors import JournalAnchors
from wallet_service.audit.models import Finding
from wallet_service.audit.service import AuditFindings, Auditor
from wallet_service.chain.ledger import mirror
from wallet_service.chain.ledger.postings import Posting
from wallet_service.chain.sending.causes import CauseWatch, Unexplained
from wallet_service.database.tables.bank import topups
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Journal
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS

__all__ = ["chain", "chain_session"]


class Causes:
    """What chain.causes would say."""

    def __init__(self) -> None:
        self.said: set[Unexplained] | None = None

    def has_looked(self) -> bool:
        return self.said is not None

    def found(self) -> frozenset[Unexplained]:
        return frozenset(self.said or ())

    def look_at_everything(self) -> None:
        self.said = self.said or set()


class NoAnchors:
    def look(self, connection: Connection) -> list[Finding]:
        return []

    def anchor_if_due(self) -> bool:
        return False


class Books:
    """A bank side whose credits are minted and posted to the cent."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.side = BankSide(engine, folder)
        self.causes = Causes()
        self.findings = AuditFindings(engine)
        self.member = self.side.member()
        self.account = self._load(10_00)

    def auditor(self) -> Auditor:
        """A fresh one, as after a restart."""
        return Auditor(
            self.engine,
            self.side.clock,
            self.side.journal,
            cast(CauseWatch, self.causes),
            cast(JournalAnchors, NoAnchors()),
        )

    def standing(self) -> list[tuple[str, str, int | None]]:
        return [
            (one.finding.code.value, one.finding.subject, one.finding.difference_cents)
            for one in self.findings.standing()
        ]

    def _load(self, amount_cents: int) -> str:
        self.side.load(self.member, amount_cents)
        with UnitOfWork(self.engine) as work:
            mint_ref = work.connection.execute(select(topups.c.mint_ref)).scalar_one()
            legs = ((0, ZERO_ADDRESS, -amount_cents), (1, self._address(work.connection), amount_cents))
            mirror.add_postings(
                work.connection,
                [Posting(1, 0, leg, account, cents, "mint", mint_ref, 1) for leg, account, cents in legs],
            )
            return self._address(work.connection)

    def _address(self, connection: Connection) -> str:
        party = accounts.party_by_id(connection, self.member)
        assert party is not None
        return party.account_address

    def write_entries(self, count: int) -> None:
        write_entries(self.engine, self.side.journal, count)


def write_entries(engine: Engine, book: Journal, count: int) -> None:
    for number in range(count):
        with UnitOfWork(engine) as work:
            book.append(work.connection, SERVICE, "payments.stopped", details={"number": number})


@contextmanager
def without_guards(engine: Engine, table: str) -> Iterator[Connection]:
    """As somebody with the database's own rights: its triggers are put aside, and back as they were."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            yield connection
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            return
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
            {"table": table},
        ).all()
        for name, _sql in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for _name, sql in triggers:
            connection.execute(text(sql))


def cut_journal(engine: Engine, count: int) -> None:
    """The last entries, gone."""
    with without_guards(engine, "journal") as connection:
        last = connection.execute(select(journal.c.id).order_by(journal.c.id.desc()).limit(count)).scalars()
        connection.execute(delete(journal).where(journal.c.id.in_(list(last))))


@pytest.fixture
def books(engine: Engine, tmp_path: Path) -> Books:
    return Books(engine, tmp_path)


@pytest.fixture
def sqlite_world(sqlite_engine: Engine, chain: ChainUnderTest) -> World:
    return World(sqlite_engine, chain)
