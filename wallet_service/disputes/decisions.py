"""Who may contest which payment, what is held where for it, until when an officer decides. Pure; cents."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from wallet_service.disputes import errors
from wallet_service.disputes.models import (
    ContestedPayment,
    Dispute,
    DisputeRole,
    DisputeState,
    Hold,
    Holder,
    OwnDisputes,
    Passed,
    PlannedHold,
    Return,
    ReturnKind,
)
from wallet_service.protocol.calendar import MS_PER_DAY

D = DisputeState
DISPUTE_TRANSITIONS: Mapping[DisputeState, frozenset[DisputeState]] = {
    D.OPEN: frozenset({D.UPHELD, D.RETURNED, D.DISMISSED, D.WITHDRAWN}),
    D.UPHELD: frozenset({D.RETURNED, D.ENDED}),
    # Back only when the chain takes back the block that closed it.
    D.RETURNED: frozenset({D.OPEN, D.UPHELD}),
    D.ENDED: frozenset(),
    D.DISMISSED: frozenset(),
    D.WITHDRAWN: frozenset(),
}
#: While a dispute is in one of these, its sum is held.
HOLDING = (D.OPEN, D.UPHELD)

#: A payment may be contested for so long after it is final.
CONTEST_DAYS = 60
#: An officer decides within so long of the contesting.
DECISION_HOURS = 96
#: Smaller sums are settled between people: a hold and an officer's time cost more.
LEAST_DISPUTED_CENTS = 1_00
#: What keeps a member from holding back other people's money as a game.
MAX_OPEN_OF_ONE = 3
MAX_OF_ONE_A_DAY = 3
MAX_DISMISSED_A_YEAR = 5
#: Money the payee has passed on is followed so far: to who received it, and to who received it from them.
MAX_HOPS = 2
#: On so many accounts in all, the payee's with them.
MAX_HOLDS = 10
#: Smaller sums passed on are left alone: nobody's bread is held for what somebody else did.
LEAST_ONWARD_CENTS = 20_00
#: So many of an account's payments after the disputed one are looked at.
MAX_PASSED_LOOKED_AT = 100
#: From here on upholding or dismissing takes two officers; taking by order always does.
TWO_OFFICERS_FROM_CENTS = 250_00
MAX_WORDS_CHARACTERS = 500
_MS_PER_HOUR = 3_600_000


def decide_by_unix_ms(opened_at_unix_ms: int) -> int:
    """When an officer must have decided."""
    return opened_at_unix_ms + DECISION_HOURS * _MS_PER_HOUR


def contestable_until_unix_ms(paid_at_unix_ms: int) -> int:
    """Until when that payment may be contested."""
    return paid_at_unix_ms + CONTEST_DAYS * MS_PER_DAY


def check_may_contest(payment: ContestedPayment, member_id: str, own: OwnDisputes, now_unix_ms: int) -> None:
    """Raises the first reason why this member cannot contest this payment now.

    PaymentNotYours, NotContestable, ContestTooLate, NothingToContest, TooManyDisputes.
    """
    if payment.payer_member_id != member_id:
        raise errors.PaymentNotYours
    if not payment.is_paid or payment.is_refund or not payment.is_settlable:
        raise errors.NotContestable
    if now_unix_ms >= contestable_until_unix_ms(payment.paid_at_unix_ms):
        raise errors.ContestTooLate(days=CONTEST_DAYS)
    if payment.contestable_cents < LEAST_DISPUTED_CENTS:
        raise errors.NothingToContest(least_cents=LEAST_DISPUTED_CENTS)
    if own.open >= MAX_OPEN_OF_ONE or own.today >= MAX_OF_ONE_A_DAY:
        raise errors.TooManyDisputes(open=MAX_OPEN_OF_ONE, a_day=MAX_OF_ONE_A_DAY)
    if own.dismissed_lately >= MAX_DISMISSED_A_YEAR:
        raise errors.TooManyDismissed


def plan_holds(
    amount_cents: int,
    payee: Holder,
    paid_at: tuple[int, int],
    free_cents: Callable[[Holder], int],
    passed_on: Callable[[Holder, tuple[int, int]], Iterable[Passed]],
    payer_account: str,
) -> list[PlannedHold]:
    """What is held where: at the payee as far as it is there, then where it went, in the order it left.

    `free_cents`: what an account could spend now. `passed_on`: what left an account after a place in the
    ledger, the earliest first. Nobody is held more than what reached them, nor more than is there.
    """
    planned: dict[str, PlannedHold] = {}
    seen = {payer_account}
    queue = deque([(payee, amount_cents, paid_at, 0)])
    while queue and len(planned) < MAX_HOLDS:
        place, traced_cents, position, hop = queue.popleft()
        if place.account_address in seen:
            continue
        seen.add(place.account_address)
        part_cents = min(traced_cents, max(free_cents(place), 0))
        if part_cents >= (LEAST_ONWARD_CENTS if hop else 1):
            planned[place.account_address] = PlannedHold(place, hop, part_cents)
        else:
            part_cents = 0
        if hop < MAX_HOPS:
            gone_cents = traced_cents - part_cents
            queue.extend(_onward(passed_on(place, position), gone_cents, hop + 1))
    return list(planned.values())


def _onward(
    passed: Iterable[Passed], gone_cents: int, hop: int
) -> Iterable[tuple[Holder, int, tuple[int, int], int]]:
    """Whom the sum that is gone reached, and how much of it each."""
    for each in passed:
        share_cents = min(each.amount_cents, gone_cents)
        gone_cents -= share_cents
        if share_cents >= LEAST_ONWARD_CENTS:
            yield each.to, share_cents, each.position, hop
        if gone_cents <= 0:
            return


def left_cents(dispute: Dispute, holds: Sequence[Hold], returns: Sequence[Return]) -> dict[str, int]:
    """Hold id -> what is held there now: what was not taken, no more in all than is missing.

    Whoever is furthest from the payment is let go first.
    """
    if dispute.state not in HOLDING:
        return {hold.id: 0 for hold in holds}
    taken: dict[str | None, int] = {}
    for each in returns:
        if each.kind is ReturnKind.FORCED:
            taken[each.hold_id] = taken.get(each.hold_id, 0) + each.amount_cents
    found, room_cents = {}, dispute.missing_cents
    for hold in sorted(holds, key=lambda hold: (hold.hop, hold.id)):
        there_cents = 0 if hold.released_at_unix_ms else max(hold.amount_cents - taken.get(hold.id, 0), 0)
        found[hold.id] = min(there_cents, room_cents)
        room_cents -= found[hold.id]
    return found


def role_of(dispute: Dispute, member_id: str) -> DisputeRole:
    """Of somebody the dispute concerns."""
    if dispute.payer_member_id == member_id:
        return DisputeRole.PAYER
    return DisputeRole.PAYEE if dispute.payee_member_id == member_id else DisputeRole.HOLDER


def takes_two(amount_cents: int) -> bool:
    """Whether deciding about so much needs a second officer."""
    return amount_cents >= TWO_OFFICERS_FROM_CENTS


def checked_words(text: str) -> str:
    """What somebody wrote, without the white around it. Raises WordsTooLong."""
    words = text.strip()
    if len(words) > MAX_WORDS_CHARACTERS:
        raise errors.WordsTooLong(limit=MAX_WORDS_CHARACTERS)
    return words


def parts_returned(amount_cents: int, missing_cents: Iterable[int]) -> list[int]:
    """How a payment from payee to payer is spread over their disputes, the oldest first."""
    parts = []
    for missing in missing_cents:
        part = min(amount_cents, missing)
        parts.append(part)
        amount_cents -= part
    return parts
