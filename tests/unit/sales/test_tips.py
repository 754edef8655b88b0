"""What of a sale may be a tip."""

from __future__ import annotations

import pytest

from wallet_service.protocol.text.money import SMALL_TIP_CENTS, largest_tip_cents
from wallet_service.sales.decisions import check_tip
from wallet_service.sales.errors import TipTooLarge


@pytest.mark.parametrize(
    ("sale_cents", "tip_cents"),
    [(1250, 0), (1250, 1), (1250, 1250), (120, SMALL_TIP_CENTS), (1, SMALL_TIP_CENTS), (1, 0)],
)
def test_a_tip_is_at_most_the_sale_or_a_small_amount(sale_cents: int, tip_cents: int) -> None:
    check_tip(sale_cents + tip_cents, tip_cents)


@pytest.mark.parametrize(
    ("amount_cents", "tip_cents", "maximum_cents"),
    [(2501, 1251, 1250), (621, 501, SMALL_TIP_CENTS), (500, 500, SMALL_TIP_CENTS), (400, 500, 500)],
)
def test_a_larger_one_is_refused_with_its_bound(
    amount_cents: int, tip_cents: int, maximum_cents: int
) -> None:
    with pytest.raises(TipTooLarge) as caught:
        check_tip(amount_cents, tip_cents)
    assert caught.value.values == {"maximum_cents": maximum_cents}


def test_the_bound_never_falls_as_the_sale_grows() -> None:
    bounds = [largest_tip_cents(cents) for cents in range(1, 2 * SMALL_TIP_CENTS)]
    assert bounds == sorted(bounds)
