"""A statement with more debits than one commit pays: in parts, the closing balance said after the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.support.bank_side import BankSide
from tests.support.payout_reports import at_bank, books, moved
from wallet_service.bank.reported import Entry
from wallet_service.database.tables.bank import bank_statements
from wallet_service.database.tables.chain import chain_commands
from wallet_service.treasury.booking import reports as booking
from wallet_service.treasury.booking.deciding import MovementDeciding, RecordedMovement


class Ended(BaseException):
    """The process, in the middle."""


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking, "DEBITS_AT_ONCE", 2)


def five_payouts(side: BankSide, shop: str) -> tuple[list[str], list[Entry], str]:
    """Conversions at the bank, the debits that pay them with a member's credit after them, and the member."""
    _, refs, ids = at_bank(side, shop, *(10_00 + number for number in range(5)))
    debits = [
        moved("DBIT", 10_00 + number, servicer=f"D{number}", end_to_end=each)
        for number, each in enumerate(ids)
    ]
    member = side.member()
    credit = moved("CRDT", 20_00, servicer="C1", texts=(side.topups.reference_for(member),))
    return refs, [credit, *debits], member


def queued(side: BankSide) -> list[str]:
    """What the ledger is asked for, in order."""
    with side.engine.connect() as connection:
        query = select(chain_commands.c.kind).where(chain_commands.c.state == "queued")
        return list(connection.execute(query.order_by(chain_commands.c.id)).scalars())


def states(side: BankSide, refs: list[str]) -> list[str]:
    return [str(side.redemption(ref).state) for ref in refs]


def test_they_are_paid_and_the_balance_is_said_after_the_last_and_before_any_credit(
    side: BankSide, shop: str
) -> None:
    refs, entries, member = five_payouts(side, shop)
    books(side, *entries, is_final=False)
    assert queued(side) == ["attestOutcome", "completeRedemption"] * 5 + ["attestReserve", "mint"]
    side.ledger.run()
    assert states(side, refs) == ["paid"] * 5
    assert side.balance(member)[0] == 20_00
    assert side.ledger.attested.amount_cents == side.balance_cents


def test_no_commit_pays_more_than_it_may(side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, entries, _ = five_payouts(side, shop)
    paid: list[int] = []
    commits: list[int] = []
    pay = MovementDeciding.pay

    def counted(self: MovementDeciding, work: Any, movements: list[RecordedMovement]) -> Any:
        paid.append(len(movements))
        return pay(self, work, movements)

    monkeypatch.setattr(MovementDeciding, "pay", counted)
    event.listen(side.engine, "commit", lambda _: commits.append(len(paid)))
    books(side, *entries)
    assert [count for count in paid if count] == [2, 2, 1]
    assert {1, 2, 3} <= set(commits)  # each in a commit of its own


@pytest.mark.parametrize("pays", [0, 1, 2])
def test_a_process_that_ends_between_two_of_them_goes_on_where_it_was(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch, pays: int
) -> None:
    refs, entries, member = five_payouts(side, shop)
    before = side.ledger.attested.amount_cents
    decide: Callable[..., Any] = booking.ReportBooking.decide
    done: list[int] = []

    def until_the_end(self: booking.ReportBooking, *arguments: Any) -> Any:
        if len(done) == pays:
            raise Ended
        done.append(1)
        return decide(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(booking.ReportBooking, "decide", until_the_end)
        with pytest.raises(Ended):
            books(side, *entries)
    side.ledger.run()
    assert states(side, refs).count("paid") == 2 * pays
    assert side.ledger.attested.amount_cents == before  # what is left to pay still stands in the supply
    side.bank.go_on()
    left = ["attestOutcome", "completeRedemption"] * (5 - 2 * pays)
    assert queued(side) == [*left, "attestReserve", "mint"]
    side.ledger.run()
    assert states(side, refs) == ["paid"] * 5
    assert side.balance(member)[0] == 20_00
    with side.engine.connect() as connection:
        assert set(connection.execute(select(bank_statements.c.state)).scalars()) == {"booked"}
