"""The folder the bank drops files in: whole files, each once, refused ones set aside with the reason."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.bank_side import BankSide
from wallet_service.bank.inbox import BankWorker, Inbox
from wallet_service.database.leases import Lease
from wallet_service.database.tables.supervision import journal


@pytest.fixture
def folder(side: BankSide) -> Path:
    inbox = side.folder / "inbox"
    inbox.mkdir()
    return inbox


def drop(folder: Path, content: bytes, name: str = "releve.xml") -> None:
    aside = folder / f".{name}.part"
    aside.write_bytes(content)
    aside.rename(folder / name)


def content_for(side: BankSide, amount_cents: int = 10_00) -> tuple[str, bytes]:
    member = side.member()
    return member, side.statement(side.entry(side.credit(amount_cents, side.topups.reference_for(member))))


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_whole_file_is_booked_at_the_second_look_and_filed_under_done(side: BankSide, folder: Path) -> None:
    member, content = content_for(side)
    drop(folder, content)
    assert side.inbox.look() == 0  # it may still be growing
    assert side.inbox.look() == 1
    side.ledger.run()
    assert side.balance(member) == (10_00, 0)
    assert files(folder) == [f"done/{hashlib.sha256(content).hexdigest()[:12]}-releve.xml"]


def test_a_file_that_has_rested_is_taken_at_the_first_look(side: BankSide, folder: Path) -> None:
    _, content = content_for(side)
    drop(folder, content)
    os.utime(folder / "releve.xml", (1, 1))
    assert side.inbox.look() == 1


def test_a_file_still_growing_hidden_or_partial_is_left_alone(side: BankSide, folder: Path) -> None:
    _, content = content_for(side)
    for size in (10, 500, 1000):
        (folder / "releve.xml").write_bytes(content[:size])
        assert side.inbox.look() == 0
    for name in (".hidden.xml", "releve.xml.part"):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1, 1))
    (folder / "link.xml").symlink_to(folder / ".hidden.xml")
    (folder / "folder.xml").mkdir()
    (folder / "releve.xml").unlink()
    assert (side.inbox.look(), side.inbox.look()) == (0, 0)


def test_a_refused_file_is_set_aside_whole_with_its_reason_and_a_line_in_the_journal(
    side: BankSide, folder: Path
) -> None:
    member, content = content_for(side)
    spoilt = content.replace(b"<Amt ", b"<Amount ", 1).replace(b"</Amt>", b"</Amount>", 1)
    drop(folder, spoilt, "abime.xml")
    side.inbox.take_all()
    refused, reason = (name for name in files(folder))
    assert refused.startswith("refused/")
    assert reason == f"{refused}.txt"
    assert (folder / reason).read_text().startswith("bank.schema_invalid\n")
    with side.engine.connect() as connection:
        line = connection.execute(select(journal).where(journal.c.act == "bank.file_refused")).one()
    assert line.details["code"] == "bank.schema_invalid"
    side.ledger.run()
    assert side.balance(member) == (0, 0)


def test_a_file_booked_but_not_filed_before_a_crash_is_only_filed_after_it(
    side: BankSide, folder: Path
) -> None:
    member, content = content_for(side)
    side.receive(content, "releve.xml")
    drop(folder, content)
    side.inbox.take_all()
    side.ledger.run()
    assert side.balance(member) == (10_00, 0)
    assert [name.split("/")[0] for name in files(folder)] == ["done"]


def test_two_files_of_one_name_are_both_kept(side: BankSide, folder: Path) -> None:
    for _ in range(2):
        _, content = content_for(side)
        drop(folder, content)
        side.inbox.take_all()
    assert len(files(folder)) == 2


def test_readers_of_the_same_files_at_the_same_time_book_each_movement_once(
    side: BankSide, folder: Path
) -> None:
    member = side.member()
    reference = side.topups.reference_for(member)
    shared = side.entry(side.credit(10_00, reference))
    first = side.statement(shared)
    side.balance_cents = 0
    second = side.statement(shared, side.entry(side.credit(5_00, reference)))
    drop(folder, first, "one.xml")
    drop(folder, second, "two.xml")
    errors: list[BaseException] = []
    start = threading.Barrier(4)

    def read() -> None:
        try:
            reader = Inbox(folder, "FR7699999000010000000015441", side.bank)
            start.wait(10)
            reader.take_all()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    side.ledger.run()
    assert side.balance(member) == (15_00, 0)
    assert len(side.bank.list_statements()) == 2


def test_the_worker_stands_by_while_another_holds_the_lease(side: BankSide, folder: Path) -> None:
    _, content = content_for(side)
    drop(folder, content)
    os.utime(folder / "releve.xml", (1, 1))
    first, second = (
        BankWorker(side.inbox, side.payouts, side.topups, Lease(side.engine, "bank", side.clock), 0.01)
        for _ in range(2)
    )
    assert first._lease.hold()
    assert second.work_once() == 0
    assert first.work_once() == 1


def test_statements_that_do_not_follow_each_other_are_shown(side: BankSide) -> None:
    _, first = content_for(side)
    _, missing = content_for(side)
    _, third = content_for(side)
    side.receive(first)
    side.receive(third)
    assert [view.follows for view in side.bank.list_statements()] == [False, True]
    side.receive(missing)
    assert [view.follows for view in side.bank.list_statements()] == [True, True, True]
