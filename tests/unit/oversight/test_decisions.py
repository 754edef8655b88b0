"""Freezes and four eyes, without a database."""

from __future__ import annotations

import pytest

from wallet_service.oversight import decisions, errors


def test_a_ground_is_hashed_with_its_salt() -> None:
    one, other = "0x" + "01" * 32, "0x" + "02" * 32
    assert decisions.ground_hash("fraude", one) == decisions.ground_hash("fraude", one)
    assert decisions.ground_hash("fraude", one) != decisions.ground_hash("fraude", other)
    assert len(decisions.ground_hash("fraude", one)) == 66


@pytest.mark.parametrize("text", ["", "  a  b ", "x" * 301])
def test_a_ground_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(errors.GroundMissing):
        decisions.checked_ground(text)


def test_a_ground_is_kept_without_needless_spaces() -> None:
    assert decisions.checked_ground("  réquisition\n 26-118 ") == "réquisition 26-118"


@pytest.mark.parametrize("until", [1_000, 999, 1_000 + 367 * 86_400])
def test_a_freeze_that_has_ended_or_never_ends_is_refused(until: int) -> None:
    with pytest.raises(errors.FreezePeriodInvalid):
        decisions.check_freeze(True, False, until, 1_000)


def test_a_freeze_of_nothing_is_refused() -> None:
    with pytest.raises(errors.FreezeWithoutDirection):
        decisions.check_freeze(False, False, 2_000, 1_000)


def test_one_person_is_not_two() -> None:
    decisions.check_second_officer("one", "two")
    with pytest.raises(errors.SecondOfficerNeeded):
        decisions.check_second_officer("one", "one")
