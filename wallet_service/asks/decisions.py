"""Who may ask or send, how much of it, whom a part may be paid by, what people are shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wallet_service.asks import errors
from wallet_service.asks.models import AskKind, NewAsk, NewPart, PartPayment, PartWay, PayablePart
from wallet_service.asks.states import PartState, ShownPartState
from wallet_service.protocol.calendar import MS_PER_DAY

MAX_MESSAGE_CHARACTERS = 140
MAX_PARTS = 30
MAX_OPEN_OF_ONE = 3
#: An ask waits a month; a send to somebody known is signed at once or forgotten.
ASK_LIFETIME_MS = 30 * MS_PER_DAY
SEND_LIFETIME_MS = 60 * 60_000
#: So many mails go to one address in a day, whoever asks for them; the sender is not told.
MAX_MAILS_TO_ONE_A_DAY = 2
MAX_ADDRESS_CHARACTERS = 254
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")  # E.164
_FRENCH_NUMBER = re.compile(r"0[1-9][0-9]{8}")
_SPACING = re.compile(r"[\s.\-/()]+")


@dataclass(frozen=True, slots=True)
class AskLimits:
    """How many parts of a member may wait at once, how many they may make in a day, how many to addresses."""

    open_parts: int
    parts_a_day: int
    addresses_a_day: int


NAMELESS = AskLimits(open_parts=5, parts_a_day=10, addresses_a_day=0)
NAMED = AskLimits(open_parts=60, parts_a_day=60, addresses_a_day=10)
#: By tier; whoever has declared no name is bound tightly.
LIMITS = {
    "none": NAMELESS,
    "visitor": NAMELESS,
    "declared": NAMED,
    "verified": NAMED,
    "professional": AskLimits(open_parts=500, parts_a_day=300, addresses_a_day=50),
}


@dataclass(frozen=True, slots=True)
class Creator:
    """What is known of who asks, when they ask."""

    tier: str
    open_parts: int
    parts_today: int
    addresses_today: int


def check_shape(ask: NewAsk) -> None:
    """Raises AskShapeWrong, TooManyParts: before anybody is looked up."""
    if len(ask.parts) > MAX_PARTS:
        raise errors.TooManyParts(limit=MAX_PARTS)
    is_one_send = ask.kind is AskKind.ASK or (len(ask.parts) == 1 and not ask.parts[0].is_link)
    if not ask.parts or not is_one_send or not all(_names_one(part) for part in ask.parts):
        raise errors.AskShapeWrong


def _names_one(part: NewPart) -> bool:
    return [part.person is not None, part.address is not None, part.is_link].count(True) == 1


def way_of(part: NewPart) -> PartWay:
    if part.person is not None:
        return PartWay.MEMBER
    return PartWay.LINK if part.is_link else PartWay.ADDRESS


def check_may_create(ask: NewAsk, creator: Creator, *, to_persons: bool) -> None:
    """`to_persons`: some part is for somebody who is, or may be, no professional.

    Raises VisitorsPayShops, IdentityNeeded, TooManyOpenParts, TooManyToday.
    """
    limits = LIMITS.get(creator.tier, NAMELESS)
    addresses = sum(part.address is not None for part in ask.parts)
    if ask.kind is AskKind.SEND and creator.tier in ("none", "visitor") and to_persons:
        raise errors.VisitorsPayShops
    if addresses and not limits.addresses_a_day:
        raise errors.IdentityNeeded
    if creator.open_parts + len(ask.parts) > limits.open_parts:
        raise errors.TooManyOpenParts(limit=limits.open_parts)
    if creator.parts_today + len(ask.parts) > limits.parts_a_day:
        raise errors.TooManyToday(limit=limits.parts_a_day)
    if creator.addresses_today + addresses > limits.addresses_a_day:
        raise errors.TooManyToday(limit=limits.addresses_a_day)


def lifetime_ms(ask: NewAsk) -> int:
    is_signed_at_once = ask.kind is AskKind.SEND and ask.parts[0].address is None
    return SEND_LIFETIME_MS if is_signed_at_once else ASK_LIFETIME_MS


def normal_address(text: str) -> str:
    """One form of a mail address or telephone number (E.164). Raises AddressUnreadable."""
    typed = text.strip()
    if len(typed) <= MAX_ADDRESS_CHARACTERS and _MAIL.fullmatch(typed):
        local, _, domain = typed.rpartition("@")
        return f"{local}@{domain.lower()}"
    digits = _SPACING.sub("", typed)
    if _FRENCH_NUMBER.fullmatch(digits):
        return "+33" + digits[1:]
    number = "+" + digits[2:] if digits.startswith("00") else digits
    if _NUMBER.fullmatch(number):
        return number
    raise errors.AddressUnreadable


def is_mail(address: str) -> bool:
    """Of `normal_address`."""
    return "@" in address


def check_part_payable(
    part: PayablePart, payer_member_id: str, payee_member_id: str | None, amount_cents: int, now_unix_ms: int
) -> None:
    """Raises the first reason why a payment by this payer to this payee cannot be of that part."""
    if part.payer_member_id not in (None, payer_member_id):
        raise errors.AskNotFound
    if part.payer_member_id is None and part.creator_member_id == payer_member_id:
        raise errors.OwnAskPart
    if part.living_payment_ref is not None:
        raise errors.PartAlreadyPaid
    state = part.state_at(now_unix_ms)
    if state is PartState.WAITING:
        raise errors.PartNotClaimed
    if state is not PartState.OPEN:
        raise errors.PartOver(state=state.value)
    if part.payee_member_id != payee_member_id or part.amount_cents != amount_cents:
        raise errors.PartMismatch(amount_cents=part.amount_cents)


def may_decline(part: PayablePart, way: PartWay, member_id: str) -> bool:
    """Whoever is asked by name, or was given the link of an address; a share for anybody is nobody's no."""
    if part.kind is not AskKind.ASK or part.creator_member_id == member_id:
        return False
    return part.payer_member_id == member_id or (part.payer_member_id is None and way is PartWay.ADDRESS)


def shown_state(part: PayablePart, payment: PartPayment | None, now_unix_ms: int) -> ShownPartState:
    """The payment's word where there is one; `confirming` until the ledger has answered."""
    if payment is not None:
        return ShownPartState.PAID if payment.state == "paid" else ShownPartState.CONFIRMING
    return ShownPartState(part.state_at(now_unix_ms).value)


def share_for(parts: Sequence[PayablePart], member_id: str) -> PayablePart | None:
    """Which of the free shares this member is offered: not the same for all, so that two seldom meet."""
    free = sorted(
        (part for part in parts if part.payer_member_id is None and part.living_payment_ref is None),
        key=lambda part: part.id,
    )
    return free[sum(member_id.encode()) % len(free)] if free else None
