"""What people remember of a movement finds it."""

from __future__ import annotations

import pytest

from wallet_service.payments.history import Movement
from wallet_service.payments.movement_search import Wanted, is_wanted
from wallet_service.protocol.references import proof_code

REF = "0x" + "ab" * 32
BAKERY = Movement(REF, "payment_out", -1_250, "paid", 1_000, "Épicerie d’Été")


@pytest.mark.parametrize(
    "query",
    ["", "  ", "epicerie", "ÉTÉ", "d'été", "12,50", "12.5", proof_code(REF), proof_code(REF).lower(), REF],
)
def test_a_name_an_amount_a_proof_code_or_a_reference_finds_it(query: str) -> None:
    assert is_wanted(BAKERY, Wanted(query))


@pytest.mark.parametrize("query", ["boulangerie", "12,51", "1250", REF[:-1] + "0", "-12,50", "A7-00"])
def test_what_is_not_its_own_does_not(query: str) -> None:
    assert not is_wanted(BAKERY, Wanted(query))


def test_directions_and_times_bound_it() -> None:
    assert is_wanted(BAKERY, Wanted(direction="out"))
    assert not is_wanted(BAKERY, Wanted(direction="in"))
    assert not is_wanted(BAKERY, Wanted(direction="bank"))
    assert is_wanted(BAKERY, Wanted(since_unix_ms=1_000, until_unix_ms=1_001))
    assert not is_wanted(BAKERY, Wanted(since_unix_ms=1_001))
    assert not is_wanted(BAKERY, Wanted(until_unix_ms=1_000))
    assert is_wanted(Movement(REF, "refund_in", 5, "paid", 1), Wanted(direction="refunds"))
