"""Sending: the payee's name before the signature, a sealed message, and people without a wallet yet."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.people_side import ORIGIN, PeopleSide
from wallet_service.asks import errors
from wallet_service.asks import repository as ask_rows
from wallet_service.asks.decisions import ASK_LIFETIME_MS, MAX_MAILS_TO_ONE_A_DAY, SEND_LIFETIME_MS
from wallet_service.asks.models import NewPart, Role
from wallet_service.asks.states import ShownPartState
from wallet_service.contacts import repository as contact_rows
from wallet_service.contacts.models import NamedPerson
from wallet_service.database.tables.people import ask_parts
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.history.service import History
from wallet_service.members.directory import Directory
from wallet_service.notices.models import Recipient

MAIL = "zoe@exemple.fr"


def test_its_payer_reads_a_short_name_and_its_payee_hears_nothing_before_it_is_signed(
    side: PeopleSide,
) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=5_000)
    sent = side.send(camille, NewPart(1_500, side.code(chloe)), "Merci pour le train")
    part = side.asks.reader.look(camille, sent.parts[0].id)
    assert (part.name, part.role, part.to_address) == ("Chloé V.", Role.PAYS, side.account(chloe))
    with pytest.raises(errors.AskNotFound):
        side.asks.reader.look(chloe, part.id)
    assert (side.told(chloe), side.heard(chloe), side.asks.reader.waiting_for(camille)) == ([], [], [])
    payment = side.pay(camille, part)
    side.settle_and_mine()
    history = History(side.engine, Directory(side.engine, side.sealer), side.asks.reader)
    for member_id, amount_cents in ((camille, -1_500), (chloe, 1_500)):
        (movement,) = history.movements(member_id, None, 5)
        assert (movement.amount_cents, movement.message) == (amount_cents, "Merci pour le train")
    assert side.asks.reader.made_by(camille) == [], "a movement is told once"
    again = side.send(camille, NewPart(100, NamedPerson(movement_ref=payment.ref)))
    assert again.parts[0].name == "Chloé V.", "recent people are named by the payment between the two"


def test_one_that_is_not_signed_at_once_is_forgotten(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=5_000)
    part = side.asks.reader.look(camille, side.send(camille, NewPart(1_500, side.code(chloe))).parts[0].id)
    side.clock.advance_ms(SEND_LIFETIME_MS)
    with pytest.raises(errors.PartOver):
        side.pay(camille, part)


def test_somebody_without_a_wallet_claims_it_and_then_it_is_signed(side: PeopleSide) -> None:
    camille = side.person("Camille", "Rive", balance_cents=5_000)
    sent = side.send(camille, NewPart(2_000, address="06 12 34 56 78"), "Bienvenue")
    (own,) = sent.parts
    assert (own.state, own.address, own.is_to_sign) == (ShownPartState.WAITING, "+33612345678", False)
    assert side.balance(side.account(camille)) == (5_000, 0), "nothing is held"
    part = side.asks.reader.look(camille, own.id)
    with pytest.raises(errors.PartNotClaimed):
        side.pay(camille, part, to_address=side.account(side.person()))
    newcomer = side.person()  # opened a wallet with the link
    seen = side.asks.reader.look(newcomer, own.id)
    assert (seen.role, seen.name, seen.message, seen.to_address) == (
        Role.RECEIVES,
        "Camille R.",
        "Bienvenue",
        None,
    )
    side.asks.claim(newcomer, own.id)
    side.asks.claim(newcomer, own.id)
    assert side.told(camille) == ["asked"]
    with pytest.raises(errors.PartAlreadyClaimed):
        side.asks.claim(side.person(), own.id)
    with pytest.raises(errors.OwnAskPart):
        side.asks.claim(camille, own.id)
    (waiting,) = side.asks.reader.waiting_for(camille)
    assert waiting.to_address == side.account(newcomer)
    (own,) = side.asks.reader.own(camille, sent.id).parts
    assert (own.address, own.is_to_sign) == (None, True), "the number has served and is forgotten"
    side.pay(camille, waiting)
    side.settle_and_mine()
    assert side.balance(side.account(newcomer)) == (2_000, 0)
    side.check_books()


def test_a_member_and_a_stranger_at_an_address_cannot_be_told_apart(side: PeopleSide) -> None:
    """What is answered, kept, mailed and told is the same; nobody is looked up by an address."""
    camille = side.person("Camille", "Rive", balance_cents=5_000)
    zoe = side.person("Zoé", "Autre")
    side.notices.ask_mail(Recipient("member", zoe), MAIL, "fr")
    code = side.mailbox.mails[-1].subject.rpartition(" ")[2]
    side.notices.confirm_mail(Recipient("member", zoe), code)
    side.mailbox.mails.clear()
    heard = side.heard(zoe)
    to_member, to_nobody = (side.send(camille, NewPart(500, address=one)) for one in (MAIL, "no@exemple.fr"))
    shapes = [
        [
            (part.state, part.name, part.is_professional, part.payment_ref, part.is_to_sign)
            for part in sent.parts
        ]
        for sent in (to_member, to_nobody)
    ]
    assert shapes[0] == shapes[1]
    assert (side.told(zoe), side.heard(zoe), side.asks.reader.waiting_for(zoe)) == ([], heard, [])
    assert [mail.to for mail in side.mailbox.mails] == [MAIL, "no@exemple.fr"]


def test_the_mail_has_a_short_name_and_a_link_and_neither_amount_nor_message(side: PeopleSide) -> None:
    camille = side.person("Camille", "Rive")
    sent = side.send(camille, NewPart(123_45, address=MAIL), "SECRETMOT")
    (mail,) = side.mailbox.mails
    assert "Camille R." in mail.subject
    assert f"{ORIGIN}/R/{sent.parts[0].id}" in mail.text
    assert not {"123", "SECRETMOT", MAIL} & set(mail.text.replace(",", " ").split())
    assert MAIL not in sent.parts[0].id


def test_one_address_is_not_flooded_and_the_sender_does_not_learn_it(side: PeopleSide) -> None:
    for number in range(MAX_MAILS_TO_ONE_A_DAY + 2):
        sender = side.person(f"Aa{'abcd'[number]}", "Bé")
        (part,) = side.send(sender, NewPart(500, address=MAIL)).parts
        assert part.state is ShownPartState.WAITING
    assert len(side.mailbox.mails) == MAX_MAILS_TO_ONE_A_DAY
    side.clock.advance_ms(24 * 3_600_000 + 1)
    side.send(side.person("Lendemain", "Bé"), NewPart(500, address=MAIL))
    assert len(side.mailbox.mails) == MAX_MAILS_TO_ONE_A_DAY + 1


@pytest.mark.parametrize("end", ["expired", "cancelled", "paid"])
def test_an_address_is_forgotten_when_it_has_served(side: PeopleSide, end: str) -> None:
    camille, payer = side.person("Camille", "Rive"), side.person("Noé", "Rive", balance_cents=900)
    ask = side.ask(camille, NewPart(500, address=MAIL))
    if end == "expired":
        side.clock.advance_ms(ASK_LIFETIME_MS)
    elif end == "cancelled":
        side.asks.cancel(camille, ask.id)
    else:
        side.pay(payer, side.asks.reader.look(payer, ask.parts[0].id))
        side.settle_and_mine()
    side.asks.expire_due()
    with side.engine.connect() as connection:
        row = connection.execute(select(ask_parts)).one()
    assert (row.sealed_address, row.address_mark) == (None, None)


def test_who_has_no_name_writes_to_no_address(side: PeopleSide) -> None:
    with pytest.raises(errors.IdentityNeeded):
        side.ask(side.person(), NewPart(500, address=MAIL))
    assert side.mailbox.mails == []


def test_a_closed_account_ends_what_it_asked_and_was_asked(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=900)
    side.know(camille, chloe)
    side.ask(chloe, NewPart(500, side.code(camille)))
    (part,) = side.asks.reader.waiting_for(camille)
    with UnitOfWork(side.engine) as work:
        assert ask_rows.forget(work.connection, chloe, side.clock.now_unix_ms()) == 1
        assert contact_rows.forget(work.connection, chloe) == 2, "whose contact they were, and their code"
        side.sealer.destroy_member_key(work.connection, chloe)
    with pytest.raises(errors.PartOver):
        side.pay(camille, part)
    assert side.contacts.book(camille).contacts == ()
