"""Asking people for money: who sees what, who may pay, and that a signed payment alone moves any."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.support.people_side import PeopleSide
from wallet_service.asks import errors
from wallet_service.asks.decisions import ASK_LIFETIME_MS, MAX_OPEN_OF_ONE
from wallet_service.asks.models import AskKind, NewAsk, NewPart, Role
from wallet_service.asks.states import ShownPartState
from wallet_service.contacts.errors import PersonIsYourself, PersonUnknown
from wallet_service.contacts.models import NamedPerson
from wallet_service.database.tables.people import ask_parts, asks
from wallet_service.payments import errors as payment_errors
from wallet_service.protocol.text.identifiers import new_id, new_ref


def states(side: PeopleSide, member_id: str, ask_id: str) -> list[tuple[str | None, str]]:
    return [(part.name, part.state.value) for part in side.asks.reader.own(member_id, ask_id).parts]


def test_a_bill_is_split_and_its_asker_sees_who_has_paid(side: PeopleSide) -> None:
    chloe, camille, noe = (
        side.person("Chloé", "Val"),
        *(side.person(name, "Rive", balance_cents=5_000) for name in ("Camille", "Noé")),
    )
    side.know(camille, chloe)
    parts = [NewPart(1_250, side.code(one)) for one in (camille, noe)]
    ask = side.ask(chloe, *parts, message="Pizza de samedi")
    (for_camille,) = side.asks.reader.waiting_for(camille)
    assert (for_camille.name, for_camille.message, for_camille.role) == (
        "Chloé V.",
        "Pizza de samedi",
        Role.PAYS,
    )
    assert (for_camille.to_address, for_camille.is_known) == (side.account(chloe), True)
    payment = side.pay(camille, for_camille)
    assert (payment.ask_part_id, payment.payee_member_id) == (for_camille.id, chloe)
    assert ("Camille R.", "confirming") in states(side, chloe, ask.id)
    side.settle_and_mine()
    assert sorted(states(side, chloe, ask.id)) == [("Camille R.", "paid"), ("Noé R.", "open")]
    assert side.asks.reader.waiting_for(camille) == []
    assert "ask.changed" in side.heard(chloe), "the asker's open page hears that a share is being paid"
    side.check_books()


def test_no_part_is_paid_twice_nor_by_another_nor_of_another_amount(
    side: PeopleSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=9_000)
    thief = side.person("Zoé", "Tiers", balance_cents=9_000)
    side.ask(chloe, NewPart(1_000, side.code(camille)))
    (part,) = side.asks.reader.waiting_for(camille)
    for refusal, payer, changes in (
        (errors.AskNotFound, thief, {}),
        (errors.PartMismatch, camille, {"amount_cents": 999}),
        (errors.PartMismatch, camille, {"to_address": side.account(thief)}),
        (errors.AskNotFound, camille, {"ask_part_id": new_id()}),
    ):
        with pytest.raises(refusal):
            side.pay(payer, part, **changes)
    first, second = side.order_for(camille, part), side.order_for(camille, part)
    attempts: list[int] = []
    decide = side.acceptance._attempt

    def counted(orders: Any, rules: Any) -> Any:
        attempts.append(len(orders))
        return decide(orders, rules)

    monkeypatch.setattr(side.acceptance, "_attempt", counted)
    answers = side.acceptance.accept_batch([first, second])
    assert attempts == [2], "known before SQL has to say so"
    assert isinstance(answers[1], errors.PartAlreadyPaid), "two orders of one batch"
    with pytest.raises(errors.PartAlreadyPaid):
        side.pay(camille, part)
    assert side.acceptance.accept_batch([first]) == [answers[0]], "the same order again is the same payment"
    side.settle_and_mine()
    side.check_books()


def test_a_share_by_link_goes_to_whoever_comes_and_one_each(side: PeopleSide) -> None:
    chloe = side.person("Chloé", "Val", balance_cents=9_000)
    first, second, third = (side.person(f"A{n}", "Bé", balance_cents=9_000) for n in ("na", "xe", "by"))
    ask = side.ask(chloe, NewPart(500, is_link=True), NewPart(500, is_link=True))
    assert side.asks.reader.look(chloe, ask.id).role is Role.MADE
    with pytest.raises(errors.OwnAskPart):
        side.pay(chloe, side.asks.reader.look(first, ask.id), to_address=side.account(first))
    paid = side.pay(first, side.asks.reader.look(first, ask.id.lower()))
    again = side.asks.reader.look(first, ask.id)
    assert (again.state, again.payment_ref) == (ShownPartState.CONFIRMING, paid.ref)
    side.pay(second, side.asks.reader.look(second, ask.id))
    with pytest.raises(errors.NoShareLeft):
        side.asks.reader.look(third, ask.id)
    assert {name for name, _ in states(side, chloe, ask.id)} == {"Ana B.", "Axe B."}


def test_a_refused_payment_leaves_the_part_open(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=2_000)
    side.ask(chloe, NewPart(1_000, side.code(camille)))
    (part,) = side.asks.reader.waiting_for(camille)
    side.pay(camille, part)
    side.ledger.posted[side.account(camille)] = 0  # the ledger will not have it
    side.settler.run_once()
    side.ledger.mine(side.projection)
    (open_again,) = side.asks.reader.waiting_for(camille)
    assert (open_again.id, open_again.state) == (part.id, ShownPartState.OPEN)


def test_it_is_declined_with_a_word_and_cannot_be_paid_then(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=2_000)
    thief = side.person("Zoé", "Tiers")
    ask = side.ask(chloe, NewPart(1_000, side.code(camille)))
    (part,) = side.asks.reader.waiting_for(camille)
    with pytest.raises(errors.AskNotFound):
        side.asks.decline(thief, part.id, None)
    side.asks.decline(camille, part.id, "Déjà réglé en espèces")
    side.asks.decline(camille, part.id, "encore")
    (own,) = side.asks.reader.own(chloe, ask.id).parts
    assert (own.state, own.word, own.name) == (ShownPartState.DECLINED, "Déjà réglé en espèces", "Camille R.")
    with pytest.raises(errors.PartOver):
        side.pay(camille, part)
    assert side.asks.reader.waiting_for(camille) == []


def test_what_is_being_paid_is_neither_declined_nor_cancelled(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive", balance_cents=2_000)
    ask = side.ask(chloe, NewPart(1_000, side.code(camille)), NewPart(1_000, is_link=True))
    (part,) = side.asks.reader.waiting_for(camille)
    side.pay(camille, part)
    with pytest.raises(errors.PartAlreadyPaid):
        side.asks.decline(camille, part.id, None)
    with pytest.raises(errors.AskNotFound):
        side.asks.cancel(camille, ask.id)
    side.asks.cancel(chloe, ask.id)
    assert {state for _, state in states(side, chloe, ask.id)} == {"confirming", "cancelled"}


def test_it_expires_and_its_sweep_keeps_what_is_being_paid(side: PeopleSide) -> None:
    chloe, camille, noe = (
        side.person("Chloé", "Val"),
        *(side.person(name, "Rive", balance_cents=5_000) for name in ("Camille", "Noé")),
    )
    ask = side.ask(chloe, *(NewPart(1_000, side.code(one)) for one in (camille, noe)))
    (part,) = side.asks.reader.waiting_for(camille)
    side.pay(camille, part)
    side.clock.advance_ms(ASK_LIFETIME_MS)
    assert side.asks.reader.waiting_for(noe) == []
    late = side.asks.reader.look(noe, next(one.id for one in ask.parts if one.name == "Noé R."))
    assert late.state is ShownPartState.EXPIRED, "before the sweep too"
    with pytest.raises(errors.PartOver):
        side.pay(noe, late)
    assert side.asks.expire_due() == 1
    assert {state for _, state in states(side, chloe, ask.id)} == {"confirming", "expired"}


def test_a_strangers_ask_is_quiet_and_a_friends_is_told(side: PeopleSide) -> None:
    chloe, friend, stranger = (side.person(name, "Val") for name in ("Chloé", "Ami", "Ève"))
    side.know(chloe, friend)
    side.ask(stranger, NewPart(700, side.code(chloe)))
    assert side.told(chloe) == []
    assert [part.is_known for part in side.asks.reader.waiting_for(chloe)] == [False]
    side.ask(friend, NewPart(700, side.code(chloe)))
    assert side.told(chloe) == ["asked"]
    side.know(stranger, chloe)  # that the stranger knows Chloé makes no friend of them
    side.ask(stranger, NewPart(700, side.code(chloe)))
    assert side.told(chloe) == ["asked"]


def test_who_is_blocked_is_not_seen_and_does_not_learn_it(side: PeopleSide) -> None:
    chloe, pest = side.person("Chloé", "Val", balance_cents=5_000), side.person("Insistant", "Pe")
    side.know(chloe, pest)
    side.ask(pest, NewPart(700, side.code(chloe)))
    (part,) = side.asks.reader.waiting_for(chloe)
    heard = len(side.heard(pest))
    side.asks.block(chloe, part.id)
    assert len(side.heard(pest)) == heard
    of_chloe = side.heard(chloe)
    again = side.ask(pest, NewPart(800, side.code(chloe)), NewPart(800, is_link=True))
    assert {state for _, state in states(side, pest, again.id)} == {"open"}, "as anybody's would"
    assert side.asks.reader.waiting_for(chloe) == []
    assert (side.told(chloe), side.heard(chloe)) == (["asked"], of_chloe), "from before"
    for hidden in (part.id, again.id, again.parts[0].id):
        with pytest.raises(errors.AskNotFound):
            side.asks.reader.look(chloe, hidden)
    (blocked,) = side.contacts.book(chloe).blocks
    assert (blocked.name, side.contacts.book(chloe).contacts) == ("Insistant P.", ())
    side.contacts.unblock(chloe, blocked.id)
    assert len(side.asks.reader.waiting_for(chloe)) == 2


def test_the_same_reference_asks_nobody_twice(side: PeopleSide) -> None:
    chloe, camille, other = (side.person(name, "Val") for name in ("Chloé", "Camille", "Zoé"))
    new = NewAsk(new_ref(), AskKind.ASK, None, (NewPart(700, side.code(camille)),))
    assert side.asks.create(chloe, new, "fr") == side.asks.create(chloe, new, "fr")
    assert len(side.asks.reader.waiting_for(camille)) == 1
    with pytest.raises(errors.AskReferenceReused):
        side.asks.create(other, new, "fr")


def test_nobody_is_named_who_is_not_shared(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive")
    theirs = side.know(camille, chloe)
    closed = side.person("Partie", "Loin", state="closed")
    for unknown in (
        NamedPerson(code="0" * 16),
        NamedPerson(movement_ref=new_ref()),
        NamedPerson(contact_id=new_id()),
        theirs,  # a contact of somebody else's
        side.code(closed),
        NamedPerson(),
        NamedPerson(code=side.code(camille).code, contact_id=new_id()),
    ):
        with pytest.raises(PersonUnknown):
            side.ask(chloe, NewPart(100, unknown))
    with pytest.raises(PersonIsYourself):
        side.ask(chloe, NewPart(100, side.code(chloe)))
    with pytest.raises(errors.AskShapeWrong):
        side.ask(chloe, NewPart(100, side.code(camille)), NewPart(100, side.code(camille)))


def test_one_person_is_not_asked_again_and_again(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive")
    for _ in range(MAX_OPEN_OF_ONE):
        side.ask(chloe, NewPart(700, side.code(camille)))
    with pytest.raises(errors.TooManyOfOne):
        side.ask(chloe, NewPart(700, side.code(camille)))


def test_nothing_of_what_people_write_is_readable_in_sql(side: PeopleSide) -> None:
    chloe, camille = side.person("Chloé", "Val"), side.person("Camille", "Rive")
    side.ask(
        chloe, NewPart(700, side.code(camille)), NewPart(1, address="zoe@exemple.fr"), message="SECRETMOT"
    )
    (part,) = side.asks.reader.waiting_for(camille)
    side.asks.decline(camille, part.id, "SECRETNON")
    with side.engine.connect() as connection:
        kept = repr([tuple(row) for table in (asks, ask_parts) for row in connection.execute(select(table))])
    assert "SECRET" not in kept
    assert "exemple" not in kept


def test_a_visitor_pays_no_person_and_a_professional_yes(side: PeopleSide) -> None:
    chloe, shop = side.person("Chloé", "Val"), side.shop()
    visitor = side.person(balance_cents=5_000)
    side.ask(chloe, NewPart(700, side.code(visitor)))
    side.ask(shop, NewPart(800, side.code(visitor)))
    by_name = {part.name: part for part in side.asks.reader.waiting_for(visitor)}
    assert (by_name["Chloé V."].is_professional, by_name["Boutique fictive"].is_professional) == (False, True)
    with pytest.raises(payment_errors.VisitorToPerson):
        side.pay(visitor, by_name["Chloé V."])
    side.pay(visitor, by_name["Boutique fictive"])
    with pytest.raises(errors.VisitorsPayShops):
        side.send(visitor, NewPart(100, side.code(chloe)))
    assert side.send(visitor, NewPart(100, side.code(shop))).parts[0].is_to_sign
