"""For how long one key is suspended, which, and when it is over: without a database."""

from __future__ import annotations

import pytest

from wallet_service.accounts.errors import KeySuspended
from wallet_service.accounts.keys import check_not_suspended
from wallet_service.oversight.keys import decisions
from wallet_service.oversight.keys.errors import AnotherKeySuspended, SuspensionPeriodInvalid
from wallet_service.oversight.keys.models import KeySuspension, SuspensionState

NOW, DAY_S = 1_790_000_000, 86_400
PHONE, OTHER = "0x" + "11" * 20, "0x" + "22" * 20


def suspension(
    until_unix_s: int = NOW + 60, state: SuspensionState = SuspensionState.ACTIVE
) -> KeySuspension:
    return KeySuspension(
        id="S",
        member_id="M",
        signer_address=PHONE,
        ground="Téléphone volé",
        ground_hash="0x" + "ab" * 32,
        until_unix_s=until_unix_s,
        asked_by="O1",
        state=state,
        asked_at_unix_ms=NOW * 1000,
        released_by=None,
        released_at_unix_ms=None,
        failure=None,
    )


def test_a_suspension_lasts_the_days_asked_for() -> None:
    assert decisions.end_of(1, NOW) == NOW + DAY_S
    assert decisions.end_of(89, NOW) == NOW + 89 * DAY_S


def test_the_longest_ends_a_little_sooner_than_the_ledger_allows() -> None:
    """A block's time may be behind this clock: the ledger would refuse ninety whole days."""
    bound_s = decisions.MAX_SUSPENSION_DAYS * DAY_S
    assert decisions.end_of(decisions.MAX_SUSPENSION_DAYS, NOW) == NOW + bound_s - decisions.CLOCK_SLACK_S


@pytest.mark.parametrize("days", [-1, 0, decisions.MAX_SUSPENSION_DAYS + 1, 10**9])
def test_no_day_and_more_than_the_ledger_allows_are_refused(days: int) -> None:
    with pytest.raises(SuspensionPeriodInvalid):
        decisions.end_of(days, NOW)


def test_one_key_of_an_account_at_a_time() -> None:
    with pytest.raises(AnotherKeySuspended):
        decisions.check_only_one(suspension(), OTHER, NOW)
    decisions.check_only_one(suspension(), PHONE, NOW)  # for another end
    decisions.check_only_one(None, OTHER, NOW)
    decisions.check_only_one(suspension(until_unix_s=NOW), OTHER, NOW)  # over


@pytest.mark.parametrize(
    ("state", "is_in_force", "shown", "shown_at_the_end"),
    [
        (SuspensionState.ASKED, True, "asked", "ended"),
        (SuspensionState.ACTIVE, True, "active", "ended"),
        (SuspensionState.RELEASED, False, "released", "released"),
        (SuspensionState.FAILED, False, "failed", "failed"),
    ],
)
def test_it_is_in_force_from_the_asking_to_its_last_second(
    state: SuspensionState, is_in_force: bool, shown: str, shown_at_the_end: str
) -> None:
    one = suspension(NOW + 60, state)
    assert one.is_in_force(NOW + 59) is is_in_force
    assert not one.is_in_force(NOW + 60)
    assert one.shown_state(NOW + 59) == shown
    assert one.shown_state(NOW + 60) == shown_at_the_end


def test_what_a_suspended_key_signs_counts_for_nothing_until_its_end() -> None:
    suspended = {("M", PHONE): NOW + 60}
    with pytest.raises(KeySuspended) as refused:
        check_not_suspended(suspended, "M", PHONE, NOW + 59)
    assert refused.value.values == {"until_unix_s": NOW + 60}
    check_not_suspended(suspended, "M", PHONE, NOW + 60)
    check_not_suspended(suspended, "M", OTHER, NOW)
    check_not_suspended(suspended, "another member", PHONE, NOW)
