"""What a further person's key may: each bound a second or a cent before, at and after it."""

from __future__ import annotations

import dataclasses

import pytest

from wallet_service.accounts.models import MAX_EXPIRES_AT_UNIX_S, MAX_LIMIT_CENTS, NO_LIMITS, KeyLimits
from wallet_service.keyholders import decisions, errors
from wallet_service.keyholders.models import KeyholderKind, KeyholderState, KeyPower
from wallet_service.protocol.refusal import Refusal

NOW_UNIX_S = 1_790_000_000
CHILD, HELPER, JOINT = KeyholderKind.CHILD, KeyholderKind.HELPER, KeyholderKind.JOINT
S = KeyholderState
HOUR = decisions.SHORTEST_S
YEAR = decisions.HELPER_LONGEST_S
END = NOW_UNIX_S + 30 * 86_400
LIMITS = KeyLimits(20_00, 50_00, END)


def power(limits: KeyLimits = LIMITS, spent_cents: int = 0, state: S = S.ACTIVE) -> KeyPower:
    return KeyPower("holder", "member", CHILD, state, limits, spent_cents)


@pytest.mark.parametrize(
    ("kind", "limits", "is_fine"),
    [
        (CHILD, LIMITS, True),
        (CHILD, KeyLimits(20_00, 0, 0), True),
        (CHILD, KeyLimits(0, 0, END), True),
        (CHILD, NO_LIMITS, False),
        (CHILD, KeyLimits(MAX_LIMIT_CENTS, MAX_LIMIT_CENTS, MAX_EXPIRES_AT_UNIX_S), True),
        (CHILD, KeyLimits(MAX_LIMIT_CENTS + 1, 0, 0), False),
        (CHILD, KeyLimits(0, MAX_LIMIT_CENTS + 1, 0), False),
        (CHILD, KeyLimits(0, 0, MAX_EXPIRES_AT_UNIX_S + 1), False),
        (CHILD, KeyLimits(-1, 1, 0), False),
        (CHILD, KeyLimits(1, 1, NOW_UNIX_S + HOUR - 1), False),
        (CHILD, KeyLimits(1, 1, NOW_UNIX_S + HOUR), True),
        (HELPER, KeyLimits(1, 1, 0), False),
        (HELPER, KeyLimits(1, 1, NOW_UNIX_S + YEAR - 1), True),
        (HELPER, KeyLimits(1, 1, NOW_UNIX_S + YEAR), True),
        (HELPER, KeyLimits(1, 1, NOW_UNIX_S + YEAR + 1), False),
        (JOINT, NO_LIMITS, True),
        (JOINT, KeyLimits(0, 0, END), False),
    ],
)
def test_only_limits_that_the_ledger_and_this_house_know(
    kind: KeyholderKind, limits: KeyLimits, *, is_fine: bool
) -> None:
    if is_fine:
        decisions.check_wanted(kind, limits, NOW_UNIX_S)
        return
    with pytest.raises(errors.KeyLimitsRefused):
        decisions.check_wanted(kind, limits, NOW_UNIX_S)


def refused(amount_cents: int, known: KeyPower, at_unix_s: int = NOW_UNIX_S) -> type[Refusal] | None:
    try:
        decisions.check_alive(known, at_unix_s)
        decisions.check_amount(known, amount_cents)
    except Refusal as refusal:
        return type(refusal)
    return None


def test_a_payment_within_the_limits_passes_and_the_next_cent_does_not() -> None:
    assert refused(20_00, power()) is None
    assert refused(20_01, power()) is errors.KeyPaymentLimit
    assert refused(20_00, power(spent_cents=30_00)) is None
    assert refused(20_00, power(spent_cents=30_01)) is errors.KeyDayLimit
    assert refused(1, power(spent_cents=50_00)) is errors.KeyDayLimit
    assert refused(1_000_00, power(KeyLimits(0, 0, END))) is None, "0 is no such limit"


def test_what_is_left_of_the_day_is_said() -> None:
    with pytest.raises(errors.KeyDayLimit) as passed:
        decisions.check_amount(power(spent_cents=45_00), 10_00)
    assert passed.value.values["left_cents"] == 5_00


def test_a_key_ends_with_its_second_and_pays_no_more_shortly_before() -> None:
    last_unix_s = END - decisions.SETTLING_TAKES_S
    assert refused(1, power(), last_unix_s - 1) is None
    assert refused(1, power(), last_unix_s) is errors.KeyExpired, "its block might come after the end"
    assert refused(1, power(), last_unix_s + 1) is errors.KeyExpired
    ends = [decisions.has_ended(LIMITS, END + offset) for offset in (-1, 0, 1)]
    assert ends == [False, True, True], "as the ledger has it: timestamp >= expiresAt"
    assert not decisions.has_ended(KeyLimits(1, 0, 0), 2**40)


@pytest.mark.parametrize("state", [S.INVITED, S.JOINED, S.ADDING, S.ENDED])
def test_only_a_key_that_the_ledger_knows_pays(state: S) -> None:
    assert refused(1, power(state=state)) is errors.KeyEnded


@pytest.mark.parametrize(
    ("limits", "spent_cents", "free_cents", "can_cents"),
    [
        (LIMITS, 0, 100_00, 20_00),
        (LIMITS, 45_00, 100_00, 5_00),
        (LIMITS, 60_00, 100_00, 0),
        (LIMITS, 0, 7_00, 7_00),
        (KeyLimits(0, 0, END), 0, 100_00, 100_00),
        (LIMITS, 0, -1, 0),
    ],
)
def test_what_can_be_spent_is_the_tightest_of_all(
    limits: KeyLimits, spent_cents: int, free_cents: int, can_cents: int
) -> None:
    assert decisions.can_spend_cents(limits, spent_cents, free_cents) == can_cents


def test_the_tighter_limits_count_while_the_ledger_has_not_answered() -> None:
    tighter = decisions.stricter(LIMITS, KeyLimits(10_00, 80_00, 0))
    assert tighter == KeyLimits(10_00, 50_00, END), "none at all is the widest"


def test_states_follow_each_other_as_the_table_says() -> None:
    allowed = {(S.INVITED, S.JOINED), (S.JOINED, S.ADDING), (S.ADDING, S.ACTIVE)}
    allowed |= {(S.ADDING, S.ENDED), (S.ACTIVE, S.ENDED)}
    assert {(one, other) for one in S for other in S if decisions.may_follow(one, other)} == allowed


def test_the_holder_is_told_of_refusals_once_an_hour() -> None:
    now_unix_ms = NOW_UNIX_S * 1000
    assert decisions.is_told_again(power(), now_unix_ms)
    told = dataclasses.replace(power(), refused_at_unix_ms=now_unix_ms)
    after = [now_unix_ms + decisions.TELL_REFUSAL_EVERY_MS + offset for offset in (-1, 0, 1)]
    assert [decisions.is_told_again(told, one) for one in after] == [False, True, True]


def test_room_is_for_so_many() -> None:
    decisions.check_room(decisions.MAX_KEYHOLDERS - 1)
    with pytest.raises(errors.TooManyKeyholders):
        decisions.check_room(decisions.MAX_KEYHOLDERS)
