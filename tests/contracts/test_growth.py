"""No account's cost grows with history or with the number of members: to the gas, for every kind of act.

Measured by what `make bench-gas` prints (scripts/bench/growth.py).
"""

from __future__ import annotations

from ledger_fixture import LedgerFixture

from scripts.bench import growth


def test_nothing_costs_more_at_ten_thousand_members_after_a_long_history(onchain: LedgerFixture) -> None:
    few, many = growth.measure(onchain)
    assert (few.members, many.members, many.past_payments) == (10, 10_000, 1_000)
    assert many.execution == few.execution
    assert len(few.execution) == 12
    assert all(gas > 5_000 for gas in few.execution.values())
