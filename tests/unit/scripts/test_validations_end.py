"""The end of validations: who is told when, and until when a renewed one lasts."""

from __future__ import annotations

import pytest

from scripts.network.validations.days import judged
from scripts.network.validations.renewal import APART_S, LONGEST_S, SLACK_S, new_end_unix_s
from wallet_service.chain.node.several.validations import ENDED, SECONDS_A_DAY, days_until

NOW = 1_800_000_000


def ends(*days: float) -> dict[str, int]:
    return {f"NodeID-{place}": NOW + int(day * SECONDS_A_DAY) for place, day in enumerate(days)}


@pytest.mark.parametrize(("days", "said"), [(60.5, ""), (59.9, "60"), (29.9, "30"), (6.9, "7"), (-1.0, "7")])
def test_a_person_is_called_at_60_30_and_7_days(days: float, said: str) -> None:
    sentences, must_act = judged(ends(days, 300, 300, 300, 300), 5, NOW)
    assert must_act is bool(said)
    assert (f"less than {said}" in sentences[0]) is bool(said)


def test_a_validator_that_is_gone_calls_a_person_too() -> None:
    sentences, must_act = judged(ends(300, 300, 300, 300), 5, NOW)
    assert must_act
    assert "4 validators of 5" in sentences[-1]


def test_a_moment_that_has_passed_is_the_end() -> None:
    assert days_until(NOW - 1, NOW) == ENDED
    assert days_until(NOW + 1, NOW) == 0


def test_a_renewed_validation_ends_a_week_away_from_every_other() -> None:
    latest = NOW + LONGEST_S - SLACK_S
    assert new_end_unix_s(NOW, []) == latest
    assert new_end_unix_s(NOW, [latest - APART_S]) == latest
    crowded = [latest + SECONDS_A_DAY, latest - APART_S, latest - 2 * APART_S]
    found = new_end_unix_s(NOW, crowded)
    assert found < latest
    assert all(abs(found - other) >= APART_S for other in crowded)
