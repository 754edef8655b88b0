"""Contesting a payment: what is held here and on the ledger at once, who may, who is told, what is read."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.support.dispute_side import DisputeSide
from tests.support.fake_ledger import Refused
from tests.support.recovery_side import pdf, picture
from wallet_service.accounts.service import SpendableBalance
from wallet_service.database.tables.payments import payments
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.disputes import decisions, errors
from wallet_service.disputes.models import DisputeRole, DisputeState
from wallet_service.disputes.papers import KEPT_AFTER_END_MS, MAX_DOCUMENTS
from wallet_service.identity.errors import DocumentTypeRefused
from wallet_service.protocol.calendar import MS_PER_DAY
from wallet_service.redemptions.errors import RedemptionBalanceTooLow


def test_the_sum_is_held_at_the_payee_at_once_and_then_on_the_ledger(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person(10_00)
    ref = side.pay(payer, payee, 50_00)
    dispute = side.contest(payer, ref)
    assert dispute.state is DisputeState.OPEN
    assert dispute.decide_by_unix_ms - dispute.opened_at_unix_ms == 4 * MS_PER_DAY
    assert side.balance_of(payee) == SpendableBalance(60_00, 0, 50_00, 10_00, 50_00)
    assert (side.on_ledger(payee), side.seen_cents(payee)) == (50_00, 50_00)
    with pytest.raises(Refused, match="ERC7943InsufficientUnfrozenBalance"):
        side.ledger.pay(side.address(payee), side.address(payer), 10_01, "0x" + "ab" * 32)
    assert side.acts_on(dispute.id) == ["dispute.opened"]
    assert side.told(payer) == side.told(payee) == ["open"]


def test_it_is_in_force_here_before_the_ledger_has_heard(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person()
    ref = side.pay(payer, payee, 50_00)
    side.contest(payer, ref)
    assert side.disputed_cents(payee) == 50_00
    assert side.ledger.run() == 0, "told once"


def test_what_the_payee_has_passed_on_is_held_where_it_went(side: DisputeSide) -> None:
    payer, payee, friend, shop = side.person(90_00), side.person(), side.person(), side.person()
    ref = side.pay(payer, payee, 90_00)
    side.pay(payee, friend, 60_00)
    side.pay(friend, shop, 25_00)
    dispute = side.contest(payer, ref)
    held = [(side.on_ledger(who), side.disputed_cents(who)) for who in (payee, friend, shop)]
    assert held == [(30_00, 30_00), (35_00, 35_00), (25_00, 25_00)]
    seen = [side.disputes.reader.one(who, dispute.id) for who in (payer, payee, friend)]
    assert [(one.role, one.held_cents) for one in seen] == [
        (DisputeRole.PAYER, 90_00),
        (DisputeRole.PAYEE, 30_00),
        (DisputeRole.HOLDER, 35_00),
    ]
    assert side.told(shop) == ["open"]


def test_what_left_before_the_payment_is_not_looked_at(side: DisputeSide) -> None:
    payer, payee, friend = side.person(50_00), side.person(60_00), side.person()
    side.pay(payee, friend, 60_00)
    ref = side.pay(payer, payee, 50_00)
    side.contest(payer, ref)
    assert (side.on_ledger(payee), side.on_ledger(friend)) == (50_00, 0)


def test_several_disputes_of_one_account_are_one_figure(side: DisputeSide) -> None:
    anne, bert, payee = side.person(30_00), side.person(20_00), side.person()
    first = side.contest(anne, side.pay(anne, payee, 30_00))
    second = side.contest(bert, side.pay(bert, payee, 20_00))
    assert side.on_ledger(payee) == 50_00
    side.disputes.members.withdraw(anne, first.id)
    side.ledger.run()
    assert (side.on_ledger(payee), side.disputed_cents(payee)) == (20_00, 20_00)
    side.disputes.members.withdraw(bert, second.id)
    side.ledger.run()
    assert (side.on_ledger(payee), side.seen_cents(payee)) == (0, 0)


def test_the_same_money_is_not_held_twice(side: DisputeSide) -> None:
    anne, bert, payee = side.person(30_00), side.person(30_00), side.person()
    of_anne, of_bert = side.pay(anne, payee, 30_00), side.pay(bert, payee, 30_00)
    side.pay(payee, anne, 30_00)
    side.contest(bert, of_bert)
    side.contest(anne, of_anne)
    assert side.on_ledger(payee) == 30_00, "all there is"


def test_a_professional_converts_what_is_not_disputed(side: DisputeSide) -> None:
    payer, shop = side.person(30_00), side.merchant()
    ref = side.pay(payer, shop, 30_00)
    side.give(shop, 20_00)
    side.contest(payer, ref)
    with pytest.raises(RedemptionBalanceTooLow):
        side.redeem(shop, 20_01)
    assert side.redemption(side.redeem(shop, 20_00).ref).state == "locked"


def test_asked_twice_it_is_one_dispute(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person()
    ref = side.pay(payer, payee, 50_00)
    assert side.contest(payer, ref).id == side.contest(payer, ref).id
    assert side.on_ledger(payee) == 50_00


def test_a_refund_lowers_what_can_be_contested(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person()
    ref = side.pay(payer, payee, 50_00)
    side.pay(payee, payer, 20_00, refund_of=ref)
    assert side.contest(payer, ref).amount_cents == 30_00


def test_who_may_not_is_refused_and_nothing_is_held(side: DisputeSide) -> None:
    payer, payee = side.person(50_00), side.person()
    ref = side.pay(payer, payee, 50_00)
    for stranger in (payee, side.person()):
        with pytest.raises(errors.PaymentNotYours):
            side.contest(stranger, ref)
    with pytest.raises(errors.PaymentNotYours):
        side.contest(payer, "0x" + "77" * 32)
    with UnitOfWork(side.engine) as work:
        work.connection.execute(update(payments).values(state="settling"))
    with pytest.raises(errors.NotContestable):
        side.contest(payer, ref)
    with UnitOfWork(side.engine) as work:
        work.connection.execute(update(payments).values(state="paid"))
    side.clock.advance_ms(decisions.CONTEST_DAYS * MS_PER_DAY)
    with pytest.raises(errors.ContestTooLate):
        side.contest(payer, ref)
    assert side.disputed_cents(payee) == 0


def test_a_member_has_so_many_disputes_and_no_more(side: DisputeSide) -> None:
    payer, payee = side.person(100_00), side.person()
    refs = [side.pay(payer, payee, 10_00) for _ in range(decisions.MAX_OPEN_OF_ONE + 1)]
    disputes = [side.contest(payer, ref) for ref in refs[:-1]]
    with pytest.raises(errors.TooManyDisputes):
        side.contest(payer, refs[-1])
    side.disputes.members.withdraw(payer, disputes[0].id)
    with pytest.raises(errors.TooManyDisputes):
        side.contest(payer, refs[-1])  # three were opened today
    side.clock.advance_ms(MS_PER_DAY)
    side.contest(payer, refs[-1])


# the two sides


def test_the_sides_read_each_other_and_who_holds_reads_nothing(side: DisputeSide) -> None:
    payer, payee, friend = side.person(50_00), side.person(), side.person()
    ref = side.pay(payer, payee, 50_00)
    side.pay(payee, friend, 50_00)
    dispute = side.contest(payer, ref, "Le colis n’est pas venu")
    side.disputes.members.answer(payee, dispute.id, "Il est parti lundi", agrees=False)
    for who in (payer, payee):
        said = side.disputes.reader.one(who, dispute.id).said
        assert (said.words, said.answer) == ("Le colis n’est pas venu", "Il est parti lundi")
    holder = side.disputes.reader.one(friend, dispute.id)
    assert (holder.said.words, holder.said.answer, holder.other_name) == (None, None, None)
    with pytest.raises(errors.DisputeUnknown):
        side.disputes.reader.one(side.person(), dispute.id)
    assert [one.dispute.id for one in side.disputes.reader.of_member(friend)] == [dispute.id]


def test_the_payee_answers_once_and_nobody_else(side: DisputeSide) -> None:
    dispute, payer, payee = side.contested()
    answer = side.disputes.members.answer
    for other in (payer, side.person()):
        with pytest.raises(errors.DisputeUnknown):
            answer(other, dispute.id, "Moi", agrees=True)
    answer(payee, dispute.id, "", agrees=True)
    assert side.now(dispute.id).agrees is True
    with pytest.raises(errors.AnsweredAlready):
        answer(payee, dispute.id, "Encore", agrees=False)
    assert side.told(payer) == ["open", "open"]


def test_only_who_contests_withdraws_and_once(side: DisputeSide) -> None:
    dispute, payer, payee = side.contested()
    with pytest.raises(errors.DisputeUnknown):
        side.disputes.members.withdraw(payee, dispute.id)
    side.disputes.members.withdraw(payer, dispute.id)
    with pytest.raises(errors.DisputeClosed):
        side.disputes.members.withdraw(payer, dispute.id)
    assert side.disputed_cents(payee) == 0
    assert side.told(payee)[-1] == "withdrawn"


def test_papers_of_both_sides_are_read_by_officers_and_forgotten_later(side: DisputeSide) -> None:
    dispute, payer, payee = side.contested()
    papers = side.disputes.papers
    for who, paper in ((payer, picture()), (payee, pdf(3))):
        papers.show(who, dispute.id, paper)
        side.clock.advance_ms(1)
    shown = papers.shown(dispute)
    assert [paper.pages for _, paper in shown] == [1, 3]
    assert [role for role, _ in shown] == [DisputeRole.PAYER, DisputeRole.PAYEE]
    opened = papers.open_document(dispute.id, shown[0][1].id, "O1")
    assert opened.media_type == "image/jpeg"
    assert side.acts_on(dispute.id)[-1] == "dispute.paper_read"
    with pytest.raises(errors.DisputeUnknown):
        papers.show(side.person(), dispute.id, picture())
    with pytest.raises(DocumentTypeRefused):
        papers.show(payer, dispute.id, b"GIF89a")
    for _ in range(MAX_DOCUMENTS - 1):
        papers.show(payer, dispute.id, picture())
    with pytest.raises(errors.TooManyPapers):
        papers.show(payer, dispute.id, picture())
    side.disputes.members.withdraw(payer, dispute.id)
    with pytest.raises(errors.DisputeClosed):
        papers.show(payee, dispute.id, picture())
    assert papers.forget_old() == 0
    side.clock.advance_ms(KEPT_AFTER_END_MS + 1)
    assert papers.forget_old() == MAX_DOCUMENTS + 1


def test_who_is_erased_hides_nothing_but_their_own_words(side: DisputeSide) -> None:
    dispute, payer, payee = side.contested()
    side.disputes.members.answer(payee, dispute.id, "Livré", agrees=False)
    with UnitOfWork(side.engine) as work:
        side.sealer.destroy_member_key(work.connection, payer)
    said = side.disputes.reader.one(payee, dispute.id).said
    assert (said.words, said.answer) == (None, "Livré")
