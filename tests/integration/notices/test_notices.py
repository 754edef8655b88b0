"""Told while away: what becomes a notice, by which way it leaves, and that nobody is told what they saw."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, select

from tests.support.notice_ways import Knocks, Mailbox
from tests.support.web import HttpFixture, build_http_fixture
from wallet_service.database.leases import Lease
from wallet_service.database.tables.push import notice_endpoints, notice_mails
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.notices import decisions, errors
from wallet_service.notices import service as notices_service
from wallet_service.notices.delivery import LET_PAGES_MS, NoticeRound
from wallet_service.notices.models import NoticeKind, Recipient, RecipientKind, Ways
from wallet_service.notices.ports import Sent
from wallet_service.notices.service import CODE_PAUSE_MS, CODE_TRIES, Notices
from wallet_service.platform.journal import SERVICE
from wallet_service.protocol.event_kinds import (
    ApprovalChanged,
    ForConsole,
    ForMember,
    IdentitySubmitted,
    MoneyReceived,
    TopupCredited,
    to_console,
    to_member,
)

PHONE, TABLET = "http://127.0.0.1:9/phone", "http://127.0.0.1:9/tablet"
ORIGINS: dict[RecipientKind, str] = {"member": "https://alba.example", "officer": "https://console.example"}


@dataclass
class Side:
    env: HttpFixture
    knocks: Knocks
    mailbox: Mailbox
    notices: Notices
    round: NoticeRound

    def happens(self, member_id: str, *payloads: ForMember) -> None:
        with UnitOfWork(self.env.engine) as work:
            self.env.push.publish(work, *(to_member(member_id, each) for each in payloads))

    def waits(self, payload: ForConsole) -> None:
        with UnitOfWork(self.env.engine) as work:
            self.env.push.publish(work, to_console(payload))

    def later(self, milliseconds: int = LET_PAGES_MS + 1) -> int:
        """What happened is taken up, and sent once open pages have had their moment."""
        told = self.round.run_once()
        self.env.clock.advance_ms(milliseconds)
        return told + self.round.run_once()


@pytest.fixture
def side(engine: Engine) -> Side:
    env = build_http_fixture(engine)
    knocks, mailbox = Knocks(), Mailbox()
    notices = Notices(engine, env.clock, env.sealer, knocks, mailbox, is_local=True)
    lease = Lease(engine, "notices")
    made = NoticeRound(engine, env.clock, notices, knocks, mailbox, lease, ORIGINS)
    made.run_once()
    return Side(env, knocks, mailbox, notices, made)


def received(cents: int = 500, sale_id: str | None = None) -> MoneyReceived:
    return MoneyReceived("0x" + "11" * 32, "paid", cents, "AB-123", sale_id, None, 1, 1)


def member_of(side: Side, *endpoints: str) -> Recipient:
    member, _ = side.env.visitor()
    recipient = Recipient("member", member.id)
    for each in endpoints:
        side.notices.subscribe(recipient, each)
    return recipient


def test_money_that_came_knocks_once_at_every_browser_and_is_counted(side: Side) -> None:
    member = member_of(side, PHONE, TABLET)
    stranger = member_of(side)
    side.happens(member.id, received(), received(), TopupCredited("T", 100))
    assert side.later() == 1
    assert sorted(side.knocks.at) == [PHONE, TABLET]
    assert [(each.kind, each.count) for each in side.notices.unseen(member)] == [(NoticeKind.MONEY, 3)]
    assert side.notices.unseen(stranger) == []
    side.later()
    assert len(side.knocks.at) == 2, "told once"


def test_who_has_seen_it_is_not_disturbed(side: Side) -> None:
    member = member_of(side, PHONE)
    side.happens(member.id, received())
    side.round.run_once()
    side.notices.seen(member, side.env.clock.now_unix_ms())
    assert side.later() == 0
    assert side.knocks.at == []
    assert side.notices.unseen(member) == []


def test_a_clock_that_is_ahead_marks_nothing_that_is_still_to_come(side: Side) -> None:
    member = member_of(side, PHONE)
    side.notices.seen(member, side.env.clock.now_unix_ms() + 10**9)
    side.env.clock.advance_ms(1)
    side.happens(member.id, received())
    side.later()
    assert side.knocks.at == [PHONE]


def test_what_was_chosen_counts_and_a_tills_sales_are_asked_for(side: Side) -> None:
    member = member_of(side, PHONE)
    side.happens(member.id, received(sale_id="S1"))
    side.later()
    assert side.knocks.at == []
    side.notices.choose(member, NoticeKind.SALE, Ways(by_push=True, by_mail=False))
    side.notices.choose(member, NoticeKind.MONEY, Ways(by_push=False, by_mail=False))
    side.happens(member.id, received())
    side.later()
    assert side.knocks.at == []
    side.happens(member.id, received(sale_id="S2"))
    side.later()
    assert side.knocks.at == [PHONE]


def test_an_address_that_is_gone_is_dropped_and_a_busy_one_is_tried_again(side: Side) -> None:
    member = member_of(side, PHONE, TABLET)
    side.knocks.answers = {PHONE: Sent.GONE, TABLET: Sent.LATER}
    side.happens(member.id, received())
    side.later()
    assert side.notices.settings(member).endpoint_count == 1
    side.knocks.answers = {}
    side.later(decisions.FIRST_PAUSE_MS + LET_PAGES_MS)
    assert side.knocks.at == [PHONE, TABLET, TABLET]


def test_a_service_that_never_answers_is_given_up(side: Side) -> None:
    member = member_of(side, PHONE)
    side.knocks.answers = {PHONE: Sent.LATER}
    side.happens(member.id, received())
    for _ in range(decisions.MAX_ATTEMPTS + 3):
        side.later(4_000_000)
    assert len(side.knocks.at) == decisions.MAX_ATTEMPTS
    assert side.notices.unseen(member) != [], "the page still says it"


def test_a_browser_is_one_persons_at_a_time_and_its_address_is_sealed(side: Side) -> None:
    before, after = member_of(side, PHONE), member_of(side, PHONE)
    assert side.notices.settings(before).endpoint_count == 0
    side.happens(before.id, received())
    side.later()
    assert side.knocks.at == []
    with side.env.engine.connect() as connection:
        (row,) = connection.execute(select(notice_endpoints)).all()
        assert PHONE.encode() not in row.sealed_endpoint
    side.notices.unsubscribe(before, PHONE)  # not theirs any more
    assert side.notices.settings(after).endpoint_count == 1


def test_no_browser_names_an_address_inside(side: Side) -> None:
    wary = Notices(side.env.engine, side.env.clock, side.env.sealer, side.knocks, None, is_local=False)
    member = member_of(side)
    for endpoint in (PHONE, "https://10.0.0.5/x", "https://intranet/x"):
        with pytest.raises(errors.EndpointRefused):
            wary.subscribe(member, endpoint)
    assert wary.settings(member).endpoint_count == 0
    wary.subscribe(member, "https://push.example.org/x")


def test_how_many_browsers_one_has_is_bounded(side: Side) -> None:
    member = member_of(side, *(f"{PHONE}/{number}" for number in range(decisions.MAX_ENDPOINTS)))
    with pytest.raises(errors.TooManyEndpoints):
        side.notices.subscribe(member, PHONE)
    side.notices.subscribe(member, f"{PHONE}/0")  # known already


def test_another_subject_tells_with_its_own_commit(side: Side) -> None:
    member = member_of(side, PHONE)
    now = side.env.clock.now_unix_ms()

    def told_and_undone() -> None:
        with UnitOfWork(side.env.engine) as work:
            notices_service.tell(work.connection, member.id, NoticeKind.SECURITY, now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        told_and_undone()
    side.later()
    assert side.knocks.at == []
    with UnitOfWork(side.env.engine) as work:
        notices_service.tell(work.connection, member.id, NoticeKind.SECURITY, now)
    side.later()
    assert side.knocks.at == [PHONE]


def officer_of(side: Side, name: str, *rights: str, endpoint: str = "") -> Recipient:
    recipient = Recipient("officer", side.env.officers.ensure(name, rights).id)
    if endpoint:
        side.notices.subscribe(recipient, endpoint)
    return recipient


def test_officers_hear_that_something_waits_and_members_do_not(side: Side) -> None:
    member = member_of(side, PHONE)
    officer = officer_of(side, "Papiers", "identity", endpoint=TABLET)
    cashier = officer_of(side, "Banque", "treasury", endpoint=f"{TABLET}/2")
    side.waits(IdentitySubmitted("F1"))
    side.waits(IdentitySubmitted("F2"))
    side.later()
    assert side.knocks.at == [TABLET], "and nobody who may do nothing about it"
    assert [(each.kind, each.count) for each in side.notices.unseen(officer)] == [(NoticeKind.WAITING, 2)]
    assert side.notices.unseen(member) == side.notices.unseen(cashier) == []


def test_what_was_signed_already_waits_for_nobody(side: Side) -> None:
    officer_of(side, "Papiers", "identity", endpoint=TABLET)
    side.waits(ApprovalChanged("A1", "approved"))
    side.later()
    assert side.knocks.at == []
    side.waits(ApprovalChanged("A2", "asked"))
    side.later()
    assert side.knocks.at == [TABLET]


def test_an_officer_is_told_by_mail_where_they_have_chosen_it(side: Side) -> None:
    officer = officer_of(side, "Papiers", "identity")
    side.notices.ask_mail(officer, "agent@example.org", "fr")
    side.notices.confirm_mail(officer, code_in(side.mailbox))
    side.waits(IdentitySubmitted("F1"))
    side.later()
    assert len(side.mailbox.mails) == 1, "the code alone: by mail only once that was chosen"
    side.notices.choose(officer, NoticeKind.WAITING, Ways(by_push=False, by_mail=True))
    side.waits(IdentitySubmitted("F2"))
    side.later()
    mail = side.mailbox.mails[-1]
    assert (mail.to, mail.subject) == ("agent@example.org", "Du nouveau dans la console")
    assert "https://console.example" in mail.text
    assert "alba.example" not in mail.text
    with side.env.engine.connect() as connection:
        assert b"agent" not in connection.execute(select(notice_mails.c.sealed_address)).scalar_one()


def test_an_officer_who_was_let_go_is_told_nothing_more(side: Side) -> None:
    officer = officer_of(side, "Papiers", "identity", endpoint=TABLET)
    side.notices.ask_mail(officer, "agent@example.org", "fr")
    side.notices.confirm_mail(officer, code_in(side.mailbox))
    side.waits(IdentitySubmitted("F1"))
    side.round.run_once()  # taken up, not sent yet
    side.env.officers.revoke(officer.id, SERVICE, "Fin de contrat")
    side.waits(IdentitySubmitted("F2"))
    side.later()
    assert side.knocks.at == []
    side.round.forget_old()
    with side.env.engine.connect() as connection:
        assert connection.execute(select(notice_endpoints)).all() == []
        assert connection.execute(select(notice_mails)).all() == []


def test_what_concerns_the_accounts_security_is_sent_whatever_page_was_open(side: Side) -> None:
    member = member_of(side, PHONE)
    with UnitOfWork(side.env.engine) as work:
        notices_service.tell(work.connection, member.id, NoticeKind.SECURITY, side.env.clock.now_unix_ms())
    side.happens(member.id, received())
    side.round.run_once()
    side.notices.seen(member, side.env.clock.now_unix_ms())  # perhaps by the very phone that did it
    side.later()
    assert side.knocks.at == [PHONE]
    side.later()
    assert side.knocks.at == [PHONE], "once"


def test_a_second_process_tells_nothing_a_second_time(side: Side) -> None:
    member = member_of(side, PHONE)
    side.happens(member.id, received())
    side.later()
    lease = Lease(side.env.engine, "another")
    other = NoticeRound(side.env.engine, side.env.clock, side.notices, side.knocks, None, lease, ORIGINS)
    other.run_once()
    assert side.later() == 0
    assert [(each.kind, each.count) for each in side.notices.unseen(member)] == [(NoticeKind.MONEY, 1)]


def code_in(mailbox: Mailbox) -> str:
    return str(re.findall(r"\d{6}", mailbox.mails[-1].text)[0])


def test_mail_goes_to_an_address_once_its_code_was_typed(side: Side) -> None:
    member = member_of(side)
    side.notices.ask_mail(member, "anouk@example.org", "fr")
    side.happens(member.id, received())
    with UnitOfWork(side.env.engine) as work:
        notices_service.tell(work.connection, member.id, NoticeKind.SECURITY, side.env.clock.now_unix_ms())
    side.later()
    assert len(side.mailbox.mails) == 1, "the code alone: whose mailbox it is was not known"
    side.notices.confirm_mail(member, code_in(side.mailbox))
    shown = side.notices.settings(member)
    assert (shown.mail_address, shown.is_mail_confirmed) == ("anouk@example.org", True)
    with side.env.engine.connect() as connection:
        assert b"anouk" not in connection.execute(select(notice_mails.c.sealed_address)).scalar_one()
    with UnitOfWork(side.env.engine) as work:
        notices_service.tell(work.connection, member.id, NoticeKind.SECURITY, side.env.clock.now_unix_ms())
    side.happens(member.id, received())
    side.later()
    assert len(side.mailbox.mails) == 2
    assert "gelez votre compte" in side.mailbox.mails[-1].text
    assert "mouvement" not in side.mailbox.mails[-1].text, "money goes by push alone until asked for"
    side.notices.forget_mail(member)
    assert side.notices.settings(member).mail_address is None


def test_a_mail_that_could_not_go_goes_later_and_one_that_went_goes_once(side: Side) -> None:
    member = member_of(side, PHONE)
    side.notices.ask_mail(member, "anouk@example.org", "en")
    side.notices.confirm_mail(member, code_in(side.mailbox))
    side.mailbox.answer, side.knocks.answers = Sent.LATER, {PHONE: Sent.LATER}
    with UnitOfWork(side.env.engine) as work:
        notices_service.tell(work.connection, member.id, NoticeKind.SECURITY, side.env.clock.now_unix_ms())
    side.later()
    side.mailbox.answer = Sent.DONE
    side.later(20_000)
    side.later(70_000)
    assert len(side.mailbox.mails) == 2
    assert "freeze your account" in side.mailbox.mails[-1].text


def test_a_code_of_six_digits_cannot_be_guessed(side: Side) -> None:
    member = member_of(side)
    side.notices.ask_mail(member, "anouk@example.org", "fr")
    right = code_in(side.mailbox)
    for number in range(CODE_TRIES):
        with pytest.raises(errors.MailCodeRefused):
            side.notices.confirm_mail(member, f"{(int(right) + 1 + number) % 10**6:06d}")
    with pytest.raises(errors.MailCodeRefused):
        side.notices.confirm_mail(member, right)


def test_nobodys_mailbox_is_filled_by_asking_again_and_again(side: Side) -> None:
    member = member_of(side)
    for _ in range(3):
        side.notices.ask_mail(member, "anouk@example.org", "fr")
    assert len(side.mailbox.mails) == 1
    side.env.clock.advance_ms(CODE_PAUSE_MS)
    side.notices.ask_mail(member, "anouk@example.org", "fr")
    assert len(side.mailbox.mails) == 2


def test_an_erased_person_is_told_nothing_more(side: Side) -> None:
    member = member_of(side, PHONE)
    with UnitOfWork(side.env.engine) as work:
        side.env.sealer.destroy_member_key(work.connection, member.id)
    side.happens(member.id, received())
    side.later()
    assert side.knocks.at == []
    assert side.round.forget_old() == 0
    side.env.clock.advance_ms(31 * 24 * 3_600_000)
    assert side.round.forget_old() == 1
