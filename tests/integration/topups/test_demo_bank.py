"""The demo's make-believe bank and the service understand each other through files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import bank_day
from scripts.demo_bank import FORMS, BankDay, BankDayError, DayReport, DemoBank, Form
from scripts.demo_book import Credit
from tests.support.bank_side import RESERVE_IBAN, BankSide
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.topups.expected import ExpectedTransfers


@pytest.fixture
def bank(side: BankSide) -> DemoBank:
    return DemoBank(side.folder, side.folder / "inbox", side.folder / "outbox", RESERVE_IBAN)


def exchange(
    side: BankSide,
    bank: DemoBank,
    *credits: Credit,
    returns: tuple[str, ...] = (),
    day: BankDay | None = None,
) -> DayReport:
    side.clock.advance_ms(60_000)
    report = bank.make_statement(credits, returns, at_unix_s=side.clock.now_unix_s(), day=day)
    side.inbox.take_all()
    side.ledger.run()
    return report


def test_a_day_of_the_bank_from_top_up_to_payout_to_return(side: BankSide, bank: DemoBank) -> None:
    resident, shop = side.member(), side.merchant()
    first = exchange(
        side,
        bank,
        Credit(side.topups.reference_for(resident), 40_00, "Camille R."),
        Credit(side.topups.reference_for(shop), 300_00),
        Credit("", 7_00, text="VIREMENT"),
    )
    assert (first.credits_count, first.balance_cents) == (3, 347_00)
    assert (side.balance(resident)[0], side.balance(shop)[0]) == (40_00, 300_00)
    assert len(side.unmatched.list_waiting()) == 1

    views = [side.redeem(shop, amount_cents) for amount_cents in (100_00, 50_00)]
    ids = side.pay_out()
    paid = exchange(side, bank)
    assert (paid.paid_count, paid.paid_cents, paid.balance_cents) == (2, 150_00, 197_00)
    assert {side.redemption(view.ref).state for view in views} == {"paid"}

    back = exchange(side, bank, returns=(ids[0],))
    assert back.returned_count == 1
    assert sorted(side.redemption(view.ref).state for view in views) == ["paid", "returned"]
    assert side.ledger.attested.amount_cents == back.balance_cents
    assert side.ledger.supply_cents() + 7_00 == back.balance_cents
    with pytest.raises(BankDayError):
        bank.make_statement(returns=[ids[0]])


def test_a_payout_file_handed_in_twice_is_paid_once(side: BankSide, bank: DemoBank) -> None:
    shop = side.merchant()
    exchange(side, bank, Credit(side.topups.reference_for(shop), 300_00))
    side.redeem(shop, 100_00)
    side.pay_out()
    (path,) = (side.folder / "outbox").glob("*.xml")
    content = path.read_bytes()
    exchange(side, bank)
    path.write_bytes(content)
    again = exchange(side, bank)
    assert (again.paid_count, again.balance_cents) == (0, 200_00)


def test_what_people_announced_becomes_credits_once(side: BankSide, bank: DemoBank) -> None:
    expected = ExpectedTransfers(side.folder / "expected")
    expected.note("RF18539007547034", 10_00)
    expected.note("RF18539007547034", 20_00)
    assert bank.take_expected() == [Credit("RF18539007547034", 20_00)]
    assert bank.take_expected() == []


def test_a_batch_is_credited_part_by_part_and_what_a_sum_does_not_tell_waits(
    side: BankSide, bank: DemoBank
) -> None:
    members = [side.member(), side.member()]
    credits = [
        Credit(side.topups.reference_for(member), cents)
        for member, cents in zip(members, (40_00, 60_00), strict=True)
    ]
    exchange(side, bank, *credits, day=BankDay(booking="batch"))
    assert [side.balance(member)[0] for member in members] == [40_00, 60_00]
    exchange(side, bank, *credits, day=BankDay(booking="sum"))
    assert [side.balance(member)[0] for member in members] == [80_00, 60_00]
    assert [waiting.amount_cents for waiting in side.unmatched.list_waiting()] == [60_00]


def test_an_instant_transfer_is_in_the_next_statement_too_and_credited_once(
    side: BankSide, bank: DemoBank
) -> None:
    member = side.member()
    bank.tell(Credit(side.topups.reference_for(member), 25_00), side.clock.now_unix_s())
    side.inbox.take_all()
    side.ledger.run()
    (topup,) = side.topups.list_of_member(member)
    assert (topup.state, topup.held_reason) == ("held", "awaiting_statement")
    assert exchange(side, bank).credits_cents == 25_00
    side.topups.retry_due()
    side.ledger.run()
    assert side.balance(member)[0] == 25_00
    assert len(side.topups.list_of_member(member)) == 1


def test_a_standing_order_comes_on_its_day_and_not_before(side: BankSide, bank: DemoBank) -> None:
    member = side.member()
    bank.stand(Credit(side.topups.reference_for(member), 50_00), 3, side.clock.now_unix_s())
    for _day, expected_cents in ((1, 0), (2, 0), (3, 50_00), (4, 50_00)):
        exchange(side, bank)
        assert side.balance(member)[0] == expected_cents
        side.clock.advance_ms(MS_PER_DAY)
    side.clock.advance_ms(31 * MS_PER_DAY)
    exchange(side, bank)
    assert side.balance(member)[0] == 100_00


def test_a_credit_taken_back_leaves_the_balance_and_is_no_new_credit(side: BankSide, bank: DemoBank) -> None:
    member = side.member()
    reference = side.topups.reference_for(member)
    exchange(side, bank, Credit("", 60_00, text="VIREMENT"), Credit(reference, 30_00))
    taken = exchange(side, bank, day=BankDay(reversals=(bank.last_reference(),)))
    assert (taken.taken_back_count, taken.balance_cents) == (1, 60_00)
    assert side.ledger.attested.amount_cents == 60_00
    assert len(side.topups.list_of_member(member)) == 1
    with pytest.raises(BankDayError):
        bank.make_statement(day=BankDay(reversals=(reference,)))


def test_a_statement_sent_again_changes_nothing(side: BankSide, bank: DemoBank) -> None:
    with pytest.raises(BankDayError):
        bank.send_again()
    member = side.member()
    first = exchange(side, bank, Credit(side.topups.reference_for(member), 30_00))
    assert bank.send_again().read_bytes() == (side.folder / "last_statement").read_bytes()
    side.inbox.take_all()
    side.ledger.run()
    assert (side.balance(member)[0], side.ledger.supply_cents()) == (30_00, first.balance_cents)


@pytest.mark.parametrize("form", FORMS)
def test_every_format_the_bank_writes_is_credited(side: BankSide, bank: DemoBank, form: Form) -> None:
    member = side.member()
    credit = Credit(side.topups.reference_for(member), 40_00, "Camille R.")
    exchange(side, bank, credit, Credit("", 7_00, text="VIREMENT"), day=BankDay(form=form))
    side.clock.advance_ms(MS_PER_DAY)  # two of them name only their day, and are read when it has ended
    side.inbox.take_all()
    side.ledger.run()
    assert side.balance(member)[0] == 40_00
    assert len(side.unmatched.list_waiting()) == 1


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> int:
    monkeypatch.setenv("ALBA_BANK_INBOX", str(folder / "inbox"))
    monkeypatch.setenv("ALBA_BANK_OUTBOX", str(folder / "outbox"))
    return bank_day.main(arguments)


def test_the_command_says_what_it_did_in_three_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "expected").mkdir()
    (tmp_path / "expected" / "a.json").write_text(
        json.dumps({"reference": "RF18539007547034", "amount_cents": 500})
    )
    assert run(monkeypatch, tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0] == "in:  1 transfers, 5,00 €"
    ExpectedTransfers(tmp_path / "expected").note("RF18539007547034", 1_00)  # comes with what is asked for
    credit = ("--credit", "RF18539007547034", "12.50", "--name", "Camille R.")
    assert run(monkeypatch, tmp_path, *credit, "--wrong-reference", "40") == 0
    assert capsys.readouterr().out.splitlines()[0] == "in:  3 transfers, 53,50 €"
    assert len(list((tmp_path / "inbox").glob("*.xml"))) == 2


@pytest.mark.parametrize("arguments", [("--credit", "RF1", "12.505"), ("--return", "NOBODY")])
def test_a_mistyped_command_is_one_sentence_and_changes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    assert run(monkeypatch, tmp_path, *arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "inbox").exists()
