"""What an attestation says was paid out, and what that leaves for new units."""

from __future__ import annotations

from sqlalchemy import update

from scripts.camt053_writer import Detail
from tests.integration.redemptions.test_redemptions import debit, sent_back
from tests.support.bank_fixtures import SALES_CENTS
from tests.support.bank_side import BankSide
from wallet_service.accounts.repository import paid_out_cents
from wallet_service.database.tables.bank import bank_entries
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.topups.repository import slack_cents


def redeemed(side: BankSide, shop: str) -> str:
    """A redemption of 200 euros that the bank is about to pay: its end-to-end id."""
    side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    return end_to_end_id


def test_a_statement_is_attested_with_what_it_shows_as_paid_out(side: BankSide, shop: str) -> None:
    end_to_end_id = redeemed(side, shop)
    assert side.ledger.paid_out_cents == 0
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    assert (side.ledger.paid_out_cents, side.ledger.burned_unshown_cents()) == (200_00, 0)
    # The same evening's credits become units at once.
    member = side.member()
    side.load(member, 50_00)
    assert side.balance(member) == (50_00, 0)
    assert side.ledger.supply_cents() == side.ledger.attested.amount_cents == SALES_CENTS - 150_00


def test_what_came_back_after_the_burn_and_is_minted_again_stays_paid_out(side: BankSide, shop: str) -> None:
    end_to_end_id = redeemed(side, shop)
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    sent_back(side, end_to_end_id, 200_00)
    assert side.ledger.paid_out_cents == 200_00
    assert side.balance(shop) == (SALES_CENTS, 0)
    assert side.ledger.supply_cents() == side.ledger.attested.amount_cents == SALES_CENTS


def test_what_was_given_back_unburned_is_not_paid_out_by_its_late_debit(side: BankSide, shop: str) -> None:
    end_to_end_id = redeemed(side, shop)
    sent_back(side, end_to_end_id, 200_00)
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    assert side.ledger.paid_out_cents == 0
    assert side.ledger.burned_unshown_cents() == 0


def test_a_payout_that_was_only_told_leaves_nothing_free(side: BankSide, shop: str) -> None:
    """Burned, and no statement shows it: the last balance still holds its euros."""
    end_to_end_id = redeemed(side, shop)
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    as_of_unix_s = side.ledger.attested.as_of_unix_s
    with UnitOfWork(side.engine) as work:
        assert slack_cents(work.connection) == 0
        assert paid_out_cents(work.connection, as_of_unix_s) == paid_out_cents(work.connection) == 200_00
        assert paid_out_cents(work.connection, as_of_unix_s - 1) == 0
        told = update(bank_entries).where(bank_entries.c.direction == "DBIT")
        work.connection.execute(told.values(confirmed_statement_id=None))
        assert paid_out_cents(work.connection, as_of_unix_s) == 0
        assert paid_out_cents(work.connection) == 200_00
