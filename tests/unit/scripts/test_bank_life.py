"""The demonstration's month has of everything that banks do, and its files say so."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from schwifty import IBAN

from scripts.camt053_writer import BANK_TIME_ZONE
from scripts.demo.bank_life import BATCH, RETURN, STANDING_ORDER_CENTS, BankLife, Loader
from scripts.demo.simulation import SimulatedWallet
from scripts.demo_bank import BankDay, DemoBank, account_of
from wallet_service.bank.files import read
from wallet_service.bank.reported import AccountReport
from wallet_service.protocol.clock import VirtualClock
from wallet_service.protocol.text.references import topup_reference

RESERVE_IBAN = "FR7699999000010000000015441"
FIRST_DAY = datetime.datetime(2026, 6, 1, tzinfo=BANK_TIME_ZONE)


def loader(number: int) -> Loader:
    wallet = SimulatedWallet(f"member{number}", "0x", None, b"")  # type: ignore[arg-type]  # it signs nothing
    wallet.reference = topup_reference(f"00000000{number:02}")
    return Loader(wallet, f"PERSONNE {number}", 30_00 + number)


class Played:
    """The life on files alone: nobody reads the inbox but the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.declared: list[tuple[str, int, int]] = []
        self.clock = VirtualClock(int(FIRST_DAY.timestamp()) * 1000)
        self.bank = DemoBank(folder, folder / "inbox", folder / "outbox", RESERVE_IBAN)
        orders = SimpleNamespace(
            declare=lambda *order: self.declared.append(order), set_low_balance=lambda *_: None
        )
        services = SimpleNamespace(standing_orders=orders, inbox=SimpleNamespace(take_all=lambda: None))
        simulation: Any = SimpleNamespace(services=services, clock=self.clock, run_workers=lambda: None)
        self.life = BankLife(simulation, self.bank, FIRST_DAY)

    def morning(self, day: int, loaders: list[Loader]) -> BankDay:
        self.clock.move_to_unix_ms(
            int((FIRST_DAY + datetime.timedelta(days=day, hours=6)).timestamp()) * 1000
        )
        return self.life.morning(day, loaders)

    def reports(self) -> list[AccountReport]:
        paths = sorted((self.folder / "inbox").glob("*.xml"))
        return [report for path in paths for report in read(path.read_bytes(), RESERVE_IBAN).reports]


@pytest.fixture
def played(tmp_path: Path) -> Played:
    (tmp_path / "inbox").mkdir()
    return Played(tmp_path)


def test_a_standing_order_is_set_up_and_comes_on_the_day_that_was_declared(played: Played) -> None:
    someone = loader(1)
    for day in range(7):
        life = played.morning(day, [someone])
        played.bank.make_statement((), at_unix_s=played.clock.now_unix_s(), day=life)
    assert [(member, cents) for member, cents, _day in played.declared] == [("member1", STANDING_ORDER_CENTS)]
    came = [entry for report in played.reports() for entry in report.entries]
    assert [(entry.amount_cents, int(entry.booked_on[-2:])) for entry in came] == [
        (STANDING_ORDER_CENTS, played.declared[0][2])
    ]
    assert someone.wallet.balance_cents == STANDING_ORDER_CENTS


def test_one_morning_is_a_batch_and_one_brings_a_payout_back(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played.morning(BATCH, []).booking == "batch"
    monkeypatch.setattr(played.bank, "last_paid", lambda: "ALBA1")
    assert played.morning(RETURN, []).returns == ["ALBA1"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 9])
def test_the_last_morning_leaves_work_however_few_people_there_are(played: Played, count: int) -> None:
    loaders = [loader(number) for number in range(count)]
    played.bank.make_statement(
        [each.transfer(each.last_load_cents) for each in loaders], at_unix_s=played.clock.now_unix_s() - 3600
    )
    played.life.last_morning(loaders)
    _loads, *reports = played.reports()
    entries = [entry for report in reports for entry in report.entries]
    assert sum(1 for entry in entries if not entry.transfers[0].structured) == 1
    assert [entry.declared_transfers for entry in entries if entry.declared_transfers] == [3] * (count >= 3)
    assert sum(entry.is_reversal for entry in entries) == (count > 0)
    assert [report.kind for report in reports].count("notification") == (count > 0)


def test_every_payer_has_an_account_of_their_own() -> None:
    """Whoever classes a transfer is shown who paid from that account before."""
    accounts = [account_of(name) for name in ("M. INCONNU", "Mme PAREILLE", "M. INCONNU")]
    assert accounts[0] == accounts[2] != accounts[1]
    assert all(IBAN(account, validate_bban=True).is_valid for account in accounts)
