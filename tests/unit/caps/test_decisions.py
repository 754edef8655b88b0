"""A member's own caps: lower at once, higher in a day, and what passes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wallet_service.accounts.models import NO_CAPS, KeptCaps, OwnCaps, Spending
from wallet_service.caps import errors
from wallet_service.caps.decisions import RAISE_AFTER_MS, after_choice, check_caps, in_force

NOW = 1_790_000_000_000
CAPS = OwnCaps(2_000, 5_000, 20_000)


@pytest.mark.parametrize(
    ("wanted", "at_once"),
    [
        (OwnCaps(1_000, 5_000, 20_000), OwnCaps(1_000, 5_000, 20_000)),  # lower
        (OwnCaps(3_000, 5_000, 20_000), CAPS),  # higher
        (OwnCaps(0, 5_000, 20_000), CAPS),  # none at all is the highest
        (OwnCaps(3_000, 4_000, 0), OwnCaps(2_000, 4_000, 20_000)),  # each by itself
        (CAPS, CAPS),
    ],
)
def test_lower_counts_at_once_and_higher_in_a_day(wanted: OwnCaps, at_once: OwnCaps) -> None:
    kept = after_choice(KeptCaps(CAPS), wanted, NOW)
    assert in_force(kept, NOW) == at_once
    assert in_force(kept, NOW + RAISE_AFTER_MS - 1) == at_once
    assert in_force(kept, NOW + RAISE_AFTER_MS) == wanted
    assert (kept.next is None) is (at_once == wanted), "nothing waits that is there already"


def test_the_first_caps_count_at_once() -> None:
    assert after_choice(None, CAPS, NOW) == KeptCaps(CAPS)
    assert in_force(None, NOW) == NO_CAPS


def test_asking_again_neither_shortens_nor_lengthens_the_day() -> None:
    higher = replace(CAPS, per_day_cents=9_000)
    kept = after_choice(KeptCaps(CAPS), higher, NOW)
    assert after_choice(kept, higher, NOW + 1_000) == kept
    assert after_choice(kept, CAPS, NOW + 1_000) == KeptCaps(CAPS), "taken back"
    highest = replace(CAPS, per_day_cents=99_000)
    assert after_choice(kept, highest, NOW + 1_000).next_from_unix_ms == NOW + 1_000 + RAISE_AFTER_MS
    came = after_choice(kept, highest, NOW + RAISE_AFTER_MS)
    assert came.now == higher, "what has come is what is raised from"


@pytest.mark.parametrize(
    ("refusal", "amount_cents", "spending"),
    [
        (None, 2_000, Spending(3_000, 18_000)),
        (errors.OwnPaymentCapPassed, 2_001, Spending(0, 0)),
        (errors.OwnDayCapPassed, 2_000, Spending(3_001, 3_001)),
        (errors.OwnMonthCapPassed, 2_000, Spending(0, 18_001)),
    ],
)
def test_a_cap_holds_to_the_cent(
    refusal: type[Exception] | None, amount_cents: int, spending: Spending
) -> None:
    if refusal is None:
        check_caps(CAPS, amount_cents, spending)
        check_caps(NO_CAPS, 10**9, spending)
        return
    with pytest.raises(refusal):
        check_caps(CAPS, amount_cents, spending)
