"""Today's figures: only what is final counts, on the shop's own day."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from merchant_pos.figures import today
from merchant_pos.views import Refund, Sale

PARIS = ZoneInfo("Europe/Paris")


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp() * 1000)


NOW = moment("2026-07-14T15:00")


def sale(amount_cents: int, state: str, at: str = "2026-07-14T10:00") -> Sale:
    created = moment(at)
    return Sale.model_validate(
        {
            "id": "0" * 16,
            "amount_cents": amount_cents,
            "state": state,
            "created_at_unix_ms": created,
            "expires_at_unix_ms": created + 120_000,
            "paid_at_unix_ms": created + 1_000 if state == "paid" else None,
        }
    )


def refund(amount_cents: int, state: str, asked: str, decided: str | None) -> Refund:
    return Refund.model_validate(
        {
            "id": "R",
            "sale_id": "0" * 16,
            "amount_cents": amount_cents,
            "state": state,
            "requested_at_unix_ms": moment(asked),
            "decided_at_unix_ms": moment(decided) if decided else None,
        }
    )


def test_only_paid_sales_of_today_are_in_the_total() -> None:
    sales = [sale(1250, "paid"), sale(460, "paid"), sale(3100, "accepted"), sale(820, "expired")]
    figures = today([*sales, sale(999, "open"), sale(5000, "paid", "2026-07-13T23:59")], [], NOW, PARIS, True)
    assert (figures.net_cents, figures.sales_count, figures.confirming_cents) == (1710, 2, 3100)


def test_midnight_is_the_shops_midnight() -> None:
    just_after = sale(100, "paid", "2026-07-14T00:00")  # still the 13th in universal time
    assert today([just_after], [], NOW, PARIS, True).sales_count == 1


def test_a_refund_counts_on_the_day_it_was_decided() -> None:
    refunds = [
        refund(500, "paid", "2026-07-13T18:00", "2026-07-14T09:00"),
        refund(700, "paid", "2026-07-12T18:00", "2026-07-13T09:00"),
        refund(900, "requested", "2026-07-14T11:00", None),
        refund(950, "refused", "2026-07-14T11:00", "2026-07-14T12:00"),
    ]
    figures = today([sale(1250, "paid")], refunds, NOW, PARIS, True)
    assert (figures.net_cents, figures.refunds_count) == (750, 1)


def test_a_list_that_does_not_reach_midnight_says_so() -> None:
    assert not today([sale(100, "paid")], [], NOW, PARIS, listed_all=False).complete
    reaching = [sale(100, "paid"), sale(100, "paid", "2026-07-13T12:00")]
    assert today(reaching, [], NOW, PARIS, listed_all=False).complete
    assert today([], [], NOW, PARIS, listed_all=True).complete
