"""What people remember of a movement finds it."""

from __future__ import annotations

import pytest

from wallet_service.history.search import MovementFilter, matches
from wallet_service.history.service import Movement
from wallet_service.protocol.text.references import proof_code

REF = "0x" + "ab" * 32
BAKERY = Movement(REF, "payment_out", -1_250, "paid", 1_000, "Épicerie d’Été")


@pytest.mark.parametrize(
    "query",
    ["", "  ", "epicerie", "ÉTÉ", "d'été", "12,50", "12.5", proof_code(REF), proof_code(REF).lower(), REF],
)
def test_a_name_an_amount_a_proof_code_or_a_reference_finds_it(query: str) -> None:
    assert matches(BAKERY, MovementFilter(query))


@pytest.mark.parametrize("query", ["boulangerie", "12,51", "1250", REF[:-1] + "0", "-12,50", "A7-00"])
def test_what_is_not_its_own_does_not(query: str) -> None:
    assert not matches(BAKERY, MovementFilter(query))


def test_directions_and_times_bound_it() -> None:
    assert matches(BAKERY, MovementFilter(direction="out"))
    assert not matches(BAKERY, MovementFilter(direction="in"))
    assert not matches(BAKERY, MovementFilter(direction="bank"))
    assert matches(BAKERY, MovementFilter(since_unix_ms=1_000, until_unix_ms=1_001))
    assert not matches(BAKERY, MovementFilter(since_unix_ms=1_001))
    assert not matches(BAKERY, MovementFilter(until_unix_ms=1_000))
    assert matches(Movement(REF, "refund_in", 5, "paid", 1), MovementFilter(direction="refunds"))
