"""The journal's head is kept on chain once a day, and the journal is held to what was kept."""

from __future__ import annotations

from typing import cast

import pytest
from sqlalchemy import select, update

from tests.integration.audit.conftest import Causes, cut_journal, without_guards, write_entries
from tests.support.chain_world import World
from wallet_service.audit.anchors import ANCHOR_INTERVAL_MS, LATE_AFTER_MS, JournalAnchors
from wallet_service.audit.models import Code
from wallet_service.audit.repository import ANCHOR_PURPOSE
from wallet_service.audit.service import AuditFindings, Auditor
from wallet_service.chain.sending.causes import CauseWatch
from wallet_service.chain.sending.sender import Sender
from wallet_service.database.tables.chain import chain_transactions
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import Journal
from wallet_service.protocol.clock import VirtualClock

pytestmark = pytest.mark.chain

NOW_UNIX_MS = 1_795_500_000_000


class Anchored:
    """A world whose journal has eight entries, kept on chain by the auditor's first round."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = VirtualClock(NOW_UNIX_MS)
        self.journal = Journal(self.clock)
        write_entries(world.engine, self.journal, 8)
        self.clock.advance_ms(1)
        self.auditor().run_once()
        world.run_until_idle()

    def anchors(self) -> JournalAnchors:
        chain, world = self.world.chain, self.world
        sender = Sender(world.engine, chain.access, chain.keys, world.registry, self.clock, world.quarantine)
        return JournalAnchors(world.engine, self.clock, self.journal, chain.access, sender, chain.keys)

    def auditor(self, causes: CauseWatch | None = None) -> Auditor:
        """A fresh one, which remembers nothing."""
        causes = causes or cast(CauseWatch, Causes())
        return Auditor(self.world.engine, self.clock, self.journal, causes, self.anchors())

    def standing(self) -> list[tuple[str, str]]:
        found = AuditFindings(self.world.engine).standing()
        return [(one.finding.code.value, one.finding.subject) for one in found]

    def hashes(self) -> list[str]:
        with self.world.engine.connect() as connection:
            query = select(chain_transactions.c.transaction_hash).order_by(chain_transactions.c.id)
            return list(
                connection.execute(query.where(chain_transactions.c.purpose == ANCHOR_PURPOSE)).scalars()
            )


@pytest.fixture
def anchored(sqlite_world: World) -> Anchored:
    return Anchored(sqlite_world)


def test_the_head_is_kept_once_a_day_and_only_when_something_was_written(anchored: Anchored) -> None:
    auditor = anchored.auditor()
    auditor.run_once()
    assert len(anchored.hashes()) == 1
    anchored.clock.advance_ms(ANCHOR_INTERVAL_MS)
    auditor.run_once()
    assert len(anchored.hashes()) == 1
    write_entries(anchored.world.engine, anchored.journal, 1)
    auditor.run_once()
    assert len(anchored.hashes()) == 2
    anchored.world.run_until_idle()
    anchored.auditor().run_once()
    assert anchored.standing() == []


def test_an_end_cut_is_noticed_by_who_has_never_seen_it(anchored: Anchored) -> None:
    cut_journal(anchored.world.engine, 5)
    with anchored.world.engine.connect() as connection:
        assert anchored.journal.verify(connection).broken_at is None
    anchored.auditor().run_once()
    assert anchored.standing() == [(Code.JOURNAL_CUT.value, anchored.hashes()[0])]
    write_entries(anchored.world.engine, anchored.journal, 5)  # a new end in place of the old one
    anchored.auditor().run_once()
    assert anchored.standing() == [(Code.JOURNAL_CUT.value, anchored.hashes()[0])]


def test_a_whole_new_journal_does_not_deceive(anchored: Anchored) -> None:
    cut_journal(anchored.world.engine, 8)
    write_entries(anchored.world.engine, Journal(VirtualClock(NOW_UNIX_MS + 1)), 8)
    anchored.auditor().run_once()
    assert anchored.standing() == [(Code.JOURNAL_CUT.value, anchored.hashes()[0])]


def test_an_auditor_who_noted_the_anchor_needs_no_row_of_it(anchored: Anchored) -> None:
    noted = anchored.hashes()[0]
    auditor = anchored.auditor()
    assert auditor.full_pass([noted]) == []
    cut_journal(anchored.world.engine, 5)
    with UnitOfWork(anchored.world.engine) as work:
        work.connection.execute(update(chain_transactions).values(purpose="stop"))
    assert [one.code for one in auditor.full_pass()] == []
    assert [(one.code, one.subject) for one in auditor.full_pass([noted])] == [(Code.JOURNAL_CUT, noted)]
    stranger = "0x" + "ab" * 32
    assert [(one.code, one.subject) for one in auditor.full_pass([stranger])] == [
        (Code.ANCHOR_MISSING, stranger)
    ]


def test_an_anchor_no_node_has_is_said_at_the_second_look(anchored: Anchored) -> None:
    forged = "0x" + "cd" * 32
    with UnitOfWork(anchored.world.engine) as work:
        work.connection.execute(update(chain_transactions).values(transaction_hash=forged))
    auditor = anchored.auditor()
    auditor.run_once()
    assert anchored.standing() == []
    auditor.run_once()
    assert anchored.standing() == [(Code.ANCHOR_MISSING.value, forged)]


def test_a_head_that_was_kept_by_nobody_for_two_days_is_said(
    anchored: Anchored, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchored.clock.advance_ms(LATE_AFTER_MS)
    write_entries(anchored.world.engine, anchored.journal, 1)
    auditor = anchored.auditor()
    monkeypatch.setattr(JournalAnchors, "anchor_if_due", lambda _anchors: False)
    auditor.run_once()
    assert anchored.standing() == [(Code.ANCHOR_LATE.value, "")]
    monkeypatch.undo()
    auditor.run_once()
    auditor.run_once()
    assert anchored.standing() == []


def test_a_balance_edited_and_a_mint_without_credit_are_found_on_the_real_chain(anchored: Anchored) -> None:
    world = anchored.world
    payer, _payee = world.funded_pair(20_000)
    causes = CauseWatch(world.engine, world.chain.access, world.chain.keys)
    found = {one.code: one for one in anchored.auditor(causes).full_pass()}
    assert set(found) == {Code.MINTS, Code.CHAIN_MINT}
    assert found[Code.MINTS].difference_cents == found[Code.CHAIN_MINT].difference_cents == -20_000
    with without_guards(world.engine, "balances") as connection:
        connection.exec_driver_sql(
            f"UPDATE balances SET posted_cents = posted_cents + 5000 WHERE account = '{payer.address}'"
        )
    found = {one.code: one for one in anchored.auditor(causes).full_pass()}
    assert set(found) == {Code.MINTS, Code.CHAIN_MINT, Code.BALANCE, Code.SUM, Code.CHAIN_BALANCE}
    assert found[Code.CHAIN_BALANCE].difference_cents == found[Code.BALANCE].difference_cents == 5_000
    assert found[Code.CHAIN_BALANCE].subject == found[Code.BALANCE].subject == payer.address


def test_what_is_kept_is_the_last_entry(anchored: Anchored) -> None:
    sent = anchored.world.chain.access.client.request("eth_getTransactionByHash", anchored.hashes()[0])
    with anchored.world.engine.connect() as connection:
        last = connection.execute(select(journal.c.hash).order_by(journal.c.id.desc()).limit(1)).scalar_one()
    assert str(sent["input"]).endswith(last[2:])
    assert sent["from"] == sent["to"] == anchored.world.chain.keys.address("RELAYER")
