"""Who may ask and send, how much of it, and by whom a part may be paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wallet_service.accounts.repository import ON_THE_WAY
from wallet_service.accounts.repository import REFUSED as REFUSED_WORD
from wallet_service.asks import decisions, errors
from wallet_service.asks.decisions import LIMITS, MAX_PARTS, Creator, check_may_create, check_part_payable
from wallet_service.asks.models import AskKind, NewAsk, NewPart, PartPayment, PartWay, PayablePart
from wallet_service.asks.repository import PAID as PAID_WORD
from wallet_service.asks.states import PartState, ShownPartState
from wallet_service.contacts.models import NamedPerson
from wallet_service.contacts.repository import BETWEEN_PEOPLE, CLOSED
from wallet_service.contacts.repository import REFUND as REFUND_WORD
from wallet_service.members.decisions import MemberState, Tier
from wallet_service.payments.models import Purpose
from wallet_service.payments.states import PaymentState
from wallet_service.protocol.calendar import MS_PER_DAY

NOW = 1_790_000_000_000
PERSON = NamedPerson(code="0" * 16)
TO_PERSON = NewPart(100, person=PERSON)
TO_LINK = NewPart(100, is_link=True)
TO_ADDRESS = NewPart(100, address="zoe@exemple.fr")
PART = PayablePart(
    "P", "A", AskKind.ASK, "CHLOE", "CAMILLE", "CHLOE", 700, PartState.OPEN, NOW + MS_PER_DAY, None
)


def new(kind: AskKind, *parts: NewPart) -> NewAsk:
    return NewAsk("0x" + "11" * 32, kind, None, parts)


def test_words_of_other_subjects_are_theirs() -> None:
    assert PAID_WORD == PaymentState.PAID
    assert REFUSED_WORD == PaymentState.REFUSED
    assert set(ON_THE_WAY) == {PaymentState.ACCEPTED, PaymentState.SETTLING}
    assert (BETWEEN_PEOPLE, REFUND_WORD) == (Purpose.PERSON, Purpose.REFUND)
    assert CLOSED == MemberState.CLOSED
    assert set(LIMITS) == set(Tier), "no tier is without limits"


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        (None, new(AskKind.ASK, TO_PERSON, TO_LINK, TO_ADDRESS)),
        (None, new(AskKind.SEND, TO_PERSON)),
        (None, new(AskKind.SEND, TO_ADDRESS)),
        (errors.AskShapeWrong, new(AskKind.ASK)),
        (errors.AskShapeWrong, new(AskKind.SEND)),
        (errors.AskShapeWrong, new(AskKind.SEND, TO_LINK)),
        (errors.AskShapeWrong, new(AskKind.SEND, TO_PERSON, TO_PERSON)),
        (errors.AskShapeWrong, new(AskKind.ASK, NewPart(100))),
        (errors.AskShapeWrong, new(AskKind.ASK, NewPart(100, person=PERSON, is_link=True))),
        (errors.AskShapeWrong, new(AskKind.ASK, NewPart(100, person=PERSON, address="a@b.fr"))),
        (None, new(AskKind.ASK, *[TO_LINK] * MAX_PARTS)),
        (errors.TooManyParts, new(AskKind.ASK, *[TO_LINK] * (MAX_PARTS + 1))),
    ],
)
def test_an_ask_says_to_whom(refusal: type[Exception] | None, ask: NewAsk) -> None:
    if refusal is None:
        decisions.check_shape(ask)
        return
    with pytest.raises(refusal):
        decisions.check_shape(ask)


@pytest.mark.parametrize("tier", LIMITS)
def test_limits_of_each_tier_hold_to_the_one(tier: str) -> None:
    limits = LIMITS[tier]
    ask = new(AskKind.ASK, TO_LINK)
    most = Creator(tier, limits.open_parts - 1, limits.parts_a_day - 1, 0)
    check_may_create(ask, most, to_persons=True)
    with pytest.raises(errors.TooManyOpenParts):
        check_may_create(ask, replace(most, open_parts=limits.open_parts), to_persons=True)
    with pytest.raises(errors.TooManyToday):
        check_may_create(ask, replace(most, parts_today=limits.parts_a_day), to_persons=True)
    addressed = new(AskKind.ASK, TO_ADDRESS)
    if limits.addresses_a_day == 0:
        with pytest.raises(errors.IdentityNeeded):
            check_may_create(addressed, Creator(tier, 0, 0, 0), to_persons=True)
        return
    check_may_create(addressed, Creator(tier, 0, 0, limits.addresses_a_day - 1), to_persons=True)
    with pytest.raises(errors.TooManyToday):
        check_may_create(addressed, Creator(tier, 0, 0, limits.addresses_a_day), to_persons=True)


def test_who_has_no_name_is_bound_the_tightest() -> None:
    for tier, limits in LIMITS.items():
        if tier not in ("none", "visitor"):
            assert limits.open_parts > LIMITS["visitor"].open_parts
            assert limits.parts_a_day > LIMITS["visitor"].parts_a_day
    assert LIMITS["visitor"].addresses_a_day == 0


@pytest.mark.parametrize(
    ("tier", "kind", "to_persons", "is_refused"),
    [
        ("visitor", AskKind.SEND, True, True),
        ("none", AskKind.SEND, True, True),
        ("visitor", AskKind.SEND, False, False),
        ("visitor", AskKind.ASK, True, False),  # to be paid is no payment
        ("declared", AskKind.SEND, True, False),
        ("professional", AskKind.SEND, True, False),
    ],
)
def test_visitors_send_to_professionals_alone(
    tier: str, kind: AskKind, to_persons: bool, is_refused: bool
) -> None:
    creator = Creator(tier, 0, 0, 0)
    if not is_refused:
        check_may_create(new(kind, TO_PERSON), creator, to_persons=to_persons)
        return
    with pytest.raises(errors.VisitorsPayShops):
        check_may_create(new(kind, TO_PERSON), creator, to_persons=to_persons)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+44 20 7946 0000", "+442079460000"),
        (" Zoe.Tiers@Exemple.FR ", "Zoe.Tiers@exemple.fr"),
    ],
)
def test_an_address_has_one_form(typed: str, normal: str) -> None:
    assert decisions.normal_address(typed) == normal
    assert decisions.is_mail(normal) is ("@" in typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "Chloé", "12 34", "06 12 34 56", "+0123456789", "a@b", "a@b.fr, c@d.fr", "a@b.fr\nBcc: c@d.fr"),
        *("@exemple.fr", "a b@exemple.fr", "+" + "1" * 16, "x" * 250 + "@b.fr", "00 00 00 00 00"),
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(errors.AddressUnreadable):
        decisions.normal_address(typed)


@pytest.mark.parametrize(
    ("refusal", "changes", "payer", "payee", "cents"),
    [
        (None, {}, "CAMILLE", "CHLOE", 700),
        (None, {"payer_member_id": None}, "ZOE", "CHLOE", 700),
        (errors.AskNotFound, {}, "ZOE", "CHLOE", 700),
        (errors.OwnAskPart, {"payer_member_id": None}, "CHLOE", "CHLOE", 700),
        (errors.PartAlreadyPaid, {"living_payment_ref": "0x1"}, "CAMILLE", "CHLOE", 700),
        (errors.PartMismatch, {}, "CAMILLE", "ZOE", 700),
        (errors.PartMismatch, {}, "CAMILLE", None, 700),
        (errors.PartMismatch, {}, "CAMILLE", "CHLOE", 701),
        (errors.PartNotClaimed, {"state": PartState.WAITING}, "CAMILLE", "CHLOE", 700),
        (errors.PartOver, {"state": PartState.DECLINED}, "CAMILLE", "CHLOE", 700),
        (errors.PartOver, {"state": PartState.CANCELLED}, "CAMILLE", "CHLOE", 700),
        (errors.PartOver, {"state": PartState.EXPIRED}, "CAMILLE", "CHLOE", 700),
        (errors.PartOver, {"expires_at_unix_ms": NOW}, "CAMILLE", "CHLOE", 700),
        (errors.PartOver, {"expires_at_unix_ms": NOW, "state": PartState.WAITING}, "CAMILLE", "CHLOE", 700),
        (None, {"expires_at_unix_ms": NOW + 1}, "CAMILLE", "CHLOE", 700),
    ],
)
def test_who_may_pay_a_part(
    refusal: type[Exception] | None, changes: dict[str, Any], payer: str, payee: str | None, cents: int
) -> None:
    part = replace(PART, **changes)
    if refusal is None:
        check_part_payable(part, payer, payee, cents, NOW)
        return
    with pytest.raises(refusal):
        check_part_payable(part, payer, payee, cents, NOW)


@pytest.mark.parametrize(
    ("changes", "way", "member_id", "may"),
    [
        ({}, PartWay.MEMBER, "CAMILLE", True),
        ({}, PartWay.MEMBER, "ZOE", False),
        ({"payer_member_id": None}, PartWay.ADDRESS, "ZOE", True),
        ({"payer_member_id": None}, PartWay.ADDRESS, "CHLOE", False),
        ({"payer_member_id": None}, PartWay.LINK, "ZOE", False),
        ({"kind": AskKind.SEND}, PartWay.ADDRESS, "CAMILLE", False),
    ],
)
def test_whose_no_it_is(changes: dict[str, Any], way: PartWay, member_id: str, may: bool) -> None:
    assert decisions.may_decline(replace(PART, **changes), way, member_id) is may


@pytest.mark.parametrize(
    ("payment_state", "shown"),
    [
        (None, ShownPartState.OPEN),
        ("accepted", ShownPartState.CONFIRMING),
        ("settling", ShownPartState.CONFIRMING),
        ("paid", ShownPartState.PAID),
    ],
)
def test_a_part_shows_no_more_than_its_payment_knows(
    payment_state: str | None, shown: ShownPartState
) -> None:
    payment = payment_state and PartPayment("0x1", "CAMILLE", payment_state, NOW)
    assert decisions.shown_state(PART, payment or None, NOW) is shown
    if payment:  # what is on its way does not expire
        assert decisions.shown_state(PART, payment, PART.expires_at_unix_ms) is shown


def test_two_people_are_seldom_offered_the_same_share() -> None:
    parts = [replace(PART, id=f"P{n}", payer_member_id=None) for n in range(4)]
    offered = {decisions.share_for(parts, f"MEMBER{n}") for n in range(12)}
    assert len(offered) == 4
    taken = [replace(part, living_payment_ref="0x1") for part in parts]
    assert decisions.share_for(taken, "ZOE") is None
    assert decisions.share_for([*taken[:3], parts[3]], "ZOE") == parts[3]
