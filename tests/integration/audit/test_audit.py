"""Spoilt books are named: what disagrees, by how much, since when. Whole books raise no alarm."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, insert, update

from tests.integration.audit.conftest import Books, cut_journal, without_guards
from wallet_service.audit import journal_watch, service
from wallet_service.audit.models import Code
from wallet_service.chain.ledger import mirror
from wallet_service.chain.ledger.postings import Posting
from wallet_service.chain.sending.causes import Unexplained
from wallet_service.database.tables.chain import SHORT_UNTIL_CURSOR, balances, cursors
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.signing.addresses import ZERO_ADDRESS

OTHER = "0x" + "77" * 20


def edit_balance(books: Books, by_cents: int) -> None:
    with UnitOfWork(books.engine) as work:
        work.connection.execute(
            update(balances)
            .where(balances.c.account == books.account)
            .values(posted_cents=balances.c.posted_cents + by_cents)
        )


def test_whole_books_raise_no_alarm(books: Books) -> None:
    books.write_entries(3)
    auditor = books.auditor()
    assert [auditor.run_once() for _ in range(3)] == [0, 0, 0]
    assert auditor.full_pass() == []
    assert books.standing() == []
    assert books.findings.money_is_right()


def test_a_balance_edited_by_hand_is_named_with_its_amount_until_it_is_put_right(books: Books) -> None:
    since_unix_ms = books.side.clock.now_unix_ms()
    edit_balance(books, 50_00)
    auditor = books.auditor()
    auditor.run_once()
    assert (Code.BALANCE.value, books.account, 50_00) in books.standing()
    assert not books.findings.money_is_right()
    books.side.clock.advance_ms(60_000)
    edit_balance(books, -20_00)
    books.auditor().run_once()
    assert (Code.BALANCE.value, books.account, 30_00) in books.standing()
    assert {one.since_unix_ms for one in books.findings.standing()} == {since_unix_ms}
    edit_balance(books, -30_00)
    books.auditor().run_once()
    assert books.standing() == []
    assert books.findings.money_is_right()


def test_accounts_are_looked_at_in_slices_and_every_one_comes_up(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ACCOUNTS_A_LOOK", 1)
    edit_balance(books, 1)
    auditor = books.auditor()
    auditor.run_once()  # the zero address comes first
    assert Code.BALANCE.value not in {code for code, _, _ in books.standing()}
    auditor.run_once()
    assert (Code.BALANCE.value, books.account, 1) in books.standing()
    auditor.run_once()
    assert (Code.BALANCE.value, books.account, 1) in books.standing()


def test_a_balance_that_is_gone_is_missed_in_the_sum(books: Books) -> None:
    with UnitOfWork(books.engine) as work:
        work.connection.execute(delete(balances).where(balances.c.account == books.account))
    books.auditor().run_once()
    assert books.standing() == [(Code.SUM.value, "", -10_00)]


def test_a_mint_without_a_credit_is_named_with_its_amount(books: Books) -> None:
    with UnitOfWork(books.engine) as work:
        legs = ((0, ZERO_ADDRESS, -5_00), (1, OTHER, 5_00))
        mirror.add_postings(
            work.connection, [Posting(2, 0, leg, one, cents, "mint", None, 2) for leg, one, cents in legs]
        )
        work.connection.execute(insert(balances).values(account=OTHER, posted_cents=5_00, reserved_cents=0))
        work.connection.execute(
            update(balances).where(balances.c.account == ZERO_ADDRESS).values(posted_cents=-15_00)
        )
    books.auditor().run_once()
    assert books.standing() == [(Code.MINTS.value, "", -5_00)]
    assert not books.findings.money_is_right()


def test_while_the_copy_is_short_mints_are_not_compared(books: Books) -> None:
    """A rebuild reads the mints again one after the other."""
    with without_guards(books.engine, "postings") as connection:
        connection.exec_driver_sql("DELETE FROM postings")
        connection.execute(update(balances).values(posted_cents=0))
        connection.execute(insert(cursors).values(name=SHORT_UNTIL_CURSOR, block_number=9, block_hash=None))
    books.auditor().run_once()
    assert books.standing() == []


def test_an_entry_rewritten_breaks_the_journal_and_money_is_not_said_to_be_wrong(books: Books) -> None:
    books.write_entries(4)
    with without_guards(books.engine, "journal") as connection:
        number = connection.execute(journal.select().order_by(journal.c.id)).all()[1].id
        connection.execute(update(journal).where(journal.c.id == number).values(details={"number": 99}))
    books.auditor().run_once()
    assert books.standing() == [(Code.JOURNAL_BROKEN.value, str(number), None)]
    assert books.findings.money_is_right()


def test_the_journal_is_read_in_slices_and_again_from_its_beginning(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_watch, "ENTRIES_A_LOOK", 2)
    books.write_entries(5)
    auditor = books.auditor()
    for _ in range(4):
        auditor.run_once()
    with without_guards(books.engine, "journal") as connection:
        first = connection.execute(journal.select().order_by(journal.c.id)).all()[0].id
        connection.execute(update(journal).where(journal.c.id == first).values(act="payments.resumed"))
    for _ in range(4):
        auditor.run_once()
    assert books.standing() == [(Code.JOURNAL_BROKEN.value, str(first), None)]


def test_an_end_cut_between_two_looks_is_noticed_and_stays_until_a_person_answers(books: Books) -> None:
    books.write_entries(8)
    auditor = books.auditor()
    auditor.run_once()
    cut_journal(books.engine, 5)
    auditor.run_once()
    ((code, subject, _),) = books.standing()
    assert code == Code.JOURNAL_CUT.value
    books.auditor().run_once()  # a restart forgets the entry it saw, not the finding
    assert books.standing() == [(code, subject, None)]
    assert not auditor.accept(code, "another", "Essai de l'auditeur", SERVICE)
    assert auditor.accept(code, subject, "Essai de l'auditeur", SERVICE)
    assert books.standing() == []
    auditor.run_once()
    assert books.standing() == []


def test_what_has_no_cause_on_chain_is_shown_with_its_amount(books: Books) -> None:
    books.causes.said = {Unexplained("balance", books.account, 50_00)}
    auditor = books.auditor()
    auditor.run_once()
    assert books.standing() == [(Code.CHAIN_BALANCE.value, books.account, 50_00)]
    books.causes.said = None  # another process looks; what it found is not ours to end
    books.auditor().run_once()
    assert len(books.standing()) == 1
    books.causes.said = set()
    auditor.run_once()
    assert books.standing() == []


def test_a_finding_is_logged_by_its_code_when_it_begins(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_balance(books, 7)
    auditor = books.auditor()
    auditor.run_once()
    auditor.run_once()
    said = capsys.readouterr()
    assert (said.out + said.err).count(Code.BALANCE.value) == 1, json.dumps([said.out, said.err])


def test_a_full_pass_names_everything_and_records_nothing(books: Books) -> None:
    books.write_entries(2)
    edit_balance(books, 7)
    found = books.auditor().full_pass()
    assert [(one.code, one.difference_cents) for one in found] == [(Code.BALANCE, 7), (Code.SUM, 7)]
    assert books.standing() == []
