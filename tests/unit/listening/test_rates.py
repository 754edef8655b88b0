"""Rates: so many tries by client, and no more until the time has passed."""

from __future__ import annotations

import pytest

from wallet_service.listening import rates
from wallet_service.listening.rates import Rate, RateCounters, RateExceeded

NARROW, OTHER = Rate("narrow", 10, 5), Rate("other", 10, 5)


def test_the_try_after_the_last_allowed_one_is_refused_with_the_time_to_wait() -> None:
    counters = RateCounters()
    for _ in range(NARROW.times):
        counters.count(NARROW, "192.0.2.1")
    with pytest.raises(RateExceeded) as exceeded:
        counters.count(NARROW, "192.0.2.1")
    assert 0 < exceeded.value.retry_after_s <= NARROW.minutes * 60 + 1


def test_clients_and_acts_are_counted_apart() -> None:
    counters = RateCounters()
    for _ in range(NARROW.times):
        counters.count(NARROW, "192.0.2.1")
    counters.count(NARROW, "192.0.2.2")
    counters.count(OTHER, "192.0.2.1")


def test_the_number_of_clients_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_CLIENTS", 10)
    counters = RateCounters()
    for number in range(100):
        counters.count(NARROW, f"192.0.2.{number}")
        assert len(counters._seen) <= 11
