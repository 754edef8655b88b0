"""The ways out of a reversal: given back, taken by order, borne as a loss, the bank's mistake."""

from __future__ import annotations

import pytest
from sqlalchemy import Update, update
from sqlalchemy.exc import IntegrityError

from tests.support.fake_ledger import Refused
from tests.support.reversal_side import TREASURY, ReversalSide
from wallet_service.bank.statement import EntryLine
from wallet_service.database.tables.reversals import bank_reversals
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.forced_transfers.models import ForcedTransferState
from wallet_service.oversight.errors import SecondOfficerNeeded
from wallet_service.oversight.models import FreezeOrder
from wallet_service.reversals import errors, repository
from wallet_service.reversals.models import RecoveryKind, Reversal, ReversalState
from wallet_service.reversals.service import ReversalService
from wallet_service.reversals.settling import SettlementService

GROUND = "Convenu au téléphone"
DAYS_MS = 86_400_000


def let_pay_back(side: ReversalSide, reversal: Reversal) -> None:
    side.desk.settling.let_pay_back(reversal.id, "O1", GROUND)
    side.ledger.run()


# given back


def test_units_given_back_close_the_reversal_and_are_burned_without_a_payout(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    with pytest.raises(Refused, match="FrozenOutgoing"):
        side.pay(found.member_id, side.returns_id, 50_00)
    let_pay_back(side, found)
    side.pay(found.member_id, side.returns_id, 50_00)
    now = side.now(found)
    assert (now.state, now.recovered_cents, now.missing_cents) == (ReversalState.CLAWED_BACK, 50_00, 0)
    assert side.desk.cases.shortfall().given_back_cents == 50_00
    supply_cents = side.ledger.supply_cents()
    view = side.redeem(side.returns_id, 50_00)
    assert side.redemption(view.ref).state == "paid"
    assert side.ledger.supply_cents() == supply_cents - 50_00
    assert side.desk.cases.shortfall().given_back_cents == 0
    assert side.acts_on(found) == [
        "reversal.noted",
        "reversal.pay_back_allowed",
        "reversal.recovered",
        "reversal.clawed_back",
    ]


def test_what_the_returns_account_holds_beyond_reversals_is_paid_out(
    side: ReversalSide,
) -> None:
    found = side.reversed_load(50_00)
    side.load(side.returns_id, 130_00)
    let_pay_back(side, found)
    side.pay(found.member_id, side.returns_id, 50_00)
    view = side.redeem(side.returns_id, 80_00)
    assert side.redemption(view.ref).state == "locked"
    assert len(side.pay_out()) == 1


def test_a_part_given_back_leaves_the_rest_open(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    let_pay_back(side, found)
    side.pay(found.member_id, side.returns_id, 20_00)
    now = side.now(found)
    assert (now.state, now.missing_cents) == (ReversalState.OPEN, 30_00)
    side.desk.settling.ask_loss(found.id, "Fonds de garantie", "O1", GROUND)
    side.sign_asked()
    assert (side.now(found).state, side.now(found).lost_cents) == (ReversalState.LOSS, 30_00)


def test_a_payment_to_somebody_else_recovers_nothing(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    let_pay_back(side, found)
    side.pay(found.member_id, side.merchant(), 50_00)
    assert side.now(found).recovered_cents == 0


def test_the_same_event_read_twice_counts_once(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    let_pay_back(side, found)
    ref = side.pay(found.member_id, side.returns_id, 20_00)
    side.ledger.tell("PaymentSettled", {"ref": ref, "nonce": 0})
    assert side.now(found).recovered_cents == 20_00


def test_a_block_that_is_undone_opens_it_again(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    let_pay_back(side, found)
    ref = side.pay(found.member_id, side.returns_id, 50_00)
    with UnitOfWork(side.engine) as work:
        side.desk.follower.rewind(work, side.ledger.block - 1)
    assert (side.now(found).state, side.now(found).recovered_cents) == (ReversalState.OPEN, 0)
    side.ledger.tell("PaymentSettled", {"ref": ref, "nonce": 0})
    assert side.now(found).state is ReversalState.CLAWED_BACK


def test_paying_back_is_allowed_once_and_needs_an_account_to_pay(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    without = ReversalService(side.engine, side.clock, side.push, side.journal, side.means(""))
    settling = SettlementService(
        side.engine, side.clock, side.push, without, side.desk.forced, side.approvals
    )
    with pytest.raises(errors.ReturnsAccountMissing):
        settling.let_pay_back(found.id, "O1", GROUND)
    let_pay_back(side, found)
    with pytest.raises(errors.ReversalAskedFor):
        side.desk.settling.let_pay_back(found.id, "O1", GROUND)


def test_a_freeze_of_somebody_else_is_not_lifted(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    side.clock.advance_ms(1_000)
    order = FreezeOrder(found.member_id, False, True, "Enquête", side.clock.now_unix_s() + 86_400)
    side.freezes.freeze(order, "O9")  # on its way to the ledger, where it will replace ours
    with pytest.raises(errors.FrozenForAnotherReason):
        side.desk.settling.let_pay_back(found.id, "O1", GROUND)
    side.ledger.run()
    assert side.address(found.member_id) in side.ledger.frozen


def test_the_freeze_stays_until_the_last_reversal_is_settled(side: ReversalSide) -> None:
    first = side.reversed_load(50_00)
    reference = side.topups.reference_for(first.member_id)
    side.receive(side.statement(side.entry(side.credit(60_00, reference))))
    side.ledger.run()
    second = side.take_back(60_00, structured=(reference,))
    assert second is not None
    for reversal, is_frozen in ((first, True), (second, False)):
        side.desk.settling.ask_loss(reversal.id, "Fonds de garantie", "O1", GROUND)
        side.sign_asked()
        assert (side.address(first.member_id) in side.ledger.frozen) is is_frozen


# by order


def test_a_forced_transfer_takes_two_officers_and_its_delay(
    side: ReversalSide,
) -> None:
    found = side.reversed_load(50_00)
    side.desk.forced.ask(found.id, "O1", "Jugement du tribunal")
    with pytest.raises(SecondOfficerNeeded):
        side.sign_asked("O1")
    assert side.ledger.orders == {}
    side.sign_asked()
    forced = side.desk.cases.case(found.id).forced[0]
    assert (forced.state, forced.amount_cents, forced.number) == (ForcedTransferState.PROPOSED, 50_00, 1)
    with pytest.raises(errors.ForcedTransferNotDue):
        side.desk.forced.execute(found.id, "O3")
    side.clock.advance_ms(2 * DAYS_MS)
    side.desk.forced.execute(found.id, "O3")
    side.ledger.run()
    now = side.now(found)
    assert (now.state, now.missing_cents) == (ReversalState.FORCED, 0)
    assert side.desk.cases.case(found.id).recoveries[0].kind is RecoveryKind.FORCED
    assert side.balance(side.returns_id)[0] == 50_00
    assert side.address(found.member_id) not in side.ledger.frozen


def test_a_forced_transfer_takes_what_is_there_and_the_rest_stays_open(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    side.ledger.held[side.address(found.member_id)] = 20_00
    side.ledger.tell("Noop", {})
    side.desk.forced.ask(found.id, "O1", GROUND)
    side.sign_asked()
    side.clock.advance_ms(2 * DAYS_MS)
    side.desk.forced.execute(found.id, "O3")
    side.ledger.run()
    assert (side.now(found).state, side.now(found).missing_cents) == (ReversalState.OPEN, 30_00)
    side.ledger.held[side.address(found.member_id)] = 0
    side.ledger.tell("Noop", {})
    with pytest.raises(errors.NothingToTake):
        side.desk.forced.ask(found.id, "O1", GROUND)


def test_a_halted_transfer_leaves_the_reversal_open_for_another_way(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    side.desk.forced.ask(found.id, "O1", GROUND)
    side.sign_asked()
    with pytest.raises(errors.ForcedTransferUnderWay):
        side.desk.settling.ask_loss(found.id, "Fonds de garantie", "O1", GROUND)
    side.ledger.halt(1)
    assert side.desk.cases.case(found.id).forced[0].state is ForcedTransferState.CANCELLED
    side.desk.settling.ask_loss(found.id, "Fonds de garantie", "O1", GROUND)
    side.sign_asked()
    assert side.now(found).state is ReversalState.LOSS


def test_an_execution_the_ledger_refuses_may_be_told_again(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    side.desk.forced.ask(found.id, "O1", GROUND)
    side.sign_asked()
    side.clock.advance_ms(2 * DAYS_MS)
    address = side.address(found.member_id)
    side.ledger.held[address] = 0
    side.desk.forced.execute(found.id, "O3")
    side.ledger.run()
    forced = side.desk.cases.case(found.id).forced[0]
    assert (forced.state, forced.failure) == (ForcedTransferState.PROPOSED, "ERC20InsufficientBalance")
    side.ledger.held[address] = 50_00
    side.desk.forced.execute(found.id, "O3")
    side.ledger.run()
    assert side.now(found).state is ReversalState.FORCED


# a loss


def test_a_loss_is_borne_by_a_named_reserve_and_two_officers(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    side.desk.settling.ask_loss(found.id, "Fonds de garantie", "O1", GROUND)
    assert side.now(found).state is ReversalState.OPEN
    with pytest.raises(SecondOfficerNeeded):
        side.sign_asked("O1")
    with pytest.raises(errors.ReversalAskedFor):
        side.desk.forced.ask(found.id, "O1", GROUND)
    side.sign_asked()
    now = side.now(found)
    assert (now.state, now.loss_account, now.lost_cents) == (ReversalState.LOSS, "Fonds de garantie", 50_00)
    assert (now.decided_by, now.ground) == ("O1", GROUND)
    shortfall = side.desk.cases.shortfall()
    assert (shortfall.open_cents, shortfall.losses) == (0, (("Fonds de garantie", 50_00),))
    assert side.address(found.member_id) not in side.ledger.frozen


def test_a_loss_asked_before_something_came_back_is_not_booked_as_it_was(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    let_pay_back(side, found)
    side.desk.settling.ask_loss(found.id, "Fonds de garantie", "O1", GROUND)
    side.pay(found.member_id, side.returns_id, 10_00)
    with pytest.raises(errors.ReversalMoved):
        side.sign_asked()
    assert side.now(found).state is ReversalState.OPEN


# the bank's mistake


def credit_again(side: ReversalSide, amount_cents: int) -> str:
    line = EntryLine("CRDT", amount_cents, "2026-06-02", is_reversal=True, reason="reversal")
    return side.record(line)


def test_a_mistake_names_the_new_credit_and_mints_nothing(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    entry_id, supply_cents = credit_again(side, 50_00), side.ledger.supply_cents()
    assert side.desk.settling.mistaken(found.id, entry_id, "O1", GROUND)
    side.ledger.run()
    now = side.now(found)
    assert (now.state, now.recredit_entry_id) == (ReversalState.MISTAKEN, entry_id)
    assert side.entry_state(entry_id) == "reversal"
    assert side.ledger.supply_cents() == supply_cents
    assert side.address(found.member_id) not in side.ledger.frozen


def test_a_large_mistake_takes_two_officers(side: ReversalSide) -> None:
    found = side.reversed_load(1_000_00)
    entry_id = credit_again(side, 1_000_00)
    assert not side.desk.settling.mistaken(found.id, entry_id, "O1", GROUND)
    assert side.now(found).state is ReversalState.OPEN
    side.sign_asked(rights=TREASURY)
    assert side.now(found).state is ReversalState.MISTAKEN


@pytest.mark.parametrize("amount_cents", [49_99, 50_01])
def test_a_credit_of_another_amount_corrects_nothing(side: ReversalSide, amount_cents: int) -> None:
    found = side.reversed_load(50_00)
    with pytest.raises(errors.RecreditDoesNotFit):
        side.desk.settling.mistaken(found.id, credit_again(side, amount_cents), "O1", GROUND)


def test_one_credit_corrects_one_reversal(side: ReversalSide) -> None:
    first, second = side.reversed_load(50_00), side.reversed_load(50_00)
    entry_id = credit_again(side, 50_00)
    side.desk.settling.mistaken(first.id, entry_id, "O1", GROUND)
    with pytest.raises(errors.RecreditDoesNotFit):
        side.desk.settling.mistaken(second.id, entry_id, "O1", GROUND)


def test_after_something_came_back_it_is_no_mere_mistake(side: ReversalSide) -> None:
    found = side.reversed_load(50_00)
    let_pay_back(side, found)
    side.pay(found.member_id, side.returns_id, 10_00)
    with pytest.raises(errors.ReversalMoved):
        side.desk.settling.mistaken(found.id, credit_again(side, 50_00), "O1", GROUND)


# closed is closed


@pytest.mark.parametrize("state", [each for each in ReversalState if each is not ReversalState.OPEN])
def test_what_is_settled_is_settled_once(side: ReversalSide, state: ReversalState) -> None:
    found = side.reversed_load(50_00)
    entry_id = credit_again(side, 50_00)
    side.desk.settling.mistaken(found.id, entry_id, "O1", GROUND)
    with UnitOfWork(side.engine) as work:
        assert not repository.change_state(work.connection, found.id, state)
    for act in (
        lambda: side.desk.settling.let_pay_back(found.id, "O1", GROUND),
        lambda: side.desk.settling.ask_loss(found.id, "Fonds de garantie", "O1", GROUND),
        lambda: side.desk.settling.mistaken(found.id, entry_id, "O1", GROUND),
        lambda: side.desk.forced.ask(found.id, "O1", GROUND),
        lambda: side.desk.forced.execute(found.id, "O1"),
    ):
        with pytest.raises(errors.ReversalClosed):
            act()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "lost"},
        {"state": "clawed_back"},
        {"state": "loss", "decided_at_unix_ms": 1, "decided_by": "O1", "ground": "x"},
        {"state": "mistaken", "decided_at_unix_ms": 1, "decided_by": "O1", "ground": "x"},
        {"state": "loss", "decided_at_unix_ms": 1, "loss_account": "F", "lost_cents": 1},
        {"decided_at_unix_ms": 1},
        {"gap_cents": 50_01},
    ],
)
def test_the_database_takes_no_state_without_its_facts(side: ReversalSide, values: dict[str, object]) -> None:
    found = side.reversed_load(50_00)
    row = update(bank_reversals).where(bank_reversals.c.id == found.id).values(**values)
    with UnitOfWork(side.engine) as work, pytest.raises(IntegrityError):
        _at_once(work, row)


def _at_once(work: UnitOfWork, row: Update) -> None:
    with work.connection.begin_nested():
        work.connection.execute(row)


def test_an_unknown_reversal_is_said_to_be_unknown(side: ReversalSide) -> None:
    with pytest.raises(errors.ReversalUnknown):
        side.desk.cases.case("nobody")
    with reading(side.engine) as connection:
        assert repository.reversal(connection, "nobody") is None
