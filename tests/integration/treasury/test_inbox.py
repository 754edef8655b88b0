"""The folder the bank drops files in: whole files, each once, refused ones set aside with the reason."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.bank_side import RESERVE_IBAN, BankSide
from wallet_service.bank.reported import BankFile, PaymentStatusReport
from wallet_service.database.leases import Lease
from wallet_service.database.tables.supervision import journal
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import VirtualClock
from wallet_service.treasury.inbox import WAITS_AT_MOST_S, BankRound, Inbox


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


def content_ahead(side: BankSide, seconds: int) -> tuple[str, bytes]:
    """A statement whose bank's clock is that far ahead of ours."""
    ours, side.clock = side.clock, VirtualClock(side.clock.now_unix_ms() + seconds * 1000)
    made = content_for(side)
    side.clock = ours
    return made


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_booked_once_it_has_not_changed_for_two_seconds_and_filed_under_done(
    side: BankSide, folder: Path
) -> None:
    member, content = content_for(side)
    passing_s = 0.0
    inbox = Inbox(folder, RESERVE_IBAN, side.bank, lambda: passing_s)
    drop(folder, content[:1000])
    assert inbox.look() == 0
    passing_s = 1.9
    assert inbox.look() == 0
    drop(folder, content)  # it was still growing
    passing_s = 2.1
    assert inbox.look() == 0
    passing_s = 4.0
    assert inbox.look() == 0
    passing_s = 4.2
    assert inbox.look() == 1
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


def test_a_refused_file_is_set_aside_whole_with_its_reason_and_the_next_is_read(
    side: BankSide, folder: Path
) -> None:
    member, content = content_for(side)
    drop(folder, content.replace(b"CLBD", b"CLXX", 1).replace(b"<Amt ", b"<Amt a='", 1), "a-spoilt.xml")
    drop(folder, content, "b-sound.xml")
    assert side.inbox.take_all() == 2
    done, refused, reason = files(folder)
    assert (done.split("/")[0], refused.split("/")[0]) == ("done", "refused")
    assert reason == f"{refused}.txt"
    assert (folder / reason).read_text().startswith("bank.not_xml\n")
    with side.engine.connect() as connection:
        line = connection.execute(select(journal).where(journal.c.act == "bank.file_refused")).one()
    assert line.details["code"] == "bank.not_xml"
    side.ledger.run()
    assert side.balance(member) == (10_00, 0)


def test_a_statement_of_tonight_waits_for_its_time_and_is_read_then(side: BankSide, folder: Path) -> None:
    member, content = content_ahead(side, 3_600)
    drop(folder, content)
    assert side.inbox.take_all() == 1
    (waiting,) = files(folder)
    assert waiting.startswith("later/")
    assert side.inbox.look() == 0
    side.clock.advance_ms(2 * 3_600_000)
    assert side.inbox.look() == 1
    side.ledger.run()
    assert side.balance(member) == (10_00, 0)
    assert files(folder) == [f"done/{hashlib.sha256(content).hexdigest()[:12]}-releve.xml"]


def test_a_statement_far_ahead_of_our_clock_is_refused(side: BankSide, folder: Path) -> None:
    _, content = content_ahead(side, WAITS_AT_MOST_S + 3_600)
    drop(folder, content)
    side.inbox.take_all()
    refused, reason = files(folder)
    assert refused.startswith("refused/")
    assert (folder / reason).read_text().startswith("bank.statement_in_future\n")


def test_a_file_out_of_reach_keeps_no_other_waiting(
    side: BankSide, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, content = content_for(side)
    drop(folder, b"?", "a.xml")
    drop(folder, content, "b.xml")
    opens = Path.open

    def open_unless_a(path: Path, *arguments: Any, **more: Any) -> Any:
        if path.name == "a.xml":
            raise PermissionError(path.name)
        return opens(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", open_unless_a)
    side.inbox.take_all()
    side.ledger.run()
    assert side.balance(member) == (10_00, 0)


def test_answers_about_payment_files_are_handed_on(engine: Engine, tmp_path: Path) -> None:
    taken: list[PaymentStatusReport] = []

    class Answers:
        def take(self, work: UnitOfWork, report: PaymentStatusReport) -> None:
            del work
            taken.append(report)

    side = BankSide(engine, tmp_path)
    bank = side.new_bank(answers=Answers())
    answer = PaymentStatusReport("pain.002.001.03", "M1", "OURS-1", "RJCT", "FF01")
    bank.receive(BankFile(answers=(answer,)), "00" * 32, "reponse.xml")
    assert taken == [answer]


def test_what_is_left_aside_of_a_file_is_in_the_journal(side: BankSide) -> None:
    file = BankFile(other_accounts=2, refused=(("b.xml", "bank.not_xml"),))
    side.bank.receive(file, "00" * 32, "releves.zip")
    with side.engine.connect() as connection:
        line = connection.execute(select(journal).where(journal.c.act == "bank.parts_left_aside")).one()
    assert line.details["other_accounts"] == 2
    assert line.details["refused"] == [["b.xml", "bank.not_xml"]]


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
            reader = Inbox(folder, RESERVE_IBAN, side.bank)
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
    assert len(side.statements()) == 2


def test_the_worker_stands_by_while_another_holds_the_lease(side: BankSide, folder: Path) -> None:
    _, content = content_for(side)
    drop(folder, content)
    os.utime(folder / "releve.xml", (1, 1))
    first, second = (
        BankRound(side.bank, side.inbox, side.payouts, side.topups, Lease(side.engine, "bank"))
        for _ in range(2)
    )
    assert first.lease.hold()
    assert second.run_once() == 0
    assert first.run_once() == 1


def test_statements_that_do_not_follow_each_other_are_an_alarm_until_the_missing_one_comes(
    side: BankSide,
) -> None:
    _, first = content_for(side)
    _, missing = content_for(side)
    _, third = content_for(side)
    side.receive(first)
    side.receive(third)
    assert [view.continuity for view in side.statements()] == ["broken", "first"]
    side.receive(missing)
    assert [view.continuity for view in side.statements()] == ["follows", "follows", "first"]
