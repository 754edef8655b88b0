"""The rule that no float touches money bites, and lets whole cents pass."""

from __future__ import annotations

import pytest

from scripts.analysis import money_lint


@pytest.mark.parametrize(
    "source",
    [
        "share = sale.amount_cents / 3",
        "share = total / row['fee_cents']",
        "fee = amount_cents * 0.02",
        "shown = float(amount_cents)",
        "shown = round(amount_cents // 3, 2)",
        "def pay(amount_cents: float) -> None: ...",
        "amount_cents: float | None = None",
    ],
)
def test_a_float_beside_money_is_found(source: str) -> None:
    assert len(list(money_lint.faults(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "share = amount_cents // 3",
        "fee = amount_cents * 2 // 100",
        "elapsed_s = elapsed_ms / 1000",
        "ratio = amount_cents / supply_cents  # no money: a share for a picture",
        "count = round(seconds)",
    ],
)
def test_whole_cents_and_other_numbers_pass(source: str) -> None:
    assert list(money_lint.faults(source)) == []


def test_no_float_touches_money_in_the_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert money_lint.main([]) == 0, capsys.readouterr().out
